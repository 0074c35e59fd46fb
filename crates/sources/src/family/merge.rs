//! One answer of many.

use std::{cmp::Reverse, sync::Arc};

use opsdash_core::{
    contract::{
        Answer, Content, Coverage, FailedMember, Failure, FailureKind, Members as Meant, NamedMember, Question, RawRow,
        Read, ResultShape, Table,
    },
    time::Time,
    value::{Counts, ReasonCounts, RowKey, Severity, Value},
};
use opsdash_pack::pack::OF_MEMBER;

use super::members::Member;
use crate::limits;

/// Puts the answers of databases together, as they come. It holds no more rows than the question asks for, whatever the
/// number of databases, and the order in which they answer makes no difference.
pub struct Merge {
    /// Those that did not answer.
    pub failed: Vec<FailedMember>,
    asked: Asked,
    /// By the columns that databases returned: most return the same.
    layouts: Vec<Layout>,
    server_now: Option<Time>,
    took_ms: u64,
    rtts: Vec<u64>,
}

/// How the rows of the databases become rows of the whole.
struct Asked {
    /// The most rows.
    limit: usize,
    /// Rows of a view, which are judged, sorted and counted.
    is_list: bool,
    /// Columns of the key that begins with the database; `None` where keys stay as they are.
    key_columns: Option<usize>,
}

/// The databases that returned the same columns.
struct Layout {
    columns: Vec<String>,
    members: Vec<NamedMember>,
    /// With the name of the database, which decides between rows of the same severity.
    rows: Vec<(Arc<str>, usize, RawRow)>,
    counts: Counts,
    reasons: ReasonCounts,
    truncated: bool,
}

impl Merge {
    pub fn of(read: &Read) -> Self {
        let asked = match &read.question {
            Question::Statement { shape, .. } => match shape {
                ResultShape::List { row_key, limit, .. } | ResultShape::Uncounted { row_key, limit, .. } => {
                    Asked { limit: rows(*limit), is_list: true, key_columns: Some(row_key.len()) }
                }
                ResultShape::Rows { limit } => {
                    let key_columns =
                        if let Meant::OfKeys(columns) = read.within.members { Some(columns) } else { None };
                    Asked { limit: rows(*limit), is_list: false, key_columns }
                }
            },
            _ => Asked { limit: 0, is_list: false, key_columns: None },
        };
        Self { failed: Vec::new(), asked, layouts: Vec::new(), server_now: None, took_ms: 0, rtts: Vec::new() }
    }

    /// Adds the answer of one database.
    pub fn add(&mut self, member: &Member, answer: Answer) {
        self.server_now = self.server_now.max(answer.server_now);
        self.took_ms += answer.took_ms.saturating_sub(2 * answer.rtt_ms);
        self.rtts.push(answer.rtt_ms);
        let table = match answer.content {
            Content::Table(table) => table,
            Content::Listing(_) => {
                let failure = Failure::new(FailureKind::Other, "it answered with files instead of rows");
                return self.failed.push(member.failed(failure));
            }
        };
        let known = self.layouts.iter().position(|layout| layout.columns == table.columns);
        let at = match known {
            Some(at) => at,
            None if self.layouts.len() < limits::MEMBER_LAYOUTS => {
                self.layouts.push(Layout::of(table.columns.clone()));
                self.layouts.len() - 1
            }
            None => {
                let others = self.layouts[0].columns.clone();
                return self.failed.push(member.failed(differs(&table.columns, &others)));
            }
        };
        self.layouts[at].add(member, table, &self.asked);
    }

