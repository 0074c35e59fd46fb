//! One view.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Resolver,
    across::validate_across,
    action::validate_actions,
    columns::{validate_columns, validate_fields},
    family::{params_of_member, validate_finding, validate_kinds, validate_view_of_family},
    growth::validate_growth,
    links::{validate_enrich, validate_links},
    ordered::validate_ordered,
    params::{OfSource, QueryRole, validate_declared, validate_params, validate_used},
    reason::{Parts, validate_cause, validate_name, validate_reasons},
    scope::{is_scoped, validate_scoped},
    statements::{ParsedStatement, validate_statement},
    title_of,
};
use crate::{
    document::{Name, Problems, parse_ms},
    language::words::{RawAttention, RawAttentionLimit, RawChart, RawDetail, RawFacet, RawGiven, RawView},
    pack::{
        ATTENTION_RANGE, Attention, Chart, Detail, DetailList, Engine, Enrich, EnrichBy, Facet, FilesView, Format,
        Given, LIMIT_RANGE, REFRESH_RANGE_MS, Statement, View,
    },
};

/// Most enrichments of a view: a row has 32 bits for which of them have answered.
const MOST_ENRICH: usize = 32;
/// Default refresh, in ms.
const REFRESH_MS: u64 = 15_000;
/// Default limit, in rows.
const LIMIT: u32 = 500;

/// The view of that id; `None` after a problem.
pub(super) fn validate_view(resolver: &Resolver, id: &str, problems: &mut Problems) -> Option<View> {
    let raw = resolver.views.get(id)?;
    validate_declared(resolver, raw, problems);
    let row_key = validate_row_key(resolver, raw, problems);
    let columns = validate_columns(resolver, &raw.column, problems);
    let links = validate_links(resolver, raw, problems);
    let actions = validate_actions(resolver, id, raw, problems);
    let files = validate_files(resolver, raw, problems);
    let source = resolver.source(&raw.source, problems)?;
    validate_scoped(resolver, raw, source, problems);
    validate_view_of_family(resolver, raw, source, problems);
    let engine = resolver.engine(source);
    let of_source =
        OfSource { scoped: is_scoped(resolver, raw, source), of_member: params_of_member(resolver, source) };
    let mut queries = QueryReader { resolver, raw, engine, of_source, problems, parsed: Vec::new(), failed: false };
    let query = queries.read(&raw.query, QueryRole::Rows { search: raw.search });
    let facets = queries.facets();
    let enrich = queries.enrich(id);
    let detail = queries.detail();
    queries.finish();
    let parts = Parts { columns: &columns, links: &links, actions: &actions, query: query.as_deref() };
    let across = validate_across(resolver, raw, &columns, problems);
    let growth = validate_growth(resolver, raw, &columns, problems);
    let reasons = validate_reasons(resolver, id, raw, &parts, problems);
    Some(View {
        id: id.to_owned(),
        title: raw.title.get_ref().clone(),
        subtitle: raw.subtitle.clone(),
        empty: raw.empty.clone(),
        source,
        query: query?,
        files,
        kinds: validate_kinds(resolver, raw, source, problems),
        unreachable: raw
            .unreachable
            .as_ref()
            .map(|finding| validate_finding(resolver, raw, finding.get_ref(), problems)),
        row_key,
        refresh_ms: validate_refresh(resolver, raw.refresh.as_ref(), problems),
        search: raw.search,
        limit: validate_limit(resolver, raw, problems),
        attention: validate_attention(resolver, raw, problems),
        hidden: raw.hidden,
        scoped: is_scoped(resolver, raw, source),
        group: validate_group(resolver, raw, problems),
        thresholds: raw.threshold.iter().map(|(name, value)| (name.get_ref().clone(), value.clone())).collect(),
        facets,
        ordered: validate_ordered(resolver, raw, resolver.engine(source), problems),
        given: raw.given.iter().map(given).collect(),
        name: validate_name(resolver, raw, &columns, problems),
        cause: validate_cause(resolver, raw, &columns, problems),
        columns,
        reasons,
        enrich,
        across,
        growth,
        detail,
        links,
        actions,
    })
}

fn given(raw: &RawGiven) -> Given {
    let name = raw.name.get_ref();
    Given { name: name.clone(), title: raw.title.clone().unwrap_or_else(|| title_of(name)) }
}

/// The group of a view. An empty text means none, so that an upper layer can remove the group of a lower one.
pub(super) fn group(raw: &RawView) -> Option<&Name> {
    raw.group.as_ref().filter(|group| !group.get_ref().is_empty())
}

