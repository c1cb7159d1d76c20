//! What a `PATCH …/settings` asks for: a field left out is untouched, `null` = unset, `"none"` = explicitly none.

use super::super::patch::{Method, Patch, ScopeChoice};
use super::super::store::known;
use crate::error::{Error, FieldError, Result};
use crate::inheritance::own::{
    Access, Adjustment, AssignedList, EarlyPayment, MinimumOrder, Openness, PaymentMethod, Section, Setting,
};
use crate::inheritance::store as inheritance;
use crate::money::Currency;
use diesel::PgConnection;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most products or lists that a call names.
const MOST: usize = 10_000;

/// Reads the four sections and the inherit switches.
///
/// # Errors
/// Every field that is unknown or doesn't fit, by its path: `paymentTerms.netDays`.
pub(super) fn read(
    conn: &mut PgConnection,
    group: Uuid,
    body: &Map<String, Value>,
    currency: Currency,
) -> Result<Patch> {
    let mut asked = Asked { conn, currency, errors: Vec::new() };
    let mut patch = Patch::default();
    for (section, fields) in body {
        let Some(fields) = fields.as_object() else {
            asked.wrong(section, "Send an object with the fields to change.");
            continue;
        };
        for (field, value) in fields {
            let path = format!("{section}.{field}");
            match section.as_str() {
                "pricing" => {}
                "visibility" => asked.visibility(&mut patch, field, &path, value)?,
                "portal" => asked.portal(&mut patch, field, &path, value),
                "paymentTerms" | "payment_terms" => asked.terms(&mut patch, field, &path, value),
                "inherit" => asked.inherit(&mut patch, field, &path, value),
                _ => asked.wrong(section, "The sections are pricing, visibility, portal, paymentTerms and inherit."),
            }
        }
        if section == "pricing" {
            asked.pricing(&mut patch, group, fields)?;
        }
    }
    if asked.errors.is_empty() { Ok(patch) } else { Err(Error::Invalid(asked.errors)) }
}

struct Asked<'a> {
    conn: &'a mut PgConnection,
    currency: Currency,
    errors: Vec<FieldError>,
}

