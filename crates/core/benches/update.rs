//! How long `update` takes with as many rows loaded as a list may have: `cargo bench -p opsdash-core`.

#[expect(dead_code, clippy::unwrap_used, reason = "it is for the tests; this uses its part of it")]
#[path = "../tests/it/support/mod.rs"]
mod support;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use opsdash_core::{
    contract::{Part, Table},
    msg::Msg,
    value::Severity,
};
use opsdash_pack::keymap::Key;
use support::{Harness, orders};

const ROWS: usize = 10_000;

/// Every severity, and in no order by key.
fn many() -> Table {
    let severity = |n: usize| [Severity::Crit, Severity::Warn, Severity::Ok, Severity::Unknown][n % 4];
    let ids: Vec<(String, Severity)> =
        (0..ROWS).map(|n| (format!("order-{:05}", n * 7_919 % ROWS), severity(n))).collect();
    let ids: Vec<(&str, Severity)> = ids.iter().map(|(id, severity)| (id.as_str(), *severity)).collect();
    orders(&ids)
}

/// At a list that has asked and waits.
fn asking() -> Harness {
    let mut harness = Harness::sized(160, 45);
    harness.press("2");
    harness
}

fn loaded(table: Table) -> Harness {
    let mut harness = asking();
    harness.answer("orders", Part::List, table);
    harness
}

fn key(text: &str) -> Msg {
    Msg::Key(text.parse::<Key>().expect("it is the name of a key"))
}

fn typed(text: &str) -> Msg {
    Msg::Edited { text: text.into(), cursor: text.chars().count() }
}

fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update, 10 000 rows");
    let table = many();
    group.bench_function("an answer", |bench| {
        let answer = |(mut harness, table): (Harness, Table)| {
            harness.answer("orders", Part::List, table);
            harness
        };
        bench.iter_batched(|| (asking(), table.clone()), answer, BatchSize::LargeInput);
    });
    let mut harness = loaded(table);
    let mut down = true;
    group.bench_function("one row down or up", |bench| {
        bench.iter(|| {
            harness.tell(key(if down { "j" } else { "k" }));
            down = !down;
        });
    });
    group.bench_function("sort", |bench| bench.iter(|| harness.tell(key("s"))));
    harness.press("/");
    let texts = ["n", "no", "note of order-01", "note of order-012", "!order-9", "total>30"];
    let mut next = texts.iter().cycle();
    group.bench_function("a letter of the filter", |bench| {
        bench.iter(|| harness.tell(typed(next.next().expect("it goes round"))));
    });
    group.finish();
}

criterion_group!(benches, update);
criterion_main!(benches);
