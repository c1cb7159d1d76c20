//! Up to 1,000 customers in a call, each made or changed by its code.

use super::input::{CustomerPatch, NewCustomer, as_json_fields};
use crate::api::body::Body;
use crate::api::bulk::{Bulk, BulkBody, each, text_of, typed};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::customers::actions;
use crate::customers::store::{self, Customer};
use actix_web::HttpResponse;

/// Makes or changes up to 1,000 customers.
///
/// A customer whose `code` is known is changed, each other one is made; what of them is refused is told, and the others go
/// through.
#[utoipa::path(
    post,
    path = "/admin/customers/bulk",
    tag = "Customers",
    request_body = Bulk<NewCustomer>,
    responses((status = 200, body = BulkBody))
)]
pub(super) async fn write(call: Call, body: Body<Bulk<NewCustomer>>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditCustomers)?;
        let done = each(conn, body.0, |conn, item| {
            let known = text_of(&item, "code").map(|code| store::by_code(conn, code)).transpose()?.flatten();
            if let Some(id) = known {
                let patch = typed::<CustomerPatch>(item)?;
                let over = |customer: &Customer| patch.apply(customer);
                actions::edit(conn, actor, id, None, over, now).map_err(as_json_fields)?;
                return Ok((false, id));
            }
            let made = typed::<NewCustomer>(item)?.typed().and_then(|typed| actions::create(conn, actor, typed, now));
            Ok((true, made.map_err(as_json_fields)?.id))
        })?;
        Reply::done(&done)
    })
    .await
}
