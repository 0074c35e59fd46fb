//! Declared writes: the table and its columns are documented, what is set can be set, and what is compared is a version.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{Name, Resolver, is_id};
use crate::{
    document::{Problems, SourceLocation, suggest},
    language::words::{FROM, RawAction, RawCall, RawDelete, RawSetFrom, RawSetTo, RawUpdate},
    pack::{
        Argument, ColumnType, Effect, Engine, GuardedCall, GuardedRows, GuardedUpdate, KEY, Naming, OURS, PlannedValue,
        Prompt, PromptKind, ROW, ROW_VERSION, SchemaTable, SetTo, SourceId, Table, TableColumn,
    },
};

/// The word for the version that PostgreSQL itself gives a row.
const XMIN: &str = "xmin";
/// Bytes of a column's name in results, so that PostgreSQL cuts it off under no prefix.
const LONGEST_ALIAS: usize = 56;
/// The types of a version that the program can set.
const VERSION_TYPES: [&str; 11] = [
    "timestamp",
    "timestamptz",
    "smallint",
    "integer",
    "bigint",
    "tinyint",
    "int",
    "datetime",
    "datetime2",
    "smalldatetime",
    "datetimeoffset",
];
const NO_VERSION: &str = "a declared write without a version";
const NO_VERSION_REMEDY: &str = "add compare = [..]: the columns that must still be as they were seen, \"xmin\" where no \
                                 column tells of a change, or \"key\" alone where the value moves by itself";

/// What an action declares, and where; `None` when it declares nothing.
pub(super) fn declared_at(resolver: &Resolver, raw: &RawAction) -> Option<(&'static str, SourceLocation)> {
    let update = raw.update.as_ref().map(|update| ("update", resolver.location_of(update)));
    let delete = || raw.delete.as_ref().map(|delete| ("delete", resolver.location_of(delete)));
    update.or_else(delete).or_else(|| raw.call.as_ref().map(|call| ("call", resolver.location_of(call))))
}

/// Where statements that are made of a declaration are from, for messages and for who confirms: the user's file where a part of
/// the declaration is the user's.
pub(super) fn made_at(resolver: &Resolver, raw: &RawAction) -> Option<SourceLocation> {
    let (_, declared) = declared_at(resolver, raw)?;
    let mut parts: Vec<SourceLocation> = raw.show.iter().map(|name| resolver.location_of(name)).collect();
    let compare = if let Some(update) = &raw.update {
        let RawUpdate { table, key, set, compare, version } = update.get_ref();
        parts.extend([table, key].into_iter().chain(version).map(|name| resolver.location_of(name)));
        parts.extend(set.values().map(|to| resolver.location_of(to)));
        compare
    } else if let Some(call) = &raw.call {
        let RawCall { procedure, arguments, compare } = call.get_ref();
        parts.extend([resolver.location_of(procedure), resolver.location_of(compare)]);
        parts.extend(arguments.values().map(|argument| resolver.location_of(argument)));
        &None
    } else {
        let RawDelete { table, key, compare } = raw.delete.as_ref()?.get_ref();
        parts.extend([table, key].map(|name| resolver.location_of(name)));
        compare
    };
    parts.extend(compare.iter().map(|names| resolver.location_of(names)));
    Some(parts.into_iter().find(|part| !part.file.starts_with(OURS)).unwrap_or(declared))
}

/// Whether the action is of a set.
pub(super) fn is_set(raw: &RawAction) -> bool {
    raw.rows.as_ref().is_some_and(|rows| rows.get_ref() == "set")
}

