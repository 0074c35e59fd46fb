//! A card per tab, and one list of what needs somebody.

mod cards;
mod rows;

use opsdash_pack::pack::Tone;

use super::{Emphasis, Glyphs, Line, dim, justify, plain, span, targets};
use crate::{
    attention::{self, AttentionItem},
    format,
    model::Model,
    text,
};

/// The body of the overview, one line each.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = targets::lines(model);
    lines.extend(cards::cards(model));
    let attention = attention::lines(model);
    lines.push(heading(model, &attention));
    lines.extend(rows::rows(model, &attention));
    lines
}

fn heading(model: &Model, attention: &[AttentionItem]) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let mut left = vec![plain(" "), span("Attention", Tone::Strong).with(Emphasis::Bold)];
    let told = attention::told(attention);
    let (total, may_be_more) = attention::total(model);
    let narrowing = &model.attention.list.narrowing;
    if narrowing.filter.is_some() {
        left.push(span(format!("  /{}", format::line(&text::inert(&narrowing.text))), Tone::Accent));
    }
    let said = match total {
        0 => String::new(),
        _ if may_be_more => format!("{} of {}+ rows ", format::thousands(told), format::thousands(total)),
        1 => "1 row ".to_owned(),
        _ if told >= total => format!("{} rows ", format::thousands(total)),
        _ => format!("{} of {} rows ", format::thousands(told), format::thousands(total)),
    };
    let said = match attention::snoozed(model) {
        0 => said,
        n => format!("{n} snoozed, {said}"),
    };
    let new = attention.iter().filter(|line| attention::is_new(model, line)).count();
    if new > 0 {
        left.push(span(format!("  {} {} new", glyphs.mark, format::thousands(new as u64)), Tone::Accent));
    }
    justify(left, vec![dim(said)], usize::from(model.size.0), glyphs.ellipsis)
}
