//! States of the program that a user meets.

use opsdash_core::{
    contract::{Content, Failure, FailureKind, Listing, Part, RawRow, StoredFile, Table},
    model::TargetId,
    time::Time,
    value::{Counts, RowKey, Severity, Value},
};

use super::{
    acting,
    support::{FLOORS, Harness, NOON, customers, grouped_shop, lateness, table},
};

const OK: Severity = Severity::Ok;
const WARN: Severity = Severity::Warn;
const CRIT: Severity = Severity::Crit;
const UNKNOWN: Severity = Severity::Unknown;

/// A state of the program: what happened until it was drawn.
pub type Scene = fn((u16, u16)) -> Harness;

pub const SCENES: &[(&str, Scene)] = &[
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
    ("action", acting::one),
    ("action_typed", acting::typed),
    ("action_many", acting::many),
    ("action_choice", acting::choice),
    ("undo", acting::undo),
    ("writing", acting::writing),
    ("told", acting::told),
    ("arm", acting::arm),
    ("armed", acting::armed),
    ("snoozed", acting::snoozed),
];

pub fn start(size: (u16, u16)) -> Harness {
    Harness::sized(size.0, size.1)
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
    RawRow { key: RowKey(id.into()), severity, why: why.into(), cells, ..RawRow::default() }
}

const ORDER: [&str; 5] = ["id", "customer_id", "total", "placed_at", "note"];

/// One row of each severity, a wide text, a hostile one and one that is too long for any screen.
pub fn orders() -> Table {
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
    Table { columns, rows, counts, truncated: true, ..Table::default() }
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
        stored_id: None,
        id: id.into(),
        name: name.into(),
        length: Some(length),
        chunk_size: Some(261_120),
        uploaded: Some(Time(NOON).plus_ms(-86_400_000)),
        chunks: Some(opsdash_core::contract::ChunkCount { found: 1, last: 0 }),
        metadata: None,
        checked: None,
    };
    let files = vec![
        file("64b7f0a1c2d3e4f5a6b7c8d1", "prices-1.9.csv", 211_999),
        file("64b7f0a1c2d3e4f5a6b7c8d3", "old.csv", 7),
    ];
    Listing { files, truncated: false, orphans: Some(Vec::new()) }
}

pub fn overview(size: (u16, u16)) -> Harness {
    answered(start(size))
}

/// The same, with Customers and Stock lists in one tab.
pub fn group_overview(size: (u16, u16)) -> Harness {
    answered(Harness::of(&grouped_shop(), &FLOORS, size))
}

/// A view of that tab, the other one in trouble.
pub fn group_list(size: (u16, u16)) -> Harness {
    let mut harness = group_overview(size);
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1", "c2", "c3"]));
    harness
}

fn answered(mut harness: Harness) -> Harness {
    harness.answer("orders", Part::Summary, orders());
    harness.answer("customers", Part::Summary, customers(&["c1", "c2", "c3"]));
    harness.answer("lateness", Part::List, lateness(&[("c2", 4)]));
    harness.answer("stock", Part::Summary, stock());
    harness.list_store("stock", listing());
    harness.wait(2_000);
    harness
}

/// Every view answered, and nothing is wrong.
pub fn calm(size: (u16, u16)) -> Harness {
    let mut harness = start(size);
    harness.answer(
        "orders",
        Part::Summary,
        Table { rows: Vec::new(), counts: Counts { ok: 40, ..Counts::default() }, ..orders() },
    );
    harness.answer("customers", Part::Summary, customers(&["c1"]));
    harness.answer("lateness", Part::List, lateness(&[]));
    harness.answer("stock", Part::Summary, Table { rows: Vec::new(), counts: Counts::default(), ..stock() });
    harness.list_store("stock", Listing::default());
    harness
}

pub fn list(size: (u16, u16)) -> Harness {
    let mut harness = overview(size);
    harness.press("2");
    harness.answer("orders", Part::List, orders());
    harness.press("Right s s j Space");
    harness.wait(3_000);
    harness
}

pub fn detail(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.press("s g g Enter");
    harness.wait(200);
    let fields = Table {
        columns: ["state", "carrier", "address", "payload", "paid_at"].map(str::to_owned).into(),
        rows: vec![RawRow {
            key: RowKey("open".into()),
            severity: OK,
            cells: vec![
                Value::text("open"),
                Value::Null,
                Value::text("Main Street 1\n12345 Springfield"),
                Value::Json(Box::new(serde_json::json!({"items": [{"sku": "x-1", "count": 2}]}))),
                Value::Time(Time(NOON)),
            ],
            ..RawRow::default()
        }],
        ..Table::default()
    };
    harness.answer("orders", Part::Detail, fields);
    let line = |sku: &'static str, count| (sku, OK, "", vec![Value::text(sku), Value::Int(count)]);
    harness.answer("orders", Part::DetailList(0), table(&["sku", "count"], vec![line("x-1", 2), line("y-22", 1_200)]));
    let point = |at: i32| {
        let value = if at % 10 == 7 { Value::Null } else { Value::Float(f64::from(at * at % 97)) };
        let at = Time(NOON).plus_ms(i64::from(at - 59) * 60_000);
        ("", OK, "", vec![Value::Time(at), value])
    };
    harness.answer("orders", Part::Chart(0), table(&["time", "value"], (0..60).map(point).collect()));
    harness
}

