//! Questions that packs give a name to: `opsdash <name> QUERY` asks the pack's lookup view and judges the answer. The
//! view brings `usable` and `exact` (yes or no) and `reasons` (a list); what is shown comes from its other columns.

use std::{collections::BTreeMap, io::BufRead};

use opsdash_core::{
    contract::{Failure, FailureKind},
    export::Document,
    model::{Choices, Load, Snapshot},
    text,
    value::{Row, Value},
};
use opsdash_pack::{
    document::suggest,
    pack::{Format, LookupWords, Pack, USABLE, View, ViewId},
};
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        answer::ViewAnswer,
        args::{self, lookup::LookupRequest},
        error::CliError,
        exit::Exit,
        output::{
            CommandOutput, OutputStyle,
            grid::{cell, grid},
            table,
        },
        query::{self, ViewQuery},
        setup::Setup,
        targets::TargetSelection,
    },
    export::json,
    packs,
    settings::Environment,
    settings::trust,
};

/// Longer lines than this are no query, in bytes.
const LONGEST: u64 = 4_096;
/// A text shorter than this is masked whole, in characters.
const SHORT: usize = 12;
/// Columns that give the verdict rather than describe what was found.
const JUDGING: [&str; 3] = [USABLE, "exact", "reasons"];

/// Carries the command out.
///
/// # Errors
/// When a target, its pack or the question is wrong; then nothing is asked.
pub fn run(
    args: &LookupRequest,
    setup: &Setup,
    wanted: TargetSelection,
    style: OutputStyle,
) -> Result<CommandOutput, CliError> {
    // A wrong config is told before stdin is read.
    setup.config()?;
    let is_several = wanted.is_several();
    let text = question(args)?;
    let question = ViewQuery { wanted, limit: None, resolve: &|pack| resolve(pack, &args.name, &text) };
    let answers = query::ask(setup, &question)?;
    let judged: Vec<LookupAnswer> =
        answers.iter().map(|answered| LookupAnswer::of(&args.name, &text, answered)).collect();
    Ok(outcome(&judged, args.json, is_several, style))
}

/// What to look for: the argument, or the first line of stdin.
fn question(args: &LookupRequest) -> Result<String, CliError> {
    let typed = match &args.query {
        Some(query) => query.clone(),
        None => first_line(std::io::stdin().lock())?,
    };
    let question = typed.trim().to_owned();
    if question.is_empty() || question.contains('\0') {
        let remedy = format!("see opsdash {} --help", args.name);
        return Err(CliError::usage("the query is empty or holds a NUL", remedy));
    }
    Ok(question)
}

fn first_line(input: impl BufRead) -> Result<String, CliError> {
    let mut line = Vec::new();
    let read = input.take(LONGEST).read_until(b'\n', &mut line);
    let wrong = |what: String| CliError::usage(what, "give the query as one line of UTF-8");
    read.map_err(|why| wrong(format!("stdin cannot be read: {why}")))?;
    trust::decoded(line).map_err(|what| wrong(format!("what stdin gives {what}")))
}

/// All lookups of all packs whose names no subcommand of ours has.
#[must_use]
pub fn known(environment: &Environment) -> BTreeMap<String, LookupWords> {
    packs::lookups(environment).into_iter().filter(|(name, _)| args::is_free(name)).collect()
}

/// The lookup's view and the question as its search.
///
/// # Errors
/// When the pack has no such lookup.
pub fn resolve(pack: &Pack, name: &str, question: &str) -> Result<(ViewId, Choices), CliError> {
    let Some(lookup) = pack.lookups.get(name) else {
        let known = suggest(name, pack.lookups.keys().map(String::as_str));
        return Err(CliError::usage(format!("{} has no lookup \"{name}\"", pack.system), known));
    };
    Ok((lookup.view, Choices { search: question.to_owned(), ..Choices::of(pack.view(lookup.view)) }))
}

