//! Files of nonsense: whatever stands in them, an import ends with a report or a sentence, never with a fault.

use super::{Import, Shop};
use clientele::imports::kind::{Kind, Missing};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// What makes trouble somewhere: in numbers, in dates, in SQL, in COPY, in the tree.
const NASTY: &[&str] = &[
    "",
    " ",
    "A",
    "B",
    "C",
    "a",
    "ALL",
    "All Customers",
    "VIP",
    "VIP;Retail;vip",
    ";",
    "-1",
    "0",
    "1",
    "2.5",
    "1e9",
    "0.001",
    "2147483647",
    "2147483648",
    "89999999999999",
    "9000000000000001",
    "99999999999999999999",
    "NaN",
    "Infinity",
    "2026-01-05",
    "2026-01-05T10:00:00Z",
    "1900-01-01",
    "9999-12-31",
    "9999-12-31 23:59:59-23:59",
    "2026-02-30",
    "true",
    "no",
    "USD",
    "JPY",
    "XXX",
    "active",
    "inactive",
    "blocked",
    "automatic",
    "hybrid",
    "cancelled",
    "DE",
    "Korea",
    "a@b",
    "\\N",
    "\\.",
    "\\",
    "'; --",
    "$1",
    "{x,\"y\"}",
    "\u{202e}\u{fffd}",
    "日本",
    "é\u{301}",
    "\t",
    "null",
];

#[test]
fn nothing_in_a_file_makes_an_import_fail() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name,type\nA,A,manual\nVIP,VIP,hybrid\nB,Bee,automatic\n");
    shop.import(Kind::Customers, "code,name,groups\nA,Ann,A\nB,Bo,VIP\n");
    shop.import(Kind::Products, "sku,name,base_price\nA,Lamp,25\n");
    shop.import(Kind::PriceLists, "code,name,currency\nA,List,USD\nB,Yen,JPY\n");
    let mut random = ChaCha8Rng::seed_from_u64(11);
    for round in 0..12 {
        for kind in Kind::ALL {
            let mut file = csv::Writer::from_writer(Vec::new());
            file.write_record(kind.columns().iter().map(|column| column.name)).unwrap();
            for _ in 0..random.random_range(1..40) {
                let long = "x".repeat(random.random_range(30..400));
                let row = kind.columns().iter().map(|column| match random.random_range(0..40) {
                    0 => long.as_str(),
                    // Mostly something that fits, so that rows come through to where they can do harm.
                    1..=35 => fitting(column.name, &mut random),
                    _ => NASTY.choose(&mut random).unwrap(),
                });
                file.write_record(row).unwrap();
            }
            let file = file.into_inner().unwrap();
            let create = [Missing::Customers, Missing::Products, Missing::Organizations];
            let create: Vec<_> = create.into_iter().filter(|missing| kind.can_create().contains(missing)).collect();
            let import = Import::of(kind, &file).creating(&create).good_rows();
            if let Err(error) = import.run(&mut shop.conn) {
                panic!("round {round}, {kind}: {error}\n{}", String::from_utf8_lossy(&file));
            }
        }
    }
    shop.check_counts();
    shop.check_purchases();
    assert!(shop.count("orders") > 0 && shop.count("memberships") > 10 && shop.count("price_list_entries") > 0);
}

fn fitting(column: &str, random: &mut ChaCha8Rng) -> &'static str {
    let some: &[&str] = match column {
        "placed_at" | "paid_at" | "due_at" | "since" | "customer_since" | "valid_from" | "valid_to" => {
            &["2026-01-05", "2026-02-05 10:00:00"]
        }
        "order_number" => &["O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "O10", "O11", "O12"],
        "quantity" | "min_quantity" | "priority" => &["1", "2", "-3"],
        "unit_price" | "list_price" | "unit_cost" | "price" | "base_price" | "cost" => &["1", "2.50", "80"],
        "currency" | "status" | "type" | "payment_history" | "primary" | "customer_country" | "country" | "email" => {
            &[""]
        }
        _ => &["A", "B", "C", "D", "VIP", "N1", "N2", "N3"],
    };
    some.choose(random).unwrap()
}
