//! The form "Payment terms" (seed).

use super::{Reader, fill, switch_text};
use crate::error::FieldError;
use crate::group_settings::patch::Patch;
use crate::inheritance::own::{EarlyPayment, OwnTerms, PaymentMethod, Setting};
use crate::money::Currency;
use crate::web::forms::FormState;

/// What the form asks to change: the whole section.
pub fn read(form: &FormState, currency: Currency) -> Result<Patch, Vec<FieldError>> {
    let mut reader = Reader::new(form, currency);
    let methods = match form.value("paymentTerms.methods.own") {
        "on" => {
            let names: Vec<&str> = form.values("paymentTerms.methods").collect();
            let known: Vec<PaymentMethod> = names.iter().filter_map(|name| PaymentMethod::from_name(name)).collect();
            if known.len() < names.len() {
                reader.wrong("paymentTerms.methods", "Choose from the payment options shown.");
            }
            Some(known)
        }
        _ => None,
    };
    let patch = Patch {
        methods: Some(methods),
        net_days: Some(reader.setting("paymentTerms.netDays", Reader::whole)),
        credit_limit: Some(reader.setting("paymentTerms.creditLimit", Reader::amount)),
        auto_approve_under: Some(reader.setting("paymentTerms.autoApproveUnder", Reader::amount)),
        require_po: Some(reader.switch("paymentTerms.requirePo")),
        early_payment: Some(early(&mut reader)),
        ..Patch::default()
    };
    if reader.errors.is_empty() { Ok(patch) } else { Err(reader.errors) }
}

fn early(reader: &mut Reader<'_>) -> Setting<EarlyPayment> {
    let (percent, days) = ("paymentTerms.earlyPayment.percent", "paymentTerms.earlyPayment.days");
    let none = reader.form.is("paymentTerms.earlyPayment.none", "on");
    match (reader.form.filled(percent).is_some(), reader.form.filled(days).is_some(), none) {
        (false, false, false) => Setting::Unset,
        (false, false, true) => Setting::ExplicitNone,
        (_, _, true) => {
            reader.wrong(percent, "Enter a discount or tick the box, not both.");
            Setting::Unset
        }
        (true, false, _) => {
            reader.wrong(days, "Enter within how many days the discount holds.");
            Setting::Unset
        }
        (false, true, _) => {
            reader.wrong(percent, "Enter the discount for paying within these days.");
            Setting::Unset
        }
        (true, true, false) => match (reader.percent(percent), reader.whole(days)) {
            (Some(percent), Some(days)) => Setting::Value(EarlyPayment { percent, days }),
            _ => Setting::Unset,
        },
    }
}

/// The form filled with own terms.
pub fn filled(own: &OwnTerms, currency: Currency) -> FormState {
    let mut form = FormState::new().with("paymentTerms.requirePo", switch_text(own.require_po));
    if let Some(methods) = &own.methods {
        form.set("paymentTerms.methods.own", "on");
        for method in methods {
            form.push("paymentTerms.methods", method.name());
        }
    }
    fill(&mut form, "paymentTerms.netDays", &own.net_days, ToString::to_string);
    fill(&mut form, "paymentTerms.creditLimit", &own.credit_limit, |a| currency.major(*a).to_string());
    fill(&mut form, "paymentTerms.autoApproveUnder", &own.auto_approve_under, |a| currency.major(*a).to_string());
    match own.early_payment {
        Setting::Unset => {}
        Setting::ExplicitNone => form.set("paymentTerms.earlyPayment.none", "on"),
        Setting::Value(early) => {
            form.set("paymentTerms.earlyPayment.percent", early.percent.normalize());
            form.set("paymentTerms.earlyPayment.days", early.days);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn form(body: &str) -> FormState {
        serde_urlencoded::from_str(body).unwrap()
    }

    fn wrong(body: &str) -> Vec<String> {
        read(&form(body), Currency::USD).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn empty_inherits_a_box_is_none_and_the_rest_is_own() {
        let patch = read(
            &form("paymentTerms.netDays=45&paymentTerms.creditLimit=250,000.50&paymentTerms.autoApproveUnder.none=on&paymentTerms.requirePo=no"),
            Currency::USD,
        )
        .unwrap();
        assert_eq!(patch.net_days, Some(Setting::Value(45)));
        assert_eq!(patch.credit_limit, Some(Setting::Value(25_000_050)));
        assert_eq!(patch.auto_approve_under, Some(Setting::ExplicitNone));
        assert_eq!(patch.early_payment, Some(Setting::Unset));
        assert_eq!((patch.require_po, patch.methods), (Some(Some(false)), Some(None)));
    }

    #[test]
    fn payment_options_are_one_set_also_an_empty_one() {
        let methods = |body: &str| read(&form(body), Currency::USD).unwrap().methods.unwrap();
        assert_eq!(methods("paymentTerms.methods=card"), None);
        assert_eq!(methods("paymentTerms.methods.own=on"), Some(vec![]));
        assert_eq!(
            methods("paymentTerms.methods.own=on&paymentTerms.methods=card&paymentTerms.methods=wire"),
            Some(vec![PaymentMethod::Card, PaymentMethod::Wire])
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, fields) in [
            (
                "paymentTerms.netDays=soon&paymentTerms.creditLimit=1.005",
                vec!["paymentTerms.netDays", "paymentTerms.creditLimit"],
            ),
            ("paymentTerms.netDays=30&paymentTerms.netDays.none=on", vec!["paymentTerms.netDays"]),
            ("paymentTerms.earlyPayment.percent=2", vec!["paymentTerms.earlyPayment.days"]),
            ("paymentTerms.earlyPayment.days=10", vec!["paymentTerms.earlyPayment.percent"]),
            ("paymentTerms.methods.own=on&paymentTerms.methods=shells", vec!["paymentTerms.methods"]),
            ("paymentTerms.requirePo=maybe", vec!["paymentTerms.requirePo"]),
        ] {
            assert_eq!(wrong(body), fields, "{body}");
        }
    }

    #[test]
    fn own_terms_come_back_the_same() {
        let own = OwnTerms {
            methods: Some(vec![PaymentMethod::Card, PaymentMethod::NetTerms]),
            net_days: Setting::Value(30),
            credit_limit: Setting::Value(0),
            auto_approve_under: Setting::ExplicitNone,
            require_po: Some(true),
            early_payment: Setting::Value(EarlyPayment { percent: Decimal::new(250, 2), days: 10 }),
        };
        let patch = read(&filled(&own, Currency::USD), Currency::USD).unwrap();
        let after = patch.applied(&crate::inheritance::level::Level::default()).unwrap();
        assert_eq!(after.terms, own);
    }
}
