//! Products: what is sold, at which base price, who sees it and which lists price it (SPEC 1, 6, 7).

pub mod actions;
pub mod api;
pub mod choosing;
pub mod forms;
pub mod line;
pub mod listing;
pub mod pages;
pub mod product;
pub mod seers;
pub mod store;
