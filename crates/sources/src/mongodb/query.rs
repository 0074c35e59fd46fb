//! Fills the parameters of a pack's pipeline.

use jiff::Timestamp;
use mongodb::bson::{Bson, DateTime, Document, oid::ObjectId};
use opsdash_core::contract::{Bind, Failure, FailureKind};
use opsdash_pack::dialect::MongoQuery;

/// The stages to send. Parameters are filled in after the JSON is parsed, so that no value can become an operator.
///
/// # Errors
/// A pipeline that is not BSON, or a value that is not of its parameter's type.
pub fn stages(query: &MongoQuery, bind: &Bind) -> Result<Vec<Document>, Failure> {
    let stage = |stage: &serde_json::Value| {
        let failed = |what: &str| Failure::new(FailureKind::Other, &format!("{}: {what}", query.file));
        let bson = super::decode::from_json(stage).map_err(|error| failed(&error.to_string()))?;
        match bind_params(bson, query, bind)? {
            Bson::Document(stage) => Ok(stage),
            _ => Err(failed("a stage of the pipeline is no document")),
        }
    };
    query.pipeline.iter().map(stage).collect()
}

fn bind_params(bson: Bson, query: &MongoQuery, bind: &Bind) -> Result<Bson, Failure> {
    match bson {
        Bson::Array(items) => {
            items.into_iter().map(|item| bind_params(item, query, bind)).collect::<Result<_, _>>().map(Bson::Array)
        }
        Bson::Document(fields) => {
            if let Ok(name) = fields.get_str("$param") {
                return param_value(name, fields.get_str("type").unwrap_or("string"), query, bind);
            }
            let fields = fields.into_iter().map(|(name, field)| Ok((name, bind_params(field, query, bind)?)));
            fields.collect::<Result<Document, _>>().map(Bson::Document)
        }
        plain => Ok(plain),
    }
}

fn param_value(name: &str, kind: &str, query: &MongoQuery, bind: &Bind) -> Result<Bson, Failure> {
    if query.params.iter().any(|param| param.name == name && param.is_list) {
        let keys = bind.keys.iter().map(|key| parse_value(name, kind, key.as_str()));
        return keys.collect::<Result<_, _>>().map(Bson::Array);
    }
    bind.values.get(name).map_or(Ok(Bson::Null), |text| parse_value(name, kind, text))
}

fn parse_value(name: &str, kind: &str, text: &str) -> Result<Bson, Failure> {
    let value = match kind {
        "oid" => ObjectId::parse_str(text).ok().map(Bson::ObjectId),
        "int" => text.parse().ok().map(Bson::Int64),
        "date" => text.parse().ok().map(|at: Timestamp| Bson::DateTime(DateTime::from_millis(at.as_millisecond()))),
        _ => Some(Bson::String(text.to_owned())),
    };
    value.ok_or_else(|| Failure::new(FailureKind::Other, &format!("{name}: \"{text}\" is no {kind}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mongodb::bson::doc;
    use opsdash_core::value::RowKey;
    use opsdash_pack::dialect::{MongoInput, Param};

    use super::*;

    fn query(pipeline: serde_json::Value) -> MongoQuery {
        let serde_json::Value::Array(pipeline) = pipeline else { panic!("no pipeline") };
        let params = vec![Param { name: "keys".into(), is_list: true }];
        MongoQuery { file: "q.json".into(), input: MongoInput::Collection("c".into()), pipeline, params }
    }

    #[test]
    fn parameters_become_what_their_type_says_and_absent_ones_null() {
        let query = query(serde_json::json!([{ "$match": {
            "_id": { "$in": { "$param": "keys", "type": "oid" } }, "n": { "$param": "n", "type": "int" },
            "at": { "$gte": { "$param": "at", "type": "date" } }, "absent": { "$param": "none" },
            "fixed": { "$oid": "65a1b2c3d4e5f60718293a4b" }, "text": { "$param": "text" },
        }}]));
        let id = ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
        let values = [("n", "7"), ("at", "1970-01-01T00:00:01Z"), ("text", "{\"$where\": 1}")];
        let bind = Bind {
            values: BTreeMap::from(values.map(|(name, text)| (name.to_owned(), text.to_owned()))),
            keys: vec![RowKey(id.to_hex().into())],
        };
        let expected = doc! { "$match": {
            "_id": { "$in": [id] }, "n": 7_i64, "at": { "$gte": DateTime::from_millis(1_000) }, "absent": null,
            "fixed": id, "text": "{\"$where\": 1}",
        }};
        assert_eq!(stages(&query, &bind).unwrap(), [expected]);
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_name() {
        let query = query(serde_json::json!([{ "$match": { "_id": { "$param": "key", "type": "oid" } } }]));
        let bind = Bind { values: BTreeMap::from([("key".into(), "xyz".into())]), keys: Vec::new() };
        assert!(stages(&query, &bind).unwrap_err().message.contains("key: \"xyz\" is no oid"));
    }
}
