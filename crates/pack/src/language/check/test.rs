//! From a file of tests to [`TestFile`]: every name is held against the pack.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use toml::Spanned;

use crate::{
    document::{Name, Problems, SourceLocation, SourceTexts, check_table, decode, suggest},
    language::words::{RawExpectedRow, RawFixture, RawRemembered, RawTest, RawTestAct, RawTestFile},
    pack::{
        Engine, ExpectedRow, Fixture, FixtureContent, Pack, PackTest, PromptKind, RememberedValue, RowPick, SourceId,
        TestAct, TestFile, View, ViewId,
    },
};

/// The tests of a file of a pack.
///
/// # Errors
/// With everything that is wrong with it.
pub fn load_tests(pack: &Pack, file: &str, text: &str) -> Result<TestFile, Problems> {
    let (mut texts, mut problems) = (SourceTexts::default(), Problems::default());
    let Some(document) = texts.parse(file, text, &mut problems) else { return Err(sorted(problems)) };
    check_table(RawTestFile::SPEC, document.get_ref(), document.span().start, &texts, &mut problems);
    problems = problems.or(Problems::default())?;
    let raw: RawTestFile = decode(document, &texts, &mut problems).unwrap_or_default();
    let mut checker = Checker { pack, texts, text, problems };
    let shared = checker.fixtures(&raw.fixture);
    let all = raw.test.iter().filter_map(|test| checker.test(test, &shared)).collect();
    checker.problems.or(TestFile { file: file.to_owned(), tests: all })
}

fn sorted(problems: Problems) -> Problems {
    problems.or(()).err().unwrap_or_default()
}

struct Checker<'p> {
    pack: &'p Pack,
    texts: SourceTexts,
    /// The file as it is written.
    text: &'p str,
    problems: Problems,
}

