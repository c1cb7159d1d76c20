//! Who is asking, and what they may do: roles, passwords, sessions, API tokens (SPEC 2).

pub mod account_pages;
pub mod actions;
mod address;
pub mod guard;
mod hashing;
pub mod pages;
pub mod password;
pub mod role;
pub mod session;
pub mod store;
pub mod throttle;
pub mod token;
pub mod token_pages;
pub mod user;
pub mod user_pages;
pub mod user_password_pages;
