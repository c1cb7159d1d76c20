//! A change of own settings, field by field, and the group as it would be: what the console's forms and the JSON API both
//! come to.

use crate::error::FieldError;
use crate::inheritance::level::Level;
use crate::inheritance::own::{
    Access, Adjustment, AssignedList, EarlyPayment, MinimumOrder, Openness, PaymentMethod, Scope, Section, Setting,
};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The most net days and days of an early payment.
pub const MOST_DAYS: i32 = 365;
/// The longest pricing rule in words, in characters.
pub const NOTES: usize = 2_000;

/// How a level prices the products that none of its lists has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Not at all: lists only.
    PriceLists,
    /// A percentage off the base price.
    Percentage {
        /// 0.00 to 100.00.
        percent: Decimal,
        /// Adds to the inherited percentage.
        adds: bool,
    },
    /// An amount off the base price.
    Fixed {
        /// Minor units of the store's currency.
        amount: i64,
    },
}

/// For which products the method is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeChoice {
    /// All.
    All,
    /// Those of these categories.
    Categories(Vec<String>),
    /// Chosen ones; `None` leaves those that are chosen already.
    Products(Option<Vec<Uuid>>),
}

/// What of a group's own settings is to change. `None` = untouched; of what may be unset, `Some(None)` = unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Pricing method.
    pub method: Option<Setting<Method>>,
    /// Its products.
    pub scope: Option<ScopeChoice>,
    /// Assigned lists, all of them.
    pub lists: Option<Vec<AssignedList>>,
    /// Whether promotions come on top.
    pub stack_with_promotions: Option<Option<bool>>,
    /// What an order must reach.
    pub minimum_order: Option<Setting<MinimumOrder>>,
    /// The pricing rule in words.
    pub notes: Option<String>,
    /// Access choice.
    pub access: Option<Option<Access>>,
    /// Products included one by one, all of them.
    pub included: Option<Vec<Uuid>>,
    /// Products excluded one by one, all of them.
    pub excluded: Option<Vec<Uuid>>,
    /// May sign in.
    pub login: Option<Option<bool>>,
    /// What of the shop is open.
    pub shop: Option<Option<Openness>>,
    /// May ask for quotes.
    pub quotes: Option<Option<bool>>,
    /// May place orders.
    pub orders: Option<Option<bool>>,
    /// Which invoices are open.
    pub invoices: Option<Option<Openness>>,
    /// Ways to pay.
    pub methods: Option<Option<Vec<PaymentMethod>>>,
    /// Days until payment is due.
    pub net_days: Option<Setting<i32>>,
    /// Minor units.
    pub credit_limit: Option<Setting<i64>>,
    /// Minor units.
    pub auto_approve_under: Option<Setting<i64>>,
    /// Whether an order needs a purchase order number.
    pub require_po: Option<Option<bool>>,
    /// Discount for paying early.
    pub early_payment: Option<Setting<EarlyPayment>>,
    /// Inherit switches that turn.
    pub inherit: Vec<(Section, bool)>,
}

impl Patch {
    /// Whether it says which products are meant, one by one: their number alone doesn't tell a change.
    pub fn names_products(&self) -> bool {
        self.included.is_some() || self.excluded.is_some() || matches!(self.scope, Some(ScopeChoice::Products(Some(_))))
    }

    /// The group as it would be.
    ///
    /// # Errors
    /// Each wrong field, by the name that the JSON API has for it (`paymentTerms.netDays`).
    pub fn applied(&self, level: &Level) -> Result<Level, Vec<FieldError>> {
        let mut after = level.clone();
        let mut errors = Vec::new();
        self.apply_pricing(&mut after, &mut errors);
        self.apply_visibility(&mut after);
        self.apply_portal(&mut after);
        self.apply_terms(&mut after, &mut errors);
        for (section, on) in &self.inherit {
            if level.parent_id.is_none() {
                errors.push(FieldError::new(
                    "inherit",
                    "All Customers is the bottom layer: there is nothing to inherit.",
                ));
                break;
            }
            match section {
                Section::Pricing => after.inherit.pricing = *on,
                Section::Visibility => after.inherit.visibility = *on,
                Section::Portal => after.inherit.portal = *on,
                Section::PaymentTerms => after.inherit.payment_terms = *on,
            }
        }
        if errors.is_empty() { Ok(after) } else { Err(errors) }
    }

