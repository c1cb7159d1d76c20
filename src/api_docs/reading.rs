//! From an OpenAPI document to what a person reads: sections of calls, fields by their paths, types in words.

use serde_json::{Map, Value};

/// How deep fields of fields are told.
const DEEPEST: usize = 4;

/// The document with its sections, as it is kept while the program serves.
#[derive(Clone, Debug)]
pub struct Document {
    /// The JSON of it.
    pub json: String,
    /// What it is for, a paragraph each.
    pub about: Vec<String>,
    /// Its calls by what they are about.
    pub sections: Vec<Section>,
}

/// The calls about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub name: String,
    /// In a sentence.
    pub about: String,
    /// In the order of their addresses.
    pub calls: Vec<CallRead>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRead {
    /// Its name in the document, which links lead to.
    pub id: String,
    /// `GET`, `POST` …
    pub method: String,
    /// With its placeholders.
    pub path: String,
    /// What it does.
    pub summary: String,
    /// More of it; may be empty.
    pub about: String,
    /// Of the address and headers.
    pub parameters: Vec<Field>,
    /// Of the body.
    pub body: Vec<Field>,
    /// What it answers.
    pub answers: Vec<AnswerRead>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRead {
    /// The status.
    pub status: String,
    /// What it means.
    pub means: String,
    /// What is in it; nothing of problems, which are all alike.
    pub fields: Vec<Field>,
}

/// A parameter or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its path: `items[].sku`.
    pub name: String,
    /// Where it stands: `path`, `query`, `header`; empty for fields.
    pub place: String,
    /// Its type in words.
    pub kind: String,
    /// Whether it has to be sent.
    pub required: bool,
    /// What it means.
    pub about: String,
}

impl Document {
    /// Reads a document.
    pub fn of(document: &Value) -> Self {
        let mut sections: Vec<Section> = list(&document["tags"])
            .iter()
            .map(|tag| Section { name: text(&tag["name"]), about: text(&tag["description"]), calls: Vec::new() })
            .collect();
        for (path, item) in object(&document["paths"]) {
            for (method, call) in object(item) {
                let tag = text(&call["tags"][0]);
                let read = read_call(document, method, path, call);
                if let Some(section) = sections.iter_mut().find(|section| section.name == tag) {
                    section.calls.push(read);
                }
            }
        }
        let about = text(&document["info"]["description"]);
        let about = about.split("\n\n").map(|part| part.replace("**", "").replace('`', "")).collect();
        Self { json: document.to_string(), about, sections }
    }
}

