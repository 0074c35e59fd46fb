//! Text from a database is data: it is made inert where it enters, so that nothing later has to remember to.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Makes text harmless for a terminal, a clipboard and a file: control characters become their visible pictures
/// (ESC is `␛`), C1 controls, bidi and zero-width characters become `�`. Newline and tab stay; whoever draws one line
/// uses [`one_line`]. Zero-width joiners inside emoji are replaced too: a plain emoji is worth less than a safe screen.
#[must_use]
pub fn inert(raw: &str) -> Cow<'_, str> {
    if raw.chars().all(is_inert) {
        return Cow::Borrowed(raw);
    }
    let visible = |c: char| match c {
        c if is_inert(c) => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ => '\u{fffd}',
    };
    Cow::Owned(raw.chars().map(visible).collect())
}

/// Whether a character cannot act on a terminal or hide in a text.
#[must_use]
pub fn is_inert(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width and bidi marks and isolates,
        // line and paragraph separators, word joiner and invisible operators, BOM, interlinear anchors, tags.
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => false,
        _ => true,
    }
}

/// The same text on one line: runs of white space become one space.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\t']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The width of a text in terminal cells.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a text to at most `cells` wide, by grapheme, ending in `ellipsis` when something was cut. An ellipsis wider
/// than `cells` leaves nothing.
#[must_use]
pub fn cut<'a>(text: &'a str, cells: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(width(ellipsis)) else {
        return Cow::Borrowed("");
    };
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        // The width of a text is not the sum of its parts' where scripts join letters, so the whole is measured.
        let before = kept.len();
        kept.push_str(grapheme);
        if width(&kept) > room {
            kept.truncate(before);
            break;
        }
    }
    kept.push_str(ellipsis);
    Cow::Owned(kept)
}

/// Wraps a text to lines at most `cells` wide: where Unicode lets a line end (after a space, not before a full stop), inside
/// a word where it lets none.
/// Its own line breaks are kept, tabs become two spaces.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    text.split('\n').flat_map(|line| wrap_line(&line.replace('\t', "  "), cells)).collect()
}

fn wrap_line(line: &str, cells: usize) -> Vec<String> {
    // Most lines fit, and finding the words of a long document takes several times as long as measuring it.
    if width(line) <= cells {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut last = String::new();
    // Counted on the way: measuring the line anew at every step takes too long for long texts.
    let mut used = 0;
    let mut start = 0;
    for (end, _) in unicode_linebreak::linebreaks(line) {
        let (word, space) = line[start..end].split_at(line[start..end].trim_end().len());
        start = end;
        let wide = width(word);
        if used + wide > cells && !last.is_empty() && wide <= cells {
            lines.push(std::mem::take(&mut last));
            used = 0;
        }
        if used + wide <= cells {
            last.push_str(word);
            used += wide;
        } else {
            for grapheme in word.graphemes(true) {
                let wide = width(grapheme);
                if used + wide > cells && !last.is_empty() {
                    lines.push(std::mem::take(&mut last));
                    used = 0;
                }
                last.push_str(grapheme);
                used += wide;
            }
        }
        // Spaces at which a line ends are not seen.
        let wide = width(space);
        if used + wide <= cells {
            last.push_str(space);
            used += wide;
        } else if !last.is_empty() {
            lines.push(std::mem::take(&mut last));
            used = 0;
        }
    }
    if !last.is_empty() || lines.is_empty() {
        lines.push(last);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_shown_and_do_nothing() {
        assert_eq!(inert("a\u{1b}[31mred"), "a␛[31mred");
        assert_eq!(inert("a\u{9b}31m\u{7f}"), "a\u{fffd}31m\u{2421}");
    }

    #[test]
    fn bidi_and_zero_width_characters_are_replaced() {
        assert_eq!(inert("x\u{202e}y\u{200b}z\u{feff}"), "x\u{fffd}y\u{fffd}z\u{fffd}");
    }

    #[test]
    fn a_cut_keeps_whole_graphemes_within_the_width() {
        assert_eq!(cut("日本語テキスト", 6, "…"), "日本…");
        assert_eq!(cut("short", 10, "…"), "short");
        assert_eq!(cut("short", 0, "…"), "");
    }

    #[test]
    fn long_words_wrap_inside_and_short_ones_between() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\n\nb", 3), ["a", "", "b"]);
        assert_eq!(wrap("for silent_after.", 16), ["for ", "silent_after."], "a stop stays with its word");
        assert_eq!(wrap("    indented text", 14), ["    indented ", "text"]);
    }

    proptest! {
        #[test]
        fn inert_text_is_inert_and_stays_as_it_is(raw in any::<String>()) {
            let once = inert(&raw).into_owned();
            prop_assert!(once.chars().all(is_inert));
            prop_assert_eq!(inert(&once).into_owned(), once.clone());
        }

        #[test]
        fn nothing_is_wider_than_it_was_asked_to_be(raw in any::<String>(), cells in 0_usize..40) {
            let text = inert(&raw);
            prop_assert!(width(&cut(&text, cells, "…")) <= cells);
            // A single grapheme cannot be broken, however wide it is.
            let widest = text.graphemes(true).map(width).max().unwrap_or(0);
            for line in wrap(&text, cells) {
                prop_assert!(width(&line) <= cells.max(widest).max(1));
            }
        }
    }
}
