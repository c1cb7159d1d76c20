//! Orders and credit notes, and the purchases rolled up from them.

use super::{Import, Shop};
use clientele::imports::kind::{Kind, Missing};

const HEAD: &str = "order_number,placed_at,customer_code,sku,quantity,unit_price";

const ORDERS: &str =
    "SELECT order_number, c.code, to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at, day, o.status,
                             currency, net, gross, cost, is_credit_note
                      FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY 1";

const LINES: &str = "SELECT order_number, line, sku, quantity, unit_price, list_price, unit_cost
                     FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product_id ORDER BY 1, 2";

fn shop() -> Shop {
    let mut shop = Shop::new();
    shop.import(Kind::Customers, "code,name\nC1,Ann\nC2,Bo\n");
    shop.import(Kind::Products, "sku,name,base_price,cost\nA,Lamp,25,10\nB,Bulb,5,\n");
    shop
}

#[test]
fn rows_become_orders_and_purchases() {
    let mut shop = shop();
    // Orders may be scattered over the file; the lines keep its order.
    let file = format!(
        "{HEAD},status,list_price,unit_cost,paid_at,due_at\n\
         O1,2026-01-05 08:00:00,C1,B,2,4.50,,,,2026-01-06,2026-02-04\n\
         O2,2026-01-31T23:30:00-05:00,C2,A,1,20.00,open,24.00,9.00,,\n\
         O1,2026-01-05 08:00:00,C1,A,-1,25.00,,,,2026-01-06,2026-02-04\n\
         R1,2026-02-10,C1,A,-2,25.00,completed,,,,\n\
         O3,2026-02-11,C2,A,1,25.00,cancelled,,,,\n\
         O4,2026-02-12,C2,B,3,5.00,,6.00,0.00,,\n"
    );
    let report = shop.import(Kind::Orders, &file);
    assert_eq!((report.rows, report.counts.created), (6, 5));
    assert_eq!(
        shop.rows(ORDERS),
        [
            "O1|C1|2026-01-05 08:00|2026-01-05|completed|USD|-1600|-1500|-1000|false",
            "O2|C2|2026-02-01 04:30|2026-02-01|open|USD|2000|2400|900|false",
            "O3|C2|2026-02-11 00:00|2026-02-11|cancelled|USD|2500|2500|1000|false",
            "O4|C2|2026-02-12 00:00|2026-02-12|completed|USD|1500|1800|0|false",
            "R1|C1|2026-02-10 00:00|2026-02-10|completed|USD|-5000|-5000|-2000|true",
        ]
    );
    assert_eq!(shop.rows(LINES)[..2], ["O1|1|B|2|450|500|0", "O1|2|A|-1|2500|2500|1000"]);
    assert_eq!(
        shop.rows("SELECT paid_at::date, due_at::date FROM orders WHERE order_number = 'O1'"),
        ["2026-01-06|2026-02-04"]
    );
    assert_eq!(
        shop.rows(
            "SELECT c.code, net, orders FROM customer_purchases p JOIN customers c ON c.id = p.customer_id ORDER BY 1"
        ),
        ["C1|-6600|1", "C2|1500|1"]
    );
    shop.check_purchases();

    let before = shop.rows("SELECT xmin, ctid, o.* FROM orders o ORDER BY order_number");
    let again = shop.import(Kind::Orders, &file);
    assert_eq!((again.counts.created, again.counts.updated, again.counts.unchanged), (0, 0, 5));
    assert_eq!(shop.rows("SELECT xmin, ctid, o.* FROM orders o ORDER BY order_number"), before);
}

