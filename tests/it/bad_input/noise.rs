//! What no person sends: bytes that are no text, addresses that no link leads to. Never a fault, never a change.

use super::{GROUPS, Shop};
use crate::support::rows;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clientele::auth::role::Role;
use uuid::Uuid;

/// Keys of pages as nobody was ever given them.
fn absurd_cursors() -> Vec<String> {
    let id = Uuid::nil();
    let keys = [
        format!(r#"["+262142-12-31T23:59:59Z","{id}"]"#),
        format!(r#"["-262143-01-01T00:00:00Z","{id}"]"#),
        format!(r#"["+294277-01-01T00:00:00Z","{id}"]"#),
        format!(r#"["9999-12-31T23:59:59.999999999Z","{id}"]"#),
        format!(r#"["0001-01-01T00:00:00+18:00","{id}"]"#),
        format!(r#"["2026-01-01T00:00:00Z","{}"]"#, "f".repeat(32)),
        format!(r#"{{"since":"+262142-12-31T23:59:59Z","id":"{id}"}}"#),
        format!(r#"{{"at":"+262142-12-31T23:59:59Z","id":"{id}"}}"#),
        format!(r#"{{"key":"99999999999999999999","name":"x","id":"{id}"}}"#),
        format!(r#"{{"key":"\u0000","name":"\u0000","id":"{id}"}}"#),
        format!(r#"{{"key":"\ud800","name":"x","id":"{id}"}}"#),
        format!(r#"["a\u0000b","{id}"]"#),
        r#"{"key":{},"name":[],"id":1}"#.to_owned(),
        "null".into(),
        "[]".into(),
        "[".repeat(700),
    ];
    let texts = ["", "x", "====", "%", "%00", "AAAA", "..%2f..", "-1", "0", "9223372036854775808"];
    let encoded = keys.iter().map(|key| URL_SAFE_NO_PAD.encode(key));
    encoded.chain(texts.iter().map(|text| (*text).to_owned())).chain(["A".repeat(10_000)]).collect()
}

/// Query strings that are none.
fn foolish_queries() -> Vec<String> {
    let long = "x".repeat(10_000);
    let mut queries: Vec<String> = [
        "q=%00",
        "q=%FF%FE",
        "q=%C3%28",
        "q=%ED%A0%80",
        "q=%",
        "q=%zz",
        "q=%E0%A4%A",
        "=&=&",
        "&&&",
        "?",
        "q[]=a",
        "q=a&q=b",
        "status=%00",
        "type=%FF",
        "sort=%00",
        "sort=-",
        "sort=--name",
        "deleted=%00",
        "part=x",
        "show=%00",
        "action=%00",
        "actor=%00",
        "from=x",
        "from=0000-00-00",
        "from=99999-01-01",
        "to=-1",
        "group=%00",
        "group_text=%00",
        "actor_text=%FF",
        "root=%00",
        "next=//evil.test",
        "after=sign-out",
        "subject=%00",
        "q=%F0%9F%A6%80",
        "q=%E2%80%AE",
        "q=%25%5F%5C%27%22%3B",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.push(format!("q={long}"));
    queries.push(format!("{long}={long}"));
    queries.push(format!("group={long}"));
    queries.push("a=b&".repeat(2_000));
    for cursor in absurd_cursors() {
        queries.push(format!("after={cursor}"));
        queries.push(format!("before={cursor}"));
    }
    queries
}

#[test]
fn no_address_makes_a_page_fail() {
    let shop = Shop::new();
    let browser = shop.app.sign_in(Role::Admin);
    let gold = shop.gold;
    let product = rows::product(shop.db(), "A-1", 1000);
    let list = rows::price_list(shop.db(), "LIST-1");
    rows::entry(shop.db(), list, product, 1, 900);
    rows::assign(shop.db(), gold, list, 1);
    let set = rows::visibility_group(shop.db(), "Standard", &[product]);
    let group = format!("/groups/{gold}");
    let customer = format!("/customers/{}", rows::id(shop.db(), "SELECT id FROM customers WHERE code = 'A'"));
    let organization = format!("/organizations/{}", rows::organization(shop.db(), "ORG", None));
    let promotion = rows::promotion(shop.db(), "PROMO-1");
    let segment = rows::segment(shop.db(), "Buyers");
    let (webhook, _) = rows::webhook(shop.db());
    let before = rows::checksums(shop.db());
    let listing = [
        "/groups?".to_owned(),
        "/groups.csv?".into(),
        "/groups/options?".into(),
        format!("{group}?"),
        format!("{group}/pricing/products?"),
        format!("{group}/pricing/products/add?"),
        format!("{group}/visibility/included?"),
        format!("{group}/visibility/excluded/add?"),
        format!("{group}/visibility/hidden?"),
        format!("{group}/visibility/exclusive?"),
        format!("{group}/history?"),
        format!("{group}/history?show=members&"),
        format!("{group}/report?"),
        format!("{group}/report.csv?"),
        "/reports?".into(),
        "/reports/compare?".into(),
        "/reports/portfolio?".into(),
        "/reports/portfolio?sort=name&".into(),
        "/customers?".into(),
        "/customers?sort=-purchases&".into(),
        "/customers?sort=since&".into(),
        "/customers?sort=last_order&".into(),
        "/customers.csv?".into(),
        format!("{customer}?"),
        format!("{customer}/orders?"),
        format!("{customer}/gets?"),
        format!("{customer}/products?"),
        "/tools/price-check?".into(),
        "/docs/api?".into(),
        "/tools/conflicts?".into(),
        "/tools/conflicts?kind=unreachable&".into(),
        "/tools/conflicts?kind=members&".into(),
        "/tools/conflicts?kind=cost&".into(),
        format!("{customer}/history?"),
        format!("{customer}/history?show=changes&"),
        "/organizations?".into(),
        "/organizations?sort=-code&".into(),
        "/organizations/options?".into(),
        format!("{organization}?"),
        "/search?".into(),
        "/products?".into(),
        "/products/options?".into(),
        format!("/products/{product}?"),
        format!("/products/{product}/groups?"),
        "/price-lists?".into(),
        "/price-lists/options?".into(),
        format!("/price-lists/{list}?"),
        format!("/price-lists/{list}/groups?"),
        format!("/price-lists/{list}/entries.csv?"),
        "/visibility-groups?".into(),
        format!("/visibility-groups/{set}?"),
        format!("/visibility-groups/{set}/add?"),
        "/promotions?".into(),
        "/promotions/options?".into(),
        format!("/promotions/{promotion}?"),
        format!("/promotions/{promotion}?part=reach&"),
        "/campaigns?".into(),
        "/segments?".into(),
        "/segments/options?".into(),
        format!("/segments/{segment}?part=who&"),
        "/tools/order-check?".into(),
        "/imports?".into(),
        "/audit?".into(),
        "/audit.csv?".into(),
        format!("/settings/webhooks/{webhook}?"),
    ];
    let plain = [
        "/groups/new?",
        "/customers/new?",
        "/organizations/new?",
        "/settings/store?",
        "/settings/users?",
        "/settings/tokens?",
        "/settings/webhooks?",
        "/account/password?",
        "/login?",
    ];
    let of_group =
        ["/edit?", "/pricing?", "/visibility?", "/inheritance?", "/deletion?"].map(|rest| format!("{group}{rest}"));
    let queries = foolish_queries();
    let every_fifth = || queries.iter().step_by(5);
    let addresses = listing
        .iter()
        .flat_map(|path| queries.iter().map(move |query| format!("{path}{query}")))
        .chain(plain.iter().flat_map(|path| every_fifth().map(move |query| format!("{path}{query}"))))
        .chain(of_group.iter().flat_map(|path| every_fifth().map(move |query| format!("{path}{query}"))));
    for address in addresses {
        let page = browser.get(&address);
        assert!(
            [200, 303, 400, 404, 414, 422].contains(&page.status),
            "{address:.200}: {} {}",
            page.status,
            page.text()
        );
    }
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn no_query_makes_the_api_fail() {
    let shop = Shop::new();
    let api = shop.app.api(Role::Admin);
    let list = rows::price_list(shop.db(), "LIST-1");
    let set = rows::visibility_group(shop.db(), "Standard", &[]);
    let customer = rows::id(shop.db(), "SELECT id FROM customers WHERE code = 'A'");
    api.get(GROUPS);
    let before = rows::checksums(shop.db());
    for query in foolish_queries() {
        let query = query.replace("after=", "cursor=");
        for path in [
            GROUPS.to_owned(),
            "/admin/customers".into(),
            "/admin/organizations".into(),
            format!("{GROUPS}/{}", shop.gold),
            format!("{GROUPS}/{}/price-lists", shop.gold),
            "/admin/products".into(),
            "/admin/price-lists".into(),
            format!("/admin/price-lists/{list}"),
            format!("/admin/price-lists/{list}/entries"),
            "/admin/promotions".into(),
            "/admin/campaigns".into(),
            "/admin/segments".into(),
            "/admin/visibility-groups".into(),
            format!("/admin/visibility-groups/{set}/products"),
            format!("/store/customers/{customer}/products"),
        ] {
            let answer = api.get(&format!("{path}?{query}"));
            assert!([200, 400, 422].contains(&answer.status), "{query:.200}: {}", answer.json);
        }
    }
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn no_form_makes_a_page_fail() {
    let shop = Shop::new();
    let browser = shop.app.sign_in(Role::Admin);
    let user = shop.app.user(Role::Viewer).id;
    let gold = shop.gold;
    let customer = rows::id(shop.db(), "SELECT id FROM customers WHERE code = 'A'");
    let organization = rows::organization(shop.db(), "ORG", None);
    let product = rows::product(shop.db(), "A-1", 1000);
    let list = rows::price_list(shop.db(), "LIST-1");
    let set = rows::visibility_group(shop.db(), "Standard", &[product]);
    let (webhook, _) = rows::webhook(shop.db());
    let before = rows::checksums(shop.db());
    let csrf = browser.csrf();
    // Each of them is wrong besides, so that none may change anything.
    let group = "description=&status=active&type=manual&version=1&name=%3B";
    for value in ["%00", "a%00b", "%C3%28", "%FF", "%ED%A0%80", "%"] {
        let forms = [
            ("/groups", format!("name={value}&status=none")),
            ("/groups", format!("code={value}&{group}")),
            ("/groups", format!("capacity={value}&{group}")),
            ("/groups", format!("parent={value}&{group}")),
            ("/groups", format!("parent_text={value}&{group}")),
            ("/groups", format!("status={value}&type=manual")),
            ("/groups", format!("metadata_key={value}&metadata_value={value}&{group}")),
            ("/groups", format!("{value}={value}&{group}")),
            (&*format!("/groups/{gold}"), format!("name=New&version={value}&status=active&type=manual")),
            (&*format!("/groups/{gold}"), format!("parent_text={value}&{group}")),
            (&*format!("/groups/{gold}/deletion"), format!("version=1&children=other&children_to_text={value}")),
            (&*format!("/groups/{gold}/deletion"), format!("version=1&children=other&children_to={value}")),
            (&*format!("/groups/{gold}/restoration"), format!("name={value}&code={value}")),
            ("/customers", format!("code={value}&name=&status=x&organization={value}&groups={value}&tags={value}")),
            ("/customers", format!("code=&{value}={value}&metadata_key={value}&customer_since={value}")),
            (&*format!("/customers/{customer}"), format!("version=1&code=&was={value}&groups={value}")),
            (&*format!("/customers/{customer}"), format!("version={value}&code=&name=")),
            ("/organizations", format!("code=&name={value}&parent={value}&group={value}")),
            ("/organizations", format!("code=&name={value}&parent_text={value}&group_text={value}")),
            (&*format!("/organizations/{organization}"), format!("version=1&code=&was={value}")),
            ("/settings/users", format!("email={value}&name={value}&role={value}&password=x")),
            (&*format!("/settings/users/{user}"), format!("email={value}&name=;&role=x&version=1")),
            ("/settings/tokens", format!("name=&role={value}")),
            ("/settings/webhooks", format!("url={value}&description={value}&events={value}")),
            (&*format!("/settings/webhooks/{webhook}"), format!("url=&description={value}&events={value}&version=1")),
            (&*format!("/settings/webhooks/{webhook}/deletion"), format!("version=7{value}")),
            ("/settings/store", format!("currency={value}&time_zone={value}&flat_shipping={value}&version=1")),
            (
                "/settings/store",
                format!("currency=USD&time_zone=x&flat_shipping=0&default_group_text={value}&version=1"),
            ),
            ("/products", format!("sku={value}&name={value}&base_price={value}&currency={value}&status={value}")),
            (&*format!("/products/{product}"), format!("version={value}&name={value}")),
            ("/price-lists", format!("code={value}&name={value}&valid_from={value}&valid_to={value}")),
            (&*format!("/price-lists/{list}"), format!("version=1&code={value}&name=A&currency={value}")),
            (&*format!("/price-lists/{list}/entries"), format!("product={value}&product_text={value}&price={value}")),
            (
                &*format!("/price-lists/{list}/entries/{product}"),
                format!("was={value}&min_quantity={value}&price={value}"),
            ),
            (&*format!("/price-lists/{list}/entries/{product}"), format!("was=[]&min_quantity={value}&price={value}")),
            (&*format!("/price-lists/{list}/import"), format!("csv={value}&file={value}&step=import")),
            (&*format!("/price-lists/{list}/import"), format!("csv=sku,price%0A{value},{value}&step=import")),
            (&*format!("/price-lists/{list}/deletion"), format!("version={value}")),
            ("/visibility-groups", format!("name=&description={value}")),
            (&*format!("/visibility-groups/{set}/add"), format!("product={value}")),
            (&*format!("/visibility-groups/{set}/add"), format!("all=1&q={value}&category={value}&count={value}")),
            (&*format!("/visibility-groups/{set}/remove"), format!("all=1&sure=1&q={value}&count=7")),
            (&*format!("/visibility-groups/{set}/deletion"), format!("version={value}")),
            ("/account/password", format!("current={value}&password={value}&again={value}")),
        ];
        for (path, body) in forms {
            let page = browser.send("POST", path, &[], Some(&format!("csrf={csrf}&{body}")));
            assert!([400, 404, 409, 422].contains(&page.status), "{path} {body}: {} {}", page.status, page.text());
        }
        let login = shop.app.browser();
        let token = login.get("/login").hidden("csrf").unwrap().to_owned();
        let body = format!("csrf={token}&email={value}&password={value}&next={value}");
        assert_eq!(login.send("POST", "/login", &[], Some(&body)).status, 422, "{value}");
        rows::run(shop.db(), "DELETE FROM sign_in_failures");
    }
    rows::assert_unchanged(shop.db(), &before);
}
