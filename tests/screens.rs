//! The screen as it is drawn, text and styles, in every state that a user meets.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --test screens`, then read the difference.

#[path = "../crates/core/tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;

use opsdash::{
    draw::{self, theme::Theme},
    editor::Editor,
};
use opsdash_core::{
    config::ThemeName,
    files::{Listing, StoredFile},
    model::{BoardId, Model, Place},
    msg::Msg,
    present::{self, Line, layout},
    read::{Content, Failure, FailureKind, Part, RawRow, Table},
    time::Time,
    value::{Counts, RowKey, Severity, Value},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use support::{Desk, FLOORS, NOON, customers, grouped_shop, lateness, table};

const SIZES: [(u16, u16); 6] = [(40, 10), (80, 24), (100, 30), (120, 30), (160, 45), (200, 60)];

const OK: Severity = Severity::Ok;
const WARN: Severity = Severity::Warn;
const CRIT: Severity = Severity::Crit;
const UNKNOWN: Severity = Severity::Unknown;

/// A state of the program: what happened until it was drawn.
type Scene = fn((u16, u16)) -> Desk;

const SCENES: [(&str, Scene); 17] = [
    ("start", start),
    ("overview", overview),
    ("calm", calm),
    ("group_overview", group_overview),
    ("group_list", group_list),
    ("list", list),
    ("detail", detail),
    ("stale", stale),
    ("no_data", no_data),
    ("empty", empty),
    ("filter", filter),
    ("facets", facets),
    ("palette", palette),
    ("help", help),
    ("targets", targets),
    ("targets_many", targets_many),
    ("operators", operators),
];

fn start(size: (u16, u16)) -> Desk {
    Desk::sized(size.0, size.1)
}

/// An order: id, severity, why, total, minutes ago, note.
fn order(id: &str, severity: Severity, why: &str, total: i64, ago: i64, note: &str) -> RawRow {
    let cells = vec![
        Value::text(id),
        Value::text("c1"),
        Value::Int(total),
        Value::Time(Time(NOON).plus_ms(-ago * 60_000)),
        Value::text(note),
    ];
    RawRow { key: RowKey(id.into()), severity, why: why.into(), cells }
}

const ORDER: [&str; 5] = ["id", "customer_id", "total", "placed_at", "note"];

/// One row of each severity, a wide text, a hostile one and one that is too long for any screen.
fn orders() -> Table {
    let long = "a note that goes on and on, ".repeat(12);
    let rows = vec![
        order("A-1041", CRIT, "payment failed 3 times", 129_900, 2, "card declined"),
        order("A-1038", CRIT, "shipped without payment", 4_500, 95, "\u{1b}[31mred\u{202e} note"),
        order("A-1029", UNKNOWN, "carrier state GONE is not known", 990, 300, "日本語のメモ"),
        order("A-1007", WARN, "waits for stock since 3d", 20, 4_400, &long),
        order("A-1001", OK, "", 1_250, 9_000, ""),
    ];
    let mut counts = Counts { ok: 1_228, ..Counts::default() };
    for row in &rows {
        counts.add(row.severity, 1);
    }
    let columns = ORDER.map(str::to_owned).into();
    Table { columns, rows, counts, truncated: true }
}

fn stock() -> Table {
    let row = |key: &'static str, id: &str, name: &str, size| {
        let cells = vec![Value::text(id), Value::text(name), Value::Int(size), Value::Null, Value::Bool(true)];
        (key, OK, "", cells)
    };
    table(
        &["file_id", "filename", "size", "checksum", "active"],
        vec![
            row("1", "64b7f0a1c2d3e4f5a6b7c8d1", "prices-1.9.csv", 212_000),
            row("2", "64b7f0a1c2d3e4f5a6b7c8d2", "prices-1.10.csv", 212_000),
        ],
    )
}

fn listing() -> Listing {
    let file = |id: &str, name: &str, length| StoredFile {
        id: id.into(),
        name: name.into(),
        length: Some(length),
        chunk_size: Some(261_120),
        uploaded: Some(Time(NOON).plus_ms(-86_400_000)),
        chunks: Some(opsdash_core::files::ChunkCount { found: 1, last: 0 }),
        metadata: None,
    };
    let files = vec![
        file("64b7f0a1c2d3e4f5a6b7c8d1", "prices-1.9.csv", 211_999),
        file("64b7f0a1c2d3e4f5a6b7c8d3", "old.csv", 7),
    ];
    Listing { files, truncated: false, orphans: Some(Vec::new()) }
}

fn overview(size: (u16, u16)) -> Desk {
    answered(start(size))
}

