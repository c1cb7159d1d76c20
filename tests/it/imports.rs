//! Importing files into a real database: what comes in, what is refused and why, and that nothing else changes.

mod bad_files;
mod bad_rows;
mod catalogue;
mod command;
mod companies;
mod interrupted;
mod members;
mod nonsense;
mod orders;
mod sent;
mod shopify;
mod tasks;
mod together;
mod tree;

use crate::support::TestDb;
use chrono::{DateTime, Utc};
use clientele::auth::role::Actor;
use clientele::error::Error;
use clientele::imports::actions::{self, Request};
use clientele::imports::kind::{Kind, Missing};
use clientele::imports::mapping::Wishes;
use clientele::imports::report::{Outcome, Report};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use std::io::Cursor;

/// A shop that files are imported into.
pub struct Shop {
    pub conn: PgConnection,
    db: TestDb,
}

/// An import being put together.
pub struct Import<'a> {
    kind: Kind,
    file: &'a [u8],
    pub wishes: Wishes,
    pub create: Vec<Missing>,
    pub dry_run: bool,
    pub good_rows: bool,
    pub actor: Actor,
}

impl<'a> Import<'a> {
    pub fn of(kind: Kind, file: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            kind,
            file: file.as_ref(),
            wishes: Wishes::default(),
            create: Vec::new(),
            dry_run: false,
            good_rows: false,
            actor: Actor::command_line(),
        }
    }

    pub fn creating(mut self, create: &[Missing]) -> Self {
        self.create = create.to_vec();
        self
    }

    pub fn set(mut self, column: &str, value: &str) -> Self {
        self.wishes.set.push((column.into(), value.into()));
        self
    }

    pub fn good_rows(mut self) -> Self {
        self.good_rows = true;
        self
    }

    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Runs it: the report and the CSV of bad rows.
    pub fn run(self, conn: &mut PgConnection) -> Result<(Report, String), Error> {
        let mut bad_rows = Vec::new();
        let request = Request {
            kind: self.kind,
            file: "file.csv",
            wishes: self.wishes,
            create: self.create,
            dry_run: self.dry_run,
            good_rows: self.good_rows,
            actor: &self.actor,
            now: now(),
        };
        let (file, nothing) = (&mut Cursor::new(self.file), &mut |_: &mut PgConnection, _: &Report| Ok(()));
        let report = actions::import_with(conn, file, &request, Some(&mut bad_rows), &mut |_| (), nothing)?;
        Ok((report, String::from_utf8(bad_rows).unwrap()))
    }
}