#[test]
fn an_order_in_a_file_replaces_all_that_is_stored_of_it() {
    let mut shop = shop();
    shop.import(Kind::Orders, &format!("{HEAD},status,due_at\nO1,2026-01-05,C1,A,1,20,completed,2026-02-01\nO1,2026-01-05,C1,B,2,4,completed,2026-02-01\nO2,2026-01-06,C1,B,1,5,,\n"));
    let id = shop.rows("SELECT id FROM orders WHERE order_number = 'O1'");
    // Another customer, another month, one line less; what the file has no column for stays.
    let report = shop.import(Kind::Orders, &format!("{HEAD}\nO1,2026-03-05,C2,B,3,4\n"));
    assert_eq!((report.counts.created, report.counts.updated), (0, 1));
    assert_eq!(shop.rows(ORDERS)[0], "O1|C2|2026-03-05 00:00|2026-03-05|completed|USD|1200|1500|0|false");
    assert_eq!(shop.rows("SELECT due_at::date FROM orders WHERE order_number = 'O1'"), ["2026-02-01"]);
    assert_eq!(shop.rows(LINES), ["O1|1|B|3|400|500|0", "O2|1|B|1|500|500|0"]);
    assert_eq!(shop.rows("SELECT id FROM orders WHERE order_number = 'O1'"), id);
    shop.check_purchases();
    // The same total in other lines is a change as well, and so is a cancellation.
    assert_eq!(
        shop.import(Kind::Orders, &format!("{HEAD}\nO1,2026-03-05,C2,B,1,4\nO1,2026-03-05,C2,B,2,4\n")).counts.updated,
        1
    );
    assert_eq!(shop.rows(LINES)[..2], ["O1|1|B|1|400|500|0", "O1|2|B|2|400|500|0"]);
    shop.import(Kind::Orders, &format!("{HEAD},status,due_at\nO1,2026-03-05,C2,B,1,4,cancelled,\n"));
    assert_eq!(shop.rows("SELECT status, due_at FROM orders WHERE order_number = 'O1'"), ["cancelled|"]);
    assert_eq!(shop.count("customer_purchases"), 1);
    shop.check_purchases();
}

#[test]
fn an_order_comes_in_whole_or_not_at_all() {
    let mut shop = shop();
    let file = format!(
        "{HEAD}\nO1,2026-01-05,C1,A,1,20\nO2,2026-01-05,C1,A,1,20\nO1,2026-01-05,C1,GONE,1,20\n\
         O3,2026-01-05,C1,B,1,4.999\nO3,2026-01-05,C1,B,2,5\nO4,2026-01-05,C1,A\nO4,2026-01-05,C1,A,1,20\n,2026-01-05,C1,A,1,20\n"
    );
    let (report, bad) = Import::of(Kind::Orders, &file).good_rows().run(&mut shop.conn).unwrap();
    assert_eq!((report.counts.created, report.bad_rows), (1, 7));
    assert_eq!(shop.rows("SELECT order_number FROM orders"), ["O2"]);
    let expected = format!(
        "{HEAD},import_row,import_reason\n\
         O1,2026-01-05,C1,A,1,20,2,\"the row belongs to the order O1, whose row 4 is bad\"\n\
         O1,2026-01-05,C1,GONE,1,20,4,\"sku names “GONE”, but there is no such product: import products first, or let the import create them\"\n\
         O3,2026-01-05,C1,B,1,4.999,5,unit_price “4.999” has more decimals than USD has (2)\n\
         O3,2026-01-05,C1,B,2,5,6,\"the row belongs to the order O3, whose row 5 is bad\"\n\
         O4,2026-01-05,C1,A,,,7,the row has 4 fields where the header has 6: check its commas and quotes\n\
         O4,2026-01-05,C1,A,1,20,8,\"the row belongs to the order O4, whose row 7 is bad\"\n\
         ,2026-01-05,C1,A,1,20,9,order_number is empty\n"
    );
    assert_eq!(bad, expected);

    // Mended, the file of bad rows comes in; its added columns are passed over.
    let mended = bad
        .replace("GONE", "B")
        .replace("4.999", "4.99")
        .replace("C1,A,,,7,", "C1,A,1,20,7,")
        .replace("\n,2026", "\nO5,2026");
    let report = shop.import(Kind::Orders, &mended);
    assert_eq!((report.counts.created, report.unused_columns.len()), (4, 0));
    shop.check_purchases();
}

