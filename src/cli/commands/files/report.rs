//! What the rows of a view of files come to, and how it is told.

use opsdash_core::{
    catalog::{ADDED_COLUMNS, FileVerdict, reconcile},
    contract::{Failure, Listing, RawRow, StoredFile, Table, VerifyResult},
    text,
};
use opsdash_pack::pack::VERDICT;
use serde_json::{Value as Json, json};

use super::{ChosenFile, FilesJob};
use crate::cli::{answer::ViewAnswer, exit::Exit, output::CommandOutput};
use crate::export::json;

/// What verdicts come to.
#[derive(Debug, Default)]
pub struct FilesVerdict {
    is_any_bad: bool,
    /// What is not known of the rows, or of those that were not looked at.
    pub gaps: Vec<String>,
}

impl FilesVerdict {
    /// Of these verdicts alone; `None` is a row that is gone.
    pub fn of<'w>(verdicts: impl Iterator<Item = Option<&'w str>>) -> Self {
        let (mut is_any_bad, mut unknown, mut all) = (false, 0, 0);
        for verdict in verdicts {
            all += 1;
            match verdict {
                Some(word) if word != FileVerdict::Unknown.word() => is_any_bad |= FileVerdict::is_bad(word),
                _ => unknown += 1,
            }
        }
        let gap = (unknown > 0).then(|| format!("of {unknown} of {all} rows it is not known how their files are"));
        Self { is_any_bad, gaps: gap.into_iter().collect() }
    }

    /// Of a whole view: what lies beyond its rows, `all` in number, and beyond the listed files is not known.
    pub fn and_beyond(mut self, looked_at: usize, all: u64, truncated: bool, listing: Option<&Listing>) -> Self {
        if truncated {
            self.gaps.push(format!("{looked_at} of {all} rows are looked at; the rest is not known"));
        }
        if let Some(listing) = listing.filter(|listing| listing.truncated) {
            let listed = listing.files.len();
            self.gaps.push(format!("the store has more than the {listed} files that are looked at"));
        }
        self
    }

    /// The rows of a view that was asked, as far as they can be seen without reading files.
    pub fn of_view(answered: &ViewAnswer) -> Self {
        let (Some(at), Some(snapshot)) = (answered.view().column(VERDICT), answered.snapshot()) else {
            return Self::default();
        };
        let listing = answered.model().target().panel(answered.id()).store.listing.as_ref();
        let rows = &snapshot.rows;
        Self::of(rows.iter().map(|row| row.cells[at].as_text())).and_beyond(
            rows.len(),
            snapshot.counts.total(),
            snapshot.truncated,
            listing,
        )
    }

    /// A bad file is named, so it comes before what is not known.
    pub fn exit(&self) -> Exit {
        match (self.is_any_bad, self.gaps.is_empty()) {
            (true, _) => Exit::Bad,
            (false, false) => Exit::SourceDown,
            (false, true) => Exit::Done,
        }
    }
}

/// A chosen row as it is known now.
struct FileEntry<'a> {
    key: &'a str,
    name: &'a str,
    /// `None` when the row is no more among those of the view.
    verdict: Option<&'a str>,
    why: &'a str,
    file: Option<&'a StoredFile>,
}