    fn apply_pricing(&self, after: &mut Level, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let is_root = after.parent_id.is_none();
        if is_root && self.method.as_ref().is_some_and(|method| *method != Setting::Unset) {
            wrong("pricing.method", "All Customers has no adjustment: without a group, base prices hold.");
        }
        if is_root && self.lists.as_ref().is_some_and(|lists| !lists.is_empty()) {
            wrong("pricing.priceLists", "All Customers has no price lists: without a group, base prices hold.");
        }
        match self.method.as_ref() {
            Some(Setting::Value(Method::Percentage { percent, .. })) => {
                if *percent < Decimal::ZERO || *percent > Decimal::ONE_HUNDRED {
                    wrong("pricing.discountPercent", "Enter a percentage from 0 to 100.");
                } else if percent.normalize().scale() > 2 {
                    wrong("pricing.discountPercent", "A percentage has at most two decimals.");
                }
            }
            Some(Setting::Value(Method::Fixed { amount })) if *amount < 0 => {
                wrong("pricing.fixedAmount", "The amount off can't be negative. Enter 0 or more.");
            }
            _ => {}
        }
        if let Some(Setting::Value(minimum)) = &self.minimum_order {
            if minimum.amount.is_none() && minimum.quantity.is_none() {
                wrong("pricing.minimumOrder", "Enter a minimum amount, a minimum quantity, or both.");
            }
            if minimum.amount.is_some_and(|amount| amount < 0) {
                wrong("pricing.minimumOrder.amount", "The minimum amount can't be negative.");
            }
            if minimum.quantity.is_some_and(|quantity| quantity < 0) {
                wrong("pricing.minimumOrder.quantity", "The minimum quantity can't be negative.");
            }
        }
        if self.notes.as_ref().is_some_and(|notes| notes.chars().count() > NOTES) {
            wrong("pricing.notes", "The notes can have at most 2,000 characters.");
        }
        if self.lists.as_ref().is_some_and(|lists| lists.iter().any(|list| list.priority < 1)) {
            wrong("pricing.priceLists", "A priority is a whole number from 1; lower comes first.");
        }
        self.change_pricing(after);
    }

    fn change_pricing(&self, after: &mut Level) {
        let pricing = &mut after.pricing;
        let scope = match (&self.scope, scope_of(&pricing.adjustment)) {
            (None, scope) => scope,
            (Some(ScopeChoice::All), _) => Scope::All,
            (Some(ScopeChoice::Categories(names)), _) => {
                let mut names = names.clone();
                names.sort();
                names.dedup();
                Scope::Categories(names)
            }
            (Some(ScopeChoice::Products(Some(ids))), _) => Scope::Products(count(ids)),
            (Some(ScopeChoice::Products(None)), Scope::Products(chosen)) => Scope::Products(chosen),
            (Some(ScopeChoice::Products(None)), _) => Scope::Products(0),
        };
        pricing.adjustment = match (&self.method, pricing.adjustment.clone()) {
            (Some(Setting::Unset), _) => Adjustment::Unset,
            (Some(Setting::ExplicitNone), _) => Adjustment::ExplicitNone,
            (Some(Setting::Value(Method::PriceLists)), _) => Adjustment::PriceLists,
            (Some(Setting::Value(Method::Percentage { percent, adds })), _) => {
                Adjustment::Percentage { percent: *percent, adds: *adds, scope }
            }
            (Some(Setting::Value(Method::Fixed { amount })), _) => Adjustment::Fixed { amount: *amount, scope },
            (None, Adjustment::Percentage { percent, adds, .. }) => Adjustment::Percentage { percent, adds, scope },
            (None, Adjustment::Fixed { amount, .. }) => Adjustment::Fixed { amount, scope },
            (None, other) => other,
        };
        if let Some(lists) = &self.lists {
            let is_more = lists.iter().any(|list| pricing.lists.iter().all(|known| known.id != list.id));
            let has_none = matches!(pricing.adjustment, Adjustment::Unset | Adjustment::ExplicitNone);
            if is_more && has_none {
                // SPEC 6: assigning a list to a group without a method makes it "price lists".
                pricing.adjustment = Adjustment::PriceLists;
            }
            pricing.lists.clone_from(lists);
            pricing.lists.sort_by(|a, b| (a.priority, &a.name, &a.code).cmp(&(b.priority, &b.name, &b.code)));
        }
        if let Some(stack) = self.stack_with_promotions {
            pricing.stack_with_promotions = stack;
        }
        if let Some(minimum) = &self.minimum_order {
            pricing.minimum_order.clone_from(minimum);
        }
        if let Some(notes) = &self.notes {
            notes.trim().clone_into(&mut pricing.notes);
        }
    }

