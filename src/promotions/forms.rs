//! The form "Create Promotion for Group" (seed).

use super::details::Typed;
use crate::web::forms::FormState;

/// The fields of the form with their labels.
pub const FIELDS: [(&str, &str); 15] = [
    ("name", "Name"),
    ("code", "Code"),
    ("status", "Status"),
    ("type", "Type"),
    ("discount", "Discount"),
    ("unit", "Percent or amount"),
    ("free_quantity", "Free quantity"),
    ("buy_quantity", "Buy"),
    ("get_quantity", "Get"),
    ("minimum_purchase", "Minimum purchase"),
    ("valid_from", "Valid from"),
    ("valid_to", "Valid to"),
    ("stacks", "Stack with group discount"),
    ("combinable", "Combinable"),
    ("priority", "Priority"),
];

/// Reads the form; the actions check what it says.
pub fn parse(form: &FormState) -> Typed {
    let value = |name: &str| form.value(name).to_owned();
    let kind = match (form.value("type"), form.value("unit")) {
        ("discount", "amount") => "amount",
        ("discount", _) => "percent",
        (other, _) => other,
    };
    Typed {
        code: value("code"),
        name: value("name"),
        status: value("status"),
        kind: kind.into(),
        discount: value("discount"),
        free_item: form.chosen("free_item").unwrap_or_default(),
        free_quantity: value("free_quantity"),
        buy_quantity: value("buy_quantity"),
        get_quantity: value("get_quantity"),
        minimum_purchase: value("minimum_purchase"),
        valid_from: value("valid_from"),
        valid_to: value("valid_to"),
        stacks: form.is("stacks", "on"),
        combinable: form.is("combinable", "on"),
        priority: value("priority"),
        groups_in: form.picked("groups_in"),
        groups_not_in: form.picked("groups_not_in"),
    }
}

/// A form filled with a promotion's fields.
pub fn fill(typed: &Typed) -> FormState {
    let (kind, unit) = match typed.kind.as_str() {
        "percent" => ("discount", "percent"),
        "amount" => ("discount", "amount"),
        other => (other, "percent"),
    };
    let switch = |on: bool| if on { "on" } else { "" };
    let mut form = FormState::new()
        .with("code", &typed.code)
        .with("name", &typed.name)
        .with("status", &typed.status)
        .with("type", kind)
        .with("unit", unit)
        .with("discount", &typed.discount)
        .with("free_item", &typed.free_item)
        .with("free_item_text", &typed.free_item)
        .with("free_quantity", &typed.free_quantity)
        .with("buy_quantity", &typed.buy_quantity)
        .with("get_quantity", &typed.get_quantity)
        .with("minimum_purchase", &typed.minimum_purchase)
        .with("valid_from", &typed.valid_from)
        .with("valid_to", &typed.valid_to)
        .with("stacks", switch(typed.stacks))
        .with("combinable", switch(typed.combinable))
        .with("priority", &typed.priority);
    for (name, groups) in [("groups_in", &typed.groups_in), ("groups_not_in", &typed.groups_not_in)] {
        for group in groups {
            form.push(name, group);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_filled_with_what_it_reads() {
        for query in [
            "name=A&code=B&status=active&type=discount&unit=percent&discount=10&stacks=on&priority=1&groups_in=x&groups_in=y",
            "name=A&code=B&status=active&type=discount&unit=amount&discount=10&combinable=on&priority=1&groups_not_in=z",
            "name=A&code=B&status=active&type=free_item&free_item=MUG&free_item_text=MUG&free_quantity=2&priority=1",
            "name=A&code=B&status=active&type=bogo&buy_quantity=2&get_quantity=1&priority=1",
        ] {
            let typed = parse(&serde_urlencoded::from_str(query).unwrap());
            assert_eq!(parse(&fill(&typed)), typed, "{query}");
        }
        let typed = parse(&serde_urlencoded::from_str("type=discount&unit=amount&groups_in_new_text=VIP").unwrap());
        assert_eq!((typed.kind.as_str(), typed.groups_in), ("amount", vec!["VIP".to_owned()]));
    }
}
