//! The pages: the seed's form with its pickers, previews, refusals, somebody else's change, deleting.

use super::{Groups, member, told};
use crate::support::html;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;

#[test]
fn the_seeds_form_makes_its_promotion() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get("/promotions/new");
    for text in ["Promotion name", "Target groups", "Additional discount", "Free shipping", "Free item", "BOGO"] {
        assert!(page.text().contains(text), "{text}");
    }
    let form = page
        .form("/promotions")
        .fill("name", "VIP Spring Sale")
        .fill("code", "VIP-SPRING")
        .fill("discount", "10")
        .fill("minimum_purchase", "500")
        .fill("valid_from", "2026-03-01")
        .fill("valid_to", "2026-03-31");
    // Groups are picked one after the other; nothing is saved meanwhile, and nothing typed is lost.
    let picked = editor.submit(&form.fill("groups_in_new_text", "VIP").forge("do", "pick"));
    assert_eq!(picked.status, 200, "{}", picked.text());
    let form = picked.form("/promotions");
    assert_eq!((form.value("groups_in"), form.value("discount")), (groups.vip.to_string().as_str(), "10"));
    told(
        &editor.submit(&form.clone().fill("groups_in_new_text", "Nobody").forge("do", "pick")),
        422,
        "groups_in",
        "There is no group “Nobody”.",
    );
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM promotions"), 0);
    // What stands in the field counts without its button, too.
    let made = editor.submit(&form.fill("groups_in_new_text", "Gold Tier"));
    assert_eq!(made.status, 303, "{}", made.text());
    let row = rows::one(
        &app.db,
        "SELECT jsonb_build_object('kind', kind, 'percent', percent::text, 'minimum', minimum_purchase, 'from', valid_from,
            'to', valid_to, 'stacks', stacks, 'everyone', reaches_everyone, 'status', status) FROM promotions",
    );
    let expected = serde_json::json!({
        "kind": "percent", "percent": "10.00", "minimum": 50_000, "from": "2026-03-01", "to": "2026-03-31",
        "stacks": true, "everyone": false, "status": "active",
    });
    assert_eq!(row, expected);
    let targets = "SELECT string_agg(g.code, ' ' ORDER BY g.code) FROM promotion_targets t JOIN groups g ON g.id = t.group_id WHERE t.is_in";
    assert_eq!(rows::texts(&app.db, targets), ["GOLD VIP"]);
    let shown = editor.get(made.location());
    for text in ["VIP Spring Sale is made.", "Running", "10% off", "$500.00", "Gold Tier"] {
        assert!(shown.text().contains(text), "{text}: {}", shown.text());
    }
    let log = editor.get("/audit").text();
    assert!(log.contains("created promotion VIP Spring Sale"), "{log}");
    let list = html::rows(&editor.get("/promotions?status=running&q=spring").body);
    assert_eq!(list.len(), 1);
    assert!(list[0].join(" ").contains("Gold Tier, VIP Customers"), "{list:?}");
    assert!(html::rows(&editor.get("/promotions?status=ended").body).is_empty());
}

