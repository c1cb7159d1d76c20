//! What the tests stand on.

mod app;
pub mod browser;
pub mod client;
mod database;
pub mod html;
mod nginx;
pub mod process;
mod program;
mod redis;
pub mod rows;

pub use app::{PASSWORD, TestApp, TestUser};
pub use client::{Answer, Api, Browser, Page, form};
pub use database::{Template, TestDb, data_folder};
pub use nginx::Nginx;
pub use program::Program;
pub use redis::RedisServer;
