//! Asks a view's own query under each of its choices, and takes a row with which the rest is asked.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_core::{
    catalog::{ADDED_COLUMNS, CATALOG_PREFIX},
    contract::{
        self, Address, Answer, Bind, Content, Coverage, Failure, Part, Question, Read, ResultShape, Table, Ticket,
        Within,
    },
    format,
    scope::{self, ScopeChoice},
    value::{RowKey, Severity, Value},
};
use opsdash_pack::{
    document::{SourceLocation, suggest},
    pack::{Engine, Format, LinkValue, Pack, REASON, SCOPE, SourceId, Statement, View, ViewId, WHY},
};

use super::found::Findings;
use crate::runtime::source_handle::{SourceHandle, timeout_ms};

/// How many rows are looked at for what their words are.
const ROWS: u32 = 200;

/// A row of a view, with which the statements that take one are asked.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// Its key as the query returns it, which a detail takes; `None` when the view has no row now.
    pub key: Option<RowKey>,
    /// The key of the row in the list, which enrichments and actions take: of a catalog it says that it is of the catalog.
    pub row: Option<RowKey>,
    /// The values of its columns as a link gives them to another view; NULL has none.
    pub values: BTreeMap<String, String>,
}

impl Sample {
    /// What a link gives of the row; `None` where the row has no value.
    pub fn value_of<'a>(&'a self, value: &'a LinkValue) -> Option<&'a str> {
        match value {
            LinkValue::Constant(text) => Some(text),
            LinkValue::Column(column) => self.values.get(column).map(String::as_str),
        }
    }
}

/// Asks one source after the other statement, and keeps what is wrong.
pub(super) struct Asker<'p> {
    pub pack: &'p Pack,
    pub source: SourceId,
    pub handles: &'p [Arc<SourceHandle>],
    /// Whose rows are asked for; `None` asks for all of them.
    pub chosen: Option<ScopeChoice>,
    pub found: Findings,
}

impl<'p> Asker<'p> {
    /// Nothing is asked yet.
    pub fn new(
        pack: &'p Pack,
        source: SourceId,
        handles: &'p [Arc<SourceHandle>],
        chosen: Option<ScopeChoice>,
    ) -> Self {
        Self { pack, source, handles, chosen, found: Findings::default() }
    }