/// The effect that an action declares. `None` when it declares nothing, or after a problem.
pub(super) fn validate_effect(
    resolver: &Resolver,
    source: SourceId,
    raw: &RawAction,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<Effect> {
    let before = problems.0.len();
    let effect = match (&raw.update, &raw.delete) {
        (Some(update), _) => {
            let columns = Columns::new(resolver, source, &update.get_ref().table, problems)?;
            Effect::Update(columns.update(raw, update, prompts, problems)?)
        }
        (None, Some(delete)) => {
            let columns = Columns::new(resolver, source, &delete.get_ref().table, problems)?;
            Effect::Delete(columns.delete(raw, delete, problems)?)
        }
        (None, None) => Effect::Call(validate_call(resolver, source, raw, raw.call.as_ref()?, prompts, problems)?),
    };
    validate_asked(resolver, raw, &effect, problems);
    validate_aliases(resolver, raw, &effect, problems);
    (problems.0.len() == before).then_some(effect)
}

/// A procedure that is called.
fn validate_call(
    resolver: &Resolver,
    source: SourceId,
    raw: &RawAction,
    written: &Spanned<RawCall>,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<GuardedCall> {
    let RawCall { procedure, arguments, compare } = written.get_ref();
    if resolver.engine(source) != Engine::SqlServer {
        let what = format!("\"call\" on a source of {}", resolver.engine(source).word());
        problems.add(resolver.location_of(written), what, "only SQL Server has it; write the statement with \"sql\"");
        return None;
    }
    if raw.preview.is_none() {
        let what = "a call whose rows nobody sees";
        problems.add(resolver.location_of(written), what, "name the file of a query with \"preview\"");
    }
    let name = procedure.get_ref();
    let (schema, bare) = name.split_once('.').map_or((None, name.as_str()), |(schema, name)| (Some(schema), name));
    if bare.is_empty() || schema == Some("") || name.contains(['\0', '[', ']', '"']) {
        let what = format!("\"{name}\" is no name of a procedure");
        problems.add(resolver.location_of(procedure), what, "write schema.procedure, without brackets");
    }
    let procedure = Table {
        documented: name.clone(),
        schema: schema.map_or_else(|| resolver.sources[source.0].schema.clone(), |schema| Some(schema.to_owned())),
        name: bare.to_owned(),
    };
    let mut given = Vec::new();
    for (name, value) in arguments {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.get_ref().is_empty() || !name.get_ref().chars().all(is_name) {
            let what = format!("the argument \"{}\" has no name that a procedure could have", name.get_ref());
            problems.add(resolver.location_of(name), what, "write it without the @");
        }
        if let Some(argument) = argument(resolver, name, value, is_set(raw), prompts, problems) {
            given.push((name.get_ref().clone(), argument));
        }
    }
    let names: Vec<&str> = compare.get_ref().iter().map(|name| name.get_ref().as_str()).collect();
    if names.is_empty() {
        let remedy = "list columns of the preview that must be as they were seen, or \"key\" alone";
        problems.add(resolver.location_of(compare), "a call that compares nothing", remedy);
    }
    let compare = names.into_iter().filter(|name| *name != KEY).map(str::to_owned).collect();
    Some(GuardedCall { procedure, arguments: given, compare, once: is_set(raw) })
}

fn argument(
    resolver: &Resolver,
    name: &Name,
    value: &Spanned<RawSetTo>,
    once: bool,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<Argument> {
    let location = resolver.location_of(value);
    let from = match value.get_ref() {
        RawSetTo::Text(text) => return Some(Argument::Text(text.clone())),
        RawSetTo::Integer(number) => return Some(Argument::Integer(*number)),
        RawSetTo::Boolean(flag) => return Some(Argument::Boolean(*flag)),
        RawSetTo::From(from) => from,
    };
    if from.from.as_deref() == Some(KEY) && from.ask.is_none() && from.append.is_none() && !once {
        return Some(Argument::Key);
    }
    match set_from(name, from, &location, prompts, problems)? {
        SetTo::Operator => Some(Argument::Operator),
        SetTo::Null => Some(Argument::Null),
        SetTo::Asked(ask) => Some(Argument::Asked(ask)),
        _ => {
            let what = format!("the argument \"{}\" has a value that no call takes", name.get_ref());
            problems.add(
                location,
                what,
                "give a constant, { from = \"key\", \"operator\" or \"null\" } or { ask = \"..\" }",
            );
            None
        }
    }
}

/// What the confirmation shows as new values.
pub(super) fn planned(effect: &Effect) -> Vec<(String, PlannedValue)> {
    let Effect::Update(update) = effect else { return Vec::new() };
    let planned = |to: &SetTo| match to {
        SetTo::Text(text) => PlannedValue::To(Some(text.clone())),
        SetTo::Integer(number) => PlannedValue::To(Some(number.to_string())),
        SetTo::Boolean(flag) => PlannedValue::To(Some(flag.to_string())),
        SetTo::Null => PlannedValue::To(None),
        SetTo::Now => PlannedValue::Now,
        SetTo::Operator => PlannedValue::Operator,
        SetTo::Asked(ask) => PlannedValue::Asked(ask.clone()),
        SetTo::Appended(ask) => PlannedValue::Appended(ask.clone()),
    };
    update.set.iter().map(|(column, to)| (column.alias.clone(), planned(to))).collect()
}

/// A table, and what is documented of it.
struct Columns<'a> {
    resolver: &'a Resolver,
    table: Table,
    engine: Engine,
    /// How the database writes documented names.
    naming: Naming,
    /// `None` where the pack documents no tables of the source.
    documented: Option<&'a SchemaTable>,
}

impl<'a> Columns<'a> {
    fn new(resolver: &'a Resolver, source: SourceId, name: &Name, problems: &mut Problems) -> Option<Self> {
        let schema = &resolver.schema.sources[source.0];
        let documented = schema.tables.iter().find(|table| table.name == *name.get_ref());
        if documented.is_none() && !schema.tables.is_empty() {
            let what = format!("\"{}\" is no table of schema.toml", name.get_ref());
            let known = schema.tables.iter().map(|table| table.name.as_str());
            problems.add(resolver.location_of(name), what, suggest(name.get_ref(), known));
            return None;
        }
        let naming = if documented.is_some() { schema.naming } else { Naming::Quoted };
        let of_source = || resolver.sources[source.0].schema.clone();
        let table = Table {
            documented: name.get_ref().clone(),
            schema: documented.and_then(|table| table.schema.clone()).or_else(of_source),
            name: naming.of(name.get_ref()),
        };
        Some(Self { resolver, table, engine: resolver.engine(source), naming, documented })
    }

    fn update(
        &self,
        raw: &RawAction,
        written: &Spanned<RawUpdate>,
        prompts: &[Prompt],
        problems: &mut Problems,
    ) -> Option<GuardedUpdate> {
        let update = written.get_ref();
        let key = self.column(&update.key, problems)?;
        let version = match &update.version {
            Some(name) => Some(self.version(name, problems)?),
            None => None,
        };
        let mut set = Vec::new();
        for (name, to) in &update.set {
            let Some(column) = self.column(name, problems) else { continue };
            if column == key || version.as_ref() == Some(&column) {
                let what = format!(
                    "\"{}\" is set, which is the {}",
                    name.get_ref(),
                    if column == key { "key" } else { "version" }
                );
                let remedy = "remove it: a row keeps its key, and the version is set by itself";
                problems.add(self.resolver.location_of(name), what, remedy);
            } else if let Some(to) = self.set_to(name, &column, to, prompts, problems) {
                set.push((column, to));
            }
        }
        if update.set.is_empty() {
            let what = "an update that sets nothing";
            problems.add(self.resolver.location_of(written), what, "name the columns and their new values in \"set\"");
        }
        let rows =
            self.rows(raw, key, version, update.compare.as_ref(), self.resolver.location_of(written), problems)?;
        Some(GuardedUpdate { rows: with_set(rows, &set, is_key_alone(update.compare.as_ref())), set })
    }

    fn delete(&self, raw: &RawAction, written: &Spanned<RawDelete>, problems: &mut Problems) -> Option<GuardedRows> {
        let delete = written.get_ref();
        let key = self.column(&delete.key, problems)?;
        self.rows(raw, key, None, delete.compare.as_ref(), self.resolver.location_of(written), problems)
    }

    fn rows(
        &self,
        raw: &RawAction,
        key: TableColumn,
        version: Option<TableColumn>,
        compare: Option<&Spanned<Vec<Name>>>,
        location: SourceLocation,
        problems: &mut Problems,
    ) -> Option<GuardedRows> {
        let show = raw.show.iter().filter_map(|name| self.column(name, problems)).collect();
        let mut rows = GuardedRows {
            table: self.table.clone(),
            key,
            show,
            compare: Vec::new(),
            version,
            row_version: false,
            skips_locked: is_set(raw),
        };
        let names: &[Name] = compare.map_or(&[], |names| names.get_ref().as_slice());
        if names.is_empty() && (rows.version.is_none() || compare.is_some()) {
            problems.add(location, NO_VERSION, NO_VERSION_REMEDY);
            return None;
        }
        if is_key_alone(compare) {
            if rows.version.is_some() {
                let what = "\"key\" alone beside a version";
                problems.add(location, what, "keep one of them: a version is compared");
            }
            return Some(rows);
        }
        for name in names {
            if name.get_ref() == XMIN {
                if self.engine != Engine::PostgreSql {
                    let remedy =
                        "name a rowversion column, the columns that must be as they were seen, or \"key\" alone";
                    problems.add(self.resolver.location_of(name), "\"xmin\" is PostgreSQL's", remedy);
                }
                rows.row_version = true;
                continue;
            }
            let column = self.column(name, problems)?;
            if rows.version.as_ref() != Some(&column) && !rows.compare.contains(&column) {
                rows.compare.push(column);
            }
        }
        Some(rows)
    }

    /// A column of the table that may be read. Any other name is a problem.
    fn column(&self, name: &Name, problems: &mut Problems) -> Option<TableColumn> {
        let location = || self.resolver.location_of(name);
        let mut kind = None;
        if let Some(table) = self.documented {
            let Some(column) = table.columns.iter().find(|column| column.name == *name.get_ref()) else {
                let what = format!("\"{}\" is no column of {}", name.get_ref(), table.name);
                let known = table.columns.iter().filter(|column| !column.secret).map(|column| column.name.as_str());
                problems.add(location(), what, suggest(name.get_ref(), known));
                return None;
            };
            if column.secret {
                let what = format!("\"{}\" is secret", name.get_ref());
                problems.add(location(), what, "no action reads or writes a secret column; remove it");
                return None;
            }
            kind = Some(column.kind.clone());
        }
        let alias = alias_of(name.get_ref());
        if !is_id(&alias) || alias.len() > LONGEST_ALIAS || name.get_ref().contains('\0') {
            let what = format!("the column \"{}\" has no name that a result could have", name.get_ref());
            problems.add(location(), what, "write this action with preview and sql");
            return None;
        }
        Some(TableColumn {
            documented: name.get_ref().clone(),
            name: if self.documented.is_some() { self.naming.of(name.get_ref()) } else { name.get_ref().clone() },
            alias,
            kind,
        })
    }

    fn version(&self, name: &Name, problems: &mut Problems) -> Option<TableColumn> {
        if name.get_ref() == XMIN {
            let what = "the version \"xmin\" is not the system's to set";
            problems.add(self.resolver.location_of(name), what, "write compare = [\"xmin\"]");
            return None;
        }
        let column = self.column(name, problems)?;
        let fits = match &column.kind {
            None => true,
            Some(ColumnType::Plain(word)) => VERSION_TYPES.contains(word),
            Some(ColumnType::Array(_) | ColumnType::Enum(_)) => false,
        };
        if !fits {
            let what = format!("the version \"{}\" is neither a time nor a whole number", name.get_ref());
            let remedy = "write it in \"compare\", and in \"set\" what it becomes";
            problems.add(self.resolver.location_of(name), what, remedy);
        }
        Some(column)
    }

    fn set_to(
        &self,
        name: &Name,
        column: &TableColumn,
        to: &Spanned<RawSetTo>,
        prompts: &[Prompt],
        problems: &mut Problems,
    ) -> Option<SetTo> {
        let to_location = self.resolver.location_of(to);
        let set = match to.get_ref() {
            RawSetTo::Text(text) => SetTo::Text(text.clone()),
            RawSetTo::Integer(number) => SetTo::Integer(*number),
            RawSetTo::Boolean(flag) => SetTo::Boolean(*flag),
            RawSetTo::From(from) => set_from(name, from, &to_location, prompts, problems)?,
        };
        let texts: Vec<&str> = match &set {
            SetTo::Text(text) => vec![text],
            SetTo::Asked(ask) => match prompts.iter().find(|prompt| prompt.name == *ask).map(|prompt| &prompt.kind) {
                Some(PromptKind::Choice(choices)) => choices.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if let Some(ColumnType::Enum(labels)) = &column.kind {
            for text in texts.iter().filter(|text| !labels.iter().any(|label| label == *text)) {
                let what = format!("\"{text}\" is no label of {}.{}", self.table, name.get_ref());
                problems.add(to_location.clone(), what, suggest(text, labels.iter().map(String::as_str)));
            }
        }
        if texts.iter().any(|text| text.contains('\0')) {
            problems.add(to_location, "a text with a NUL character", "remove the character: no database stores it");
        }
        Some(set)
    }
}

/// The value that is no constant.
fn set_from(
    name: &Name,
    from: &RawSetFrom,
    location: &SourceLocation,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<SetTo> {
    let asked = |ask: &String, set: fn(String) -> SetTo, problems: &mut Problems| {
        if prompts.iter().any(|prompt| prompt.name == *ask) {
            return Some(set(ask.clone()));
        }
        let what = format!("\"{}\" is set to the answer to \"{ask}\", which is not asked", name.get_ref());
        problems.add(location.clone(), what, suggest(ask, prompts.iter().map(|prompt| prompt.name.as_str())));
        None
    };
    match (&from.from, &from.ask, &from.append) {
        (Some(word), None, None) => {
            let known = [SetTo::Now, SetTo::Operator, SetTo::Null];
            let found = FROM.iter().zip(known).find(|(known, _)| *known == word);
            if found.is_none() {
                let what = format!("\"{}\" is set from \"{word}\"", name.get_ref());
                problems.add(location.clone(), what, suggest(word, FROM));
            }
            found.map(|(_, set)| set)
        }
        (None, Some(ask), None) => asked(ask, SetTo::Asked, problems),
        (None, None, Some(ask)) => asked(ask, SetTo::Appended, problems),
        _ => {
            let what = format!("the value of \"{}\" has not one word", name.get_ref());
            problems.add(location.clone(), what, "write { from = \"..\" }, { ask = \"..\" } or { append = \"..\" }");
            None
        }
    }
}

fn is_key_alone(compare: Option<&Spanned<Vec<Name>>>) -> bool {
    compare.is_some_and(|names| matches!(names.get_ref().as_slice(), [name] if name.get_ref() == KEY))
}

/// What is set is compared too, so that what it was is known and can be put back.
fn with_set(mut rows: GuardedRows, set: &[(TableColumn, SetTo)], key_alone: bool) -> GuardedRows {
    if !key_alone {
        let missing = set.iter().map(|(column, _)| column).filter(|column| !rows.compare.contains(column));
        let missing: Vec<TableColumn> = missing.cloned().collect();
        rows.compare.extend(missing);
    }
    rows
}

/// Every answer is written somewhere.
fn validate_asked<'a>(resolver: &Resolver, raw: &RawAction, effect: &'a Effect, problems: &mut Problems) {
    let used: BTreeSet<&str> = match effect {
        Effect::Update(update) => update.set.iter().filter_map(|(_, to)| asked_by(to)).collect(),
        Effect::Call(call) => {
            let asked = |(_, argument): &'a (String, Argument)| match argument {
                Argument::Asked(ask) => Some(ask.as_str()),
                _ => None,
            };
            call.arguments.iter().filter_map(asked).collect()
        }
        Effect::Delete(_) | Effect::Sql => BTreeSet::new(),
    };
    for ask in raw.ask.iter().filter(|ask| !used.contains(ask.name.get_ref().as_str())) {
        let what = format!("the answer to \"{}\" is written nowhere", ask.name.get_ref());
        problems.add(resolver.location_of(&ask.name), what, "set a column to { ask = \"..\" }, or remove the ask");
    }
}

fn asked_by(to: &SetTo) -> Option<&str> {
    match to {
        SetTo::Asked(ask) | SetTo::Appended(ask) => Some(ask),
        _ => None,
    }
}

/// No two columns have one name in results, and what the action names of its own preview is there.
fn validate_aliases(resolver: &Resolver, raw: &RawAction, effect: &Effect, problems: &mut Problems) {
    let Some(rows) = effect.rows() else { return };
    let location = declared_at(resolver, raw).map(|(_, location)| location).unwrap_or_default();
    let mut aliases: BTreeMap<&str, &str> = [KEY, ROW].map(|name| (name, "")).into();
    if rows.row_version {
        aliases.insert(ROW_VERSION, XMIN);
    }
    for column in rows.show.iter().chain(rows.compared()).chain(effect.set_columns()) {
        let other = *aliases.entry(&column.alias).or_insert(&column.documented);
        if other != column.documented {
            let what =
                format!("the column \"{}\" is called \"{}\" in results, as another", column.documented, column.alias);
            problems.add(location.clone(), what, "write this action with preview and sql");
        }
    }
    if raw.preview.is_some() {
        return;
    }
    let typed = raw.confirm.as_ref().and_then(|confirm| confirm.get_ref().typed.as_ref());
    for name in raw.when.keys().chain(typed).filter(|name| !aliases.contains_key(name.get_ref().as_str())) {
        let what = format!("the preview returns no \"{}\"", name.get_ref());
        let known = aliases.keys().copied().filter(|alias| *alias != KEY && *alias != ROW);
        let remedy = format!("add its column to \"show\"; {}", suggest(name.get_ref(), known));
        problems.add(resolver.location_of(name), what, remedy);
    }
}

/// The name of a column in results: `paid_at` for `paidAt`.
fn alias_of(name: &str) -> String {
    let snake = Naming::Snake.of(name);
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' };
    snake.trim_matches(|c: char| !c.is_ascii_alphanumeric()).chars().map(plain).collect()
}
