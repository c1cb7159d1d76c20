//! What a `PATCH …/settings` asks for: a field left out is untouched, `null` = unset, `"none"` = explicitly none.

mod pricing;
mod visibility;

use crate::error::{Error, FieldError, Result};
use crate::group_settings::patch::Patch;
use crate::group_settings::store::known;
use crate::inheritance::own::{EarlyPayment, Openness, PaymentMethod, Section, Setting};
use crate::money::Currency;
use diesel::PgConnection;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

const SECTIONS: [&str; 5] = ["pricing", "visibility", "portal", "paymentTerms", "inherit"];
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
    for (section, fields) in &asked.in_camel_case("", body) {
        if !SECTIONS.contains(&section.as_str()) {
            asked.wrong(section, "The sections are pricing, visibility, portal, paymentTerms and inherit.");
            continue;
        }
        let Some(fields) = fields.as_object() else {
            asked.wrong(section, "Send an object with the fields to change.");
            continue;
        };
        let fields = asked.in_camel_case(section, fields);
        match section.as_str() {
            "pricing" => asked.pricing(&mut patch, group, &fields)?,
            "visibility" => asked.visibility(&mut patch, &fields)?,
            _ => {}
        }
        for (field, value) in &fields {
            let path = format!("{section}.{field}");
            match section.as_str() {
                "portal" => asked.portal(&mut patch, field, &path, value),
                "paymentTerms" => asked.terms(&mut patch, field, &path, value),
                "inherit" => asked.inherit(&mut patch, field, &path, value),
                _ => {}
            }
        }
    }
    if asked.errors.is_empty() { Ok(patch) } else { Err(Error::Invalid(asked.errors)) }
}

/// `net_days` is `netDays`.
fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for letter in name.chars() {
        match letter {
            '_' if !camel.is_empty() => raise = true,
            letter if raise => {
                camel.extend(letter.to_uppercase());
                raise = false;
            }
            letter => camel.push(letter),
        }
    }
    camel
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

    /// The same fields by the names that the API has for them; one that is sent by both its names is wrong.
    fn in_camel_case(&mut self, at: &str, fields: &Map<String, Value>) -> Map<String, Value> {
        let mut renamed = Map::new();
        for (name, value) in fields {
            let camel = camel_case(name);
            if renamed.contains_key(&camel) {
                let path = if at.is_empty() { camel.clone() } else { format!("{at}.{camel}") };
                self.wrong(&path, "This is sent twice, by two spellings of its name. Send it once.");
            }
            renamed.insert(camel, value.clone());
        }
        renamed
    }

    /// The parts of a value that is an object; parts that it doesn't have are wrong.
    fn parts(&mut self, path: &str, value: &Value, names: &[&str]) -> Option<Map<String, Value>> {
        let Some(fields) = value.as_object() else {
            self.wrong(path, format!("Send an object with {}.", names.join(" and ")));
            return None;
        };
        let fields = self.in_camel_case(path, fields);
        for name in fields.keys().filter(|name| !names.contains(&name.as_str())) {
            self.unknown(&format!("{path}.{name}"));
        }
        Some(fields)
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
            let short: String = sku.chars().take(40).collect();
            self.wrong(path, format!("There is no product with the SKU {short}."));
            return Ok(None);
        }
        let mut ids: Vec<Uuid> = found.into_values().collect();
        ids.sort_unstable();
        Ok(Some(ids))
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
            "netDays" => patch.net_days = self.setting(path, value, Self::whole),
            "creditLimit" => patch.credit_limit = self.setting(path, value, Self::amount),
            "autoApproveUnder" => {
                patch.auto_approve_under = self.setting(path, value, Self::amount);
            }
            "requirePo" => patch.require_po = self.switch(path, value),
            "earlyPayment" => patch.early_payment = self.setting(path, value, Self::early),
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
        let parts = self.parts(path, value, &["percent", "days"])?;
        let field = |name: &str| parts.get(name).unwrap_or(&Value::Null);
        let percent = self.percent(&format!("{path}.percent"), field("percent"));
        let days = self.whole(&format!("{path}.days"), field("days"));
        Some(EarlyPayment { percent: percent?, days: days? })
    }

    fn inherit(&mut self, patch: &mut Patch, field: &str, path: &str, value: &Value) {
        let section = match field {
            "pricing" => Section::Pricing,
            "visibility" => Section::Visibility,
            "portal" => Section::Portal,
            "paymentTerms" => Section::PaymentTerms,
            _ => return self.unknown(path),
        };
        match value.as_bool() {
            Some(on) => patch.inherit.push((section, on)),
            None => self.wrong(path, "Send true or false."),
        }
    }
}
