//! The tables of a performance report: metrics, months, who buys most, who has stopped.

use super::economics::Economics;
use super::metrics::{Metrics, change};
use super::people::Person;
use super::period::Period;
use super::report::Report;
use crate::money::Currency;
use crate::table::{Cell, Table, compared, percent, points};
use rust_decimal::Decimal;

/// A metric with how it compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is called.
    pub metric: &'static str,
    /// How it is made, for who asks.
    pub meaning: &'static str,
    /// In the period.
    pub value: Cell,
    /// What stands behind the value: `/year`.
    pub unit: &'static str,
    /// Against all customers, in words.
    pub versus: String,
    /// In the preceding period.
    pub previous: Cell,
    /// Against the preceding period, in words.
    pub change: String,
    /// Of all customers.
    pub baseline: Cell,
}

/// The seed's table (004, "Group Performance") and the three rates of SPEC 10.
pub fn metric_lines(report: &Report) -> Vec<Line> {
    let Report { metrics: own, baseline: all, previous: before, .. } = report;
    let total =
        |share: Option<Decimal>| share.map_or_else(|| "—".to_owned(), |share| format!("{} of total", percent(share)));
    let against = |of: fn(&Metrics) -> Option<Decimal>, other: &Metrics| {
        compared(of(own).zip(of(other)).and_then(|(own, other)| change(own, other)))
    };
    let line = |metric, meaning, value, versus, previous, change, baseline| Line {
        metric,
        meaning,
        value,
        unit: "",
        versus,
        previous,
        change,
        baseline,
    };
    let revenue: fn(&Metrics) -> Option<Decimal> = |of| Some(of.revenue.into());
    let orders: fn(&Metrics) -> Option<Decimal> = |of| Some(of.orders.into());
    let amount = |metric, meaning, of: fn(&Metrics) -> Option<Decimal>| {
        let (versus, change) = (against(of, all), against(of, before));
        line(metric, meaning, Cell::amount(of(own)), versus, Cell::amount(of(before)), change, Cell::amount(of(all)))
    };
    let rate = |metric, meaning, of: fn(&Metrics) -> Option<Decimal>| {
        let (versus, change) = (points(of(own), of(all)), points(of(own), of(before)));
        line(metric, meaning, Cell::share(of(own)), versus, Cell::share(of(before)), change, Cell::share(of(all)))
    };
    let frequency: fn(&Metrics) -> Option<Decimal> = |of| of.order_frequency;
    vec![
        line(
            "Total Revenue",
            "Net of completed orders, credit notes taken off",
            Cell::Money(own.revenue),
            total(own.revenue_share),
            Cell::Money(before.revenue),
            against(revenue, before),
            Cell::Money(all.revenue),
        ),
        line(
            "Orders",
            "Completed orders; a credit note is none",
            Cell::Count(own.orders),
            total(own.orders_share),
            Cell::Count(before.orders),
            against(orders, before),
            Cell::Count(all.orders),
        ),
        amount("Average Order Value", "Revenue divided by orders", |of| of.average_order_value),
        Line {
            unit: "/year",
            ..line(
                "Order Frequency",
                "Orders of a member in a year",
                Cell::number(own.order_frequency),
                against(frequency, all),
                Cell::number(before.order_frequency),
                against(frequency, before),
                Cell::number(all.order_frequency),
            )
        },
        Line {
            // A life has no preceding period.
            previous: Cell::Nothing,
            change: "—".to_owned(),
            ..amount("Customer Lifetime Value", "All that the members ever bought, divided by members", |of| {
                of.customer_lifetime_value
            })
        },
        rate("Retention Rate", "Of those who ordered in the preceding period, who did again", |of| of.retention_rate),
        rate("Discount Given", "What is paid less than list prices", |of| of.discount_rate),
        rate("Net Margin", "What is left of revenue after cost", |of| of.net_margin),
    ]
}

/// The metrics as a table for machines. Words such as “9% higher” go without their sign: a cell that begins with one would
/// be a formula.
pub fn metrics_table(report: &Report) -> Table {
    let columns = ["Metric", "Value", "All Customers", "vs All Customers", "Preceding period", "vs preceding period"];
    let mut table = Table::new("Performance", columns);
    table.push(vec![
        Cell::text("Members"),
        Cell::Count(report.members),
        Cell::Nothing,
        Cell::Nothing,
        Cell::Nothing,
        Cell::Nothing,
    ]);
    for line in metric_lines(report) {
        table.push(vec![
            Cell::text(line.metric),
            line.value,
            line.baseline,
            Cell::text(line.versus.trim_start_matches('+')),
            line.previous,
            Cell::text(line.change.trim_start_matches('+')),
        ]);
    }
    table
}

/// The months of the period.
pub fn trend_table(report: &Report) -> Table {
    let mut table = Table::new("By month", ["Month", "Revenue", "Orders"]);
    for month in &report.trend {
        table.push(vec![Cell::Month(month.month), Cell::Money(month.net), Cell::Count(month.orders)]);
    }
    table
}

/// What discounts cost and what members owe, and who came and went.
pub fn economics_tables(report: &Report, economics: &Economics) -> [Table; 2] {
    let mut amounts = Table::new("Economics", ["Figure", "Amount", "Members"]);
    let credit = &economics.credit;
    for (label, amount, members) in [
        ("Discount given", Cell::Money(report.metrics.discount), Cell::Nothing),
        ("Margin after discount", Cell::Money(report.metrics.margin), Cell::Nothing),
        ("Open balance today", Cell::Money(credit.owed), Cell::Count(credit.owing)),
        (
            "Credit limit of each member today, and who owes more",
            credit.limit.map_or(Cell::Nothing, Cell::Money),
            credit.limit.map_or(Cell::Nothing, |_| Cell::Count(credit.over)),
        ),
    ] {
        amounts.push(vec![Cell::text(label), amount, members]);
    }
    let mut moved = Table::new("Came and went", ["Direction", "Group", "Customers"]);
    for one in &economics.moved {
        let none = if one.came { "No group left" } else { "No group joined" };
        moved.push(vec![
            Cell::text(if one.came { "Came from" } else { "Went to" }),
            Cell::text(one.other.as_ref().map_or(none, |(_, name)| name)),
            Cell::Count(one.customers),
        ]);
    }
    [amounts, moved]
}

/// What the tables of a file are about.
pub fn about(subject: &str, period: &Period, subgroups: bool, currency: Currency) -> Table {
    let mut table = Table::new("About", ["Report", "Value"]);
    let before = period.preceding();
    for (label, value) in [
        ("Groups", Cell::text(subject)),
        ("From", Cell::Day(period.from)),
        ("To", Cell::Day(period.to)),
        ("Preceding period from", Cell::Day(before.from)),
        ("Preceding period to", Cell::Day(before.to)),
        ("Subgroups", Cell::text(if subgroups { "with" } else { "without" })),
        ("Currency", Cell::text(currency.code())),
    ] {
        table.push(vec![Cell::text(label), value]);
    }
    table
}

/// Customers that a report names.
pub fn people_table(title: &str, amount: &str, people: &[Person]) -> Table {
    let mut table = Table::new(title, ["Code", "Name", amount, "Last order"]);
    for person in people {
        table.push(person_row(person).into());
    }
    table
}

/// A customer's row of such a table.
pub fn person_row(person: &Person) -> [Cell; 4] {
    [Cell::text(&person.code), Cell::text(&person.name), Cell::Money(person.revenue), Cell::day(person.last_order_on)]
}
