//! Groups in Redis (SPEC 14): under the key and for the time of the specification, removed when something changes that
//! they depend on, and never believed when they no longer hold, whatever happens to Redis.

use crate::support::process::eventually;
use crate::support::rows;
use crate::support::{Answer, Api, Program, RedisServer, TestApp, TestDb, data_folder};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/admin/pricing/customer-groups";

fn group(id: Uuid) -> String {
    format!("{GROUPS}/{id}")
}

fn effective(id: Uuid) -> String {
    format!("{GROUPS}/{id}/effective")
}

fn key(id: Uuid) -> String {
    format!("pricing:customer-group:{id}")
}

/// One database and one Redis, an application with both, and one that has the database only: what must be answered.
struct Shop {
    redis: RedisServer,
    app: TestApp,
    plain: TestApp,
    api: Api,
    truth: Api,
    /// Below All Customers: Trade with VIP below it, and Other.
    trade: Uuid,
    vip: Uuid,
    other: Uuid,
    /// A list of Trade's.
    list: Uuid,
}

impl Shop {
    fn new() -> Self {
        let redis = RedisServer::start();
        let db = TestDb::new();
        let trade = rows::group(&db, "TRADE", "Trade", None);
        let (vip, other) = (rows::group(&db, "VIP", "VIP", Some(trade)), rows::group(&db, "OTHER", "Other", None));
        let list = rows::price_list(&db, "LIST");
        rows::assign(&db, trade, list, 1);
        // What was changed before it began is nothing to be removed.
        let app = TestApp::sharing(db, redis.redis(), None);
        let plain = TestApp::on(app.db.shared(), app.clock.now());
        let api = app.api(Role::Admin);
        let truth = Api::new(&plain.url, api.id, &api.token);
        Self { redis, app, plain, api, truth, trade, vip, other, list }
    }

    fn all(&self) -> [Uuid; 4] {
        [ROOT_ID, self.trade, self.vip, self.other]
    }

    /// Holds that both parts of every group are answered as the database has it.
    fn assert_right(&self, what: &str) {
        for path in self.all().into_iter().flat_map(|id| [group(id), effective(id)]) {
            let (answer, truth) = (self.api.get(&path), self.truth.get(&path));
            assert_eq!((answer.status, &answer.json), (truth.status, &truth.json), "{path}: {what}");
            assert_eq!(answer.header("etag"), truth.header("etag"), "{path}: {what}");
        }
    }
}

fn ok(answer: &Answer) {
    assert!([200, 201, 204].contains(&answer.status), "{}", answer.json);
}

#[test]
fn a_group_is_kept_under_its_key_for_an_hour() {
    let shop = Shop::new();
    assert_eq!(shop.redis.keys(), Vec::<String>::new());
    let answer = shop.api.get(&group(shop.vip));
    assert_eq!(shop.redis.keys(), [key(shop.vip)]);
    let left: i64 = shop.redis.ask("TTL", key(shop.vip));
    assert!((3_500..=3_600).contains(&left), "{left} seconds");
    let kept: Value = serde_json::from_str(&shop.redis.get(&key(shop.vip)).unwrap()).unwrap();
    assert_eq!(kept["group"], answer.json);
    assert_eq!(kept["effective"], shop.api.get(&effective(shop.vip)).json);
    assert_eq!(kept["effective"]["pricing"]["priceLists"]["value"][0]["code"], "LIST");
    shop.assert_right("made");
    shop.assert_right("kept");
    assert_eq!(shop.redis.keys().len(), 4);
    // What is asked besides is answered besides.
    let members = shop.api.get(&format!("{}?include=customers", group(shop.vip)));
    assert_eq!(members.json["customers"]["items"], json!([]));
    assert_eq!(shop.api.get(&format!("{}?include=everything", group(shop.vip))).status, 422);
}

#[test]
fn who_may_not_read_gets_nothing_from_the_cache() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let revoked = shop.app.api(Role::Viewer);
    assert_eq!(revoked.get(&group(shop.vip)).status, 200);
    rows::run(&shop.app.db, &format!("UPDATE tokens SET revoked_at = now() WHERE id = '{}'", revoked.id));
    for path in [group(shop.vip), effective(shop.vip)] {
        assert_eq!(revoked.get(&path).status, 401, "{path}");
    }
    for path in [group(Uuid::now_v7()), effective(Uuid::now_v7()), group(shop.vip) + "x"] {
        assert_eq!(shop.api.get(&path).status, 404, "{path}");
    }
    assert_eq!(shop.redis.keys().len(), 4, "what isn't there isn't kept");
}

