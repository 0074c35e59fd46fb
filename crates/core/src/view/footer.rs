//! The last line: what there is to say, else the keys that work here.

use opsdash_pack::{
    command::{Command, TABLE},
    keymap::{Key, LINK_PREFIX},
    pack::{TickedBy, Tone},
};

use super::{Emphasis, Glyphs, Line, Span, detail, dim, fit, plain, span};
use crate::{
    available::{undo_of, why_not, why_not_act},
    format,
    model::{
        DetailState, Dialog, FieldKind, Focus, HistoryPane, Model, NOTICE_MS, Overlay, Panel, Route, RunbookPane,
        RunbookPlace, Selection, Transfer, TransferPurpose,
    },
    selection::{linked, selection},
    text,
    value::Value,
};

/// In the order of their worth: a narrow screen shows the first ones.
const ON_OVERVIEW: &[Command] = &[
    Command::Open,
    Command::Scope,
    Command::Undo,
    Command::Filter,
    Command::NextTab,
    Command::NextCrit,
    Command::Snooze,
    Command::Runbook,
    Command::Targets,
    Command::Unlock,
    Command::Reload,
    Command::Pause,
    Command::Help,
    Command::Quit,
];
const ON_LIST: &[Command] = &[
    Command::Open,
    Command::Scope,
    Command::Undo,
    Command::Verify,
    Command::Fetch,
    Command::Filter,
    Command::Facets,
    Command::Sort,
    Command::NextCrit,
    Command::Mark,
    Command::Snooze,
    Command::Targets,
    Command::Runbook,
    Command::CopyCell,
    Command::Export,
    Command::Unlock,
    Command::Reload,
    Command::Pause,
    Command::Help,
    Command::Quit,
];
const ON_DETAIL: &[Command] = &[
    Command::Back,
    Command::Open,
    Command::Undo,
    Command::Window,
    Command::CopyRow,
    Command::Runbook,
    Command::Help,
    Command::Quit,
];

/// From this width on hints name the column that they act on.
const ROOMY: u16 = 120;

/// The last line.
#[must_use]
pub fn line(model: &Model) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let columns = usize::from(model.size.0);
    let mut line = vec![plain(" ")];
    if let Some(notice) = model.notice.as_ref().filter(|notice| model.clock.mono.since(notice.at) < NOTICE_MS) {
        line.push(span(&*notice.text, if notice.is_error { Tone::Warn } else { Tone::Ok }));
        return fit(line, columns, glyphs.ellipsis);
    }
    if let Some(transfer) = moving(model) {
        let back = model.keymap.keys_of(Command::Back).into_iter().next().unwrap_or_default();
        let closes = model.panel().and_then(|panel| match panel.detail {
            Some(_) => Some("back"),
            None => undone_by_back(model, panel).filter(|word| *word != "back"),
        });
        let stop = hint(&back, closes.unwrap_or("stop"));
        let room = columns.saturating_sub(super::width_of(&stop) + 1);
        line = fit([line, progress(model, transfer)].concat(), room, glyphs.ellipsis);
        line.push(plain("   "));
        line.extend(stop);
        return fit(line, columns, "");
    }
    let hints = match (model.overlays.last(), model.chord) {
        (Some(overlay), _) => overlay_keys(model, overlay),
        (None, Some(first)) => chord_keys(model, first),
        (None, None) => keys(model),
    };
    let is_list = model.overlays.is_empty() && model.chord.is_none();
    add_what_fits(model, is_list, &mut line, hints, columns);
    line
}

/// Files of the view on screen that are being read, where nothing lies over it.
fn moving(model: &Model) -> Option<&Transfer> {
    let is_here = |transfer: &&Transfer| {
        transfer.target == model.at && model.target().route == Route::View(transfer.view) && model.overlays.is_empty()
    };
    model.transfer.as_ref().filter(is_here)
}

/// `verifying 2 of 8  update.zip  45 %  212 KB of 1.2 GB  120 MB/s  8s left`
fn progress(model: &Model, transfer: &Transfer) -> Line {
    let (total, done) = transfer.total_and_done();
    let bytes = |n: u64| format::bytes(i64::try_from(n).unwrap_or(i64::MAX));
    let mut line = vec![span(transfer.purpose.doing(), Tone::Accent).with(Emphasis::Bold)];
    if transfer.files.len() > 1 {
        line.push(plain(format!(" {} of {}", (transfer.at + 1).min(transfer.files.len()), transfer.files.len())));
    }
    let percent = done.saturating_mul(100).checked_div(total).unwrap_or(0);
    line.push(plain(format!("  {percent} %  {} of {}", bytes(done), bytes(total))));
    if let Some((rate, left)) = transfer.pace(model.clock.mono) {
        let left = format::short(i64::try_from(left).unwrap_or(i64::MAX));
        line.push(plain(format!("  {}/s  {left} left", bytes(rate))));
    }
    if let Some((name, _)) = transfer.files.get(transfer.at) {
        line.push(dim(format!("  {}", format::line(&text::inert(name)))));
    }
    if transfer.purpose == TransferPurpose::Fetch {
        line.push(dim(format!(" to {}", model.folder)));
    }
    line
}

