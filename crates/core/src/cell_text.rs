//! A value as text, as its column's format says: in a cell of the screen, and within a sentence.

use opsdash_pack::pack::{Column, Format};

use crate::{
    format,
    time::{Date, Time, Zone},
    value::Value,
};

/// Decimals of an amount where the pack says nothing.
const MONEY_DIGITS: u8 = 2;

/// How a value becomes text.
#[derive(Debug, Clone, Copy)]
pub struct CellText<'a> {
    /// The column, for what else it says of its values.
    pub column: &'a Column,
    /// The format, the column's own or another one.
    pub format: Format,
    /// The value of the column of the same row that the format names: of money the currency.
    pub beside: Option<&'a Value>,
    /// Now, as the server counts.
    pub now: Time,
    /// The zone of times.
    pub zone: &'a Zone,
    /// What stands for NULL within a list.
    pub none: &'a str,
}

impl CellText<'_> {
    /// The value on one line; of NULL and of what is not known, nothing.
    #[must_use]
    pub fn of(&self, value: &Value) -> String {
        match (value, self.format) {
            (_, Format::Secret) => "set".to_owned(),
            (Value::Null | Value::Unknown, _) => String::new(),
            (Value::Text(text), _) => format::line(text),
            (Value::Bool(b), _) => (if *b { "yes" } else { "no" }).to_owned(),
            (Value::Json(json), _) => json.to_string(),
            (Value::List(items), _) => format::line(&format::list(items, &|item| self.element(item))),
            (Value::Time(_) | Value::Date(_), _) => self.moment(value),
            (Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Duration(_), _) => self.number(value),
        }
    }

    /// A value of a list that is no list.
    fn element(&self, value: &Value) -> String {
        match value {
            Value::Null => self.column.null.as_deref().unwrap_or(self.none).to_owned(),
            value => self.of(value),
        }
    }

    fn moment(&self, value: &Value) -> String {
        let zone = self.zone;
        let today = Date::of(self.now, zone).unwrap_or(Date(0));
        match (value, self.format) {
            (Value::Time(time), Format::Age) => format::age(*time, self.now),
            (Value::Time(time), Format::Countdown) => format::countdown(*time, self.now),
            (Value::Time(time), Format::Date) => {
                Date::of(*time, zone).map_or_else(|| format::time(*time, zone), |day| day.to_string())
            }
            (Value::Time(time), _) => format::time(*time, zone),
            (Value::Date(date), Format::Age) => format::date_age(*date, today),
            (Value::Date(date), Format::Countdown) => format::date_countdown(*date, today),
            (Value::Date(date), _) => date.to_string(),
            _ => String::new(),
        }
    }

    fn number(&self, value: &Value) -> String {
        let exact = || format::plain(value, Format::Text);
        match (value, self.format) {
            (Value::Int(n), Format::Bytes) => format::bytes(*n),
            (Value::Int(ms) | Value::Duration(ms), Format::Duration) | (Value::Duration(ms), _) => {
                format::duration(*ms)
            }
            (_, Format::Text | Format::Id | Format::Status) => exact(),
            (_, Format::Decimal) => format::decimal(&exact(), self.column.digits),
            (_, Format::Money) => self.money(&exact()),
            (value, Format::Percent) => match value.as_number() {
                Some(percent) => format!("{} %", format::float((percent * 10.0).round() / 10.0 + 0.0)),
                None => exact(),
            },
            (Value::Int(n), _) => format::thousands(n),
            (value, format) => match (value.as_number(), format) {
                #[expect(clippy::cast_possible_truncation, reason = "a fraction of a ms is not shown")]
                (Some(ms), Format::Duration) => format::duration(ms.round() as i64),
                (Some(f), Format::Int) => format::thousands(format!("{f:.0}")),
                (Some(f), _) => format::float(f),
                (None, _) => exact(),
            },
        }
    }

    /// An amount with its currency, where the row says which.
    fn money(&self, amount: &str) -> String {
        let amount = format::decimal(amount, self.column.digits.or(Some(MONEY_DIGITS)));
        match self.beside.and_then(Value::as_text).filter(|currency| !currency.is_empty()) {
            Some(currency) => format!("{amount} {}", format::line(currency)),
            None => amount,
        }
    }
}
