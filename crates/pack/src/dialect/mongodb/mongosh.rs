//! A query as mongosh runs it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{MongoCommand, MongoInput, MongoQuery};

/// In mongosh a refused command is an exception; a pipeline of ours is given the error as a document.
const REPLY: &str = "const reply = (of, command) => {
  try { return of.runCommand(command); } catch (error) {
    return { ok: 0, code: error.code, codeName: error.codeName, errmsg: error.message };
  }
};
";

impl MongoQuery {
    /// The query as mongosh runs it on the source's database, `values` in place of its parameters. A parameter without a
    /// value is null, a list of keys empty.
    #[must_use]
    pub fn for_mongosh(&self, values: &BTreeMap<String, String>) -> String {
        let stages: Vec<Value> = self.pipeline.iter().map(|stage| self.bound(stage, values)).collect();
        let mut script = String::new();
        let (on, stages) = match &self.input {
            MongoInput::Collection(name) => {
                (format!("db.getCollection({})", json!(name)), pretty(&Value::Array(stages)))
            }
            MongoInput::Commands(commands) => {
                script = commands_script(commands);
                let stages = pretty(&Value::Array(stages));
                let rest = stages.trim_start_matches('[').trim_start();
                let comma = if rest == "]" { "" } else { "," };
                ("db".to_owned(), format!("[\n  {{\"$documents\": [{{\"$literal\": replies}}]}}{comma}\n  {rest}"))
            }
        };
        // Extended JSON, such as {"$oid": ..}, is no document of its own there.
        script + &format!("{on}.aggregate(EJSON.deserialize({stages})).toArray()\n")
    }

    fn bound(&self, value: &Value, values: &BTreeMap<String, String>) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.bound(item, values)).collect(),
            Value::Object(fields) => match fields.get("$param").and_then(Value::as_str) {
                Some(name) if self.params.iter().any(|param| param.name == name && param.is_list) => json!([]),
                Some(name) => {
                    let kind = fields.get("type").and_then(Value::as_str).unwrap_or("string");
                    values.get(name).map_or(Value::Null, |text| typed(kind, text))
                }
                None => fields.iter().map(|(name, field)| (name.clone(), self.bound(field, values))).collect(),
            },
            plain => plain.clone(),
        }
    }
}

fn typed(kind: &str, text: &str) -> Value {
    match kind {
        "oid" => json!({ "$oid": text }),
        "date" => json!({ "$date": text }),
        "int" => json!({ "$numberLong": text }),
        _ => json!(text),
    }
}

fn commands_script(commands: &[MongoCommand]) -> String {
    let reply = |command: &MongoCommand| {
        let on = if command.on_admin { "db.getSiblingDB(\"admin\")" } else { "db" };
        let words = Value::Object(command.words.clone());
        format!("  {}: reply({on}, {words}),\n", json!(command.name))
    };
    let replies: String = commands.iter().map(reply).collect();
    format!("{REPLY}const replies = {{\n{replies}}};\n")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_types_and_what_has_none_is_null() {
        let text = r#"{"collection": "files", "find": {
            "_id": {"$in": [{"$param": "key", "type": "oid"}]}, "at": {"$gt": {"$param": "since", "type": "date"}},
            "name": {"$param": "name"}, "n": {"$param": "n", "type": "int"}, "of": {"$in": {"$param": "keys"}}}}"#;
        let values = [("since", "2026-01-01T00:00:00Z"), ("name", "a\"b"), ("n", "7")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        insta::assert_snapshot!(MongoQuery::parse("a.json", text).unwrap().for_mongosh(&values));
    }

    #[test]
    fn replies_of_commands_are_what_the_pipeline_begins_with() {
        let text = r#"{"commands": {"me": {"hello": 1}, "set": {"replSetGetStatus": 1}},
            "pipeline": [{"$project": {"name": "$me.setName"}}]}"#;
        insta::assert_snapshot!(MongoQuery::parse("a.json", text).unwrap().for_mongosh(&BTreeMap::new()));
    }
}
