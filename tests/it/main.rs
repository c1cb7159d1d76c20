//! The tests that need a database, the real application or a browser, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::type_complexity, reason = "tables of cases")]

mod access;
mod administration;
mod api;
mod bad_input;
mod bench_data;
mod browser;
mod cache;
mod catalogue;
mod cluster;
mod customers;
mod demo;
mod group_settings;
mod groups_api;
mod groups_http;
mod impact;
mod imports;
mod live_settings;
mod members;
mod migrations;

mod nodes;
mod operations;
mod organizations;
mod program;
mod promotions;
mod real_data;
mod reports;
mod rules;
mod statements;
mod store;
mod structure;
mod support;
mod together;
mod webhooks;
mod weights;
