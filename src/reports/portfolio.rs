//! All groups at a glance: what of them is asked for, and a row of it.

use super::metrics::{Returned, Sums, change, ratio};
use crate::db::keyset::Place;
use crate::table::{Cell, Table};
use rust_decimal::Decimal;
use uuid::Uuid;

/// What the portfolio can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    Name,
    /// Distinct customers.
    Members,
    /// Net revenue in the period.
    #[default]
    Revenue,
    /// Against the preceding period.
    Growth,
    /// Net margin.
    Margin,
    /// Who ordered again.
    Retention,
    /// Of all customers' revenue.
    Share,
}

impl Sort {
    /// All, in the order of the columns.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Members, Self::Revenue, Self::Growth, Self::Margin, Self::Retention, Self::Share];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Members => "members",
            Self::Revenue => "revenue",
            Self::Growth => "growth",
            Self::Margin => "margin",
            Self::Retention => "retention",
            Self::Share => "share",
        }
    }
}

/// What of the portfolio is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Only groups without members.
    pub empty: bool,
    /// Which page: by the key as text, and the group.
    pub place: Place<(String, Uuid)>,
}

impl Wanted {
    /// What the parameters of an address say; what they say wrongly is ignored. The greatest revenue comes first.
    pub fn of<'a>(get: impl Fn(&str) -> &'a str) -> Self {
        let text = Some(get("sort")).filter(|text| !text.is_empty()).unwrap_or("-revenue");
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        let sort = Sort::ALL.into_iter().find(|sort| sort.name() == name);
        let place: Place<(String, Uuid)> = Place::of(get("after"), get("before"));
        let number = |(key, id): (String, Uuid)| key.parse::<Decimal>().ok().map(|number| (number.to_string(), id));
        let place = match place {
            place if sort == Some(Sort::Name) => place,
            Place::After(key) => number(key).map_or(Place::Start, Place::After),
            Place::Before(key) => number(key).map_or(Place::Start, Place::Before),
            Place::Start => Place::Start,
        };
        Self {
            sort: sort.unwrap_or_default(),
            descending: descending || sort.is_none(),
            empty: get("show") == "empty",
            place,
        }
    }
}

/// A group in the portfolio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it counts: live and active.
    pub active: bool,
    /// Distinct customers.
    pub members: i64,
    /// In the period.
    pub now: Sums,
    /// Net revenue in the preceding period, minor units.
    pub before: i64,
    /// Who came back.
    pub returned: Returned,
    /// What it is sorted by, as text.
    pub key: String,
}

impl Row {
    /// Against the preceding period: 0.1 for 10% more.
    pub fn growth(&self) -> Option<Decimal> {
        change(self.now.net.into(), self.before.into())
    }

    /// (Σ net − Σ cost) / Σ net.
    pub fn margin(&self) -> Option<Decimal> {
        ratio(self.now.net - self.now.cost, self.now.net)
    }

    /// Who ordered again.
    pub fn retention(&self) -> Option<Decimal> {
        ratio(self.returned.again, self.returned.before)
    }

    /// Its figures in the order of the columns, among all customers' revenue.
    pub fn cells(&self, total: i64) -> [Cell; 6] {
        [
            Cell::Count(self.members),
            Cell::Money(self.now.net),
            Cell::share(self.growth()),
            Cell::share(self.margin()),
            Cell::share(self.retention()),
            Cell::share(ratio(self.now.net, total)),
        ]
    }
}

/// The headings of the portfolio as a file.
pub fn heading() -> Table {
    Table::new(
        "Portfolio",
        ["Code", "Name", "Status", "Members", "Revenue", "Growth", "Net margin", "Retention", "Share of revenue"],
    )
}

/// A row of the file.
pub fn file_row(row: &Row, total: i64) -> Vec<Cell> {
    let status = if row.active { "active" } else { "inactive" };
    [Cell::text(&row.code), Cell::text(&row.name), Cell::text(status)].into_iter().chain(row.cells(total)).collect()
}

/// Two groups that share customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// One of them, by name before the other.
    pub one: (Uuid, String),
    /// The other.
    pub other: (Uuid, String),
    /// Customers in both.
    pub customers: i64,
    /// Of the smaller one's members.
    pub share: Option<Decimal>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::keyset::encode;

    #[test]
    fn an_address_says_what_is_wanted() {
        let of = |sort: &'static str, after: String| {
            let after: &'static str = after.leak();
            Wanted::of(move |name| match name {
                "sort" => sort,
                "after" => after,
                _ => "",
            })
        };
        for (sort, expected) in [
            ("", (Sort::Revenue, true)),
            ("-revenue", (Sort::Revenue, true)),
            ("members", (Sort::Members, false)),
            ("-name", (Sort::Name, true)),
            ("nonsense", (Sort::Revenue, true)),
        ] {
            let wanted = of(sort, String::new());
            assert_eq!((wanted.sort, wanted.descending), expected, "{sort}");
        }
        let cursor = |key: &str| encode(&(key.to_owned(), Uuid::nil()));
        assert_ne!(of("", cursor("12.5")).place, Place::Start);
        assert_eq!(of("", cursor("many")).place, Place::Start, "no number");
        assert_ne!(of("name", cursor("many")).place, Place::Start);
    }

    #[test]
    fn figures_are_ratios_or_nothing() {
        let row = Row {
            id: Uuid::nil(),
            code: "A".into(),
            name: "A".into(),
            active: true,
            members: 2,
            now: Sums { net: 150, gross: 200, cost: 75, orders: 3 },
            before: 100,
            returned: Returned { before: 4, again: 1 },
            key: String::new(),
        };
        let half = Some(Decimal::new(5, 1));
        assert_eq!((row.growth(), row.margin(), row.retention()), (half, half, Some(Decimal::new(25, 2))));
        let none = Row { now: Sums::default(), before: 0, returned: Returned::default(), ..row };
        assert_eq!((none.growth(), none.margin(), none.retention()), (None, None, None));
    }
}