/// What the answers of one or several targets come to.
#[must_use]
pub fn outcome(judged: &[LookupAnswer<'_>], as_json: bool, is_several: bool, style: OutputStyle) -> CommandOutput {
    let data = match (as_json, is_several) {
        (true, true) => json::bytes(&judged.iter().map(LookupAnswer::json).collect()),
        (true, false) => judged.iter().flat_map(|judged| json::bytes(&judged.json())).collect(),
        (false, _) => judged.iter().map(|judged| judged.text(is_several, style)).collect::<String>().into_bytes(),
    };
    let exit = judged.iter().map(LookupAnswer::exit).max().unwrap_or(Exit::Usage);
    CommandOutput { data, notes: judged.iter().filter_map(LookupAnswer::note).collect(), exit }
}

/// What the answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookupVerdict {
    Usable,
    Unusable,
    Ambiguous,
    NotFound,
    Unknown,
}

impl LookupVerdict {
    /// The verdict's word; the pack has its own for the first two.
    fn word(self, words: &LookupWords) -> &str {
        match self {
            Self::Usable => &words.yes,
            Self::Unusable => &words.no,
            Self::Ambiguous => "ambiguous",
            Self::NotFound => "not_found",
            Self::Unknown => "unknown",
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Usable => Exit::Usable,
            Self::Unusable => Exit::Unusable,
            Self::Ambiguous => Exit::Ambiguous,
            Self::NotFound => Exit::NotFound,
            Self::Unknown => Exit::SourceDown,
        }
    }
}

/// One target's answer, judged.
pub struct LookupAnswer<'a> {
    name: &'a str,
    query: String,
    words: LookupWords,
    answered: &'a ViewAnswer,
    verdict: LookupVerdict,
    /// The row that was found, or those that match.
    rows: Vec<&'a Row>,
}

impl<'a> LookupAnswer<'a> {
    /// Judges what a lookup brought.
    #[must_use]
    pub fn of(name: &'a str, question: &str, answered: &'a ViewAnswer) -> Self {
        let (verdict, rows) = judge(answered.view(), answered.load(), answered.snapshot());
        let known = answered.model().target().pack.lookups.get(name);
        let words = known.map_or_else(|| LookupWords::of(None, None, true), |lookup| lookup.words.clone());
        let query = if words.secret { masked(question) } else { text::one_line(&text::inert(question)).into_owned() };
        Self { name, query, words, answered, verdict, rows }
    }

