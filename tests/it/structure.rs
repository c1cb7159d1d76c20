//! The map of the code is true: what each kind of file may use, in which direction features depend on each other, how
//! long files get, and what has no place in the repository at all.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The features, each of which may use those before it. `auth::role` is its own line: an actor is what an audit event
/// is recorded under, and signing in is itself recorded.
const FEATURES: [&str; 32] = [
    "auth::role",
    "outbox",
    "audit",
    "auth",
    "groups",
    "members",
    "inheritance",
    "visibility",
    "store_settings",
    "products",
    "visibility_groups",
    "pricing",
    "price_lists",
    "rules",
    "jobs",
    "organizations",
    "customers",
    "impact",
    "segments",
    "promotions",
    "campaigns",
    "order_check",
    "group_settings",
    "group_cache",
    "hierarchy",
    "reports",
    "imports",
    "orders",
    "webhooks",
    "api_docs",
    "demo",
    "bench_data",
];

/// What stands below the features and knows none of them.
const GROUND: [&str; 10] =
    ["error", "money", "table", "clock", "schema", "db", "config", "logging", "metrics", "cache"];

/// Parts of pages that are made for the pages of other features.
const SHARED_BY_PAGES: [&str; 7] = [
    "impact::panel",
    "rules::drawn",
    "pricing::pages::asked",
    "pricing::api::prices",
    "group_cache::api",
    "groups::api::body_of",
    "group_settings::api::effective_of",
];

/// What a file may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Types and decisions; pure.
    Concept,
    /// From what was typed to a concept, and back.
    Forms,
    /// Rows and queries.
    Store,
    /// The only write path.
    Actions,
    /// Handlers, templates, routes.
    Pages,
    /// Between the web and a feature: middleware, extractors, what a library asks for.
    Door,
}

/// Files whose name doesn't say what they may do, with the reason why they have a name of their own.
const NAMED: [(&str, Kind, &str); 15] = [
    ("groups/copy.rs", Kind::Actions, "one action that is long enough for a file"),
    ("groups/removal.rs", Kind::Actions, "deleting and restoring: a pair of actions"),
    ("jobs/scheduler.rs", Kind::Actions, "calls actions when they are due"),
    ("group_cache/sweeping.rs", Kind::Actions, "does one thing after others have changed something"),
    ("imports/errors_file.rs", Kind::Actions, "writes the file of bad rows from what the store gives"),
    ("webhooks/worker.rs", Kind::Actions, "calls actions and receivers when deliveries are due"),
    ("webhooks/sending.rs", Kind::Store, "what it asks is a receiver instead of the database"),
    ("auth/throttle.rs", Kind::Store, "its decision is one query"),
    ("impact/panel.rs", Kind::Pages, "what the pages of several features show beside their forms"),
    ("rules/drawn.rs", Kind::Pages, "the builder's rows, for every page on which a rule is written"),
    ("imports/upload.rs", Kind::Door, "writes what comes in to the disk, for pages and calls"),
    ("auth/guard.rs", Kind::Door, "stands before every page"),
    ("auth/session.rs", Kind::Door, "keeps actix-session's sessions in PostgreSQL"),
    ("auth/hashing.rs", Kind::Door, "gives passwords their turn on a blocking thread"),
    ("auth/address.rs", Kind::Door, "reads who asks out of a request"),
];

fn kind(file: &str) -> Kind {
    if let Some((_, kind, _)) = NAMED.iter().find(|(named, ..)| *named == file) {
        return *kind;
    }
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').skip(1).collect();
    let is = |name: &str| parts.contains(&name);
    if is("pages") || is("api") || parts.last().is_some_and(|last| last.ends_with("_pages")) {
        Kind::Pages
    } else if is("store") {
        Kind::Store
    } else if is("actions") {
        Kind::Actions
    } else if is("forms") || is("asked") {
        Kind::Forms
    } else {
        Kind::Concept
    }
}

/// A source file of `src/` without its tests and comments.
struct Source {
    /// Below `src/`.
    file: String,
    code: String,
    /// What it names of this crate and of others, as whole paths.
    uses: BTreeSet<String>,
}

impl Source {
    fn read(path: &Path) -> Self {
        let file = path.strip_prefix(Path::new(ROOT).join("src")).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: String = code.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
        let uses = paths(&code).into_iter().map(|path| absolute(&file, &path)).collect();
        Self { file, code, uses }
    }

