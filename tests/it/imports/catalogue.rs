//! Products, price lists, their entries, and which group gets which list.

use super::{Import, Shop};
use clientele::imports::kind::Kind;

#[test]
fn products_come_in_and_change() {
    let mut shop = Shop::new();
    let file = "sku,name,base_price,category,cost,currency,status\nS1,Lamp,25.00,Light,9.50,USD,active\ns1,Lamp small,12,,,,\n";
    assert_eq!(shop.import(Kind::Products, file).counts.created, 2);
    let stored = "SELECT sku, name, base_price, category, cost, currency, status FROM products ORDER BY sku";
    assert_eq!(shop.rows(stored), ["S1|Lamp|2500|Light|950|USD|active", "s1|Lamp small|1200|||USD|active"]);
    assert_eq!(shop.import(Kind::Products, file).counts.unchanged, 2);
    shop.import(Kind::Products, "sku,name,base_price\nS1,Lamp,26\n");
    assert_eq!(shop.rows(stored)[0], "S1|Lamp|2600|Light|950|USD|active");
    shop.import(Kind::Products, "sku,name,base_price,cost,status\nS1,Lamp,26,,inactive\n");
    assert_eq!(shop.rows(stored)[0], "S1|Lamp|2600|Light||USD|inactive");
    shop.import(Kind::Products, "sku,name,base_price,cost\nS1,Lamp,26,10\n");

    // Products keep the currency that they were priced in when the store takes another one.
    shop.execute("UPDATE store_settings SET currency = 'JPY'");
    let refused = shop.refused(Import::of(Kind::Products, "sku,name,base_price\ns1,Lamp small,1250\n"));
    assert_eq!(refused, ["row 2: base_price was read as JPY, but the product is priced in USD: add a currency column"]);
    let refused = shop.refused(Import::of(Kind::Products, "sku,name,base_price,currency\nS1,Lamp,3000,JPY\n"));
    assert_eq!(refused, ["row 2: currency changes from USD to JPY, but the file has no cost for it"]);
    shop.import(Kind::Products, "sku,name,base_price,cost,currency\nS1,Lamp,3000,1100,JPY\n");
    assert_eq!(shop.rows(stored)[0], "S1|Lamp|3000|Light|1100|JPY|inactive");
}

#[test]
fn price_lists_come_in_and_change() {
    let mut shop = Shop::new();
    let file =
        "code,name,currency,status,valid_from,valid_to\nP1,Spring,,,2026-03-01,2026-05-31\nP2,Always,EUR,inactive,,\n";
    assert_eq!(shop.import(Kind::PriceLists, file).counts.created, 2);
    let stored = "SELECT code, name, currency, status, valid_from, valid_to FROM price_lists ORDER BY 1";
    assert_eq!(shop.rows(stored), ["P1|Spring|USD|active|2026-03-01|2026-05-31", "P2|Always|EUR|inactive||"]);
    assert_eq!(shop.import(Kind::PriceLists, file).counts.unchanged, 2);
    shop.import(Kind::PriceLists, "code,name,valid_to\nP1,Spring,\n");
    assert_eq!(shop.rows(stored)[0], "P1|Spring|USD|active|2026-03-01|");
    // The end in the file lies before the stored beginning.
    let refused = shop.refused(Import::of(Kind::PriceLists, "code,name,valid_to\nP1,Spring,2026-02-28\n"));
    assert_eq!(refused, ["row 2: valid_to 2026-02-28 lies before 2026-03-01, where the list begins"]);
}

