//! A terminal that a program types into: the real binary in a pty, and its screen as cells.
//!
//! Nothing here sleeps to let the program catch up: callers wait for what they expect to see.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
pub use vt100::Screen;

/// What keys send.
pub mod keys {
    /// Enter.
    pub const ENTER: &str = "\r";
    /// Escape. A program may wait a moment to see whether a sequence follows.
    pub const ESC: &str = "\x1b";
    /// Tab.
    pub const TAB: &str = "\t";
    /// Shift-Tab.
    pub const BACK_TAB: &str = "\x1b[Z";
    /// Arrow up.
    pub const UP: &str = "\x1b[A";
    /// Arrow down.
    pub const DOWN: &str = "\x1b[B";
    /// Arrow right.
    pub const RIGHT: &str = "\x1b[C";
    /// Arrow left.
    pub const LEFT: &str = "\x1b[D";
    /// Page up.
    pub const PAGE_UP: &str = "\x1b[5~";
    /// Page down.
    pub const PAGE_DOWN: &str = "\x1b[6~";
    /// Backspace.
    pub const BACKSPACE: &str = "\x7f";
    /// Ctrl-C.
    pub const CTRL_C: &str = "\x03";
    /// Ctrl-L.
    pub const CTRL_L: &str = "\x0c";
    /// Ctrl-Z.
    pub const CTRL_Z: &str = "\x1a";
}

/// How long a wait lasts before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program, its arguments, and the little environment it gets.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Program {
    /// The program at this path, without arguments.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), args: Vec::new(), env: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable, on top of TERM, LANG, TZ, PATH and HOME.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }
}

/// The variable that holds the program's command line in [`Program::in_shell`].
pub const JOB: &str = "JOB";

impl Program {
    /// A shell with job control in its place, whose prompt is `ready>`; the program is started by typing `eval "$JOB"`.
    #[must_use]
    pub fn in_shell(self) -> Self {
        let words = std::iter::once(self.path.into_os_string()).chain(self.args);
        let quoted = words.map(|word| format!("'{}'", word.to_string_lossy().replace('\'', r"'\\''")));
        let job = quoted.collect::<Vec<_>>().join(" ");
        let shell = Self { env: self.env, ..Self::new("/bin/bash") };
        shell.args(["--norc", "--noprofile", "--noediting", "-i"]).env(JOB, job).env("PS1", "ready> ")
    }

    /// This program with the other one as its last arguments, and the other one's environment.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.env.extend(other.env);
        self.arg(other.path).args(other.args)
    }

    fn command(&self, home: &Path) -> CommandBuilder {
        let mut command = CommandBuilder::new(&self.path);
        command.args(&self.args);
        command.cwd(home);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("PATH", "/usr/bin:/bin")]
        {
            command.env(name, value);
        }
        command.env("HOME", home);
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }

    /// The same program for which a signal is ignored.
    #[must_use]
    pub fn ignoring(self, signal: &str) -> Self {
        let script = format!("trap '' {signal}; exec \"$@\"");
        Self::new("/bin/sh").args(["-c", &script, "sh"]).followed_by(self)
    }
}

