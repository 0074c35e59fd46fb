//! What the detail shows: the fields of a row, lists, and charts over time.

use opsdash_core::{
    contract::{Part, Table},
    time::Time,
    value::Value,
    view::detail,
};

use crate::support::*;

fn shown(harness: &Harness) -> Vec<String> {
    plain(&detail::lines(&harness.model))
}

/// The detail of an order whose chart has these points: minutes before noon, value, series.
fn charted(points: &[(i64, f64, &str)]) -> Vec<String> {
    let mut harness = Harness::of(&shop(), &FLOORS, (160, 60)).open_orders(&[("a", OK)]);
    harness.press("Enter");
    let row = |(minutes, value, series): &(i64, f64, &str)| {
        let at = Value::Time(Time(NOON).plus_ms(-minutes * 60_000));
        ("", OK, "", vec![at, Value::Float(*value), Value::text(series)])
    };
    harness.answer("orders", Part::Chart(0), table(&["time", "value", "series"], points.iter().map(row).collect()));
    let lines = shown(&harness);
    let from = lines.iter().position(|line| line.starts_with(" Events")).unwrap();
    lines[from + 1..].iter().take_while(|line| !line.is_empty()).cloned().collect()
}

/// The rows of bars of each series, without what stands at their left.
fn bars(lines: &[String]) -> Vec<Vec<String>> {
    let bar = |line: &String| line.split_once('│').map(|(_, bars)| bars.to_owned());
    let series = lines.chunk_by(|a, b| a.contains('│') && b.contains('│'));
    series.map(|rows| rows.iter().filter_map(bar).collect()).filter(|bars: &Vec<String>| !bars.is_empty()).collect()
}

/// The lowest row of bars of each series.
fn lowest(lines: &[String]) -> Vec<String> {
    bars(lines).into_iter().filter_map(|mut rows| rows.pop()).collect()
}

#[test]
fn a_row_of_a_view_that_declares_no_detail_shows_all_its_columns() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.press("Enter");
    let shown = shown(&harness).join("\n");
    assert!(shown.contains("name   Customer c1") && shown.contains("id     c1"), "{shown}");
}

#[test]
fn a_number_of_a_detail_is_written_as_the_list_writes_it() {
    let mut harness = Harness::of(&shop(), &FLOORS, (160, 40)).open_orders(&[("a", OK)]);
    harness.press("Enter");
    let row = ("a", OK, "", vec![Value::Int(6902), Value::Int(6902)]);
    harness.answer("orders", Part::Detail, table(&["total", "port"], vec![row]));
    let shown = shown(&harness).join("\n");
    assert!(shown.contains("total  6 902") && shown.contains("port   6902"), "{shown}");
}

#[test]
fn a_column_that_the_list_hides_is_in_the_detail_unless_that_hides_it_too_and_a_secret_stays_one() {
    let shown_with = |detail: &str| {
        let pack = shop_made(|files| {
            let orders = files.get_mut("orders.toml").unwrap();
            let kept = orders
                .split("[detail]")
                .next()
                .unwrap()
                .replace("name = \"note\"", "name = \"note\"\nformat = \"secret\"");
            *orders = format!("{kept}{detail}");
            for file in ["orders.detail.sql", "orders.lines.sql", "orders.chart.sql"] {
                files.remove(file);
            }
        });
        let mut harness = Harness::of(&pack, &FLOORS, (160, 40)).open_orders(&[("a", OK)]);
        harness.press("Enter");
        shown(&harness).join("\n")
    };
    let all = shown_with("");
    assert!(all.contains("customer id  c1") && !all.contains("note of a"), "{all}");
    let without = shown_with("[[detail.column]]\nname = \"customer_id\"\nhide = true\n");
    assert!(!without.contains("c1"), "{without}");
}

#[test]
fn a_list_shows_what_it_does_not_declare_by_its_type_and_not_what_it_hides() {
    let pack = shop_made(|files| {
        let columns = "[[detail.list.column]]\nname = \"amount\"\ntitle = \"pieces\"\n[[detail.list.column]]\nname = \"internal\"\nhide = true\n";
        let orders = files.get_mut("orders.toml").unwrap();
        *orders = orders.replace("query = \"orders.lines.sql\"\n", &format!("query = \"orders.lines.sql\"\n{columns}"));
    });
    let mut harness = Harness::of(&pack, &FLOORS, (160, 40)).open_orders(&[("a", OK)]);
    harness.press("Enter");
    let cells = vec![Value::text("pear"), Value::Int(3), Value::text("x17")];
    let lines: Table = table(&["article", "amount", "internal"], vec![("pear", OK, "", cells)]);
    harness.answer("orders", Part::DetailList(0), lines);
    let shown = shown(&harness).join("\n");
    assert!(shown.contains("article  pieces") && shown.contains("pear") && !shown.contains("x17"), "{shown}");
}

#[test]
fn points_stand_where_their_times_are_and_what_is_missing_is_a_gap() {
    let lines = charted(&[(50, 1.0, ""), (40, 1.0, ""), (10, 1.0, ""), (0, 1.0, "")]);
    let bars = lowest(&lines).remove(0);
    // Of the last hour a point each 10 minutes: seven slots, of which the first one and two in the middle have none.
    let slots: Vec<char> = bars.chars().step_by(6).collect();
    let bar = |slot: &char| !slot.is_whitespace();
    assert_eq!(slots.iter().map(bar).collect::<Vec<_>>(), [false, true, true, false, false, true, true], "{lines:#?}");
    let axis = lines.iter().find(|line| line.contains("13:02")).unwrap();
    assert!(axis.contains("13:02") && axis.trim_end().ends_with("14:02 Z"), "the window, not the points: {axis}");
}

#[test]
fn all_series_of_a_chart_share_one_axis() {
    let lines = charted(&[(60, 2.0, "a"), (50, 2.0, "a"), (10, 2.0, "b"), (0, 2.0, "b")]);
    let ends: Vec<&String> = lines.iter().filter(|line| line.contains("13:02")).collect();
    assert_eq!(ends.len(), 2, "{lines:#?}");
    assert_eq!(ends[0], ends[1]);
    let bars = lowest(&lines);
    assert!(bars[0].starts_with('█') && bars[1].trim_start().len() < bars[1].len(), "{lines:#?}");
}

#[test]
fn bars_begin_at_zero_so_that_twice_as_much_is_twice_as_high() {
    let lines = charted(&[(20, 1.0, ""), (10, 2.0, ""), (0, 2.0, "")]);
    let rows = bars(&lines).remove(0);
    let height =
        |cell: usize| rows.iter().filter(|row| row.chars().nth(cell).is_some_and(|c| !c.is_whitespace())).count();
    let drawn: Vec<usize> = (0..120).map(height).filter(|height| *height > 0).collect();
    // Half of the rows, and the step that every value has.
    let (half, all) = (rows.len() / 2 + 1, rows.len());
    assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&half), Some(&all)), "{lines:#?}");
    assert!(lines[0].starts_with(" 2│") && lines[all - 1].starts_with(" 0│"), "{lines:#?}");
}

#[test]
fn more_slots_than_cells_keep_their_peaks_and_no_points_are_said() {
    let mut points: Vec<(i64, f64, &str)> = (0..3_000).map(|n| (n, 1.0, "")).collect();
    points.reverse();
    points[1_500].1 = 9.0;
    let lines = charted(&points);
    assert!(lines[0].contains('█') || lines[0].contains('▇'), "{lines:#?}");
    assert_eq!(charted(&[]), [" no data in this window"]);
}
