//! Up to 1,000 products in a call, each made or changed by its SKU.

use super::{NewProduct, ProductPatch, as_json_fields, create_product};
use crate::api::body::Body;
use crate::api::bulk::{Bulk, BulkBody, each, text_of, typed};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
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
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditCatalogue)?;
        let done = each(conn, body.0, |conn, item| {
            let known = text_of(&item, "sku").map(|sku| store::by_sku(conn, sku)).transpose()?.flatten();
            if let Some(id) = known {
                let fields = typed::<ProductPatch>(item)?.apply(store::lock(conn, id)?.typed()?);
                actions::edit(conn, actor, id, None, &fields, now).map_err(as_json_fields)?;
                return Ok((false, id));
            }
            Ok((true, create_product(conn, actor, typed::<NewProduct>(item)?, now)?.id))
        })?;
        Reply::done(&done)
    })
    .await
}
