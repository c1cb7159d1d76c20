//! Two fillings of a form side by side, in the words in which its page shows them.

use super::super::forms::meanwhile;
use super::super::forms::{pricing, visibility};
use super::super::store::known;
use super::area::Area;
use super::view::SectionPage;
use crate::error::Result;
use crate::inheritance::own::{Openness, PaymentMethod};
use crate::inheritance::store::assignable_lists;
use crate::web::forms::{Choice, Conflict, FormState};
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What the form and what is stored now differ in.
pub(super) fn beside(conn: &mut PgConnection, page: &SectionPage, theirs: &FormState) -> Result<Vec<Conflict>> {
    let mut names = HashMap::new();
    for form in [theirs, &page.form] {
        match page.area {
            Area::Pricing => {
                let ids: Vec<Uuid> = pricing::list_rows(form).into_iter().map(|(id, _)| id).collect();
                names.extend(assignable_lists(conn, &ids, 0)?.into_iter().map(|list| (list.id, list.name)));
            }
            Area::Visibility => {
                let sets = known::visibility_groups(conn, &visibility::chosen_sets(form))?;
                names.extend(sets.into_iter().map(|set| (set.id, set.name)));
            }
            Area::PaymentTerms | Area::Inheritance => {}
        }
    }
    let told = |form: &FormState, fields: &[&'static str]| page.told(form, fields, &names);
    Ok(meanwhile::conflicts(theirs, &page.form, page.area.fields(), told))
}

impl SectionPage {
    /// What stands in the fields of a setting, as the page shows it.
    fn told(&self, form: &FormState, fields: &[&'static str], names: &HashMap<Uuid, String>) -> String {
        let name = |id: &str| Uuid::try_parse(id).ok().and_then(|id| names.get(&id).cloned());
        if fields.contains(&"list_id") {
            let rows = pricing::list_rows(form).into_iter().map(|(id, priority)| {
                let name = names.get(&id).map_or("A list that is gone", String::as_str);
                format!("{name} (priority {})", priority.trim())
            });
            let rows: Vec<String> = rows.collect();
            return if rows.is_empty() { "None of its own".into() } else { rows.join(", ") };
        }
        let mut texts = Vec::new();
        for field in fields {
            let values = form.values(field).map(str::trim).filter(|value| !value.is_empty());
            texts.extend(values.filter_map(|value| self.value(form, field, value, &name)));
        }
        match (texts.is_empty(), self.area) {
            (false, _) => texts.join(", "),
            (true, Area::Inheritance) => "Not inherited".into(),
            (true, _) if form.is("paymentTerms.methods.own", "on") && fields.contains(&"paymentTerms.methods") => {
                "None".into()
            }
            (true, _) if fields == ["pricing.notes"] => "None".into(),
            (true, _) if fields == ["visibility.visibilityGroups"] => "None".into(),
            (true, _) => "Inherited".into(),
        }
    }

    /// One value; `None` where another field says it.
    fn value(
        &self,
        form: &FormState,
        field: &str,
        value: &str,
        name: &impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let label = |choices: Vec<Choice>| choices.into_iter().find(|choice| choice.value == value).map(|it| it.label);
        let money = || self.opened.currency.parse(value).ok().map(|amount| self.opened.currency.format(amount));
        let is_percentage = form.is("pricing.method", "percentage");
        let told = match field {
            "pricing.method" => label(self.pricing_methods()),
            "pricing.combine" | "pricing.discountPercent" if !is_percentage => return None,
            "pricing.fixedAmount" if !form.is("pricing.method", "fixed") => return None,
            "pricing.combine" => label(self.combinations()),
            "pricing.scope" => label(self.scopes()),
            "visibility.access" => label(self.accesses()),
            "visibility.visibilityGroups" => name(value),
            "paymentTerms.methods.own" => return None,
            "paymentTerms.methods" => PaymentMethod::from_name(value).map(|method| method.label().to_owned()),
            "portal.shop" | "portal.invoices" => Openness::from_name(value).map(|open| open.label().to_owned()),
            "pricing.discountPercent" | "paymentTerms.earlyPayment.percent" => Some(format!("{value}%")),
            "pricing.fixedAmount"
            | "pricing.minimumOrder.amount"
            | "paymentTerms.creditLimit"
            | "paymentTerms.autoApproveUnder" => money(),
            "pricing.minimumOrder.quantity" => Some(format!("{value} units")),
            "paymentTerms.netDays" => Some(format!("Net {value}")),
            "paymentTerms.earlyPayment.days" => Some(format!("within {value} days")),
            _ if field.ends_with(".none") => Some("None".into()),
            _ if field.starts_with("inherit.") => Some("Inherited".into()),
            _ if matches!(value, "yes" | "no") => Some(if value == "yes" { "Yes" } else { "No" }.into()),
            _ => None,
        };
        Some(told.unwrap_or_else(|| value.to_owned()))
    }
}