fn validate_group(resolver: &Resolver, raw: &RawView, problems: &mut Problems) -> Option<String> {
    let group = group(raw)?;
    if raw.hidden {
        let what = format!("a hidden view in the group \"{}\"", group.get_ref());
        problems.add(
            resolver.location_of(group),
            what,
            "remove \"group\" (over another layer's: write group = \"\"), or \"hidden\"",
        );
    }
    Some(group.get_ref().clone())
}

fn validate_row_key(resolver: &Resolver, raw: &RawView, problems: &mut Problems) -> Vec<String> {
    let names = raw.row_key.get_ref();
    if names.is_empty() {
        problems.add(resolver.location_of(&raw.row_key), "an empty row_key", "name the columns that identify a row");
    }
    let mut seen = BTreeSet::new();
    for name in names {
        resolver.validate_id("column", name, problems);
        if !seen.insert(name.get_ref()) {
            let what = format!("\"{}\" is twice in row_key", name.get_ref());
            problems.add(resolver.location_of(name), what, "keep one of them");
        }
    }
    names.iter().map(|name| name.get_ref().clone()).collect()
}

fn validate_refresh(resolver: &Resolver, raw: Option<&Name>, problems: &mut Problems) -> u64 {
    let Some(text) = raw else { return REFRESH_MS };
    match parse_ms(text.get_ref()) {
        Some(ms) if REFRESH_RANGE_MS.contains(&ms) => ms,
        _ => {
            let what = format!("the refresh interval \"{}\" makes no sense", text.get_ref());
            problems.add(resolver.location_of(text), what, "write a duration from 1s to 1d, such as \"15s\"");
            REFRESH_MS
        }
    }
}

fn validate_limit(resolver: &Resolver, raw: &RawView, problems: &mut Problems) -> u32 {
    let Some(limit) = &raw.limit else { return LIMIT };
    match u32::try_from(*limit.get_ref()) {
        Ok(rows) if LIMIT_RANGE.contains(&rows) => rows,
        _ => {
            let what = format!("the limit {} makes no sense", limit.get_ref());
            problems.add(resolver.location_of(limit), what, format!("write a number from 1 to {}", LIMIT_RANGE.end()));
            LIMIT
        }
    }
}

fn validate_attention(resolver: &Resolver, raw: &RawView, problems: &mut Problems) -> Attention {
    let Some(attention) = &raw.attention else { return Attention::None };
    match attention.get_ref() {
        RawAttention::All(false) => Attention::None,
        RawAttention::All(true) => Attention::All,
        RawAttention::Limited(RawAttentionLimit { most }) => match u32::try_from(*most) {
            Ok(most) if ATTENTION_RANGE.contains(&most) => Attention::Most(most),
            _ => {
                let what = format!("the attention of {most} rows makes no sense");
                let remedy = format!("write a number from 1 to {}", ATTENTION_RANGE.end());
                problems.add(resolver.location_of(attention), what, remedy);
                Attention::All
            }
        },
    }
}

fn validate_facet(
    resolver: &Resolver,
    raw: &RawFacet,
    query: Option<Arc<Statement>>,
    problems: &mut Problems,
) -> Facet {
    let choices = raw.choices.get_ref();
    if choices.is_empty() {
        let what = format!("the facet \"{}\" has no choices", raw.name.get_ref());
        problems.add(resolver.location_of(&raw.choices), what, "list its values; the first one is the default");
    }
    let mut seen = BTreeSet::new();
    for choice in choices {
        if choice.get_ref().is_empty() || !seen.insert(choice.get_ref()) {
            let what = format!("the choice \"{}\" is empty or a repetition", choice.get_ref());
            problems.add(resolver.location_of(choice), what, "remove it");
        }
    }
    Facet {
        name: raw.name.get_ref().clone(),
        title: raw.title.clone().unwrap_or_else(|| title_of(raw.name.get_ref())),
        choices: choices.iter().map(|choice| choice.get_ref().clone()).collect(),
        query,
    }
}

fn validate_files(resolver: &Resolver, raw: &RawView, problems: &mut Problems) -> Option<FilesView> {
    if let Some(kind) = raw.kind.as_ref().filter(|kind| kind.get_ref() != "files") {
        resolver.add_unknown("kind", kind, ["files"], problems);
        return None;
    }
    let files = match (&raw.kind, &raw.files) {
        (Some(_), Some(files)) => files.get_ref(),
        (None, None) => return None,
        (Some(kind), None) => {
            problems.add(
                resolver.location_of(kind),
                "a files view without [files]",
                "add [files] with store, bucket and columns",
            );
            return None;
        }
        (None, Some(files)) => {
            problems.add(
                resolver.location_of(files),
                "[files] in a view of another kind",
                "set kind = \"files\", or remove it",
            );
            return None;
        }
    };
    let store = resolver.source(&files.store, problems)?;
    if resolver.engine(store) != Engine::MongoDb {
        let what = format!("the source \"{}\" is no file store", files.store.get_ref());
        problems.add(resolver.location_of(&files.store), what, "name a source with engine = \"mongodb\"");
    }
    Some(FilesView {
        store,
        bucket: files.bucket.clone(),
        id: files.id.clone(),
        name: files.name.clone(),
        size: files.size.clone(),
        checksum: files.checksum.clone(),
        active: files.active.clone(),
    })
}

