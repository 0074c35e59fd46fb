//! How well a text fits what somebody types to find it.

use std::cmp::Reverse;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// From how many typed characters on scattered letters find something.
const SCATTERED_FROM: usize = 3;

/// How well something fits; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is called so, or also called so.
    Whole,
    /// It begins so.
    Beginning,
    /// Each typed word begins one of its words.
    Words,
    /// It holds each typed word.
    Within,
    /// It has the letters in their order, with a score.
    Scattered(Reverse<u32>),
}

/// What is typed, ready to be held against many names.
pub struct Typed {
    text: String,
    words: Vec<String>,
    pattern: Pattern,
    matcher: Matcher,
}

impl Typed {
    /// What somebody has typed so far. An empty text fits everything.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        Self {
            words: text.split_whitespace().map(str::to_owned).collect(),
            pattern: Pattern::parse(&text, CaseMatching::Ignore, Normalization::Smart),
            matcher: Matcher::new(Config::DEFAULT),
            text,
        }
    }

    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How well a name fits, which has other names beside it; `None` when it does not.
    #[must_use]
    pub fn fit(&mut self, name: &str, other_names: &[&str]) -> Option<Fit> {
        self.fit_of_words(name, other_names).or_else(|| {
            if self.text.chars().count() < SCATTERED_FROM {
                return None;
            }
            let score = self.pattern.score(Utf32Str::new(name, &mut Vec::new()), &mut self.matcher)?;
            Some(Fit::Scattered(Reverse(score)))
        })
    }

    /// The same without scattered letters, which fit too many rows.
    #[must_use]
    pub fn fit_of_words(&self, name: &str, other_names: &[&str]) -> Option<Fit> {
        let name = name.to_lowercase();
        let names = || std::iter::once(name.as_str()).chain(other_names.iter().copied());
        if names().any(|name| name == self.text) {
            return Some(Fit::Whole);
        }
        if name.starts_with(&self.text) {
            return Some(Fit::Beginning);
        }
        let begins = |typed: &str| names().any(|name| words_of(name).any(|word| begins(word, typed)));
        if self.words.iter().all(|word| begins(word)) {
            return Some(Fit::Words);
        }
        self.words.iter().all(|word| names().any(|name| name.contains(word.as_str()))).then_some(Fit::Within)
    }
}

/// Words as people see them, and what stands after a sign within one: both `lab-04` and `04`.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    name.split_whitespace().flat_map(|word| {
        let inner = word.match_indices(|c: char| !c.is_alphanumeric()).map(|(at, sign)| &word[at + sign.len()..]);
        std::iter::once(word).chain(inner)
    })
}

/// Whether what is typed begins a word, or is the whole of what the word shows with its middle left out.
fn begins(word: &str, typed: &str) -> bool {
    let is_masked = |(head, tail): (&str, &str)| {
        !head.is_empty()
            && !tail.is_empty()
            && typed.len() > head.len() + tail.len()
            && typed.starts_with(head)
            && typed.ends_with(tail)
    };
    word.starts_with(typed) || word.split_once('…').is_some_and(is_masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_so_comes_before_what_only_has_the_letters() {
        let fits = |text: &str, name: &str, others: &[&str]| Typed::new(text).fit(name, others);
        assert_eq!(fits("quit", "quit", &[]), Some(Fit::Whole));
        assert_eq!(fits("leave", "quit", &["leave"]), Some(Fit::Whole));
        assert_eq!(fits("snoo", "snooze", &[]), Some(Fit::Beginning));
        assert_eq!(fits("lock", "Servers: Locks", &[]), Some(Fit::Words));
        assert_eq!(fits("004", "lab-004", &[]), Some(Fit::Words));
        assert_eq!(fits("ock", "Servers: Locks", &[]), Some(Fit::Within));
        assert!(matches!(fits("srl", "Servers: Locks", &[]), Some(Fit::Scattered(_))));
        assert_eq!(fits("sr", "Servers: Locks", &[]), None, "two scattered letters are in everything");
        assert_eq!(fits("lock", "clock of nodes", &[]), Some(Fit::Within), "no word begins so");
    }

    #[test]
    fn a_whole_key_finds_the_one_that_is_masked() {
        let fits = |text: &str| Typed::new(text).fit_of_words("agence-0039  INCI…9960", &[]);
        assert_eq!(fits("INCI-0039-ABCD-9960"), Some(Fit::Words));
        assert_eq!(fits("INCI-0039-ABCD-9961"), None);
    }
}