#[test]
fn every_change_removes_what_depends_on_it_and_nothing_else() {
    let shop = Shop::new();
    let (root, trade, vip, other, list) = (ROOT_ID, shop.trade, shop.vip, shop.other, shop.list);
    let (api, db) = (&shop.api, &shop.app.db);
    let run = |statement: String| move || assert!(rows::run(db, &statement) > 0);
    let patch = |path: String, body: Value| move || ok(&api.patch(&path, &body));
    let terms = |days: i32| json!({"paymentTerms": {"netDays": days}});
    let changes: Vec<(&str, Box<dyn Fn() + '_>, Vec<Uuid>)> = vec![
        ("its description", Box::new(patch(group(vip), json!({"description": "The best"}))), vec![vip]),
        ("its metadata", Box::new(patch(group(vip), json!({"metadata": {"a": 1}}))), vec![vip]),
        ("its own terms", Box::new(patch(format!("{}/settings", group(vip)), terms(10))), vec![vip]),
        ("the terms above", Box::new(patch(format!("{}/settings", group(trade)), terms(30))), vec![trade, vip]),
        ("the name above", Box::new(patch(group(trade), json!({"name": "Traders"}))), vec![trade, vip]),
        (
            "All Customers' portal",
            Box::new(run(format!("INSERT INTO group_portal (group_id, quotes) VALUES ('{root}', false)"))),
            vec![root, trade, vip, other],
        ),
        (
            "the list's name",
            Box::new(patch(format!("/admin/price-lists/{list}"), json!({"name": "Cheaper"}))),
            vec![trade, vip],
        ),
        (
            "the list's status",
            Box::new(patch(format!("/admin/price-lists/{list}"), json!({"status": "inactive"}))),
            vec![trade, vip],
        ),
        (
            "a list more",
            Box::new(move || {
                let body = json!({"priceListId": "LIST", "priority": 10});
                ok(&api.post(&format!("{}/price-lists", group(other)), &body));
            }),
            vec![other],
        ),
        (
            "the list's end",
            Box::new(run(format!("DELETE FROM price_lists WHERE id = '{list}'"))),
            vec![trade, vip, other],
        ),
        (
            "another parent",
            Box::new(run(format!("UPDATE groups SET parent_id = '{other}' WHERE id = '{vip}'"))),
            vec![vip],
        ),
        ("the new parent's terms", Box::new(patch(format!("{}/settings", group(other)), terms(60))), vec![vip, other]),
        ("inactive", Box::new(patch(group(other), json!({"isActive": false}))), vec![vip, other]),
        ("deletion", Box::new(move || ok(&api.delete(&group(other)))), vec![vip, other]),
    ];
    for (what, change, removed) in changes {
        shop.assert_right(what);
        let kept = |id: Uuid| shop.redis.get(&key(id));
        let before = shop.all().map(kept);
        change();
        eventually(|| removed.iter().all(|id| kept(*id).is_none()));
        for (id, before) in shop.all().into_iter().zip(before).filter(|(id, _)| !removed.contains(id)) {
            assert_eq!(kept(id), before, "{id} doesn't depend on: {what}");
        }
        shop.assert_right(what);
    }
    let admin = shop.app.sign_in(Role::Admin);
    assert_eq!(shop.api.get(&group(other)).status, 404);
    assert_eq!(admin.post(&format!("/groups/{other}/restoration"), &[]).status, 303);
    shop.assert_right("restored");
    assert_eq!(shop.api.get(&group(other)).status, 200);
}

#[test]
fn members_that_join_are_counted_at_once() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let count = |id: Uuid| shop.api.get(&group(id)).json["memberCount"].as_i64().unwrap();
    assert_eq!((count(shop.vip), count(ROOT_ID)), (0, 0));
    let customer = rows::customer(&shop.app.db, "C-1");
    assert_eq!((count(shop.vip), count(ROOT_ID)), (0, 1));
    ok(&shop.api.patch(&group(shop.vip), &json!({"customerIds": [customer]})));
    assert_eq!((count(shop.vip), count(ROOT_ID)), (1, 1));
    rows::run(&shop.app.db, "UPDATE store_settings SET currency = 'JPY'");
    shop.assert_right("another currency");
}

#[test]
fn nodes_agree_at_once() {
    let shop = Shop::new();
    let second = TestApp::sharing(shop.app.db.shared(), shop.redis.redis(), None);
    let nodes =
        [Api::new(&shop.app.url, shop.api.id, &shop.api.token), Api::new(&second.url, shop.api.id, &shop.api.token)];
    for round in 0..20 {
        let (one, other) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let body = json!({"paymentTerms": {"netDays": round + 1}});
        ok(&one.patch(&format!("{}/settings", group(shop.trade)), &body));
        for node in [other, one, other] {
            let seen = node.get(&effective(shop.vip));
            assert_eq!(seen.json["paymentTerms"]["netDays"]["value"], round + 1, "{}", seen.json);
        }
    }
}