/// Starts the program in a terminal that goes away as soon as this text was written; how it ended, and how long after.
///
/// # Errors
/// When it cannot be started, ends before, or goes on for 20 s.
pub fn hang_up_after(program: &Program, text: &str) -> Result<(ExitStatus, Duration)> {
    let pty = native_pty_system().openpty(pty_size(120, 30))?;
    let home = tempfile::tempdir()?;
    let mut child = pty.slave.spawn_command(program.command(home.path()))?;
    drop(pty.slave);
    let mut output = pty.master.try_clone_reader()?;
    let (mut seen, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    while !String::from_utf8_lossy(&seen).contains(text) {
        let read = output.read(&mut buffer).context("the program ended")?;
        seen.extend_from_slice(&buffer[..read]);
    }
    drop((output, pty.master));
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, start.elapsed()));
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            bail!("the program did not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What the program asked of its terminal beside drawing.
#[derive(Debug, Default)]
struct Asked {
    bells: usize,
    copied: Vec<String>,
    /// What a terminal would say to what it was asked, as long as nobody has sent it.
    answers: Vec<u8>,
}

impl vt100::Callbacks for Asked {
    fn audible_bell(&mut self, _: &mut Screen) {
        self.bells += 1;
    }

    fn copy_to_clipboard(&mut self, _: &mut Screen, _: &[u8], data: &[u8]) {
        self.copied.push(String::from_utf8_lossy(data).into_owned());
    }

    fn unhandled_csi(&mut self, screen: &mut Screen, i1: Option<u8>, i2: Option<u8>, params: &[&[u16]], c: char) {
        let first = params.first().and_then(|param| param.first()).copied().unwrap_or(0);
        let (rows, columns) = screen.size();
        let (row, column) = screen.cursor_position();
        let answer = match (i1, i2, c, first) {
            (None, None, 'n', 5) => "\x1b[0n".to_owned(),
            (None, None, 'n', 6) => format!("\x1b[{};{}R", row + 1, column + 1),
            (None, None, 'c', 0) => "\x1b[?62;22c".to_owned(),
            (Some(b'>'), None, 'c', 0) => "\x1b[>0;276;0c".to_owned(),
            (Some(b'>'), None, 'q', 0) => "\x1bP>|XTerm(370)\x1b\\".to_owned(),
            (None, None, 't', 18) => format!("\x1b[8;{rows};{columns}t"),
            (Some(b'?'), Some(b'$'), 'p', mode) => format!("\x1b[?{mode};0$y"),
            _ => return,
        };
        self.answers.extend(answer.into_bytes());
    }

    fn unhandled_osc(&mut self, _: &mut Screen, params: &[&[u8]]) {
        let color = match params {
            [b"10", b"?"] => "10;rgb:ffff/ffff/ffff",
            [b"11", b"?"] => "11;rgb:0000/0000/0000",
            _ => return,
        };
        self.answers.extend(format!("\x1b]{color}\x1b\\").into_bytes());
    }
}

struct Output {
    parser: vt100::Parser<Asked>,
    bytes: Vec<u8>,
    arrivals: Vec<Arrival>,
    closed: bool,
}

/// When bytes arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Before they were read as a screen.
    pub at: Instant,
    /// How many bytes there were then, with those before.
    pub end: usize,
}

/// What goes to the program: keys, and answers to what it asks its terminal.
type Keyboard = Arc<Mutex<Box<dyn Write + Send>>>;

fn send(keyboard: &Keyboard, bytes: &[u8]) -> Result<()> {
    let mut keyboard = keyboard.lock().map_err(|_| anyhow!("who typed panicked"))?;
    keyboard.write_all(bytes)?;
    keyboard.flush().context("the program's terminal is closed")
}

struct Shared {
    output: Mutex<Output>,
    changed: Condvar,
}

/// A running program and its screen. Dropping it kills the program.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Keyboard,
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
    started: Instant,
    pressed: Instant,
    home: tempfile::TempDir,
}

