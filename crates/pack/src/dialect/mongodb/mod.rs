//! A `.json` query of a pack.

mod commands;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use self::commands::MongoCommand;

use super::Param;
use crate::document::suggest;

/// One MongoDB read: a find or an aggregate in extended JSON, of a collection or of what commands reply.
#[derive(Debug, Clone, PartialEq)]
pub struct MongoQuery {
    /// Where it stands, for messages.
    pub file: String,
    /// What the pipeline begins with.
    pub input: MongoInput,
    /// The stages of an aggregate; a find is one too (`$match`, `$sort`, `$project`, `$limit`).
    /// `{"$param": name, "type": ..}` is filled in when it is asked.
    pub pipeline: Vec<serde_json::Value>,
    /// Names of its parameters.
    pub params: Vec<Param>,
}

/// What a pipeline begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum MongoInput {
    /// The documents of the collection of that name.
    Collection(String),
    /// One document: the reply of each command under its name. A command that the server refuses has its error there,
    /// as `ok: 0`, `code`, `codeName` and `errmsg`.
    Commands(Vec<MongoCommand>),
}

/// Why a text is not one query of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MongoError {
    /// Byte offset in the file.
    pub at: usize,
    pub what: String,
    pub remedy: String,
}

/// Operators that write, or that run code in the server.
const REFUSED: [&str; 5] = ["$out", "$merge", "$function", "$where", "$accumulator"];

const SHAPE: &str = "write {\"collection\": .., \"pipeline\": [..]}, or \"find\" with \"sort\", \"project\", \"limit\", or \
                     {\"commands\": {\"<name>\": {\"<command>\": 1}}, \"pipeline\": [..]}";

/// What a parameter's text is turned into.
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
    /// Reads the text of a file.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Vec<MongoError>> {
        let raw: RawQuery = serde_json::from_str(text).map_err(|error| {
            let at = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            vec![MongoError { at, what: without_place(&error), remedy: SHAPE.into() }]
        })?;
        let whole = |what: &str, remedy: &str| vec![MongoError { at: 0, what: what.into(), remedy: remedy.into() }];
        let has_find = raw.find.is_some();
        let input = match (raw.collection.clone(), raw.commands.clone()) {
            (Some(collection), None) => MongoInput::Collection(collection),
            (None, Some(_)) if has_find => {
                return Err(whole("\"find\" beside \"commands\"", "begin the pipeline with a $match"));
            }
            (None, Some(commands)) => MongoInput::Commands(commands::read(text, commands)?),
            (Some(_), Some(_)) => return Err(whole("\"collection\" beside \"commands\"", "give one of them")),
            (None, None) => return Err(whole("neither \"collection\" nor \"commands\"", SHAPE)),
        };
        let pipeline = stages(raw).map_err(|what| whole(what, "give either \"pipeline\" or \"find\""))?;
        let mut reader = StageWalker { text, params: Vec::new(), errors: Vec::new() };
        for stage in &pipeline {
            reader.read(stage);
        }
        if reader.errors.is_empty() {
            return Ok(Self { file: file.into(), input, pipeline, params: reader.params });
        }
        Err(reader.errors)
    }
}

/// The message without "at line 3 column 7": the place is told apart.
fn without_place(error: &serde_json::Error) -> String {
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

/// Walks the stages for parameters and for what is refused.
struct StageWalker<'t> {
    text: &'t str,
    params: Vec<Param>,
    errors: Vec<MongoError>,
}

impl StageWalker<'_> {
    fn read(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.read(item)),
            Value::Object(object) if object.contains_key("$param") => self.param(object),
            Value::Object(object) => {
                for (key, inner) in object {
                    if REFUSED.contains(&key.as_str()) {
                        self.fail(key, format!("\"{key}\" in a query"), "a view only reads, and runs no code".into());
                    }
                    self.read(inner);
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

    /// JSON values carry no place, so the first time that the word is written has to do.
    fn fail(&mut self, word: &str, what: String, remedy: String) {
        let at = self.text.find(&format!("\"{word}\"")).unwrap_or(0);
        self.errors.push(MongoError { at, what, remedy });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let errors = MongoQuery::parse("a.json", text).unwrap_err();
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let told = errors.iter().map(|error| format!("{}: {}; {}", line(error.at), error.what, error.remedy));
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
