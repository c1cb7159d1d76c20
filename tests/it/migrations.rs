//! The migrations: run by several nodes at once, down and up again.

use crate::support::{Template, TestDb};
use clientele::db::migrations::{MIGRATIONS, migrate, pending};
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use std::sync::Barrier;

static EMPTY: Template = Template::new("empty", |_| {});

fn every_migration() -> Vec<Box<dyn Migration<Pg>>> {
    MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap()
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let database = TestDb::like(&EMPTY);
    let together = Barrier::new(4);
    let ran: Vec<Vec<String>> = std::thread::scope(|threads| {
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                threads.spawn(|| {
                    let mut conn = database.conn();
                    together.wait();
                    migrate(&mut conn).unwrap()
                })
            })
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    let mut by_size: Vec<usize> = ran.iter().map(Vec::len).collect();
    by_size.sort_unstable();
    assert_eq!(by_size, [0, 0, 0, every_migration().len()], "one node does it all: {ran:?}");
    assert_eq!(pending(&mut database.conn()).unwrap(), Vec::<String>::new());
}

#[test]
fn says_what_is_pending() {
    let database = TestDb::like(&EMPTY);
    let mut conn = database.conn();
    let names: Vec<String> = every_migration().iter().map(|migration| migration.name().to_string()).collect();
    assert_eq!(pending(&mut conn).unwrap(), names);
    let migrations = every_migration();
    let (last, others) = migrations.split_last().unwrap();
    for migration in others {
        conn.run_migration(migration).unwrap();
    }
    assert_eq!(pending(&mut conn).unwrap(), [last.name().to_string()]);
    assert_eq!(migrate(&mut conn).unwrap(), [last.name().to_string()]);
    assert_eq!(migrate(&mut conn).unwrap(), Vec::<String>::new());
}

#[test]
fn every_migration_goes_down_and_up_again() {
    let database = TestDb::like(&EMPTY);
    let mut conn = database.conn();
    let migrations = every_migration();
    // Makes the table in which diesel notes what has run.
    assert_eq!(pending(&mut conn).unwrap().len(), migrations.len());
    // The schema before each migration: what its way down must lead back to.
    let mut before = Vec::new();
    for migration in &migrations {
        before.push(schema(&mut conn));
        conn.run_migration(migration).unwrap();
    }
    let whole = schema(&mut conn);
    for (migration, expected) in migrations.iter().zip(&before).rev() {
        conn.revert_migration(migration).unwrap_or_else(|fault| panic!("{} down: {fault}", migration.name()));
        assert_eq!(&schema(&mut conn), expected, "{} leaves something behind", migration.name());
    }
    for migration in &migrations {
        conn.run_migration(migration).unwrap_or_else(|fault| panic!("{} up again: {fault}", migration.name()));
    }
    assert_eq!(schema(&mut conn), whole);
}

/// Everything in the schema that we made, one line each: columns, constraints, indexes, triggers, functions and types.
/// Not extensions: on the way up one may have been there before us, so on the way down it stays.
fn schema(conn: &mut PgConnection) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let query = "
        SELECT format('column %s.%s %s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
                      a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) AS line
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND a.attnum > 0
                AND NOT a.attisdropped AND c.relname <> '__diesel_schema_migrations'
        UNION ALL SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                AND conrelid::regclass::text <> '__diesel_schema_migrations'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            AND tablename <> '__diesel_schema_migrations'
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
            AND prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
        UNION ALL SELECT format('type %s %s', typname, typtype) FROM pg_type t
            WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
        ORDER BY line";
    let rows: Vec<Row> = diesel::sql_query(query).load(conn).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}
