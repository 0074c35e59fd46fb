//! Writes whose end nobody heard, found in the record.

use std::{fmt, path::Path};

use opsdash_core::msg::UnknownWrite;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use super::{each_line, process};

/// Bytes at the end of the file that are looked through at a start: years of it must not hold a start up.
const RECENT: u64 = 2_000_000;

/// What of a line is looked at: the rows themselves may be long, and are passed over.
#[derive(Deserialize)]
struct AuditLine {
    id: String,
    at: String,
    phase: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    rows: AuditRows,
    /// Of an intent: who wrote it.
    process: Option<String>,
    /// Of an outcome.
    outcome: Option<String>,
    error: Option<String>,
}

/// How many rows there are, and what the first one is called.
#[derive(Default)]
struct AuditRows {
    count: usize,
    first: String,
}

#[derive(Deserialize)]
struct AuditRow {
    #[serde(default)]
    key: String,
    /// What it was called; empty in lines of earlier versions.
    #[serde(default)]
    name: String,
}

/// An intent without an outcome that is known.
struct OpenIntent {
    id: String,
    process: Option<String>,
    /// Whether an outcome is recorded, as unknown.
    is_told: bool,
    write: UnknownWrite,
}

/// Writes of other runs in this state folder whose outcome is not recorded, or recorded as unknown; oldest first. Those
/// of a process that still runs are its own to tell. What cannot be read is for `opsdash audit` to tell.
#[must_use]
pub fn unsettled(state_dir: &Path) -> Vec<UnknownWrite> {
    within(state_dir, RECENT, Path::new(process::PROC))
}

/// The same, of the lines that begin within the last `most` bytes.
fn within(state_dir: &Path, most: u64, proc: &Path) -> Vec<UnknownWrite> {
    let mut open: Vec<OpenIntent> = Vec::new();
    let read = each_line(state_dir, most, |line| {
        // A line that is none of ours is for `opsdash audit` to tell.
        let Ok(line) = serde_json::from_str::<AuditLine>(line) else { return };
        match line.phase.as_str() {
            "intent" => open.push(line.into()),
            "outcome" => settle(&mut open, line),
            _ => {}
        }
    });
    if read.is_err() {
        // Outcomes may be among what was not read.
        return Vec::new();
    }
    let ended = |one: &OpenIntent| one.is_told || !process::is_running(proc, one.process.as_deref(), &one.write.at);
    open.into_iter().filter(ended).map(|one| one.write).collect()
}

/// Most outcomes come right after their intents, so the search begins at the end.
fn settle(open: &mut Vec<OpenIntent>, outcome: AuditLine) {
    let Some(at) = open.iter().rposition(|one| one.id == outcome.id) else { return };
    if outcome.outcome.as_deref() == Some("unknown") {
        open[at].is_told = true;
        open[at].write.said = outcome.error.unwrap_or_default();
    } else {
        open.remove(at);
    }
}

impl From<AuditLine> for OpenIntent {
    fn from(intent: AuditLine) -> Self {
        let write = UnknownWrite {
            at: intent.at,
            target: intent.target,
            action: format!("{}.{}", intent.view, intent.action),
            rows: intent.rows.count,
            first: intent.rows.first,
            said: "no outcome was recorded".to_owned(),
        };
        Self { id: intent.id, process: intent.process, is_told: false, write }
    }
}

