//! Rows that can't be taken: each is named with its reasons; the others come in only where that is asked for.

use super::{Import, Shop};
use clientele::imports::kind::Kind;

#[test]
fn rows_are_named_with_every_reason() {
    let mut shop = Shop::new();
    let file: &[u8] = b"sku,name,base_price,cost\n\
        S1,Lamp,25,10\n\
        ,Bulb,x,-1\n\
        S3,5\" pipe,1,1\n\
        S4,\"open,1,1\n\
        S5,caf\xe9,1,1\n\
        S6,nul\x00,1,1\n\
        S7,Short\n\
        S8,Long,1,1,1\n\
        S9,Last,1,1\n";
    let refused = shop.refused(Import::of(Kind::Products, file));
    let expected = [
        "row 3: base_price “x” is not an amount: write it like 1250.00; cost “-1” is negative; sku is empty",
        "row 4: the row has a quote inside a field that is not quoted: double it, and put the whole field into quotes",
        "row 5: the row opens a quote that is not closed: close it, or double it where it is part of the text",
        "row 6: the row is not UTF-8: byte 0xE9 in field 2. Save the file as UTF-8 (it may be Windows-1252)",
        "row 7: the row holds a NUL byte: remove it",
        "row 8: the row has 2 fields where the header has 4: check its commas and quotes",
        "row 9: the row has 5 fields where the header has 4: check its commas and quotes",
    ];
    assert_eq!(refused, expected);

    let (report, bad) = Import::of(Kind::Products, file).good_rows().run(&mut shop.conn).unwrap();
    assert_eq!((report.rows, report.bad_rows, report.counts.created), (9, 7, 2));
    assert_eq!(shop.rows("SELECT sku FROM products ORDER BY 1"), ["S1", "S9"]);
    assert_eq!(bad.lines().count(), 8);
    assert!(bad.starts_with("sku,name,base_price,cost,import_row,import_reason\n,Bulb,x,-1,3,"), "{bad}");
    let event = "SELECT subject_name, after ->> 'bad_rows' AS bad, after ->> 'created' AS created FROM audit_events";
    assert_eq!(shop.rows(event), ["products from file.csv|7|2"]);
}

#[test]
fn ten_thousand_bad_rows_are_counted_and_handed_back() {
    let mut shop = Shop::new();
    let mut file = String::from("sku,name,base_price\n");
    for number in 0..12_000 {
        let price = if number % 6 == 0 { "1.00" } else { "one" };
        file.push_str(&format!("S{number},Product,{price}\n"));
    }
    let (report, bad) = Import::of(Kind::Products, &file).good_rows().run(&mut shop.conn).unwrap();
    assert_eq!((report.counts.created, report.bad_rows), (2_000, 10_000));
    assert_eq!((report.reasons.len(), report.reasons[0].rows), (1, 10_000));
    assert_eq!(report.reasons[0].first_rows, [3, 4, 5]);
    let mut lines = bad.lines().skip(1);
    assert!(lines.next().unwrap().starts_with("S1,Product,one,3,"));
    assert!(lines.last().unwrap().starts_with("S11999,Product,one,12001,"));
    // Mended, they come in.
    assert_eq!(shop.import(Kind::Products, &bad.replace(",one,", ",1.00,")).counts.created, 10_000);
    assert_eq!(shop.count("products"), 12_000);
}

#[test]
fn the_first_of_repeated_keys_comes_in() {
    let mut shop = Shop::new();
    let (report, bad) = Import::of(Kind::Products, "sku,name,base_price\nS,First,1\nS,Second,2\n")
        .good_rows()
        .run(&mut shop.conn)
        .unwrap();
    assert_eq!((report.counts.created, report.bad_rows), (1, 1));
    assert_eq!(shop.rows("SELECT name FROM products"), ["First"]);
    assert!(bad.contains("S,Second,2,3,sku stands in the file more than once: already in row 2"), "{bad}");
}

#[test]
fn a_value_for_all_rows_is_checked_like_any_other() {
    let mut shop = Shop::new();
    let file = "sku,name,base_price\nS,Thing,10.50\n";
    let refused = shop.refused(Import::of(Kind::Products, file).set("currency", "JPY"));
    let stores = "row 2: currency “JPY” is not the store's currency USD: prices in JPY belong into a price list";
    assert_eq!(refused, [stores]);
    shop.run(Import::of(Kind::Products, file).set("currency", "usd").set("category", "Things"));
    assert_eq!(shop.rows("SELECT currency, category, base_price FROM products"), ["USD|Things|1050"]);
    shop.execute("UPDATE store_settings SET currency = 'JPY'");
    let refused = shop.refused(Import::of(Kind::Products, file));
    assert_eq!(refused, ["row 2: base_price “10.50” has more decimals than JPY has (0)"]);
}

#[test]
fn texts_are_kept_to_the_letter() {
    let mut shop = Shop::new();
    let name = "Tab\\t \\N 'q' “é” 日本 $1 {a,b} \"\"x\"\"";
    shop.import(Kind::Products, &format!("sku,name,base_price\n\\N,\"{name}\",1\nNULL,null,1\n"));
    assert_eq!(
        shop.rows("SELECT sku, name FROM products ORDER BY sku DESC"),
        [format!("\\N|{}", name.replace("\"\"", "\"")), "NULL|null".to_owned()]
    );
    shop.import(Kind::Customers, "code,name,tags\nC,N,\"a\\b;{c,d};\"\"e\"\"\"\n");
    assert_eq!(shop.rows("SELECT unnest(tags) FROM customers"), ["a\\b", "{c,d}", "\"e\""]);
}
