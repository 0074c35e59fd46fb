//! The commands whose replies a `.json` query may begin with: a closed list, each with the arguments that only read.

use serde_json::{Map, Value};

use crate::{dialect::MongoError, document::suggest};

/// One command of a query, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct MongoCommand {
    /// What the pipeline calls its reply.
    pub name: String,
    /// Whether it is for the database `admin` rather than for the source's own.
    pub on_admin: bool,
    /// The command as it is sent, its own word first.
    pub words: Map<String, Value>,
}

/// More than a view needs, fewer than would weigh on a server.
const MOST: usize = 8;

/// What the word of a command itself must be.
#[derive(Clone, Copy)]
enum Argument {
    Number(i64),
    /// The name of a collection.
    Collection,
}

/// What may stand beside it.
#[derive(Clone, Copy)]
enum ExtraFields {
    Nothing,
    /// Names of sections, each 0 or 1.
    Sections,
    /// `scale`, a number above 0.
    Scale,
}

struct CommandSpec {
    word: &'static str,
    argument: Argument,
    beside: ExtraFields,
    on_admin: bool,
}

const fn known(word: &'static str, argument: Argument, beside: ExtraFields, on_admin: bool) -> CommandSpec {
    CommandSpec { word, argument, beside, on_admin }
}

/// Every command that a pack may name. None of them changes anything with these arguments: `profile` with another
/// number would set the level.
const KNOWN: [CommandSpec; 8] = [
    known("hello", Argument::Number(1), ExtraFields::Nothing, false),
    known("buildInfo", Argument::Number(1), ExtraFields::Nothing, false),
    known("serverStatus", Argument::Number(1), ExtraFields::Sections, false),
    known("profile", Argument::Number(-1), ExtraFields::Nothing, false),
    known("dbStats", Argument::Number(1), ExtraFields::Scale, false),
    known("collStats", Argument::Collection, ExtraFields::Scale, false),
    known("replSetGetStatus", Argument::Number(1), ExtraFields::Nothing, true),
    known("replSetGetConfig", Argument::Number(1), ExtraFields::Nothing, true),
];

/// The commands under their names.
pub(super) fn read(text: &str, raw: Map<String, Value>) -> Result<Vec<MongoCommand>, Vec<MongoError>> {
    let error = |word: &str, what: String, remedy: String| {
        let at = text.find(&format!("\"{word}\"")).unwrap_or(0);
        vec![MongoError { at, what, remedy }]
    };
    if raw.is_empty() || raw.len() > MOST {
        let remedy = format!("name 1 to {MOST} commands");
        return Err(error("commands", format!("{} commands", raw.len()), remedy));
    }
    let mut commands = Vec::new();
    let mut errors = Vec::new();
    for (name, words) in raw {
        match command(&name, &words) {
            Ok(command) => commands.push(command),
            Err((word, what, remedy)) => errors.extend(error(&word, what, remedy)),
        }
    }
    if errors.is_empty() { Ok(commands) } else { Err(errors) }
}

/// A word to find the place by, what is wrong, and the remedy.
type FieldError = (String, String, String);

fn command(name: &str, raw: &Value) -> Result<MongoCommand, FieldError> {
    let wrong = |word: &str, what: String, remedy: &str| Err((word.to_owned(), what, remedy.to_owned()));
    // The pipeline reads it as $name.field.
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.bytes().all(is_word_byte) {
        return wrong(name, format!("\"{name}\" cannot name a reply"), "use letters, digits and _");
    }
    let Some(raw) = raw.as_object() else {
        return wrong(name, format!("the command \"{name}\" is no object"), "write {\"<command>\": 1}");
    };
    let mut found = KNOWN.iter().filter(|known| raw.contains_key(known.word));
    let (Some(known), None) = (found.next(), found.next()) else {
        let first = raw.keys().next().map_or("", String::as_str);
        let what = format!("\"{name}\" is not one of the commands that a view may begin with");
        return Err((name.to_owned(), what, suggest(first, KNOWN.iter().map(|known| known.word))));
    };
    if !known.argument.takes(&raw[known.word]) {
        let what = format!("\"{}\" of \"{name}\" is {}", known.word, raw[known.word]);
        return wrong(known.word, what, known.argument.remedy());
    }
    for (word, value) in raw.iter().filter(|(word, _)| *word != known.word) {
        if !known.beside.takes(word, value) {
            let what = format!("\"{word}\": {value} beside \"{}\" of \"{name}\"", known.word);
            return wrong(word, what, known.beside.remedy());
        }
    }
    // A server takes the first word for the command.
    let own = std::iter::once((known.word.to_owned(), raw[known.word].clone()));
    let others = raw.iter().filter(|(word, _)| *word != known.word).map(|(word, value)| (word.clone(), value.clone()));
    Ok(MongoCommand { name: name.to_owned(), on_admin: known.on_admin, words: own.chain(others).collect() })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Argument {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Number(number) => value.as_i64() == Some(number),
            Self::Collection => value.as_str().is_some_and(|name| !name.is_empty() && !name.starts_with('$')),
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Number(-1) => "write -1, which reads; any other number would change it",
            Self::Number(_) => "write 1",
            Self::Collection => "name a collection",
        }
    }
}

impl ExtraFields {
    fn takes(self, word: &str, value: &Value) -> bool {
        match self {
            Self::Nothing => false,
            Self::Sections => word.bytes().all(is_word_byte) && matches!(value.as_i64(), Some(0 | 1)),
            Self::Scale => word == "scale" && value.as_i64().is_some_and(|scale| scale > 0),
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Nothing => "remove it: the command takes no other word here",
            Self::Sections => "name sections only, each with 0 or 1",
            Self::Scale => "only \"scale\" may stand there, a whole number above 0",
        }
    }
}