/// Commands that get their room first, by their worth: a user who knows no key looks for the first two, and the others are
/// of use everywhere.
const FIRST: [&[Command]; 2] =
    [&[Command::Help, Command::Quit], &[Command::Filter, Command::Facets, Command::Snooze, Command::Targets]];

/// Whole hints only, in their order: half a hint teaches nothing.
fn add_what_fits(model: &Model, is_list: bool, line: &mut Line, hints: Vec<Hint>, columns: usize) {
    let keys = |commands: &[Command]| commands.iter().flat_map(|command| model.keymap.keys_of(*command)).collect();
    let first: Vec<Vec<String>> = if is_list { FIRST.map(keys).to_vec() } else { Vec::new() };
    let worth = |hint: &Hint| first.iter().position(|keys| keys.contains(&hint[0].text)).unwrap_or(first.len());
    let mut order: Vec<usize> = (0..hints.len()).collect();
    order.sort_by_key(|at| worth(&hints[*at]));
    let mut room = columns.saturating_sub(super::width_of(line));
    let mut fits = vec![false; hints.len()];
    for at in order {
        let width = super::width_of(&hints[at]);
        fits[at] = width <= room;
        room -= if fits[at] { width } else { 0 };
    }
    line.extend(hints.into_iter().zip(fits).filter(|(_, fits)| *fits).flat_map(|(hint, _)| hint));
}

/// Keys and what they do.
type Hint = [Span; 3];

fn keys(model: &Model) -> Vec<Hint> {
    let panel = model.panel();
    let (commands, links) = match (model.target().route, panel.and_then(|panel| panel.detail.as_ref())) {
        (Route::Overview, _) => (ON_OVERVIEW, false),
        (Route::View(_), Some(_)) => (ON_DETAIL, true),
        (Route::View(_), None) => (ON_LIST, true),
    };
    let mut hints: Vec<Hint> = commands
        .iter()
        .filter(|command| why_not(model, **command).is_none() && !command.entry().hint.is_empty())
        .filter_map(|command| Some(hint(model.keymap.keys_of(*command).first()?, &what(model, *command))))
        .collect();
    if let Some(below) = panel.and_then(|panel| panel.detail.as_ref()).and_then(|detail| unseen(model, detail)) {
        hints.insert(1.min(hints.len()), below);
    }
    if let (Route::View(_), Some(panel)) = (model.target().route, panel)
        && let Some(word) = undone_by_back(model, panel)
        && let Some(key) = model.keymap.keys_of(Command::Back).first()
    {
        hints.insert(1.min(hints.len()), hint(key, word));
    }
    if let Some(panel) = panel.filter(|_| links) {
        let place =
            (1 + usize::from(panel.detail.is_some() || undone_by_back(model, panel).is_some())).min(hints.len());
        hints.splice(place..place, ways_on(model, panel));
    }
    if let Some(at) = hints.len().checked_sub(1) {
        let actions = if model.writing.is_none() { actions(model) } else { Vec::new() };
        let place = 1.min(at);
        hints.splice(place..place, actions);
    }
    hints
}

/// What a command does here, in one or two words.
fn what(model: &Model, command: Command) -> String {
    let hint = command.entry().hint;
    let Some(panel) = model.panel() else { return hint.to_owned() };
    match command {
        Command::Open if panel.detail.is_some() => "to the detail".to_owned(),
        // "facets" says nothing to who has not read the manual.
        Command::Facets => {
            let titles = model.pack().view(panel.view).facets.iter().map(|facet| facet.title.as_str());
            titles.take(if model.size.0 >= ROOMY { 3 } else { 1 }).collect::<Vec<_>>().join(", ")
        }
        // Which column is the chosen one is told by an underline only.
        Command::Sort | Command::CopyCell if model.size.0 >= ROOMY => {
            let view = model.pack().view(panel.view);
            let column = view.drawn().get(panel.list.column).map(|at| view.columns[*at].title.as_str());
            column.map_or_else(
                || hint.to_owned(),
                |column| match command {
                    Command::Sort => format!("{hint} by {column}"),
                    _ => format!("{hint} {column}"),
                },
            )
        }
        _ => hint.to_owned(),
    }
}

/// To the next view of the tab, and where the links of the row lead.
fn ways_on(model: &Model, panel: &Panel) -> Vec<Hint> {
    let links = model.pack().view(panel.view).links.iter().filter(|_| panel.current().is_some());
    let links = links.map(|link| hint(&format!("g{}", link.press), &link.title));
    beside(model).into_iter().chain(links).collect()
}

