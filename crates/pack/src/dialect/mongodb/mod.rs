//! A `.json` file of a pack: one MongoDB query in extended JSON.

mod commands;
mod mongosh;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use self::commands::MongoCommand;

use super::{Param, StatementError};
use crate::document::suggest;

/// One MongoDB read: an aggregation over a collection, or over the replies of commands. A find becomes an aggregation.
#[derive(Debug, Clone, PartialEq)]
pub struct MongoQuery {
    /// The file of the query, for messages: `packs/<system>/<file>`.
    pub file: String,
    /// The documents that the pipeline begins with.
    pub input: MongoInput,
    /// The stages; of a find `$match`, `$sort`, `$project` and `$limit`. Each `{"$param": name, "type": ..}` is
    /// replaced with the parameter's value when the query runs.
    pub pipeline: Vec<serde_json::Value>,
    /// The parameters in the order of their first use; every name once.
    pub params: Vec<Param>,
}

/// The documents that a pipeline begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum MongoInput {
    /// The documents of the collection of that name.
    Collection(String),
    /// One document with the reply of each command under the command's name. Where the server refuses a command, its
    /// error stands there as `ok: 0`, `code`, `codeName` and `errmsg`.
    Commands(Vec<MongoCommand>),
}

/// Operators that write, or that run code in the server: a view may do neither.
const REFUSED: [&str; 5] = ["$out", "$merge", "$function", "$where", "$accumulator"];

const SYNTAX: &str = "write {\"collection\": .., \"pipeline\": [..]}, or \"find\" with \"sort\", \"project\", \"limit\", or \
                     {\"commands\": {\"<name>\": {\"<command>\": 1}}, \"pipeline\": [..]}";

/// The types that a parameter's text can be converted to.
const TYPES: [&str; 4] = ["oid", "date", "int", "string"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with a collection or with commands")]
struct RawQuery {
    collection: Option<String>,
    commands: Option<Map<String, Value>>,
    pipeline: Option<Vec<Value>>,
    find: Option<Map<String, Value>>,
    sort: Option<Map<String, Value>>,
    project: Option<Map<String, Value>>,
    limit: Option<u32>,
}

impl MongoQuery {
    /// Reads the text of a file. Returns every error that is found.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<StatementError>> {
        if let Some(offset) = called_fragment(text) {
            let what = "a fragment in a pipeline".to_owned();
            return Err(vec![StatementError { offset, what, remedy: "write it out: only SQL has fragments".into() }]);
        }
        let raw: RawQuery = serde_json::from_str(text).map_err(|error| {
            let offset = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            vec![StatementError { offset, what: without_position(&error), remedy: SYNTAX.into() }]
        })?;
        let whole_file =
            |what: &str, remedy: &str| vec![StatementError { offset: 0, what: what.into(), remedy: remedy.into() }];
        let has_find = raw.find.is_some();
        let input = match (raw.collection.clone(), raw.commands.clone()) {
            (Some(collection), None) => MongoInput::Collection(collection),
            (None, Some(_)) if has_find => {
                return Err(whole_file("\"find\" beside \"commands\"", "begin the pipeline with a $match"));
            }
            (None, Some(commands)) => MongoInput::Commands(commands::read(text, commands)?),
            (Some(_), Some(_)) => return Err(whole_file("\"collection\" beside \"commands\"", "give one of them")),
            (None, None) => return Err(whole_file("neither \"collection\" nor \"commands\"", SYNTAX)),
        };
        let pipeline = stages(raw).map_err(|what| whole_file(what, "give either \"pipeline\" or \"find\""))?;
        let mut walker = StageWalker { text, params: Vec::new(), errors: Vec::new() };
        for stage in &pipeline {
            walker.walk(stage);
        }
        if walker.errors.is_empty() {
            return Ok(Self { file: file.into(), input, pipeline, params: walker.params });
        }
        Err(walker.errors)
    }
}

