//! Metrics in the text format, as `node_exporter`'s textfile collector reads them.

use std::{collections::BTreeMap, fmt::Write, fs::File, io::Read, path::Path, time::SystemTime};

use opsdash_core::{scope::ALL, value::Severity, view_verdict::ViewVerdict};

use super::CheckedView;

const ROWS: &str = "opsdash_view_rows";
const REASONS: &str = "opsdash_view_reason_rows";
const UP: &str = "opsdash_view_up";
const SUCCESS: &str = "opsdash_check_last_success_timestamp_seconds";

/// A file of metrics is not longer than this, in bytes.
const LONGEST: u64 = 16 << 20;

/// When targets last answered, as the file of the run before says: by the text that stands before the value.
#[derive(Debug, Default)]
pub struct EarlierAnswers(BTreeMap<String, f64>);

impl EarlierAnswers {
    /// What the file says; nothing where there is none, or none that can be read.
    pub fn read(path: &Path) -> Self {
        let mut text = String::new();
        // Asked first: opening a pipe would wait for its writer.
        let file = path.metadata().ok().filter(std::fs::Metadata::is_file).and_then(|_| File::open(path).ok());
        if file.is_none_or(|file| file.take(LONGEST).read_to_string(&mut text).is_err()) {
            return Self::default();
        }
        let stands = |line: &str| {
            let (sample, value) = line.rsplit_once(' ')?;
            let value = value.parse::<f64>().ok().filter(|value| value.is_finite())?;
            sample.starts_with(SUCCESS).then(|| (sample.to_owned(), value))
        };
        Self(text.lines().filter_map(stands).collect())
    }
}

/// All families, each with its help and type. `asked` are the views that were named: two files of one target, each of
/// other views, must not have the same series.
pub fn render(checked: &[CheckedView], asked: &[String], earlier: &EarlierAnswers) -> String {
    let mut text = String::new();
    family(&mut text, ROWS, "Rows of a view by severity, of its whole query under the default choices.");
    for checked in checked {
        for verdict in &checked.verdicts {
            let Some(counts) = verdict.counts else { continue };
            for severity in [Severity::Crit, Severity::Warn, Severity::Ok, Severity::Unknown, Severity::Off] {
                let labels =
                    labels(checked, Some(verdict), &[("view", checked.view(verdict)), ("severity", severity.word())]);
                let _never = writeln!(text, "{ROWS}{labels} {}", counts.of(severity));
            }
        }
    }
    family(&mut text, REASONS, "Rows of a view that need somebody, by severity and reason.");
    for checked in checked {
        for verdict in &checked.verdicts {
            for (severity, reason, rows) in verdict.reasons.ranked() {
                let own = [("view", checked.view(verdict)), ("severity", severity.word()), ("reason", reason)];
                if severity.is_trouble() {
                    let _never = writeln!(text, "{REASONS}{} {rows}", labels(checked, Some(verdict), &own));
                }
            }
        }
    }
    family(&mut text, UP, "Whether everything that a view needs answered.");
    for checked in checked {
        for verdict in &checked.verdicts {
            let labels = labels(checked, Some(verdict), &[("view", checked.view(verdict))]);
            let _never = writeln!(text, "{UP}{labels} {}", u8::from(verdict.troubles.is_empty()));
        }
    }
    family(&mut text, SUCCESS, "When every view that was asked for last answered.");
    for checked in checked {
        let views = asked.join(",");
        let views: &[_] = if asked.is_empty() { &[] } else { &[("views", views.as_str())] };
        let sample = format!("{SUCCESS}{}", labels(checked, None, views));
        let is_success = checked.verdicts.iter().all(|verdict| verdict.troubles.is_empty());
        let at = if is_success { now() } else { earlier.0.get(&sample).copied() };
        if let Some(at) = at {
            let _never = writeln!(text, "{sample} {at}");
        }
    }
    text
}

fn now() -> Option<f64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64().floor())
}

fn family(text: &mut String, name: &str, help: &str) {
    let _never = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

/// What tells a series from others. Of rows that are somebody's the id of the scope is among it.
fn labels(checked: &CheckedView, verdict: Option<&ViewVerdict>, more: &[(&str, &str)]) -> String {
    let own = [("target", checked.target.name.as_str()), ("system", checked.target.pack.system.as_str())];
    let chosen = verdict.and_then(|verdict| checked.target.scope_of(verdict.view)).or(checked.scope.as_ref());
    let scope = chosen.map(|chosen| ("scope", chosen.id().unwrap_or(ALL)));
    let labels = own.iter().chain(&scope).chain(more).map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", labels.collect::<Vec<_>>().join(","))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