impl<'de> Deserialize<'de> for AuditRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting;

        impl<'de> Visitor<'de> for Counting {
            type Value = AuditRows;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("rows")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<AuditRows, A::Error> {
                let Some(AuditRow { key, name }) = rows.next_element()? else { return Ok(AuditRows::default()) };
                let mut count = 1;
                while rows.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(AuditRows { count, first: if name.is_empty() { key } else { name } })
            }
        }

        deserializer.deserialize_seq(Counting)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use opsdash_core::action::Outcome;

    use super::*;
    use crate::store::audit::{
        Audit, FILE,
        tests::{intend, record},
    };

    fn said(told: Vec<UnknownWrite>) -> Vec<String> {
        told.into_iter().map(|one| one.said).collect()
    }

    /// The file as another process would have left it, which has ended.
    fn end_process(dir: &Path) -> PathBuf {
        let path = dir.join(FILE);
        let own = process::own(Path::new(process::PROC)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&own), "{text}");
        fs::write(&path, text.replace(&own, &format!("{own}1"))).unwrap();
        path
    }

    #[test]
    fn what_nobody_heard_the_end_of_is_told_and_what_goes_on_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::of(dir.path());
        audit.conclude(&intend(&audit).unwrap(), &Outcome::Done(Vec::new())).unwrap();
        let unknown = Outcome::Unknown { why: "the link was lost".into(), rows: Vec::new() };
        audit.conclude(&intend(&audit).unwrap(), &unknown).unwrap();
        intend(&audit).unwrap();
        assert_eq!(said(unsettled(dir.path())), ["the link was lost"], "the last one may still be at work");
        end_process(dir.path());
        let told = unsettled(dir.path());
        assert_eq!((told[1].action.as_str(), told[1].rows, told[1].first.as_str()), ("orders.pay", 1, "order 1"));
        assert_eq!(said(told), ["the link was lost", "no outcome was recorded"]);
    }

    #[test]
    fn a_run_with_our_number_that_is_not_this_one_has_broken_off() {
        let dir = tempfile::tempdir().unwrap();
        intend(&Audit::of(dir.path())).unwrap();
        let text = fs::read_to_string(end_process(dir.path())).unwrap();
        assert!(text.contains(&format!("-{}-", std::process::id())), "{text}");
        assert_eq!(said(unsettled(dir.path())), ["no outcome was recorded"]);
    }

    #[test]
    fn a_line_of_an_earlier_version_is_of_a_run_that_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let line = format!(
            r#"{{"at":"2026-01-02T03:04:05Z","phase":"intent","schema":1,"id":"1-{}-0","operator":"alice","label":null,
            "target":"prod","system":"shop","view":"orders","action":"pay","batch":1,"of":1,"asked":{{}},
            "rows":[{{"key":"7","row":"(0,1)","seen":{{"state":null}}}},{{"key":"8","row":null,"seen":{{}}}}]}}"#,
            std::process::id()
        );
        fs::write(dir.path().join(FILE), line.replace('\n', "") + "\n").unwrap();
        let told = unsettled(dir.path());
        assert_eq!((told.len(), told[0].rows, told[0].first.as_str()), (1, 2, "7"), "{told:?}");
        assert_eq!((told[0].target.as_str(), told[0].action.as_str()), ("prod", "orders.pay"));
    }

    #[test]
    fn of_a_long_record_only_the_end_is_looked_through_and_no_half_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::of(dir.path());
        (0..3).for_each(|_| drop(intend(&audit).unwrap()));
        let text = fs::read_to_string(end_process(dir.path())).unwrap();
        let lengths: Vec<u64> = text.split_inclusive('\n').map(|line| line.len() as u64).collect();
        let (last, all) = (lengths[2], text.len() as u64);
        for (most, found) in [(last, 1), (last + 1, 1), (last - 1, 0), (all - lengths[0], 2), (u64::MAX, 3)] {
            let told = within(dir.path(), most, Path::new(process::PROC));
            assert_eq!(told.len(), found, "{most} bytes");
        }
    }

    #[test]
    fn an_outcome_settles_its_own_intent_alone_and_half_a_line_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::of(dir.path());
        let intents: Vec<_> = (0..3).map(|_| intend(&audit).unwrap()).collect();
        audit.conclude(&intents[1], &Outcome::Done(vec![record("1")])).unwrap();
        let path = end_process(dir.path());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{{\"id\": \n\u{1}\n[]\n{text}{{\"phase\":\"outcome\",")).unwrap();
        assert_eq!(unsettled(dir.path()).len(), 2);
        assert_eq!(unsettled(&dir.path().join("none")).len(), 0);
    }
}
