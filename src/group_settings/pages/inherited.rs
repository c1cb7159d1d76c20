//! What the settings' forms say of what would be inherited, beside each field and in its choices.

use super::view::SectionPage;
use crate::inheritance::effective::{Sourced, VisibilityLevel};
use crate::inheritance::own::{Openness, PaymentMethod};
use crate::inheritance::words;
use crate::web::forms::Choice;

/// A value that would be inherited, as a field's placeholder and its chip.
pub(super) struct Inherited {
    pub(super) text: String,
    /// The group that it is from; empty for the default.
    pub(super) from: String,
    /// Whether the group says something else itself.
    pub(super) is_overridden: bool,
}

impl Inherited {
    /// Whose value the field's placeholder is; nothing where an own value stands in the field.
    pub(super) fn chip(&self) -> &str {
        if self.is_overridden { "" } else { &self.from }
    }

    pub(super) fn or_default(&self) -> String {
        if self.from.is_empty() { "the default".into() } else { format!("from {}", self.from) }
    }
}

impl SectionPage {
    pub(super) fn inherited<T>(&self, field: &str, value: &Sourced<T>, text: String) -> Inherited {
        let from = value.source.as_ref().map(|source| source.name.clone()).unwrap_or_default();
        Inherited { text, from, is_overridden: self.is_own(field) }
    }

    pub(super) fn net_days(&self) -> Inherited {
        let value = &self.opened.inherited.net_days;
        self.inherited(
            "paymentTerms.netDays",
            value,
            value.value.map_or_else(|| "No net terms".into(), |days| days.to_string()),
        )
    }

    pub(super) fn credit_limit(&self) -> Inherited {
        self.amount("paymentTerms.creditLimit", &self.opened.inherited.credit_limit, "No limit")
    }

    pub(super) fn auto_approve(&self) -> Inherited {
        self.amount("paymentTerms.autoApproveUnder", &self.opened.inherited.auto_approve_under, "No limit")
    }

    pub(super) fn amount(&self, field: &str, value: &Sourced<Option<i64>>, none: &str) -> Inherited {
        let text = |amount: i64| self.opened.currency.format(amount);
        self.inherited(field, value, value.value.map_or_else(|| none.to_owned(), text))
    }

    pub(super) fn early_payment(&self) -> Inherited {
        let value = &self.opened.inherited.early_payment;
        self.inherited("paymentTerms.earlyPayment", value, words::early_words(value.value))
    }

    pub(super) fn payment_options(&self) -> Inherited {
        let value = &self.opened.inherited.methods;
        self.inherited("paymentTerms.methods", value, words::methods_words(&value.value))
    }

    pub(super) fn minimum_order(&self) -> Inherited {
        let value = &self.opened.inherited.minimum_order;
        self.inherited("pricing.minimumOrder", value, words::minimum_words(value.value, self.opened.currency))
    }

    /// The prices that the group inherits, level by level.
    pub(super) fn inherited_prices(&self) -> Vec<Inherited> {
        let mut lines = Vec::new();
        for level in &self.opened.inherited.pricing {
            for text in words::pricing_sentences(level, self.opened.currency) {
                lines.push(Inherited { text, from: level.source.name.clone(), is_overridden: false });
            }
        }
        lines
    }

    /// What the group sees by what it inherits.
    pub(super) fn inherited_access(&self) -> Vec<Inherited> {
        let levels = &self.opened.inherited.visibility;
        let access = |level: &VisibilityLevel| {
            let text = level.access.as_ref().map(words::access_words)?;
            Some(Inherited { text, from: level.source.name.clone(), is_overridden: false })
        };
        levels.iter().filter_map(access).collect()
    }

    pub(super) fn yes_no(&self, value: &Sourced<bool>) -> Vec<Choice> {
        let text = if value.value { "Yes" } else { "No" };
        vec![
            choice("", text, value.source.as_ref().map(|s| s.name.as_str())),
            Choice::new("yes", "Yes"),
            Choice::new("no", "No"),
        ]
    }

    pub(super) fn openness(&self, value: &Sourced<Openness>) -> Vec<Choice> {
        let mut choices = vec![choice("", value.value.label(), value.source.as_ref().map(|s| s.name.as_str()))];
        choices.extend(Openness::ALL.iter().rev().map(|open| Choice::new(open.name(), open.label())));
        choices
    }

    pub(super) fn methods(&self) -> [PaymentMethod; 5] {
        PaymentMethod::ALL
    }

    pub(super) fn pricing_methods(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "Inherit").hint("nothing of its own; what is above holds"),
            Choice::new("none", "No special pricing").hint("inherited prices still compete"),
            Choice::new("priceLists", "Price lists").hint("only the lists below"),
            Choice::new("percentage", "Percentage discount").hint("off the base price"),
            Choice::new("fixed", "Fixed price adjustment").hint("an amount off each unit"),
        ]
    }

    pub(super) fn scopes(&self) -> Vec<Choice> {
        vec![
            Choice::new("all", "All products"),
            Choice::new("categories", "Categories"),
            Choice::new("products", "Chosen products"),
        ]
    }

    pub(super) fn combinations(&self) -> Vec<Choice> {
        vec![
            Choice::new("compete", "Competes: the lowest price wins"),
            Choice::new("add", "Adds to the inherited percentage"),
        ]
    }

    pub(super) fn accesses(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "Inherit").hint("adds nothing to what is inherited"),
            Choice::new("all", "All products visible"),
            Choice::new("visibilityGroups", "Specific visibility groups"),
            Choice::new("products", "Custom product selection").hint("only the included products"),
        ]
    }
}

fn choice(value: &str, text: &str, from: Option<&str>) -> Choice {
    let source = from.map_or_else(|| "default".to_owned(), |name| format!("from {name}"));
    Choice::new(value, format!("Inherited: {text} ({source})"))
}
