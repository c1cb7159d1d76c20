//! What each group of the demo shop holds. VIP Customers and VIP Platinum carry every value their drawn screens
//! show: 15% on everything, Net 30 with 100,000 of credit, 2/10, three visibility groups; 5% more, Net 45, 250,000.

use super::groups::{Key, Method, Portal, Pricing, Settings, Terms};
use super::shelves::Assortment;
use serde_json::json;

const PLAIN: Pricing =
    Pricing { method: None, categories: &[], stack: None, minimum_order: None, no_minimum: false, notes: "" };

/// The settings of a group.
pub fn of(key: Key) -> Settings {
    match key {
        Key::Vip => vip(),
        Key::VipPlatinum => vip_platinum(),
        Key::Tiered => tiered(),
        Key::Gold => gold(),
        Key::Silver => silver(),
        Key::Bronze => bronze(),
        Key::Wholesale => wholesale(),
        Key::Distributor => distributor(),
        Key::Reseller => reseller(),
        Key::Retail => retail(),
        Key::New => new_customers(),
        Key::Returning => returning(),
    }
}

fn bare(description: &'static str) -> Settings {
    Settings {
        kind: "manual",
        description,
        capacity: None,
        inherit_visibility: true,
        pricing: None,
        assortments: &[],
        portal: None,
        terms: None,
        reviewed_days_ago: None,
        metadata: json!({}),
    }
}

const fn percent(hundredths: i64) -> Option<Method> {
    Some(Method::Percentage { hundredths, adds: false })
}

fn vip() -> Settings {
    Settings {
        kind: "hybrid",
        pricing: Some(Pricing {
            method: percent(1500),
            stack: Some(true),
            no_minimum: true,
            notes: "15% off everything; the VIP Price List holds a few prices that go further.",
            ..PLAIN
        }),
        assortments: &[Assortment::Standard, Assortment::VipExclusive, Assortment::EarlyAccess],
        portal: Some(Portal {
            login: Some(true),
            shop: Some("full"),
            quotes: Some(true),
            orders: Some(true),
            invoices: Some("full"),
        }),
        terms: Some(Terms {
            methods: Some(&["card", "ach", "wire", "net_terms"]),
            net_days: Some(30),
            credit_limit: Some(10_000_000),
            auto_approve_under: Some(1_000_000),
            require_po: Some(false),
            early: Some((200, 10)),
            explicit_none: &[],
        }),
        reviewed_days_ago: Some(19),
        metadata: json!({"segment": "key accounts", "review": {"every": "quarter", "owner": "Account management"}}),
        ..bare("Our best customers: over $50,000 of purchases, more than a year with us, and always on time.")
    }
}

fn vip_platinum() -> Settings {
    Settings {
        capacity: Some(12),
        pricing: Some(Pricing {
            method: Some(Method::Percentage { hundredths: 500, adds: true }),
            notes: "5% on top of what VIP Customers get: 20% in all.",
            ..PLAIN
        }),
        terms: Some(Terms { net_days: Some(45), credit_limit: Some(25_000_000), ..Terms::default() }),
        reviewed_days_ago: Some(19),
        metadata: json!({"segment": "key accounts", "by_invitation": true}),
        ..bare("By invitation: fast-growing VIP customers with a named account manager.")
    }
}

fn tiered() -> Settings {
    Settings {
        pricing: Some(Pricing { stack: Some(true), ..PLAIN }),
        terms: Some(Terms {
            methods: Some(&["card", "ach", "net_terms"]),
            net_days: Some(15),
            auto_approve_under: Some(200_000),
            ..Terms::default()
        }),
        metadata: json!({"programme": "tiers", "year": "rolling 12 months"}),
        ..bare("What the three tiers share: payment terms and promotions.")
    }
}

fn gold() -> Settings {
    Settings {
        capacity: Some(120),
        pricing: Some(Pricing { method: percent(1000), notes: "10% off everything.", ..PLAIN }),
        terms: Some(Terms {
            net_days: Some(30),
            credit_limit: Some(4_000_000),
            auto_approve_under: Some(500_000),
            early: Some((100, 10)),
            ..Terms::default()
        }),
        reviewed_days_ago: Some(47),
        metadata: json!({"programme": "tiers", "rank": 1}),
        ..bare("Regular buyers of larger orders; the step before VIP.")
    }
}

