//! Up to 1,000 groups in a call, each made or changed by its code.

use super::input::{GroupPatch, NewGroup};
use super::{change_group, create_group};
use crate::api::body::{Body, read_value};
use crate::api::bulk::{self, Bulk, BulkBody, Writes};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::groups::store::naming::by_code;
use actix_web::HttpResponse;

/// Makes or changes up to 1,000 groups.
///
/// A group whose `code` is known is changed, each other one is made; what of them is refused is told, and the others go
/// through.
#[utoipa::path(
    post,
    path = "/admin/pricing/customer-groups/bulk",
    tag = "Customer groups",
    request_body = Bulk<NewGroup>,
    responses((status = 200, body = BulkBody))
)]
pub(super) async fn write(call: Call, body: Body<Bulk<NewGroup>>) -> Result<HttpResponse, Problem> {
    let writes = Writes {
        permission: Permission::EditGroups,
        key: "code",
        known: by_code,
        change: |conn, actor, id, item, now| {
            change_group(conn, actor, id, None, read_value::<GroupPatch>(item)?, now).map(drop)
        },
        make: |conn, actor, item, now| Ok(create_group(conn, actor, read_value::<NewGroup>(item)?, now)?.id),
    };
    bulk::write(call, body.0, writes).await
}
