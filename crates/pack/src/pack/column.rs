//! A column of a list or a field of a detail: how its values are shown, how wide, in which tones.

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The alias in the query, or in the enrichment that brings it.
    pub name: String,
    /// For the header.
    pub title: String,
    /// How its values are shown.
    pub format: Format,
    /// How wide it is.
    pub width: Width,
    /// Values that get a tone. Never decides severity.
    pub tint: Vec<(Tone, Vec<String>)>,
    /// Column with the full mark of a gauge; `None` draws against 100.
    pub max: Option<String>,
    /// What stands for NULL on screen; `None` is a dash.
    pub null: Option<String>,
    /// Kept for links, enrichments, sorting by name and output; not drawn in the list.
    pub hide: bool,
    /// In a detail: the heading that it stands under; `None` before the first heading.
    pub section: Option<String>,
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// As it is, on one line.
    #[default]
    Text,
    /// A whole number with thousands apart.
    Int,
    /// A number with at most two decimals.
    Float,
    /// yes or no.
    Bool,
    /// Bytes, in binary units.
    Bytes,
    /// ms, in the largest fitting unit.
    Duration,
    /// How long ago a time was.
    Age,
    /// How long until a time, or since it when it has passed; an infinite one is `never`.
    Countdown,
    /// A date and time in the chosen zone.
    Time,
    /// A short word, usually tinted.
    Status,
    /// A bar against `max`.
    Gauge,
    /// A line of small bars.
    Spark,
    /// A document: one line in a list, a tree in a detail.
    Json,
    /// Never shown, exported or copied: only whether it is there.
    Secret,
}

impl Format {
    /// Every format and its word.
    pub const ALL: [(&'static str, Self); 14] = [
        ("text", Self::Text),
        ("int", Self::Int),
        ("float", Self::Float),
        ("bool", Self::Bool),
        ("bytes", Self::Bytes),
        ("duration", Self::Duration),
        ("age", Self::Age),
        ("countdown", Self::Countdown),
        ("time", Self::Time),
        ("status", Self::Status),
        ("gauge", Self::Gauge),
        ("spark", Self::Spark),
        ("json", Self::Json),
        ("secret", Self::Secret),
    ];

    /// Whether its cells stand on the right.
    #[must_use]
    pub fn is_right_aligned(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Bytes | Self::Duration | Self::Age)
    }
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Width {
    /// As wide as what is in it, within reason.
    #[default]
    Auto,
    /// So many cells.
    Cells(u16),
    /// Shares what the others leave.
    Fill,
}

/// What a piece of text means; a theme gives it a color and a modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Body text.
    #[default]
    Normal,
    /// Labels, units, what matters less.
    Dim,
    /// Names, what the eye looks for.
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
    /// Tones that a pack may tint with, and their words.
    pub const TINTS: [(&'static str, Self); 6] = [
        ("ok", Self::Ok),
        ("warn", Self::Warn),
        ("crit", Self::Crit),
        ("unknown", Self::Unknown),
        ("dim", Self::Dim),
        ("accent", Self::Accent),
    ];
}
