//! Draws what `view` says is on screen. It reads the model and decides nothing.

pub mod theme;

use opsdash_core::{
    geometry,
    model::{Model, Overlay, Route},
    view::{self, Glyphs, Line, dim, popup::Popup, span},
};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Rect},
    text::{Line as Text, Span},
    widgets::{Block, Clear},
};

use self::theme::Theme;
use super::editor::Editor;

/// The whole screen.
pub fn screen(frame: &mut Frame, model: &Model, theme: &Theme, editor: &Editor) {
    let area = frame.area();
    frame.buffer_mut().set_style(area, theme.ground());
    let head = [view::header::line(model), view::header::tabs(model), view::header::rule(model)];
    paint(frame.buffer_mut(), rows(area, 0, area.height), &head, theme);
    let body = rows(area, geometry::TOP_ROWS, geometry::body_rows(model));
    match model.target().route {
        Route::Overview => paint(frame.buffer_mut(), body, &view::overview::lines(model), theme),
        Route::View(_) => view(frame.buffer_mut(), body, model, theme),
    }
    let footer = rows(area, area.height.saturating_sub(1), 1);
    match model.overlays.last() {
        Some(Overlay::Filter { .. }) => filter(frame, footer, model, theme, editor),
        _ => paint(frame.buffer_mut(), footer, &[view::footer::line(model)], theme),
    }
    if let Some(popup) = view::overlay::popup(model) {
        overlay(frame, area, &popup, theme, editor);
    }
    if model.appearance.ascii {
        keep_ascii(frame.buffer_mut());
    }
}

/// To a terminal that does not expect UTF-8 the bytes of any other character may be commands, and its cells are
/// counted wrongly: what a database holds of them is drawn as a question mark.
fn keep_ascii(buffer: &mut Buffer) {
    for cell in buffer.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
        cell.set_symbol(if cell.symbol() == "…" { "." } else { "?" });
    }
}

/// The list, and the detail beside it or over it.
fn view(buffer: &mut Buffer, body: Rect, model: &Model, theme: &Theme) {
    let list = view::list::lines(model).unwrap_or_default();
    let Some(detail) = model.panel().and_then(|panel| panel.detail.as_ref()) else {
        return paint(buffer, body, &list, theme);
    };
    let lines = view::detail::lines(model);
    let shown = &lines[detail.scroll.min(lines.len())..];
    if !geometry::is_detail_beside(model) {
        return paint(buffer, body, shown, theme);
    }
    let [left, rule, right] = body.layout(&ratatui::layout::Layout::horizontal([
        Constraint::Length(geometry::list_columns(model)),
        Constraint::Length(geometry::RULE_COLUMNS),
        Constraint::Min(0),
    ]));
    paint(buffer, left, &list, theme);
    let tone = if detail.focused { opsdash_pack::pack::Tone::Accent } else { opsdash_pack::pack::Tone::Dim };
    let bar: Vec<Line> =
        (0..rule.height).map(|_| vec![dim(" "), span(Glyphs::of(model.appearance.ascii).bar, tone)]).collect();
    paint(buffer, rule, &bar, theme);
    paint(buffer, right, shown, theme);
}

/// The filter takes the place of the keys.
fn filter(frame: &mut Frame, area: Rect, model: &Model, theme: &Theme, editor: &Editor) {
    let prompt = vec![span(" / ", opsdash_pack::pack::Tone::Accent)];
    paint(frame.buffer_mut(), area, &[prompt], theme);
    let field = Rect { x: area.x + 3, width: area.width.saturating_sub(3), ..area }.intersection(frame.area());
    if field.is_empty() {
        return;
    }
    editor.draw(frame, field, theme.plain(), theme.cursor());
    let typed = model.input().map_or(0, |input| opsdash_core::text::width(&input.text));
    let room = usize::from(field.width).saturating_sub(typed + 6);
    if let Some(hint) = view::filter_line::beside(model, room) {
        let wide = u16::try_from(view::width_of(&hint)).unwrap_or(0).min(field.width);
        let at = Rect { x: field.right().saturating_sub(wide + 1), width: wide, ..field };
        return paint(frame.buffer_mut(), at, &[hint], theme);
    }
    // What is wrong and has no room beside what is typed stands above it.
    let above = Rect { y: area.y.saturating_sub(1), ..area }.intersection(frame.area());
    if let Some(wrong) = view::filter_line::above(model, usize::from(above.width)) {
        frame.render_widget(Clear, above);
        frame.buffer_mut().set_style(above, theme.ground());
        paint(frame.buffer_mut(), above, &[wrong], theme);
    }
}

/// A box in the middle of the screen, below the first line and above the last one: which target this is and which keys
/// work stay in sight.
fn overlay(frame: &mut Frame, area: Rect, popup: &Popup, theme: &Theme, editor: &Editor) {
    let area = rows(area, 1, area.height.saturating_sub(2));
    let columns = u16::try_from(popup.columns + 4).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(popup.lines.len() + 2).unwrap_or(u16::MAX).min(area.height);
    let outer = area.centered(Constraint::Length(columns), Constraint::Length(height));
    frame.render_widget(Clear, outer);
    let title = Span::styled(format!(" {} ", popup.title), theme.strong());
    let block =
        Block::bordered().border_style(theme.rule()).border_set(theme.border()).title(title).style(theme.ground());
    let inner = block.inner(outer);
    frame.render_widget(block, outer);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }.intersection(area);
    let lines = &popup.lines[popup.scroll.min(popup.lines.len())..];
    paint(frame.buffer_mut(), inside, lines, theme);
    if let Some(place) = popup.input {
        let height = u16::try_from(place.rows).unwrap_or(1);
        let field = rows(inside, u16::try_from(place.line).unwrap_or(u16::MAX), height);
        let edge = u16::try_from(place.column).unwrap_or(0).min(field.width);
        let field = Rect { x: field.x + edge, width: field.width - edge, ..field };
        if !field.is_empty() {
            editor.draw(frame, field, theme.plain(), theme.cursor());
        }
    }
}

/// Puts lines under each other, as many as there is room for.
fn paint(buffer: &mut Buffer, area: Rect, lines: &[Line], theme: &Theme) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        let spans = line.iter().map(|span| Span::styled(span.text.as_str(), theme.style(span.tone, span.emphasis)));
        buffer.set_line(area.x, y, &spans.collect::<Text>(), area.width);
    }
}

/// Rows of an area, within it.
fn rows(area: Rect, top: u16, height: u16) -> Rect {
    Rect { y: area.y.saturating_add(top), height, ..area }.intersection(area)
}
