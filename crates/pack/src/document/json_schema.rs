//! The JSON Schema of a file, made from the table of its words, for editors.

use serde_json::{Map, Value, json};

use super::{TableSpec, ValueKind, WordSpec};

/// The schema of a file whose words are those of `root`. Tables below it are definitions, each once.
pub(crate) fn json_schema(root: &TableSpec) -> Value {
    let mut definitions = Map::new();
    let mut schema = Map::new();
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), root.header.into());
    schema.extend(table(root, &mut definitions));
    if !definitions.is_empty() {
        schema.insert("$defs".into(), definitions.into());
    }
    schema.into()
}

fn table(spec: &TableSpec, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("description".into(), spec.meaning.into());
    schema.insert("type".into(), "object".into());
    let words: Map<String, Value> =
        spec.served().map(|word| (word.name.to_owned(), value(word, definitions).into())).collect();
    schema.insert("properties".into(), words.into());
    let required: Vec<&str> = spec.served().filter(|word| word.required).map(|word| word.name).collect();
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("additionalProperties".into(), false.into());
    schema
}

/// The schema of a word's value.
fn value(word: &WordSpec, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let text = if word.choices.is_empty() { json!({"type": "string"}) } else { json!({"enum": word.choices}) };
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let mut kind = match word.kind {
        ValueKind::Text => text,
        ValueKind::Boolean => json!({"type": "boolean"}),
        ValueKind::Integer => json!({"type": "integer"}),
        ValueKind::TextOrInteger => json!({"type": ["string", "integer"]}),
        ValueKind::TextList | ValueKind::OrderedTextList => json!({"type": "array", "items": text}),
        ValueKind::TextsOrMap => json!({"anyOf": [texts, map(word, &json!({"type": "string"}))]}),
        ValueKind::TextMap => map(word, &json!({"type": "string"})),
        ValueKind::TextListMap => map(word, &texts),
        ValueKind::Value => json!({}),
        ValueKind::ValueMap => map(word, &json!({})),
        ValueKind::TextOrTable(spec) => or_table(&text, spec, definitions),
        ValueKind::TextOrTableMap(spec) => {
            let values = or_table(&json!({"type": "string"}), spec, definitions);
            map(word, &values)
        }
        ValueKind::BooleanOrTable(spec) => or_table(&json!({"type": "boolean"}), spec, definitions),
        ValueKind::Table(spec) | ValueKind::ReplacedTable(spec) => reference(spec, definitions),
        ValueKind::TableList(spec) => json!({"type": "array", "items": reference(spec, definitions)}),
        ValueKind::TextOrTableList(spec) => {
            json!({"type": "array", "items": {"anyOf": [{"type": "string"}, reference(spec, definitions)]}})
        }
        ValueKind::TableMap(spec) => map(word, &reference(spec, definitions)),
        ValueKind::Constant(spec) => constant(spec, definitions),
        ValueKind::ConstantMap(spec) => map(word, &constant(spec, definitions)),
        ValueKind::NotServed => json!(false),
    };
    let mut schema = Map::new();
    schema.insert("description".into(), word.meaning.into());
    schema.extend(kind.as_object_mut().map(std::mem::take).unwrap_or_default());
    schema
}

/// A constant, or a table.
fn constant(spec: &TableSpec, definitions: &mut Map<String, Value>) -> Value {
    json!({"anyOf": [{"type": ["string", "integer", "boolean"]}, reference(spec, definitions)]})
}

/// One of the two.
fn or_table(other: &Value, spec: &TableSpec, definitions: &mut Map<String, Value>) -> Value {
    json!({"anyOf": [other, reference(spec, definitions)]})
}

/// A table with free names, or with those that the word has.
fn map(word: &WordSpec, values: &Value) -> Value {
    let mut schema = json!({"type": "object", "additionalProperties": values});
    if !word.choices.is_empty() {
        schema["propertyNames"] = json!({"enum": word.choices});
    }
    schema
}

/// A reference to the definition of a table, which is made where it is not yet there.
fn reference(spec: &TableSpec, definitions: &mut Map<String, Value>) -> Value {
    let mut name = String::new();
    for part in spec.header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|part| !part.is_empty()) {
        name.push_str(if name.is_empty() { "" } else { "." });
        name.push_str(part);
    }
    if !definitions.contains_key(&name) {
        // The name is taken first, so that the definitions stand in the order of the reference.
        definitions.insert(name.clone(), Value::Null);
        let definition = table(spec, definitions);
        definitions.insert(name.clone(), definition.into());
    }
    json!({"$ref": format!("#/$defs/{name}")})
}
