//! The metrics of a report (SPEC 10), out of sums. A denominator that is 0 or negative gives nothing: never 0, never a
//! wrong sign.

use super::period::Period;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

/// Sums over completed orders in the store's currency, minor units. Credit notes lower the amounts and are no orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Sums {
    /// Paid.
    pub net: i64,
    /// At list price.
    pub gross: i64,
    /// At cost.
    pub cost: i64,
    /// Orders that are no credit notes.
    pub orders: i64,
}

/// How many ordered in the preceding period, and how many of these again in this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Returned {
    /// Who ordered in the preceding period.
    pub before: i64,
    /// Of these, who ordered in this one.
    pub again: i64,
}

/// What the metrics of a period are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// Distinct customers in the group now.
    pub members: i64,
    /// Lifetime net of the members, minor units.
    pub lifetime: i64,
    /// In the period.
    pub sums: Sums,
    /// Who came back.
    pub returned: Returned,
}

/// A month of a trend, or the part of it that lies in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Month {
    /// Its first day.
    pub month: NaiveDate,
    /// Net revenue, minor units.
    pub net: i64,
    /// Orders.
    pub orders: i64,
}

/// What was bought, in the period and in the preceding one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// In the period.
    pub now: Ground,
    /// In the preceding period; members and their lifetime are today's.
    pub before: Ground,
    /// The months of the period, also those without orders.
    pub trend: Vec<Month>,
    /// Whom a report names.
    pub named: Named,
}

/// Whom a report names, by id with net revenue in minor units; not yet in order, and those among them who are alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Who buys most.
    pub top: Vec<(Uuid, i64)>,
    /// Who has stopped.
    pub at_risk: Vec<(Uuid, i64)>,
}

/// The metrics of a group in a period. Shares are fractions (0.35), amounts minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Σ net.
    pub revenue: i64,
    /// Of all customers' revenue.
    pub revenue_share: Option<Decimal>,
    /// Orders.
    pub orders: i64,
    /// Of all customers' orders.
    pub orders_share: Option<Decimal>,
    /// Revenue / orders, unrounded minor units.
    pub average_order_value: Option<Decimal>,
    /// Orders / members / years in the period.
    pub order_frequency: Option<Decimal>,
    /// Lifetime net / members, unrounded minor units.
    pub customer_lifetime_value: Option<Decimal>,
    /// Of those who ordered in the preceding period, who did again.
    pub retention_rate: Option<Decimal>,
    /// (Σ gross − Σ net) / Σ gross.
    pub discount_rate: Option<Decimal>,
    /// (Σ net − Σ cost) / Σ net.
    pub net_margin: Option<Decimal>,
    /// Σ gross − Σ net: what discounts cost.
    pub discount: i64,
    /// Σ net − Σ cost: what is left after discounts.
    pub margin: i64,
}

impl Metrics {
    /// The metrics of `ground` over `period`, among all customers' `total` of the same period.
    pub fn of(ground: &Ground, total: &Sums, period: &Period) -> Self {
        let Ground { members, lifetime, sums, returned } = *ground;
        let discount = sums.gross.saturating_sub(sums.net);
        let margin = sums.net.saturating_sub(sums.cost);
        Self {
            revenue: sums.net,
            revenue_share: ratio(sums.net, total.net),
            orders: sums.orders,
            orders_share: ratio(sums.orders, total.orders),
            average_order_value: ratio(sums.net, sums.orders),
            order_frequency: ratio(sums.orders, members).and_then(|each| each.checked_div(period.years())),
            customer_lifetime_value: ratio(lifetime, members),
            retention_rate: ratio(returned.again, returned.before),
            discount_rate: ratio(discount, sums.gross),
            net_margin: ratio(margin, sums.net),
            discount,
            margin,
        }
    }
}

/// A share, where there is something to take it of.
pub fn ratio(part: i64, whole: i64) -> Option<Decimal> {
    (whole > 0).then(|| Decimal::from(part) / Decimal::from(whole))
}

/// By what share `own` is more than `other` (0.45 for 45% more), where `other` is more than nothing.
pub fn change(own: Decimal, other: Decimal) -> Option<Decimal> {
    (other > Decimal::ZERO).then(|| own / other - Decimal::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::rounded;

    fn year() -> Period {
        Period { from: "2026-01-01".parse().unwrap(), to: "2026-12-31".parse().unwrap() }
    }

    fn of(ground: Ground) -> Metrics {
        Metrics::of(&ground, &Sums { net: 10_000, gross: 12_000, cost: 5_000, orders: 40 }, &year())
    }

    #[test]
    fn metrics_are_ratios_of_sums() {
        let metrics = of(Ground {
            members: 4,
            lifetime: 10_002,
            sums: Sums { net: 3_500, gross: 5_000, cost: 2_800, orders: 10 },
            returned: Returned { before: 3, again: 2 },
        });
        let some = |text: &str| Some(text.parse::<Decimal>().unwrap());
        assert_eq!((metrics.revenue, metrics.revenue_share), (3_500, some("0.35")));
        assert_eq!((metrics.orders, metrics.orders_share), (10, some("0.25")));
        assert_eq!(metrics.average_order_value, some("350"));
        assert_eq!(metrics.order_frequency, some("2.5"));
        assert_eq!(metrics.customer_lifetime_value, some("2500.5"));
        assert_eq!(metrics.retention_rate.map(|rate| rounded(rate, 4)), some("0.6667"));
        assert_eq!((metrics.discount_rate, metrics.discount), (some("0.3"), 1_500));
        assert_eq!((metrics.net_margin, metrics.margin), (some("0.2"), 700));
    }

    #[test]
    fn nothing_is_divided_by_nothing_or_less() {
        let empty = of(Ground::default());
        for none in [
            empty.average_order_value,
            empty.order_frequency,
            empty.customer_lifetime_value,
            empty.retention_rate,
            empty.discount_rate,
            empty.net_margin,
        ] {
            assert_eq!(none, None);
        }
        assert_eq!(empty.revenue_share, Some(Decimal::ZERO), "of something");
        // More came back than was sold.
        let returned = Sums { net: -500, gross: -600, cost: -300, orders: 0 };
        let credit = of(Ground { members: 1, sums: returned, ..Ground::default() });
        assert_eq!((credit.net_margin, credit.discount_rate, credit.average_order_value), (None, None, None));
        assert_eq!((credit.revenue_share, credit.order_frequency), (Some(Decimal::new(-5, 2)), Some(Decimal::ZERO)));
        let nobody = Metrics::of(&Ground { sums: returned, ..Ground::default() }, &returned, &year());
        assert_eq!((nobody.revenue_share, nobody.orders_share), (None, None));
    }

    #[test]
    fn a_change_is_told_against_more_than_nothing() {
        let of = |own: i64, other: i64| change(own.into(), other.into());
        assert_eq!(of(145, 100), Some(Decimal::new(45, 2)));
        assert_eq!(of(50, 100), Some(Decimal::new(-5, 1)));
        assert_eq!((of(5, 0), of(5, -1)), (None, None));
    }
}
