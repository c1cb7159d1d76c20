//! The form "Product visibility" with portal access (seed).

use super::{Reader, switch_text};
use crate::error::FieldError;
use crate::group_settings::patch::Patch;
use crate::inheritance::own::{Access, NamedSet, Openness, OwnPortal, OwnVisibility};
use crate::money::Currency;
use crate::web::forms::FormState;
use uuid::Uuid;

/// The names of the access choices, as the form and the JSON API send them.
pub const ACCESS: [&str; 3] = ["all", "visibilityGroups", "products"];

/// What the form asks to change: both sections. `known` are the visibility groups that there are, of those it names.
pub fn read(form: &FormState, known: &[NamedSet], currency: Currency) -> Result<Patch, Vec<FieldError>> {
    let mut reader = Reader::new(form, currency);
    let access = match form.value("visibility.access") {
        "" => None,
        "all" => Some(Access::All),
        "products" => Some(Access::ChosenProducts),
        "visibilityGroups" => {
            let mut sets: Vec<NamedSet> = known.to_vec();
            sets.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            sets.dedup();
            if sets.len() < chosen_sets(form).len() {
                reader.wrong("visibility.visibilityGroups", "One of the visibility groups is gone. Choose them again.");
            }
            Some(Access::VisibilityGroups(sets))
        }
        _ => {
            reader.wrong("visibility.access", "Choose one of the kinds of access shown.");
            None
        }
    };
    let patch = Patch {
        access: Some(access),
        login: Some(reader.switch("portal.login")),
        shop: Some(openness(&mut reader, "portal.shop")),
        quotes: Some(reader.switch("portal.quotes")),
        orders: Some(reader.switch("portal.orders")),
        invoices: Some(openness(&mut reader, "portal.invoices")),
        ..Patch::default()
    };
    if reader.errors.is_empty() { Ok(patch) } else { Err(reader.errors) }
}

/// The visibility groups that a form names, each once, also where they are none any more.
pub fn chosen_sets(form: &FormState) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> =
        form.values("visibility.visibilityGroups").map(|id| Uuid::try_parse(id).unwrap_or_default()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn openness(reader: &mut Reader<'_>, field: &str) -> Option<Openness> {
    match reader.form.value(field) {
        "" => None,
        name => {
            let openness = Openness::from_name(name);
            if openness.is_none() {
                reader.wrong(field, "Choose one of those shown.");
            }
            openness
        }
    }
}

/// The form filled with own settings.
pub fn filled(visibility: &OwnVisibility, portal: &OwnPortal) -> FormState {
    let access = match &visibility.access {
        None => "",
        Some(Access::All) => ACCESS[0],
        Some(Access::VisibilityGroups(_)) => ACCESS[1],
        Some(Access::ChosenProducts) => ACCESS[2],
    };
    let mut form = FormState::new()
        .with("visibility.access", access)
        .with("portal.login", switch_text(portal.login))
        .with("portal.shop", portal.shop.map_or("", Openness::name))
        .with("portal.quotes", switch_text(portal.quotes))
        .with("portal.orders", switch_text(portal.orders))
        .with("portal.invoices", portal.invoices.map_or("", Openness::name));
    if let Some(Access::VisibilityGroups(sets)) = &visibility.access {
        for set in sets {
            form.push("visibility.visibilityGroups", set.id);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;

    #[test]
    fn own_settings_come_back_the_same_and_empty_inherits() {
        let set = NamedSet { id: Uuid::from_u128(7), name: "Standard".into() };
        let visibility =
            OwnVisibility { access: Some(Access::VisibilityGroups(vec![set.clone()])), ..OwnVisibility::default() };
        let portal = OwnPortal {
            login: Some(true),
            shop: Some(Openness::Limited),
            quotes: Some(false),
            orders: None,
            invoices: Some(Openness::None),
        };
        let form = filled(&visibility, &portal);
        let after = read(&form, &[set], Currency::USD).unwrap().applied(&Level::default()).unwrap();
        assert_eq!((after.visibility, after.portal), (visibility, portal));
        let empty = read(&FormState::new(), &[], Currency::USD).unwrap().applied(&after_none()).unwrap();
        assert_eq!((empty.visibility.access, empty.portal), (None, OwnPortal::default()));
    }

    fn after_none() -> Level {
        let visibility = OwnVisibility { access: Some(Access::All), ..OwnVisibility::default() };
        Level { visibility, ..Level::default() }
    }

    #[test]
    fn what_is_not_on_the_form_is_refused() {
        for (body, field) in [
            ("visibility.access=everything", "visibility.access"),
            ("visibility.access=visibilityGroups&visibility.visibilityGroups=x", "visibility.visibilityGroups"),
            ("portal.shop=wide", "portal.shop"),
            ("portal.login=on", "portal.login"),
        ] {
            let form: FormState = serde_urlencoded::from_str(body).unwrap();
            let errors = read(&form, &[], Currency::USD).unwrap_err();
            assert_eq!(errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), [field], "{body}");
        }
    }
}
