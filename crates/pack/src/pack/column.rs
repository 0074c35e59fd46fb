//! Columns of lists and fields of details: how their values are shown, how wide, and in which tones.

/// A column of a list, or a field of a detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The alias in the query, or in the enrichment that brings it.
    pub name: String,
    /// The title in the header.
    pub title: String,
    /// How its values are shown.
    pub format: Format,
    /// How wide the column is.
    pub width: Width,
    /// The tones, each with the values that have it. A tone never decides the severity.
    pub tint: Vec<(Tone, Vec<String>)>,
    /// Of a gauge, the column with the value that is full. `None` means that 100 is full.
    pub max: Option<String>,
    /// Of money, the column with the currency. `None` shows amounts without one.
    pub currency: Option<String>,
    /// Of a decimal or of money, how many decimals are shown. `None` means those that a decimal has, and 2 of money.
    pub digits: Option<u8>,
    /// The text for NULL. `None` means a dash on screen, and nothing in what `show` prints.
    pub null: Option<String>,
    /// Whether the column is not shown. Links, enrichments and output still use it.
    pub hide: bool,
    /// Of a field, the heading above it. `None` for fields above the first heading, and for columns of lists.
    pub section: Option<String>,
}

impl Column {
    /// A column of text with nothing said about it; its title is its name in words.
    #[must_use]
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: name.replace('_', " "),
            format: Format::Text,
            width: Width::Auto,
            tint: Vec::new(),
            max: None,
            currency: None,
            digits: None,
            null: None,
            hide: false,
            section: None,
        }
    }

    /// The name of the column of the same row that the format needs: what is full of a gauge, the currency of money.
    #[must_use]
    pub fn beside(&self) -> Option<&str> {
        self.max.as_deref().or(self.currency.as_deref())
    }
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// As it is, on one line. Digits are not grouped.
    #[default]
    Text,
    /// What identifies something, such as a number that nobody adds up. Digits are not grouped.
    Id,
    /// A whole number with its thousands separated.
    Int,
    /// A number with at most two decimals.
    Float,
    /// A number with all its decimals, or as many as the pack says, and its thousands separated.
    Decimal,
    /// A decimal with its currency.
    Money,
    /// A number of hundredths with its sign, and at most one decimal: 12.5 is 12.5 %.
    Percent,
    /// yes or no.
    Bool,
    /// A number of bytes, in binary units.
    Bytes,
    /// A number of ms, in the largest unit that fits.
    Duration,
    /// How long ago a time was.
    Age,
    /// How long until a time, or how long ago it was. An infinite time is `never`.
    Countdown,
    /// A date and time in the chosen zone.
    Time,
    /// A day, `2026-06-01`. Of a date it is never shifted; of a time it is that of the chosen zone.
    Date,
    /// A short word, usually tinted.
    Status,
    /// A bar against `max`.
    Gauge,
    /// A line of small bars.
    Spark,
    /// A JSON document: one line in a list, a tree in a detail.
    Json,
    /// A secret. Only whether there is one is shown; the value is never shown, copied or exported.
    Secret,
}

impl Format {
    /// Every format and its word.
    pub const ALL: [(&'static str, Self); 19] = [
        ("text", Self::Text),
        ("id", Self::Id),
        ("int", Self::Int),
        ("float", Self::Float),
        ("decimal", Self::Decimal),
        ("money", Self::Money),
        ("percent", Self::Percent),
        ("bool", Self::Bool),
        ("bytes", Self::Bytes),
        ("duration", Self::Duration),
        ("age", Self::Age),
        ("countdown", Self::Countdown),
        ("time", Self::Time),
        ("date", Self::Date),
        ("status", Self::Status),
        ("gauge", Self::Gauge),
        ("spark", Self::Spark),
        ("json", Self::Json),
        ("secret", Self::Secret),
    ];

    /// Whether the cells are aligned to the right.
    #[must_use]
    pub fn is_right_aligned(self) -> bool {
        matches!(
            self,
            Self::Int
                | Self::Float
                | Self::Decimal
                | Self::Money
                | Self::Percent
                | Self::Bytes
                | Self::Duration
                | Self::Age
        )
    }
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    /// As wide as its values, up to a bound.
    #[default]
    Auto,
    /// This many cells of the terminal.
    Cells(u16),
    /// What the other columns leave, shared between all that fill.
    Fill,
}

/// What a piece of text means. A theme gives the tone a color and a modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Body text.
    #[default]
    Normal,
    /// Labels, units, and other text that matters less.
    Dim,
    /// Names, and other text that a reader looks for.
    Strong,
    /// In order.
    Ok,
    /// Needs somebody today.
    Warn,
    /// Needs somebody now.
    Crit,
    /// Not known, or old.
    Unknown,
    /// Keys, links, the selection.
    Accent,
}

impl Tone {
    /// The tones that a pack may give to values, with their words.
    pub(crate) const TINTS: [(&'static str, Self); 6] = [
        ("ok", Self::Ok),
        ("warn", Self::Warn),
        ("crit", Self::Crit),
        ("unknown", Self::Unknown),
        ("dim", Self::Dim),
        ("accent", Self::Accent),
    ];
}
