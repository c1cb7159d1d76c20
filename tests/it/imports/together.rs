//! Imports and others at the same time: nothing is counted twice, no group overfilled, no change lost.

use super::{Import, Shop, now};
use clientele::imports::kind::{Kind, Missing};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use std::thread;

#[test]
fn two_imports_of_the_same_customers_make_them_once() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nVIP,VIP\n");
    let mut file = String::from("code,name,groups\n");
    for number in 0..2_000 {
        file.push_str(&format!("C{number},Customer {number},VIP;Made {}\n", number % 3));
    }
    let outcomes: Vec<_> = thread::scope(|scope| {
        let imports: Vec<_> = (0..3)
            .map(|_| {
                let mut conn = shop.other();
                let file = &file;
                scope.spawn(move || Import::of(Kind::Customers, file).run(&mut conn).unwrap().0)
            })
            .collect();
        imports.into_iter().map(|import| import.join().unwrap()).collect()
    });
    let created: i64 = outcomes.iter().map(|report| report.counts.created).sum();
    let unchanged: i64 = outcomes.iter().map(|report| report.counts.unchanged).sum();
    assert_eq!((created, unchanged), (2_000, 4_000));
    assert_eq!(shop.count("membership_events"), 4_000);
    assert_eq!(shop.count("memberships WHERE is_primary"), 2_000);
    shop.check_counts();
}

#[test]
fn imports_of_different_kinds_do_not_lock_each_other_out() {
    let mut shop = Shop::new();
    let customers: String = (0..500).map(|n| format!("C{n},Customer {n},A;B\n")).collect();
    let orders: String = (0..500).map(|n| format!("O{n},2026-01-05,C{},S{},1,5\n", n % 700, n % 7)).collect();
    let members: String = (0..500).map(|n| format!("G,C{n}\n")).collect();
    // Of a hybrid group the customers' file takes nobody out.
    shop.import(Kind::Groups, "code,name,type\nG,G,hybrid\n");
    shop.import(Kind::Customers, &format!("code,name,groups\n{customers}"));
    let jobs = [
        (Kind::Customers, format!("code,name,groups\n{}", customers.replace("A;B", "B;C"))),
        (Kind::Orders, format!("order_number,placed_at,customer_code,sku,quantity,unit_price\n{orders}")),
        (Kind::Memberships, format!("group_code,customer_code\n{members}")),
        (Kind::Groups, "code,name,parent_code\nH,H,\nG,Gee,H\n".to_owned()),
    ];
    thread::scope(|scope| {
        for (kind, file) in &jobs {
            let mut conn = shop.other();
            scope.spawn(move || {
                let mut import = Import::of(*kind, file);
                if *kind == Kind::Orders {
                    import = import.creating(&[Missing::Customers, Missing::Products]);
                }
                import.run(&mut conn).unwrap();
            });
        }
    });
    let members = shop.rows("SELECT name, member_count FROM groups WHERE code <> 'ALL' ORDER BY 1");
    assert_eq!(members, ["A|0", "B|500", "C|500", "Gee|500", "H|0"]);
    shop.check_counts();
    shop.check_purchases();
}

#[test]
fn a_place_taken_meanwhile_is_taken() {
    let mut shop = Shop::new();
    shop.import(Kind::Groups, "code,name\nVIP,VIP\n");
    shop.import(Kind::Customers, "code,name\nC1,Ann\nC2,Bo\n");
    shop.execute("UPDATE groups SET capacity = 1 WHERE code = 'VIP'");
    let mut console = shop.other();
    console.batch_execute("BEGIN; SELECT 1 FROM groups WHERE code = 'VIP' FOR UPDATE").unwrap();
    let report = thread::scope(|scope| {
        let mut conn = shop.other();
        let import = scope.spawn(move || {
            Import::of(Kind::Memberships, "group_code,customer_code\nVIP,C2\n").run(&mut conn).unwrap().0
        });
        // The console's transaction goes on when the import waits for the group that it holds.
        while shop.count("pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == 0 {
            thread::yield_now();
        }
        console
            .batch_execute(&format!(
                "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
                 SELECT g.id, c.id, '{}', true, false FROM groups g, customers c WHERE g.code = 'VIP' AND c.code = 'C1';
                 COMMIT",
                now()
            ))
            .unwrap();
        import.join().unwrap()
    });
    assert_eq!(report.first_bad_rows.len(), 1);
    assert!(report.first_bad_rows[0].reason.contains("the group VIP is full (capacity 1)"), "{report}");
    shop.check_counts();
}

#[test]
fn a_change_made_meanwhile_is_not_overwritten() {
    let mut shop = Shop::new();
    shop.import(Kind::Customers, "code,name,email\nC1,Ann,ann@test\n");
    // Somebody changes the row between the import's look at it and its writing.
    shop.execute(
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             UPDATE customers SET email = 'new@test', version = version + 1; RETURN NULL; END $$;
         CREATE TRIGGER meddle AFTER INSERT ON organizations FOR EACH STATEMENT EXECUTE FUNCTION meddle()",
    );
    let file = "code,name,organization_code\nC1,Anna,NEW\n";
    let error = shop.unreadable(Import::of(Kind::Customers, file).creating(&[Missing::Organizations]));
    assert_eq!(error, "Somebody changed the same data while the import ran. Nothing was imported: run it again.");
}

#[test]
fn a_fault_in_the_middle_leaves_nothing_behind() {
    let mut shop = Shop::new();
    shop.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'out of luck'; END $$;
         CREATE TRIGGER fail AFTER INSERT ON order_lines FOR EACH STATEMENT EXECUTE FUNCTION fail()",
    );
    let before = shop.fingerprint();
    let file = "order_number,placed_at,customer_code,sku,quantity,unit_price\nO1,2026-01-05,C1,S,1,9\n";
    let import = || Import::of(Kind::Orders, file).creating(&[Missing::Customers, Missing::Products]);
    import().run(&mut shop.conn).unwrap_err();
    assert_eq!(shop.fingerprint(), before);
    shop.execute("DROP TRIGGER fail ON order_lines");
    // The same connection is good for the next one, also within a transaction of its caller.
    shop.conn.test_transaction::<_, diesel::result::Error, _>(|conn| {
        assert_eq!(import().run(conn).unwrap().0.counts.created, 1);
        assert_eq!(import().run(conn).unwrap().0.counts.unchanged, 1);
        Ok(())
    });
    assert_eq!(shop.fingerprint(), before);
}
