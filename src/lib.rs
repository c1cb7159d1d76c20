//! Clientele: an admin console for customer groups.
//!
//! One crate, by feature. The README maps it; a test reads the `use` lines and holds the map true.

pub mod api;
pub mod api_docs;
pub mod app;
pub mod audit;
pub mod auth;
pub mod bench_data;
pub mod cache;
pub mod campaigns;
pub mod cli;
pub mod clock;
pub mod config;
pub mod customers;
pub mod db;
pub mod demo;
pub mod error;
pub mod group_cache;
pub mod group_settings;
pub mod groups;
pub mod hierarchy;
pub mod impact;
pub mod imports;
pub mod inheritance;
pub mod jobs;
pub mod logging;
pub mod members;
pub mod metrics;
pub mod money;
pub mod order_check;
pub mod orders;
pub mod organizations;
pub mod outbox;
pub mod price_lists;
pub mod pricing;
pub mod products;
pub mod promotions;
pub mod reports;
pub mod rules;
#[rustfmt::skip]
#[allow(missing_docs)]
pub mod schema;
pub mod segments;
pub mod store_settings;
pub mod table;
pub mod visibility;
pub mod visibility_groups;
pub mod web;
pub mod webhooks;
