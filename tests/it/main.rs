//! The tests that need a database, the real application or a browser, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod bad_input;
mod browser;
mod cluster;
mod demo;
mod groups_api;
mod groups_http;
mod imports;
mod migrations;
mod program;
mod real_data;
mod structure;
mod support;
mod weights;
