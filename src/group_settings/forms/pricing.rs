//! The form "Pricing configuration" (seed).

use super::{Reader, fill, switch_text};
use crate::error::FieldError;
use crate::group_settings::patch::{Method, Patch, ScopeChoice};
use crate::inheritance::own::{Adjustment, AssignedList, MinimumOrder, OwnPricing, Scope, Setting};
use crate::money::Currency;
use crate::pricing::priority;
use crate::web::forms::FormState;
use uuid::Uuid;

/// The most lists of a group.
pub const MOST_LISTS: usize = 100;

/// A row of the lists on the form: the list's id, and its priority as typed.
pub fn list_rows(form: &FormState) -> Vec<(Uuid, String)> {
    let mut priorities = form.values("list_priority");
    form.values("list_id")
        .map(|id| (Uuid::try_parse(id).unwrap_or_default(), priorities.next().unwrap_or_default().trim().to_owned()))
        .filter(|(id, _)| !form.is("list_removed", &id.to_string()))
        .collect()
}

/// The longest category.
const CATEGORY: usize = 120;

/// The categories that are ticked, and the one that is typed.
pub fn chosen_categories(form: &FormState) -> Vec<String> {
    let ticked = form.values("pricing.categories").chain(form.filled("pricing.categories.new"));
    let mut names: Vec<String> = ticked.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    names
}

/// What the form asks to change: the whole section. `known` are the lists that there are, of those the form names; their
/// priorities are the form's.
pub fn read(form: &FormState, known: &[AssignedList], currency: Currency) -> Result<Patch, Vec<FieldError>> {
    let mut reader = Reader::new(form, currency);
    let method = method(&mut reader);
    let minimum_order = minimum(&mut reader);
    let stack_with_promotions = reader.switch("pricing.stackWithPromotions");
    let scope = match form.value("pricing.scope") {
        "" | "all" => ScopeChoice::All,
        "products" => ScopeChoice::Products(None),
        "categories" => {
            let names = chosen_categories(form);
            if names.is_empty() {
                reader.wrong("pricing.categories", "Tick at least one category.");
            }
            if names.iter().any(|name| name.contains('\0') || name.chars().count() > CATEGORY) {
                reader.wrong("pricing.categories", "A category has at most 120 characters.");
            }
            ScopeChoice::Categories(names)
        }
        _ => {
            reader.wrong("pricing.scope", "Choose one of those shown.");
            ScopeChoice::All
        }
    };
    let lists = lists(&mut reader, known);
    let patch = Patch {
        method: Some(method),
        scope: Some(scope),
        lists: Some(lists),
        stack_with_promotions: Some(stack_with_promotions),
        minimum_order: Some(minimum_order),
        notes: Some(form.value("pricing.notes").to_owned()),
        ..Patch::default()
    };
    if reader.errors.is_empty() { Ok(patch) } else { Err(reader.errors) }
}

fn method(reader: &mut Reader<'_>) -> Setting<Method> {
    match reader.form.value("pricing.method") {
        "" => Setting::Unset,
        "none" => Setting::ExplicitNone,
        "priceLists" => Setting::Value(Method::PriceLists),
        "percentage" => {
            if reader.form.filled("pricing.discountPercent").is_none() {
                reader.wrong("pricing.discountPercent", "Enter the discount in percent.");
            }
            let adds = reader.form.value("pricing.combine") == "add";
            let percent = reader.percent("pricing.discountPercent");
            percent.map_or(Setting::Unset, |percent| Setting::Value(Method::Percentage { percent, adds }))
        }
        "fixed" => {
            if reader.form.filled("pricing.fixedAmount").is_none() {
                reader.wrong("pricing.fixedAmount", "Enter the amount off each unit.");
            }
            let amount = reader.amount("pricing.fixedAmount");
            amount.map_or(Setting::Unset, |amount| Setting::Value(Method::Fixed { amount }))
        }
        _ => {
            reader.wrong("pricing.method", "Choose one of the methods shown.");
            Setting::Unset
        }
    }
}

fn minimum(reader: &mut Reader<'_>) -> Setting<MinimumOrder> {
    let (amount, quantity) = ("pricing.minimumOrder.amount", "pricing.minimumOrder.quantity");
    let given = reader.form.filled(amount).is_some() || reader.form.filled(quantity).is_some();
    match (given, reader.form.is("pricing.minimumOrder.none", "on")) {
        (false, false) => Setting::Unset,
        (false, true) => Setting::ExplicitNone,
        (true, true) => {
            reader.wrong(amount, "Enter a minimum or tick the box, not both.");
            Setting::Unset
        }
        (true, false) => {
            Setting::Value(MinimumOrder { amount: reader.amount(amount), quantity: reader.whole(quantity) })
        }
    }
}

fn lists(reader: &mut Reader<'_>, known: &[AssignedList]) -> Vec<AssignedList> {
    let rows = list_rows(reader.form);
    if rows.len() > MOST_LISTS {
        reader.wrong("pricing.priceLists", format!("A group can have at most {MOST_LISTS} price lists."));
    }
    let mut lists: Vec<AssignedList> = Vec::new();
    for (id, priority) in rows {
        let Some(list) = known.iter().find(|list| list.id == id) else {
            reader.wrong("pricing.priceLists", "One of the lists is gone. Remove it and choose another.");
            continue;
        };
        match priority::parse(&priority) {
            Ok(priority) => lists.push(AssignedList { priority, ..list.clone() }),
            Err(_) => reader.wrong(
                "pricing.priceLists",
                format!("The priority of {} is a whole number from 1; lower comes first.", list.name),
            ),
        }
    }
    lists
}