#[test]
fn what_does_not_fit_is_told_at_its_field_and_nothing_is_changed() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let editor = app.sign_in(Role::Editor);
    rows::promotion(&app.db, "TAKEN");
    let form = editor
        .get("/promotions/new")
        .form("/promotions")
        .fill("name", "Sale")
        .fill("code", "SALE")
        .fill("discount", "10");
    let before = rows::checksums(&app.db);
    let vip = groups.vip.to_string();
    for (form, field, sentence) in [
        (form.clone().fill("code", "TAKEN"), "code", "Another promotion has this code."),
        (form.clone().fill("discount", "101"), "discount", "The discount is at most 100%."),
        (form.clone().fill("discount", ""), "discount", "The discount is not a percentage"),
        (form.clone().fill("unit", "amount").fill("discount", "0"), "discount", "The amount must be more than 0."),
        (
            form.clone().fill("valid_from", "2026-03-02").fill("valid_to", "2026-03-01"),
            "valid_to",
            "It ends before it starts. Choose 2026-03-02 or a later day.",
        ),
        (form.clone().fill("valid_from", "soon"), "valid_from", "Enter a day such as"),
        (
            form.clone().forge("groups_in", &vip).forge("groups_not_in", &vip),
            "groups_not_in",
            "VIP Customers can't be both in and not in.",
        ),
        (form.clone().fill("groups_in_new_text", "Nobody"), "groups_in", "There is no group “Nobody”."),
        (form.clone().fill("priority", "0"), "priority", "The priority is a whole number from 1"),
        (form.clone().fill("type", "free_item"), "free_item", "Choose the product that comes for free"),
        (form.clone().fill("type", "bogo").fill("buy_quantity", "0"), "buy_quantity", "Enter a whole number from 1"),
        (form.clone().fill("type", "lottery"), "type", "Choose one of the kinds of promotions."),
        (form.clone().fill("minimum_purchase", "-1"), "minimum_purchase", "can't be negative"),
    ] {
        let page = editor.submit(&form);
        told(&page, 422, field, sentence);
        assert_eq!(page.form("/promotions").value("name"), "Sale", "what was typed stays");
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn once_targeted_it_never_reaches_everyone_again() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let editor = app.sign_in(Role::Editor);
    member(&app, "A", groups.vip);
    let id = rows::promotion(&app.db, "SALE");
    let path = format!("/promotions/{id}");
    let reach = |says: &str| {
        let text = editor.get(&format!("{path}?part=reach")).text();
        assert!(text.contains(says), "{says}: {text}");
    };
    reach("1 customer reached");
    let form = editor.get(&format!("{path}/edit")).form(&path);
    assert_eq!(editor.submit(&form.fill("groups_in_new_text", "GOLD")).status, 303);
    reach("Nobody today.");
    let form = editor.get(&format!("{path}/edit")).form(&path);
    let emptied: Vec<(&str, &str)> =
        form.fields.iter().filter(|(name, _)| name != "groups_in").map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(editor.post(&path, &emptied).status, 303);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM promotion_targets"), 0);
    reach("Nobody today.");
    assert!(editor.get(&format!("{path}/edit")).text().contains("it reaches nobody"));
    rows::run(&app.db, "UPDATE promotions SET reaches_everyone = true");
    assert!(!rows::one(&app.db, "SELECT reaches_everyone FROM promotions").as_bool().unwrap(), "the database holds it");
    // A deleted target stays a target and matches nobody.
    let form = editor.get(&format!("{path}/edit")).form(&path);
    assert_eq!(editor.submit(&form.fill("groups_in_new_text", "VIP")).status, 303);
    reach("1 customer reached");
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'PLATINUM'");
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'VIP'");
    reach("Nobody today.");
    let page = editor.get(&format!("{path}/edit"));
    assert!(page.text().contains("deleted, matches nobody"), "{}", page.text());
    assert_eq!(editor.submit(&page.form(&path).fill("name", "Other")).status, 303);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM promotion_targets WHERE is_in"), 1, "and saving keeps it");
}

#[test]
fn somebody_elses_change_is_shown_beside_ones_own() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let editor = app.sign_in(Role::Editor);
    let id = rows::promotion(&app.db, "SALE");
    let path = format!("/promotions/{id}");
    let form = editor.get(&format!("{path}/edit")).form(&path).fill("priority", "3");
    rows::run(&app.db, "UPDATE promotions SET version = 2, percent = 20, priority = 7");
    rows::run(&app.db, &format!("INSERT INTO promotion_targets VALUES ('{id}', '{}', true)", groups.gold));
    let stale = editor.submit(&form);
    told(&stale, 409, "", "Theirs and yours");
    let again = stale.form(&path);
    // What was left alone is theirs by now, groups included.
    assert_eq!((again.value("discount"), again.value("priority")), ("20", "3"));
    assert_eq!(again.value("groups_in"), groups.gold.to_string());
    assert_eq!(editor.submit(&again).status, 303);
    assert_eq!(rows::number(&app.db, "SELECT priority FROM promotions"), 3);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM promotion_targets"), 1);
}

