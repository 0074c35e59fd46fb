//! The commands whose replies a `.json` query may begin with: a closed list, with the arguments that only read.

use serde_json::{Map, Value};

use crate::{dialect::StatementError, document::suggest};

/// One command of a query, which is in the list of commands.
#[derive(Debug, Clone, PartialEq)]
pub struct MongoCommand {
    /// The field that holds the reply in the document that the pipeline begins with.
    pub name: String,
    /// Whether the command runs on the database `admin` rather than on the source's own.
    pub on_admin: bool,
    /// The command as it is sent: the word of the command, then its other fields.
    pub words: Map<String, Value>,
}

/// Most commands of one query: more than a view needs, and not enough to burden a server.
const MOST: usize = 8;

/// What the value of the command's own word must be.
#[derive(Clone, Copy)]
enum Argument {
    Number(i64),
    /// The name of a collection.
    Collection,
}

/// Which other fields a command may have.
#[derive(Clone, Copy)]
enum ExtraFields {
    Nothing,
    /// Names of sections, each with 0 or 1.
    Sections,
    /// `scale`, a number above 0.
    Scale,
}

struct CommandSpec {
    word: &'static str,
    argument: Argument,
    extra: ExtraFields,
    on_admin: bool,
}

const fn spec(word: &'static str, argument: Argument, extra: ExtraFields, on_admin: bool) -> CommandSpec {
    CommandSpec { word, argument, extra, on_admin }
}

/// Every command that a pack may name. With these arguments none of them changes anything. `profile` is an example of
/// why the argument counts: any other number sets the profiling level.
const KNOWN: [CommandSpec; 8] = [
    spec("hello", Argument::Number(1), ExtraFields::Nothing, false),
    spec("buildInfo", Argument::Number(1), ExtraFields::Nothing, false),
    spec("serverStatus", Argument::Number(1), ExtraFields::Sections, false),
    spec("profile", Argument::Number(-1), ExtraFields::Nothing, false),
    spec("dbStats", Argument::Number(1), ExtraFields::Scale, false),
    spec("collStats", Argument::Collection, ExtraFields::Scale, false),
    spec("replSetGetStatus", Argument::Number(1), ExtraFields::Nothing, true),
    spec("replSetGetConfig", Argument::Number(1), ExtraFields::Nothing, true),
];

/// Reads `commands` of a query. Returns every error that is found.
pub(super) fn read(text: &str, raw: Map<String, Value>) -> Result<Vec<MongoCommand>, Vec<StatementError>> {
    let error = |word: &str, what: String, remedy: String| {
        let offset = text.find(&format!("\"{word}\"")).unwrap_or(0);
        vec![StatementError { offset, what, remedy }]
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

/// The word that tells where the problem is, what is wrong, and the remedy.
type FieldError = (String, String, String);

fn command(name: &str, raw: &Value) -> Result<MongoCommand, FieldError> {
    let wrong = |word: &str, what: String, remedy: &str| Err((word.to_owned(), what, remedy.to_owned()));
    // The pipeline refers to the reply as $name.field.
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
        if !known.extra.takes(word, value) {
            let what = format!("\"{word}\": {value} beside \"{}\" of \"{name}\"", known.word);
            return wrong(word, what, known.extra.remedy());
        }
    }
    // A server takes the first field for the command.
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
