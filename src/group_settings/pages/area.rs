//! The three forms of own settings: what differs between them.

use super::super::forms::meanwhile::Fields;
use super::super::forms::{inheritance, pricing, terms, visibility};
use super::super::patch::Patch;
use super::super::store::known;
use crate::auth::role::Permission;
use crate::error::{Error, Result};
use crate::inheritance::level::Level;
use crate::inheritance::overrides;
use crate::inheritance::own::{OwnPortal, OwnPricing, OwnTerms, OwnVisibility, Setting};
use crate::inheritance::store::assignable_lists;
use crate::money::Currency;
use crate::web::forms::FormState;
use diesel::PgConnection;

/// One of the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// Prices and minimum order.
    Pricing,
    /// Visibility and portal access.
    Visibility,
    /// How and when is paid.
    PaymentTerms,
    /// What is inherited at all.
    Inheritance,
}

impl Area {
    /// Below the group's page.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Pricing => "pricing",
            Self::Visibility => "visibility",
            Self::PaymentTerms => "payment-terms",
            Self::Inheritance => "inheritance",
        }
    }

    /// Its tab.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Pricing => "Pricing",
            Self::Visibility => "Visibility",
            Self::PaymentTerms => "Payment terms",
            Self::Inheritance => "Inheritance",
        }
    }

    /// Who may change it: switches are the administrators' (SPEC 2).
    pub(super) fn permission(self) -> Permission {
        match self {
            Self::Pricing | Self::Visibility | Self::PaymentTerms => Permission::EditGroups,
            Self::Inheritance => Permission::ShapeTree,
        }
    }

    /// What the form asks to change.
    pub(super) fn read(self, conn: &mut PgConnection, form: &FormState, currency: Currency) -> Result<Patch> {
        match self {
            Self::Pricing => {
                let ids: Vec<_> = pricing::list_rows(form).into_iter().map(|(id, _)| id).collect();
                let lists = assignable_lists(conn, &ids, 0)?;
                pricing::read(form, &lists, currency)
            }
            Self::Visibility => {
                let sets = known::visibility_groups(conn, &visibility::chosen_sets(form))?;
                visibility::read(form, &sets, currency)
            }
            Self::PaymentTerms => terms::read(form, currency),
            Self::Inheritance => Ok(inheritance::read(form)),
        }
        .map_err(Error::Invalid)
    }

    /// The form filled with what the group itself says.
    pub(super) fn filled(self, level: &Level, currency: Currency) -> FormState {
        match self {
            Self::Pricing => pricing::filled(&level.pricing, currency),
            Self::Visibility => visibility::filled(&level.visibility, &level.portal),
            Self::PaymentTerms => terms::filled(&level.terms, currency),
            Self::Inheritance => inheritance::filled(level.inherit),
        }
    }

    /// The group as if it said nothing here: what it would inherit.
    pub(super) fn silent(self, level: &Level) -> Level {
        let mut silent = level.clone();
        match self {
            Self::Pricing => silent.pricing = OwnPricing::default(),
            Self::Visibility => {
                silent.visibility = OwnVisibility::default();
                silent.portal = OwnPortal::default();
            }
            Self::PaymentTerms => silent.terms = OwnTerms::default(),
            Self::Inheritance => return overrides::silent(level),
        }
        silent
    }

    /// The change that puts one setting back to what is inherited; `None` for a field that isn't of this form.
    pub(super) fn reversion(self, field: &str) -> Option<Patch> {
        let nothing = Patch::default();
        Some(match (self, field) {
            (Self::Pricing, "pricing.method") => Patch { method: Some(Setting::Unset), ..nothing },
            (Self::Pricing, "pricing.priceLists") => Patch { lists: Some(Vec::new()), ..nothing },
            (Self::Pricing, "pricing.minimumOrder") => Patch { minimum_order: Some(Setting::Unset), ..nothing },
            (Self::Pricing, "pricing.stackWithPromotions") => Patch { stack_with_promotions: Some(None), ..nothing },
            (Self::Visibility, "visibility.access") => Patch { access: Some(None), ..nothing },
            (Self::Visibility, "portal.login") => Patch { login: Some(None), ..nothing },
            (Self::Visibility, "portal.shop") => Patch { shop: Some(None), ..nothing },
            (Self::Visibility, "portal.quotes") => Patch { quotes: Some(None), ..nothing },
            (Self::Visibility, "portal.orders") => Patch { orders: Some(None), ..nothing },
            (Self::Visibility, "portal.invoices") => Patch { invoices: Some(None), ..nothing },
            (Self::PaymentTerms, "paymentTerms.methods") => Patch { methods: Some(None), ..nothing },
            (Self::PaymentTerms, "paymentTerms.netDays") => Patch { net_days: Some(Setting::Unset), ..nothing },
            (Self::PaymentTerms, "paymentTerms.creditLimit") => Patch { credit_limit: Some(Setting::Unset), ..nothing },
            (Self::PaymentTerms, "paymentTerms.autoApproveUnder") => {
                Patch { auto_approve_under: Some(Setting::Unset), ..nothing }
            }
            (Self::PaymentTerms, "paymentTerms.requirePo") => Patch { require_po: Some(None), ..nothing },
            (Self::PaymentTerms, "paymentTerms.earlyPayment") => {
                Patch { early_payment: Some(Setting::Unset), ..nothing }
            }
            _ => return None,
        })
    }

    /// The settings of the form and their fields, for two people who change them at once.
    pub(super) fn fields(self) -> &'static [Fields] {
        match self {
            Self::Pricing => &[
                (
                    "Pricing method",
                    &["pricing.method", "pricing.discountPercent", "pricing.combine", "pricing.fixedAmount"],
                ),
                ("Applies to", &["pricing.scope", "pricing.categories", "pricing.categories.new"]),
                ("Price lists", &["list_id", "list_priority"]),
                ("Stack with promotions", &["pricing.stackWithPromotions"]),
                (
                    "Minimum order",
                    &["pricing.minimumOrder.amount", "pricing.minimumOrder.quantity", "pricing.minimumOrder.none"],
                ),
                ("Notes", &["pricing.notes"]),
            ],
            Self::Visibility => &[
                ("Product access", &["visibility.access"]),
                ("Visibility groups", &["visibility.visibilityGroups"]),
                ("Portal login", &["portal.login"]),
                ("Shop access", &["portal.shop"]),
                ("Quote requests", &["portal.quotes"]),
                ("Order placement", &["portal.orders"]),
                ("Invoice access", &["portal.invoices"]),
            ],
            Self::PaymentTerms => &[
                ("Payment options", &["paymentTerms.methods.own", "paymentTerms.methods"]),
                ("Net terms", &["paymentTerms.netDays", "paymentTerms.netDays.none"]),
                ("Credit limit", &["paymentTerms.creditLimit", "paymentTerms.creditLimit.none"]),
                ("Auto-approve orders under", &["paymentTerms.autoApproveUnder", "paymentTerms.autoApproveUnder.none"]),
                ("Require PO", &["paymentTerms.requirePo"]),
                (
                    "Early payment",
                    &[
                        "paymentTerms.earlyPayment.percent",
                        "paymentTerms.earlyPayment.days",
                        "paymentTerms.earlyPayment.none",
                    ],
                ),
            ],
            Self::Inheritance => &[
                ("Pricing", &["inherit.pricing"]),
                ("Payment terms", &["inherit.paymentTerms"]),
                ("Visibility", &["inherit.visibility"]),
                ("Portal access", &["inherit.portal"]),
            ],
        }
    }
}
