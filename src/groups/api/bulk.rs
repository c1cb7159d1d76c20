//! Up to 1,000 groups in a call, each made or changed by its code.

use super::input::{GroupPatch, NewGroup};
use super::{change_group, create_group};
use crate::api::body::Body;
use crate::api::bulk::{Bulk, BulkBody, each, text_of, typed};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
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
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditGroups)?;
        let done = each(conn, body.0, |conn, item| {
            let known = text_of(&item, "code").map(|code| by_code(conn, code)).transpose()?.flatten();
            if let Some(id) = known {
                change_group(conn, actor, id, None, typed::<GroupPatch>(item)?, now)?;
                return Ok((false, id));
            }
            Ok((true, create_group(conn, actor, typed::<NewGroup>(item)?, now)?.id))
        })?;
        Reply::done(&done)
    })
    .await
}