    /// The answer of all. Of databases whose columns are not those of most, the rows are not in it.
    pub fn finish(mut self) -> Answer {
        // Of as many the one whose first database has the first name: not the one that was the quickest.
        self.layouts.sort_by_key(|layout| (Reverse(layout.members.len()), layout.first()));
        let mut layouts = self.layouts.into_iter();
        let mut most = layouts.next();
        for layout in layouts {
            let usual = most.as_ref().map_or(&[][..], |most| &most.columns);
            let failure = differs(&layout.columns, usual);
            let failed = |member| FailedMember::new(member, failure.clone());
            self.failed.extend(layout.members.into_iter().map(failed));
        }
        self.failed.sort_by(|one, other| one.name.cmp(&other.name));
        self.rtts.sort_unstable();
        let answered = most.as_mut().map(|most| std::mem::take(&mut most.members)).unwrap_or_default();
        let members = u32::try_from(answered.len() + self.failed.len()).unwrap_or(u32::MAX);
        let table = most.map_or_else(Table::default, |most| most.table(&self.asked));
        Answer {
            content: Content::Table(table),
            server_now: self.server_now,
            operators: None,
            // As if one connection had asked them all.
            took_ms: self.took_ms / limits::FAMILY_ASKING as u64,
            rtt_ms: self.rtts.get(self.rtts.len() / 2).copied().unwrap_or_default(),
            coverage: Some(Coverage { members, answered, failed: self.failed }),
        }
    }
}

impl Layout {
    fn of(columns: Vec<String>) -> Self {
        Self {
            columns,
            members: Vec::new(),
            rows: Vec::new(),
            counts: Counts::default(),
            reasons: ReasonCounts::default(),
            truncated: false,
        }
    }

    /// The first of its databases by name.
    fn first(&self) -> Option<String> {
        self.members.iter().map(|member| member.name.clone()).min()
    }

    fn add(&mut self, member: &Member, table: Table, asked: &Asked) {
        self.members.push(member.named());
        self.counts = self.counts.and(table.counts);
        for (severity, id, n) in table.reasons.ranked() {
            self.reasons.add(severity, id, n);
        }
        self.truncated |= table.truncated;
        let name: Arc<str> = member.name.as_str().into();
        let text = |text: &str| Value::text(text);
        let own = [text(&member.name), text(&member.kind), member.label.as_deref().map_or(Value::Null, text)];
        for (place, mut row) in table.rows.into_iter().enumerate() {
            if let Some(columns) = asked.key_columns {
                row.key = RowKey::of_member(&member.name, &row.key, columns);
            }
            if asked.is_list {
                row.cells.splice(0..0, own.iter().cloned());
            }
            self.rows.push((name.clone(), place, row));
        }
        if self.rows.len() > asked.limit.saturating_mul(2) {
            self.cut(asked);
        }
    }

    /// Keeps the worst rows, as many as are asked for.
    fn cut(&mut self, asked: &Asked) {
        let rank = |severity: Severity| if asked.is_list { Reverse(Some(severity)) } else { Reverse(None) };
        self.rows.sort_by(|(name, place, row), (other_name, other_place, other)| {
            let order = rank(row.severity).cmp(&rank(other.severity));
            order.then_with(|| name.cmp(other_name)).then(place.cmp(other_place))
        });
        self.truncated |= self.rows.len() > asked.limit;
        self.rows.truncate(asked.limit);
    }

    fn table(mut self, asked: &Asked) -> Table {
        self.cut(asked);
        let mut columns = self.columns;
        if asked.is_list {
            columns.splice(0..0, OF_MEMBER.map(str::to_owned));
        }
        let rows = self.rows.into_iter().map(|(_, _, row)| row).collect();
        Table { columns, rows, counts: self.counts, reasons: self.reasons, truncated: self.truncated }
    }
}

/// Why a database with other columns than most is not among the answers.
fn differs(columns: &[String], usual: &[String]) -> Failure {
    let missing: Vec<&str> = usual.iter().filter(|name| !columns.contains(name)).map(String::as_str).collect();
    let what = if missing.is_empty() {
        "it returns other columns than most".to_owned()
    } else {
        format!("it returns no {}, as most do", missing.join(", "))
    };
    Failure::new(FailureKind::Schema, &what)
}

fn rows(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