/// The same, with Customers and Stock lists in one tab.
fn group_overview(size: (u16, u16)) -> Desk {
    answered(Desk::of(&grouped_shop(), &FLOORS, size))
}

/// A view of that tab, the other one in trouble.
fn group_list(size: (u16, u16)) -> Desk {
    let mut desk = group_overview(size);
    desk.press("3");
    desk.answer("customers", Part::List, customers(&["c1", "c2", "c3"]));
    desk
}

fn answered(mut desk: Desk) -> Desk {
    desk.answer("orders", Part::Summary, orders());
    desk.answer("customers", Part::Summary, customers(&["c1", "c2", "c3"]));
    desk.answer("lateness", Part::List, lateness(&[("c2", 4)]));
    desk.answer("stock", Part::Summary, stock());
    desk.list_store("stock", listing());
    desk.wait(2_000);
    desk
}

/// Every view answered, and nothing is wrong.
fn calm(size: (u16, u16)) -> Desk {
    let mut desk = start(size);
    desk.answer(
        "orders",
        Part::Summary,
        Table { rows: Vec::new(), counts: Counts { ok: 40, ..Counts::default() }, ..orders() },
    );
    desk.answer("customers", Part::Summary, customers(&["c1"]));
    desk.answer("lateness", Part::List, lateness(&[]));
    desk.answer("stock", Part::Summary, Table { rows: Vec::new(), counts: Counts::default(), ..stock() });
    desk.list_store("stock", Listing::default());
    desk
}

fn list(size: (u16, u16)) -> Desk {
    let mut desk = overview(size);
    desk.press("2");
    desk.answer("orders", Part::List, orders());
    desk.press("Right s j Space");
    desk.wait(3_000);
    desk
}

fn detail(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.press("s s g g Enter");
    desk.wait(200);
    let fields = Table {
        columns: ["state", "carrier", "address", "payload", "paid_at"].map(str::to_owned).into(),
        rows: vec![RawRow {
            key: RowKey("open".into()),
            severity: OK,
            why: "".into(),
            cells: vec![
                Value::text("open"),
                Value::Null,
                Value::text("Main Street 1\n12345 Springfield"),
                Value::Json(Box::new(serde_json::json!({"items": [{"sku": "x-1", "count": 2}]}))),
                Value::Time(Time(NOON)),
            ],
        }],
        ..Table::default()
    };
    desk.answer("orders", Part::Detail, fields);
    let line = |sku: &'static str, count| (sku, OK, "", vec![Value::text(sku), Value::Int(count)]);
    desk.answer("orders", Part::DetailList(0), table(&["sku", "count"], vec![line("x-1", 2), line("y-22", 1_200)]));
    let point = |at: i32| {
        let value = if at % 10 == 7 { Value::Null } else { Value::Float(f64::from(at * at % 97)) };
        ("", OK, "", vec![Value::Time(Time(NOON)), value])
    };
    desk.answer("orders", Part::Chart(0), table(&["time", "value"], (0..60).map(point).collect()));
    desk
}

fn stale(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.wait(12_000);
    desk.fail("orders", Part::List, FailureKind::Timeout);
    desk.wait(400);
    desk
}

fn no_data(size: (u16, u16)) -> Desk {
    let mut desk = start(size);
    desk.press("2");
    let read = desk.take("orders", Part::List);
    let failure = Failure::new(FailureKind::Schema, "relation \"orders\" does not exist");
    desk.reply(&read, Err(failure.of_object("orders")));
    desk.fail("stock", Part::Store, FailureKind::Unreachable);
    desk
}

fn empty(size: (u16, u16)) -> Desk {
    let mut desk = start(size);
    desk.press("2");
    desk.answer(
        "orders",
        Part::List,
        Table { rows: Vec::new(), counts: Counts::default(), truncated: false, ..orders() },
    );
    desk
}

fn filter(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.press("/");
    desk.type_in("!severity:ok id:10");
    desk
}

fn facets(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.press("f Right");
    desk.answer("orders", Part::List, orders());
    desk
}

fn palette(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.press(":");
    desk.type_in("cu");
    desk.press("Down");
    desk
}

fn help(size: (u16, u16)) -> Desk {
    let mut desk = list(size);
    desk.press("? j");
    desk
}

