//! The dashboard in a terminal.

use std::{
    fs,
    ops::{Deref, DerefMut},
    path::PathBuf,
    time::{Duration, Instant},
};

use opsdash_testbed::{
    pty::{Program, Screen, Terminal, keys},
    shell::Shell,
};

use super::{shell, target};

/// A session of the dashboard that is still to start.
pub struct Opening {
    config: String,
    args: Vec<&'static str>,
    env: Vec<(&'static str, String)>,
    size: (u16, u16),
}

/// With this config, on 160 by 45 cells.
pub fn with_config(config: impl Into<String>) -> Opening {
    Opening { config: config.into(), args: Vec::new(), env: Vec::new(), size: (160, 45) }
}

/// On these two databases, on 160 by 45 cells.
pub fn on(main: &str, files: &str) -> Opening {
    with_config(target("lab", main, files))
}

impl Opening {
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub fn args(mut self, args: &[&'static str]) -> Self {
        self.args.extend(args);
        self
    }

    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub fn start(self) -> Dashboard {
        self.start_as(|program| program)
    }

    /// Starts what is made of the program.
    pub fn start_as(self, made: impl FnOnce(Program) -> Program) -> Dashboard {
        let shell = self.env.iter().fold(shell(&self.config), |shell, (name, value)| shell.env(name, value));
        let terminal = Terminal::start(&made(shell.program(&self.args)), self.size.0, self.size.1).unwrap();
        Dashboard { terminal, shell }
    }
}

/// A running dashboard.
pub struct Dashboard {
    terminal: Terminal,
    shell: Shell,
}

impl Deref for Dashboard {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl DerefMut for Dashboard {
    fn deref_mut(&mut self) -> &mut Terminal {
        &mut self.terminal
    }
}

impl Dashboard {
    /// Waits until all of these texts are on the screen at once.
    #[track_caller]
    pub fn shows(&self, texts: &[&str]) {
        self.until(&format!("all of {texts:?} appeared"), |screen| {
            let contents = screen.contents();
            texts.iter().all(|text| contents.contains(text))
        });
    }

    /// Waits until none of these texts is on the screen.
    #[track_caller]
    pub fn hides(&self, texts: &[&str]) {
        self.until(&format!("{texts:?} went"), |screen| {
            let contents = screen.contents();
            !texts.iter().any(|text| contents.contains(text))
        });
    }

    #[track_caller]
    pub fn until(&self, what: &str, condition: impl Fn(&Screen) -> bool) {
        if let Err(error) = self.terminal.wait_until(what, condition) {
            panic!("{error}");
        }
    }

    /// Where it keeps what it remembers from run to run.
    pub fn state(&self) -> PathBuf {
        self.shell.state()
    }

    /// Presses keys one after the other.
    #[track_caller]
    pub fn type_in(&mut self, keys: &[&str]) {
        for key in keys {
            self.terminal.press(key).unwrap();
        }
    }

    /// Moves the cursor down, row by row, until it is on a line that holds this text. Where there is no further row, for the
    /// line has moved above the cursor meanwhile, up.
    #[track_caller]
    pub fn go_to(&mut self, text: &str) {
        let mut key = "j";
        for _ in 0..100 {
            self.until("a line has the cursor", |screen| current_row(screen).is_some());
            let screen = self.screen();
            let line = current_line(&screen);
            if line.as_ref().is_some_and(|line| line.contains(text)) {
                return;
            }
            let row = current_row(&screen);
            self.type_in(&[key]);
            // The place alone tells that the key was taken in: cells of a line change by themselves. Where rows came or went
            // above at that moment, the place is the same, and by then the line is another one.
            let moved = self.terminal.wait_until("the cursor moved", |screen| current_row(screen) != row);
            if moved.is_err() && current_line(&self.screen()) == line {
                key = if key == "j" { "k" } else { "j" };
            }
        }
        panic!("no line holds {text}:\n{}", self.text());
    }

    /// Leaves with `q`, and says how long that took.
    #[track_caller]
    pub fn quit(mut self) -> Duration {
        let pressed = Instant::now();
        self.type_in(&["q"]);
        self.ended();
        pressed.elapsed()
    }

    /// Waits for the end, and checks that the terminal was given back and that no process is left.
    #[track_caller]
    pub fn ended(&mut self) {
        let pid = self.terminal.pid().unwrap();
        let status = self.terminal.wait_for_exit().unwrap();
        let screen = self.terminal.screen();
        assert!(status.success(), "{status}: {}", screen.contents());
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "pastes are still marked");
        assert!(self.terminal.is_cooked(), "the terminal is still raw");
        assert_eq!(processes_of_session(pid), Vec::<String>::new());
    }
}

/// The line with the cursor: its text without the marker.
pub fn current_line(screen: &Screen) -> Option<String> {
    let rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
    rows.iter().find_map(|row| row.trim_start().strip_prefix('▌').map(|rest| rest.trim().to_owned()))
}

/// The row of that line.
fn current_row(screen: &Screen) -> Option<usize> {
    screen.rows(0, screen.size().1.get()).position(|row| row.trim_start().starts_with('▌'))
}

/// Lines of a screen that hold this text.
pub fn lines_with(screen: &Screen, text: &str) -> Vec<String> {
    screen.rows(0, screen.size().1.get()).filter(|row| row.contains(text)).collect()
}

/// What runs in the session that the program leads, itself included (a pty makes its program the leader of one), and what
/// it has started in another one.
pub fn processes_of_session(leader: i32) -> Vec<String> {
    let status = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("stat")).ok();
    let is_of_it = |stat: &String| {
        // After the closing bracket of the name: state, parent, process group, session.
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest.trim()).split(' ').collect();
        // What has ended may wait for its new parent to take note of it.
        let is_leader = |at: usize| fields.get(at).and_then(|id| id.parse().ok()) == Some(leader);
        fields.first() != Some(&"Z") && (is_leader(1) || is_leader(3))
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(status).filter(is_of_it).collect()
}

/// Esc, for which the program may wait a moment to see whether more follows.
pub const ESC: &str = keys::ESC;