/// The offset of what looks like a call of a fragment. No JSON has these braces but in a text.
fn called_fragment(text: &str) -> Option<usize> {
    let is_call = |at: &usize| text[at + 2..].trim_start().starts_with(|c: char| c.is_ascii_lowercase());
    text.match_indices("{{").map(|(at, _)| at).find(is_call)
}

/// The message without "at line 3 column 7": a problem has its line beside the message.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn stages(raw: RawQuery) -> Result<Vec<Value>, &'static str> {
    match (raw.pipeline, raw.find) {
        (Some(pipeline), None) if raw.sort.is_none() && raw.project.is_none() && raw.limit.is_none() => Ok(pipeline),
        (None, Some(find)) => {
            let mut stages = vec![json!({ "$match": find })];
            stages.extend(raw.sort.map(|sort| json!({ "$sort": sort })));
            stages.extend(raw.project.map(|project| json!({ "$project": project })));
            stages.extend(raw.limit.map(|limit| json!({ "$limit": limit })));
            Ok(stages)
        }
        (Some(_), _) => Err("\"pipeline\" beside words of a find"),
        (None, None) => Err("neither \"pipeline\" nor \"find\""),
    }
}

/// Walks through the stages, and collects parameters and operators that are refused.
struct StageWalker<'t> {
    text: &'t str,
    params: Vec<Param>,
    errors: Vec<StatementError>,
}