/// The form filled with own pricing.
pub fn filled(own: &OwnPricing, currency: Currency) -> FormState {
    let mut form = FormState::new()
        .with("pricing.stackWithPromotions", switch_text(own.stack_with_promotions))
        .with("pricing.notes", &own.notes)
        .with("pricing.scope", "all");
    let (method, scope) = match &own.adjustment {
        Adjustment::Unset => ("", None),
        Adjustment::ExplicitNone => ("none", None),
        Adjustment::PriceLists => ("priceLists", None),
        Adjustment::Percentage { percent, adds, scope } => {
            form.set("pricing.discountPercent", percent.normalize());
            form.set("pricing.combine", if *adds { "add" } else { "compete" });
            ("percentage", Some(scope))
        }
        Adjustment::Fixed { amount, scope } => {
            form.set("pricing.fixedAmount", currency.major(*amount));
            ("fixed", Some(scope))
        }
    };
    form.set("pricing.method", method);
    match scope {
        None | Some(Scope::All) => {}
        Some(Scope::Categories(names)) => {
            form.set("pricing.scope", "categories");
            for name in names {
                form.push("pricing.categories", name);
            }
        }
        Some(Scope::Products(_)) => form.set("pricing.scope", "products"),
    }
    match own.minimum_order {
        Setting::Value(minimum) => {
            if let Some(amount) = minimum.amount {
                form.set("pricing.minimumOrder.amount", currency.major(amount));
            }
            if let Some(quantity) = minimum.quantity {
                form.set("pricing.minimumOrder.quantity", quantity);
            }
        }
        Setting::Unset | Setting::ExplicitNone => {
            fill(&mut form, "pricing.minimumOrder", &own.minimum_order, |_| String::new());
        }
    }
    for list in &own.lists {
        form.push("list_id", list.id);
        form.push("list_priority", list.priority);
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use rust_decimal::Decimal;

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    fn list(n: u128, priority: i32) -> AssignedList {
        AssignedList {
            id: Uuid::from_u128(n),
            code: format!("L{n}"),
            name: format!("List {n}"),
            priority,
            active: true,
            currency: Currency::USD,
            valid_from: None,
            valid_to: None,
        }
    }

    #[test]
    fn own_pricing_comes_back_the_same() {
        let scope = Scope::Categories(vec!["Books".into(), "Toys".into()]);
        for adjustment in [
            Adjustment::Unset,
            Adjustment::ExplicitNone,
            Adjustment::PriceLists,
            Adjustment::Percentage { percent: Decimal::new(1_550, 2), adds: true, scope: scope.clone() },
            Adjustment::Fixed { amount: 505, scope: Scope::Products(3) },
        ] {
            let own = OwnPricing {
                adjustment,
                lists: vec![list(1, 1), list(2, 10)],
                stack_with_promotions: Some(false),
                minimum_order: Setting::Value(MinimumOrder { amount: Some(50_000), quantity: Some(10) }),
                notes: "As agreed.".into(),
            };
            // The root takes no method; this is a group below it.
            let level = Level { parent_id: Some(Uuid::nil()), pricing: own.clone(), ..Level::default() };
            let patch = read(&filled(&own, Currency::USD), &[list(1, 9), list(2, 9)], Currency::USD).unwrap();
            assert_eq!(patch.applied(&level).unwrap().pricing, own);
        }
    }

    #[test]
    fn a_list_is_removed_by_its_box() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let body = format!("list_id={one}&list_priority=1&list_id={two}&list_priority=10&list_removed={one}");
        let patch = read(&form(&body), &[list(2, 0)], Currency::USD).unwrap();
        assert_eq!(patch.lists, Some(vec![list(2, 10)]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = Uuid::from_u128(1);
        for (body, field) in [
            ("pricing.method=percentage".into(), "pricing.discountPercent"),
            ("pricing.method=percentage&pricing.discountPercent=many".into(), "pricing.discountPercent"),
            ("pricing.method=fixed&pricing.fixedAmount=1.005".into(), "pricing.fixedAmount"),
            ("pricing.method=barter".into(), "pricing.method"),
            ("pricing.scope=categories&pricing.categories=+".into(), "pricing.categories"),
            ("pricing.minimumOrder.amount=5&pricing.minimumOrder.none=on".into(), "pricing.minimumOrder.amount"),
            ("pricing.minimumOrder.quantity=2.5".into(), "pricing.minimumOrder.quantity"),
            (format!("list_id={one}&list_priority=1.5"), "pricing.priceLists"),
            (format!("list_id={one}&list_priority=0"), "pricing.priceLists"),
            ("list_id=nonsense&list_priority=1".into(), "pricing.priceLists"),
        ] {
            let errors = read(&form(&body), &[list(1, 0)], Currency::USD).unwrap_err();
            assert_eq!(errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), [field], "{body}");
        }
    }
}
