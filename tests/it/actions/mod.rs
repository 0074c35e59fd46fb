//! Actions on real servers: as the logins that `doctor --grants` makes, against others who write the same rows, over links
//! that break, and from the shell.

mod declared;
mod every;
mod links;
mod races;
mod sets;
mod shell;
mod signals;
mod terminal;
mod undo;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use opsdash::{
    runtime::action_task::{self, ActionContext, PreviewFor},
    store::audit::{Audit, AuditSubject},
};
use opsdash_core::{
    action::{ActionReport, Outcome, WritePlan, prepare},
    contract::Within,
};
use opsdash_pack::config::{Secret, SourceConfig};
use opsdash_sources::Source;
use opsdash_testbed::{reads, shell::Shell};
use serde_json::Value as Json;

use crate::support::{Lab, our_pack, recorded, shell as shell_of};

impl Lab {
    fn operator(&self) -> Source {
        source(&self.operator_url())
    }

    fn reader(&self) -> Source {
        source(&self.reader_url())
    }

    fn audit(&self) -> Arc<Audit> {
        Arc::new(Audit::of(self.state.path()))
    }

    /// Lines of the record: phase and outcome.
    fn phases(&self) -> Vec<(String, String)> {
        let text = |line: &Json, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        recorded(self.state.path()).iter().map(|line| (text(line, "phase"), text(line, "outcome"))).collect()
    }

    /// What the action would write of these rows.
    async fn prepare(
        &self,
        source: &Source,
        job: &ActionContext<'_>,
        keys: &[String],
        asked: &[(&str, &str)],
    ) -> WritePlan {
        let looked = action_task::preview(source, job, keys, PreviewFor::Write).await.unwrap();
        let asked: BTreeMap<String, String> =
            asked.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        prepare(job.action, keys, looked, asked).unwrap_or_else(|refused| panic!("{refused:?}"))
    }
}

fn job_of(view: &str, action: &str) -> ActionContext<'static> {
    let pack = our_pack();
    let view = pack.view(pack.find(view).unwrap());
    let action = view.actions.iter().find(|found| found.id == action).unwrap();
    let subject = AuditSubject {
        operator: "alice".into(),
        label: None,
        target: "lab".into(),
        system: pack.system.clone(),
        view: view.id.clone(),
        action: action.id.clone(),
        title: action.title.clone(),
        scope: None,
        can_undo: action.undo.is_some(),
    };
    ActionContext { view, action, subject, within: Within::default(), work: Duration::from_secs(20) }
}

#[track_caller]
fn done(report: &ActionReport) -> usize {
    assert!(report.failed.is_none() && report.notes.is_empty(), "{report:?}");
    report.done.len()
}

#[track_caller]
fn failed(report: ActionReport) -> Outcome {
    report.failed.unwrap_or_else(|| panic!("{} rows were written", report.done.len()))
}

fn source(url: &str) -> Source {
    source_in(url, None)
}

fn source_in(url: &str, zone: Option<&str>) -> Source {
    let config = SourceConfig { naive_zone: zone.map(str::to_owned), ..reads::config(url) };
    Source::open("main", &config, Arc::new(None::<Secret>), "alice").unwrap()
}

/// The program with one target, of which `words` are said, on this database and an empty folder of files.
fn on(main: &str, words: &str) -> Shell {
    shell_of(&format!(
        "[targets.lab]\nsystem = \"cybersensei\"\n{words}\n[targets.lab.sources.main]\nurl = \"{main}\"\n\
         timeout = \"20s\"\n[targets.lab.sources.files]\nurl = \"file:///tmp\"\n"
    ))
}
