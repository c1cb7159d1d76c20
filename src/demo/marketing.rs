//! The promotions of the demo shop, the segment and the campaign that some of them wait for (SPEC 8).

use super::calendar::Calendar;
use super::catalogue::Product;
use super::chance::{Chance, Part};
use super::groups::{Group, Key};
use crate::campaigns::campaign as campaigns;
use crate::groups::group::Status;
use crate::promotions::details::{Details, Given};
use crate::promotions::window::Window;
use crate::segments::segment as segments;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// All of it, each with its id.
#[derive(Debug)]
pub struct Marketing {
    /// Promotions.
    pub promotions: Vec<(Uuid, Details)>,
    /// Segments.
    pub segments: Vec<(Uuid, segments::Details)>,
    /// Campaigns.
    pub campaigns: Vec<(Uuid, campaigns::Details)>,
}

/// The marketing of the shop: the seed's VIP Spring Sale with its own days, and others around today.
pub fn marketing(calendar: &Calendar, groups: &[Group], products: &[Product]) -> Marketing {
    let mut chance = Chance::of(Part::Groups, 2);
    let mut id = || chance.id(calendar.now);
    let group = |keys: &[Key]| {
        let mut ids: Vec<Uuid> =
            groups.iter().filter(|group| keys.contains(&group.key)).map(|group| group.id).collect();
        ids.sort_unstable();
        ids
    };
    let promotion = |code: &str, name: &str, value: Given, keys: &[Key]| Details {
        code: code.into(),
        name: name.into(),
        status: Status::Active,
        value,
        minimum_purchase: None,
        window: Window::default(),
        stacks: true,
        combinable: true,
        priority: 10,
        groups_in: group(keys),
        groups_not_in: Vec::new(),
    };
    let around = |before: u64, after: u64| Window {
        from: calendar.today.checked_sub_days(Days::new(before)),
        to: calendar.today.checked_add_days(Days::new(after)),
    };
    let from_in = |days: u64| Window { from: calendar.today.checked_add_days(Days::new(days)), to: None };
    let percent = |percent: i64| Given::Percent(Decimal::new(percent * 100, 2));
    let spring = Window { from: NaiveDate::from_ymd_opt(2026, 3, 1), to: NaiveDate::from_ymd_opt(2026, 3, 31) };
    let mut promotions = vec![
        Details {
            minimum_purchase: Some(50_000),
            window: spring,
            priority: 1,
            ..promotion("VIP-SPRING", "VIP Spring Sale", percent(10), &[Key::Vip, Key::Gold])
        },
        Details {
            window: around(20, 40),
            priority: 5,
            ..promotion("LOYALTY-5", "Loyalty weeks", percent(5), &[Key::Vip, Key::Tiered])
        },
        Details {
            minimum_purchase: Some(15_000),
            priority: 90,
            groups_not_in: group(&[Key::Wholesale]),
            ..promotion("SHIP-FREE", "Free shipping over $150", Given::FreeShipping, &[])
        },
        Details {
            window: around(10, 20),
            stacks: false,
            combinable: false,
            ..promotion("THREE-FOR-TWO", "Three for two", Given::BuyGet(2, 1), &[Key::Retail])
        },
        Details {
            window: from_in(14),
            minimum_purchase: Some(100_000),
            priority: 3,
            ..promotion("TRADE-100", "Trade days", Given::Amount(10_000), &[Key::Wholesale])
        },
        Details {
            minimum_purchase: Some(20_000),
            ..promotion("COME-BACK", "We have missed you", percent(8), &[Key::Retail, Key::Tiered])
        },
    ];
    // Something small that everybody sees.
    let gift =
        products.iter().filter(|product| product.until.is_none()).min_by_key(|product| (product.price, product.id));
    if let Some(gift) = gift {
        let welcome = promotion("WELCOME-GIFT", "Welcome gift", Given::FreeItem(gift.id, 1), &[Key::New]);
        promotions.push(Details { minimum_purchase: Some(5_000), ..welcome });
    }
    let promotions: Vec<(Uuid, Details)> = promotions.into_iter().map(|details| (id(), details)).collect();
    let quiet = segments::Details {
        name: "Quiet regulars".into(),
        description: "Customers of the shop and of the tiers who used to buy and have not for half a year.".into(),
        groups_in: group(&[Key::Retail, Key::Tiered]),
        groups_not_in: group(&[Key::New]),
        rule: Some(json!({"match": "all", "of": [
            {"field": "order_count", "op": "gte", "value": 3},
            {"field": "days_since_last_order", "op": "gte", "value": 180},
            {"field": "status", "op": "eq", "value": "active"},
        ]})),
    };
    let quiet = (id(), quiet);
    let comeback = campaigns::Details {
        code: "WINBACK".into(),
        name: "Win back".into(),
        status: Status::Active,
        window: around(30, 60),
        segments: vec![quiet.0],
        promotions: promotions.iter().filter(|(_, one)| one.code == "COME-BACK").map(|(id, _)| *id).collect(),
    };
    Marketing { campaigns: vec![(id(), comeback)], segments: vec![quiet], promotions }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::products;
    use super::super::groups::groups;
    use super::*;
    use chrono::DateTime;

    #[test]
    fn the_seeds_promotion_is_there_with_every_value() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let all = marketing(&calendar, &groups(&calendar), &products(&calendar));
        let (_, seed) = all.promotions.iter().find(|(_, one)| one.name == "VIP Spring Sale").unwrap();
        assert_eq!(seed.value, Given::Percent("10.00".parse().unwrap()));
        assert_eq!((seed.minimum_purchase, seed.stacks, seed.groups_in.len()), (Some(50_000), true, 2));
        assert_eq!(seed.window.words(), "March 1, 2026 to March 31, 2026");
        assert_eq!(all.campaigns[0].1.promotions.len(), 1);
    }
}
