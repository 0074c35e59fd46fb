//! Columns of lists and fields of details.

use std::collections::BTreeSet;

use super::{Resolver, title_of};
use crate::{
    document::Problems,
    language::words::{RawColumn, RawWidth},
    pack::{Column, Format, Tone, Width},
};

/// Widest column that may be asked for, in cells: wider than any terminal.
const MAX_WIDTH: u16 = 500;

/// Most decimals that may be asked for.
const MAX_DIGITS: u8 = 30;

/// All columns of one list. Only fields have sections.
pub(super) fn validate_columns(resolver: &Resolver, raw: &[RawColumn], problems: &mut Problems) -> Vec<Column> {
    for section in raw.iter().filter_map(|column| column.section.as_ref()) {
        let what = format!("the section \"{}\" in a list", section.get_ref());
        problems.add(resolver.location_of(section), what, "only a [[detail.column]] has a section; remove it");
    }
    validate_fields(resolver, raw, problems)
}

/// All fields of a detail.
pub(super) fn validate_fields(resolver: &Resolver, raw: &[RawColumn], problems: &mut Problems) -> Vec<Column> {
    let names: Vec<&str> = raw.iter().map(|column| column.name.get_ref().as_str()).collect();
    raw.iter().map(|column| validate_column(resolver, column, &names, problems)).collect()
}

fn validate_column(resolver: &Resolver, raw: &RawColumn, names: &[&str], problems: &mut Problems) -> Column {
    resolver.validate_id("column", &raw.name, problems);
    let format = resolver.format(raw.format.as_ref(), Format::default(), problems);
    validate_max(resolver, raw, format, names, problems);
    Column {
        name: raw.name.get_ref().clone(),
        title: raw.title.clone().unwrap_or_else(|| title_of(raw.name.get_ref())),
        format,
        width: validate_width(resolver, raw, problems),
        tint: validate_tint(resolver, raw, problems),
        max: raw.max.as_ref().map(|max| max.get_ref().clone()),
        currency: validate_currency(resolver, raw, format, names, problems),
        digits: validate_digits(resolver, raw, format, problems),
        null: raw.null.clone(),
        hide: raw.hide,
        section: raw.section.as_ref().map(|section| section.get_ref().clone()),
    }
}

fn validate_max(resolver: &Resolver, raw: &RawColumn, format: Format, names: &[&str], problems: &mut Problems) {
    let Some(max) = &raw.max else { return };
    if format != Format::Gauge {
        let what = format!("\"max\" on the column \"{}\", which is no gauge", raw.name.get_ref());
        problems.add(resolver.location_of(max), what, "remove it, or set format = \"gauge\"");
    }
    if !names.contains(&max.get_ref().as_str()) {
        resolver.add_unknown("column", max, names.iter().copied(), problems);
    }
}

fn validate_currency(
    resolver: &Resolver,
    raw: &RawColumn,
    format: Format,
    names: &[&str],
    problems: &mut Problems,
) -> Option<String> {
    let currency = raw.currency.as_ref()?;
    if format != Format::Money {
        let what = format!("\"currency\" on the column \"{}\", which is no money", raw.name.get_ref());
        problems.add(resolver.location_of(currency), what, "remove it, or set format = \"money\"");
    }
    if !names.contains(&currency.get_ref().as_str()) {
        resolver.add_unknown("column", currency, names.iter().copied(), problems);
    }
    Some(currency.get_ref().clone())
}

fn validate_digits(resolver: &Resolver, raw: &RawColumn, format: Format, problems: &mut Problems) -> Option<u8> {
    let digits = raw.digits.as_ref()?;
    if !matches!(format, Format::Decimal | Format::Money) {
        let what = format!("\"digits\" on the column \"{}\", which is no decimal", raw.name.get_ref());
        problems.add(resolver.location_of(digits), what, "remove it, or set format = \"decimal\"");
    }
    let known = u8::try_from(*digits.get_ref()).ok().filter(|digits| *digits <= MAX_DIGITS);
    if known.is_none() {
        let what = format!("{} decimals make no sense", digits.get_ref());
        problems.add(resolver.location_of(digits), what, format!("write a number from 0 to {MAX_DIGITS}"));
    }
    known
}

fn validate_width(resolver: &Resolver, raw: &RawColumn, problems: &mut Problems) -> Width {
    let Some(width) = &raw.width else { return Width::Auto };
    let shown = match width.get_ref() {
        RawWidth::Word(word) if word == "fill" => return Width::Fill,
        RawWidth::Word(word) => format!("\"{word}\""),
        RawWidth::Cells(cells) => match u16::try_from(*cells) {
            Ok(cells) if (1..=MAX_WIDTH).contains(&cells) => return Width::Cells(cells),
            _ => cells.to_string(),
        },
    };
    let remedy = format!("write \"fill\" or a number from 1 to {MAX_WIDTH}");
    problems.add(resolver.location_of(width), format!("the width {shown} makes no sense"), remedy);
    Width::Auto
}

fn validate_tint(resolver: &Resolver, raw: &RawColumn, problems: &mut Problems) -> Vec<(Tone, Vec<String>)> {
    let mut seen = BTreeSet::new();
    let mut tints = Vec::new();
    for (name, values) in &raw.tint {
        for value in values {
            if !seen.insert(value.get_ref().as_str()) {
                let what = format!("\"{}\" has two tones", value.get_ref());
                problems.add(resolver.location_of(value), what, "keep one of them");
            }
        }
        match Tone::TINTS.iter().find(|(word, _)| word == name.get_ref()) {
            Some((_, tone)) => tints.push((*tone, values.iter().map(|value| value.get_ref().clone()).collect())),
            None => resolver.add_unknown("tone", name, Tone::TINTS.map(|(word, _)| word), problems),
        }
    }
    tints
}