    /// The feature it belongs to, if it is one's.
    fn feature(&self) -> Option<&'static str> {
        FEATURES.into_iter().find(|feature| lies_in(&module(&self.file), feature))
    }

    /// The paths of this crate that it uses, without the `crate::` before them.
    fn own(&self) -> impl Iterator<Item = &str> {
        self.uses.iter().filter_map(|path| path.strip_prefix("crate::"))
    }
}

/// `groups/pages/list.rs` is `groups::pages::list`.
fn module(file: &str) -> String {
    file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
}

fn lies_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// All paths in a text that begin with one of these, groups in braces taken apart.
fn paths(code: &str) -> Vec<String> {
    let begins = ["crate", "super", "actix_web", "actix_session", "askama", "diesel", "diesel_migrations"];
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let word: String =
            code[..at].chars().rev().take_while(|c| name(*c)).collect::<Vec<_>>().into_iter().rev().collect();
        let before = code[..at - word.len()].chars().next_back().unwrap_or(' ');
        // Further on in a path that began before.
        if begins.contains(&word.as_str()) && before != ':' {
            tail(&word, &code[at + 2..], &mut found);
        }
    }
    found
}

/// The paths that go on from `path::` with `rest`; how many bytes of it they take.
fn tail(path: &str, rest: &str, found: &mut Vec<String>) -> usize {
    if let Some(group) = rest.strip_prefix('{') {
        let mut at = 0;
        loop {
            at += group[at..].len() - group[at..].trim_start_matches([' ', '\n', ',']).len();
            if group[at..].starts_with('}') || group[at..].is_empty() {
                return at + 2;
            }
            at += tail(path, &group[at..], found).max(1);
            // `as Other`
            at += group[at..].find([',', '}']).unwrap_or(group[at..].len());
        }
    }
    let word: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let path = if word.is_empty() || word == "self" { path.to_owned() } else { format!("{path}::{word}") };
    match rest[word.len()..].strip_prefix("::") {
        Some(more) if more.starts_with(|c: char| c == '{' || c.is_ascii_alphabetic()) => {
            word.len() + 2 + tail(&path, more, found)
        }
        _ => {
            found.push(path);
            word.len()
        }
    }
}

/// A path that begins with `super` seen from the crate.
fn absolute(file: &str, path: &str) -> String {
    let mut here: Vec<String> = module(file).split("::").map(str::to_owned).collect();
    let mut rest = path;
    if !rest.starts_with("super") {
        return path.to_owned();
    }
    while let Some(up) = rest.strip_prefix("super") {
        here.pop();
        rest = up.strip_prefix("::").unwrap_or(up);
    }
    let parts =
        ["crate".to_owned()].into_iter().chain(here).chain(Some(rest.to_owned()).filter(|rest| !rest.is_empty()));
    parts.collect::<Vec<_>>().join("::")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
}

/// All of `src/` but what diesel generates and what is only compiled for tests.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    files(&Path::new(ROOT).join("src"), ".rs", &mut found);
    found.sort();
    let sources: Vec<Source> = found.iter().map(|path| Source::read(path)).collect();
    assert!(sources.len() > 150, "{} files", sources.len());
    let only_tests = ["web/gallery.rs", "web/errors/tests.rs", "config/tests.rs"];
    sources
        .into_iter()
        .filter(|source| source.file != "schema.rs" && !only_tests.contains(&source.file.as_str()))
        .collect()
}

