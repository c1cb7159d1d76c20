//! The tests that need a database, the real application or a browser, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod bench_data;
mod cluster;
mod demo;
mod migrations;
mod program;
mod statements;
mod support;
