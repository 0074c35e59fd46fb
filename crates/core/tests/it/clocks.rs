//! A machine that sleeps, and clocks that are set.

use opsdash_core::{
    contract::Part,
    model::{Guard, Overlay},
    msg::Msg,
    time::Clock,
    update::next_wake,
};

use crate::support::{CRIT, FLOORS, Harness, acting_shop, orders};

const HOURS: i64 = 8 * 3_600_000;

/// The wall clock moves by so much, in ms, and the monotonic one by a second.
fn jump(harness: &mut Harness, ms: i64) {
    let Clock { mono, utc } = harness.model.clock;
    harness.tell(Msg::Tick(Clock { mono: mono.plus(1_000), utc: utc.plus_ms(ms + 1_000) }));
}

fn armed() -> Harness {
    let mut harness = Harness::changed(&acting_shop(), &FLOORS, (120, 30), |start| start.targets[0].protected = true)
        .open_orders(&[("A-1", CRIT)]);
    harness.press("w");
    harness.type_in("floor-1");
    harness.press("Enter");
    assert_eq!(harness.model.targets[0].guard, Guard::Unlocked);
    harness
}

#[test]
fn a_machine_that_slept_finds_its_protected_target_locked_and_asks_everything_anew() {
    let mut harness = armed();
    harness.press("r");
    harness.looked(&[("A-1", "open", "")]);
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(_))));
    harness.asked.clear();
    jump(&mut harness, HOURS);
    assert_eq!(harness.model.targets[0].guard, Guard::Protected);
    assert!(harness.model.overlays.is_empty(), "what was about to be written closes");
    assert!(harness.has_asked("orders", Part::List), "{:?}", harness.parts());
    let snapshot = harness.panel("orders").snapshot.as_ref().unwrap();
    let age = harness.model.clock.mono.since(snapshot.at);
    assert!(age >= HOURS.unsigned_abs(), "the rows say that they are hours old: {age}");
}

#[test]
fn waking_times_are_of_the_clock_that_stood_still() {
    let mut harness = armed();
    let Clock { mono, utc } = harness.model.clock;
    jump(&mut harness, HOURS);
    let wake = next_wake(&harness.model).unwrap();
    assert!(wake <= mono.plus(1_000 + 10_000), "{wake:?}");
    // And what passes after it is what passes.
    let slept = harness.model.clock.mono;
    harness.tell(Msg::Tick(Clock { mono: mono.plus(2_000), utc: utc.plus_ms(HOURS + 2_000) }));
    assert_eq!(harness.model.clock.mono.since(slept), 1_000);
}

#[test]
fn a_clock_that_is_corrected_a_little_changes_nothing() {
    let mut harness = armed();
    jump(&mut harness, 20_000);
    jump(&mut harness, -20_000);
    assert_eq!(harness.model.targets[0].guard, Guard::Unlocked);
    assert_eq!(harness.model.clock.mono.0, 2_000);
}

#[test]
fn a_clock_that_is_set_back_makes_no_age_of_the_future_and_asks_everything_anew() {
    let mut harness = armed();
    let view = harness.at("orders", Part::List).view;
    let before = harness.model.server_now(view);
    harness.asked.clear();
    jump(&mut harness, -HOURS);
    assert_eq!(harness.model.server_now(view).since_ms(before), 1_000, "the server's clock went on");
    assert!(harness.has_asked("orders", Part::List));
    harness.answer("orders", Part::List, orders(&[("A-1", CRIT)]));
    assert_eq!(harness.model.targets[0].guard, Guard::Unlocked);
}
