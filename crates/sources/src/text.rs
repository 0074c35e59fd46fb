//! Cleans text and JSON from outside: no control characters, and a bounded size.

use opsdash_core::{text::inert, value::Value};

/// Inert text of at most about `limit` bytes. A cut text ends with a note of its full size.
pub fn bounded(raw: &str, limit: usize) -> Value {
    Value::Text(cut(raw, limit).into())
}

/// Like [`bounded`], as a string.
pub fn cut(raw: &str, limit: usize) -> String {
    if raw.len() <= limit {
        return inert(raw).into_owned();
    }
    let kept = &raw[..raw.floor_char_boundary(limit)];
    format!("{}{}", inert(kept), cut_note(raw.len()))
}

/// What stands at the end of a text that has been cut.
pub fn cut_note(bytes: impl std::fmt::Display) -> String {
    format!("… [cut, {bytes} bytes in all]")
}

/// A JSON document with all its strings inert. A document over `limit` bytes, or one that cannot be parsed (nested too
/// deeply), becomes text.
pub fn json(raw: &str, limit: usize) -> Value {
    if raw.len() > limit {
        return bounded(raw, limit);
    }
    match serde_json::from_str(raw) {
        Ok(document) => Value::Json(Box::new(inert_json(document))),
        Err(_) => bounded(raw, limit),
    }
}

/// The document with all its keys and strings inert.
pub fn inert_json(document: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match document {
        Json::String(text) => Json::String(inert(&text).into_owned()),
        Json::Array(items) => Json::Array(items.into_iter().map(inert_json).collect()),
        Json::Object(fields) => Json::Object(
            fields.into_iter().map(|(name, field)| (inert(&name).into_owned(), inert_json(field))).collect(),
        ),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_a_character_and_says_so() {
        assert_eq!(cut("ééé", 3), "é… [cut, 6 bytes in all]");
        assert_eq!(cut("short", 5), "short");
    }

    #[test]
    fn strings_inside_json_are_inert() {
        let Value::Json(document) = json(r#"{"a\u001b": ["\u202ex", 1]}"#, 100) else { panic!("no JSON") };
        assert_eq!(document.to_string(), "{\"a␛\":[\"\u{fffd}x\",1]}");
    }
}