    /// How a source is reached.
    pub fn handle(&self, source: SourceId) -> &'p SourceHandle {
        &self.handles[source.0]
    }

    /// The engine of a source.
    pub fn engine(&self, source: SourceId) -> Engine {
        self.pack.source(source).engine
    }

    /// Everything that a view says, but for what leads to other views.
    pub async fn view(&mut self, id: ViewId) -> Sample {
        let view = self.pack.view(id);
        let Some(sample) = self.list(view).await else { return Sample::default() };
        self.choices(view).await;
        self.order(view).await;
        self.enrichments(view, sample.row.as_ref()).await;
        self.detail(view, sample.key.as_ref()).await;
        for action in &view.actions {
            self.action(view, action, sample.row.as_ref()).await;
        }
        sample
    }

    /// The list as its tab asks it, then its rows as they come. `None` when it is refused.
    async fn list(&mut self, view: &View) -> Option<Sample> {
        let bind = defaults(view);
        let shape = ResultShape::list(view, 1, false);
        let table = self.ask(view, &view.query, bind.clone(), shape).await?;
        let wanted = own_columns(view).into_iter().map(|(name, who)| (name, who.to_owned()));
        if !self.knows_no_columns(view.source, &table) {
            self.found.missing(view, &view.query, wanted, &table.columns);
        }
        let rows = self.ask(view, &view.query, bind, ResultShape::Rows { limit: ROWS }).await?;
        self.judge_words(view, &rows);
        Some(sample_of(view, &table))
    }

    /// Whether an answer cannot tell what columns there are: documents bring their fields themselves.
    pub fn knows_no_columns(&self, source: SourceId, table: &Table) -> bool {
        self.engine(source) == Engine::MongoDb && table.rows.is_empty()
    }

    /// Whether rows say why they are as they are, by a reason that the view describes, and have a severity that there is.
    fn judge_words(&mut self, view: &View, rows: &Table) {
        if self.knows_no_columns(view.source, rows) {
            return;
        }
        let place = |name: &str| rows.columns.iter().position(|column| column == name);
        let has_reasons = !view.reasons.is_empty() && place(REASON).is_some();
        if place(WHY).is_none() && !has_reasons {
            let remedy = "return why: the reason of the severity, empty when there is nothing to say";
            self.found.broken(view, &view.query, "it returns no column \"why\"", remedy);
        }
        if has_reasons {
            self.judge_reasons(view, rows);
        }
        let Some(at) = place("severity") else { return };
        let words = rows.rows.iter().map(|row| format::plain(&row.cells[at], Format::Text));
        let unknown = words.filter(|word| Severity::WORST_FIRST.iter().all(|known| known.word() != word));
        let unknown: std::collections::BTreeSet<String> = unknown.collect();
        if !unknown.is_empty() {
            let unknown: Vec<String> = unknown.into_iter().map(|word| format!("\"{word}\"")).collect();
            let known: Vec<&str> = Severity::WORST_FIRST.iter().map(|known| known.word()).collect();
            let what = format!("it returns rows of the severity {}", unknown.join(", "));
            self.found.broken(view, &view.query, &what, format!("return one of {}", known.join(", ")));
        }
    }

    /// Whether the view describes the reasons that its rows have.
    fn judge_reasons(&mut self, view: &View, rows: &Table) {
        let Some(at) = rows.columns.iter().position(|column| column == REASON) else { return };
        let text_of = |id: &Value| format::plain(id, Format::Text);
        let ids = rows.rows.iter().flat_map(|row| match &row.cells[at] {
            Value::Null => Vec::new(),
            Value::List(ids) => ids.iter().filter(|id| **id != Value::Null).map(text_of).collect(),
            one => vec![text_of(one)],
        });
        let unknown: std::collections::BTreeSet<String> = ids.filter(|id| !view.reasons.contains_key(id)).collect();
        if !unknown.is_empty() {
            let named: Vec<String> = unknown.iter().map(|id| format!("\"{id}\"")).collect();
            let what = format!("it returns reasons that the view does not describe: {}", named.join(", "));
            let known = unknown.iter().next().map_or("", |first| first.as_str());
            let remedy = format!("add [reason.{known}]; {}", suggest(known, view.reasons.keys().map(String::as_str)));
            self.found.broken(view, &view.query, &what, remedy);
        }
    }

    /// The list under each choice that is not the default one, and with a text that is looked for; the queries that return
    /// choices.
    async fn choices(&mut self, view: &View) {
        let choices =
            view.facets.iter().flat_map(|facet| facet.choices.iter().skip(1).map(|choice| (&facet.name, choice)));
        let mut binds: Vec<(&str, &str)> = choices.map(|(name, choice)| (name.as_str(), choice.as_str())).collect();
        if view.search {
            binds.push(("search", "a"));
        }
        for query in view.facets.iter().filter_map(|facet| facet.query.as_ref()) {
            let bind = Bind { values: view.thresholds.clone(), keys: Vec::new() };
            self.ask(view, query, bind, ResultShape::Rows { limit: 1 }).await;
        }
        for (name, value) in binds {
            self.ask(view, &view.query, with(&defaults(view), name, value), ResultShape::Rows { limit: 1 }).await;
        }
    }

    /// Whether the rows come worst first under the choices for which the view says so.
    async fn order(&mut self, view: &View) {
        let mut binds = if view.ordered.is_empty() { Vec::new() } else { vec![defaults(view)] };
        for (facet, choices) in &view.ordered {
            let under = |bind: &Bind| choices.iter().map(|choice| with(bind, facet, choice)).collect::<Vec<Bind>>();
            binds = binds.iter().flat_map(under).collect();
        }
        for bind in binds {
            let said = view.ordered.keys().map(|facet| format!("{facet} = \"{}\"", bind.values[facet]));
            let said = said.collect::<Vec<_>>().join(" and ");
            let Some(table) = self.ask(view, &view.query, bind, ResultShape::uncounted(view, ROWS)).await else {
                return;
            };
            if !table.rows.is_sorted_by(|before, after| before.severity >= after.severity) {
                let what = format!("under {said} its rows do not come worst first, though \"ordered\" says so");
                let remedy = "sort by severity under these choices, or leave them out of \"ordered\"";
                self.found.broken(view, &view.query, &what, remedy);
            }
        }
    }

    /// Asks a statement of a view on the view's source.
    pub async fn ask(
        &mut self,
        view: &View,
        statement: &Arc<Statement>,
        mut bind: Bind,
        shape: ResultShape,
    ) -> Option<Table> {
        let within = self.within(view);
        bind.values.extend(within.scope.iter().map(|scope| (SCOPE.to_owned(), scope.value.to_string())));
        let question = Question::Statement { statement: statement.clone(), bind, shape };
        match self.read(view, view.source, question, within).await?.map(|answer| answer.content) {
            Ok(Content::Table(table)) => Some(table),
            Ok(Content::Listing(_)) => None,
            Err(failure) => {
                self.found.refused(view, statement, self.engine(view.source), &failure);
                None
            }
        }
    }

    /// The part of the source that a view's statements are asked of.
    pub fn within(&self, view: &View) -> Within {
        scope::within(self.pack, view, self.chosen.as_ref())
    }

    /// Asks for the files of a bucket.
    pub async fn ask_store(&mut self, view: &View, source: SourceId, bucket: &str) {
        let question = Question::Store { bucket: bucket.to_owned(), orphans: false, limit: 1 };
        if let Some(Err(failure)) = self.read(view, source, question, Within::default()).await {
            let place = SourceLocation::file(format!("bucket {bucket}"));
            self.found.refused_at(place, view, self.engine(source), &failure);
        }
    }

    /// The answer, or why a statement got none; `None` when the source as a whole does not answer.
    async fn read(
        &mut self,
        view: &View,
        source: SourceId,
        question: Question,
        within: Within,
    ) -> Option<Result<Answer, Failure>> {
        if self.found.silent {
            return None;
        }
        self.found.counted.asked += 1;
        let handle = self.handle(source);
        let to = Address { view: ViewId(0), part: Part::List };
        let ticket = Ticket(self.found.counted.asked as u64);
        let mut read = Read { within, ..Read::new(to, ticket, source, question, timeout_ms(handle.config.as_ref())) };
        contract::put_to_members(&mut read, self.pack, view);
        let answered = handle.read(&read).await.and_then(answer_of_any);
        match answered {
            Err(failure) if failure.kind.is_of_source() => {
                self.found.source_failed(&handle.name, &failure);
                None
            }
            result => Some(result),
        }
    }
}

