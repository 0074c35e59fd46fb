//! What of an answer is printed: which rows, in which order, and which columns.

use std::cmp::Reverse;

use opsdash_core::{
    export::ExportField,
    filter::{Candidate, Filter, SEVERITY, find_column},
    naming::{NamedRows, find_row},
    sort::Sort,
    text,
    time::Zone,
    value::Row,
};
use opsdash_pack::pack::{Format, LIMIT_RANGE, View};

use super::{answer::ViewAnswer, args::show::ShowArgs, error::CliError, exit::Exit, row_names};

/// What was typed of it.
#[derive(Debug, Clone, Default)]
pub struct PrintRequest {
    /// Filters that must all hold.
    pub filters: Vec<String>,
    /// Keys or names of rows; empty for all.
    pub keys: Vec<String>,
    /// Columns that order the rows, the first one first; empty for the order of the tab.
    pub sort: Vec<String>,
    /// Columns that are printed; empty for those of the tab.
    pub columns: Vec<String>,
    /// At most so many rows.
    pub limit: Option<u32>,
    /// Whether the names of the columns are left out.
    pub no_header: bool,
}

impl From<&ShowArgs> for PrintRequest {
    fn from(args: &ShowArgs) -> Self {
        let ShowArgs { filters, keys, sort, columns, limit, no_header, .. } = args.clone();
        Self { filters, keys, sort, columns, limit, no_header }
    }
}

/// The same, understood for a view.
struct Understood {
    filters: Vec<Filter>,
    sort: Vec<SortBy>,
    columns: Option<Vec<ExportField>>,
}

#[derive(Debug, Clone, Copy)]
enum SortBy {
    Column(Sort),
    Severity { descending: bool },
}

/// Rows and columns of one answer.
pub struct Printed<'a> {
    /// The answer.
    pub answered: &'a ViewAnswer,
    /// The rows, in order.
    pub rows: Vec<&'a Row>,
    /// How many of the rows that were read are meant, whatever is cut of them; `None` where all are.
    pub matched: Option<usize>,
    /// What is printed of a row; `None` for what the tab draws.
    pub columns: Option<Vec<ExportField>>,
    /// Whether the names of the columns are printed.
    pub has_header: bool,
    /// Whether `limit` left rows out.
    pub is_cut: bool,
    /// What of the keys named no row, or several, in sentences; how the run then ends.
    pub unnamed: Vec<(Exit, String)>,
}

impl<'a> Printed<'a> {
    /// All rows of an answer, as the tab has them.
    #[must_use]
    pub fn whole(answered: &'a ViewAnswer) -> Self {
        let rows = answered.rows().collect();
        let unnamed = Vec::new();
        Self { answered, rows, matched: None, columns: None, has_header: true, is_cut: false, unnamed }
    }
}

impl PrintRequest {
    /// Whether a view has what is asked of it, before anything is asked of a server.
    ///
    /// # Errors
    /// What the view does not have, and what it has.
    pub fn check(&self, view: &View) -> Result<(), CliError> {
        self.understood(view, &Zone::Utc).map(|_| ())
    }

    /// How many rows are asked for. Filters and orders of ours need all of them: the first ones of another order, or those
    /// that pass, may be the last ones.
    #[must_use]
    pub fn asks_for(&self) -> Option<u32> {
        let needs_all = !(self.filters.is_empty() && self.keys.is_empty() && self.sort.is_empty());
        if needs_all { Some(*LIMIT_RANGE.end()) } else { self.limit }
    }

