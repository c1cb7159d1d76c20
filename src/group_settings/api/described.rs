//! What a `PATCH …/settings` takes, described. It is read field by field: each may be left out, unset (`null`), or
//! explicitly none (`"none"`).

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Own settings of a group: an object for each section.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct SettingsPatch(pub(super) Map<String, Value>);

impl ToSchema for SettingsPatch {}

impl PartialSchema for SettingsPatch {
    fn schema() -> RefOr<Schema> {
        let whole = || kinds([Type::Integer, Type::String, Type::Null]);
        let text = || kinds([Type::String, Type::Null]);
        let yes = || kinds([Type::Boolean, Type::String, Type::Null]);
        let texts = || listed(kinds([Type::String]));
        let pricing = section([
            ("method", text()),
            ("discountPercent", text()),
            ("fixedAmount", text()),
            ("combine", text()),
            ("scope", anything("`\"all\"` or `{kind, categories?, products?}`.")),
            (
                "priceLists",
                listed(closed([("priceListId", kinds([Type::String])), ("priority", kinds([Type::Integer]))])),
            ),
            ("minimumOrder", either(closed([("amount", text()), ("quantity", kinds([Type::Integer, Type::Null]))]))),
            ("stackWithPromotions", yes()),
            ("notes", text()),
        ]);
        let visibility =
            section([("access", text()), ("visibilityGroups", texts()), ("included", texts()), ("excluded", texts())]);
        let portal =
            section([("login", yes()), ("shop", text()), ("quotes", yes()), ("orders", yes()), ("invoices", text())]);
        let terms = section([
            ("methods", texts()),
            ("netDays", whole()),
            ("creditLimit", text()),
            ("autoApproveUnder", text()),
            ("requirePo", yes()),
            ("earlyPayment", either(closed([("percent", kinds([Type::String])), ("days", kinds([Type::Integer]))]))),
        ]);
        let switch = || kinds([Type::Boolean]);
        let inherit = section([
            ("pricing", switch()),
            ("visibility", switch()),
            ("portal", switch()),
            ("paymentTerms", switch()),
        ]);
        section([
            ("pricing", pricing),
            ("visibility", visibility),
            ("portal", portal),
            ("paymentTerms", terms),
            ("inherit", inherit),
        ])
    }
}

fn kinds<const N: usize>(kinds: [Type; N]) -> RefOr<Schema> {
    let mut schema = ObjectBuilder::new();
    if kinds.contains(&Type::Integer) {
        schema = schema.format(Some(SchemaFormat::Custom("int32".into())));
    }
    schema.schema_type(SchemaType::from_iter(kinds)).into()
}

fn anything(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(description)).into()
}

/// An object that has these fields and no others.
fn closed<const N: usize>(fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let object = fields.into_iter().fold(object, |object, (name, schema)| object.property(name, schema));
    object.additional_properties(Some(AdditionalProperties::FreeForm(false))).into()
}

fn section<const N: usize>(fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    closed(fields)
}

/// The value, `"none"` or `null`.
fn either(schema: RefOr<Schema>) -> RefOr<Schema> {
    OneOfBuilder::new().item(schema).item(kinds([Type::String, Type::Null])).into()
}

fn listed(item: RefOr<Schema>) -> RefOr<Schema> {
    either(ArrayBuilder::new().items(item).max_items(Some(10_000)).into())
}