/// What changed elsewhere has to be looked through at every reading, so it is noted now and then that it was.
#[test]
fn after_many_changes_elsewhere_a_group_is_kept_as_of_now() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let seen = || {
        let kept: Value = serde_json::from_str(&shop.redis.get(&key(shop.vip)).unwrap()).unwrap();
        kept["made"]["seen"].as_str().unwrap().to_owned()
    };
    let first = seen();
    let elsewhere = |count: usize| {
        for n in 0..count {
            let code = format!("G-{n}-{count}");
            rows::group(&shop.app.db, &code, &code, None);
        }
        assert_eq!(shop.api.get(&effective(shop.vip)).status, 200);
    };
    elsewhere(10);
    assert_eq!(seen(), first, "a few are no reason to write");
    elsewhere(60);
    assert_ne!(seen(), first);
    shop.assert_right("kept as of now");
    rows::run(&shop.app.db, &format!("UPDATE groups SET name = 'Traders' WHERE id = '{}'", shop.trade));
    shop.assert_right("changed after that");
}

/// A reader loads, a writer saves and removes, and only then the reader keeps what it loaded: as if Redis had lost the
/// removal, or was started with an old copy.
#[test]
fn what_is_kept_too_late_is_never_answered() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let old: Vec<(String, String)> = shop.all().map(key).map(|key| (key.clone(), shop.redis.get(&key).unwrap())).into();
    let changes = [
        format!("INSERT INTO group_portal (group_id, quotes) VALUES ('{ROOT_ID}', false)"),
        format!("UPDATE groups SET name = 'Traders' WHERE id = '{}'", shop.trade),
        format!("UPDATE groups SET metadata = '{{\"a\": 2}}' WHERE id = '{}'", shop.vip),
        "UPDATE settings_changes SET at = now() - interval '8 days'".to_owned(),
    ];
    for change in changes {
        rows::run(&shop.app.db, &change);
        for (key, text) in &old {
            let _: () = shop.redis.ask("SET", (key, text));
        }
        shop.assert_right(&change);
    }
    clientele::inheritance::store::live::tidy(&mut shop.app.db.conn()).unwrap();
    for (key, text) in &old {
        let _: () = shop.redis.ask("SET", (key, text));
    }
    shop.assert_right("what changed was forgotten");
    assert!(old.iter().all(|(key, text)| shop.redis.get(key).as_ref() != Some(text)), "it was replaced");
}

#[test]
fn what_somebody_else_wrote_is_replaced() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let good = shop.redis.get(&key(shop.vip)).unwrap();
    let stranger = shop.redis.get(&key(shop.other)).unwrap();
    let edited = good.replace("VIP", "PIV");
    assert_ne!(good, edited);
    let bare = format!("{{{}", good.split_once(',').unwrap().1);
    for poison in ["", "garbage", "null", "[]", "{}", "{\"group\":{\"name\":\"X\"}}", "\0", &edited, &stranger, &bare] {
        let _: () = shop.redis.ask("SET", (key(shop.vip), poison));
        shop.assert_right(poison);
        assert_ne!(shop.redis.get(&key(shop.vip)).as_deref(), Some(poison));
    }
    let _: i64 = shop.redis.ask("DEL", key(shop.vip));
    let _: i64 = shop.redis.ask("LPUSH", (key(shop.vip), "a list"));
    shop.assert_right("of another type");
    assert!(shop.redis.get(&key(shop.vip)).is_some(), "replaced");
}

/// A database that was restored counts its transactions anew, and what was kept of another one may look newer.
#[test]
fn another_database_has_a_cache_of_its_own() {
    let shop = Shop::new();
    shop.assert_right("kept");
    let second = TestApp::sharing(TestDb::new(), shop.redis.redis(), None);
    rows::run(&second.db, &format!("UPDATE groups SET description = 'Everybody' WHERE id = '{ROOT_ID}'"));
    let (here, there) = (&shop.api, second.api(Role::Viewer));
    for _ in 0..3 {
        assert_eq!(there.get(&group(ROOT_ID)).json["description"], "Everybody");
        assert_ne!(here.get(&group(ROOT_ID)).json["description"], "Everybody");
    }
}

/// A program of its own, whose counts are of this test alone.
fn node(shop: &Shop) -> (tempfile::TempDir, Program, Api) {
    let folder = data_folder();
    let mut command = Program::command(folder.path());
    command.arg("serve").env("DATABASE_URL", shop.plain.db.url()).env("REDIS_URL", shop.redis.url());
    let program = Program::started(command.env("WORKERS", "1").env("DB_POOL_SIZE", "4"));
    let api = Api::new(&program.url(), shop.api.id, &shop.api.token);
    (folder, program, api)
}