fn report(breaches: &[String]) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn a_file_uses_what_its_name_says() {
    let mut breaches = Vec::new();
    let mut checked = 0;
    for source in sources().iter().filter(|source| source.feature().is_some()) {
        checked += 1;
        let kind = kind(&source.file);
        let http = ["actix_web", "actix_session", "askama", "crate::web", "crate::api"];
        let forms = ["crate::web::forms", "crate::web::query"];
        let queries = [
            "diesel::prelude",
            "diesel::sql_query",
            "diesel::insert_into",
            "diesel::update",
            "diesel::delete",
            "crate::schema",
        ];
        let refused: Vec<&str> = match kind {
            Kind::Concept => http.into_iter().chain(["diesel", "crate::schema", "crate::db"]).collect(),
            Kind::Forms => ["actix_web", "actix_session", "askama", "diesel", "crate::schema"].into(),
            Kind::Store => http.into(),
            Kind::Actions => http.into_iter().chain(queries).collect(),
            Kind::Pages => queries.into(),
            Kind::Door => ["askama"].into(),
        };
        // The keys of a list's pages decide without a database.
        let told = source.uses.iter().filter(|path| !lies_in(path, "crate::db::keyset"));
        let mut told = told.into_iter().find(|path| refused.iter().any(|name| lies_in(path, name))).cloned();
        if kind == Kind::Forms {
            let other_web = source.uses.iter().find(|path| {
                lies_in(path, "crate::web") && !forms.iter().any(|form| lies_in(path, form))
                    || lies_in(path, "crate::api")
            });
            told = told.or(other_web.cloned());
        }
        // A concept decides on what it is given: it calls nothing that writes or shows.
        let layers: &[Kind] = match kind {
            Kind::Concept | Kind::Forms => &[Kind::Store, Kind::Actions, Kind::Pages, Kind::Door],
            Kind::Store => &[Kind::Actions, Kind::Pages, Kind::Door],
            Kind::Actions => &[Kind::Pages, Kind::Door],
            Kind::Pages | Kind::Door => &[],
        };
        let above = source.own().find(|path| path_kind(path).is_some_and(|kind| layers.contains(&kind)));
        told = told.or(above.map(|path| format!("crate::{path}")));
        breaches.extend(told.map(|path| format!("{} ({kind:?}) uses {path}", source.file)));
    }
    assert!(checked > 100, "{checked} files of features");
    report(&breaches);
}

/// What kind of file a path of this crate leads to, where it is a feature's.
fn path_kind(path: &str) -> Option<Kind> {
    FEATURES.into_iter().find(|feature| lies_in(path, feature))?;
    let parts: Vec<&str> = path.split("::").collect();
    // The longest part of the path that is a file.
    (2..=parts.len()).rev().find_map(|length| {
        let file = parts[..length].join("/");
        let src = Path::new(ROOT).join("src");
        let known = |file: &str| src.join(file).is_file();
        let candidates = [format!("{file}.rs"), format!("{file}/mod.rs")];
        candidates.into_iter().find(|file| known(file)).map(|file| kind(&file))
    })
}

#[test]
fn features_depend_in_one_direction() {
    let mut breaches = Vec::new();
    let rank = |path: &str| FEATURES.into_iter().position(|feature| lies_in(path, feature));
    for source in sources() {
        let Some(feature) = source.feature() else { continue };
        let here = rank(&module(&source.file)).unwrap();
        let is_page = matches!(kind(&source.file), Kind::Pages);
        for path in source.own() {
            let Some(there) = rank(path) else { continue };
            let elsewhere = !lies_in(path, feature.split("::").next().unwrap());
            // Pages and calls may use what lies below the pages of every feature, and nobody else's pages.
            let shared = SHARED_BY_PAGES.iter().any(|part| lies_in(path, part));
            let too_high =
                if is_page { path_kind(path) == Some(Kind::Pages) && elsewhere && !shared } else { there > here };
            if too_high {
                breaches.push(format!("{} uses {path}", source.file));
            }
        }
    }
    report(&breaches);
}

#[test]
fn what_lies_below_knows_no_feature() {
    let mut breaches = Vec::new();
    for source in sources() {
        let here = module(&source.file);
        let feature = |path: &&str| FEATURES.into_iter().any(|feature| lies_in(path, feature));
        let ground = GROUND.iter().any(|ground| lies_in(&here, ground));
        // The frame knows roles, which decide what of it is shown; nothing else of any feature.
        let web = lies_in(&here, "web");
        let wrong = |path: &&str| {
            (ground && (feature(path) || lies_in(path, "web") || lies_in(path, "api")))
                || (web && feature(path) && !lies_in(path, "auth::role"))
        };
        breaches.extend(source.own().filter(wrong).map(|path| format!("{} uses {path}", source.file)));
        let known = ground
            || web
            || source.feature().is_some()
            || ["api", "app", "cli", "lib", "main"].iter().any(|top| lies_in(&here, top));
        if !known {
            breaches.push(format!("{} stands nowhere on the map", source.file));
        }
    }
    report(&breaches);
}

/// Files that are longer than their name allows, with the reason.
const LONG: [(&str, &str); 0] = [];

#[test]
fn no_file_outgrows_its_name() {
    let mut breaches = Vec::new();
    for source in sources() {
        let lines = source.code.lines().filter(|line| !line.trim().is_empty()).count();
        let excused = LONG.iter().any(|(file, _)| *file == source.file);
        if lines > 300 && !excused {
            breaches.push(format!("{} has {lines} lines", source.file));
        }
        if excused && lines <= 300 {
            breaches.push(format!("{} is excused for nothing", source.file));
        }
    }
    assert!(LONG.len() <= 3);
    report(&breaches);
}

