//! The API's description: the OpenAPI document, and a reader of it that needs nothing but the console.

pub mod pages;
pub mod reading;