    /// What of an answer is printed.
    ///
    /// # Errors
    /// Those of [`PrintRequest::check`].
    pub fn of<'a>(&self, answered: &'a ViewAnswer) -> Result<Printed<'a>, CliError> {
        let view = answered.view();
        let Understood { filters, sort, columns } = self.understood(view, &answered.model().appearance.zone)?;
        let mut unnamed = Vec::new();
        let mut rows: Vec<&Row> = answered.rows().collect();
        if !self.keys.is_empty() && answered.snapshot().is_some() {
            rows = self.keys.iter().filter_map(|key| named(answered, key, &mut unnamed)).collect();
        }
        if let Some(snapshot) = answered.snapshot() {
            let now = snapshot.server_now;
            rows.retain(|row| filters.iter().all(|filter| filter.accepts(&Candidate::of(row, now))));
        }
        // Sorting is stable: the last order is the first one that is asked for.
        for by in sort.iter().rev() {
            by.sort(&mut rows);
        }
        let narrows = !(self.filters.is_empty() && self.keys.is_empty());
        let matched = narrows.then_some(rows.len());
        let own_limit = (!narrows && !sort.is_empty()).then_some(view.limit);
        let most = self.limit.or(own_limit).map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let is_cut = rows.len() > most;
        rows.truncate(most);
        Ok(Printed { answered, rows, matched, columns, has_header: !self.no_header, is_cut, unnamed })
    }

    fn understood(&self, view: &View, zone: &Zone) -> Result<Understood, CliError> {
        let filter = |line: &String| Filter::parse(line, &view.columns, zone).map_err(|why| wrong("--where", &why));
        let filters: Vec<Option<Filter>> = self.filters.iter().map(filter).collect::<Result<_, _>>()?;
        let sort = self.sort.iter().map(|typed| sort_by(view, typed)).collect::<Result<_, _>>()?;
        let columns: Vec<ExportField> =
            self.columns.iter().map(|typed| field(view, typed)).collect::<Result<_, _>>()?;
        let columns = Some(columns).filter(|columns| !columns.is_empty());
        Ok(Understood { filters: filters.into_iter().flatten().collect(), sort, columns })
    }
}

impl SortBy {
    fn sort(self, rows: &mut [&Row]) {
        match self {
            Self::Column(sort) => rows.sort_by_cached_key(|row| sort.key(row)),
            Self::Severity { descending: false } => rows.sort_by_key(|row| row.severity),
            Self::Severity { descending: true } => rows.sort_by_key(|row| Reverse(row.severity)),
        }
    }
}

fn wrong(option: &str, why: &str) -> CliError {
    CliError::usage(format!("{option}: {}", text::inert(why)), "")
}

/// The row of a key or a name; what is wrong with it is told.
fn named<'a>(answered: &'a ViewAnswer, key: &str, unnamed: &mut Vec<(Exit, String)>) -> Option<&'a Row> {
    let view = answered.view();
    match find_row(view, answered.rows(), key) {
        NamedRows::Key(row) | NamedRows::Named(row) => Some(row),
        NamedRows::Several(rows) => {
            unnamed.push((Exit::Ambiguous, row_names::several(view, key, &rows)));
            None
        }
        NamedRows::None => {
            let known = &view.id;
            unnamed.push((Exit::NotFound, format!("--key: no row of {known} is \"{}\"", text::inert(key))));
            None
        }
    }
}

/// `COLUMN`, `COLUMN:desc`, `COLUMN:asc` or `-COLUMN`.
fn sort_by(view: &View, typed: &str) -> Result<SortBy, CliError> {
    let (name, descending) = match (typed.strip_prefix('-'), typed.rsplit_once(':')) {
        (Some(name), _) | (None, Some((name, "desc"))) => (name, true),
        (None, Some((name, "asc"))) => (name, false),
        (None, _) => (typed, false),
    };
    if name.eq_ignore_ascii_case(SEVERITY) {
        return Ok(SortBy::Severity { descending });
    }
    let at = find_column(&view.columns, name).map_err(|why| wrong("--sort", &why))?;
    Ok(SortBy::Column(Sort::by(view, at, descending)))
}

fn field(view: &View, typed: &str) -> Result<ExportField, CliError> {
    let own = ExportField::OWN.iter().find(|(name, _)| name.eq_ignore_ascii_case(typed)).map(|(_, field)| *field);
    let own = own.or_else(|| typed.eq_ignore_ascii_case("key").then_some(ExportField::Key));
    match (find_column(&view.columns, typed), own) {
        (Ok(at), _) if view.columns[at].format == Format::Secret => {
            Err(wrong("--columns", &format!("{} is secret: it is never printed", view.columns[at].title)))
        }
        // A column of the very name is the pack's own; why is the same in both.
        (Ok(at), Some(own)) if !view.columns[at].name.eq_ignore_ascii_case(typed) || own == ExportField::Why => Ok(own),
        (Ok(at), _) => Ok(ExportField::Column(at)),
        (Err(_), Some(own)) => Ok(own),
        (Err(why), None) => Err(wrong("--columns", &why)),
    }
}