#[test]
fn nothing_is_named_after_nothing() {
    let mut breaches = Vec::new();
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"];
    for file in tracked() {
        let parts = file.split(['/', '.', '-', '_']).map(str::to_lowercase);
        breaches
            .extend(parts.filter(|part| empty.contains(&part.as_str())).map(|part| format!("{file} is named {part}")));
    }
    let marks = ["todo!", "unimplemented!", "dbg!(", "println!(", "unsafe "];
    for source in sources() {
        for mark in marks.iter().filter(|mark| source.code.contains(**mark)) {
            breaches.push(format!("{} has {mark}", source.file));
        }
        for word in empty {
            for item in ["fn", "struct", "enum", "trait", "mod"] {
                if source.code.to_lowercase().contains(&format!("{item} {word}")) {
                    breaches.push(format!("{} names {item} {word}", source.file));
                }
            }
        }
    }
    report(&breaches);
}

/// All files of the repository.
fn tracked() -> Vec<String> {
    let listed =
        Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(ROOT).output().expect("git");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let files: Vec<String> = String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect();
    assert!(files.len() > 200, "{} files", files.len());
    files.into_iter().filter(|file| Path::new(ROOT).join(file).is_file()).collect()
}

#[test]
fn the_repository_names_no_machine_and_no_download() {
    let mut breaches = Vec::new();
    // Who names a host does so to say where something comes from, never to fetch it.
    let hosts = [
        "www.w3.org",
        "github.com",
        "opencollective.com",
        "127.0.0.1",
        "localhost",
        "docs.rs",
        "www.postgresql.org",
        "www.standardwebhooks.com",
    ];
    let home = std::env::var("HOME").unwrap_or_default();
    let parent = Path::new(ROOT).parent().unwrap().to_str().unwrap().to_owned();
    let machine: Vec<String> =
        [ROOT.to_owned(), parent, home, format!("/{}/", "work"), format!("{}-index", "sparse+http")]
            .into_iter()
            .filter(|path| path.len() > 5 && path != "/root")
            .collect();
    for file in tracked() {
        let Ok(text) = fs::read_to_string(Path::new(ROOT).join(&file)) else { continue };
        for path in machine.iter().filter(|path| text.contains(path.as_str())) {
            breaches.push(format!("{file} names {path}"));
        }
        for scheme in ["http://", "https://"] {
            for rest in text.split(scheme).skip(1) {
                let host = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap();
                let known =
                    host.is_empty() || hosts.contains(&host) || host.ends_with(".test") || host.ends_with(".example");
                if !known {
                    breaches.push(format!("{file} names {scheme}{host}"));
                }
            }
        }
    }
    let lock = fs::read_to_string(Path::new(ROOT).join("Cargo.lock")).unwrap();
    let usual = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    breaches.extend(sources.filter(|source| *source != usual).map(|source| format!("Cargo.lock has {source}")));
    let npm = fs::read_to_string(Path::new(ROOT).join("package-lock.json")).unwrap();
    assert!(npm.contains("\"integrity\"") && !npm.contains("\"resolved\""), "package-lock.json has download addresses");
    report(&breaches);
}

#[test]
fn uses_are_read_rightly() {
    let code = "use crate::{audit, auth::role::{Actor, Role as R}, web};\nuse super::store::{self, Group};\n\
                fn f() -> crate::error::Result<()> { super::super::groups::list::page(); diesel::sql_query(\"\"); x::crate_::y() }";
    let mut found: Vec<String> = paths(code).iter().map(|path| absolute("groups/pages/edit.rs", path)).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "crate::audit",
            "crate::auth::role::Actor",
            "crate::auth::role::Role",
            "crate::error::Result",
            "crate::groups::groups::list::page",
            "crate::groups::pages::store",
            "crate::groups::pages::store::Group",
            "crate::web",
            "diesel::sql_query",
        ]
    );
    assert_eq!(absolute("groups/mod.rs", "super::audit"), "crate::audit");
    for (path, expected) in [
        ("groups::store::naming::taken", Some(Kind::Store)),
        ("groups::group::Details", Some(Kind::Concept)),
        ("auth::guard::same_site", Some(Kind::Door)),
        ("groups::pages::list::list", Some(Kind::Pages)),
        ("web::shell::Shell", None),
    ] {
        assert_eq!(path_kind(path), expected, "{path}");
    }
}
