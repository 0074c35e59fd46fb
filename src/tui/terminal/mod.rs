//! The terminal: the only place that writes to it, and the guard that always gives it back.

mod compact;

use std::{
    io::{self, BufWriter, Stdout, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use crossterm::{
    cursor,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    style::ResetColor,
    terminal::{
        BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use opsdash_core::{model::Model, view::title};

use self::compact::Compact;
pub use self::compact::UNKNOWN_SIZE;
use super::{
    draw::{self, theme::Theme},
    editor::Editor,
};

/// Whether a terminal is ours now, for the panic hook, which sees no guard.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Clipboards refuse more than about this many bytes of base64.
const CLIPBOARD_BYTES: usize = 74_000;

/// screen takes strings of up to 768 bytes.
const SCREEN_BYTES: usize = 700;

/// Keeps the title of the window on the terminal's stack, and takes it from there again (XTWINOPS 22 and 23).
const KEEP_TITLE: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";

/// A frame is written in one go: a slow link shows whole frames.
const FRAME_BYTES: usize = 64 * 1024;

/// The terminal while it is ours. Dropping it gives it back.
pub struct Terminal {
    screen: ratatui::Terminal<Compact<BufWriter<Stdout>>>,
    theme: Theme,
    passthrough: Passthrough,
    /// The title that the terminal was given; empty before the first one.
    title: String,
}

/// What stands between us and the terminal whose clipboard we mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passthrough {
    None,
    Tmux,
    Screen,
}

impl Terminal {
    /// Takes the terminal: raw, on the alternate screen, pastes marked as such.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn take(theme: Theme) -> io::Result<Self> {
        // crossterm drops bold and reverse with the colors when NO_COLOR is set; the mono theme needs them.
        crossterm::style::force_color_output(true);
        install_panic_hook();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
        let screen = enter(&mut out).and_then(|()| ratatui::Terminal::new(Compact::new(out)));
        match screen {
            Ok(screen) => Ok(Self { screen, theme, passthrough: passthrough(), title: String::new() }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Takes the terminal again after the program was stopped, whatever the shell has made of it meanwhile. The next frame
    /// draws every cell. In the background this stops the program once more.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_again(&mut self) -> io::Result<()> {
        // crossterm remembers that it is raw; the shell may have changed that.
        disable_raw_mode()?;
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        enter(self.screen.backend_mut())?;
        self.redraw()
    }

    /// Lets the next frame draw every cell, over what others have written there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn redraw(&mut self) -> io::Result<()> {
        self.screen.clear()
    }

    /// Gives the terminal to the shell, for as long as the program is stopped.
    pub fn lend(&mut self) {
        give_back();
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.screen.size()?;
        Ok((size.width, size.height))
    }

    /// Draws the model; only what changed is written.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, model: &Model, editor: &Editor) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(|frame| draw::screen(frame, model, &self.theme, editor))?;
        self.name(title::text(model))?;
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        Write::flush(self.screen.backend_mut())
    }

    /// Gives the terminal's window or tab its title, where that is another one.
    fn name(&mut self, title: String) -> io::Result<()> {
        if self.title != title && has_title() {
            // The window alone (OSC 2): an icon has a name of its own.
            write!(self.screen.backend_mut(), "\x1b]2;{title}\x07")?;
            self.title = title;
        }
        Ok(())
    }

    /// Asks the terminal to put text on its clipboard (OSC 52). Whether it does, no terminal tells. `export` is the key that
    /// writes rows to a file instead.
    ///
    /// # Errors
    /// What to say when the text is too long or the terminal is gone.
    pub fn copy(&mut self, text: &str, export: &str) -> Result<String, String> {
        let encoded = BASE64_STANDARD.encode(text);
        if encoded.len() > CLIPBOARD_BYTES {
            return Err(format!("too much for a terminal's clipboard; {export} writes it to a file"));
        }
        let sequence = wrapped(&format!("\x1b]52;c;{encoded}\x07"), self.passthrough);
        let out = self.screen.backend_mut();
        let sent = out.write_all(sequence.as_bytes()).and_then(|()| Write::flush(out));
        sent.map_err(|why| format!("the terminal took no copy: {why}"))?;
        Ok(format!("sent to the terminal's clipboard: {} characters", text.chars().count()))
    }

    /// Rings the bell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn bell(&mut self) -> io::Result<()> {
        let out = self.screen.backend_mut();
        out.write_all(b"\x07")?;
        Write::flush(out)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Begins with an empty screen: GNU screen, mosh and consoles may have no other one, and would show old text between ours.
fn enter(out: &mut impl Write) -> io::Result<()> {
    if has_title() {
        out.write_all(KEEP_TITLE)?;
    }
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, Clear(ClearType::All))
}

/// Whether the terminal shows titles. A console that does not takes their beginning for something else.
fn has_title() -> bool {
    let known = [
        "xterm",
        "screen",
        "tmux",
        "rxvt",
        "alacritty",
        "foot",
        "kitty",
        "wezterm",
        "ghostty",
        "konsole",
        "vte",
        "st-",
    ];
    std::env::var("TERM").is_ok_and(|term| known.iter().any(|name| term.starts_with(name)))
}

/// Undoes what [`Terminal::take`] did, once. Where there is no other screen, an empty one is left, with the prompt at its
/// top. Errors are of no use here: the terminal may be gone.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if has_title() {
            let _gone = io::stdout().write_all(TITLE_BACK);
        }
        let _gone = execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            ResetColor,
            Clear(ClearType::All),
            cursor::MoveTo(0, 0),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _gone = disable_raw_mode();
    }
}

/// A panic gives the terminal back before it is told, so that it can be read.
fn install_panic_hook() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A task's panic ends as a message and leaves the screen alone; only the loop's own ends the program.
        if std::thread::current().name() == Some("main") {
            give_back();
            tell(info);
        } else {
            tracing::error!("{info}");
        }
    }));
}

fn passthrough() -> Passthrough {
    let is_screen = std::env::var("TERM").is_ok_and(|term| term.starts_with("screen"));
    match (std::env::var_os("TMUX"), std::env::var_os("STY")) {
        (Some(_), _) => Passthrough::Tmux,
        (None, Some(_)) if is_screen => Passthrough::Screen,
        _ => Passthrough::None,
    }
}

/// tmux and screen pass on what is wrapped for them.
fn wrapped(sequence: &str, passthrough: Passthrough) -> String {
    match passthrough {
        // tmux keeps the plain sequence for its own buffers and clipboard; the wrapped one is for the terminal beyond,
        // where `allow-passthrough` is on.
        Passthrough::Tmux => format!("{sequence}\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
        Passthrough::Screen => {
            let parts = sequence.as_bytes().chunks(SCREEN_BYTES).map(String::from_utf8_lossy);
            parts.flat_map(|part| ["\x1bP".into(), part, "\x1b\\".into()]).collect()
        }
        Passthrough::None => sequence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_the_copy_for_itself_and_for_the_terminal_beyond() {
        let wrapped = wrapped("\x1b]52;c;YQ==\x07", Passthrough::Tmux);
        assert!(wrapped.starts_with("\x1b]52;c;YQ==\x07"));
        assert!(wrapped.ends_with("\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"));
    }

    #[test]
    fn screen_gets_the_copy_in_parts_it_can_take() {
        let long = format!("\x1b]52;c;{}\x07", "a".repeat(2_000));
        let wrapped = wrapped(&long, Passthrough::Screen);
        assert_eq!(wrapped.matches("\x1bP").count(), 3);
    }
}
