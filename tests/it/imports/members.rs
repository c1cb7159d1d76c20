//! Customers in groups: named by the customers' file, or row by row.

use super::{Import, Shop, now};
use clientele::imports::kind::Kind;

const MEMBERS: &str = "SELECT c.code, g.code AS grp, by_hand, by_rule, is_primary FROM memberships m
                       JOIN customers c ON c.id = m.customer_id JOIN groups g ON g.id = m.group_id ORDER BY 1, 2";

fn shop() -> Shop {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name,type\nVIP,VIP Customers,manual\nNEW,New,hybrid\nAUTO,Auto,automatic\n");
    shop
}

#[test]
fn a_customer_s_groups_become_what_the_file_names() {
    let mut shop = shop();
    let report = shop.import(
        Kind::Customers,
        "code,name,groups\nC1,Ann,vip customers;Gold Tier ; ALL CUSTOMERS\nC2,Bo,GOLD TIER;Gold & Co;Gold-Co\nC3,Cy,\n",
    );
    let besides: Vec<_> = report.counts.besides.iter().map(|b| (b.what, b.count)).collect();
    assert_eq!(besides, [("groups made", 3), ("memberships begun", 5)]);
    assert_eq!(
        shop.rows("SELECT code, name, type, status, origin FROM groups WHERE name LIKE 'Gold%' ORDER BY 1"),
        [
            "GOLD-CO|Gold & Co|manual|active|import",
            "GOLD-CO-2|Gold-Co|manual|active|import",
            "GOLD-TIER|Gold Tier|manual|active|import"
        ]
    );
    assert_eq!(
        shop.rows(MEMBERS),
        [
            "C1|GOLD-TIER|true|false|false",
            "C1|VIP|true|false|true",
            "C2|GOLD-CO|true|false|false",
            "C2|GOLD-CO-2|true|false|false",
            "C2|GOLD-TIER|true|false|true",
        ]
    );
    assert_eq!(
        shop.rows("SELECT DISTINCT kind, assignment, actor_kind, actor_name, batch_id FROM membership_events"),
        [format!("joined|manual|import|Command line|{}", report.id)]
    );
    shop.check_counts();

    // Left, joined, kept: and the primary group passes to the one that stayed longest.
    let report =
        shop.import(Kind::Customers, "code,name,groups\nC1,Ann,Gold Tier;New\nC2,Bo,Gold Tier;Gold & Co;Gold-Co\n");
    assert_eq!((report.counts.updated, report.counts.unchanged), (1, 1));
    assert_eq!(shop.rows(MEMBERS)[..2], ["C1|GOLD-TIER|true|false|true", "C1|NEW|true|false|false"]);
    assert_eq!(
        shop.rows(
            "SELECT e.kind, g.code FROM membership_events e JOIN groups g ON g.id = e.group_id
                   JOIN customers c ON c.id = e.customer_id WHERE c.code = 'C1' ORDER BY e.batch_id, 1, 2"
        ),
        ["joined|GOLD-TIER", "joined|VIP", "joined|NEW", "left|VIP"]
    );
    // Without the column nothing changes; an empty one ends the memberships by hand in manual groups.
    shop.import(Kind::Customers, "code,name\nC1,Ann\n");
    assert_eq!(shop.rows(MEMBERS)[0], "C1|GOLD-TIER|true|false|true");
    shop.import(Kind::Customers, "code,name,groups\nC1,Ann,\n");
    assert_eq!(shop.rows(MEMBERS)[0], "C1|NEW|true|false|true");
    shop.check_counts();
}

#[test]
fn memberships_by_rule_are_left_alone_or_pinned() {
    let mut shop = shop();
    shop.import(Kind::Customers, "code,name\nC1,Ann\nC2,Bo\n");
    shop.execute(
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT g.id, c.id, '2020-01-01', false, true, true FROM groups g, customers c WHERE g.code = 'NEW'",
    );
    let report = shop.import(Kind::Customers, "code,name,groups\nC1,Ann,New\nC2,Bo,VIP Customers\n");
    assert_eq!(report.counts.updated, 2);
    assert_eq!(shop.rows(MEMBERS), ["C1|NEW|true|true|true", "C2|NEW|false|true|true", "C2|VIP|true|false|false"]);
    assert_eq!(shop.count("membership_events"), 1);
}

