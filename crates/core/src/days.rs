//! What rows were on earlier days: no database knows it, so opsdash remembers it, one value a day.

use std::collections::BTreeMap;

use opsdash_pack::pack::{GROWTH_DAYS, View};

use crate::{
    time::Date,
    value::{RowKey, Value},
};

/// Days of a row that are kept: the longest time that a value is held against, and today.
pub const DAYS: usize = GROWTH_DAYS as usize + 1;

/// Rows of a column that are kept. Beyond them those go first that were not seen for the longest time.
pub const ROWS: usize = 5_000;

/// The values of a row, by day.
pub type Days = BTreeMap<Date, i64>;

/// What is remembered of the rows of one target: by column ([`column_name`]), then by row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayMemory(pub BTreeMap<String, BTreeMap<RowKey, Days>>);

/// A value that a row had on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayValue {
    /// Of which column, see [`column_name`].
    pub column: String,
    /// Of which row.
    pub key: RowKey,
    /// On which day, in UTC.
    pub day: Date,
    /// The value.
    pub value: i64,
}

/// By how much a value has grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Grown {
    /// By so many percent, to one decimal.
    By(f64),
    /// From nothing: that is no share of anything.
    FromNothing,
    /// Nobody knows yet: so many days are known.
    Known(i32),
}

/// The name of a column in a [`DayMemory`]. Rows of one key are different rows in different scopes.
#[must_use]
pub fn column_name(view: &View, column: usize, scope: Option<&str>) -> String {
    let name = &view.columns[column].name;
    match scope {
        Some(scope) => format!("{}[{scope}].{name}", view.id),
        None => format!("{}.{name}", view.id),
    }
}

impl DayMemory {
    /// Remembers a value, unless one of the same row and day is remembered already. Where there are too many days, those go
    /// first that have not come yet (a clock was wrong), then the oldest.
    pub fn add(&mut self, of: DayValue) {
        let rows = self.0.entry(of.column).or_default();
        let days = rows.entry(of.key).or_default();
        days.entry(of.day).or_insert(of.value);
        while days.len() > DAYS {
            let is_to_come = days.last_key_value().is_some_and(|(last, _)| *last > of.day);
            let _gone = if is_to_come { days.pop_last() } else { days.pop_first() };
        }
        while rows.len() > ROWS {
            let last = |days: &Days| days.last_key_value().map(|(day, _)| *day);
            let Some(oldest) = rows.iter().min_by_key(|(_, days)| last(days)).map(|(key, _)| key.clone()) else {
                break;
            };
            rows.remove(&oldest);
        }
    }

    /// Whether a value of this row and day is remembered.
    #[must_use]
    pub fn has(&self, column: &str, key: &RowKey, day: Date) -> bool {
        self.days(column, key).is_some_and(|days| days.contains_key(&day))
    }

    /// By how much a value of today has grown in so many days.
    #[must_use]
    pub fn grown(&self, column: &str, key: &RowKey, (today, value): (Date, i64), days: i32) -> Grown {
        let none = Days::new();
        let known = self.days(column, key).unwrap_or(&none);
        let is_kept = |(day, _): &(&Date, &i64)| today.since_days(**day) <= GROWTH_DAYS;
        let before_today = || known.range(..today).filter(is_kept);
        let wanted = Date(today.0.saturating_sub(days));
        match before_today().take_while(|(day, _)| **day <= wanted).last() {
            Some((day, was)) => {
                let after =
                    before_today().find(|(day, _)| **day > wanted).map_or((today, value), |(day, n)| (*day, *n));
                percent(between((*day, *was), after, wanted), value)
            }
            None => Grown::Known(before_today().next().map_or(0, |(first, _)| today.since_days(*first))),
        }
    }

    fn days(&self, column: &str, key: &RowKey) -> Option<&Days> {
        self.0.get(column)?.get(key)
    }
}

/// The value on a day between two others, as if it had changed evenly.
#[expect(clippy::cast_precision_loss, reason = "a share is told to one decimal: 53 bits are plenty")]
fn between((from, was): (Date, i64), (to, is): (Date, i64), at: Date) -> f64 {
    let whole = f64::from(to.since_days(from)).max(1.0);
    (is as f64 - was as f64).mul_add(f64::from(at.since_days(from)) / whole, was as f64)
}

