//! What else is known of a customer: tags and metadata.

use super::chance::Chance;
use super::groups::Key;
use super::names;
use super::places::Place;
use super::roster::Role;
use serde_json::{Map, Value, json};

/// Tags, in alphabetical order.
pub fn tags(chance: &mut Chance, role: &Role, company: bool, place: Place) -> Vec<&'static str> {
    let mut tags = Vec::new();
    let mut tag = |chance: &mut Chance, name, percent| {
        if chance.percent(percent) {
            tags.push(name);
        }
    };
    if company {
        tag(chance, "education", 6);
        tag(chance, "eu-vat", if place.pays_in_euro() { 100 } else { 0 });
        tag(chance, "newsletter", 35);
        tag(chance, "priority", if role.seat.is_some() { 80 } else { 3 });
        tag(chance, "public-sector", 5);
        tag(chance, "sustainable", 8);
        tag(chance, "tax-exempt", 7);
        tag(chance, "trade-show", if role.home == Some(Key::Wholesale) { 22 } else { 6 });
    } else {
        tag(chance, "gift-buyer", 9);
        tag(chance, "home-office", 30);
        tag(chance, "newsletter", 55);
        tag(chance, "referral", 12);
        tag(chance, "student", 8);
    }
    tags
}

/// Metadata: how the customer came, and for companies their size and who looks after them.
pub fn metadata(chance: &mut Chance, role: &Role, company: bool, channel: &str) -> Value {
    let mut data = Map::new();
    data.insert("channel".into(), json!(channel));
    if company {
        data.insert("employees".into(), json!(chance.quantile(&[2, 5, 9, 16, 28, 50, 95, 210, 900])));
    }
    let managed = role.seat.is_some() || matches!(role.home, Some(Key::Gold | Key::Distributor));
    if managed {
        data.insert("account_manager".into(), json!(*chance.pick(&MANAGERS)));
        data.insert("contact".into(), json!({"name": names::person(chance), "language": "en"}));
    }
    if company && chance.percent(18) {
        data.insert("delivery_note".into(), json!(*chance.pick(&DELIVERY)));
    }
    Value::Object(data)
}

const MANAGERS: [&str; 4] = ["Ingrid Palmer", "Malik Forsyth", "Rosa Lindgren", "Theo Bhatt"];
const DELIVERY: [&str; 4] =
    ["Loading dock at the back", "Call before delivery", "Weekday mornings only", "Reception on the second floor"];
