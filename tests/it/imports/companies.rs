//! Organizations and customers.

use super::{Import, Shop};
use clientele::imports::kind::{Kind, Missing};

#[test]
fn organizations_come_in_whatever_the_order_of_their_parents() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nVIP,VIP Customers\n");
    let file = "code,name,parent_code,group_code\nB,Branch,HQ,\nHQ,Head Office,,VIP\nC,Corner,B,\n";
    let report = shop.import(Kind::Organizations, file);
    assert_eq!((report.rows, report.counts.created, report.bad_rows), (3, 3, 0));
    let stored = "SELECT o.code, o.name, p.code AS parent, g.code AS grp FROM organizations o
                  LEFT JOIN organizations p ON p.id = o.parent_id LEFT JOIN groups g ON g.id = o.group_id ORDER BY 1";
    assert_eq!(shop.rows(stored), ["B|Branch|HQ|", "C|Corner|B|", "HQ|Head Office||VIP"]);

    let again = shop.import(Kind::Organizations, file);
    assert_eq!((again.counts.created, again.counts.updated, again.counts.unchanged), (0, 0, 3));
    assert_eq!(shop.rows("SELECT DISTINCT version FROM organizations"), ["1"]);

    // A column that isn't there stays; one that is there and empty is unset.
    let report =
        shop.import(Kind::Organizations, "code,name,parent_code\nB,Branch Office,\nC,Corner,HQ\nHQ,Head Office,\n");
    assert_eq!((report.counts.updated, report.counts.unchanged), (2, 1));
    assert_eq!(shop.rows(stored), ["B|Branch Office||", "C|Corner|HQ|", "HQ|Head Office||VIP"]);
    shop.import(Kind::Organizations, "code,name,group_code\nHQ,Head Office,\n");
    assert_eq!(shop.rows(stored)[2], "HQ|Head Office||");
}

#[test]
fn parents_that_lead_nowhere_or_round_are_named() {
    let mut shop = Shop::new();
    shop.import(Kind::Organizations, "code,name,parent_code\nA,Alpha,\nB,Beta,A\n");
    let refused = shop.refused(Import::of(
        Kind::Organizations,
        "code,name,parent_code,group_code\nX,Ex,NOWHERE,\nY,Why,X,\nP,Pe,Q,\nQ,Qu,P,\nA,Alpha,B,\nZ,Zed,Z,\nO,Oh,,GONE\nA,Twice,,\n",
    ));
    assert_eq!(
        refused,
        [
            "row 2: parent_code names “NOWHERE”, but there is no such organization, neither stored nor in the file",
            "row 3: parent_code names “X”, whose own row in this file is bad",
            "row 4: parent_code names “Q”, from where the parents lead round in a circle",
            "row 5: parent_code names “P”, from where the parents lead round in a circle",
            "row 6: parent_code names “B”, from where the parents lead round in a circle",
            "row 7: parent_code names “Z”, from where the parents lead round in a circle",
            "row 8: group_code names “GONE”, but there is no such group",
            "row 9: code stands in the file more than once: already in row 6",
        ]
    );
}

#[test]
fn good_rows_do_not_close_a_circle_by_a_bad_row_s_absence() {
    let mut shop = Shop::new();
    shop.import(Kind::Organizations, "code,name,parent_code\nA,Alpha,B\nB,Beta,\n");
    // B under A would be fine if A moved away; but A's row is bad, so A stays under B.
    let (report, bad) = Import::of(Kind::Organizations, "code,name,parent_code\nB,Beta,A\nA,Alpha,NOWHERE\n")
        .good_rows()
        .run(&mut shop.conn)
        .unwrap();
    assert_eq!(report.bad_rows, 2);
    assert!(
        bad.contains("B,Beta,A,2,\"parent_code names “A”, from where the parents lead round in a circle\""),
        "{bad}"
    );
    assert_eq!(shop.rows("SELECT code FROM organizations WHERE parent_id IS NOT NULL"), ["A"]);
}

#[test]
fn customers_come_in_with_everything_about_them() {
    let mut shop = Shop::new();
    shop.import(Kind::Organizations, "code,name\nACME,Acme Corporation\n");
    let file = "code,name,email,status,country,region,customer_since,payment_history,organization_code,groups,tags\n\
                C1,Ann Lee,ann@acme.test,active,US,Ohio,2020-05-01,Excellent,ACME,VIP Customers;Retail,big; loyal\n\
                C2,\"Bo, Ltd\",,inactive,germany,,,unknown,,,\n";
    let report = shop.import(Kind::Customers, file);
    assert_eq!(report.counts.created, 2);
    let stored =
        "SELECT c.code, c.name, email, status, country, region, customer_since, payment_history, o.code AS org, tags
                  FROM customers c LEFT JOIN organizations o ON o.id = c.organization_id ORDER BY c.code";
    assert_eq!(
        shop.rows(stored),
        [
            "C1|Ann Lee|ann@acme.test|active|US|Ohio|2020-05-01|excellent|ACME|[\"big\",\"loyal\"]",
            "C2|Bo, Ltd||inactive|DE|||||[]",
        ]
    );
    assert_eq!(shop.import(Kind::Customers, file).counts.unchanged, 2);

    let report = shop.import(Kind::Customers, "code,name,email\nC1,Ann Lee,\nC2,Bo Ltd,bo@test\n");
    assert_eq!(report.counts.updated, 2);
    assert_eq!(
        shop.rows(stored),
        [
            "C1|Ann Lee||active|US|Ohio|2020-05-01|excellent|ACME|[\"big\",\"loyal\"]",
            "C2|Bo Ltd|bo@test|inactive|DE|||||[]"
        ]
    );
    assert_eq!(shop.rows("SELECT code, version FROM customers ORDER BY 1"), ["C1|2", "C2|2"]);
    // An unset status is the default one.
    shop.import(Kind::Customers, "code,name,status\nC2,Bo Ltd,\n");
    assert_eq!(shop.rows("SELECT status FROM customers WHERE code = 'C2'"), ["active"]);
    shop.check_counts();
}

#[test]
fn a_missing_organization_is_refused_or_made() {
    let mut shop = Shop::new();
    let file = "code,name,organization_code\nC1,Ann,NEW\nC2,Bo,NEW\n,Cy,OTHER\n";
    let refused = shop.refused(Import::of(Kind::Customers, file));
    assert!(
        refused[0].starts_with("row 2: organization_code names “NEW”, but there is no such organization"),
        "{refused:?}"
    );
    let (report, _) =
        Import::of(Kind::Customers, file).creating(&[Missing::Organizations]).good_rows().run(&mut shop.conn).unwrap();
    assert_eq!((report.counts.created, report.bad_rows), (2, 1));
    assert_eq!(shop.rows("SELECT code, name FROM organizations"), ["NEW|NEW"]);
    let error = shop.unreadable(Import::of(Kind::Customers, file).creating(&[Missing::Products]));
    assert!(error.contains("An import of customers can't create products"), "{error}");
}
