//! Text from a database is data: it is made inert where it enters, so that nothing later has to remember to.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks on one letter at most. The scripts of the world need four; a letter with thousands of them draws over the lines
/// around it, and costs a terminal seconds.
const MARKS: usize = 8;

/// Makes a symbol a colored picture, in the texts of people who mean it.
const EMOJI_STYLE: char = '\u{fe0f}';

/// Makes text harmless for a terminal, a clipboard and a file: control characters become their visible pictures
/// (ESC is `␛`), C1 controls, bidi and invisible characters become `�`, and so does what is more than a few marks on one
/// letter. Newline and tab stay; whoever draws one line uses [`one_line`]. Zero-width joiners inside emoji are replaced
/// too: a plain emoji is worth less than a safe screen.
#[must_use]
pub fn inert(raw: &str) -> Cow<'_, str> {
    let mut marks = Marks::default();
    if raw.chars().all(|c| is_inert(c) && marks.has_room_for(c)) {
        return Cow::Borrowed(raw);
    }
    let (mut marks, mut safe) = (Marks::default(), String::with_capacity(raw.len()));
    let mut last = ' ';
    for c in raw.chars() {
        match c {
            EMOJI_STYLE if has_emoji_style(last) => safe.push(c),
            c if is_inert(c) && marks.has_room_for(c) => safe.push(c),
            // One stands for all that are too many.
            c if is_inert(c) && marks.0 > MARKS + 1 => {}
            '\u{0}'..='\u{1f}' => safe.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{7f}' => safe.push('\u{2421}'),
            _ => safe.push('\u{fffd}'),
        }
        last = c;
    }
    Cow::Owned(safe)
}

/// The marks since the last letter.
#[derive(Default)]
struct Marks(usize);

impl Marks {
    fn has_room_for(&mut self, c: char) -> bool {
        let is_mark = c >= '\u{300}' && c.width() == Some(0);
        self.0 = if is_mark { self.0 + 1 } else { 0 };
        self.0 <= MARKS
    }
}

/// Whether the character is a symbol that has a picture: none of them is a letter or a digit.
fn has_emoji_style(c: char) -> bool {
    matches!(c, '\u{203c}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
        && !c.is_alphanumeric()
}

/// Whether a character cannot act on a terminal or hide in a text.
#[must_use]
pub fn is_inert(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // All that Unicode calls ignorable where it is not known how to draw it: soft hyphen, joiners, Arabic letter mark,
        // fillers of Hangul, Khmer vowels, Mongolian selectors, zero-width and bidi marks and isolates, word joiner and
        // invisible operators, variation selectors, BOM, shorthand and musical controls, tags. And separators of lines
        // and paragraphs, interlinear anchors, and the empty pattern of Braille.
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => false,
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

/// A text on one line that opens no cell, no HTML, no link and no image in Markdown. Underscores stay: they are in every
/// name and at worst make a word slanted.
#[must_use]
pub fn markdown(raw: &str) -> String {
    let inert = inert(raw);
    let mut safe = String::with_capacity(inert.len());
    for c in one_line(&inert).chars() {
        if matches!(c, '\\' | '|' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '~') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
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
    fn keys_that_look_alike_are_told_apart() {
        for hidden in
            ["\u{3164}", "\u{ffa0}", "\u{115f}", "\u{34f}", "\u{2800}", "\u{fe0f}", "\u{e0100}", "\u{180b}", "\u{ad}"]
        {
            assert_eq!(inert(&format!("k{hidden}1")), "k\u{fffd}1", "{hidden:?}");
        }
        assert_eq!(inert("1\u{fe0f}"), "1\u{fffd}");
        assert_eq!(inert("\u{26a0}\u{fe0f} disk \u{1f525}"), "\u{26a0}\u{fe0f} disk \u{1f525}");
    }

    #[test]
    fn marks_on_one_letter_are_bounded_and_languages_keep_theirs() {
        let heaped = format!("a{}b", "\u{301}".repeat(2_000));
        assert_eq!(inert(&heaped), format!("a{}\u{fffd}b", "\u{301}".repeat(8)));
        for text in ["e\u{301}", "ที่นี่", "हिन्दी", "שָׁלוֹם", "ᄒᆞᆫ글"] {
            assert_eq!(inert(text), text);
        }
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
            prop_assert!(once.chars().all(|c| is_inert(c) || c == EMOJI_STYLE));
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
