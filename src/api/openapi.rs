//! The document of the API (OpenAPI 3.1): what utoipa reads off the calls, completed by what all of them have in common.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// The methods of an address in a document.
pub const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

const ABOUT: &str = "What shops and ERPs ask Clientele, and how they change it.\n\n\
    **Money and percentages** are decimal strings in major units (`\"85.00\"`), shares are fractions (`0.35`), instants \
    are UTC, days are the store's. Fields are camelCase; snake_case is taken as well. Fields that aren't known are refused \
    by name.\n\n\
    **Lists** are `{items, nextCursor}`; send `nextCursor` as `cursor` for the next page.\n\n\
    **Versions**: answers about one thing carry an `ETag`. Sent back as `If-Match` it makes a change fail with 409 where \
    somebody else changed the thing meanwhile; as `If-None-Match` it makes a repeated question answer 304.\n\n\
    **Retries**: a POST with an `Idempotency-Key` is done once in 24 hours, however often it is sent; the same key with \
    another body is refused with 422.\n\n\
    **Problems** are RFC 9457 documents that name the field.";

/// The answers that calls share, by their name in the document: status, what it means.
const PROBLEMS: [(&str, &str, &str); 10] = [
    ("400", "Malformed", "The request can't be read."),
    ("401", "Unauthenticated", "No token, or a wrong or revoked one."),
    ("403", "Forbidden", "The token's role may not do this."),
    ("404", "NotFound", "Unknown or deleted."),
    ("409", "Conflict", "Changed meanwhile, or not possible in the present state."),
    ("413", "TooLarge", "The body is over 1 MiB, a file over 256 MB."),
    ("415", "UnsupportedMedia", "The body is of a kind that isn't taken here; all but files are JSON."),
    ("422", "Invalid", "A field that can't be taken, by name."),
    ("429", "TooMany", "Over the rate limit; see `Retry-After`."),
    ("503", "Busy", "The database can't take the request right now; try again."),
];

/// The document as it is served: `calls` with the problems, headers and the token that every call has, and `more` that is
/// to be known before.
///
/// # Errors
/// None that a document of ours can have; JSON's own.
pub fn complete(calls: &OpenApi, more: &str) -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(calls)?;
    document["info"]["description"] = json!(format!("{ABOUT}\n\n{more}"));
    document["security"] = json!([{ "token": [] }]);
    let paths = document["paths"].take();
    if let Value::Object(mut paths) = paths {
        for (path, item) in &mut paths {
            for method in METHODS {
                if let Some(Value::Object(call)) = item.get_mut(method) {
                    complete_call(method, path, call);
                }
            }
        }
        document["paths"] = Value::Object(paths);
    }
    let components = &mut document["components"];
    components["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "A token from the console or `clientele token create`." }
    });
    components["schemas"]["Problem"] = problem();
    components["responses"] =
        PROBLEMS.iter().map(|(_, name, means)| ((*name).to_owned(), answer(name, means))).collect();
    components["parameters"] = json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "The ETag of the version that the change is for, or `*`.",
            "schema": { "type": "string", "pattern": r#"^(\*|(W/)?"[!#-~]*")$"# }
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The ETag of an answer; 304 while it is still the same.",
            "schema": { "type": "string" }
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Up to 200 characters that name this call; sent again, it is not done again.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" }
        },
    });
    Ok(document)
}

fn answer(name: &str, means: &str) -> Value {
    let mut answer = json!({
        "description": means,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
    });
    if ["TooMany", "Busy"].contains(&name) {
        answer["headers"]["Retry-After"] = json!({ "description": "Seconds.", "schema": { "type": "integer" } });
    }
    answer
}

/// RFC 9457, with the fields that are meant.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "description": "`about:blank`: the status says which kind it is." },
            "title": { "type": "string" },
            "status": { "type": "integer", "format": "int32" },
            "detail": { "type": "string", "description": "For people." },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {
                        "field": { "type": "string", "description": "By its path: `lines[2].sku`; empty for the body itself." },
                        "message": { "type": "string" }
                    }
                }
            }
        }
    })
}

fn complete_call(method: &str, path: &str, call: &mut Map<String, Value>) {
    call.insert("operationId".into(), json!(operation_id(method, path)));
    let body = call.contains_key("requestBody");
    let asks = method == "get" || path.starts_with("/store/") || path.ends_with("/rules/preview");
    let mut parameters: Vec<Value> = Vec::new();
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": path_words(path, name),
            "schema": if name == "id" { json!({ "type": "string", "format": "uuid" }) } else { json!({ "type": "string" }) }
        }));
    }
    if let Some(Value::Array(own)) = call.remove("parameters") {
        parameters.extend(own);
    }
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let one = path.ends_with("{id}")
        && path.starts_with("/admin/")
        && !path.contains("/reports/")
        && !path.contains("/imports/");
    if method == "get" && one {
        parameters.push(shared("IfNoneMatch"));
    }
    if ["patch", "delete"].contains(&method) || (method == "post" && versioned(path)) {
        parameters.push(shared("IfMatch"));
    }
    // A question that is asked twice is answered twice.
    if method == "post" && !asks {
        parameters.push(shared("IdempotencyKey"));
    }
    if !parameters.is_empty() {
        call.insert("parameters".into(), json!(parameters));
    }
    let Some(Value::Object(answers)) = call.get_mut("responses") else { return };
    for (status, answer) in answers.iter_mut() {
        let means = match status.as_str() {
            "201" => "It is made.",
            "202" => "It is here, and is done by and by.",
            "204" => "It is done.",
            _ => "The answer.",
        };
        answer["description"] = json!(means);
    }
    if method == "get" && one {
        answers.insert("304".into(), json!({ "description": "It is what `If-None-Match` says." }));
    }
    for (status, name, _) in PROBLEMS {
        let applies = match status {
            // Who is told of changes is for administrators alone to see.
            "403" => !asks || path.starts_with("/admin/webhook"),
            "404" => path.contains('{') || path.ends_with("/comparison"),
            "409" => !asks,
            "413" | "415" => body,
            _ => true,
        };
        if applies {
            answers.insert(status.into(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
}

/// Calls that make something within a thing that has a version.
fn versioned(path: &str) -> bool {
    path.contains('{') && (path.ends_with("/price-lists") || path.ends_with("/entries"))
}

/// Method and address as one name: `patch_admin_customers_id`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(['/', '-', '{', '}']).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn path_words(path: &str, name: &str) -> String {
    if name == "list" {
        return "Id or code of a price list.".into();
    }
    if name == "delivery" {
        return "Id of the delivery.".into();
    }
    let thing = path.split("/{").next().and_then(|before| before.rsplit('/').next()).unwrap_or_default();
    let thing = thing.trim_end_matches('s').replace('-', " ");
    format!("Id of the {thing}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_a_name_and_its_parameters_are_told() {
        assert_eq!(operation_id("patch", "/admin/price-lists/{id}"), "patch_admin_price_lists_id");
        assert_eq!(path_words("/admin/price-lists/{id}/entries", "id"), "Id of the price list.");
        assert_eq!(
            path_words("/admin/pricing/customer-groups/{id}/price-lists/{list}", "list"),
            "Id or code of a price list."
        );
        assert!(versioned("/admin/price-lists/{id}/entries") && !versioned("/admin/price-lists"));
    }
}