#[test]
fn what_looks_odd_is_imported_with_a_warning() {
    let mut shop = shop();
    let file = format!(
        "{HEAD},customer_country\nO1,2026-01-05 09:00,C1,A,1,20,US\nO1,2026-01-05 08:59,C1,A,1,20,US\n\
         O1,2026-01-05 09:00,C1,A,1,20,US\nO2,2026-01-05,C1,A,1,20,Narnia\n"
    );
    let report = shop.import(Kind::Orders, &file);
    let warnings: Vec<_> = report.warnings.iter().map(|w| (w.count, w.text.as_str(), w.examples.join(" "))).collect();
    assert_eq!(
        warnings,
        [
            (
                1,
                "rows name a country that is none (ISO 3166 code or English name); it is left empty",
                "row 5: Narnia".into()
            ),
            (1, "rows repeat an earlier row of their order exactly; each stays a line of its own", "row 4".into()),
            (1, "orders have rows with different times; the earliest is taken", "order O1".into()),
        ]
    );
    assert_eq!(shop.rows("SELECT count(*) FROM order_lines"), ["4"]);
    assert!(shop.rows(ORDERS)[0].contains("2026-01-05 08:59"));
    shop.check_purchases();
}

#[test]
fn rows_of_one_order_agree_about_its_head() {
    let mut shop = shop();
    let file = format!(
        "{HEAD},status,currency,paid_at\nO1,2026-01-05,C1,A,1,20,open,USD,\nO1,2026-01-05,C2,A,1,20,open,USD,\n\
         O2,2026-01-05,C1,A,1,20,,USD,\nO2,2026-01-05,C1,A,1,20,open,EUR,2026-01-06\nO2,2026-01-05,C1,A,1,20,cancelled,USD,\n"
    );
    let refused = shop.refused(Import::of(Kind::Orders, &file));
    assert_eq!(
        refused,
        [
            "row 2: the row belongs to the order O1, whose row 3 is bad",
            "row 3: customer_code differs from row 2 of the same order, O1",
            "row 4: the row belongs to the order O2, whose row 5 is bad",
            "row 5: currency differs from row 4 of the same order, O2",
            "row 6: status differs from row 5 of the same order, O2",
        ]
    );
}

#[test]
fn other_currencies_are_kept_and_do_not_count() {
    let mut shop = shop();
    let report = shop.import(
        Kind::Orders,
        &format!("{HEAD},currency\nO1,2026-01-05,C1,A,1,3000,JPY\nO2,2026-01-05,C1,A,1,20,USD\n"),
    );
    assert_eq!(shop.rows(LINES)[0], "O1|1|A|1|3000|3000|0");
    assert!(report.warnings[0].text.starts_with("rows are in another currency than their product"), "{report}");
    assert_eq!(shop.rows("SELECT net, orders FROM customer_purchases"), ["2000|1"]);
    shop.check_purchases();
    let refused = shop.refused(Import::of(Kind::Orders, &format!("{HEAD}\nO1,2026-01-05,C1,A,1,30.50\n")));
    assert_eq!(refused, ["row 2: unit_price was read as USD, but the order is stored in JPY: add a currency column"]);
}

#[test]
fn times_are_the_store_s() {
    let mut shop = shop();
    shop.execute("UPDATE store_settings SET time_zone = 'Europe/Berlin'");
    let report = shop.import(
        Kind::Orders,
        &format!("{HEAD}\nO1,2026-07-01 00:30:00,C1,A,1,20\nO2,2026-06-30T23:30:00Z,C1,A,1,20\nO3,2026-10-25 02:30,C1,A,1,20\n"),
    );
    assert_eq!(
        shop.rows("SELECT order_number, placed_at AT TIME ZONE 'UTC' AS at, day FROM orders ORDER BY 1"),
        ["O1|2026-06-30T22:30:00|2026-07-01", "O2|2026-06-30T23:30:00|2026-07-01", "O3|2026-10-25T00:30:00|2026-10-25"]
    );
    assert_eq!(report.warnings[0].examples, ["row 4: 2026-10-25 02:30"]);
    let refused = shop.refused(Import::of(Kind::Orders, &format!("{HEAD}\nO4,2026-03-29 02:30,C1,A,1,20\n")));
    assert!(
        refused[0].contains("“2026-03-29 02:30” does not exist in Europe/Berlin: the clocks go forward"),
        "{refused:?}"
    );
}