impl FilesJob<'_> {
    /// What the chosen rows come to, judged by what is known now; `is_all` when they are those of the whole view.
    pub(super) fn report(
        &self,
        (chosen, is_all): (&[ChosenFile], bool),
        stopped: Option<&Failure>,
        as_json: bool,
        mut notes: Vec<String>,
    ) -> CommandOutput {
        let clock = self.answered.model().clock;
        let table = reconcile(self.view, self.files, self.catalog, false, Ok(&self.listing), clock);
        let entries: Vec<FileEntry<'_>> = chosen.iter().map(|chosen| self.entry(chosen, &table)).collect();
        let mut judged = FilesVerdict::of(entries.iter().map(|entry| entry.verdict));
        if is_all {
            judged = judged.and_beyond(entries.len(), table.counts.total(), table.truncated, Some(&self.listing));
        }
        let exit = if stopped.is_some() { Exit::SourceDown } else { judged.exit() };
        notes.extend(judged.gaps);
        if let Some(failure) = stopped {
            notes.push(format!("{failure}\n  what was read before is kept; try again"));
        }
        let data = if as_json {
            json::bytes(&json!({
                "schema": json::SCHEMA,
                "target": self.answered.target(),
                "view": self.view.id,
                "files": entries.iter().map(FileEntry::json).collect::<Vec<_>>(),
                "error": stopped.map(json::error),
            }))
        } else {
            entries.iter().map(FileEntry::line).collect::<String>().into_bytes()
        };
        CommandOutput { data, notes, exit }
    }

    fn entry<'a>(&'a self, (key, wanted): &'a ChosenFile, table: &'a Table) -> FileEntry<'a> {
        let row: Option<&RawRow> = table.rows.iter().find(|row| row.key.as_str() == key);
        let cell = |at: usize| row.and_then(|row| row.cells[at].as_text());
        let verdict = ADDED_COLUMNS.iter().position(|name| *name == VERDICT);
        let named = self.catalog.columns.iter().position(|column| *column == self.files.name);
        let file = wanted.as_ref().and_then(|wanted| self.listing.files.iter().find(|file| file.id == wanted.file.id));
        FileEntry {
            key,
            name: named.and_then(cell).unwrap_or_default(),
            verdict: verdict.and_then(|at| cell(self.catalog.columns.len() + at)),
            why: row.map_or("it is no more among the rows of the view", |row| &row.why),
            file,
        }
    }
}

impl FileEntry<'_> {
    fn verdict(&self) -> &str {
        self.verdict.unwrap_or(FileVerdict::Unknown.word())
    }

    fn line(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!("  {}", self.why) };
        let line = format!("{:<13}  {}  {}{why}", self.verdict(), self.key, self.name);
        format!("{}\n", text::inert(&text::one_line(&line)))
    }

    fn json(&self) -> Json {
        let sha256 = self.file.and_then(|file| match &file.checked {
            Some(VerifyResult::Sha256(hex)) => Some(hex.as_str()),
            _ => None,
        });
        json!({
            "key": self.key,
            "name": self.name,
            "verdict": self.verdict(),
            "why": self.why,
            "sha256": sha256,
            "bytes": self.file.and_then(|file| file.length),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> FilesVerdict {
        FilesVerdict::of(words.iter().map(|word| Some(*word)))
    }

    #[test]
    fn what_is_not_known_is_no_success_and_a_bad_file_is_named_first() {
        assert_eq!(of(&["OK", "UNVERIFIED"]).exit(), Exit::Done);
        assert_eq!(of(&["OK", "UNKNOWN"]).exit(), Exit::SourceDown);
        assert_eq!(of(&["SIZE", "UNKNOWN"]).exit(), Exit::Bad);
        let gone = FilesVerdict::of([Some("OK"), None].into_iter());
        assert_eq!(gone.exit(), Exit::SourceDown);
        assert_eq!(gone.gaps, ["of 1 of 2 rows it is not known how their files are"]);
    }

    #[test]
    fn what_lies_beyond_the_rows_and_the_listed_files_is_told() {
        let listing = |truncated| Listing { truncated, ..Listing::default() };
        assert_eq!(of(&["OK"]).and_beyond(1, 1, false, Some(&listing(false))).exit(), Exit::Done);
        let rows = of(&["OK"]).and_beyond(500, 812, true, None);
        assert_eq!(rows.exit(), Exit::SourceDown);
        assert_eq!(rows.gaps, ["500 of 812 rows are looked at; the rest is not known"]);
        let files = of(&["OK"]).and_beyond(1, 1, false, Some(&listing(true)));
        assert_eq!((files.exit(), files.gaps.len()), (Exit::SourceDown, 1));
    }
}
