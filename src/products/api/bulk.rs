//! Up to 1,000 products in a call, each made or changed by its SKU.

use super::{NewProduct, ProductPatch, as_json_fields, create_product};
use crate::api::body::{Body, read_value};
use crate::api::bulk::{self, Bulk, BulkBody, Writes};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::products::{actions, store};
use actix_web::HttpResponse;

/// Makes or changes up to 1,000 products.
///
/// A product whose `sku` is known is changed, each other one is made; what of them is refused is told, and the others go
/// through.
#[utoipa::path(
    post,
    path = "/admin/products/bulk",
    tag = "Products",
    request_body = Bulk<NewProduct>,
    responses((status = 200, body = BulkBody))
)]
pub(super) async fn write(call: Call, body: Body<Bulk<NewProduct>>) -> Result<HttpResponse, Problem> {
    let writes = Writes {
        permission: Permission::EditCatalogue,
        key: "sku",
        known: store::by_sku,
        change: |conn, actor, id, item, now| {
            let fields = read_value::<ProductPatch>(item)?.apply(store::lock(conn, id)?.typed()?);
            actions::edit(conn, actor, id, None, &fields, now).map(drop).map_err(as_json_fields)
        },
        make: |conn, actor, item, now| Ok(create_product(conn, actor, read_value::<NewProduct>(item)?, now)?.id),
    };
    bulk::write(call, body.0, writes).await
}
