//! `clientele bench-data`: loads the large shop that speed is measured on.

use super::database::Database;
use crate::bench_data::{self, Progress, Sizes};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::money::format_count;
use chrono::{Days, NaiveDate};
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::io::{self, Write};

/// Load a large made-up shop into an empty database, to measure speed on
///
/// 1,000,000 customers with 4,000,000 orders, 10,000 groups and 10,000,000 prices, in minutes. The same sizes make the
/// same shop. Nobody can sign in to it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Make every part so many times as large; what is given besides counts as it stands.
    #[arg(long, default_value = "1", value_name = "FACTOR", value_parser = factor)]
    scale: f64,
    /// Customers [default: 1,000,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    customers: Option<usize>,
    /// Orders [default: 4,000,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    orders: Option<usize>,
    /// Lines of all orders [default: 10,000,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    lines: Option<usize>,
    /// Groups besides All Customers [default: 10,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    groups: Option<usize>,
    /// Memberships [default: 3,000,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    memberships: Option<usize>,
    /// Products [default: 20,000 times the root of the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    products: Option<usize>,
    /// Price lists [default: 10,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    price_lists: Option<usize>,
    /// Entries of all price lists [default: 10,000,000 times the scale].
    #[arg(long, value_name = "COUNT", value_parser = count)]
    entries: Option<usize>,
    /// The last day with orders [default: yesterday, UTC].
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
}

/// A whole number, with or without commas between thousands.
fn count(text: &str) -> std::result::Result<usize, String> {
    text.replace([',', '_'], "").parse().map_err(|_| "write a whole number, such as 250,000".to_owned())
}

fn factor(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(factor) if (0.0..=10.0).contains(&factor) => Ok(factor),
        _ => Err("write a number from 0 to 10, such as 0.1".to_owned()),
    }
}

impl Arguments {
    fn sizes(&self, today: NaiveDate) -> Sizes {
        let until = self.until.or_else(|| today.checked_sub_days(Days::new(1))).unwrap_or(today);
        let scaled = Sizes::scaled(self.scale, until);
        Sizes {
            customers: self.customers.unwrap_or(scaled.customers),
            orders: self.orders.unwrap_or(scaled.orders),
            lines: self.lines.unwrap_or(scaled.lines),
            groups: self.groups.unwrap_or(scaled.groups),
            memberships: self.memberships.unwrap_or(scaled.memberships),
            products: self.products.unwrap_or(scaled.products),
            price_lists: self.price_lists.unwrap_or(scaled.price_lists),
            entries: self.entries.unwrap_or(scaled.entries),
            until,
        }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let now = Clock::system().now();
    let sizes = arguments.sizes(now.date_naive());
    sizes.check()?;
    let database = Database::open(config)?;
    database.migrate()?;
    let bar = ProgressBar::new(0);
    // The template is a constant of this program.
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3}%  {elapsed}  {msg}") {
        bar.set_style(style);
    }
    let told = RefCell::new(String::new());
    let loaded = bench_data::load(&mut database.connection()?, sizes, now, &|Progress { done, of, text }| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        if *told.borrow() != text {
            text.clone_into(&mut told.borrow_mut());
            bar.set_message(text.to_owned());
            if bar.is_hidden() {
                // No terminal: a log wants lines. Where standard error is gone, progress is nobody's loss.
                let _ = writeln!(io::stderr(), "[{:>3} s] {text}", bar.elapsed().as_secs());
            }
        }
    });
    bar.finish_and_clear();
    loaded?;
    let counted = |count: usize| format_count(count as i64);
    writeln!(
        io::stdout().lock(),
        "The bench shop is loaded in {} s: {} customers, {} orders with {} lines, {} groups, {} memberships, {} price \
         lists with {} entries.",
        bar.elapsed().as_secs(),
        counted(sizes.customers),
        counted(sizes.orders),
        counted(sizes.lines),
        counted(sizes.groups),
        counted(sizes.memberships),
        counted(sizes.price_lists),
        counted(sizes.entries),
    )
    .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        assert_eq!((count("1,000,000"), count("40")), (Ok(1_000_000), Ok(40)));
        assert!(count("-1").is_err() && count("1.5").is_err() && count("many").is_err());
        assert!(factor("0.1").is_ok() && factor("-1").is_err() && factor("NaN").is_err() && factor("11").is_err());
    }
}
