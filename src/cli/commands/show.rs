//! `opsdash show`: the rows of a view, as the tab has them.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use opsdash_core::{format, text};
use opsdash_pack::pack::Pack;

use crate::{
    cli::{
        answer::ViewAnswer,
        args::show::{OutputFormat, ShowArgs},
        choices::ViewRequest,
        error::CliError,
        exit::Exit,
        output::{CommandOutput, OutputStyle, rows},
        printed::{PrintRequest, Printed},
        query::{self, ViewQuery},
        setup::Setup,
        targets::TargetSelection,
        warn,
    },
    runtime::clocks::Clocks,
};

/// Erases the screen and what is above it, and begins at its top.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// Lines of a screen that are not for rows: the one above them and the one below.
const OTHER_LINES: usize = 2;

/// Carries the command out.
///
/// # Errors
/// When a target, its pack, the view or what is asked of it is wrong; then nothing is asked.
pub fn run(
    args: &ShowArgs,
    setup: &Setup,
    wanted: TargetSelection,
    style: OutputStyle,
) -> Result<CommandOutput, CliError> {
    let is_several = wanted.is_several();
    let (asked, print) = (ViewRequest::from(args), PrintRequest::from(args));
    let resolve = |pack: &Pack| {
        let (id, choices) = asked.resolve(pack)?;
        print.check(pack.view(id))?;
        Ok((id, choices))
    };
    let question = ViewQuery { wanted, limit: print.asks_for(), resolve: &resolve };
    let outcome = |answers: &[ViewAnswer]| {
        let printed: Vec<Printed<'_>> = answers.iter().map(|answered| print.of(answered)).collect::<Result<_, _>>()?;
        Ok(rows::outcome(&printed, args.format, is_several, style))
    };
    match args.watch {
        None => outcome(&query::ask(setup, &question)?),
        Some(seconds) => watch(setup, &question, args.format, seconds, &outcome),
    }
}

/// Asks and prints again and again. It ends when nobody reads any more, or by a signal.
fn watch(
    setup: &Setup,
    question: &ViewQuery<'_>,
    shape: OutputFormat,
    seconds: u32,
    outcome: &dyn Fn(&[ViewAnswer]) -> Result<CommandOutput, CliError>,
) -> Result<CommandOutput, CliError> {
    query::wait_for(async {
        loop {
            let answers = query::answers(setup, question).await?;
            let printed = outcome(&answers)?;
            let own = answers.first().map_or(1_000, |answered| answered.view().refresh_ms);
            let every = if seconds == 0 { Duration::from_millis(own) } else { Duration::from_secs(seconds.into()) };
            match print(&printed, shape, every) {
                Ok(()) => {}
                // `| head` has seen enough.
                Err(why) if why.kind() == io::ErrorKind::BrokenPipe => return Ok(CommandOutput::done("")),
                Err(why) => {
                    let what = format!("stdout cannot be written to: {why}");
                    return Err(CliError { exit: Exit::Usage, message: what, remedy: String::new() });
                }
            }
            tokio::time::sleep(every).await;
        }
    })
}

/// One round: on a terminal in the place of the one before, elsewhere below it.
fn print(printed: &CommandOutput, shape: OutputFormat, every: Duration) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let now = format::time(Clocks::start().read().utc, &opsdash_core::time::Zone::Utc);
    if stdout.is_terminal() {
        let text = String::from_utf8_lossy(&printed.data);
        let (width, height) = crossterm::terminal::size().unwrap_or((u16::MAX, u16::MAX));
        let notes: Vec<&str> = printed.notes.iter().flat_map(|note| note.lines()).collect();
        let room = usize::from(height).saturating_sub(OTHER_LINES + notes.len()).max(1);
        let lines: Vec<&str> = text.lines().collect();
        let shown = lines[..room.min(lines.len())].join("\n");
        let more = lines.len().saturating_sub(room);
        let more = if more > 0 { format!(", {more} more lines below") } else { String::new() };
        write!(
            stdout,
            "{CLEAR}{now}, every {}{more}\n{shown}",
            format::short(every.as_millis().try_into().unwrap_or(0))
        )?;
        for note in notes {
            writeln!(stdout, "{}", text::cut(&text::inert(note), usize::from(width), "…"))?;
        }
        return stdout.flush();
    }
    // A document says itself when it is of.
    if shape != OutputFormat::Json {
        writeln!(stdout, "# {now}")?;
    }
    stdout.write_all(&printed.data)?;
    stdout.flush()?;
    printed.notes.iter().for_each(|note| warn(note));
    Ok(())
}
