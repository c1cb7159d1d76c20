//! What a report is asked for in an address.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// The period: by name or by its days, the last 12 months where nothing is said.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PeriodParams {
    /// Its name: `30d`, `90d`, `12m`, `ytd` or `days`.
    period: String,
    /// The first day.
    from: String,
    /// The last day, which is in.
    to: String,
    /// Whether the members of subgroups count: `true` where it is left out.
    subgroups: String,
}

/// Which groups, and the period.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ComparisonParams {
    /// Codes of two to six groups: `VIP,RETAIL`.
    #[param(required)]
    groups: String,
    /// As for one group.
    period: String,
    /// The first day.
    from: String,
    /// The last day, which is in.
    to: String,
    /// Whether the members of subgroups count: `true` where it is left out.
    subgroups: String,
}