#[test]
fn missing_customers_and_products_are_made_from_the_rows() {
    let mut shop = shop();
    let file = "Order,Date,Customer,Company,Country,StockCode,Description,Qty,Price\n\
                O1,2026-01-05,N1,Nora,Germany,X1,Mug,1,3.00\n\
                O1,2026-01-05,N1,Nora,Germany,x1,Cup,1,0\n\
                O2,2026-01-06,N1,Nora GmbH,Germany,X1,Mug blue,1,2.50\n\
                O3,2026-01-07,N1,Nora GmbH,France,X1,Mug blue,2,2.50\n\
                O4,2026-01-07,N2,,Atlantis,A,Other name,1,9\n\
                O5,2026-01-07,N3,,,X2,Lost,1,bad\n";
    let report =
        shop.run(Import::of(Kind::Orders, file).creating(&[Missing::Customers, Missing::Products]).good_rows());
    let besides: Vec<_> = report.counts.besides.iter().map(|b| (b.what, b.count)).collect();
    assert_eq!(besides, [("order lines written", 5), ("customers made", 2), ("products made", 2)]);
    assert_eq!(
        shop.rows("SELECT code, name, country, status FROM customers WHERE code LIKE 'N%' ORDER BY 1"),
        ["N1|Nora|DE|active", "N2|N2||active"]
    );
    assert_eq!(
        shop.rows("SELECT sku, name, base_price, cost, currency FROM products ORDER BY lower(sku), sku"),
        ["A|Lamp|2500|1000|USD", "B|Bulb|500||USD", "X1|Mug blue|250||USD", "x1|Cup|0||USD"]
    );
    // The list price of a made product's lines is its base price, also where another price was paid.
    assert_eq!(shop.rows(LINES)[0], "O1|1|X1|1|300|250|0");
    let warned: Vec<_> = report.warnings.iter().map(|w| (w.count, w.text.split(';').next().unwrap())).collect();
    assert_eq!(
        warned,
        [
            (1, "rows name a country that is none (ISO 3166 code or English name)"),
            (1, "new products have several names"),
            (1, "new products have no price above 0"),
            (2, "new products have a SKU that differs from another one by upper and lower case only"),
            (1, "new customers have several names"),
            (1, "new customers are in several countries"),
        ]
    );
    shop.check_purchases();
    shop.check_counts();
    // A second import finds them all.
    let again = shop.run(Import::of(Kind::Orders, file).creating(&[Missing::Customers, Missing::Products]).good_rows());
    assert_eq!(again.counts.unchanged, 4);
    // A list price beats the price that was paid, and the cost of most rows is the product's.
    let file = format!(
        "{HEAD},list_price,unit_cost\nL1,2026-01-05,C1,X9,1,8,10,4\nL2,2026-01-05,C1,X9,2,8,10,4\nL3,2026-01-05,C1,X9,2,8,9,5\n"
    );
    shop.run(Import::of(Kind::Orders, &file).creating(&[Missing::Products]));
    assert_eq!(shop.rows("SELECT base_price, cost FROM products WHERE sku = 'X9'"), ["1000|400"]);
}

#[test]
fn amounts_beyond_what_is_kept_are_refused_not_crashed_on() {
    let mut shop = shop();
    let refused = shop.refused(Import::of(Kind::Orders, &format!("{HEAD}\nO1,2026-01-05,C1,A,2000000000,90000000\n")));
    assert_eq!(refused, ["row 2: the row adds up to too large an amount"]);
    let refused = shop.refused(Import::of(
        Kind::Orders,
        &format!(
            "{HEAD}\nO1,2026-01-05,C1,A,1,80000000000000\nO1,2026-01-05,C1,A,1,80000000000000\nO2,2026-01-05,C1,A,1,1\n"
        ),
    ));
    assert_eq!(
        refused,
        [
            "row 2: the row begins an order whose total is too large",
            "row 3: the row belongs to the order O1, whose row 2 is bad"
        ]
    );
    // A thousand large orders are too much together.
    let mut file = format!("{HEAD}\n");
    for number in 0..1100 {
        file.push_str(&format!("O{number},2026-01-05,C1,A,1,89000000000000\n"));
    }
    let error = shop.unreadable(Import::of(Kind::Orders, &file));
    assert!(error.contains("add up to more than can be kept"), "{error}");
}
