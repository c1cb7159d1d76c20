//! The store's settings, and the checks on what is typed for them.

use crate::error::FieldError;
use crate::money::Currency;
use chrono_tz::Tz;
use uuid::Uuid;

/// The settings that hold for the whole store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Prices, purchases and reports are in it.
    pub currency: Currency,
    /// A day is a day in this zone.
    pub time_zone: Tz,
    /// Where "move to default group" sends members.
    pub default_group_id: Option<Uuid>,
    /// Minor units.
    pub flat_shipping: i64,
    /// An unattended rule run that would remove more than this percentage of a group's members waits for approval.
    pub rule_guard_percent: i32,
    /// Whether saving a customer with the name of a group that isn't there makes the group (SPEC 13).
    pub create_missing_groups: bool,
    /// For optimistic locking.
    pub version: i32,
}

/// The settings as typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// ISO 4217 code.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// Group id, or nothing.
    pub default_group: String,
    /// Major units.
    pub flat_shipping: String,
    /// 0 to 100; nothing is 20.
    pub rule_guard: String,
    /// `create` or `refuse`.
    pub missing_groups: String,
}

impl Typed {
    /// Checks each field by itself; `version` is the one the form was filled from.
    pub fn parse(&self, version: i32) -> Result<StoreSettings, Vec<FieldError>> {
        let mut errors = Vec::new();
        let currency = Currency::from_code(self.currency.trim());
        if currency.is_none() {
            errors.push(FieldError::new("currency", "Choose an ISO 4217 currency such as USD or EUR."));
        }
        let time_zone = self.time_zone.trim().parse::<Tz>().ok();
        if time_zone.is_none() {
            errors.push(FieldError::new("time_zone", "Choose a time zone such as America/New_York."));
        }
        let default_group = self.default_group.trim();
        let default_group_id = Uuid::try_parse(default_group).ok();
        if !default_group.is_empty() && default_group_id.is_none() {
            errors.push(FieldError::new("default_group", "Choose a group from the suggestions."));
        }
        let shipping = self.flat_shipping.trim();
        let shipping = if shipping.is_empty() { "0" } else { shipping };
        let flat_shipping = currency.unwrap_or(Currency::USD).parse(shipping);
        match flat_shipping {
            Err(error) => errors.push(FieldError::new("flat_shipping", format!("The shipping fee {error}."))),
            Ok(..0) => errors.push(FieldError::new("flat_shipping", "The shipping fee can't be negative.")),
            Ok(_) => {}
        }
        let guard = Some(self.rule_guard.trim()).filter(|text| !text.is_empty()).unwrap_or("20");
        let rule_guard_percent = guard.parse().ok().filter(|percent| (0..=100).contains(percent));
        if rule_guard_percent.is_none() {
            errors.push(FieldError::new("rule_guard", "Enter a whole percentage from 0 to 100."));
        }
        let create_missing_groups = match self.missing_groups.trim() {
            "create" => true,
            "refuse" => false,
            _ => {
                errors.push(FieldError::new("missing_groups", "Choose whether missing groups are made or refused."));
                true
            }
        };
        match (currency, time_zone, flat_shipping, rule_guard_percent) {
            (Some(currency), Some(time_zone), Ok(flat_shipping), Some(percent)) if errors.is_empty() => {
                Ok(StoreSettings {
                    currency,
                    time_zone,
                    default_group_id,
                    flat_shipping,
                    rule_guard_percent: percent,
                    create_missing_groups,
                    version,
                })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(currency: &str, zone: &str, group: &str, shipping: &str) -> Typed {
        Typed {
            currency: currency.into(),
            time_zone: zone.into(),
            default_group: group.into(),
            flat_shipping: shipping.into(),
            rule_guard: String::new(),
            missing_groups: "create".into(),
        }
    }

    #[test]
    fn typed_settings_are_read() {
        let got = typed("EUR", "Europe/Berlin", "", "9.95").parse(3).unwrap();
        assert_eq!((got.currency.code(), got.time_zone, got.flat_shipping), ("EUR", Tz::Europe__Berlin, 995));
        assert_eq!((got.default_group_id, got.create_missing_groups, got.version), (None, true, 3));
        let refusing = Typed { missing_groups: "refuse".into(), ..typed("EUR", "UTC", "", "") };
        assert!(!refusing.parse(1).unwrap().create_missing_groups);
        let guarded = |percent: &str| Typed { rule_guard: percent.into(), ..typed("EUR", "UTC", "", "") };
        for (text, percent) in
            [("", Some(20)), ("0", Some(0)), ("100", Some(100)), ("101", None), ("-1", None), ("x", None)]
        {
            assert_eq!(guarded(text).parse(1).ok().map(|got| got.rule_guard_percent), percent, "{text}");
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        for (input, field) in [
            (typed("EURO", "UTC", "", "1"), "currency"),
            (typed("USD", "Mars/Olympus", "", "1"), "time_zone"),
            (typed("USD", "UTC", "Retail", "1"), "default_group"),
            (typed("USD", "UTC", "", "-1"), "flat_shipping"),
            (typed("USD", "UTC", "", "1.005"), "flat_shipping"),
            (typed("JPY", "UTC", "", "1.5"), "flat_shipping"),
            (Typed { missing_groups: "perhaps".into(), ..typed("USD", "UTC", "", "1") }, "missing_groups"),
        ] {
            let fields: Vec<_> = input.parse(1).unwrap_err().into_iter().map(|e| e.field).collect();
            assert_eq!(fields, [field], "{input:?}");
        }
    }
}