#[test]
fn a_promotion_shows_sample_prices_before_and_after() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let viewer = app.sign_in(Role::Viewer);
    member(&app, "A", groups.vip);
    rows::product(&app.db, "P-1", 10_000);
    rows::run(
        &app.db,
        &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{}', 'percentage', 20)", groups.vip),
    );
    let id = rows::promotion(&app.db, "SALE");
    let text = viewer.get(&format!("/promotions/{id}?part=reach")).text();
    assert!(text.contains("P-1 1 $100.00 $80.00 $72.00"), "{text}");
    rows::run(&app.db, "UPDATE promotions SET stacks = false");
    let text = viewer.get(&format!("/promotions/{id}?part=reach")).text();
    assert!(text.contains("$100.00 $80.00 $80.00 the group price is as low"), "{text}");
}

#[test]
fn segments_are_written_with_the_builder() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let editor = app.sign_in(Role::Editor);
    for (code, country) in [("A", "DE"), ("B", "FR"), ("C", "DE")] {
        member(&app, code, if code == "C" { groups.gold } else { groups.platinum });
        rows::run(&app.db, &format!("UPDATE customers SET country = '{country}' WHERE code = '{code}'"));
    }
    let page = editor.get("/segments/new");
    let form = page.form("/segments").fill("name", "Germans").fill("groups_in_new_text", "VIP");
    let page = editor.submit(&form.forge("do", "pick"));
    assert_eq!(page.status, 200, "{}", page.text());
    let form = page.form("/segments").fill("r-0.field", "country").forge("do", "refresh");
    let page = editor.submit(&form);
    let form = page.form("/segments").fill("r-0.value", "DE");
    assert_eq!(form.value("groups_in"), groups.vip.to_string());
    let asked = form.clone();
    let fields: Vec<(&str, &str)> = asked.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let body = serde_urlencoded::to_string(&fields).unwrap();
    let headers = [("hx-request", "true"), ("hx-request-type", "partial"), ("hx-target", "div#preview")];
    let preview = editor.send("POST", "/segments", &headers, Some(&body));
    assert!(preview.text().contains("Customers 1"), "{}", preview.text());
    let refused = editor.submit(&form.clone().fill("r-0.value", "Germany").fill("name", "").forge("do", "save"));
    told(&refused, 422, "name", "Enter a name.");
    let made = editor.submit(&form.forge("do", "save"));
    assert_eq!(made.status, 303, "{}", made.text());
    let text = editor.get(&format!("{}?part=who", made.location())).text();
    assert!(text.contains("1 customer in it") && text.contains("country is “DE”"), "{text}");
    // Without a rule the groups alone decide.
    let path = made.location().to_owned();
    let form = editor.get(&format!("{path}/edit")).form(&path);
    let page = editor.submit(&form.forge("do", "remove:r-0"));
    assert_eq!(editor.submit(&page.form(&path).forge("do", "save")).status, 303);
    assert!(editor.get(&format!("{path}?part=who")).text().contains("2 customers in it"));
    assert!(
        editor.get("/audit").text().contains("changed segment Germans : rule country is “DE” removed"),
        "{}",
        editor.get("/audit").text()
    );
}

#[test]
fn campaigns_hold_segments_and_promotions() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let (segment, promotion) = (rows::segment(&app.db, "Buyers"), rows::promotion(&app.db, "SALE"));
    let form = editor.get("/campaigns/new").form("/campaigns").fill("name", "Spring").fill("code", "SPRING");
    told(
        &editor.submit(&form.clone().fill("promotions_new_text", "NONE")),
        422,
        "promotions",
        "There is no promotion “NONE”.",
    );
    told(
        &editor.submit(&form.clone().fill("valid_from", "2026-03-02").fill("valid_to", "2026-03-01")),
        422,
        "valid_to",
        "It ends before it starts.",
    );
    let page = editor
        .submit(&form.fill("segments_new_text", "buyers").fill("promotions_new_text", "SALE").forge("do", "pick"));
    let form = page.form("/campaigns");
    assert_eq!(
        (form.value("segments"), form.value("promotions")),
        (segment.to_string().as_str(), promotion.to_string().as_str())
    );
    let made = editor.submit(&form);
    let page = editor.get(made.location());
    assert!(
        page.text().contains("Buyers") && page.text().contains("SALE") && page.text().contains("Running"),
        "{}",
        page.text()
    );
    // A segment that a campaign asks for stays.
    let deletion = format!("/segments/{segment}/deletion");
    assert!(editor.get(&deletion).text().contains("can't be deleted"));
    told(&editor.post(&deletion, &[("version", "1")]), 409, "", "Spring would be for everyone without it.");
    let campaign = made.location().to_owned();
    let asked = editor.get(&format!("{campaign}/deletion"));
    assert!(asked.text().contains("SALE is in no other campaign"), "{}", asked.text());
    assert_eq!(editor.submit(&asked.form(&format!("{campaign}/deletion"))).status, 303);
    assert_eq!(editor.get(&campaign).status, 404);
    assert_eq!(editor.submit(&editor.get(&deletion).form(&deletion)).status, 303);
    let deletion = format!("/promotions/{promotion}/deletion");
    assert_eq!(editor.submit(&editor.get(&deletion).form(&deletion)).status, 303);
    assert_eq!(rows::number(&app.db, "SELECT (SELECT count(*) FROM promotions) + (SELECT count(*) FROM segments)"), 0);
}