/// Four targets: one with trouble of its own, one that died a minute ago, one that is well, one that never answered.
fn targets(size: (u16, u16)) -> Desk {
    let mut desk = Desk::with_targets(
        &[("floor-1", true), ("prod-us", true), ("staging", true), ("a-far-away-floor", true)],
        size,
    );
    let answer = |desk: &mut Desk, at: usize, rows: Table| {
        let board = BoardId(at);
        for (view, part, table) in [
            ("orders", Part::Summary, rows),
            ("customers", Part::Summary, customers(&["c1", "c2", "c3"])),
            ("lateness", Part::List, lateness(if at == 0 { &[("c2", 4)] } else { &[] })),
            ("stock", Part::Summary, stock()),
        ] {
            let read = desk.take_of(board, view, part);
            desk.reply(&read, Ok(Content::Table(table)));
        }
        let mut there = listing();
        there.files.truncate(1);
        there.files.push(StoredFile {
            id: "64b7f0a1c2d3e4f5a6b7c8d2".into(),
            name: "prices-1.10.csv".into(),
            ..there.files[0].clone()
        });
        there.files.iter_mut().for_each(|file| file.length = Some(212_000));
        let read = desk.take_of(board, "stock", Part::Store);
        desk.reply(&read, Ok(Content::Listing(there)));
    };
    let well =
        || Table { rows: Vec::new(), counts: Counts { ok: 40, ..Counts::default() }, truncated: false, ..orders() };
    let mut bad = orders();
    bad.rows.truncate(3);
    bad.counts = Counts { crit: 2, unknown: 1, ok: 12, warn: 0 };
    bad.truncated = false;
    answer(&mut desk, 0, orders());
    answer(&mut desk, 1, bad);
    answer(&mut desk, 2, well());
    for read in std::mem::take(&mut desk.asked) {
        desk.reply(&read, Err(Failure::new(FailureKind::Unreachable, "floor.internal:5432: connection refused")));
    }
    desk.wait(61_000);
    for read in std::mem::take(&mut desk.asked) {
        if desk.board_of(&read) != BoardId(1) {
            continue;
        }
        desk.reply(&read, Err(Failure::new(FailureKind::Unreachable, "us.internal:5432: no route to host")));
    }
    desk.wait(5_000);
    desk
}

/// More targets than there is room for.
fn targets_many(size: (u16, u16)) -> Desk {
    let names: Vec<String> = (1..=20).map(|n| format!("floor-{n}")).collect();
    let mut desk = Desk::with_targets(&names.iter().map(|name| (name.as_str(), true)).collect::<Vec<_>>(), size);
    for read in std::mem::take(&mut desk.asked) {
        let view = desk.model.pack().view(read.to.view).id.clone();
        let content = match (view.as_str(), read.to.part) {
            (_, Part::Store) => Content::Listing(Listing::default()),
            ("orders", _) if desk.board_of(&read) == BoardId(16) => Content::Table(orders()),
            ("customers", _) => Content::Table(customers(&["c1"])),
            ("lateness", _) => Content::Table(lateness(&[])),
            (view, _) => Content::Table(table(
                if view == "orders" { &ORDER } else { &["file_id", "filename", "size", "checksum", "active"] },
                vec![],
            )),
        };
        desk.reply(&read, Ok(content));
    }
    desk
}

/// Two others look at the same database.
fn operators(size: (u16, u16)) -> Desk {
    let mut desk = overview(size);
    desk.model.boards[0].sources[0].operators =
        Some((vec!["carol".to_owned(), "bob".to_owned()], desk.model.clock.mono));
    desk
}

/// What the terminal would show.
fn drawn(model: &Model, theme: ThemeName) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let theme = Theme::named(theme, model.look.ascii);
    let mut editor = Editor::default();
    editor.follow(model);
    terminal.draw(|frame| draw::screen(frame, model, &theme, &editor)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<&[Cell]> {
    let columns = usize::from(buffer.area.width);
    if columns == 0 { Vec::new() } else { buffer.content().chunks(columns).collect() }
}

/// The text of a row; the second half of a wide character is part of the first.
fn text(row: &[Cell]) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for cell in row {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        text.push_str(cell.symbol());
        covered = opsdash_core::text::width(cell.symbol()).saturating_sub(1);
    }
    text.trim_end().to_owned()
}

/// Foreground, `/` background, modifiers: `red`, `#0d1117`, `cyan+bold`, `-+reversed`; empty for the plain one.
fn style(cell: &Cell, ground: (Color, Color)) -> String {
    let color = |color: Color, plain: Color| match color {
        color if color == plain => String::new(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        color => color.to_string().to_lowercase(),
    };
    let mut style = color(cell.fg, ground.0);
    let back = color(cell.bg, ground.1);
    if !back.is_empty() {
        style = format!("{style}/{back}");
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if cell.modifier.contains(modifier) {
            style = format!("{style}+{word}");
        }
    }
    style
}

/// The runs of a row that are not plain: first cell, last cell, style.
fn runs(row: &[Cell], ground: (Color, Color)) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < row.len() {
        let here = style(&row[at], ground);
        let end = (at..row.len()).find(|next| style(&row[*next], ground) != here).unwrap_or(row.len());
        // Blanks show modifiers and backgrounds, no foreground.
        let shows = row[at..end].iter().any(|cell| cell.symbol() != " ") || here.contains(['/', '+']);
        if !here.is_empty() && shows {
            let _ = write!(out, " {at}-{} {here},", end - 1);
        }
        at = end;
    }
    out.trim_end_matches(',').to_owned()
}