fn metric(program: &Program, line: &str) -> i64 {
    let (status, text) = program.get("/metrics");
    assert_eq!(status, 200);
    let value = text.lines().find_map(|told| told.strip_prefix(line)).map(str::trim);
    value.map_or(0, |value| value.parse().unwrap())
}

const RESTS: &str = r#"clientele_redis{state="rests"}"#;
const HITS: &str = r#"clientele_cache_reads_total{outcome="hit"}"#;
const MISSES: &str = r#"clientele_cache_reads_total{outcome="miss"}"#;
const ERRORS: &str = r#"clientele_cache_reads_total{outcome="error"}"#;

#[test]
fn without_redis_everything_goes_on_and_old_data_is_not_believed_afterwards() {
    let mut shop = Shop::new();
    let (_folder, program, api) = node(&shop);
    let answer = |path: &str, what: &str| {
        let answer = api.get(path);
        assert_eq!((answer.status, answer.json), (200, shop.truth.get(path).json), "{path}: {what}");
    };
    let paths = [group(shop.vip), effective(shop.vip)];
    paths.iter().chain(&paths).for_each(|path| answer(path, "kept"));
    assert_eq!((metric(&program, MISSES), metric(&program, HITS)), (1, 3));
    assert_eq!((metric(&program, RESTS), metric(&program, ERRORS)), (0, 0));
    let _: () = shop.redis.ask("SAVE", None::<&str>);
    let old = shop.redis.get(&key(shop.vip)).unwrap();
    shop.redis.kill();
    paths.iter().for_each(|path| answer(path, "Redis is gone"));
    ok(&api.patch(&format!("{}/settings", group(shop.trade)), &json!({"paymentTerms": {"netDays": 77}})));
    ok(&api.patch(&group(shop.vip), &json!({"name": "Very important"})));
    paths.iter().for_each(|path| answer(path, "changed meanwhile"));
    assert_eq!(api.get(&paths[1]).json["paymentTerms"]["netDays"]["value"], 77);
    assert_eq!(metric(&program, RESTS), 1);
    assert!(metric(&program, ERRORS) > 0);
    assert_eq!(program.get("/readyz").0, 200, "nodes are ready without it");
    shop.redis.start_again();
    assert_eq!(shop.redis.get(&key(shop.vip)).as_ref(), Some(&old), "it came back with what it had");
    let answer = |path: &str, what: &str| {
        let answer = api.get(path);
        assert_eq!((answer.status, answer.json), (200, shop.truth.get(path).json), "{path}: {what}");
    };
    let hits = metric(&program, HITS);
    eventually(|| {
        paths.iter().for_each(|path| answer(path, "Redis is back with old data"));
        metric(&program, HITS) > hits
    });
    assert_eq!(metric(&program, RESTS), 0);
    assert_ne!(shop.redis.get(&key(shop.vip)), Some(old));
}

#[test]
fn a_redis_that_does_not_answer_is_left_alone() {
    let shop = Shop::new();
    let (_folder, program, api) = node(&shop);
    let paths = [group(shop.vip), effective(shop.vip), group(ROOT_ID)];
    let right = |what: &str| {
        for path in &paths {
            let answer = api.get(path);
            assert_eq!((answer.status, answer.json), (200, shop.truth.get(path).json), "{path}: {what}");
        }
    };
    right("kept");
    right("kept");
    assert!(metric(&program, HITS) > 0);
    shop.redis.freeze();
    right("it stands still");
    assert_eq!(metric(&program, RESTS), 1);
    ok(&api.patch(&format!("{}/settings", group(ROOT_ID)), &json!({"paymentTerms": {"netDays": 5}})));
    right("changed while it stands still");
    shop.redis.thaw();
    let hits = metric(&program, HITS);
    eventually(|| {
        right("it goes on");
        metric(&program, HITS) > hits
    });
    assert_eq!(metric(&program, RESTS), 0);
}

#[test]
fn an_address_without_a_server_is_no_reason_not_to_start() {
    let shop = Shop::new();
    let folder = data_folder();
    let mut command = Program::command(folder.path());
    command.arg("serve").env("DATABASE_URL", shop.plain.db.url()).env("REDIS_URL", "redis+unix:///no/such.sock");
    let program = Program::started(command.env("WORKERS", "1").env("DB_POOL_SIZE", "4").env("LOG", "warn"));
    let api = Api::new(&program.url(), shop.api.id, &shop.api.token);
    for _ in 0..20 {
        assert_eq!(api.get(&group(shop.vip)).json, shop.truth.get(&group(shop.vip)).json);
    }
    let (status, said) = program.end(rustix::process::Signal::TERM);
    assert!(status.success(), "{said}");
    assert_eq!(said.matches("Redis does not answer").count(), 1, "{said}");
}