#[test]
fn who_can_not_join_is_refused_with_the_cause() {
    let mut shop = shop();
    shop.import(
        Kind::Customers,
        "code,name,status\nC1,Ann,active\nC2,Bo,blocked\nC3,Cy,inactive\nC4,Di,active\nC5,Ed,active\n",
    );
    shop.execute(
        "INSERT INTO membership_exclusions (group_id, customer_id, since)
             SELECT g.id, c.id, now() FROM groups g, customers c WHERE g.code = 'NEW' AND c.code = 'C1';
         UPDATE groups SET capacity = 1 WHERE code = 'VIP'",
    );
    let refused = shop.refused(Import::of(
        Kind::Memberships,
        "group_code,customer_code,since,primary\nVIP,C2,,\nVIP,C3,,\nNEW,C1,,\nAUTO,C1,,\nALL,C1,,\nNO,C1,,\nVIP,NO,,\n\
         VIP,C4,,\nVIP,C5,,\nNEW,C4,,yes\nVIP,C4,,\nNEW,C5,2026-11-23,\n",
    ));
    assert_eq!(
        refused,
        [
            "row 2: group_code can't be joined: the customer is blocked. Make the customer active first",
            "row 3: group_code can't be joined: the customer is inactive. Make the customer active first",
            "row 4: group_code the customer is excluded from New: lift the exclusion first",
            "row 5: group_code names Auto, an automatic group: its members come by rule, not by hand",
            "row 6: group_code names All Customers, which every customer is in by definition: leave the row out",
            "row 7: group_code names “NO”, but there is no such group",
            "row 8: customer_code names “NO”, but there is no such customer",
            "row 10: group_code the group VIP Customers is full (capacity 1): raise its capacity or remove members first",
            "row 12: customer_code stands in the file more than once: already in row 9",
            "row 13: since “2026-11-23” lies in the future",
        ]
    );
    let refused = shop.refused(Import::of(
        Kind::Customers,
        "code,name,status,groups\nC2,Bo,blocked,New\nC9,New,active,Auto\nC3,Cy,active,New\n",
    ));
    assert_eq!(refused.len(), 2);
    assert!(refused[0].contains("row 2: groups can't be joined: the customer is blocked"), "{refused:?}");
    assert!(refused[1].contains("row 3: groups names Auto, an automatic group"), "{refused:?}");
}

#[test]
fn a_place_that_the_file_frees_can_be_taken_in_it() {
    let mut shop = shop();
    shop.import(Kind::Customers, "code,name,groups\nC1,Ann,VIP Customers\nC2,Bo,\n");
    shop.execute("UPDATE groups SET capacity = 1 WHERE code = 'VIP'");
    shop.import(Kind::Customers, "code,name,groups\nC2,Bo,VIP Customers\nC1,Ann,\n");
    assert_eq!(shop.rows(MEMBERS), ["C2|VIP|true|false|true"]);
    // The row that would free the place is bad, so the place isn't free.
    let (report, _) = Import::of(Kind::Customers, "code,name,groups\nC1,Ann,VIP Customers\nC2,Bo,Auto\nC3,Cy,\n")
        .good_rows()
        .run(&mut shop.conn)
        .unwrap();
    assert_eq!((report.bad_rows, report.counts.created), (2, 1));
    assert_eq!(shop.rows(MEMBERS), ["C2|VIP|true|false|true"]);
    shop.check_counts();
}

#[test]
fn nobody_is_in_more_than_500_groups() {
    let mut shop = Shop::new();
    let mut groups = String::from("code,name\n");
    let mut rows = String::from("group_code,customer_code\n");
    for number in 0..501 {
        groups.push_str(&format!("G{number},Group {number}\n"));
        rows.push_str(&format!("G{number},C1\n"));
    }
    shop.import(Kind::Groups, &groups);
    shop.import(Kind::Customers, "code,name\nC1,Ann\n");
    let refused = shop.refused(Import::of(Kind::Memberships, &rows));
    assert!(refused[0].contains("the customer would be in more than 500 groups"), "{refused:?}");
    shop.import(Kind::Memberships, rows.strip_suffix("G500,C1\n").unwrap());
    let refused = shop.refused(Import::of(Kind::Memberships, "group_code,customer_code\nG500,C1\n"));
    assert_eq!(refused, ["row 2: group_code the customer would be in more than 500 groups"]);
}

#[test]
fn memberships_come_in_row_by_row() {
    let mut shop = shop();
    shop.import(Kind::Customers, "code,name\nC1,Ann\nC2,Bo\n");
    let file = "group_code,customer_code,since,primary\nNEW,C1,2024-02-01,\nVIP,C1,2023-01-01,\nVIP,C2,,true\nNEW,C2,2020-01-01T12:00:00Z,no\n";
    assert_eq!(shop.import(Kind::Memberships, file).counts.created, 4);
    let stored = "SELECT c.code, g.code AS grp, since = '2026-11-22T10:00:00Z' AS now, since::date, is_primary
                  FROM memberships m JOIN customers c ON c.id = m.customer_id JOIN groups g ON g.id = m.group_id ORDER BY 1, 2";
    let today = now().date_naive();
    assert_eq!(
        shop.rows(stored),
        [
            "C1|NEW|false|2024-02-01|false".to_owned(),
            // The longest-standing is the primary one, unless chosen.
            "C1|VIP|false|2023-01-01|true".to_owned(),
            "C2|NEW|false|2020-01-01|false".to_owned(),
            format!("C2|VIP|true|{today}|true"),
        ]
    );
    assert_eq!(shop.import(Kind::Memberships, file).counts.unchanged, 4);
    let report =
        shop.import(Kind::Memberships, "group_code,customer_code,since,primary\nNEW,C1,2024-03-01,yes\nNEW,C2,,\n");
    assert_eq!((report.counts.updated, report.counts.unchanged), (1, 1));
    assert_eq!(shop.rows(stored)[..2], ["C1|NEW|false|2024-03-01|true", "C1|VIP|false|2023-01-01|false"]);
    let refused =
        shop.refused(Import::of(Kind::Memberships, "group_code,customer_code,primary\nNEW,C1,yes\nVIP,C1,yes\n"));
    assert_eq!(refused, ["row 3: primary makes a second primary group of one customer: row 2 has the first"]);
    shop.check_counts();
}