/// The whole screen as text, then the styles of each row that has some.
fn shot(model: &Model, theme: ThemeName) -> String {
    let buffer = drawn(model, theme);
    let ground = Theme::named(theme, false).ground();
    let ground = (ground.fg.unwrap_or(Color::Reset), ground.bg.unwrap_or(Color::Reset));
    let (columns, height) = model.size;
    let mut out = format!("{columns}x{height} {theme:?}{}\n", if model.look.ascii { " ascii" } else { "" });
    for row in rows(&buffer) {
        let _ = writeln!(out, "│{}", text(row));
    }
    for (y, row) in rows(&buffer).into_iter().enumerate() {
        let runs = runs(row, ground);
        if !runs.is_empty() {
            let _ = writeln!(out, "{y:>2}:{runs}");
        }
    }
    out
}

#[test]
fn every_scene_looks_as_it_did_at_every_size() {
    for (name, scene) in SCENES {
        let shots: Vec<String> = SIZES.iter().map(|size| shot(&scene(*size).model, ThemeName::Terminal)).collect();
        insta::assert_snapshot!(name, shots.join("\n"));
    }
}

#[test]
fn every_theme_looks_as_it_did() {
    let themes = [ThemeName::Terminal, ThemeName::Dark, ThemeName::Light, ThemeName::Mono];
    for (name, scene) in [("themes_detail", detail as Scene), ("themes_palette", palette)] {
        let mut shots: Vec<String> = themes.iter().map(|theme| shot(&scene((120, 30)).model, *theme)).collect();
        let mut ascii = scene((120, 30));
        ascii.model.look.ascii = true;
        shots.push(shot(&ascii.model, ThemeName::Terminal));
        insta::assert_snapshot!(name, shots.join("\n"));
    }
}

/// Every scene, made once and then resized, as a user does it.
fn resized(mut each: impl FnMut(&str, &Model)) {
    let columns = (1..=24).chain([33, 40, 41, 59, 60, 79, 80, 99, 100, 119, 120, 121, 159, 201, 250]);
    let sizes: Vec<(u16, u16)> =
        columns.flat_map(|columns| [1, 2, 3, 4, 5, 7, 10, 11, 24, 45, 80].map(|rows| (columns, rows))).collect();
    for (name, scene) in SCENES {
        let mut desk = scene((120, 30));
        for (columns, rows) in &sizes {
            desk.tell(Msg::Resize(*columns, *rows));
            each(name, &desk.model);
        }
    }
}

#[test]
fn no_size_is_too_small_or_too_large() {
    resized(|_, model| {
        drawn(model, ThemeName::Terminal);
    });
    for (_, scene) in SCENES {
        let mut desk = scene((120, 30));
        desk.tell(Msg::Resize(0, 0));
        drawn(&desk.model, ThemeName::Mono);
    }
}

#[test]
fn every_line_fits_where_it_is_drawn() {
    resized(|name, model| {
        let size = model.size;
        let fits = |what: &str, lines: &[Line], columns: u16| {
            for line in lines {
                let wide = present::width_of(line);
                assert!(wide <= usize::from(columns), "{name} at {size:?}: {what} takes {wide}: {line:?}");
            }
        };
        fits("header", &[present::header::line(model)], size.0);
        fits("tabs", &[present::header::tabs(model)], size.0);
        fits("footer", &[present::footer::line(model)], size.0);
        match model.board().place {
            Place::Overview => fits("overview", &present::overview::lines(model), size.0),
            Place::View(_) => {
                fits("list", &present::list::lines(model).unwrap(), layout::list_columns(model));
                fits("detail", &present::detail::lines(model), layout::detail_columns(model));
            }
        }
    });
}