    /// How the run ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.verdict.exit()
    }

    /// The envelope.
    #[must_use]
    pub fn json(&self) -> Json {
        let document = self.document();
        let values: Vec<Json> = document.rows.iter().map(|row| json::values(&document, row)).collect();
        let is_one = matches!(self.verdict, LookupVerdict::Usable | LookupVerdict::Unusable);
        let (found, matches) = if is_one { (values.into_iter().next(), Vec::new()) } else { (None, values) };
        let listed = found.as_ref().and_then(|found| found.get("reasons")).cloned();
        let listed = listed.filter(|list| list.as_array().is_some_and(|list| !list.is_empty()));
        // What another view found says so in the row's sentence alone.
        let is_no = self.verdict == LookupVerdict::Unusable;
        let joined = self.rows.first().filter(|row| is_no && !row.why.is_empty()).map(|row| json!([row.why]));
        let mut envelope = json!({
            "schema": json::SCHEMA,
            "target": self.answered.target(),
            "query": self.query,
            "verdict": self.verdict.word(&self.words),
            "reasons": listed.or(joined).unwrap_or_else(|| json!([])),
        });
        envelope[self.name] = found.unwrap_or_default();
        envelope["matches"] = matches.into();
        envelope["error"] = self.failure().map_or(Json::Null, |failure| json::error(&failure));
        envelope
    }

    /// A few aligned lines.
    #[must_use]
    pub fn text(&self, is_several: bool, style: OutputStyle) -> String {
        let word = self.verdict.word(&self.words).replace('_', " ");
        let word = if is_several { format!("{}: {word}", self.answered.target()) } else { word };
        let view = self.answered.view();
        match (self.verdict, self.rows.as_slice()) {
            (LookupVerdict::Usable | LookupVerdict::Unusable, [row]) => self.found(&word, row, style),
            (LookupVerdict::Ambiguous, rows) => {
                let (head, fields) = grid(self.answered, rows.iter().copied());
                let more = self.answered.snapshot().is_some_and(|snapshot| snapshot.truncated);
                let first = if more { "more than " } else { "" };
                let matches = format!("{word}  {}  {first}{} matches\n", self.query, rows.len());
                matches + &table::draw(&head, &fields, style, true).text
            }
            (LookupVerdict::NotFound, _) => format!("{word}  {}  {}\n", self.query, view.empty),
            _ => format!("{word}  {}\n", self.query),
        }
    }

    /// What to tell on stderr: why nothing is known.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let failure = self.failure()?;
        Some(format!("{}: {failure}\n  {}", self.answered.target(), failure.hint()))
    }

    fn found(&self, word: &str, row: &Row, style: OutputStyle) -> String {
        let view = self.answered.view();
        let mut lines: Vec<(String, String)> = Vec::new();
        for (at, column) in view.columns.iter().enumerate() {
            if column.hide || column.format == Format::Secret || JUDGING.contains(&column.name.as_str()) {
                continue;
            }
            lines.push((column.title.clone(), cell(self.answered, row, at)));
        }
        if let Some(reasons) = view.column("reasons") {
            let text = cell(self.answered, row, reasons);
            let text = if text.is_empty() || text == "[]" { row.why.to_string() } else { text };
            lines.push((view.columns[reasons].title.clone(), text));
        }
        lines.retain(|(_, value)| !value.is_empty());
        let wide = lines.iter().map(|(title, _)| text::width(title)).max().unwrap_or(0);
        let ellipsis = if style.ascii { "..." } else { "…" };
        let mut out = format!("{word}  {}\n", self.query);
        for (title, value) in lines {
            let gap = " ".repeat(wide - text::width(&title));
            let line = format!("  {title}{gap}  {}", text::one_line(&value));
            let room = style.room().map_or(usize::MAX, |room| room.max(60));
            out.push_str(text::cut(&line, room, ellipsis).trim_end());
            out.push('\n');
        }
        out
    }

    fn document(&self) -> Document {
        let scope = self.answered.model().target().export_scope(self.answered.id());
        Document::of(self.answered.target(), self.answered.view(), self.rows.iter().copied()).within(scope)
    }

    /// Why the verdict is unknown.
    fn failure(&self) -> Option<Failure> {
        let doubt = match self.rows.as_slice() {
            [row] if row.doubt.is_some() && !row.why.is_empty() => row.why.as_ref(),
            _ => "the answer does not say whether it is usable",
        };
        let silent = || Failure::new(FailureKind::Other, doubt);
        let is_unknown = self.verdict == LookupVerdict::Unknown;
        self.answered.failure().or_else(|| is_unknown.then(silent))
    }
}

/// Exact matches win; of several nothing can be said. A row whose `usable` is not known has no verdict.
fn judge<'a>(view: &View, load: &Load, snapshot: Option<&'a Snapshot>) -> (LookupVerdict, Vec<&'a Row>) {
    let Some(snapshot) = snapshot.filter(|_| *load == Load::Fresh) else { return (LookupVerdict::Unknown, Vec::new()) };
    let yes = |row: &Row, name: &str| view.column(name).is_some_and(|at| row.cells[at] == Value::Bool(true));
    let exact: Vec<&Row> = snapshot.rows.iter().filter(|row| yes(row, "exact")).collect();
    let rows = if exact.is_empty() { snapshot.rows.iter().collect() } else { exact };
    let verdict = match rows.as_slice() {
        [] => LookupVerdict::NotFound,
        [row] if yes(row, USABLE) => LookupVerdict::Usable,
        [row] if view.column(USABLE).is_some_and(|at| row.cells[at] == Value::Bool(false)) => LookupVerdict::Unusable,
        [_] => LookupVerdict::Unknown,
        _ => LookupVerdict::Ambiguous,
    };
    (verdict, rows)
}

/// What was typed, fit to be printed: first and last four characters; short texts, all of it hidden.
fn masked(question: &str) -> String {
    let letters: Vec<char> = question.chars().collect();
    if letters.len() < SHORT {
        return "****".to_owned();
    }
    let (first, last) = (&letters[..4], &letters[letters.len() - 4..]);
    let shown: String = first.iter().chain(&['…']).chain(last).collect();
    text::one_line(&text::inert(&shown)).into_owned()
}