/// Of a view that shares its tab: the tab's key, which leads to the next view.
fn beside(model: &Model) -> Option<Hint> {
    let Route::View(open) = model.target().route else { return None };
    let pack = model.pack();
    let at = pack.tab_line().iter().position(|tab| tab.views.len() > 1 && tab.views.contains(&open))? + 1;
    let Some(Route::View(next)) = model.target().tab(at) else { return None };
    let key = model.keymap.keys_of(Command::Tab(u8::try_from(at).ok()?)).into_iter().next()?;
    Some(hint(&key, &pack.view(next).title))
}

/// What [`Command::Back`] takes away from a list, in the order in which it does; `None` where it only leaves the view,
/// as everywhere.
fn undone_by_back(model: &Model, panel: &Panel) -> Option<&'static str> {
    if panel.detail.is_some() {
        None
    } else if !panel.list.marks.is_empty() {
        Some("unmark")
    } else if panel.list.narrowing.filter.is_some() {
        Some("no filter")
    } else if model.target().is_searched(panel.view) {
        Some("no search")
    } else if !model.target().came_from.is_empty() {
        Some("back")
    } else {
        None
    }
}

/// That a detail goes on below the screen, and how to get there.
fn unseen(model: &Model, detail: &DetailState) -> Option<Hint> {
    if !detail.focused {
        return None;
    }
    let keys = up_and_down(model)?;
    match (detail::lines_below(model), detail.scroll) {
        (0, 0) => None,
        (0, _) => Some(hint(&keys, "scroll")),
        (below, _) => Some(hint(&keys, &format!("{below} more"))),
    }
}

/// What may follow the first key of a chord.
fn chord_keys(model: &Model, first: Key) -> Vec<Hint> {
    let begun = format!("{first} ");
    let commands = TABLE.iter().flat_map(|entry| {
        let keys = model.keymap.keys_of(entry.command).into_iter();
        keys.filter_map(|keys| Some(hint(keys.strip_prefix(&begun)?, entry.help)))
    });
    let mut hints: Vec<Hint> = commands.collect();
    if let Some((target, view, _)) = linked(model).filter(|_| first == LINK_PREFIX.into()) {
        let view = model.targets[target.0].pack.view(view);
        hints.extend(view.links.iter().map(|link| hint(&link.press.to_string(), &link.title)));
    }
    hints
}

fn overlay_keys(model: &Model, overlay: &Overlay) -> Vec<Hint> {
    let up_and_down = up_and_down(model).unwrap_or_default();
    let hints = match overlay {
        Overlay::Help { .. } => vec![(&*up_and_down, "scroll"), ("Esc", "close")],
        Overlay::Filter { .. } => vec![("Enter", "apply"), ("Esc", "undo")],
        Overlay::Picker(_) => vec![("Enter", "choose"), ("Up Down", "move"), ("Esc", "close")],
        Overlay::PreviewPending { request, .. } => {
            let rows = format::rows(request.rows.len());
            return vec![[span("looking at ", Tone::Accent), plain(rows), plain("   ")], hint("Esc", "stop")];
        }
        Overlay::Act(dialog) => act_keys(dialog),
        Overlay::Unlock { .. } => vec![("Enter", "arm"), ("Esc", "leave it protected")],
        Overlay::Told(_) => vec![("Up Down", "scroll"), ("Enter", "close")],
        Overlay::Runbook(pane) => return runbook_keys(model, pane),
        Overlay::History(pane) => return history_keys(model, pane),
        Overlay::Facets { .. } => vec![("Left Right", "choose"), (&*up_and_down, "move"), ("Esc", "close")],
    };
    hints.into_iter().filter(|(keys, _)| !keys.is_empty()).map(|(keys, what)| hint(keys, what)).collect()
}

/// The keys of the history, by what the cursor is on.
fn history_keys(model: &Model, pane: &HistoryPane) -> Vec<Hint> {
    if pane.search.input.is_some() {
        return vec![hint("Enter", "apply"), hint("Esc", "undo")];
    }
    let current = pane.current(&model.appearance.zone);
    let can_undo = current.is_some_and(|entry| undo_of(model, entry).is_ok());
    let wanted = [
        (Command::Undo, can_undo.then_some("take back")),
        (Command::Filter, Some("filter")),
        (Command::CopyRow, current.map(|_| "copy as Markdown")),
        (Command::Export, current.map(|_| "export")),
        (Command::Open, current.map(|_| "to the row")),
        (Command::Back, Some(if pane.search.text.is_empty() { "close" } else { "no filter" })),
        (Command::Help, Some("help")),
    ];
    let key = |command| model.keymap.keys_of(command).into_iter().next();
    wanted.into_iter().filter_map(|(command, what)| Some(hint(&key(command)?, what?))).collect()
}