pub fn stale(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.wait(12_000);
    harness.fail("orders", Part::List, FailureKind::Timeout);
    harness.wait(400);
    harness
}

pub fn no_data(size: (u16, u16)) -> Harness {
    let mut harness = start(size);
    harness.press("2");
    let read = harness.take("orders", Part::List);
    let failure = Failure::new(FailureKind::Schema, "relation \"orders\" does not exist");
    harness.reply(&read, Err(failure.of_object("orders")));
    harness.fail("stock", Part::Store, FailureKind::Unreachable);
    harness
}

pub fn empty(size: (u16, u16)) -> Harness {
    let mut harness = start(size);
    harness.press("2");
    harness.answer(
        "orders",
        Part::List,
        Table { rows: Vec::new(), counts: Counts::default(), truncated: false, ..orders() },
    );
    harness
}

pub fn filter(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.press("/");
    harness.type_in("!severity:ok id:10");
    harness
}

pub fn facets(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.press("f Right");
    harness.answer("orders", Part::List, orders());
    harness
}

pub fn palette(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.press(":");
    harness.type_in("cu");
    harness.press("Down");
    harness
}

pub fn help(size: (u16, u16)) -> Harness {
    let mut harness = list(size);
    harness.press("? j");
    harness
}

/// Four targets: one with trouble of its own, one that died a minute ago, one that is well, one that never answered.
pub fn targets(size: (u16, u16)) -> Harness {
    let mut harness = Harness::with_targets(
        &[("floor-1", true), ("prod-us", true), ("staging", true), ("a-far-away-floor", true)],
        size,
    );
    let answer = |harness: &mut Harness, at: usize, rows: Table| {
        let target = TargetId(at);
        for (view, part, table) in [
            ("orders", Part::Summary, rows),
            ("customers", Part::Summary, customers(&["c1", "c2", "c3"])),
            ("lateness", Part::List, lateness(if at == 0 { &[("c2", 4)] } else { &[] })),
            ("stock", Part::Summary, stock()),
        ] {
            let read = harness.take_of(target, view, part);
            harness.reply(&read, Ok(Content::Table(table)));
        }
        let mut there = listing();
        there.files.truncate(1);
        there.files.push(StoredFile {
            stored_id: None,
            id: "64b7f0a1c2d3e4f5a6b7c8d2".into(),
            name: "prices-1.10.csv".into(),
            ..there.files[0].clone()
        });
        there.files.iter_mut().for_each(|file| file.length = Some(212_000));
        let read = harness.take_of(target, "stock", Part::Store);
        harness.reply(&read, Ok(Content::Listing(there)));
    };
    let well =
        || Table { rows: Vec::new(), counts: Counts { ok: 40, ..Counts::default() }, truncated: false, ..orders() };
    let mut bad = orders();
    bad.rows.truncate(3);
    bad.counts = Counts { crit: 2, unknown: 1, ok: 12, ..Counts::default() };
    bad.truncated = false;
    answer(&mut harness, 0, orders());
    answer(&mut harness, 1, bad);
    answer(&mut harness, 2, well());
    for read in std::mem::take(&mut harness.asked) {
        harness.reply(&read, Err(Failure::new(FailureKind::Unreachable, "floor.internal:5432: connection refused")));
    }
    harness.wait(61_000);
    for read in std::mem::take(&mut harness.asked) {
        if harness.target_of(&read) != TargetId(1) {
            continue;
        }
        harness.reply(&read, Err(Failure::new(FailureKind::Unreachable, "us.internal:5432: no route to host")));
    }
    harness.wait(5_000);
    harness
}

/// More targets than there is room for.
pub fn targets_many(size: (u16, u16)) -> Harness {
    let names: Vec<String> = (1..=20).map(|n| format!("floor-{n}")).collect();
    let mut harness = Harness::with_targets(&names.iter().map(|name| (name.as_str(), true)).collect::<Vec<_>>(), size);
    for read in std::mem::take(&mut harness.asked) {
        let view = harness.model.pack().view(read.to.view).id.clone();
        let content = match (view.as_str(), read.to.part) {
            (_, Part::Store) => Content::Listing(Listing::default()),
            ("orders", _) if harness.target_of(&read) == TargetId(16) => Content::Table(orders()),
            ("customers", _) => Content::Table(customers(&["c1"])),
            ("lateness", _) => Content::Table(lateness(&[])),
            (view, _) => Content::Table(table(
                if view == "orders" { &ORDER } else { &["file_id", "filename", "size", "checksum", "active"] },
                vec![],
            )),
        };
        harness.reply(&read, Ok(content));
    }
    harness
}

/// Two others look at the same database.
pub fn operators(size: (u16, u16)) -> Harness {
    let mut harness = start(size);
    harness.others = Some(vec!["carol".to_owned(), "bob".to_owned()]);
    answered(harness)
}
