//! `opsdash packs test`: the tests of a pack, each on databases of its own.
//!
//! `files.rs` finds the tests, `bench.rs` makes and drops the databases, `trial.rs` runs one test on them, `expect.rs`
//! compares its rows, and `report.rs` tells what came of all.

mod bench;
mod expect;
mod files;
mod report;
mod trial;

use std::sync::Arc;

use futures_util::StreamExt;
use opsdash_pack::pack::PackTest;

use self::{bench::Bench, report::Tested, trial::Trial};
use crate::{
    cli::{args::packs::TestArgs, error::CliError, exit::Exit, output::CommandOutput, setup::wrong},
    packs,
    runtime::block_on_cleanly,
    settings::Environment,
};

/// How many tests run at a time.
const AT_ONCE: usize = 4;

/// Carries the command out.
///
/// # Errors
/// When the pack or a test is wrong, a source is left out or does not answer; then no test runs.
pub fn run(args: &TestArgs, environment: &Environment) -> Result<CommandOutput, CliError> {
    let folder = files::folder_of(&args.pack, environment)?;
    let pack = packs::load_dir(&folder, environment).map_err(|problems| wrong(&problems))?;
    let pack = Arc::new(pack);
    let tests = files::tests(&folder, &pack, environment)?;
    let wanted = |test: &PackTest| args.only.as_ref().is_none_or(|text| test.name.contains(text.as_str()));
    let tests: Vec<(files::Loaded, PackTest)> = tests.into_iter().filter(|(_, test)| wanted(test)).collect();
    if tests.is_empty() {
        let text = args.only.clone().unwrap_or_default();
        return Err(CliError::usage(format!("no test has \"{text}\" in its name"), "leave --only out to run them all"));
    }
    let bench = Arc::new(Bench::new(&pack, &args.on, environment)?);
    let work = async {
        let notes = bench.open().await?;
        let trials = tests.iter().enumerate().map(|(number, (loaded, test))| {
            let trial = Trial { bench: &bench, pack: &pack, loaded, test, number };
            async move { Tested { test, problems: trial.run().await } }
        });
        let tested: Vec<Tested<'_>> = futures_util::stream::iter(trials).buffered(AT_ONCE).collect().await;
        Ok::<_, CliError>((tested, notes))
    };
    let ended = block_on_cleanly(work, bench.clean_up());
    let (ended, left) = ended.map_err(|why| CliError::usage(format!("opsdash cannot start its work: {why}"), ""))?;
    let (tested, mut notes) = ended?;
    notes.extend(left);
    let exit = if tested.iter().any(|tested| !tested.problems.is_empty()) { Exit::Failed } else { Exit::Done };
    let data = if args.json { report::json(&pack.system, &tested) } else { report::text(&pack.system, &tested) };
    Ok(CommandOutput { data, notes, exit })
}
