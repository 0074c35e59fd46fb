//! The command line: parsed once, answered without a terminal. Data goes to stdout, everything else to stderr.

mod answered;
mod args;
mod asking;
mod choices;
mod config;
mod exit;
mod lookup;
pub mod output;
mod packs;
mod setup;
mod show;
mod targets;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

pub use args::{Opening, command};
pub use choices::Asked;
use clap::error::ErrorKind;
pub use exit::{Exit, Stop};
use opsdash_core::{
    document::Problems,
    pack::{Pack, ViewId},
    text,
};
pub use setup::Setup;

use self::{
    answered::Answered,
    args::{Cli, Command, Common},
    asking::Asking,
    exit::Outcome,
    lookup::Judged,
    output::{Paper, json},
};
use crate::settings::Surroundings;

/// What `main` does next.
#[derive(Debug)]
pub enum Next {
    /// Open the dashboard.
    Dashboard(Opening),
    /// A command has ended; everything is printed.
    End(ExitCode),
}

/// Reads the command line, the program's name first, and carries out what needs no screen.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Next {
    let surroundings = Surroundings::of_process();
    let (lookups, problems) = lookup::names(&surroundings);
    let cli = match Cli::read(arguments, &lookups) {
        Ok(cli) => cli,
        Err(error) => return Next::End(complain(&error, &problems)),
    };
    let Some(command) = cli.command.clone() else {
        return match cli.opening() {
            Ok(opening) => Next::Dashboard(opening),
            Err(stop) => Next::End(end(Err(stop))),
        };
    };
    Next::End(end(perform(&command, &cli.common, surroundings)))
}

fn perform(command: &Command, common: &Common, surroundings: Surroundings) -> Result<Outcome, Stop> {
    let paper = Paper::stdout();
    match command {
        Command::Packs(args) => packs::run(args, &surroundings, paper),
        Command::Config(args) => config::run(args, &Setup::load(common.config.as_deref(), surroundings)?),
        Command::Show(args) => {
            let setup = Setup::load(common.config.as_deref(), surroundings)?;
            let asked = args.asked();
            let answers = ask(&setup, common, paper, args.limit, |pack| asked.resolve(pack))?;
            Ok(show::outcome(&answers, args.format, common.wanted().is_several(), paper))
        }
        Command::Lookup(args) => {
            let setup = Setup::load(common.config.as_deref(), surroundings)?;
            look_up(&setup, common, args, paper)
        }
    }
}

fn look_up(setup: &Setup, common: &Common, args: &lookup::Asking, paper: Paper) -> Result<Outcome, Stop> {
    setup.config()?;
    let question = args.question()?;
    let answers = ask(setup, common, paper, None, |pack| lookup::resolve(pack, &args.name, &question))?;
    let judged: Vec<Judged> = answers.iter().map(|answered| Judged::of(&args.name, &question, answered)).collect();
    Ok(lookup::outcome(&judged, args.json, common.wanted().is_several(), paper))
}

/// Asks the targets that are meant what each one's pack makes of the question. Of all targets, those whose system does
/// not know it are left out, unless none does.
fn ask(
    setup: &Setup,
    common: &Common,
    paper: Paper,
    limit: Option<u32>,
    resolve: impl Fn(&Pack) -> Result<(ViewId, opsdash_core::model::Choices), Stop>,
) -> Result<Vec<Answered>, Stop> {
    let wanted = common.wanted();
    let mut askings = Vec::new();
    let mut left_out = None;
    for target in wanted.of(setup.config()?)? {
        let mut pack = setup.pack(target).map_err(|problems| setup::wrong(&problems))?;
        match resolve(&pack) {
            Ok((view, choices)) => {
                if let Some(limit) = limit {
                    pack.views[view.0].limit = limit;
                }
                askings.push(Asking { target: target.clone(), pack, view, choices });
            }
            Err(stop) if wanted.all => left_out = left_out.or(Some(stop)),
            Err(stop) => return Err(stop),
        }
    }
    if let (true, Some(stop)) = (askings.is_empty(), left_out) {
        return Err(stop);
    }
    asking::ask(setup, askings, paper)
        .map_err(|why| Stop { exit: Exit::SourceDown, message: why.to_string(), remedy: String::new() })
}

/// Clap's own answers: help and version on stdout, mistakes on stderr.
fn complain(error: &clap::Error, problems: &Problems) -> ExitCode {
    // A reader that has gone away has read enough.
    let _closed = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand && !problems.0.is_empty() {
        say(&format!("a pack that may have this command is broken\n{problems}"));
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Prints what a command has to say.
fn end(ended: Result<Outcome, Stop>) -> ExitCode {
    let outcome = match ended {
        Ok(outcome) => outcome,
        Err(stop) => {
            say(&stop.message);
            if !stop.remedy.is_empty() {
                narrate(&format!("  {}", stop.remedy));
            }
            return stop.exit.into();
        }
    };
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&outcome.data).and_then(|()| stdout.flush());
    for note in &outcome.notes {
        say(note);
    }
    match written {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("stdout cannot be written to: {why}"));
            Exit::Usage.into()
        }
        // `| head` has seen enough; what was found out stays what it is.
        _ => outcome.exit.into(),
    }
}

fn say(note: &str) {
    narrate(&format!("opsdash: {note}"));
}

fn narrate(line: &str) {
    // With stderr closed there is nobody to tell.
    let _closed = writeln!(io::stderr().lock(), "{}", text::inert(line));
}