#[test]
fn in_ascii_every_character_of_ours_is_ascii() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let mut desk = scene(size);
            desk.model.look.ascii = true;
            let model = &desk.model;
            let mut lines =
                vec![present::header::line(model), present::header::tabs(model), present::header::rule(model)];
            lines.extend(present::list::lines(model).unwrap_or_else(|| present::overview::lines(model)));
            lines.extend(present::detail::lines(model));
            lines.extend(present::overlay::sheet(model).into_iter().flat_map(|sheet| sheet.lines));
            lines.push(present::footer::line(model));
            // What the database holds is theirs.
            let theirs = "日本語のメモ␛\u{fffd}";
            for span in lines.iter().flatten() {
                let is_fine = span.text.chars().all(|c| c.is_ascii() || theirs.contains(c));
                assert!(is_fine, "{name} at {size:?} says {:?}", span.text);
            }
        }
    }
}

#[test]
fn in_ascii_nothing_else_reaches_the_terminal() {
    for (name, scene) in SCENES {
        let mut desk = scene((120, 30));
        desk.model.look.ascii = true;
        for cell in drawn(&desk.model, ThemeName::Terminal).content() {
            assert!(cell.symbol().is_ascii(), "{name} draws {:?}", cell.symbol());
        }
    }
}

#[test]
fn a_severity_reads_without_color() {
    for (ascii, signs) in [(false, ["✖", "▲", "?", "●"]), (true, ["x", "!", "?", "."])] {
        for size in [(40, 10), (80, 24), (160, 45)] {
            let mut desk = Desk::sized(size.0, size.1);
            desk.model.look.ascii = ascii;
            desk.press("2");
            desk.answer("orders", Part::List, orders());
            let buffer = drawn(&desk.model, ThemeName::Mono);
            for (id, sign) in [("A-1041", signs[0]), ("A-1038", signs[0]), ("A-1029", signs[2]), ("A-1007", signs[1])] {
                let line = rows(&buffer).into_iter().map(text).find(|line| line.contains(id));
                let line = line.unwrap_or_else(|| panic!("{id} is on screen at {size:?}"));
                let margin: String = line.chars().take_while(|c| *c != 'A').collect();
                assert!(margin.contains(sign), "{id}: {line}");
            }
        }
        let mut desk = overview((100, 30));
        desk.model.look.ascii = ascii;
        let shown = shot(&desk.model, ThemeName::Mono);
        for sign in &signs[..2] {
            assert!(shown.contains(&format!("{sign} ")), "{shown}");
        }
    }
}

#[test]
fn the_mono_theme_uses_no_color_and_marks_the_cursor_with_a_character() {
    for (name, scene) in SCENES {
        let buffer = drawn(&scene((120, 30)).model, ThemeName::Mono);
        for cell in buffer.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
    let buffer = drawn(&list((120, 30)).model, ThemeName::Mono);
    let marked = rows(&buffer).into_iter().map(text).filter(|line| line.starts_with('▌')).count();
    assert_eq!(marked, 1);
}

#[test]
fn what_is_old_says_so_on_every_screen_that_can_show_a_line() {
    for size in SIZES {
        let shown = shot(&stale(size).model, ThemeName::Terminal);
        assert!(shown.contains("STALE 15s"), "{shown}");
        let shown = shot(&no_data(size).model, ThemeName::Terminal);
        assert!(shown.contains("NO DATA"), "{shown}");
    }
}

#[test]
fn the_name_of_the_target_is_on_every_screen() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let buffer = drawn(&scene(size).model, ThemeName::Terminal);
            let first = text(rows(&buffer)[0]);
            assert!(first.contains("floor-1"), "{name} at {size:?}: {first}");
        }
    }
}

#[test]
fn what_the_database_says_cannot_act_on_the_terminal() {
    for (name, scene) in SCENES {
        let buffer = drawn(&scene((160, 45)).model, ThemeName::Terminal);
        for cell in buffer.content() {
            assert!(cell.symbol().chars().all(opsdash_core::text::is_inert), "{name}: {:?}", cell.symbol());
            assert!(!cell.symbol().contains(['\n', '\t']), "{name}");
        }
    }
}

#[test]
fn the_chosen_item_of_a_picker_and_the_end_of_the_help_can_be_reached_on_every_screen() {
    for size in SIZES {
        let mut desk = list(size);
        desk.press(": Up");
        let screen = shot(&desk.model, ThemeName::Mono);
        assert!(screen.contains("▌leave"), "{screen}");
        desk.press("Esc ? G");
        let screen = shot(&desk.model, ThemeName::Mono);
        assert!(screen.contains("old: the last asking failed"), "{screen}");
    }
}

#[test]
fn a_name_stays_beside_a_long_text_on_a_narrow_screen() {
    for columns in 40..120 {
        let mut desk = list((120, 30));
        desk.tell(Msg::Resize(columns, 24));
        let screen = shot(&desk.model, ThemeName::Mono);
        assert!(screen.contains("A-1007") && screen.contains("a note"), "{screen}");
    }
}
