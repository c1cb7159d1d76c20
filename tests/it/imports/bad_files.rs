//! Files that can't be taken as a whole: one sentence that says what to do, and nothing changed.

use super::{Import, Shop};
use clientele::imports::kind::Kind;
use clientele::imports::report::Outcome;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn each_says_what_is_wrong_with_it() {
    let mut shop = Shop::new();
    let many = (0..5000).map(|number| format!("S{number},Product {number},1.00\n")).collect::<String>();
    let whole = packed(&format!("sku,name,base_price\n{many}"));
    let cut = &whole[..whole.len() / 2];
    // The checksum at its end tells that something in it isn't as it was packed.
    let mut damaged = whole.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 0xA5;
    let cases: &[(&[u8], &str)] = &[
        (b"", "The file is empty. A file of products has the columns sku, name, base_price; it may have category"),
        (b"\n\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"S1,Lamp,25\n", "The file has no column for sku, name, base_price. It has S1, Lamp, 25."),
        (b"sku,colour\nS1,red\n", "The file has no column for name, base_price."),
        (
            b"sku,name,base_price,sku\nS1,Lamp,25,S1\n",
            "The column \"sku\" stands twice in the header (columns 1 and 4)",
        ),
        (b"sku;name;base_price\nS1;Lamp;25\n", "The columns are separated by semicolons."),
        (b"sku,na\"me,base_price\n", "The header, row 1, has a quote inside a field that is not quoted"),
        (b"sku,n\xe9,base_price\n", "The header, row 1, is not UTF-8: byte 0xE9 in field 2."),
        (b"\xff\xfes\0k\0u\0", "The file is UTF-16."),
        (b"PK\x03\x04rest", "The file is a ZIP archive or a spreadsheet."),
        (cut, "its gzip data ends too early"),
        (&damaged, "The file is damaged after row 5001"),
        (b"\x1f\x8b", "The file is cut off at its beginning"),
    ];
    for (file, expected) in cases {
        let error = shop.unreadable(Import::of(Kind::Products, file));
        assert!(error.contains(expected), "{expected}: {error}");
    }
    // Even with --good-rows: what follows the break isn't known.
    let error = shop.unreadable(Import::of(Kind::Products, cut).good_rows());
    let row: u64 = error.split("after row ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
    assert!((2..5000).contains(&row), "{error}");
    assert_eq!(shop.run(Import::of(Kind::Products, &whole)).counts.created, 5000);
}

#[test]
fn a_header_without_rows_is_an_import_of_nothing() {
    let mut shop = Shop::new();
    for kind in Kind::ALL {
        let header: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
        // Lines with nothing in them are none.
        let blank = ",".repeat(header.len() - 1);
        let report = shop.import(kind, &format!("{}\n{blank}\n\n", header.join(",")));
        assert_eq!((report.rows, report.bad_rows), (0, 0), "{kind}");
    }
}

#[test]
fn a_mapping_that_worked_is_remembered() {
    let mut shop = Shop::new();
    let file = "Number,Label,Worth,Colour\nS1,Lamp,25,red\n";
    let error = shop.unreadable(Import::of(Kind::Products, file));
    assert!(error.contains("no column for sku, name, base_price. It has Number, Label, Worth, Colour."), "{error}");
    let mut mapped = Import::of(Kind::Products, file);
    let pairs = [("Number", "sku"), ("label", "name"), ("Worth", "base_price")];
    mapped.wishes.map = pairs.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect();
    let report = shop.run(mapped);
    assert_eq!((report.mapping_remembered, report.unused_columns), (false, vec!["Colour".to_owned()]));
    let again = shop.import(Kind::Products, &file.replace("25", "26"));
    assert!(again.mapping_remembered);
    assert_eq!(again.counts.updated, 1);
    // A refused import teaches nothing.
    let mut wrong = Import::of(Kind::Products, "Number,Label,Price\nS1,Lamp,x\n");
    wrong.wishes.map = vec![("Number".into(), "sku".into()), ("Label".into(), "name".into())];
    assert_eq!(shop.refused(wrong).len(), 1);
    assert_eq!(shop.count("import_mappings"), 1);
}

#[test]
fn a_trial_reports_what_the_import_then_does() {
    let files = [
        (Kind::Groups, "code,name,parent_code\nA,A,\nB,B,A\n"),
        (Kind::Organizations, "code,name,group_code\nO,Org,B\n"),
        (Kind::Customers, "code,name,organization_code,groups\nC1,Ann,O,A;Made\nC2,Bo,,Made\n"),
        (Kind::Products, "sku,name,base_price\nS,Thing,10\n"),
        (Kind::Orders, "order_number,placed_at,customer_code,sku,quantity,unit_price\nO1,2026-01-05,C1,S,1,9\n"),
        (Kind::PriceLists, "code,name\nP,List\n"),
        (Kind::PriceListEntries, "price_list_code,sku,price\nP,S,8\n"),
        (Kind::GroupPriceLists, "group_code,price_list_code\nA,P\n"),
        (Kind::Memberships, "group_code,customer_code\nB,C2\n"),
    ];
    let mut shop = Shop::new();
    for (kind, file) in files {
        let before = shop.fingerprint();
        let (trial, _) = Import::of(kind, file).dry_run().run(&mut shop.conn).unwrap();
        assert_eq!(trial.outcome, Outcome::Tried, "{kind}");
        assert_eq!(shop.fingerprint(), before, "{kind}");
        let report = shop.import(kind, file);
        assert_eq!(trial.counts, report.counts, "{kind}");
        assert!(report.counts.created > 0, "{kind}");
        let (trial, _) = Import::of(kind, file).dry_run().run(&mut shop.conn).unwrap();
        assert_eq!((trial.counts.created, trial.counts.updated), (0, 0), "{kind}");
    }
    shop.check_purchases();
    shop.check_counts();
}