fn read_call(document: &Value, method: &str, path: &str, call: &Value) -> CallRead {
    let parameter = |parameter: &Value| {
        let parameter = resolved(document, parameter);
        Field {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            kind: kind(document, &parameter["schema"]),
            required: parameter["required"] == true,
            about: text(&parameter["description"]),
        }
    };
    let answer = |(status, answer): (&String, &Value)| {
        let answer = resolved(document, answer);
        let content = &answer["content"]["application/json"]["schema"];
        AnswerRead { status: status.clone(), means: text(&answer["description"]), fields: fields(document, content) }
    };
    CallRead {
        id: text(&call["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&call["summary"]).replace('`', ""),
        about: text(&call["description"]).replace('`', ""),
        parameters: list(&call["parameters"]).iter().map(parameter).collect(),
        body: fields(document, &call["requestBody"]["content"]["application/json"]["schema"]),
        answers: object(&call["responses"]).map(answer).collect(),
    }
}

fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(document, schema, "", 0, &mut found);
    found
}

fn collect(document: &Value, schema: &Value, prefix: &str, depth: usize, found: &mut Vec<Field>) {
    let schema = solid(document, schema);
    for part in list(&schema["allOf"]) {
        collect(document, part, prefix, depth, found);
    }
    let required = list(&schema["required"]);
    for (name, field) in object(&schema["properties"]) {
        let about =
            [field, solid(document, field)].iter().map(|schema| text(&schema["description"])).find(|s| !s.is_empty());
        let path = format!("{prefix}{name}");
        found.push(Field {
            kind: kind(document, field),
            required: required.iter().any(|other| other == name),
            about: about.unwrap_or_default().replace('`', ""),
            place: String::new(),
            name: path.clone(),
        });
        if depth + 1 < DEEPEST {
            let inner = solid(document, field);
            if inner["type"] == "array" {
                collect(document, &inner["items"], &format!("{path}[]."), depth + 1, found);
            } else {
                collect(document, inner, &format!("{path}."), depth + 1, found);
            }
        }
    }
}

/// A schema that is none by reference, and not one of several with null.
fn solid<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolved(document, schema);
    let other = list(&schema["oneOf"]).iter().find(|one| one["type"] != "null");
    other.map_or(schema, |one| solid(document, one))
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// A type in words: `text`, `whole number or null`, `list of objects`.
fn kind(document: &Value, schema: &Value) -> String {
    let outer = resolved(document, schema);
    let inner = solid(document, schema);
    let types: Vec<&str> = match &inner["type"] {
        Value::String(one) => vec![one],
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        _ if inner["properties"].is_object() || inner["allOf"].is_array() => vec!["object"],
        _ => return "anything".into(),
    };
    let nullable = types.contains(&"null") || list(&outer["oneOf"]).iter().any(|one| one["type"] == "null");
    let mut words: Vec<String> =
        types.iter().filter(|one| **one != "null").map(|one| word(document, one, inner)).collect();
    if nullable {
        words.push("null".into());
    }
    let mut told = words.join(" or ");
    if let Some(most) = inner["maxLength"].as_u64() {
        told.push_str(&format!(", at most {most} characters"));
    }
    if let (Some(least), Some(most)) = (inner["minimum"].as_i64(), inner["maximum"].as_i64()) {
        told.push_str(&format!(" from {least} to {most}"));
    }
    let values: Vec<&str> = list(&inner["enum"]).iter().filter_map(Value::as_str).collect();
    if !values.is_empty() {
        told = values.join(", ");
    }
    told
}

fn word(document: &Value, one: &str, schema: &Value) -> String {
    match (one, schema["format"].as_str()) {
        ("string", Some("uuid")) => "id".into(),
        ("string", Some("date")) => "day".into(),
        ("string", Some("date-time")) => "instant, UTC".into(),
        ("string", _) => "text".into(),
        ("integer", _) => "whole number".into(),
        ("number", _) => "number".into(),
        ("boolean", _) => "true or false".into(),
        ("array", _) => format!("list of {}", plural(&kind(document, &schema["items"]))),
        (other, _) => other.into(),
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "text" | "id" | "day" | "object" | "number" | "whole number" => format!("{kind}s"),
        other => other.into(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_reads_as_sections_of_calls() {
        let document = json!({
            "info": { "description": "**One**\n\nTwo" },
            "tags": [{ "name": "Things", "description": "All of them." }],
            "paths": { "/things/{id}": { "get": {
                "tags": ["Things"], "operationId": "get_thing", "summary": "One thing.",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }],
                "responses": { "200": { "description": "It.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } } }
            } } },
            "components": { "schemas": { "Thing": {
                "type": "object", "required": ["name"],
                "properties": {
                    "name": { "type": "string", "maxLength": 5, "description": "Its name." },
                    "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Part" } },
                    "since": { "type": ["string", "null"], "format": "date" }
                }
            }, "Part": { "type": "object", "properties": { "count": { "type": "integer" } } } } }
        });
        let read = Document::of(&document);
        assert_eq!(read.about, ["One", "Two"]);
        let call = &read.sections[0].calls[0];
        assert_eq!((call.method.as_str(), call.path.as_str()), ("GET", "/things/{id}"));
        assert_eq!((call.parameters[0].kind.as_str(), call.parameters[0].required), ("id", true));
        let fields: Vec<_> =
            call.answers[0].fields.iter().map(|f| (f.name.as_str(), f.kind.as_str(), f.required)).collect();
        let expected = [
            ("name", "text, at most 5 characters", true),
            ("parts", "list of objects", false),
            ("parts[].count", "whole number", false),
            ("since", "day or null", false),
        ];
        assert_eq!(fields, expected);
    }
}