#[test]
fn a_customers_page_lists_its_promotions_with_why() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let ann = member(&app, "ANN", groups.platinum);
    let target = |code: &str, group: uuid::Uuid, is_in: bool| {
        let id = rows::promotion(&app.db, code);
        rows::run(&app.db, &format!("UPDATE promotions SET reaches_everyone = NOT {is_in} WHERE id = '{id}'"));
        rows::run(&app.db, &format!("INSERT INTO promotion_targets VALUES ('{id}', '{group}', {is_in})"));
        id
    };
    target("OWN", groups.platinum, true);
    let above = target("ABOVE", groups.vip, true);
    target("OTHERS", groups.gold, true);
    target("NOT-VIP", groups.vip, false);
    rows::promotion(&app.db, "EVERYONE");
    rows::run(&app.db, "UPDATE promotions SET valid_to = '2026-03-31', minimum_purchase = 50000 WHERE code = 'OWN'");
    let campaign = rows::campaign(&app.db, "SPRING");
    rows::run(
        &app.db,
        &format!("INSERT INTO campaign_promotions (campaign_id, promotion_id) VALUES ('{campaign}', '{above}')"),
    );
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("/customers/{ann}/gets"));
    let found: Vec<Vec<String>> = html::rows(&page.body).into_iter().filter(|row| row.len() == 4).collect();
    let mut told: Vec<String> = found.iter().map(|row| row.join(" | ")).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "ABOVE ABOVE | 10% off | For VIP Customers, in which VIP Platinum stands; by the campaign SPRING. | Always",
            "EVERYONE EVERYONE | 10% off | For everyone. | Always",
            "OWN OWN | 10% off Orders from $500.00 | For VIP Platinum, which counts. | until March 31, 2026",
        ]
    );
    // On another day the windows are that day's.
    let later = viewer.get(&format!("/customers/{ann}/gets?on=2026-04-01")).text();
    assert!(!later.contains("OWN OWN") && later.contains("EVERYONE"), "{later}");
    // The call says why as well.
    let answer = app.api(Role::Viewer).get(&format!("/store/customers/{ann}/promotions")).json;
    let reasons: Vec<&str> =
        answer["items"].as_array().unwrap().iter().filter_map(|it| it["reason"].as_str()).collect();
    assert!(reasons.contains(&"For VIP Platinum, which counts"), "{answer}");
}

#[test]
fn the_palette_finds_promotions_campaigns_and_segments() {
    let app = TestApp::new();
    rows::promotion(&app.db, "SPRING-10");
    rows::campaign(&app.db, "SPRINGTIME");
    rows::run(&app.db, "INSERT INTO segments (id, name) VALUES (uuid_v7(), 'Springers')");
    let viewer = app.sign_in(Role::Viewer);
    let found = viewer.get("/search?q=spring").text();
    for part in ["Promotions SPRING-10", "Campaigns SPRINGTIME", "Segments Springers"] {
        assert!(found.contains(part), "{part} in {found}");
    }
    assert!(!viewer.get("/search?q=autumn").text().contains("Springers"));
}