/// The answer, where of several databases at least one gave one.
fn answer_of_any(answer: Answer) -> Result<Answer, Failure> {
    match &answer.coverage {
        Some(Coverage { members, failed, .. }) if failed.len() == *members as usize => {
            failed.first().map_or(Ok(answer.clone()), |member| Err(member.failure.clone()))
        }
        _ => Ok(answer),
    }
}

/// What a view's statements are given before anybody has chosen anything.
pub(super) fn defaults(view: &View) -> Bind {
    let mut values = view.thresholds.clone();
    values.extend(view.facets.iter().map(|facet| (facet.name.clone(), facet.default_choice().to_owned())));
    Bind { values, keys: Vec::new() }
}

/// The same with another value of one parameter.
fn with(bind: &Bind, name: &str, value: &str) -> Bind {
    let mut bind = bind.clone();
    bind.values.insert(name.to_owned(), value.to_owned());
    bind
}

/// Columns that the view's own query has to bring, each once, and who wants it.
fn own_columns(view: &View) -> Vec<(&str, &'static str)> {
    let filled: Vec<&str> = view.filled().collect();
    let added = |name: &str| view.files.is_some() && ADDED_COLUMNS.contains(&name);
    let names = view.columns.iter().map(|column| (column.name.as_str(), "is a column of the view"));
    let names = names.filter(|(name, _)| !filled.contains(name) && !added(name) && *name != WHY);
    let files = view.files.iter().flat_map(|files| {
        [&files.id, &files.name, &files.size, &files.checksum, &files.active]
            .map(|name| (name.as_str(), "[files] names"))
    });
    let keys = view.row_key.iter().map(|name| (name.as_str(), "row_key names"));
    let mut own: Vec<(&str, &'static str)> = Vec::new();
    for (name, who) in names.chain(keys).chain(files) {
        if own.iter().all(|(known, _)| *known != name) {
            own.push((name, who));
        }
    }
    own
}

fn sample_of(view: &View, table: &Table) -> Sample {
    let Some(row) = table.rows.first() else { return Sample::default() };
    let value = |(name, cell): (&String, &Value)| {
        let format = view.column(name).map_or(Format::Text, |at| view.columns[at].format);
        (!matches!(cell, Value::Null | Value::Unknown)).then(|| (name.clone(), format::plain(cell, format)))
    };
    let values = table.columns.iter().zip(&row.cells).filter_map(value).collect();
    let in_list = match &view.files {
        Some(_) => RowKey(format!("{CATALOG_PREFIX}{}", row.key.as_str()).into()),
        None => row.key.clone(),
    };
    Sample { key: Some(row.key.clone()), row: Some(in_list), values }
}