/// Reads the queries of one view, and keeps them until the use of parameters is checked.
struct QueryReader<'a> {
    resolver: &'a Resolver,
    raw: &'a RawView,
    engine: Engine,
    of_source: OfSource<'a>,
    problems: &'a mut Problems,
    parsed: Vec<ParsedStatement>,
    /// Whether a query could not be read.
    failed: bool,
}

impl QueryReader<'_> {
    fn read(&mut self, file: &Name, role: QueryRole) -> Option<Arc<Statement>> {
        let Some(parsed) = validate_statement(self.resolver, file, self.engine, self.problems) else {
            self.failed = true;
            return None;
        };
        validate_params(self.raw, role, &self.of_source, &parsed, self.problems);
        let statement = Arc::clone(&parsed.statement);
        self.parsed.push(parsed);
        Some(statement)
    }

    fn facets(&mut self) -> Vec<Facet> {
        let raw = self.raw;
        let facet = |facet: &RawFacet| {
            let query = facet.query.as_ref().and_then(|file| self.read(file, QueryRole::Choices));
            validate_facet(self.resolver, facet, query, self.problems)
        };
        raw.facet.iter().map(facet).collect()
    }

    fn enrich(&mut self, id: &str) -> Vec<Enrich> {
        let mut all = Vec::new();
        if let Some(beyond) = self.raw.enrich.get(MOST_ENRICH) {
            let what = format!("more than {MOST_ENRICH} [[enrich]] in one view");
            self.problems.add(self.resolver.location_of(beyond), what, "fill several columns by one query");
        }
        for raw in &self.raw.enrich {
            let query = raw.get_ref().query.as_ref().and_then(|file| self.read(file, QueryRole::Enrich));
            let by = query.map(EnrichBy::Query);
            all.extend(validate_enrich(self.resolver, self.raw, id, raw, by, self.problems));
        }
        all
    }

    fn detail(&mut self) -> Option<Detail> {
        let raw = self.raw;
        let charts: Vec<Chart> = raw.chart.iter().filter_map(|chart| self.chart(chart)).collect();
        let empty = RawDetail { query: None, column: Vec::new(), list: Vec::new() };
        let detail = match &raw.detail {
            Some(detail) => detail,
            None if charts.is_empty() => return None,
            None => &empty,
        };
        let query = detail.query.as_ref().and_then(|file| self.read(file, QueryRole::Detail));
        let columns = validate_fields(self.resolver, &detail.column, self.problems);
        let mut lists = Vec::new();
        for list in &detail.list {
            let columns = validate_columns(self.resolver, &list.column, self.problems);
            let query = self.read(&list.query, QueryRole::Detail);
            lists.extend(query.map(|query| DetailList { title: list.title.clone(), query, columns }));
        }
        Some(Detail { query, columns, lists, charts })
    }

    fn chart(&mut self, raw: &RawChart) -> Option<Chart> {
        let windows = raw.windows.get_ref();
        if windows.is_empty() {
            let what = format!("the chart \"{}\" has no windows", raw.title);
            self.problems.add(self.resolver.location_of(&raw.windows), what, "list intervals, such as \"24 hours\"");
        }
        for window in windows.iter().filter(|window| parse_ms(window.get_ref()).is_none()) {
            let what = format!("the window \"{}\" is no interval", window.get_ref());
            self.problems.add(self.resolver.location_of(window), what, "write an interval, such as \"24 hours\"");
        }
        let format = self.resolver.format(raw.format.as_ref(), Format::Float, self.problems);
        let windows = windows.iter().map(|window| window.get_ref().clone()).collect();
        let query = self.read(&raw.query, QueryRole::Chart)?;
        Some(Chart { title: raw.title.clone(), query, windows, format })
    }

    /// Reports unused parameters, but only when every query could be read: one that could not may use them.
    fn finish(self) {
        if !self.failed {
            validate_used(self.resolver, self.raw, &self.parsed, self.problems);
        }
    }
}
