//! The pricing section of what is asked for.

use super::Asked;
use crate::error::Result;
use crate::group_settings::forms::pricing::MOST_LISTS;
use crate::group_settings::patch::{Method, Patch, ScopeChoice};
use crate::group_settings::store::known;
use crate::inheritance::own::{Adjustment, AssignedList, MinimumOrder, Setting};
use crate::inheritance::store as inheritance;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What says explicitly that there is none.
fn none() -> Value {
    Value::from("none")
}

impl Asked<'_> {
    pub(super) fn pricing(&mut self, patch: &mut Patch, group: Uuid, fields: &Map<String, Value>) -> Result<()> {
        for (field, value) in fields {
            let path = format!("pricing.{field}");
            match field.as_str() {
                "method" | "discountPercent" | "fixedAmount" | "combine" => {}
                "scope" => patch.scope = self.scope(&path, value)?,
                "priceLists" => patch.lists = self.lists(&path, value)?,
                "minimumOrder" => patch.minimum_order = self.setting(&path, value, Self::minimum),
                "stackWithPromotions" => patch.stack_with_promotions = self.switch(&path, value),
                "notes" => match value {
                    Value::Null => patch.notes = Some(String::new()),
                    Value::String(text) => patch.notes = Some(text.clone()),
                    _ => self.wrong(&path, "Send a text."),
                },
                _ => self.unknown(&path),
            }
        }
        let levels = inheritance::load(self.conn, &[group])?;
        let own = levels.get(&group).map(|level| level.pricing.adjustment.clone()).unwrap_or_default();
        patch.method = self.method(&own, fields);
        let is_for_products = match &patch.method {
            Some(method) => matches!(method, Setting::Value(Method::Percentage { .. } | Method::Fixed { .. })),
            None => matches!(own, Adjustment::Percentage { .. } | Adjustment::Fixed { .. }),
        };
        if patch.scope.is_some() && !is_for_products && fields.get("scope").is_some_and(|scope| !scope.is_null()) {
            self.wrong("pricing.scope", "Only a percentage or a fixed adjustment has a scope. Send its method, too.");
        }
        let has_lists = patch.lists.as_ref().is_some_and(|lists| !lists.is_empty());
        if has_lists && patch.method == Some(Setting::ExplicitNone) {
            self.wrong("pricing.method", "A group with price lists has the method \"priceLists\", not \"none\".");
        }
        Ok(())
    }

    /// The method with its value; what is left out of them is as it is.
    fn method(&mut self, own: &Adjustment, fields: &Map<String, Value>) -> Option<Setting<Method>> {
        let method = fields.get("method");
        let (percent, amount) = (fields.get("discountPercent"), fields.get("fixedAmount"));
        let combine = fields.get("combine");
        let given = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        let name = match method {
            Some(Value::Null) => "unset",
            Some(Value::String(name)) => name.as_str(),
            Some(_) => "",
            None if given(percent) && percent != Some(&none()) => "percentage",
            None if given(amount) && amount != Some(&none()) => "fixed",
            None if [percent, amount].contains(&Some(&none())) => "none",
            // The value of the method that the group has is taken back, and the method with it.
            None if percent.is_some() && matches!(own, Adjustment::Percentage { .. }) => "unset",
            None if amount.is_some() && matches!(own, Adjustment::Fixed { .. }) => "unset",
            None if given(combine) && matches!(own, Adjustment::Percentage { .. }) => "percentage",
            None if given(combine) => {
                self.wrong("pricing.combine", "Only a percentage adds or competes. Send discountPercent, too.");
                return None;
            }
            None => return None,
        };
        let stray = |value: Option<&Value>| given(value) && value != Some(&none());
        for (field, value, with) in [
            ("discountPercent", percent, "percentage"),
            ("fixedAmount", amount, "fixed"),
            ("combine", combine, "percentage"),
        ] {
            if stray(value) && name != with {
                let message = format!("This goes with the method \"{with}\" only. Leave one of both out.");
                self.wrong(&format!("pricing.{field}"), message);
            }
        }
        match name {
            "unset" => Some(Setting::Unset),
            "none" => Some(Setting::ExplicitNone),
            "priceLists" | "price_lists" => Some(Setting::Value(Method::PriceLists)),
            "percentage" => self.percentage(own, percent, combine),
            "fixed" => self.fixed(own, amount),
            _ => {
                self.wrong(
                    "pricing.method",
                    "Send \"none\", \"priceLists\", \"percentage\" with discountPercent, \"fixed\" with fixedAmount, or null.",
                );
                None
            }
        }
    }

    fn percentage(
        &mut self,
        own: &Adjustment,
        percent: Option<&Value>,
        combine: Option<&Value>,
    ) -> Option<Setting<Method>> {
        let (before, adding) = match own {
            Adjustment::Percentage { percent, adds, .. } => (Some(*percent), *adds),
            _ => (None, false),
        };
        let adds = match combine.and_then(Value::as_str) {
            None if combine.is_none_or(Value::is_null) => adding,
            Some("add") => true,
            Some("compete") => false,
            _ => {
                self.wrong("pricing.combine", "Send \"compete\" or \"add\".");
                false
            }
        };
        let percent = match (percent, before) {
            (Some(value), _) => self.percent("pricing.discountPercent", value),
            (None, Some(before)) => Some(before),
            (None, None) => {
                self.wrong("pricing.discountPercent", "A percentage discount needs its percentage.");
                None
            }
        };
        percent.map(|percent| Setting::Value(Method::Percentage { percent, adds }))
    }

    fn fixed(&mut self, own: &Adjustment, amount: Option<&Value>) -> Option<Setting<Method>> {
        let amount = match (amount, own) {
            (Some(value), _) => self.amount("pricing.fixedAmount", value),
            (None, Adjustment::Fixed { amount, .. }) => Some(*amount),
            (None, _) => {
                self.wrong("pricing.fixedAmount", "A fixed adjustment needs its amount.");
                None
            }
        };
        amount.map(|amount| Setting::Value(Method::Fixed { amount }))
    }

    fn scope(&mut self, path: &str, value: &Value) -> Result<Option<ScopeChoice>> {
        let object =
            if value.is_object() { self.parts(path, value, &["kind", "categories", "products"]) } else { None };
        let part = |name: &str| object.as_ref().and_then(|parts| parts.get(name));
        let kind = value.as_str().or_else(|| part("kind").and_then(Value::as_str));
        for name in ["categories", "products"] {
            if part(name).is_some() && kind != Some(name) {
                self.wrong(&format!("{path}.{name}"), format!("This goes with the kind \"{name}\" only."));
            }
        }
        Ok(match kind {
            Some("all") => Some(ScopeChoice::All),
            None if value.is_null() => Some(ScopeChoice::All),
            Some("categories") => {
                let path = format!("{path}.categories");
                match self.texts(&path, part("categories").unwrap_or(&Value::Null)) {
                    Some(names) if names.is_empty() => {
                        self.wrong(&path, "Name at least one category.");
                        None
                    }
                    Some(names) => self.categories(&path, names)?,
                    None => None,
                }
            }
            Some("products") => {
                let skus = part("products").unwrap_or(&Value::Null);
                self.products(&format!("{path}.products"), skus)?.map(|ids| ScopeChoice::Products(Some(ids)))
            }
            _ => {
                self.wrong(
                    path,
                    "Send {\"kind\": \"all\"}, \"categories\" with categories, or \"products\" with SKUs.",
                );
                None
            }
        })
    }

    /// Categories that some product has.
    fn categories(&mut self, path: &str, names: Vec<String>) -> Result<Option<ScopeChoice>> {
        let known = known::categories(self.conn, &names)?;
        let before = self.errors.len();
        for name in names.iter().filter(|name| !known.contains(*name)) {
            let short: String = name.chars().take(120).collect();
            self.wrong(path, format!("No product is in the category {short}."));
        }
        Ok((self.errors.len() == before).then_some(ScopeChoice::Categories(names)))
    }

    fn lists(&mut self, path: &str, value: &Value) -> Result<Option<Vec<AssignedList>>> {
        if value.is_null() || value.as_str() == Some("none") {
            return Ok(Some(Vec::new()));
        }
        let Some(items) = value.as_array().filter(|items| items.len() <= MOST_LISTS) else {
            self.wrong(path, "Send a list of up to 100 {\"priceListId\", \"priority\"}.");
            return Ok(None);
        };
        let mut lists: Vec<AssignedList> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let Some(parts) = self.parts(&format!("{path}[{i}]"), item, &["priceListId", "priority"]) else { continue };
            let field = |name: &str| parts.get(name).unwrap_or(&Value::Null);
            let named = field("priceListId").as_str().unwrap_or_default();
            let priority = self.whole(&format!("{path}[{i}].priority"), field("priority"));
            match known::list(self.conn, named)? {
                Some(list) if lists.iter().any(|other| other.id == list.id) => {
                    self.wrong(&format!("{path}[{i}].priceListId"), "This list is named twice.");
                }
                Some(list) => lists.extend(priority.map(|priority| AssignedList { priority, ..list })),
                None => self.wrong(&format!("{path}[{i}].priceListId"), "There is no price list with this id or code."),
            }
        }
        Ok(Some(lists))
    }

    fn minimum(&mut self, path: &str, value: &Value) -> Option<MinimumOrder> {
        let before = self.errors.len();
        let parts = self.parts(path, value, &["amount", "quantity"])?;
        let field = |name: &str| parts.get(name).filter(|value| !value.is_null());
        let amount = field("amount").and_then(|value| self.amount(&format!("{path}.amount"), value));
        let quantity = field("quantity").and_then(|value| self.whole(&format!("{path}.quantity"), value));
        (self.errors.len() == before).then_some(MinimumOrder { amount, quantity })
    }
}