    fn apply_visibility(&self, after: &mut Level) {
        let visibility = &mut after.visibility;
        if let Some(access) = &self.access {
            visibility.access.clone_from(access);
        }
        if let Some(ids) = &self.included {
            visibility.included = count(ids);
        }
        if let Some(ids) = &self.excluded {
            visibility.excluded = count(ids);
        }
    }

    fn apply_portal(&self, after: &mut Level) {
        let portal = &mut after.portal;
        portal.login = self.login.unwrap_or(portal.login);
        portal.shop = self.shop.unwrap_or(portal.shop);
        portal.quotes = self.quotes.unwrap_or(portal.quotes);
        portal.orders = self.orders.unwrap_or(portal.orders);
        portal.invoices = self.invoices.unwrap_or(portal.invoices);
    }

    fn apply_terms(&self, after: &mut Level, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let days = |days: i32| (1..=MOST_DAYS).contains(&days);
        if matches!(self.net_days, Some(Setting::Value(net)) if !days(net)) {
            wrong("paymentTerms.netDays", "Enter whole days from 1 to 365, or choose that there are no net terms.");
        }
        if matches!(self.credit_limit, Some(Setting::Value(amount)) if amount < 0) {
            wrong("paymentTerms.creditLimit", "The credit limit can't be negative. 0 is a limit of 0.");
        }
        if matches!(self.auto_approve_under, Some(Setting::Value(amount)) if amount < 0) {
            wrong("paymentTerms.autoApproveUnder", "The amount can't be negative. Enter 0 or more.");
        }
        if let Some(Setting::Value(early)) = self.early_payment {
            if early.percent <= Decimal::ZERO || early.percent > Decimal::ONE_HUNDRED {
                wrong("paymentTerms.earlyPayment.percent", "Enter a percentage above 0, up to 100.");
            } else if early.percent.normalize().scale() > 2 {
                wrong("paymentTerms.earlyPayment.percent", "A percentage has at most two decimals.");
            }
            if !days(early.days) {
                wrong("paymentTerms.earlyPayment.days", "Enter within how many days, from 1 to 365.");
            }
        }
        let terms = &mut after.terms;
        if let Some(methods) = &self.methods {
            terms.methods = methods.clone().map(|mut methods| {
                methods.sort_unstable();
                methods.dedup();
                methods
            });
        }
        for (change, field) in
            [(&self.credit_limit, &mut terms.credit_limit), (&self.auto_approve_under, &mut terms.auto_approve_under)]
        {
            if let Some(setting) = change {
                field.clone_from(setting);
            }
        }
        if let Some(net_days) = &self.net_days {
            terms.net_days.clone_from(net_days);
        }
        if let Some(early) = &self.early_payment {
            terms.early_payment.clone_from(early);
        }
        terms.require_po = self.require_po.unwrap_or(terms.require_po);
    }
}

fn scope_of(adjustment: &Adjustment) -> Scope {
    match adjustment {
        Adjustment::Percentage { scope, .. } | Adjustment::Fixed { scope, .. } => scope.clone(),
        _ => Scope::All,
    }
}

fn count(ids: &[Uuid]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}
