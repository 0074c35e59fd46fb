//! The loop: wait for something, take in all that has come, draw once.

use std::{collections::VecDeque, io::Write, time::Duration};

use anyhow::Context;
use crossterm::event::{self, Event, EventStream, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt;
use opsdash_core::{
    effect::{Effect, RunId},
    model::{Model, Overlay},
    msg::Msg,
    time::Clock,
    update::{LiveModel, edits, next_wake},
};
use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{sleep, timeout},
};

use super::{
    editor::Editor,
    hangup::Hangup,
    terminal::{Terminal, UNKNOWN_SIZE},
};
use crate::runtime::{
    clocks::Clocks,
    perform::Performer,
    signals::{self, ContinueSignal, ShutdownSignals},
};

/// Messages that are taken in before the screen is drawn: a flood of them must not keep it from being drawn at all.
const BATCH: usize = 256;

/// How long a stop may take to come, where it comes at all.
const STOPPED: Duration = Duration::from_millis(200);

/// Everything the loop holds.
pub struct App {
    /// What is known and shown.
    pub model: LiveModel,
    /// Where effects go.
    pub performer: Performer,
    /// Where their outcomes come from.
    pub messages: UnboundedReceiver<Msg>,
    /// Reads the clocks.
    pub clocks: Clocks,
    /// The screen.
    pub terminal: Terminal,
    /// Whether the program is to stop, as the user asked.
    pub stops: bool,
}

impl App {
    /// Runs until the user or the system ends it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let ended = self.until_left().await;
        drop(self.terminal);
        self.performer.leave().await;
        if let Some(said) = &self.model.farewell {
            // With the terminal gone there is nobody to tell.
            let _gone = writeln!(std::io::stderr(), "opsdash: {said}");
        }
        ended
    }

    async fn until_left(&mut self) -> anyhow::Result<()> {
        let mut events = events(self.clocks);
        let mut signals = ShutdownSignals::listen()?;
        let mut continued = ContinueSignal::listen()?;
        let mut hangup = Hangup::watch()?;
        // A resize before we listened was told to nobody.
        let (columns, rows) = self.terminal.size()?;
        self.take_in(self.clocks.read(), Some(Msg::Resize(columns, rows)))?;
        let mut editor = Editor::default();
        loop {
            if std::mem::take(&mut self.stops) {
                self.terminal.lend();
                signals::stop_group();
                // Whoever cannot be let go on by a shell is not stopped, and is not told so.
                let _not_stopped = timeout(STOPPED, continued.any()).await;
                self.resume()?;
            }
            match self.terminal.draw(&self.model, &editor) {
                // Gone, as by a hangup, which may come later than this.
                Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EIO as i32) => return Ok(()),
                drawn => drawn.context("the terminal cannot be written to")?,
            }
            let wake = self.wake();
            let (at, message) = tokio::select! {
                // Keys before answers: an answer is taken in now, and what waits to be taken in came before.
                biased;
                _ = signals.any() => (self.clocks.read(), Some(Msg::Terminate)),
                () = hangup.came() => (self.clocks.read(), Some(Msg::Terminate)),
                () = continued.any() => {
                    self.resume()?;
                    (self.clocks.read(), None)
                }
                event = events.recv() => match event {
                    Some((at, event)) => (at, self.understand(event?, &mut editor)),
                    None => return Ok(()),
                },
                message = self.messages.recv() => (self.clocks.read(), message),
                () = sleep(wake) => (self.clocks.read(), None),
            };
            if self.take_in(at, message)? {
                return Ok(());
            }
            editor.follow(&self.model);
            for _ in 0..BATCH {
                let (at, message) = if let Ok((at, event)) = events.try_recv() {
                    (at, self.understand(event?, &mut editor))
                } else if let Ok(message) = self.messages.try_recv() {
                    (self.clocks.read(), Some(message))
                } else {
                    break;
                };
                if self.take_in(at, message)? {
                    return Ok(());
                }
                editor.follow(&self.model);
            }
        }
    }

    /// After a stop: the terminal is taken again, and what is on screen is asked anew.
    fn resume(&mut self) -> anyhow::Result<()> {
        self.terminal.take_again().context("the terminal cannot be taken again")?;
        let (columns, rows) = self.terminal.size()?;
        self.take_in(self.clocks.read(), Some(Msg::Resize(columns, rows)))?;
        self.take_in(self.clocks.read(), Some(Msg::Resumed))?;
        Ok(())
    }

    /// Updates and performs; `true` when the program is to end. What came is taken in at the time it came, however long the
    /// terminal took in between: keys that came together stay together. Time does not go back for it.
    fn take_in(&mut self, at: Clock, message: Option<Msg>) -> anyhow::Result<bool> {
        let at = if at.mono < self.model.clock.mono { self.model.clock } else { at };
        let mut queue: VecDeque<Msg> = [Some(Msg::Tick(at)), message].into_iter().flatten().collect();
        while let Some(message) = queue.pop_front() {
            for effect in self.model.update(message) {
                match effect {
                    Effect::Quit => return Ok(true),
                    Effect::Bell => self.terminal.bell()?,
                    Effect::Redraw => self.terminal.redraw()?,
                    Effect::Suspend => self.stops = true,
                    Effect::Copy(text) => {
                        let export = self.model.keymap.key_of(Command::Export);
                        let result = self.terminal.copy(&text, &export);
                        queue.push_back(Msg::Done { run: RunId::Copy, result });
                    }
                    other => self.performer.perform(other),
                }
            }
        }
        Ok(false)
    }

    fn understand(&self, event: Event, editor: &mut Editor) -> Option<Msg> {
        match event {
            Event::Key(press) if press.kind != KeyEventKind::Release => {
                let key = key(press)?;
                Some(if edits(&self.model, key) { editor.key(press, has_lines(&self.model)) } else { Msg::Key(key) })
            }
            Event::Paste(text) if self.model.input().is_some() => Some(editor.paste(&text, has_lines(&self.model))),
            Event::Resize(0, _) | Event::Resize(_, 0) => Some(Msg::Resize(UNKNOWN_SIZE.0, UNKNOWN_SIZE.1)),
            Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
            _ => None,
        }
    }

    /// How long until the model has something to do by itself.
    fn wake(&self) -> Duration {
        let now = self.clocks.read().mono;
        next_wake(&self.model).map_or(Duration::MAX, |at| Duration::from_millis(at.since(now)))
    }
}

fn has_lines(model: &Model) -> bool {
    model.overlays.last().is_some_and(Overlay::has_lines)
}

/// What comes from the terminal, and when it came. The stream is polled by one task alone: polled once without waiting, as
/// draining it would, it forgets whom to wake.
fn events(clocks: Clocks) -> UnboundedReceiver<(Clock, std::io::Result<Event>)> {
    let (sender, events) = unbounded_channel();
    let mut stream = EventStream::new();
    tokio::spawn(async move {
        while let Some(event) = stream.next().await {
            if sender.send((clocks.read(), event)).is_err() {
                break;
            }
        }
    });
    events
}

/// A key as the core knows it; `None` for keys that nothing is bound to.
fn key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        event::KeyCode::Char(c) => KeyCode::Char(c),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Esc => KeyCode::Esc,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        _ => return None,
    };
    let modifiers = event.modifiers;
    Some(Key { code, ctrl: modifiers.contains(KeyModifiers::CONTROL), alt: modifiers.contains(KeyModifiers::ALT) })
}
