//! Up to 1,000 customers in a call, each made or changed by its code.

use super::input::{CustomerPatch, NewCustomer, as_json_fields};
use crate::api::body::{Body, read_value};
use crate::api::bulk::{self, Bulk, BulkBody, Writes};
use crate::api::call::Call;
use crate::api::problem::Problem;
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
    let writes = Writes {
        permission: Permission::EditCustomers,
        key: "code",
        known: store::by_code,
        change: |conn, actor, id, item, now| {
            let patch = read_value::<CustomerPatch>(item)?;
            let over = |customer: &Customer| patch.apply(customer);
            actions::edit(conn, actor, id, None, over, now).map(drop).map_err(as_json_fields)
        },
        make: |conn, actor, item, now| {
            let new = read_value::<NewCustomer>(item)?.typed();
            Ok(new.and_then(|new| actions::create(conn, actor, new, now)).map_err(as_json_fields)?.id)
        },
    };
    bulk::write(call, body.0, writes).await
}
