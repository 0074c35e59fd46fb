//! The language of sentences: text with `{column}`, `{column:format}`, `{column|one|many}`, and parts in brackets that
//! are left out when a column in them is NULL. `{{`, `}}`, `[[` and `]]` are the characters themselves.

use winnow::{
    ModalResult, Parser,
    combinator::{alt, cut_err, delimited, opt, preceded, repeat, separated_pair, terminated},
    error::StrContext,
    token::take_while,
};

/// A part of a sentence, with its names as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WrittenPart {
    Text(String),
    Cell { column: String, format: Option<String> },
    Plural { column: String, one: String, many: String },
    Optional(Vec<WrittenPart>),
}

/// Why a text is no sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) what: String,
    pub(super) remedy: &'static str,
}

/// What a sentence may hold, for messages.
const GRAMMAR: &str = "write {column}, {column:format}, {column|one|many}, [a part that vanishes with {column}]; \
                       {{, }}, [[ and ]] stand for the characters";

/// Reads a sentence.
pub(super) fn parse(text: &str) -> Result<Vec<WrittenPart>, TemplateError> {
    let parts = sentence.parse(text).map_err(|error| {
        let label = error.inner().context().find_map(|context| match context {
            StrContext::Label(label) => Some(*label),
            _ => None,
        });
        let rest = text.get(error.offset()..).unwrap_or_default();
        let near: String = rest.chars().take(20).collect();
        let what = match (label, near.chars().next()) {
            (Some(label), None) => format!("{label} at the end"),
            (Some(label), Some(_)) => format!("{label} at \"{near}\""),
            (None, Some(closes @ ('}' | ']'))) => format!("a {closes} that closes nothing at \"{near}\""),
            (None, _) => format!("a sentence ends at \"{near}\""),
        };
        TemplateError { what, remedy: GRAMMAR }
    })?;
    Ok(parts)
}

fn sentence(input: &mut &str) -> ModalResult<Vec<WrittenPart>> {
    repeat(0.., alt((plain, place, optional))).parse_next(input)
}

fn plain(input: &mut &str) -> ModalResult<WrittenPart> {
    let text = alt((
        take_while(1.., |c| !matches!(c, '{' | '}' | '[' | ']')),
        "{{".value("{"),
        "}}".value("}"),
        "[[".value("["),
        "]]".value("]"),
    ));
    repeat(1.., text)
        .fold(String::new, |mut all, part: &str| {
            all.push_str(part);
            all
        })
        .map(WrittenPart::Text)
        .parse_next(input)
}

fn optional(input: &mut &str) -> ModalResult<WrittenPart> {
    let inside = repeat(1.., alt((plain, place)));
    let closed = terminated(inside, ']');
    preceded('[', cut_err(closed.context(StrContext::Label("the part in brackets does not end, or holds another,"))))
        .map(WrittenPart::Optional)
        .parse_next(input)
}

fn place(input: &mut &str) -> ModalResult<WrittenPart> {
    delimited('{', cut_err(inside.context(StrContext::Label("no column, format or words"))), cut_err(close))
        .parse_next(input)
}

fn close(input: &mut &str) -> ModalResult<char> {
    '}'.context(StrContext::Label("a { without its }")).parse_next(input)
}

fn inside(input: &mut &str) -> ModalResult<WrittenPart> {
    let column = name.parse_next(input)?.to_owned();
    let words = preceded('|', cut_err(separated_pair(word, '|', word)));
    if let Some((one, many)) = opt(words).parse_next(input)? {
        return Ok(WrittenPart::Plural { column, one: one.to_owned(), many: many.to_owned() });
    }
    let format = opt(preceded(':', cut_err(name))).parse_next(input)?;
    Ok(WrittenPart::Cell { column, format: format.map(str::to_owned) })
}

fn name<'s>(input: &mut &'s str) -> ModalResult<&'s str> {
    take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_').parse_next(input)
}

fn word<'s>(input: &mut &'s str) -> ModalResult<&'s str> {
    take_while(0.., |c| !matches!(c, '{' | '}' | '[' | ']' | '|')).parse_next(input)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(column: &str, format: Option<&str>) -> WrittenPart {
        WrittenPart::Cell { column: column.into(), format: format.map(Into::into) }
    }

    fn text(text: &str) -> WrittenPart {
        WrittenPart::Text(text.into())
    }

    #[test]
    fn a_sentence_has_cells_plurals_and_parts_that_vanish() {
        let parts = parse("silent for {last:age}[, {n} {n|error|errors}]").unwrap();
        let plural = WrittenPart::Plural { column: "n".into(), one: "error".into(), many: "errors".into() };
        let inner = vec![text(", "), cell("n", None), text(" "), plural];
        assert_eq!(parts, [text("silent for "), cell("last", Some("age")), WrittenPart::Optional(inner)]);
        assert_eq!(parse("{n|y|ies}").unwrap().len(), 1);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn doubled_characters_stand_for_themselves() {
        assert_eq!(parse("a {{b}} [[c]]").unwrap(), [text("a {b} [c]")]);
    }

    #[test]
    fn what_is_no_sentence_is_told_with_its_place() {
        let wrong = |text: &str| parse(text).unwrap_err().what;
        assert_eq!(wrong("for {last"), "a { without its } at the end");
        assert_eq!(wrong("for {}"), "no column, format or words at \"}\"");
        assert_eq!(wrong("for {last:}"), "no column, format or words at \"}\"");
        assert_eq!(wrong("{n|error}"), "no column, format or words at \"}\"");
        assert_eq!(wrong("for {last age}"), "a { without its } at \" age}\"");
        assert_eq!(wrong("for last}"), "a } that closes nothing at \"}\"");
        assert_eq!(wrong("a]"), "a ] that closes nothing at \"]\"");
        assert_eq!(wrong("a [b {n}"), "the part in brackets does not end, or holds another, at the end");
        assert_eq!(wrong("a [b [{n}]]"), "the part in brackets does not end, or holds another, at \"[{n}]]\"");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _either = parse(&text);
        }

        #[test]
        fn no_text_of_the_grammar_makes_it_panic(text in "[{}\\[\\]|:a-z ]{0,20}") {
            let _either = parse(&text);
        }

        #[test]
        fn plain_text_is_itself(words in "[^{}\\[\\]]{1,40}") {
            prop_assert_eq!(parse(&words).unwrap(), [text(&words)]);
        }
    }
}
