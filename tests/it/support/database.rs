//! A PostgreSQL for the whole test run, templates that are built once, and a database of its own for every test.
//!
//! The server is a throw-away cluster of the product's own making, or the one in `TEST_DATABASE_URL`, whose user may
//! create databases. Everything made there carries this run's number; a later run removes what a dead one left.

use clientele::db::cluster::Cluster;
use clientele::db::{Db, migrations};
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

/// A database that is built once in a run and copied for every test that wants one like it.
pub struct Template {
    name: &'static str,
    build: fn(&str),
    built: OnceLock<String>,
}

/// The migrated, otherwise empty database.
static MIGRATED: Template = Template::new("migrated", |url| {
    migrations::migrate(&mut PgConnection::establish(url).unwrap()).unwrap();
});

impl Template {
    /// A template that `build` fills, given the address of an empty database.
    pub const fn new(name: &'static str, build: fn(&str)) -> Self {
        Self { name, build, built: OnceLock::new() }
    }

    /// The database's name; builds it at the first call, while other callers wait.
    fn database(&self) -> &str {
        self.built.get_or_init(|| {
            let server = Server::shared();
            let name = format!("{PREFIX}{}_template_{}", server.run, self.name);
            server.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            server.execute(&format!("CREATE DATABASE {name}"));
            (self.build)(&server.url(&name));
            // Nobody may be connected to what is being copied.
            server.execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
            name
        })
    }
}

/// One test's own database; it goes when this value does.
pub struct TestDb {
    name: String,
    /// Whether it goes with this value.
    owned: bool,
}

impl TestDb {
    /// A migrated, empty database.
    pub fn new() -> Self {
        Self::like(&MIGRATED)
    }

    /// A copy of a template.
    pub fn like(template: &Template) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = Server::shared();
        let name = format!("{PREFIX}{}_{}", server.run, COUNT.fetch_add(1, Ordering::Relaxed));
        server.execute(&format!("CREATE DATABASE {name} TEMPLATE {}", template.database()));
        Self { name, owned: true }
    }

    /// The same database for another application. It goes with this one's value.
    pub fn shared(&self) -> Self {
        Self { name: self.name.clone(), owned: false }
    }

    /// Its address.
    pub fn url(&self) -> String {
        Server::shared().url(&self.name)
    }

    /// A connection to it.
    pub fn conn(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// A small pool on it.
    pub fn db(&self) -> Db {
        Db::connect(&self.url(), 4, Duration::from_secs(10)).unwrap()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if !self.owned {
            return;
        }
        Server::shared().execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A data folder with an embedded PostgreSQL that was started and stopped before. The making takes seconds, so it is
/// made once in a run and copied; it lies with the run's server, and goes with it.
pub fn data_folder() -> TempDir {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let made = Server::shared().cluster.as_ref()?.folder().join("made");
        drop(Cluster::start(&made).unwrap());
        Some(made)
    });
    let folder = tempfile::tempdir().unwrap();
    match made {
        Some(made) => {
            let copied = Command::new("cp").arg("-a").arg(made.join(".")).arg(folder.path()).status().unwrap();
            assert!(copied.success());
        }
        // The run's server is elsewhere, so there is no place for it.
        None => drop(Cluster::start(folder.path()).unwrap()),
    }
    folder
}

/// How the names of all our databases begin.
const PREFIX: &str = "clientele_test_";

struct Server {
    /// An address on the server, whatever the database.
    url: String,
    /// Distinguishes this run's databases, and shows in the keeper's application name that the run lives.
    run: String,
    /// Held open for that.
    _keeper: Mutex<PgConnection>,
    /// Never dropped, since statics aren't: the guardian stops the server when this process ends.
    cluster: Option<Cluster>,
}

impl Server {
    fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let given = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        let cluster = given.is_none().then(|| Cluster::throw_away().expect("a PostgreSQL for the tests"));
        let url = given.or_else(|| cluster.as_ref().map(|cluster| cluster.superuser_url("postgres"))).unwrap();
        let run = format!("{:08x}", getrandom::u32().unwrap());
        let mut keeper = PgConnection::establish(&url).expect("the tests' PostgreSQL");
        diesel::sql_query(format!("SET application_name = '{PREFIX}{run}'")).execute(&mut keeper).unwrap();
        remove_leftovers(&mut keeper);
        Self { url, run, _keeper: Mutex::new(keeper), cluster }
    }

    fn url(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// Over a connection of its own: statements about databases take their time, and tests run side by side.
    fn execute(&self, statement: &str) {
        diesel::sql_query(statement).execute(&mut PgConnection::establish(&self.url).unwrap()).unwrap();
    }
}

/// Removes the databases of runs that no longer hold their connection.
fn remove_leftovers(conn: &mut PgConnection) {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let query = "SELECT datname::text AS name FROM pg_database WHERE starts_with(datname, $1) AND NOT EXISTS \
                 (SELECT FROM pg_stat_activity WHERE application_name <> '' AND starts_with(datname, application_name))";
    let rows: Vec<Row> = diesel::sql_query(query).bind::<Text, _>(PREFIX).load(conn).unwrap();
    for row in rows {
        diesel::sql_query(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", row.name)).execute(conn).unwrap();
    }
}

/// The same address with another database.
fn with_database(url: &str, database: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("an address such as postgresql://user@host/database");
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let authority = place.split('/').next().unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{database}{query}")
}

#[test]
fn an_address_takes_another_database() {
    for (url, expected) in [
        ("postgresql://u@h:1/a", "postgresql://u@h:1/b"),
        ("postgresql://u@h:1/", "postgresql://u@h:1/b"),
        ("postgresql://u@h:1", "postgresql://u@h:1/b"),
        ("postgresql://u@/a?host=/s/t", "postgresql://u@/b?host=/s/t"),
    ] {
        assert_eq!(with_database(url, "b"), expected);
    }
}

#[test]
fn copies_are_alike_and_apart() {
    let (one, other) = (TestDb::new(), TestDb::new());
    diesel::sql_query("CREATE TABLE only_here (id int)").execute(&mut one.conn()).unwrap();
    assert!(diesel::sql_query("SELECT FROM only_here").execute(&mut other.conn()).is_err());
    assert_eq!(migrations::pending(&mut other.conn()).unwrap(), Vec::<String>::new());
}

#[test]
fn a_database_goes_with_its_test() {
    let gone = TestDb::new();
    let (url, pool) = (gone.url(), gone.db());
    pool.connection().unwrap();
    drop(gone);
    assert!(PgConnection::establish(&url).is_err());
}