/// The keys of the runbook, by what the cursor is on.
fn runbook_keys(model: &Model, pane: &RunbookPane) -> Vec<Hint> {
    if pane.search.input.is_some() {
        return vec![hint("Enter", "apply"), hint("Esc", "undo")];
    }
    let runbook = &model.targets[pane.target.0].pack.runbook;
    let open = match pane.at {
        RunbookPlace::Tick(list, tick) => runbook.checklists[list].ticks[tick].runbook.map(|_| "how to"),
        place if pane.unfolded.contains(&place.whole()) => Some("fold"),
        _ => Some("unfold"),
    };
    let can_copy = super::runbook::copied(&model.targets[pane.target.0], pane.at).is_some();
    let can_tick = matches!(pane.at, RunbookPlace::Tick(list, tick)
        if runbook.checklists[list].ticks[tick].decided == TickedBy::Hand);
    let back = if pane.search.text.is_empty() { "close" } else { "no search" };
    let wanted = [
        (Command::Open, open),
        (Command::CopyCell, can_copy.then_some("copy")),
        (Command::Mark, can_tick.then_some("tick")),
        (Command::Filter, Some("search")),
        (Command::Down, Some("move")),
        (Command::Back, Some(back)),
    ];
    let wanted = wanted.into_iter().filter_map(|(command, what)| {
        let keys = if command == Command::Down {
            up_and_down(model)
        } else {
            model.keymap.keys_of(command).into_iter().next()
        };
        Some(hint(&keys?, what?))
    });
    wanted.collect()
}

/// The keys that move by a line, as the user bound them; `None` when one is bound to nothing.
fn up_and_down(model: &Model) -> Option<String> {
    let [down, up] = [Command::Down, Command::Up].map(|command| model.keymap.keys_of(command).into_iter().next());
    Some(format!("{} {}", down?, up?))
}

fn hint(keys: &str, what: &str) -> Hint {
    [span(keys.to_owned(), Tone::Accent).with(Emphasis::Bold), dim(format!(" {what}")), plain("  ")]
}

/// The keys of a dialog, by where they go.
fn act_keys(dialog: &Dialog) -> Vec<(&'static str, &'static str)> {
    let mut keys = match (dialog.focus, dialog.field().map(|field| (&field.kind, field.ask.is_none()))) {
        (_, Some((FieldKind::Lines, _))) => vec![("Enter", "new line"), ("Tab", "go on")],
        (_, Some((FieldKind::Choice(_), _))) => vec![("Left Right", "choose"), ("Tab", "go on")],
        (_, Some((FieldKind::Line, true))) => vec![("Enter", "do it"), ("Tab", "go on")],
        (_, Some((FieldKind::Line, false))) => vec![("Tab", "go on")],
        (Focus::Go, None) => vec![("Enter", "do it"), ("Left", "cancel")],
        (_, None) => vec![("Enter", "cancel"), ("Right", "choose")],
    };
    keys.push(("Esc", "write nothing"));
    if dialog.write.rows() > 1 {
        keys.push(("PageUp PageDown", "rows"));
    }
    keys
}

/// Whether the row, as it is listed, is as an action wants it. What the list does not tell, the look will.
fn applies(model: &Model, chosen: &Selection, action: usize) -> bool {
    let target = &model.targets[chosen.target.0];
    let view = target.pack.view(chosen.view);
    let snapshot = target.panel(chosen.view).list_snapshot();
    let ([key], Some(snapshot)) = (chosen.rows.as_slice(), snapshot) else { return true };
    let Some(row) = snapshot.rows.iter().find(|row| row.key.as_str() == key) else { return true };
    view.actions[action].when.iter().all(|(name, wanted)| {
        let Some(at) = view.column(name) else { return true };
        match &row.cells[at] {
            Value::Null => wanted.iter().any(Option::is_none),
            cell @ (Value::Bool(_) | Value::Text(_)) => {
                let is = format::plain(cell, view.columns[at].format);
                wanted.iter().flatten().any(|wanted| *wanted == is)
            }
            // Of what is not known the look tells; numbers and times may be written in several ways.
            _ => true,
        }
    })
}

/// The actions of the chosen row that nothing forbids here, and that it is as they want it.
fn actions(model: &Model) -> Vec<Hint> {
    let Ok(chosen) = selection(model) else { return Vec::new() };
    let actions = model.targets[chosen.target.0].pack.view(chosen.view).actions.iter().enumerate();
    let possible = actions.filter(|(at, _)| why_not_act(model, &chosen, *at).is_none() && applies(model, &chosen, *at));
    possible.map(|(_, action)| hint(&action.press.to_string(), &action.title.to_lowercase())).collect()
}
