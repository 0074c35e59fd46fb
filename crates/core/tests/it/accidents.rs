//! No slip writes: two keys, a key that is held, a paste that is typed, a sequence that is torn.

use opsdash_core::{effect::Effect, model::Overlay, msg::Msg, update::edits, view::footer};
use opsdash_pack::keymap::{Key, KeyCode};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::support::{CRIT, Harness, acting_shop, clock, notice, plain};

/// At the list of three orders that have actions.
fn at_orders() -> Harness {
    Harness::at_orders(&acting_shop(), &["A-1", "A-2", "A-3"].map(|id| (id, CRIT)))
}

/// A key of the keyboard, or one that actions have.
fn any_key() -> impl Strategy<Value = Key> {
    let letters = "rxoEiuwSqgnNjk/fsyYepRTz?:c1230 ".chars().map(KeyCode::Char);
    let named = KeyCode::NAMED.into_iter().map(|(_, code)| code);
    let all: Vec<Key> = letters.chain(named).map(Key::from).collect();
    select(all)
}

/// Presses a key; the terminal's field takes those that it edits, and the look answers at once.
fn live(harness: &mut Harness, key: Key, ms: u64) {
    harness.wait(ms);
    if edits(&harness.model, key) {
        let mut text = harness.model.input().map(|input| input.text.clone()).unwrap_or_default();
        match key.code {
            KeyCode::Char(c) => text.push(c),
            KeyCode::Enter => text.push('\n'),
            _ => {}
        }
        let cursor = text.chars().count();
        harness.tell(Msg::Edited { text, cursor });
    } else {
        harness.tell(Msg::Key(key));
    }
    if let Some(Overlay::PreviewPending { request, .. }) = harness.model.overlays.last() {
        let rows = request.rows.clone();
        let rows: Vec<(&str, &str, &str)> = rows.iter().map(|row| (row.as_str(), "open", "")).collect();
        harness.looked(&rows);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// However slowly they are pressed.
    #[test]
    fn no_two_keys_write(first in any_key(), second in any_key(), ms in 0u64..2_000) {
        let mut harness = at_orders();
        live(&mut harness, first, ms);
        live(&mut harness, second, ms);
        prop_assert!(harness.writes().is_empty());
    }

    #[test]
    fn no_key_held_or_repeated_writes(key in any_key(), ms in 0u64..2_000) {
        let mut harness = at_orders();
        for _ in 0..20 {
            live(&mut harness, key, ms);
        }
        prop_assert!(harness.writes().is_empty());
    }

    /// An action's letter and Enter, in any order: the answer to a question is not the key that asked it.
    #[test]
    fn a_letter_and_enter_alone_never_write(keys in vec(select(vec!["r", "o", "E", "i", "Enter"]), 0..30), ms in 0u64..2_000) {
        let mut harness = at_orders();
        for key in keys {
            live(&mut harness, key.parse().unwrap(), ms);
        }
        prop_assert!(harness.writes().is_empty());
    }

    /// A terminal that does not mark pastes types them, as fast as the line brings them.
    #[test]
    fn no_paste_that_is_typed_writes(keys in vec(any_key(), 0..400), ms in 0u64..60) {
        let mut harness = at_orders();
        for key in keys {
            live(&mut harness, key, ms);
        }
        prop_assert!(harness.writes().is_empty());
    }

    #[test]
    fn an_escape_sequence_that_is_torn_writes_nothing(
        before in any_key(),
        tail in select(vec!["[ A", "[ B", "[ Z", "O P", "[ 5 ~", "[ 2 0 0 ~", "[ <"]),
        ms in 0u64..2_000,
    ) {
        let mut harness = at_orders();
        live(&mut harness, before, 200);
        live(&mut harness, KeyCode::Esc.into(), ms);
        for key in tail.split(' ') {
            live(&mut harness, key.parse().unwrap(), ms);
        }
        prop_assert!(harness.writes().is_empty());
    }
}

#[test]
fn a_clock_that_stands_still_confirms_nothing() {
    let mut harness = at_orders();
    harness.press("o");
    harness.looked(&[("A-1", "open", "")]);
    harness.tell(Msg::Tick(clock(0)));
    harness.press("Right Enter Right Enter");
    assert!(harness.writes().is_empty());
}

/// What people type on the first screen of other programs.
const HABITS: [&str; 22] = [
    "/quota",
    "quota",
    "quit now",
    "exit",
    ":wq",
    ":q!",
    "ls -la",
    "kubectl get pods",
    "select 1;",
    "gg",
    "GG",
    "dd",
    "ZZ",
    "yyp",
    "help",
    "resolve",
    "revoke",
    "x",
    "undo",
    "top",
    "man opsdash",
    "sudo !!",
];

/// The overview of a shop whose orders have actions, one of them crit.
fn at_overview() -> Harness {
    let mut harness = at_orders();
    harness.press("1");
    harness
}

fn type_word(harness: &mut Harness, word: &str, ms: u64) {
    for c in word.chars() {
        live(harness, KeyCode::Char(c).into(), ms);
    }
}

#[test]
fn no_key_but_the_one_that_leaves_leaves_and_none_writes_or_loses_a_row() {
    for c in (' '..='~').filter(|c| *c != 'q') {
        let mut harness = at_overview();
        type_word(&mut harness, &c.to_string(), 1_000);
        harness.wait(1_000);
        assert!(!harness.other.contains(&Effect::Quit), "{c} leaves");
        assert!(harness.writes().is_empty(), "{c} writes");
        assert!(
            harness.panel("orders").default_snapshot().is_some_and(|known| known.rows.len() == 3),
            "{c} loses rows"
        );
    }
    let mut harness = at_overview();
    harness.press("q");
    harness.wait(200);
    assert!(harness.other.contains(&Effect::Quit), "the key that leaves does, alone");
}

#[test]
fn words_and_habits_of_other_programs_neither_leave_nor_write() {
    let footer: String = plain(&[footer::line(&at_overview().model)]).concat();
    let hints = footer.split_whitespace().filter(|word| word.chars().count() > 1);
    for word in HABITS.into_iter().chain(hints) {
        for ms in [0, 40, 120] {
            let mut harness = at_overview();
            type_word(&mut harness, word, ms);
            harness.wait(1_000);
            assert!(!harness.other.contains(&Effect::Quit), "\"{word}\" leaves, typed every {ms} ms");
            assert!(harness.writes().is_empty(), "\"{word}\" writes, typed every {ms} ms");
        }
    }
}

#[test]
fn a_word_that_begins_like_leaving_does_nothing_and_says_so() {
    let mut harness = at_overview();
    type_word(&mut harness, "quota rx", 80);
    assert!(notice(&harness).contains("a word was typed"), "{}", notice(&harness));
    assert!(harness.model.overlays.is_empty());
    harness.wait(700);
    harness.press("r");
    assert!(!harness.model.overlays.is_empty(), "after a pause the keys are keys again");
}