impl Asked<'_> {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message.into()));
    }

    fn unknown(&mut self, path: &str) {
        self.wrong(path, "There is no such setting.");
    }

    fn setting<T>(
        &mut self,
        path: &str,
        value: &Value,
        read: impl FnOnce(&mut Self, &str, &Value) -> Option<T>,
    ) -> Option<Setting<T>> {
        match value {
            Value::Null => Some(Setting::Unset),
            Value::String(text) if text == "none" => Some(Setting::ExplicitNone),
            value => read(self, path, value).map(Setting::Value),
        }
    }

    /// A yes or no; "none" is no.
    fn switch(&mut self, path: &str, value: &Value) -> Option<Option<bool>> {
        match value {
            Value::Null => Some(None),
            Value::Bool(yes) => Some(Some(*yes)),
            Value::String(text) if text == "none" => Some(Some(false)),
            _ => {
                self.wrong(path, "Send true, false, null or \"none\".");
                None
            }
        }
    }

    fn amount(&mut self, path: &str, value: &Value) -> Option<i64> {
        let read = value.as_str().map(|text| self.currency.parse(text));
        match read {
            Some(Ok(amount)) => Some(amount),
            Some(Err(why)) => {
                self.wrong(path, format!("The amount {why}."));
                None
            }
            None => {
                self.wrong(path, "Send an amount as a decimal string: \"1250.00\".");
                None
            }
        }
    }

    fn percent(&mut self, path: &str, value: &Value) -> Option<Decimal> {
        let read = value.as_str().and_then(|text| Decimal::from_str_exact(text).ok());
        if read.is_none() {
            self.wrong(path, "Send a percentage as a decimal string: \"15.00\".");
        }
        read
    }

    fn whole(&mut self, path: &str, value: &Value) -> Option<i32> {
        let read = value.as_i64().and_then(|number| i32::try_from(number).ok());
        if read.is_none() {
            self.wrong(path, "Send a whole number.");
        }
        read
    }

    fn openness(&mut self, path: &str, value: &Value) -> Option<Option<Openness>> {
        match value {
            Value::Null => Some(None),
            value => match value.as_str().and_then(Openness::from_name) {
                Some(open) => Some(Some(open)),
                None => {
                    self.wrong(path, "Send \"none\", \"limited\", \"full\" or null.");
                    None
                }
            },
        }
    }

    fn texts(&mut self, path: &str, value: &Value) -> Option<Vec<String>> {
        let texts: Option<Vec<String>> =
            value.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        match texts {
            Some(texts) if texts.len() <= MOST => Some(texts),
            Some(_) => {
                self.wrong(path, "Send at most 10,000 of them in a call.");
                None
            }
            None => {
                self.wrong(path, "Send a list of texts.");
                None
            }
        }
    }

    fn products(&mut self, path: &str, value: &Value) -> Result<Option<Vec<Uuid>>> {
        let Some(skus) = self.texts(path, value) else { return Ok(None) };
        let found = known::products(self.conn, &skus)?;
        if let Some(sku) = skus.iter().find(|sku| !found.contains_key(*sku)) {
            self.wrong(path, format!("There is no product with the SKU {sku}."));
            return Ok(None);
        }
        let mut ids: Vec<Uuid> = found.into_values().collect();
        ids.sort_unstable();
        Ok(Some(ids))
    }

    fn visibility(&mut self, patch: &mut Patch, field: &str, path: &str, value: &Value) -> Result<()> {
        match field {
            "access" => match value.as_str() {
                None if value.is_null() => patch.access = Some(None),
                Some("all") => patch.access = Some(Some(Access::All)),
                Some("products") => patch.access = Some(Some(Access::ChosenProducts)),
                Some("none") => patch.access = Some(Some(Access::VisibilityGroups(Vec::new()))),
                Some("visibilityGroups") => {
                    let chosen = matches!(patch.access, Some(Some(Access::VisibilityGroups(_))));
                    if !chosen {
                        patch.access = Some(Some(Access::VisibilityGroups(Vec::new())));
                    }
                }
                _ => self.wrong(path, "Send \"all\", \"visibilityGroups\", \"products\", \"none\" or null."),
            },
            "visibilityGroups" | "visibility_groups" => {
                if value.is_null() {
                    patch.access = Some(None);
                    return Ok(());
                }
                let Some(texts) = self.texts(path, value) else { return Ok(()) };
                let mut sets = Vec::new();
                for text in texts {
                    match known::visibility_group(self.conn, &text)? {
                        Some(set) => sets.push(set),
                        None => self.wrong(path, format!("There is no visibility group {text}.")),
                    }
                }
                sets.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
                sets.dedup();
                patch.access = Some(Some(Access::VisibilityGroups(sets)));
            }
            "included" => patch.included = self.product_set(path, value)?,
            "excluded" => patch.excluded = self.product_set(path, value)?,
            _ => self.unknown(path),
        }
        Ok(())
    }

    /// SKUs; `null` and "none" are none of them.
    fn product_set(&mut self, path: &str, value: &Value) -> Result<Option<Vec<Uuid>>> {
        if value.is_null() || value.as_str() == Some("none") {
            return Ok(Some(Vec::new()));
        }
        self.products(path, value)
    }

    fn portal(&mut self, patch: &mut Patch, field: &str, path: &str, value: &Value) {
        match field {
            "login" => patch.login = self.switch(path, value),
            "shop" => patch.shop = self.openness(path, value),
            "quotes" => patch.quotes = self.switch(path, value),
            "orders" => patch.orders = self.switch(path, value),
            "invoices" => patch.invoices = self.openness(path, value),
            _ => self.unknown(path),
        }
    }

    fn terms(&mut self, patch: &mut Patch, field: &str, path: &str, value: &Value) {
        match field {
            "methods" => patch.methods = self.methods(path, value),
            "netDays" | "net_days" => patch.net_days = self.setting(path, value, Self::whole),
            "creditLimit" | "credit_limit" => patch.credit_limit = self.setting(path, value, Self::amount),
            "autoApproveUnder" | "auto_approve_under" => {
                patch.auto_approve_under = self.setting(path, value, Self::amount);
            }
            "requirePo" | "require_po" => patch.require_po = self.switch(path, value),
            "earlyPayment" | "early_payment" => patch.early_payment = self.setting(path, value, Self::early),
            _ => self.unknown(path),
        }
    }

    fn methods(&mut self, path: &str, value: &Value) -> Option<Option<Vec<PaymentMethod>>> {
        if value.is_null() {
            return Some(None);
        }
        if value.as_str() == Some("none") {
            return Some(Some(Vec::new()));
        }
        let names = self.texts(path, value)?;
        let methods: Option<Vec<PaymentMethod>> = names.iter().map(|name| PaymentMethod::from_name(name)).collect();
        if methods.is_none() {
            self.wrong(path, "The methods are card, ach, wire, net_terms and cash.");
        }
        methods.map(Some)
    }

    fn early(&mut self, path: &str, value: &Value) -> Option<EarlyPayment> {
        let field = |name: &str| value.get(name).unwrap_or(&Value::Null);
        let percent = self.percent(&format!("{path}.percent"), field("percent"));
        let days = self.whole(&format!("{path}.days"), field("days"));
        Some(EarlyPayment { percent: percent?, days: days? })
    }

    fn inherit(&mut self, patch: &mut Patch, field: &str, path: &str, value: &Value) {
        let section = match field {
            "pricing" => Section::Pricing,
            "visibility" => Section::Visibility,
            "portal" => Section::Portal,
            "paymentTerms" | "payment_terms" => Section::PaymentTerms,
            _ => return self.unknown(path),
        };
        match value.as_bool() {
            Some(on) => patch.inherit.push((section, on)),
            None => self.wrong(path, "Send true or false."),
        }
    }

    fn pricing(&mut self, patch: &mut Patch, group: Uuid, fields: &Map<String, Value>) -> Result<()> {
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
        let Some(items) = value.as_array().filter(|items| items.len() <= super::super::forms::pricing::MOST_LISTS)
        else {
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
