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

impl Asked<'_> {
    pub(super) fn pricing(&mut self, patch: &mut Patch, group: Uuid, fields: &Map<String, Value>) -> Result<()> {
        for (field, value) in fields {
            let path = format!("pricing.{field}");
            match field.as_str() {
                "method" | "discountPercent" | "discount_percent" | "fixedAmount" | "fixed_amount" | "combine" => {}
                "scope" => patch.scope = self.scope(&path, value)?,
                "priceLists" | "price_lists" => patch.lists = self.lists(&path, value)?,
                "minimumOrder" | "minimum_order" => patch.minimum_order = self.setting(&path, value, Self::minimum),
                "stackWithPromotions" | "stack_with_promotions" => {
                    patch.stack_with_promotions = self.switch(&path, value);
                }
                "notes" => match value {
                    Value::Null => patch.notes = Some(String::new()),
                    Value::String(text) => patch.notes = Some(text.clone()),
                    _ => self.wrong(&path, "Send a text."),
                },
                _ => self.unknown(&path),
            }
        }
        patch.method = self.method(group, fields)?;
        Ok(())
    }

    /// The method with its value; what is left out of them is as it is.
    fn method(&mut self, group: Uuid, fields: &Map<String, Value>) -> Result<Option<Setting<Method>>> {
        let field = |camel: &str, snake: &str| fields.get(camel).or_else(|| fields.get(snake));
        let method = field("method", "method");
        let percent = field("discountPercent", "discount_percent");
        let amount = field("fixedAmount", "fixed_amount");
        let combine = field("combine", "combine");
        if method.is_none() && percent.is_none() && amount.is_none() && combine.is_none() {
            return Ok(None);
        }
        let levels = inheritance::load(self.conn, &[group])?;
        let own = levels.get(&group).map(|level| level.pricing.adjustment.clone()).unwrap_or_default();
        let name = match method {
            Some(Value::Null) => return Ok(Some(Setting::Unset)),
            Some(Value::String(name)) => name.as_str(),
            None if percent.is_some() => "percentage",
            None if amount.is_some() => "fixed",
            None if matches!(own, Adjustment::Percentage { .. }) => "percentage",
            _ => "",
        };
        Ok(match name {
            "none" => Some(Setting::ExplicitNone),
            "priceLists" | "price_lists" => Some(Setting::Value(Method::PriceLists)),
            "percentage" => {
                let (before, adding) = match own {
                    Adjustment::Percentage { percent, adds, .. } => (Some(percent), adds),
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
            "fixed" => {
                let amount = match (amount, own) {
                    (Some(value), _) => self.amount("pricing.fixedAmount", value),
                    (None, Adjustment::Fixed { amount, .. }) => Some(amount),
                    (None, _) => {
                        self.wrong("pricing.fixedAmount", "A fixed adjustment needs its amount.");
                        None
                    }
                };
                amount.map(|amount| Setting::Value(Method::Fixed { amount }))
            }
            _ => {
                self.wrong(
                    "pricing.method",
                    "Send \"none\", \"priceLists\", \"percentage\" with discountPercent, \"fixed\" with fixedAmount, or null.",
                );
                None
            }
        })
    }

    fn scope(&mut self, path: &str, value: &Value) -> Result<Option<ScopeChoice>> {
        let kind = value.as_str().or_else(|| value.get("kind").and_then(Value::as_str));
        Ok(match kind {
            Some("all") => Some(ScopeChoice::All),
            None if value.is_null() => Some(ScopeChoice::All),
            Some("categories") => {
                let names = value.get("categories").unwrap_or(&Value::Null);
                self.texts(&format!("{path}.categories"), names).map(ScopeChoice::Categories)
            }
            Some("products") => {
                let skus = value.get("products").unwrap_or(&Value::Null);
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
            let field = |camel: &str, snake: &str| item.get(camel).or_else(|| item.get(snake)).unwrap_or(&Value::Null);
            let named = field("priceListId", "price_list_id").as_str().unwrap_or_default();
            let priority = self.whole(&format!("{path}[{i}].priority"), field("priority", "priority"));
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
        let field = |name: &str| value.get(name).filter(|value| !value.is_null());
        let before = self.errors.len();
        let amount = field("amount").and_then(|value| self.amount(&format!("{path}.amount"), value));
        let quantity = field("quantity").and_then(|value| self.whole(&format!("{path}.quantity"), value));
        (self.errors.len() == before).then_some(MinimumOrder { amount, quantity })
    }
}