fn silver() -> Settings {
    Settings {
        pricing: Some(Pricing { method: percent(500), notes: "5% off everything.", ..PLAIN }),
        terms: Some(Terms { credit_limit: Some(1_500_000), ..Terms::default() }),
        reviewed_days_ago: Some(121),
        metadata: json!({"programme": "tiers", "rank": 2}),
        ..bare("Customers who order every month or two.")
    }
}

fn bronze() -> Settings {
    Settings {
        pricing: Some(Pricing {
            method: percent(250),
            categories: &["Breakroom", "Packaging", "Paper & Notebooks", "Writing & Desk"],
            notes: "2.5% off what is used up: paper, pens, coffee and boxes.",
            ..PLAIN
        }),
        terms: Some(Terms { credit_limit: Some(500_000), ..Terms::default() }),
        metadata: json!({"programme": "tiers", "rank": 3}),
        ..bare("Small businesses on their way up.")
    }
}

fn wholesale() -> Settings {
    Settings {
        pricing: Some(Pricing {
            method: Some(Method::PriceLists),
            stack: Some(false),
            minimum_order: Some(25_000),
            notes: "Quantity prices from the Wholesale Price List; season's specials go first.",
            ..PLAIN
        }),
        assortments: &[Assortment::Standard, Assortment::WholesaleOnly],
        terms: Some(Terms {
            methods: Some(&["ach", "wire", "net_terms"]),
            net_days: Some(30),
            credit_limit: Some(5_000_000),
            auto_approve_under: Some(500_000),
            require_po: Some(true),
            ..Terms::default()
        }),
        reviewed_days_ago: Some(33),
        metadata: json!({"segment": "trade", "price_book": "2026"}),
        ..bare("Customers who sell on what they buy.")
    }
}

fn distributor() -> Settings {
    Settings {
        capacity: Some(25),
        pricing: Some(Pricing {
            method: Some(Method::PriceLists),
            minimum_order: Some(100_000),
            notes: "Contract prices for the items they stock, the wholesale price for the rest.",
            ..PLAIN
        }),
        terms: Some(Terms {
            net_days: Some(60),
            credit_limit: Some(15_000_000),
            early: Some((150, 15)),
            ..Terms::default()
        }),
        metadata: json!({"segment": "trade", "territories": true}),
        ..bare("Regional distributors with a contract and a warehouse of their own.")
    }
}

fn reseller() -> Settings {
    Settings {
        pricing: Some(Pricing {
            method: Some(Method::PriceLists),
            notes: "Better prices on electronics; everything else as for wholesale.",
            ..PLAIN
        }),
        terms: Some(Terms { credit_limit: Some(2_500_000), require_po: Some(false), ..Terms::default() }),
        metadata: json!({"segment": "trade"}),
        ..bare("Shops that sell displays, audio and networking.")
    }
}

fn retail() -> Settings {
    Settings {
        pricing: Some(Pricing { method: Some(Method::None), notes: "Base prices.", ..PLAIN }),
        terms: Some(Terms { methods: Some(&["card", "ach"]), ..Terms::default() }),
        reviewed_days_ago: Some(210),
        metadata: json!({"segment": "consumers"}),
        ..bare("People and small firms who buy in the web shop. Members without another group belong here.")
    }
}

fn new_customers() -> Settings {
    Settings {
        kind: "automatic",
        inherit_visibility: false,
        assortments: &[Assortment::Limited],
        portal: Some(Portal { login: None, shop: Some("limited"), quotes: None, orders: None, invoices: None }),
        terms: Some(Terms {
            methods: Some(&["card"]),
            explicit_none: &["net_days", "credit_limit"],
            ..Terms::default()
        }),
        metadata: json!({"segment": "consumers", "welcome_series": "on"}),
        ..bare("Accounts in their first six months: the starter range, paid by card.")
    }
}

fn returning() -> Settings {
    Settings {
        kind: "automatic",
        pricing: Some(Pricing {
            method: Some(Method::Fixed(500)),
            categories: &["Seating", "Desks & Tables"],
            notes: "A thank-you of $5.00 on every chair, desk and table.",
            ..PLAIN
        }),
        metadata: json!({"segment": "consumers", "welcome_series": "off"}),
        ..bare("Web shop customers with five orders or more who bought within the year.")
    }
}
