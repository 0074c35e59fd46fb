//! Decodes BSON to values.

use mongodb::bson::{Binary, Bson, Decimal128, Document, oid::ObjectId, spec::BinarySubtype};
use opsdash_core::{time::Time, value::Value};
use serde_json::{Value as Json, json};

use crate::text;

/// The value of a field; `limit` bounds texts and documents, in bytes.
pub fn value(field: &Bson, limit: usize) -> Value {
    match field {
        Bson::Boolean(truth) => Value::Bool(*truth),
        Bson::Int32(int) => Value::Int((*int).into()),
        Bson::Int64(int) => Value::Int(*int),
        Bson::Double(float) => Value::Float(*float),
        Bson::Null | Bson::Undefined => Value::Null,
        Bson::Decimal128(decimal) => number(decimal),
        Bson::DateTime(at) => Value::Time(Time::from_ms(at.timestamp_millis())),
        Bson::Timestamp(at) => Value::Time(Time::from_ms(i64::from(at.time) * 1_000)),
        Bson::Array(items) => array(items, limit),
        Bson::Document(_) => document(field, limit),
        plain => text::bounded(&raw_text(plain), limit),
    }
}

/// The raw text that identifies a row or a file. A parameter of type `oid`, `int` or `string` finds the document by it.
pub fn raw_text(field: &Bson) -> String {
    match field {
        Bson::Null | Bson::Undefined => String::new(),
        Bson::String(text) | Bson::Symbol(text) => text.clone(),
        Bson::ObjectId(id) => id.to_hex(),
        Bson::Int32(int) => int.to_string(),
        Bson::Int64(int) => int.to_string(),
        Bson::Double(float) => float.to_string(),
        Bson::Boolean(truth) => truth.to_string(),
        Bson::Decimal128(decimal) => decimal.to_string(),
        Bson::DateTime(at) => at.try_to_rfc3339_string().unwrap_or_else(|_| at.timestamp_millis().to_string()),
        Bson::Binary(binary) => binary_text(binary),
        other => relaxed(other).to_string(),
    }
}

/// By what a document is found again where its id's text alone does not tell its type; `None` for an ObjectId, and for a
/// text that is nothing else.
pub fn address_of(id: &Bson) -> Option<String> {
    match id {
        Bson::ObjectId(_) => None,
        Bson::String(text) if ObjectId::parse_str(text).is_err() && extended(text).is_none() => None,
        other => serde_json::to_string(other).ok(),
    }
}

/// The id that [`address_of`], or the text of an id, names.
pub fn id_at(address: &str) -> Bson {
    match ObjectId::parse_str(address) {
        Ok(id) => Bson::ObjectId(id),
        Err(_) => extended(address).unwrap_or_else(|| Bson::String(address.to_owned())),
    }
}

/// A text of extended JSON; `None` when it is something else.
fn extended(text: &str) -> Option<Bson> {
    from_json(&serde_json::from_str(text).ok()?).ok()
}

/// A whole number, whatever number type it is stored as; `None` when the field is absent or not a whole number.
pub fn whole(field: Option<&Bson>) -> Option<i64> {
    match field? {
        Bson::Int32(int) => Some((*int).into()),
        Bson::Int64(int) => Some(*int),
        // Up to 2^53 a double holds every whole number.
        Bson::Double(float) if float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, as just checked")]
            let int = *float as i64;
            Some(int)
        }
        _ => None,
    }
}

/// The field as relaxed extended JSON with inert strings.
pub fn relaxed(field: &Bson) -> Json {
    match field {
        Bson::Null | Bson::Undefined => Json::Null,
        Bson::Boolean(truth) => json!(truth),
        Bson::Int32(int) => json!(int),
        Bson::Int64(int) => json!(int),
        Bson::Double(float) if float.is_finite() => json!(float),
        Bson::Double(float) => json!({ "$numberDouble": float.to_string() }),
        Bson::String(text) => text::inert_json(json!(text)),
        Bson::ObjectId(id) => json!({ "$oid": id.to_hex() }),
        Bson::Decimal128(decimal) => json!({ "$numberDecimal": decimal.to_string() }),
        Bson::DateTime(_) => json!({ "$date": raw_text(field) }),
        Bson::Binary(binary) => json!({ "$binary": binary_text(binary) }),
        Bson::Array(items) => Json::Array(items.iter().map(relaxed).collect()),
        Bson::Document(fields) => Json::Object(
            fields.iter().map(|(name, field)| (opsdash_core::text::inert(name).into(), relaxed(field))).collect(),
        ),
        rare => serde_json::to_value(rare).map_or(Json::Null, text::inert_json),
    }
}

/// Extended JSON that a pack has written, as BSON.
///
/// # Errors
/// JSON that is no extended JSON.
pub fn from_json(json: &Json) -> serde_json::Result<Bson> {
    serde_json::from_value(plain_numbers(json))
}

/// The same with numbers in their shortest form: to whoever reads the value as another type, any other form is no number.
fn plain_numbers(json: &Json) -> Json {
    match json {
        Json::Number(n) if n.as_i64().is_none() => n.as_f64().map_or_else(|| json.clone(), Json::from),
        Json::Array(items) => items.iter().map(plain_numbers).collect(),
        Json::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), plain_numbers(field))).collect(),
        plain => plain.clone(),
    }
}

