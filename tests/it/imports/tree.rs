//! Groups and their tree.

use super::{Import, Shop};
use clientele::auth::role::{Actor, Role};
use clientele::imports::kind::Kind;

const TREE: &str = "SELECT g.code, g.name, p.code AS parent, g.type, g.status, g.description
                    FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.deleted_at IS NULL ORDER BY 1";

#[test]
fn groups_come_in_and_change() {
    let mut shop = Shop::new();
    let file = "code,name,parent_code,type,status,description\n\
                PLAT,Platinum,VIP,hybrid,active,\"Two\nlines\"\n\
                VIP,VIP  Customers,,,,\n";
    assert_eq!(shop.import(Kind::Groups, file).counts.created, 2);
    assert_eq!(shop.rows(TREE), ["PLAT|Platinum|VIP|hybrid|active|Two\nlines", "VIP|VIP Customers|ALL|manual|active|"]);
    assert_eq!(shop.rows("SELECT DISTINCT origin FROM groups WHERE code <> 'ALL'"), ["import"]);
    assert_eq!(shop.import(Kind::Groups, file).counts.unchanged, 2);
    assert_eq!(
        shop.rows("SELECT action, subject_name FROM audit_events WHERE group_id IS NOT NULL ORDER BY 2"),
        ["group.created|Platinum", "group.created|VIP Customers"]
    );

    let report = shop.import(Kind::Groups, "code,name,parent_code\nPLAT,Platinum Plus,\n");
    assert_eq!(report.counts.updated, 1);
    assert_eq!(shop.rows(TREE)[0], "PLAT|Platinum Plus|ALL|hybrid|active|Two\nlines");
    assert_eq!(
        shop.rows("SELECT before, after FROM audit_events WHERE action = 'group.changed'"),
        [r#"{"name": "Platinum", "parent": "VIP Customers"}|{"name": "Platinum Plus", "parent": "All Customers"}"#]
    );
    shop.import(Kind::Groups, "code,name,parent_code\nPLAT,Platinum Plus,VIP\n");
    assert_eq!(shop.count("audit_events WHERE action = 'group.moved'"), 1);
    assert_eq!(shop.rows("SELECT version FROM groups WHERE code = 'PLAT'"), ["3"]);
}

#[test]
fn a_whole_tree_is_turned_over() {
    let mut shop = Shop::new();
    let chain = |codes: &[&str]| {
        let mut file = String::from("code,name,parent_code\n");
        for (place, code) in codes.iter().enumerate() {
            let parent = if place == 0 { "" } else { codes[place - 1] };
            file.push_str(&format!("{code},Group {code},{parent}\n"));
        }
        file
    };
    let mut codes = ["A", "B", "C", "D", "E", "F", "G", "H"];
    shop.import(Kind::Groups, &chain(&codes));
    codes.reverse();
    // At every moment on the way the trigger sees a tree without circles, at most 8 deep.
    assert_eq!(shop.import(Kind::Groups, &chain(&codes)).counts.updated, 8);
    assert_eq!(
        shop.rows(
            "SELECT g.code || '<' || p.code AS edge FROM groups g JOIN groups p ON p.id = g.parent_id ORDER BY 1"
        ),
        ["A<B", "B<C", "C<D", "D<E", "E<F", "F<G", "G<H", "H<ALL"]
    );
}

#[test]
fn trees_that_can_not_be_are_refused() {
    let mut shop = Shop::new();
    shop.import(
        Kind::Groups,
        "code,name,parent_code\nA,A,\nB,B,A\nC,C,B\nL1,L1,\nL2,L2,L1\nL3,L3,L2\nL4,L4,L3\nL5,L5,L4\nL6,L6,L5\n",
    );
    let cases: &[(&str, &[&str])] = &[
        ("A,A,C", &["row 2: parent_code names “C”, from where the parents lead round in a circle"]),
        ("X,X,X", &["row 2: parent_code names “X”, from where the parents lead round in a circle"]),
        ("X,X,NO", &["row 2: parent_code names “NO”, but there is no such group, neither stored nor in the file"]),
        (
            "L7,L7,L6\nL8,L8,L7\nL9,L9,L8",
            &[
                "row 4: parent_code names “L8”: that would be more than 8 levels deep, for it or for what stands under it",
            ],
        ),
        // A itself would be at level 7, but C under it at level 9.
        (
            "A,A,L6",
            &[
                "row 2: parent_code names “L6”: that would be more than 8 levels deep, for it or for what stands under it",
            ],
        ),
        (
            "ALL,All Customers,",
            &["row 2: code is All Customers, which the program makes and which no file changes: leave the row out"],
        ),
        ("Z,b,", &["row 2: name is taken by the group B: rename that one first"]),
        ("Y,Same,\nZ,same,", &["row 3: name stands in the file more than once: already in row 2"]),
        ("Z,New,\nZ,Other,", &["row 3: code stands in the file more than once: already in row 2"]),
    ];
    for (rows, expected) in cases {
        let file = format!("code,name,parent_code\n{rows}\n");
        assert_eq!(shop.refused(Import::of(Kind::Groups, &file)), *expected, "{rows}");
    }
    // A deleted group is as good as none.
    shop.execute("UPDATE groups SET deleted_at = now() WHERE code = 'C'");
    assert!(shop.refused(Import::of(Kind::Groups, "code,name,parent_code\nZ,Z,C\n"))[0].contains("no such group"));
    assert_eq!(shop.import(Kind::Groups, "code,name\nC,C\n").counts.created, 1);
}

#[test]
fn there_are_ten_thousand_groups_at_most() {
    let mut shop = Shop::new();
    // All Customers is one of them.
    let rows: String = (1..=10_000).map(|number| format!("G{number},Group {number}\n")).collect();
    let (report, _) = Import::of(Kind::Groups, &format!("code,name\n{rows}")).good_rows().run(&mut shop.conn).unwrap();
    assert_eq!((report.counts.created, report.bad_rows), (9_999, 1));
    assert_eq!(report.first_bad_rows[0].reason, "the row is beyond the limit: there can be 10000 groups");
    let refused = shop.refused(Import::of(Kind::Customers, "code,name,groups\nC1,Ann,One more\n"));
    assert!(refused[0].contains("there would be more than 10000 groups"), "{refused:?}");
    assert_eq!(shop.import(Kind::Customers, "code,name,groups\nC1,Ann,group 7\n").counts.created, 1);
}

#[test]
fn the_default_group_stays_one_that_can_be_moved_to() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nRETAIL,Retail\n");
    shop.execute("UPDATE store_settings SET default_group_id = (SELECT id FROM groups WHERE code = 'RETAIL')");
    for (column, value) in [("status", "inactive"), ("type", "automatic")] {
        let file = format!("code,name,{column}\nRETAIL,Retail,{value}\n");
        let refused = shop.refused(Import::of(Kind::Groups, &file));
        assert!(
            refused[0].starts_with(&format!("row 2: {column} can't be that: it is the store's default group")),
            "{refused:?}"
        );
    }
    shop.import(Kind::Groups, "code,name,type\nRETAIL,Retail,hybrid\n");
}