#[expect(clippy::cast_precision_loss, reason = "a share is told to one decimal: 53 bits are plenty")]
fn percent(was: f64, is: i64) -> Grown {
    if was <= 0.0 {
        return Grown::FromNothing;
    }
    // No -0.
    Grown::By(((is as f64 / was - 1.0) * 1_000.0).round() / 10.0 + 0.0)
}

/// What the column of a growth shows.
#[must_use]
pub fn shown(grown: Grown, days: i32) -> Value {
    match grown {
        Grown::By(percent) => Value::Float(percent),
        Grown::FromNothing => Value::Null,
        Grown::Known(known) => Value::Text(format!("{known} of {days} d").into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMN: &str = "fleet.size";
    const TODAY: Date = Date(20_000);

    fn memory(days: &[(i32, i64)]) -> DayMemory {
        let mut memory = DayMemory::default();
        for (ago, value) in days {
            let (column, key, day) = (COLUMN.to_owned(), RowKey::of(&["a"]), Date(TODAY.0 - ago));
            memory.add(DayValue { column, key, day, value: *value });
        }
        memory
    }

    fn grown(days: &[(i32, i64)], value: i64) -> Grown {
        memory(days).grown(COLUMN, &RowKey::of(&["a"]), (TODAY, value), 7)
    }

    #[test]
    fn a_value_is_held_against_that_of_the_day_and_without_one_against_what_lies_around_it() {
        assert_eq!(grown(&[(7, 100), (3, 500)], 120), Grown::By(20.0));
        assert_eq!(grown(&[(7, 300), (8, 1)], 200), Grown::By(-33.3));
        assert_eq!(grown(&[(9, 100), (5, 140)], 180), Grown::By(50.0), "it was 120");
        assert_eq!(grown(&[(14, 100)], 300), Grown::By(50.0), "it was 200, half way");
        assert_eq!(grown(&[(7, 100)], 100), Grown::By(0.0));
        assert_eq!(grown(&[(7, 0)], 100), Grown::FromNothing);
    }

    #[test]
    fn until_so_many_days_are_known_it_says_how_many_are() {
        assert_eq!(grown(&[], 5), Grown::Known(0));
        assert_eq!(grown(&[(0, 5)], 5), Grown::Known(0), "today is no earlier day");
        assert_eq!(grown(&[(3, 5), (1, 6)], 7), Grown::Known(3));
        assert_eq!(grown(&[(40, 5), (2, 6)], 7), Grown::Known(2), "what is older than a month is forgotten");
        assert_eq!(grown(&[(-3, 5)], 7), Grown::Known(0), "a day that has not come");
        assert_eq!(shown(grown(&[(3, 5)], 7), 7), Value::Text("3 of 7 d".into()));
    }

    #[test]
    fn the_first_value_of_a_day_stays() {
        assert_eq!(grown(&[(7, 100), (7, 200)], 120), Grown::By(20.0));
    }

    #[test]
    fn of_too_many_rows_those_go_that_were_not_seen_for_the_longest_time() {
        let mut memory = memory(&[(9, 1)]);
        for at in 0..ROWS {
            let key = RowKey::of(&[&format!("row {at}")]);
            memory.add(DayValue { column: COLUMN.to_owned(), key, day: TODAY, value: 1 });
        }
        let rows = &memory.0[COLUMN];
        assert_eq!((rows.len(), rows.contains_key(&RowKey::of(&["a"]))), (ROWS, false));
    }

    proptest! {
        #[test]
        fn whatever_is_remembered_it_is_bounded_and_told_without_a_panic(
            days in prop::collection::vec((-50_i32..50, any::<i64>()), 0..80), value in any::<i64>(), over in -10_i32..40,
        ) {
            let mut all = memory(&days);
            let ends = [(i32::MAX, 1), (i32::MIN, 2)];
            for (day, value) in ends {
                all.add(DayValue { column: COLUMN.to_owned(), key: RowKey::of(&["a"]), day: Date(day), value });
            }
            prop_assert!(all.0[COLUMN][&RowKey::of(&["a"])].len() <= DAYS);
            let grown = all.grown(COLUMN, &RowKey::of(&["a"]), (TODAY, value), over);
            if let Grown::By(percent) = grown {
                prop_assert!(percent.is_finite());
            }
        }
    }
}