impl Checker<'_> {
    fn add<T>(&mut self, at: &Spanned<T>, what: impl Into<String>, remedy: impl Into<String>) {
        self.problems.add(self.texts.location_of(at), what, remedy);
    }

    fn test(&mut self, raw: &Spanned<RawTest>, shared: &[Fixture]) -> Option<PackTest> {
        let at = self.texts.location_of(raw);
        let raw = raw.get_ref();
        let own = self.fixtures(&raw.fixture);
        let id = self.view(&raw.view)?;
        let view = self.pack.view(id);
        self.settable(view, &raw.set);
        if let Some(search) = raw.search.as_ref().filter(|_| !view.search) {
            self.add(search, format!("\"search\" of {}", view.id), "remove it: the view has no search = true");
        }
        for name in raw.threshold.keys().filter(|name| !view.thresholds.contains_key(name.get_ref())) {
            let known = suggest(name.get_ref(), view.thresholds.keys().map(String::as_str));
            self.add(name, format!("{} has no threshold \"{}\"", view.id, name.get_ref()), known);
        }
        let sees_scope = view.scoped || self.pack.joined_by(view).any(|joined| joined.scoped);
        if let Some(scope) = raw.scope.as_ref().filter(|_| !sees_scope) {
            self.add(scope, format!("\"scope\" of {}", view.id), "remove it: the view is asked without a scope");
        }
        if let (Some(fails), false) = (&raw.fails, raw.row.is_empty()) {
            self.add(fails, "a view that fails and returns rows", "keep one of \"fails\" and \"row\"");
        }
        Some(PackTest {
            name: raw.name.get_ref().clone(),
            at,
            fixtures: shared.iter().cloned().chain(own).collect(),
            view: id,
            set: texts_of(&raw.set),
            search: raw.search.as_ref().map(|search| search.get_ref().clone()).unwrap_or_default(),
            thresholds: texts_of(&raw.threshold).into_iter().collect(),
            scope: raw.scope.as_ref().map(|scope| scope.get_ref().clone()),
            role: raw.role.as_ref().map(|role| role.get_ref().clone()),
            remembered: raw.remembered.iter().filter_map(|value| self.remembered(view, value)).collect(),
            acts: raw.act.iter().filter_map(|act| self.act(view, act)).collect(),
            rows: raw.row.iter().filter_map(|row| self.row(view, row)).collect(),
            others: raw.others,
            ordered: raw.ordered,
            fails: raw.fails.as_ref().map(|fails| fails.get_ref().clone()),
        })
    }

    fn remembered(&mut self, view: &View, raw: &Spanned<RawRemembered>) -> Option<RememberedValue> {
        let key = self.pick(view, raw, Some(&raw.get_ref().key), &BTreeMap::new());
        let RawRemembered { column, key: parts, days_ago, value } = raw.get_ref();
        let kept: Vec<usize> = view.growth.iter().map(|growth| growth.column).collect();
        let place = view.column(column.get_ref()).filter(|place| kept.contains(place));
        if place.is_none() {
            let remedy = suggest(column.get_ref(), kept.iter().map(|at| view.columns[*at].name.as_str()));
            self.add(column, format!("{} remembers no column \"{}\"", view.id, column.get_ref()), remedy);
        }
        let days = i32::try_from(*days_ago.get_ref()).ok().filter(|days| *days > 0);
        if days.is_none() {
            self.add(days_ago, format!("{} days ago", days_ago.get_ref()), "say a number of days from 1 on");
        }
        key?;
        Some(RememberedValue { column: place?, key: parts.get_ref().clone(), days_ago: days?, value: *value })
    }

    fn view(&mut self, name: &Name) -> Option<ViewId> {
        let found = self.pack.find(name.get_ref());
        if found.is_none() {
            let known = suggest(name.get_ref(), self.pack.views.iter().map(|view| view.id.as_str()));
            self.add(name, format!("unknown view \"{}\"", name.get_ref()), known);
        }
        found
    }

    fn settable(&mut self, view: &View, set: &BTreeMap<Name, Name>) {
        for (name, value) in set {
            let facet = view.facets.iter().find(|facet| facet.name == *name.get_ref());
            match facet {
                Some(facet) if !facet.takes(value.get_ref()) => {
                    let what = format!("\"{}\" is no choice of the facet {}", value.get_ref(), facet.name);
                    self.add(value, what, suggest(value.get_ref(), facet.choices.iter().map(String::as_str)));
                }
                None if view.given.iter().all(|given| given.name != *name.get_ref()) => {
                    let facets = view.facets.iter().map(|facet| facet.name.as_str());
                    let known = facets.chain(view.given.iter().map(|given| given.name.as_str()));
                    let remedy = suggest(name.get_ref(), known);
                    self.add(name, format!("{} has nothing named \"{}\" to set", view.id, name.get_ref()), remedy);
                }
                _ => {}
            }
        }
    }

    fn act(&mut self, view: &View, raw: &Spanned<RawTestAct>) -> Option<TestAct> {
        let is_set =
            view.actions.iter().any(|action| action.id == *raw.get_ref().action.get_ref() && action.set.is_some());
        let rows = match (is_set, &raw.get_ref().key, raw.get_ref().find.is_empty()) {
            (true, None, true) => Some(None),
            (true, ..) => {
                self.add(raw, "rows of an action that finds its own", "remove \"key\" and \"find\"");
                None
            }
            (false, key, _) => self.pick(view, raw, key.as_ref(), &raw.get_ref().find).map(Some),
        };
        let at = self.texts.location_of(raw);
        let raw = raw.get_ref();
        let Some(place) = view.actions.iter().position(|action| action.id == *raw.action.get_ref()) else {
            let known = suggest(raw.action.get_ref(), view.actions.iter().map(|action| action.id.as_str()));
            self.add(&raw.action, format!("{} has no action \"{}\"", view.id, raw.action.get_ref()), known);
            return None;
        };
        let action = &view.actions[place];
        for (name, value) in &raw.set {
            match action.prompts.iter().find(|prompt| prompt.name == *name.get_ref()).map(|prompt| &prompt.kind) {
                Some(PromptKind::Choice(choices)) if !choices.contains(value.get_ref()) => {
                    let remedy = suggest(value.get_ref(), choices.iter().map(String::as_str));
                    self.add(value, format!("\"{}\" is no choice of {}", value.get_ref(), name.get_ref()), remedy);
                }
                Some(_) => {}
                None => {
                    let known = action.prompts.iter().map(|prompt| prompt.name.as_str());
                    let remedy = suggest(name.get_ref(), known);
                    self.add(name, format!("{} asks nothing named \"{}\"", action.id, name.get_ref()), remedy);
                }
            }
        }
        if raw.undo && action.undo.is_none() {
            self.add(&raw.action, format!("\"{}\" cannot be undone", action.id), "remove undo = true");
        }
        Some(TestAct {
            at,
            action: place,
            rows: rows?,
            answers: texts_of(&raw.set),
            undo: raw.undo,
            outcome: raw.outcome.as_ref().map_or("done", |word| word.get_ref().as_str()).to_owned(),
            says: raw.says.as_ref().map(|says| says.get_ref().clone()),
        })
    }

    fn row(&mut self, view: &View, raw: &Spanned<RawExpectedRow>) -> Option<ExpectedRow> {
        let pick = self.pick(view, raw, raw.get_ref().key.as_ref(), &raw.get_ref().find);
        let at = self.texts.location_of(raw);
        for name in raw.get_ref().cells.keys() {
            self.column(view, raw, name);
        }
        for name in &raw.get_ref().null {
            self.column(view, name, name.get_ref());
        }
        let raw = raw.get_ref();
        let mut cells: BTreeMap<String, Json> = values_of(&raw.cells);
        cells.extend(raw.null.iter().map(|name| (name.get_ref().clone(), Json::Null)));
        let text = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().clone());
        let (severity, reason, why) = (text(&raw.severity), text(&raw.reason), text(&raw.why));
        Some(ExpectedRow { at, pick: pick?, severity, reason, why, cells })
    }

    /// Which row is meant: by its key or by values, not by both.
    fn pick<T>(
        &mut self,
        view: &View,
        at: &Spanned<T>,
        key: Option<&Spanned<Vec<String>>>,
        find: &BTreeMap<String, toml::Value>,
    ) -> Option<RowPick> {
        match (key, find.is_empty()) {
            (Some(key), true) if key.get_ref().len() == view.row_key.len() => Some(RowPick::Key(key.get_ref().clone())),
            (Some(key), true) => {
                let what = format!("a key of {} texts, and {} has one of {}", key.get_ref().len(), view.id, {
                    view.row_key.len()
                });
                self.add(key, what, format!("give the columns {}", view.row_key.join(", ")));
                None
            }
            (None, false) => {
                for name in find.keys() {
                    self.column(view, at, name);
                }
                Some(RowPick::Find(values_of(find)))
            }
            (Some(_), false) => {
                self.add(at, "a row with both \"key\" and \"find\"", "keep one of them");
                None
            }
            (None, true) => {
                self.add(at, "it says no row", "give its \"key\", or values of its columns: find = { .. }");
                None
            }
        }
    }

    fn column<T>(&mut self, view: &View, at: &Spanned<T>, name: &str) {
        if view.column(name).is_none() {
            let remedy = suggest(name, view.columns.iter().map(|column| column.name.as_str()));
            self.add(at, format!("{} has no column \"{name}\"", view.id), remedy);
        }
    }

    fn fixtures(&mut self, raw: &[Spanned<RawFixture>]) -> Vec<Fixture> {
        raw.iter().filter_map(|fixture| self.fixture(fixture)).collect()
    }

    fn fixture(&mut self, raw: &Spanned<RawFixture>) -> Option<Fixture> {
        let fixture = raw.get_ref();
        let documents = |text: &Name| FixtureContent::Documents(text.get_ref().clone());
        let given: Vec<(&Name, &[Engine], FixtureContent)> = [
            fixture.file.as_ref().map(|file| (file, engines_of(file), FixtureContent::File(file.get_ref().clone()))),
            fixture.sql.as_ref().map(|sql| (sql, SQL, FixtureContent::Sql(sql.get_ref().clone()))),
            fixture.documents.as_ref().map(|text| (text, DOCUMENTS, documents(text))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let [(text, engines, content)] = &given[..] else {
            let what = if given.is_empty() { "a fixture without content" } else { "a fixture with several contents" };
            self.add(raw, what, "give one of \"file\", \"sql\" and \"documents\"");
            return None;
        };
        let source = self.source(raw, fixture.source.as_ref(), engines)?;
        let is_family = self.pack.source(source).family.is_some();
        if is_family && fixture.database.is_none() {
            self.add(raw, "a fixture of a family fills which database?", "say database = \"..\"");
        }
        if let Some(kind) = fixture.kind.as_ref().filter(|_| !is_family) {
            self.add(kind, "\"kind\" of a source that is one database", "remove it");
        }
        let text_of = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().clone());
        let (database, kind) = (text_of(&fixture.database), text_of(&fixture.kind));
        Some(Fixture { source, database, kind, content: content.clone(), at: self.start_of(text) })
    }

    /// The source of a fixture: the one that is named, else the only one of the engines that take it.
    fn source<T>(&mut self, at: &Spanned<T>, name: Option<&Name>, engines: &[Engine]) -> Option<SourceId> {
        let of_engine = |at: &usize| engines.contains(&self.pack.sources[*at].engine);
        let words = engines.iter().map(|engine| engine.word()).collect::<Vec<_>>().join(" or ");
        let fitting: Vec<usize> = (0..self.pack.sources.len()).filter(of_engine).collect();
        let known: Vec<&str> = fitting.iter().map(|at| self.pack.sources[*at].name.as_str()).collect();
        match (name, &fitting[..]) {
            (Some(name), _) => {
                let found = fitting.iter().find(|at| self.pack.sources[**at].name == *name.get_ref());
                if found.is_none() {
                    let what = format!("\"{}\" is no source of {words}", name.get_ref());
                    let remedy = suggest(name.get_ref(), known);
                    self.add(name, what, remedy);
                }
                found.map(|at| SourceId(*at))
            }
            (None, [only]) => Some(SourceId(*only)),
            (None, _) => {
                let remedy = format!("say source = \"..\": one of {}", known.join(", "));
                let none = format!("remove it: the pack has no source of {words}");
                self.add(at, "a fixture for which source?", if known.is_empty() { none } else { remedy });
                None
            }
        }
    }

    /// Where a text begins: that of three quotes mostly in the line after them.
    fn start_of(&self, text: &Name) -> SourceLocation {
        let mut at = self.texts.location_of(text);
        let opening = &self.text[text.span().start.min(self.text.len())..];
        if ["\"\"\"\n", "'''\n", "\"\"\"\r", "'''\r"].iter().any(|quotes| opening.starts_with(quotes)) {
            at.line = at.line.map(|line| line + 1);
        }
        at
    }
}

/// The engines that take statements.
const SQL: &[Engine] = &[Engine::PostgreSql, Engine::SqlServer];
/// Those that take documents.
const DOCUMENTS: &[Engine] = &[Engine::MongoDb];

fn engines_of(file: &Name) -> &'static [Engine] {
    let ending = file.get_ref().rsplit_once('.').map(|(_, ending)| ending);
    if ending == Some("json") { DOCUMENTS } else { SQL }
}

fn texts_of(map: &BTreeMap<Name, Name>) -> Vec<(String, String)> {
    map.iter().map(|(name, value)| (name.get_ref().clone(), value.get_ref().clone())).collect()
}

fn values_of(map: &BTreeMap<String, toml::Value>) -> BTreeMap<String, Json> {
    map.iter().map(|(name, value)| (name.clone(), json_of(value))).collect()
}

/// A value as JSON has it; a time as its text.
fn json_of(value: &toml::Value) -> Json {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(n) => (*n).into(),
        toml::Value::Float(f) => (*f).into(),
        toml::Value::Boolean(b) => (*b).into(),
        toml::Value::Datetime(at) => at.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json_of).collect(),
        toml::Value::Table(table) => table.iter().map(|(name, value)| (name.clone(), json_of(value))).collect(),
    }
}