#[test]
fn a_group_that_turns_manual_keeps_its_members() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name,type\nVIP,VIP,hybrid\n");
    shop.import(Kind::Customers, "code,name\nC1,Ann\n");
    shop.execute(
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
         SELECT g.id, c.id, now(), false, true FROM groups g, customers c WHERE g.code = 'VIP'",
    );
    shop.import(Kind::Groups, "code,name,type\nVIP,VIP,manual\n");
    assert_eq!(shop.rows("SELECT by_hand, by_rule FROM memberships"), ["true|false"]);
}

#[test]
fn editors_import_groups_but_do_not_shape_the_tree() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nA,A\nB,B\n");
    let editor = || Actor { role: Role::Editor, ..Actor::command_line() };
    let by_editor = |file| Import { actor: editor(), ..Import::of(Kind::Groups, file) };
    let refused = shop.refused(by_editor("code,name,parent_code,status\nA,A,B,active\nB,B,,inactive\n"));
    assert!(
        refused[0].starts_with("row 2: parent_code differs from what is stored, and only administrators"),
        "{refused:?}"
    );
    assert!(
        refused[1].starts_with("row 3: status differs from what is stored, and only administrators"),
        "{refused:?}"
    );
    shop.run(by_editor("code,name,parent_code\nA,Alpha,\nC,New,A\n"));
    let viewer = Actor { role: Role::Viewer, ..Actor::command_line() };
    let error = shop.unreadable(Import { actor: viewer, ..Import::of(Kind::Groups, "code,name\nD,D\n") });
    assert_eq!(error, "Only editors and administrators may import.");
}
