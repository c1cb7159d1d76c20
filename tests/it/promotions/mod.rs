//! Promotions, campaigns, segments and the order check: their pages and their calls, over the real application.

mod audiences;
mod calls;
mod order_check;
mod pages;

use crate::support::{Answer, Page, TestApp, rows};
use rows::By;
use uuid::Uuid;

const PROMOTIONS: &str = "/admin/promotions";

/// What stands at a field of a refused form.
fn told(page: &Page, status: u16, field: &str, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in {text}");
    if !field.is_empty() {
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "nothing stands at {field}: {text}");
    }
}

/// The fields of a problem document's errors.
fn fields(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.json);
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        assert!(error["message"].as_str().unwrap().ends_with('.'), "a sentence: {error}");
    }
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

/// VIP with Platinum below it, and Gold.
struct Groups {
    vip: Uuid,
    platinum: Uuid,
    gold: Uuid,
}

impl Groups {
    fn new(app: &TestApp) -> Self {
        let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
        let platinum = rows::group(&app.db, "PLATINUM", "VIP Platinum", Some(vip));
        Self { vip, platinum, gold: rows::group(&app.db, "GOLD", "Gold Tier", None) }
    }
}

/// A customer who is a member of a group by hand.
fn member(app: &TestApp, code: &str, group: Uuid) -> Uuid {
    let customer = rows::customer(&app.db, code);
    rows::member(&app.db, group, customer, "2025-01-01", By::Hand, true);
    customer
}