#[test]
fn entries_are_priced_in_their_list_s_currency() {
    let mut shop = Shop::new();
    shop.import(Kind::Products, "sku,name,base_price\nA,Lamp,25\nB,Bulb,5\n");
    shop.import(Kind::PriceLists, "code,name,currency\nUSD,Dollars,USD\nJPY,Yen,JPY\nKWD,Dinars,KWD\n");
    let file = "price_list_code,sku,min_quantity,price\nUSD,A,,22.50\nUSD,A,10,20\nJPY,A,,3000\nKWD,B,,1.125\n";
    assert_eq!(shop.import(Kind::PriceListEntries, file).counts.created, 4);
    let stored = "SELECT l.code, p.sku, min_quantity, price FROM price_list_entries e
                  JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id ORDER BY 1, 2, 3";
    assert_eq!(shop.rows(stored), ["JPY|A|1|3000", "KWD|B|1|1125", "USD|A|1|2250", "USD|A|10|2000"]);
    assert_eq!(shop.import(Kind::PriceListEntries, file).counts.unchanged, 4);
    let versions = "SELECT code, version FROM price_lists ORDER BY 1";
    assert_eq!(shop.rows(versions), ["JPY|2", "KWD|2", "USD|2"]);
    assert_eq!(shop.import(Kind::PriceListEntries, "price_list_code,sku,price\nUSD,A,21\n").counts.updated, 1);
    assert_eq!(shop.rows(stored)[2], "USD|A|1|2100");
    assert_eq!(shop.rows(versions), ["JPY|2", "KWD|2", "USD|3"]);

    let refused = shop.refused(Import::of(
        Kind::PriceListEntries,
        "price_list_code,sku,price\nJPY,A,30.5\nUSD,A,1.005\nNO,A,1\nUSD,NO,1\nUSD,B,1\nUSD,B,2\nKWD,A,9999999999999\n",
    ));
    assert_eq!(
        refused,
        [
            "row 2: price has more decimals than JPY has (0)",
            "row 3: price has more decimals than USD has (2)",
            "row 4: price_list_code names “NO”, but there is no such price list",
            "row 5: sku names “NO”, but there is no such product",
            "row 7: min_quantity stands in the file more than once: already in row 6",
            "row 8: price is too large",
        ]
    );
    // With prices in it, a list's currency is what they mean.
    let refused = shop.refused(Import::of(Kind::PriceLists, "code,name,currency\nUSD,Dollars,EUR\n"));
    assert!(refused[0].contains("currency changes from USD to EUR, but the list has prices in USD"), "{refused:?}");
}

#[test]
fn lists_are_given_to_groups_with_the_next_priority() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nVIP,VIP\nNEW,New\nOWN,Own\n");
    shop.import(Kind::PriceLists, "code,name\nA,A\nB,B\nC,C\nD,D\n");
    shop.execute(
        "INSERT INTO group_pricing (group_id, method, percent)
             SELECT id, 'percentage', 15 FROM groups WHERE code = 'OWN';
         INSERT INTO group_pricing (group_id, method) SELECT id, 'none' FROM groups WHERE code = 'NEW'",
    );
    let report = shop.import(
        Kind::GroupPriceLists,
        "group_code,price_list_code,priority\nVIP,A,\nVIP,B,\nVIP,C,\nVIP,D,\nNEW,A,5\nNEW,B,\nOWN,A,7\n",
    );
    assert_eq!(report.counts.created, 7);
    let stored = "SELECT g.code, l.code AS list, priority FROM group_price_lists a
                  JOIN groups g ON g.id = a.group_id JOIN price_lists l ON l.id = a.price_list_id ORDER BY 1, 3, 2";
    assert_eq!(shop.rows(stored), ["NEW|A|5", "NEW|B|10", "OWN|A|7", "VIP|A|1", "VIP|B|10", "VIP|C|100", "VIP|D|1000"]);
    // "None" becomes "price lists"; a percentage stays one.
    let methods = "SELECT g.code, p.method FROM group_pricing p JOIN groups g ON g.id = p.group_id ORDER BY 1";
    assert_eq!(shop.rows(methods), ["NEW|price_lists", "OWN|percentage", "VIP|price_lists"]);
    assert_eq!(
        shop.rows("SELECT code, version FROM groups WHERE code <> 'ALL' ORDER BY 1"),
        ["NEW|2", "OWN|2", "VIP|2"]
    );
    assert_eq!(
        shop.rows("SELECT before, after FROM audit_events WHERE action = 'group.changed' AND subject_name = 'New'"),
        [r#"{"price_lists": ""}|{"price_lists": "A (5), B (10)"}"#]
    );

    // Without a priority a known assignment keeps its own.
    let again = shop.import(Kind::GroupPriceLists, "group_code,price_list_code\nVIP,C\nNEW,A\n");
    assert_eq!(again.counts.unchanged, 2);
    assert_eq!(shop.import(Kind::GroupPriceLists, "group_code,price_list_code,priority\nVIP,C,2\n").counts.updated, 1);
    assert!(shop.rows(stored).contains(&"VIP|C|2".to_owned()));

    let refused = shop.refused(Import::of(
        Kind::GroupPriceLists,
        "group_code,price_list_code,priority\nALL,A,1\nNO,A,1\nVIP,NO,1\nVIP,A,1\nVIP,A,2\n",
    ));
    assert_eq!(
        refused,
        [
            "row 2: group_code names All Customers, which has no price lists: without a group, base prices hold",
            "row 3: group_code names “NO”, but there is no such group",
            "row 4: price_list_code names “NO”, but there is no such price list",
            "row 6: price_list_code stands in the file more than once: already in row 5",
        ]
    );
}
