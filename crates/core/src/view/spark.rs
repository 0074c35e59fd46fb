//! Lines of small bars. A gap in the data stays a gap.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];

/// Points as bars. When there are more points than cells, each cell shows the largest of its share, so that a peak is
/// never averaged away. The highest bar leaves a little room above it: rows of bars must not grow together.
#[must_use]
pub fn bars(points: &[Option<f64>], cells: usize, ascii: bool) -> String {
    drawn(points, scale, cells, (1, 7), ascii).concat()
}

/// The same on a scale that other lines of bars share: from 0 to the largest of all of them. What is more than nothing is
/// more than the lowest bar, however little it is.
#[must_use]
pub fn bars_to(points: &[Option<f64>], most: f64, cells: usize, ascii: bool) -> String {
    let least_seen = most / 12.0;
    let lifted = points.iter().map(|point| point.map(|value| if value > 0.0 { value.max(least_seen) } else { value }));
    let lifted: Vec<Option<f64>> = lifted.collect();
    drawn(&lifted, |_| (0.0, most), cells, (1, 7), ascii).concat()
}

/// What the lowest and the highest bar stand for. The span is never less than half of the largest value, so that a
/// small change looks small and a steady line lies in the middle.
fn scale(points: &[Option<f64>]) -> (f64, f64) {
    let known = || points.iter().flatten().copied();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let largest = low.abs().max(high.abs());
    let missing = (largest / 2.0 - (high - low)).max(0.0);
    (low - missing / 2.0, high + missing / 2.0)
}

/// From 0 where no value is below it, so that twice as much is twice as high.
fn scale_from_zero(points: &[Option<f64>]) -> (f64, f64) {
    let known = || points.iter().flatten().copied();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if low < 0.0 { scale(points) } else { (0.0, high) }
}

/// What the lowest row of a chart stands for.
#[must_use]
pub fn lowest(points: &[Option<f64>]) -> f64 {
    scale_from_zero(points).0
}

/// The same as a chart of several rows, the topmost first, and from 0.
#[must_use]
pub fn columns(points: &[Option<f64>], cells: usize, rows: usize, ascii: bool) -> Vec<String> {
    drawn(points, scale_from_zero, cells, (rows, rows * 8), ascii)
}

/// Bars over `rows`, of at most `highest` eighths of a row.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few rows")]
fn drawn(
    points: &[Option<f64>],
    scale: impl Fn(&[Option<f64>]) -> (f64, f64),
    cells: usize,
    (rows, highest): (usize, usize),
    ascii: bool,
) -> Vec<String> {
    let shares = share_out(points, cells);
    let (low, high) = scale(&shares);
    let glyphs = if ascii { ASCII } else { BLOCKS };
    // The lowest bar is one step high: it shows that there is a value.
    let most = (highest - 1) as f64;
    let steps = |value: f64| if high > low { ((value - low) / (high - low) * most).round() as usize + 1 } else { 1 };
    let row = |at: usize| {
        let below = (rows - 1 - at) * 8;
        let cell = |share: &Option<f64>| match share.map(|value| steps(value).saturating_sub(below)) {
            None | Some(0) => ' ',
            Some(filled) => glyphs[filled.min(8) - 1],
        };
        shares.iter().map(cell).collect()
    };
    (0..rows).map(row).collect()
}

/// At most `cells` values: the points themselves, or the largest of each share of them.
#[must_use]
pub fn share_out(points: &[Option<f64>], cells: usize) -> Vec<Option<f64>> {
    if points.len() <= cells {
        return points.to_vec();
    }
    (0..cells)
        .map(|cell| {
            let share = &points[cell * points.len() / cells..(cell + 1) * points.len() / cells];
            share.iter().flatten().copied().reduce(f64::max)
        })
        .collect()
}

/// A bar of `cells` for a part of a whole, in eighths of a cell.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few cells")]
pub fn gauge(part: f64, cells: usize, ascii: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (part.clamp(0.0, 1.0) * cells as f64 * 8.0).round() as usize;
    let (full, rest) = (eighths / 8, eighths % 8);
    let bar = if ascii { "#".repeat(full) } else { "█".repeat(full) + EIGHTHS[rest] };
    let wide = crate::text::width(&bar);
    bar + &(if ascii { "." } else { "░" }).repeat(cells.saturating_sub(wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_in_the_data_is_a_gap() {
        assert_eq!(bars(&[Some(0.0), None, Some(3.0)], 10, false), "▁ ▇");
    }

    #[test]
    fn a_steady_line_is_calm_and_a_small_change_looks_small() {
        assert_eq!(bars(&[Some(0.0), Some(0.0)], 10, true), "__");
        assert_eq!(bars(&[Some(500.0), Some(500.0)], 10, false), "▄▄");
        assert_eq!(bars(&[Some(500.0), Some(510.0), Some(1_000.0)], 10, false), "▁▁▇");
        assert_eq!(bars(&[Some(500.0), Some(510.0), Some(490.0)], 10, false), "▄▄▄");
    }

    #[test]
    fn lines_on_one_scale_tell_one_from_thousands_and_something_from_nothing() {
        assert_eq!(bars_to(&[Some(0.0), Some(6_902.0)], 6_902.0, 10, false), "▁▇");
        assert_eq!(bars_to(&[Some(0.0), Some(1.0), None], 6_902.0, 10, false), "▁▂ ");
    }

    #[test]
    fn a_peak_survives_among_many_points() {
        let mut points = vec![Some(0.0); 100];
        points[57] = Some(9.0);
        assert!(bars(&points, 10, false).contains('▇'));
    }

    #[test]
    fn a_gauge_is_as_wide_as_it_was_asked_to_be() {
        for part in [-1.0, 0.0, 0.1, 0.5, 0.99, 1.0, 7.0] {
            assert_eq!(crate::text::width(&gauge(part, 6, false)), 6);
            assert_eq!(gauge(part, 6, true).len(), 6);
        }
    }
}