pub fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Shop {
    pub fn new() -> Self {
        let db = TestDb::new();
        Self { conn: db.conn(), db }
    }

    /// Its database's address.
    pub fn url(&self) -> String {
        self.db.url()
    }

    /// A second connection to the same shop.
    pub fn other(&self) -> PgConnection {
        self.db.conn()
    }

    /// Imports a file that has no bad rows.
    pub fn import(&mut self, kind: Kind, file: &str) -> Report {
        self.run(Import::of(kind, file))
    }

    /// Runs an import that must go through.
    pub fn run(&mut self, import: Import<'_>) -> Report {
        let (report, _) = import.run(&mut self.conn).unwrap();
        assert_eq!(report.outcome, Outcome::Imported, "{report}");
        report
    }

    /// Runs an import that must be refused for its rows: "row 2: reason" each. Nothing may have changed.
    pub fn refused(&mut self, import: Import<'_>) -> Vec<String> {
        let before = self.fingerprint();
        let (report, _) = import.run(&mut self.conn).unwrap();
        assert_eq!(report.outcome, Outcome::Refused, "{report}");
        assert_eq!(self.fingerprint(), before);
        report.first_bad_rows.iter().map(|bad| format!("row {}: {}", bad.row, bad.reason)).collect()
    }

    /// Runs an import whose file can't be taken at all. Nothing may have changed.
    pub fn unreadable(&mut self, import: Import<'_>) -> String {
        let before = self.fingerprint();
        let error = import.run(&mut self.conn).expect_err("an error");
        assert!(!matches!(error, Error::Internal(_)), "{error}");
        assert_eq!(self.fingerprint(), before);
        error.to_string()
    }

    pub fn execute(&mut self, statements: &str) {
        self.conn.batch_execute(statements).unwrap();
    }

    /// The rows of a query, their columns joined by `|`; an empty one is NULL.
    pub fn rows(&mut self, query: &str) -> Vec<String> {
        let wrapped = format!(
            "SELECT array_to_string(array(SELECT e.value FROM json_each_text(row_to_json(q)) e), '|', '') AS line FROM ({query}) q"
        );
        sql_query(wrapped).load::<Line>(&mut self.conn).unwrap().into_iter().map(|row| row.line).collect()
    }

    pub fn count(&mut self, from: &str) -> i64 {
        self.rows(&format!("SELECT count(*) FROM {from}"))[0].parse().unwrap()
    }

    /// All that an import could change, as one text.
    pub fn fingerprint(&mut self) -> String {
        let tables =
            self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1");
        let prints = tables.iter().filter(|table| !table.starts_with("__")).map(|table| {
            format!("SELECT '{table}' AS t, count(*), md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM {table} r")
        });
        let query = prints.collect::<Vec<_>>().join(" UNION ALL ");
        self.rows(&query).join("\n")
    }

    /// The purchases kept, and that they are what the lines say.
    pub fn check_purchases(&mut self) {
        let kept = self.rows("SELECT customer_id, net, gross, cost, orders, first_order_on, last_order_on FROM customer_purchases ORDER BY 1");
        let lines = "SELECT o.customer_id, o.day, o.id, bool_and(l.quantity < 0) AS credit,
                            sum(l.quantity * l.unit_price)::bigint AS net, sum(l.quantity * l.list_price)::bigint AS gross,
                            sum(l.quantity * l.unit_cost)::bigint AS cost
                     FROM orders o JOIN order_lines l ON l.order_id = o.id
                     WHERE o.status = 'completed' AND o.currency = (SELECT currency FROM store_settings)
                     GROUP BY o.customer_id, o.day, o.id";
        let expected = self.rows(&format!(
            "SELECT customer_id, sum(net)::bigint AS net, sum(gross)::bigint AS gross, sum(cost)::bigint AS cost,
                    count(*) FILTER (WHERE NOT credit) AS orders, min(day) FILTER (WHERE NOT credit) AS first_order_on,
                    max(day) FILTER (WHERE NOT credit) AS last_order_on
             FROM ({lines}) o GROUP BY customer_id ORDER BY 1"
        ));
        assert_eq!(kept, expected);
        let kept = self.rows("SELECT day, net, gross, cost, orders FROM store_days WHERE (net, gross, cost, orders) <> (0, 0, 0, 0) ORDER BY 1");
        let expected = self.rows(&format!(
            "SELECT day, sum(net)::bigint AS net, sum(gross)::bigint AS gross,
                    sum(cost)::bigint AS cost, count(*) FILTER (WHERE NOT credit) AS orders
             FROM ({lines}) o GROUP BY 1 ORDER BY 1"
        ));
        assert_eq!(kept, expected);
        let kept = self.rows("SELECT day, previous, customers FROM store_returns WHERE customers <> 0 ORDER BY 1, 2");
        let expected = self.rows(&format!(
            "WITH b AS (SELECT DISTINCT customer_id, day FROM ({lines}) o WHERE NOT credit)
             SELECT day, previous, count(*) AS customers FROM (
                 SELECT b.day, coalesce((SELECT max(e.day) FROM b e WHERE e.customer_id = b.customer_id AND e.day < b.day),
                                        '-infinity') AS previous FROM b
             ) p GROUP BY 1, 2 ORDER BY 1, 2"
        ));
        assert_eq!(kept, expected);
        let kept = self.rows("SELECT customer_id, day, net, orders FROM customer_days ORDER BY 1, 2");
        let expected = self.rows(&format!(
            "SELECT customer_id, day, sum(net)::bigint AS net,
                    count(*) FILTER (WHERE NOT credit) AS orders
             FROM ({lines}) o GROUP BY 1, 2 ORDER BY 1, 2"
        ));
        assert_eq!(kept, expected);
    }

    /// Member counts and the distinct total against a recount.
    pub fn check_counts(&mut self) {
        let wrong = self.rows(
            "SELECT g.code FROM groups g
             WHERE g.member_count <> (SELECT count(*) FROM memberships m WHERE m.group_id = g.id)",
        );
        assert_eq!(wrong, Vec::<String>::new());
        let kept = self.rows("SELECT customers, grouped_customers FROM store_totals");
        let counted = self.rows(
            "SELECT (SELECT count(*) FROM customers) AS customers,
                    (SELECT count(DISTINCT m.customer_id) FROM memberships m
                     JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL) AS grouped_customers",
        );
        assert_eq!(kept, counted);
    }
}