/// The document as relaxed extended JSON with inert strings.
pub fn relaxed_document(document: &Document) -> Json {
    Json::Object(
        document.iter().map(|(name, field)| (opsdash_core::text::inert(name).into(), relaxed(field))).collect(),
    )
}

fn number(decimal: &Decimal128) -> Value {
    let text = decimal.to_string();
    if let Ok(int) = text.parse() {
        return Value::Int(int);
    }
    match text.parse::<f64>() {
        Ok(float) if !float.is_finite() => Value::Float(float),
        _ => Value::Decimal(text.into()),
    }
}

/// Numbers and texts make a list, anything else is a document.
fn array(items: &[Bson], limit: usize) -> Value {
    let values: Vec<Value> = items.iter().map(|item| value(item, limit)).collect();
    let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Null);
    let are_numbers = values.iter().any(|value| value.as_number().is_some()) && values.iter().all(is_number);
    let are_texts = !values.is_empty() && values.iter().all(|value| value.as_text().is_some());
    if are_numbers || are_texts {
        return Value::list(values);
    }
    document(&Bson::Array(items.to_vec()), limit)
}

fn document(field: &Bson, limit: usize) -> Value {
    let document = relaxed(field);
    let text = document.to_string();
    if text.len() > limit { text::bounded(&text, limit) } else { Value::Json(Box::new(document)) }
}

fn binary_text(binary: &Binary) -> String {
    match binary.subtype {
        BinarySubtype::Uuid => binary.to_uuid().map_or_else(|_| size_text(binary), |uuid| uuid.to_string()),
        _ => size_text(binary),
    }
}

fn size_text(binary: &Binary) -> String {
    format!("<{} bytes>", binary.bytes.len())
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{DateTime, Uuid, doc};

    use super::*;

    #[test]
    fn an_id_keeps_its_type_from_listing_to_reading() {
        let hex = "65a1b2c3d4e5f60718293a4b";
        for id in [
            Bson::ObjectId(ObjectId::parse_str(hex).unwrap()),
            Bson::String(hex.into()),
            Bson::String("plain name".into()),
            Bson::String("5".into()),
            Bson::String("{\"a\": 1}".into()),
            Bson::Int32(5),
            Bson::Double(1.5),
            Uuid::from_bytes([7; 16]).into(),
            Bson::Document(doc! { "tenant": "a", "n": 1 }),
        ] {
            let address = address_of(&id).unwrap_or_else(|| raw_text(&id));
            assert_eq!(id_at(&address), id, "{address}");
        }
    }

    #[test]
    fn every_type_has_its_value() {
        let id = ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
        for (field, expected) in [
            (Bson::Null, Value::Null),
            (Bson::Int32(7), Value::Int(7)),
            (Bson::Int64(i64::MAX), Value::Int(i64::MAX)),
            (Bson::Double(1.5), Value::Float(1.5)),
            (Bson::Double(f64::INFINITY), Value::Float(f64::INFINITY)),
            (Bson::Decimal128("12".parse().unwrap()), Value::Int(12)),
            (Bson::Decimal128("1.25".parse().unwrap()), Value::Decimal("1.25".into())),
            (Bson::Decimal128("-Infinity".parse().unwrap()), Value::Float(f64::NEG_INFINITY)),
            (Bson::ObjectId(id), Value::text("65a1b2c3d4e5f60718293a4b")),
            (Bson::String("a\u{1b}".into()), Value::text("a␛")),
            (Bson::DateTime(DateTime::from_millis(1_500)), Value::Time(Time(1_500_000))),
            (Bson::Array(vec![Bson::Int32(1), Bson::Null]), Value::list([Value::Int(1), Value::Null])),
            (Bson::Array(vec!["a".into()]), Value::list([Value::text("a")])),
        ] {
            assert_eq!(value(&field, 100), expected, "{field:?}");
        }
    }

    #[test]
    fn documents_are_relaxed_json_with_inert_strings() {
        let id = ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
        let document = doc! { "id": id, "at": DateTime::from_millis(0), "t\u{202e}": "\u{1b}", "n": 5_i64 };
        let expected =
            r#"{"id":{"$oid":"65a1b2c3d4e5f60718293a4b"},"at":{"$date":"1970-01-01T00:00:00Z"},"t�":"␛","n":5}"#;
        assert_eq!(relaxed_document(&document).to_string(), expected);
    }

    #[test]
    fn a_number_of_a_pack_is_a_number_however_it_is_written() {
        let written: Json =
            serde_json::from_str(r#"{"a": 0.50, "b": [1e3, -1.0, 3], "c": {"$numberLong": "7"}}"#).unwrap();
        let bson = from_json(&written).unwrap();
        assert_eq!(bson, Bson::Document(doc! { "a": 0.5, "b": [1_000.0, -1.0, 3], "c": 7_i64 }));
    }

    #[test]
    fn a_length_is_read_from_any_number_that_is_whole() {
        assert_eq!(whole(Some(&Bson::Int32(5))), Some(5));
        assert_eq!(whole(Some(&Bson::Int64(5))), Some(5));
        assert_eq!(whole(Some(&Bson::Double(5.0))), Some(5));
        assert_eq!(whole(Some(&Bson::Double(5.5))), None);
        assert_eq!(whole(Some(&Bson::String("5".into()))), None);
        assert_eq!(whole(None), None);
    }
}