impl Terminal {
    /// Starts the program in a terminal of this size, with a fixed environment and an empty home.
    pub fn start(program: &Program, columns: u16, rows: u16) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let pty = native_pty_system().openpty(pty_size(columns, rows))?;
        let command = program.command(home.path());
        let started = Instant::now();
        let child =
            pty.slave.spawn_command(command).with_context(|| format!("cannot start {}", program.path.display()))?;
        // Ours must be closed, else the end of the program is not the end of the output.
        drop(pty.slave);
        let (rows, columns) = (non_zero(rows)?, non_zero(columns)?);
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Asked::default());
        let output = Output { parser, bytes: Vec::new(), arrivals: Vec::new(), closed: false };
        let shared = Arc::new(Shared { output: Mutex::new(output), changed: Condvar::new() });
        let source = pty.master.try_clone_reader()?;
        let keyboard: Keyboard = Arc::new(Mutex::new(pty.master.take_writer()?));
        let reader = std::thread::spawn({
            let (shared, keyboard) = (Arc::clone(&shared), Arc::clone(&keyboard));
            move || read_all(source, &shared, &keyboard)
        });
        Ok(Self { child, master: pty.master, keyboard, shared, reader: Some(reader), started, pressed: started, home })
    }

    /// The program's home directory, removed with this value.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program's process id.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.child.process_id().and_then(|pid| pid.try_into().ok())
    }

    /// Types text, or one of [`keys`].
    pub fn press(&mut self, text: &str) -> Result<()> {
        self.pressed = Instant::now();
        send(&self.keyboard, text.as_bytes())
    }

    /// Changes the size, as the user does by dragging a corner.
    pub fn resize(&mut self, columns: u16, rows: u16) -> Result<()> {
        let size = (non_zero(rows)?, non_zero(columns)?);
        self.with(|output| output.parser.set_size(size.0, size.1));
        self.master.resize(pty_size(columns, rows))
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().context("the program has no process id")?;
        Ok(kill(Pid::from_raw(pid), signal)?)
    }

    /// Waits until the screen satisfies the condition; fails, and shows the screen, when it does not in 20 s or the
    /// program ends first.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Screen) -> bool) -> Result<()> {
        let start = Instant::now();
        let mut guard = self.lock();
        loop {
            let output = &*guard;
            if condition(output.parser.screen()) {
                return Ok(());
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            if output.closed || left.is_zero() {
                let why = if output.closed { "the program ended" } else { "it took too long" };
                bail!("{why} before {what}; the screen:\n{}", output.parser.screen().contents());
            }
            guard = self.shared.changed.wait_timeout(guard, left).map_err(|_| anyhow!("the reader panicked"))?.0;
        }
    }

    /// Whether the screen comes to satisfy the condition within this time, before the program ends.
    #[must_use]
    pub fn comes_to(&self, within: Duration, condition: impl Fn(&Screen) -> bool) -> bool {
        let start = Instant::now();
        let mut guard = self.lock();
        loop {
            if condition(guard.parser.screen()) {
                return true;
            }
            let left = within.saturating_sub(start.elapsed());
            if guard.closed || left.is_zero() {
                return false;
            }
            guard = match self.shared.changed.wait_timeout(guard, left) {
                Ok((guard, _)) => guard,
                Err(_) => return false,
            };
        }
    }

    /// Waits until for so long nothing was typed and the program wrote nothing: as if somebody had read the screen, and
    /// thought about it.
    pub fn wait_for_rest(&self, rest: Duration) -> Result<()> {
        let start = Instant::now();
        let mut guard = self.lock();
        loop {
            let last = guard.arrivals.last().map_or(self.pressed, |arrival| arrival.at.max(self.pressed));
            let left = rest.saturating_sub(last.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                bail!("the program writes all the time; the screen:\n{}", guard.parser.screen().contents());
            }
            guard = self.shared.changed.wait_timeout(guard, left).map_err(|_| anyhow!("the reader panicked"))?.0;
        }
    }

    /// Waits until this text is somewhere on the screen.
    pub fn wait_for(&self, text: &str) -> Result<()> {
        self.wait_until(&format!("`{text}` appeared"), |screen| screen.contents().contains(text))
    }

    /// The screen as it is now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.with(|output| output.parser.screen().clone())
    }

    /// The screen's text as it is now, without trailing blanks.
    #[must_use]
    pub fn text(&self) -> String {
        self.with(|output| output.parser.screen().contents())
    }

    /// Everything that the program has written so far, escape sequences and all.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.with(|output| output.bytes.clone())
    }

    /// When the program was started.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// When the bytes came, in pieces as they were read.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.with(|output| output.arrivals.clone())
    }

    /// How many bytes the program has written so far.
    #[must_use]
    pub fn written(&self) -> usize {
        self.with(|output| output.bytes.len())
    }

    /// Waits until these bytes are among those written after the first `from`; says when they were complete, and how many
    /// bytes had come by their end. Fails when they do not come in 20 s or the program ends first.
    pub fn wait_for_bytes(&self, wanted: &[u8], from: usize) -> Result<Arrival> {
        let start = Instant::now();
        let mut guard = self.lock();
        loop {
            let found = guard.bytes[from..].windows(wanted.len()).position(|window| window == wanted);
            if let Some(found) = found {
                let end = from + found + wanted.len();
                let arrival = guard.arrivals.iter().find(|arrival| arrival.end >= end);
                return arrival.map(|arrival| Arrival { at: arrival.at, end }).context("bytes without an arrival");
            }
            let left = PATIENCE.saturating_sub(start.elapsed());
            if guard.closed || left.is_zero() {
                bail!("the program did not write {wanted:?}; the screen:\n{}", guard.parser.screen().contents());
            }
            guard = self.shared.changed.wait_timeout(guard, left).map_err(|_| anyhow!("the reader panicked"))?.0;
        }
    }

    /// Whether the terminal gathers lines and echoes them, as a shell expects to find it.
    #[must_use]
    pub fn is_cooked(&self) -> bool {
        let cooked = u64::from(nix::libc::ICANON | nix::libc::ECHO);
        self.master.get_termios().is_some_and(|modes| u64::from(modes.local_flags.bits()) & cooked == cooked)
    }

    /// How many times the bell rang.
    #[must_use]
    pub fn bells(&self) -> usize {
        self.with(|output| output.parser.callbacks().bells)
    }

    /// What was sent to the clipboard by OSC 52, in base64.
    #[must_use]
    pub fn copied(&self) -> Vec<String> {
        self.with(|output| output.parser.callbacks().copied.clone())
    }

    /// Waits for the program to end and for the last of its output; fails when it goes on for 20 s.
    pub fn wait_for_exit(&mut self) -> Result<ExitStatus> {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if start.elapsed() > PATIENCE {
                bail!("the program did not end; the screen:\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if let Some(reader) = self.reader.take() {
            reader.join().map_err(|_| anyhow!("the reader panicked"))?;
        }
        Ok(status)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Output) -> T) -> T {
        look(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Output> {
        self.shared.output.lock().expect("the reader does not panic")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Both fail when it has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads as soon as there is something, however long it takes to draw what came before: else a time would tell of us.
fn read_all(mut source: Box<dyn Read + Send>, shared: &Shared, keyboard: &Keyboard) {
    let (sender, pieces) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // Linux answers EIO once the program is gone.
            let read = source.read(&mut buffer).unwrap_or(0);
            if sender.send((Instant::now(), buffer[..read].to_vec())).is_err() || read == 0 {
                return;
            }
        }
    });
    let mut cut_off = Vec::new();
    for (at, piece) in pieces {
        let Ok(mut output) = shared.output.lock() else { return };
        cut_off.extend_from_slice(&piece);
        output.parser.process(&with_cells_for_replacements(&mut cut_off));
        output.bytes.extend_from_slice(&piece);
        let end = output.bytes.len();
        output.arrivals.push(Arrival { at, end });
        output.closed = piece.is_empty();
        let answers = std::mem::take(&mut output.parser.callbacks_mut().answers);
        shared.changed.notify_all();
        drop(output);
        if !answers.is_empty() {
            // A program that has ended does not want to know.
            let _ended = send(keyboard, &answers);
        }
    }
}

