//! Own portal access and payment terms of groups.

use super::Loading;
use crate::error::Result;
use crate::inheritance::own::{EarlyPayment, Openness, OwnPortal, OwnTerms, PaymentMethod, Setting};
use crate::schema::{group_payment_terms, group_portal};
use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

type PortalRow = (Uuid, Option<bool>, Option<String>, Option<bool>, Option<bool>, Option<String>);

pub(super) fn load_portal(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Loading) -> Result<()> {
    let rows: Vec<PortalRow> = group_portal::table.filter(group_portal::group_id.eq_any(ids)).load(conn)?;
    for (group, login, shop, quotes, orders, invoices) in rows {
        if let Some(level) = levels.get_mut(&group) {
            let openness = |name: Option<String>| name.as_deref().and_then(Openness::from_name);
            level.portal = OwnPortal { login, shop: openness(shop), quotes, orders, invoices: openness(invoices) };
        }
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = group_payment_terms)]
struct TermsRow {
    group_id: Uuid,
    methods: Option<Vec<Option<String>>>,
    net_days: Option<i32>,
    credit_limit: Option<i64>,
    auto_approve_under: Option<i64>,
    require_po: Option<bool>,
    early_percent: Option<Decimal>,
    early_days: Option<i32>,
    explicit_none: Vec<Option<String>>,
}

impl TermsRow {
    fn into_own(self) -> OwnTerms {
        let none = |field: &str| self.explicit_none.iter().flatten().any(|name| name == field);
        let early = self.early_percent.zip(self.early_days).map(|(percent, days)| EarlyPayment { percent, days });
        OwnTerms {
            net_days: Setting::from_columns(self.net_days, none("net_days")),
            credit_limit: Setting::from_columns(self.credit_limit, none("credit_limit")),
            auto_approve_under: Setting::from_columns(self.auto_approve_under, none("auto_approve_under")),
            early_payment: Setting::from_columns(early, none("early_payment")),
            require_po: self.require_po,
            methods: self.methods.map(|names| {
                let mut methods: Vec<_> = names.iter().flatten().filter_map(|n| PaymentMethod::from_name(n)).collect();
                methods.sort_unstable();
                methods
            }),
        }
    }
}

pub(super) fn load_terms(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Loading) -> Result<()> {
    let rows: Vec<TermsRow> = group_payment_terms::table
        .filter(group_payment_terms::group_id.eq_any(ids))
        .select(TermsRow::as_select())
        .load(conn)?;
    for row in rows {
        if let Some(level) = levels.get_mut(&row.group_id) {
            level.terms = row.into_own();
        }
    }
    Ok(())
}