impl StageWalker<'_> {
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(object) if object.contains_key("$param") => self.param(object),
            Value::Object(object) => {
                for (key, inner) in object {
                    if REFUSED.contains(&key.as_str()) {
                        self.fail(key, format!("\"{key}\" in a query"), "a view only reads, and runs no code".into());
                    }
                    self.walk(inner);
                }
            }
            _ => {}
        }
    }

    fn param(&mut self, object: &Map<String, Value>) {
        let name = object.get("$param").and_then(Value::as_str);
        let kind = object.get("type").map_or(Some("string"), Value::as_str);
        let known = object.keys().all(|key| key == "$param" || key == "type");
        match (name, kind) {
            (Some(name), Some(kind)) if known && TYPES.contains(&kind) => {
                if !self.params.iter().any(|param| param.name == name) {
                    self.params.push(Param::new(name));
                }
            }
            (Some(_), Some(kind)) if known => {
                self.fail(kind, format!("unknown type \"{kind}\" of a parameter"), suggest(kind, TYPES));
            }
            _ => self.fail(
                "$param",
                "a parameter that is not {\"$param\": name, \"type\": type}".into(),
                "give both as texts, and nothing else".into(),
            ),
        }
    }

    /// `serde_json` keeps no offsets, so the problem has the line of the first such word in the file.
    fn fail(&mut self, word: &str, what: String, remedy: String) {
        let offset = self.text.find(&format!("\"{word}\"")).unwrap_or(0);
        self.errors.push(StatementError { offset, what, remedy });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let errors = MongoQuery::parse("a.json", text).unwrap_err();
        let line = |offset: usize| text[..offset].matches('\n').count() + 1;
        let told = errors.iter().map(|error| format!("{}: {}; {}", line(error.offset), error.what, error.remedy));
        told.collect::<Vec<_>>().join("\n  ")
    }

    #[test]
    fn parameters_are_found_at_any_depth_and_named_once() {
        let text = r#"{"collection": "files", "pipeline": [
            {"$match": {"_id": {"$in": [{"$param": "keys", "type": "oid"}]}, "at": {"$gt": {"$param": "since", "type": "date"}}}},
            {"$match": {"name": {"$param": "since"}}}]}"#;
        let query = MongoQuery::parse("a.json", text).unwrap();
        assert_eq!(query.params, [Param::new("keys"), Param::new("since")]);
        assert!(query.params[0].is_list && query.pipeline.len() == 2);
    }

    #[test]
    fn a_find_is_an_aggregate() {
        let text = r#"{"collection": "files", "find": {"a": 1}, "sort": {"b": -1}, "project": {"c": 1}, "limit": 5}"#;
        let query = MongoQuery::parse("a.json", text).unwrap();
        let stages = json!([{"$match": {"a": 1}}, {"$sort": {"b": -1}}, {"$project": {"c": 1}}, {"$limit": 5}]);
        assert_eq!(Value::Array(query.pipeline), stages);
    }

    #[test]
    fn a_command_is_sent_with_its_own_word_first() {
        let text =
            r#"{"commands": {"all": {"repl": 0, "serverStatus": 1}, "set": {"replSetGetStatus": 1}}, "pipeline": []}"#;
        let query = MongoQuery::parse("a.json", text).unwrap();
        let MongoInput::Commands(commands) = query.input else { panic!("no commands") };
        let told: Vec<(&str, bool, String)> = commands
            .iter()
            .map(|command| (&*command.name, command.on_admin, Value::Object(command.words.clone()).to_string()))
            .collect();
        let status = r#"{"serverStatus":1,"repl":0}"#.to_owned();
        assert_eq!(told, [("all", false, status), ("set", true, r#"{"replSetGetStatus":1}"#.into())]);
    }

    #[test]
    fn what_writes_or_runs_code_is_refused_at_any_depth() {
        for word in REFUSED {
            let text = format!(
                "{{\"collection\": \"a\", \"pipeline\": [{{\"$lookup\": {{\"pipeline\": [\n{{\"{word}\": {{}}}}]}}}}]}}"
            );
            assert!(refused(&text).starts_with(&format!("2: \"{word}\" in a query")), "{text}");
        }
    }

    #[test]
    fn what_is_no_query_is_told() {
        let all = [
            "{",
            "[]",
            r#"{"collection": "a"}"#,
            r#"{"collection": "a", "pipeline": [], "find": {}}"#,
            r#"{"collection": "a", "pipelin": []}"#,
            r#"{"collection": "a", "find": {"b": {"$param": "c", "type": "objectid"}}}"#,
            r#"{"collection": "a", "find": {"b": {"$param": "c", "or": 1}}}"#,
            r#"{"collection": "a", "find": {"b": {"$param": 1}}}"#,
            r#"{"collection": "a", "pipeline": [{{recent}}]}"#,
            r#"{"pipeline": []}"#,
            r#"{"collection": "a", "commands": {"me": {"hello": 1}}, "pipeline": []}"#,
            r#"{"commands": {"me": {"hello": 1}}, "find": {}}"#,
            r#"{"commands": {"me": {"hello": 1}}}"#,
            r#"{"commands": {}, "pipeline": []}"#,
            r#"{"commands": {"$me": {"hello": 1}}, "pipeline": []}"#,
            r#"{"commands": {"me": 1}, "pipeline": []}"#,
            r#"{"commands": {"me": {"shutdown": 1}}, "pipeline": []}"#,
            r#"{"commands": {"me": {"helo": 1}}, "pipeline": []}"#,
            r#"{"commands": {"me": {"hello": 1, "serverStatus": 1}}, "pipeline": []}"#,
            r#"{"commands": {"me": {"hello": 1, "saslSupportedMechs": "a.b"}}, "pipeline": []}"#,
            r#"{"commands": {"log": {"profile": 2}}, "pipeline": []}"#,
            r#"{"commands": {"log": {"profile": -1, "slowms": 1}}, "pipeline": []}"#,
            r#"{"commands": {"log": {"profile": {"$param": "level", "type": "int"}}}, "pipeline": []}"#,
            r#"{"commands": {"all": {"serverStatus": 1, "repl": 2}}, "pipeline": []}"#,
            r#"{"commands": {"all": {"serverStatus": 1, "$db": 1}}, "pipeline": []}"#,
            r#"{"commands": {"size": {"collStats": 1}}, "pipeline": []}"#,
            r#"{"commands": {"size": {"dbStats": 1, "scale": 0}}, "pipeline": []}"#,
        ];
        let told: Vec<String> = all.iter().map(|text| format!("{text}\n  {}", refused(text))).collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