/// Takes what can be drawn. U+FFFD fills a cell in terminals, but vt100 drops it and shifts the rest of its line; so it
/// gets a question mark. The start of one at the end is left for the next time.
fn with_cells_for_replacements(bytes: &mut Vec<u8>) -> Vec<u8> {
    const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
    let left = (1..REPLACEMENT.len()).rev().find(|length| bytes.ends_with(&REPLACEMENT[..*length])).unwrap_or(0);
    let rest = bytes.split_off(bytes.len() - left);
    let whole = std::mem::replace(bytes, rest);
    let mut drawn = Vec::with_capacity(whole.len());
    let mut at = 0;
    while at < whole.len() {
        let is_replacement = whole[at..].starts_with(REPLACEMENT);
        drawn.push(if is_replacement { b'?' } else { whole[at] });
        at += if is_replacement { REPLACEMENT.len() } else { 1 };
    }
    drawn
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, ..PtySize::default() }
}

fn non_zero(size: u16) -> Result<NonZeroU16> {
    NonZeroU16::new(size).context("a terminal has at least one row and one column")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_character_keeps_its_cell_also_when_it_comes_in_parts() {
        let text = "a\u{fffd}b\u{fffd}\u{fffd}ü".as_bytes();
        for split in 0..=text.len() {
            let mut bytes = text[..split].to_vec();
            let mut drawn = with_cells_for_replacements(&mut bytes);
            bytes.extend_from_slice(&text[split..]);
            drawn.extend(with_cells_for_replacements(&mut bytes));
            assert_eq!(String::from_utf8_lossy(&drawn), "a?b??ü", "split at {split}");
        }
    }
}
