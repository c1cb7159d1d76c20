//! Members of groups: joining and leaving by hand and by rule, refusals, history, undoing (SPEC 4).

pub mod actions;
pub mod choice;
pub mod forms;
pub mod listing;
pub mod outcome;
pub mod pages;
pub mod refusal;
pub mod selection;
pub mod standing;
pub mod store;
