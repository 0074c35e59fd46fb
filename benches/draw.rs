//! How long a frame takes, from the model to the cells of the screen: `cargo bench --bench draw`.

#[expect(dead_code, clippy::unwrap_used, reason = "it is for the tests; this uses its part of it")]
#[path = "../crates/core/tests/it/support/mod.rs"]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use opsdash::tui::{
    draw::{self, theme::Theme},
    editor::Editor,
};
use opsdash_core::{contract::Part, model::Model, value::Severity};
use opsdash_pack::config::ThemeName;
use ratatui::{Terminal, backend::TestBackend};
use support::{Harness, orders};

const ROWS: usize = 10_000;

fn many_orders() -> opsdash_core::contract::Table {
    let ids: Vec<String> = (0..ROWS).map(|n| format!("order-{n:05}")).collect();
    let rows: Vec<(&str, Severity)> = ids.iter().map(|id| (id.as_str(), Severity::Crit)).collect();
    orders(&rows)
}

/// Draws the same model again and again. The terminal compares with its last frame, as it does for a user.
fn frame(criterion: &mut Criterion, name: &str, model: &Model) {
    let backend = TestBackend::new(model.size.0, model.size.1);
    let mut terminal = Terminal::new(backend).expect("it is memory alone");
    let theme = Theme::named(ThemeName::Terminal, false);
    let editor = Editor::default();
    criterion.bench_function(name, |bench| {
        bench.iter(|| {
            let drawn = terminal.draw(|frame| draw::screen(frame, model, &theme, &editor));
            drawn.map(|frame| frame.count).expect("it is memory alone")
        });
    });
}

fn draw(criterion: &mut Criterion) {
    let mut harness = Harness::sized(160, 45);
    harness.answer("orders", Part::Summary, many_orders());
    frame(criterion, "draw the overview, 160x45", &harness.model);
    harness.press("2");
    harness.answer("orders", Part::List, many_orders());
    frame(criterion, "draw a list of 10 000 rows, 160x45", &harness.model);
}

criterion_group!(benches, draw);
criterion_main!(benches);
