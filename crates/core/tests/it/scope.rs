//! Whose rows are seen: nobody's until somebody chooses, then those of one alone.

use opsdash_core::{
    attention,
    contract::{Failure, FailureKind, Part, Read, ScopeSetting, Ticket},
    effect::Effect,
    model::{Demand, Overlay, Remembered, Start, TargetId},
    msg::Msg,
    scope::{Enforcement, ScopeChoice, ScopeItem, ScopeList},
    update::is_settled,
    value::{Doubt, Severity, Value},
    view::{detail, footer, header, list, overview},
    view_verdict::ViewVerdict,
};
use opsdash_pack::pack::SCOPE;

use super::support::*;

/// A server whose policies bind the login, and three branches, two of which have one name.
pub fn branches() -> ScopeList {
    let item = |(id, label): (&str, &str)| ScopeItem { id: id.into(), label: label.into() };
    ScopeList {
        items: [("a", "Harbor"), ("b", "Market"), ("c", "Market")].map(item).into(),
        enforcement: Enforcement { bound: 4, is_read: true, ..Enforcement::default() },
    }
}

pub fn one(id: &str) -> ScopeChoice {
    ScopeChoice::One(branches().items.into_iter().find(|item| &*item.id == id).unwrap())
}

/// The newest list of what can be chosen that is asked for.
pub fn listing(harness: &Harness) -> Option<(TargetId, Ticket)> {
    harness.other.iter().rev().find_map(|effect| match effect {
        Effect::ListScopes { target, ticket, .. } => Some((*target, *ticket)),
        _ => None,
    })
}

pub fn list_scopes(harness: &mut Harness, result: Result<ScopeList, Failure>) {
    let (target, ticket) = listing(harness).expect("a list was asked for");
    harness.tell(Msg::Scopes { target, ticket, result: result.map(Box::new) });
}

/// Chooses by the list of the dashboard.
pub fn choose(harness: &mut Harness, text: &str) {
    harness.press("C");
    harness.type_in(text);
    harness.press("Enter");
}

fn unchosen() -> Harness {
    let mut harness = Harness::of(&scoped_shop(), &FLOORS, (120, 30));
    list_scopes(&mut harness, Ok(branches()));
    harness
}

fn scope_of(read: &Read) -> Option<&str> {
    read.within.scope.as_ref().map(|scope| &*scope.value)
}

fn chosen(harness: &Harness) -> Option<&str> {
    harness.model.target().scope.as_ref().unwrap().id()
}

fn no_scope(harness: &Harness, view: &str) -> String {
    let failure = harness.panel(view).failure().unwrap_or_else(|| panic!("{view} is known"));
    assert_eq!(failure.kind, FailureKind::NoScope, "{failure}");
    failure.message.clone()
}

#[test]
fn until_somebody_chooses_nothing_is_asked_and_all_of_it_is_unknown() {
    let mut harness = unchosen();
    assert!(!harness.has_asked("orders", Part::Summary), "{:?}", harness.parts());
    assert!(harness.has_asked("customers", Part::Summary), "what is nobody's is asked");
    assert_eq!(no_scope(&harness, "orders"), "no branch chosen");
    let orders = harness.model.pack().find("orders").unwrap();
    let verdict = ViewVerdict::of(harness.model.target(), orders);
    assert_eq!((verdict.severity, verdict.counts), (Severity::Unknown, None));
    let screen = plain(&overview::lines(&harness.model)).join("\n");
    assert!(screen.contains("no branch chosen") && screen.contains("not known: Orders"), "{screen}");
    assert!(plain(&[header::line(&harness.model)])[0].contains("no branch chosen"));
    harness.press("2");
    assert!(!harness.has_asked("orders", Part::List));
    let told = plain(&list::lines(&harness.model).unwrap()).join("\n");
    assert!(told.contains("no branch chosen") && told.contains("C lists what can be chosen"), "{told}");
    assert!(!told.contains("next try"), "{told}");
    assert!(plain(&[footer::line(&harness.model)])[0].contains("scope"));
}

#[test]
fn that_nobody_has_chosen_stands_beneath_what_is_known_to_be_critical() {
    let mut harness = unchosen();
    let row = |id, severity| (id, severity, "no address", vec![Value::text(id), Value::text(id)]);
    harness.answer("customers", Part::Summary, table(&["id", "name"], vec![row("c1", CRIT)]));
    let lines = attention::lines(&harness.model);
    let severities: Vec<Severity> = lines.iter().map(|line| line.severity).collect();
    assert_eq!(severities, [Severity::Crit, Severity::Unknown]);
    assert!(lines[1].source().is_some());
}

#[test]
fn a_choice_is_set_for_every_question_and_bound_in_it() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "harb");
    let read = harness.take("orders", Part::List);
    let listed = scoped_shop().scope.as_ref().map(|scope| scope.query.clone());
    assert_eq!(read.within.scope, Some(ScopeSetting { name: "app.branch".into(), value: "a".into(), listed }));
    let opsdash_core::contract::Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    assert_eq!(bind.values[SCOPE], "a");
    harness.asked.push(read);
    harness.answer("orders", Part::List, orders(&[("1", WARN)]));
    harness.press("Enter");
    harness.wait(1_000);
    for part in [Part::Detail, Part::DetailList(0), Part::Chart(0)] {
        assert_eq!(scope_of(&harness.take("orders", part)), Some("a"), "{part:?}");
    }
    assert!(plain(&[header::line(&harness.model)])[0].contains("branch Harbor"));
    assert_eq!(scope_of(&harness.take("customers", Part::Summary)), None, "what is nobody's is asked without one");
}

#[test]
fn another_choice_forgets_every_row_cancels_what_is_asked_and_closes_what_is_open() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", WARN), ("2", CRIT)]));
    harness.press("Space");
    harness.press("Enter");
    harness.wait(1_000);
    let late = harness.take("orders", Part::Detail);
    choose(&mut harness, "Market");
    let panel = harness.panel("orders");
    assert!(panel.snapshot.is_none() && panel.summary.is_none() && panel.detail.is_none());
    assert!(panel.list.marks.is_empty() && panel.list.key.is_none());
    assert!(harness.cancelled.contains(&late.ticket));
    harness.reply(&late, Ok(opsdash_core::contract::Content::Table(orders(&[("9", CRIT)]))));
    assert!(harness.panel("orders").detail.is_none(), "an answer about another branch goes nowhere");
    assert_eq!(scope_of(&harness.take("orders", Part::List)), Some("b"), "the first of the two of that name");
    assert!(plain(&detail::lines(&harness.model)).is_empty());
}

#[test]
fn a_list_is_searched_by_name_and_shows_ids_and_what_is_chosen() {
    let mut harness = unchosen();
    choose(&mut harness, "Market");
    harness.press("C");
    harness.type_in("mark");
    let Some(Overlay::Picker(picker)) = harness.model.overlays.last() else { panic!("a list") };
    let notes: Vec<&str> = picker.fits.iter().map(|at| picker.items[*at].note.as_str()).collect();
    assert_eq!(notes, ["b  chosen", "c"]);
    harness.press("Down");
    harness.press("Enter");
    assert_eq!(chosen(&harness), Some("c"));
}

#[test]
fn all_can_be_chosen_only_where_no_policy_binds_the_login_and_the_header_says_so() {
    let mut harness = unchosen();
    choose(&mut harness, "all");
    assert_eq!(chosen(&harness), None);
    assert!(harness.model.target().scope.as_ref().unwrap().chosen.is_none());
    let mut harness = Harness::of(&scoped_shop(), &FLOORS, (120, 30));
    let enforcement = Enforcement { open: 4, because: "superuser".into(), ..Enforcement::default() };
    list_scopes(&mut harness, Ok(ScopeList { enforcement, ..branches() }));
    choose(&mut harness, "all");
    let read = harness.take("orders", Part::Summary);
    assert_eq!(read.within.scope, None);
    let opsdash_core::contract::Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    assert!(!bind.values.contains_key(SCOPE), "NULL");
    let head = plain(&[header::line(&harness.model)]).join("");
    assert!(head.contains("branch all not enforced: superuser"), "{head}");
    let mut harness = Harness::of(&scoped_shop(), &FLOORS, (120, 30));
    let enforcement =
        Enforcement { bound: 3, open: 1, because: "switched off".into(), is_read: true, ..Enforcement::default() };
    list_scopes(&mut harness, Ok(ScopeList { enforcement, ..branches() }));
    choose(&mut harness, "Harbor");
    let head = plain(&[header::line(&harness.model)]).join("");
    assert!(head.contains("branch Harbor partly enforced: switched off on 1 of 4 tables"), "{head}");
}

#[test]
fn a_file_of_rows_says_whose_they_are() {
    let mut harness = unchosen();
    harness.press("2");
    for (typed, id, name) in [("Harbor", "a", "Harbor"), ("Market", "b", "Market (b)")] {
        choose(&mut harness, typed);
        harness.answer("orders", Part::List, orders(&[("1", WARN)]));
        harness.press("e Enter");
        let Some(Effect::Export { document, .. }) = harness.other.last() else { panic!("an export") };
        let scope = document.scope.as_ref().unwrap();
        assert_eq!((scope.title.as_str(), &scope.choice, scope.name.as_str()), ("branch", &one(id), name));
    }
}

#[test]
fn one_that_is_deleted_meanwhile_takes_its_rows_along_and_is_told() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", WARN)]));
    harness.wait(61_000);
    let without = ScopeList { items: branches().items.split_off(1), ..branches() };
    list_scopes(&mut harness, Ok(without));
    assert_eq!(no_scope(&harness, "orders"), "the branch Harbor (a) is no longer there");
    assert!(harness.panel("orders").snapshot.is_none());
    assert!(notice(&harness).contains("no longer there"), "{}", notice(&harness));
    harness.asked.clear();
    harness.wait(30_000);
    assert!(!harness.has_asked("orders", Part::List), "nothing is asked about it any more");
    // It comes back, and so do its rows.
    harness.wait(61_000);
    list_scopes(&mut harness, Ok(branches()));
    assert_eq!(scope_of(&harness.take("orders", Part::List)), Some("a"));
}

#[test]
fn rows_that_come_after_it_was_deleted_are_not_believed_and_all_of_it_is_forgotten_at_once() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", WARN)]));
    harness.wait(16_000);
    let read = harness.take("orders", Part::List);
    harness.reply(&read, Err(Failure::new(FailureKind::NoScope, "not listed")));
    assert_eq!(no_scope(&harness, "orders"), "the branch Harbor (a) is no longer there");
    assert_eq!(no_scope(&harness, "lateness"), "the branch Harbor (a) is no longer there", "one reason for all");
    assert!(harness.panel("orders").snapshot.is_none());
    assert!(notice(&harness).contains("no longer there"), "{}", notice(&harness));
    harness.press("C");
    let Some(Overlay::Picker(picker)) = harness.model.overlays.last() else { panic!("a list") };
    assert!(picker.items.iter().all(|item| item.label != "Harbor"), "what is gone cannot be chosen");
    harness.press("Esc");
    harness.asked.clear();
    harness.wait(5_000);
    assert!(!harness.has_asked("orders", Part::List), "nobody asks in a circle");
    harness.wait(61_000);
    list_scopes(&mut harness, Ok(branches()));
    assert_eq!(scope_of(&harness.take("orders", Part::List)), Some("a"), "it came back");
}

#[test]
fn a_list_that_fails_later_changes_nothing() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", WARN)]));
    harness.wait(61_000);
    list_scopes(&mut harness, Err(Failure::new(FailureKind::Timeout, "slow")));
    assert_eq!(harness.keys("orders"), ["1"]);
}

#[test]
fn a_setting_that_no_policy_reads_is_told_with_the_one_they_read() {
    let mut harness = Harness::of(&scoped_shop(), &FLOORS, (120, 30));
    let enforcement = Enforcement { bound: 1, settings: vec!["app.branch_id".into()], ..Enforcement::default() };
    list_scopes(&mut harness, Ok(ScopeList { enforcement, ..branches() }));
    choose(&mut harness, "Harbor");
    let failure = harness.panel("orders").failure().unwrap();
    assert_eq!(failure.message, "no policy reads the setting \"app.branch\"");
    assert!(failure.hint().contains("app.branch_id"), "{}", failure.hint());
    assert!(!harness.has_asked("orders", Part::Summary));
}

#[test]
fn what_is_nobodys_is_in_doubt_while_what_judges_it_is_somebodys() {
    let mut harness = unchosen();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["1"]));
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, row.doubt), (Severity::Unknown, Some(Doubt::NoScope)));
    assert!(row.why.contains("no branch chosen"), "{}", row.why);
    choose(&mut harness, "Harbor");
    harness.answer("customers", Part::List, customers(&["1"]));
    harness.answer("lateness", Part::List, lateness(&[("1", 3)]));
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, row.doubt, &row.cells[2]), (Severity::Crit, None, &Value::Int(3)));
}

/// A view that is nobody's knows its own rows; that what judges them was not asked stands beside them.
#[test]
fn rows_that_a_view_of_trouble_alone_judges_keep_what_they_are_until_somebody_chooses() {
    let pack = shop_made_scoped(|text| text.replace("absent = { late", "only_trouble = true\nabsent = { late"));
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    list_scopes(&mut harness, Ok(branches()));
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["1"]));
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, row.doubt, &row.cells[2]), (Severity::Ok, Some(Doubt::NoScope), &Value::Unknown));
    let view = harness.model.pack().find("customers").unwrap();
    assert_eq!(ViewVerdict::of(harness.model.target(), view).severity, Severity::Unknown, "the view is not ok");
    choose(&mut harness, "Harbor");
    harness.answer("customers", Part::List, customers(&["1"]));
    harness.answer("lateness", Part::List, lateness(&[("1", 3)]));
    assert_eq!(harness.panel("customers").list_snapshot().unwrap().rows[0].severity, Severity::Crit);
}

fn remembering(protected: bool, kept: Option<&str>) -> Harness {
    Harness::changed(&scoped_shop(), &FLOORS, (120, 30), |start: &mut Start| {
        start.targets[0].protected = protected;
        let kept = kept.map(|id| ("floor-1".to_owned(), id.to_owned()));
        start.remembered = Remembered { scopes: kept.into_iter().collect(), ..Remembered::default() };
    })
}

fn kept(harness: &Harness) -> Option<String> {
    harness.other.iter().rev().find_map(|effect| match effect {
        Effect::Remember(remembered) => remembered.scopes.get("floor-1").cloned(),
        _ => None,
    })
}

#[test]
fn a_choice_is_kept_for_the_next_run_but_not_of_a_protected_target() {
    for (protected, wanted) in [(false, Some("a")), (true, None)] {
        let mut harness = remembering(protected, None);
        list_scopes(&mut harness, Ok(branches()));
        choose(&mut harness, "Harbor");
        assert_eq!(kept(&harness).as_deref(), wanted);
        let mut harness = remembering(protected, Some("a"));
        list_scopes(&mut harness, Ok(branches()));
        assert_eq!(chosen(&harness), wanted, "nobody's choice is restored silently there");
    }
    let mut harness = remembering(false, Some("gone"));
    list_scopes(&mut harness, Ok(branches()));
    assert_eq!(no_scope(&harness, "orders"), "there is no branch \"gone\"");
}

#[test]
fn rows_of_one_key_are_snoozed_in_their_own_branch_alone() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", CRIT)]));
    harness.press("S");
    harness.press("Enter");
    assert_eq!(harness.panel("orders").snoozed_rows(), 1);
    choose(&mut harness, "Market");
    harness.answer("orders", Part::List, orders(&[("1", CRIT)]));
    assert_eq!(harness.panel("orders").snoozed_rows(), 0);
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", CRIT)]));
    assert_eq!(harness.panel("orders").snoozed_rows(), 1);
}

/// At the orders of a branch, of which the first was settled.
fn settled() -> Harness {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", CRIT)]));
    harness.mean("r");
    harness.looked(&[("1", "open", "")]);
    harness.wait(200);
    harness.type_in("paid");
    harness.mean("BackTab Enter");
    harness
}

#[test]
fn an_action_carries_the_branch_among_whose_rows_it_was_wanted() {
    let mut harness = settled();
    let (ticket, request, _) = harness.writes().pop().expect("it was confirmed");
    assert_eq!(request.scope, Some(one("a")));
    // It is being written while another branch is chosen.
    choose(&mut harness, "Market");
    let done = vec![opsdash_core::action::TextRow(vec![("key".into(), Some("1".into()))])];
    let report = opsdash_core::action::ActionReport { done, ..Default::default() };
    harness.tell(Msg::Written { ticket, report: Box::new(report) });
    assert!(harness.panel("orders").snapshot.is_none(), "what it wrote is no row of this branch");
    // Taken back after the branch was changed, it is taken back where it was done.
    harness.mean("u");
    let Some(Overlay::Act(dialog)) = harness.model.overlays.last() else { panic!("a box") };
    let title = opsdash_core::view::action::popup(&harness.model, dialog).title;
    assert!(title.contains("branch Harbor"), "{title}");
    harness.mean("Tab Enter");
    let (_, request, _) = harness.writes().pop().unwrap();
    assert_eq!((harness.writes().len(), request.scope), (2, Some(one("a"))));
}

#[test]
fn a_look_that_comes_after_another_branch_was_chosen_opens_nothing() {
    let mut harness = unchosen();
    harness.press("2");
    choose(&mut harness, "Harbor");
    harness.answer("orders", Part::List, orders(&[("1", CRIT)]));
    harness.mean("r");
    let (ticket, _) = harness.preview();
    harness.press("Esc");
    choose(&mut harness, "Market");
    harness.looked(&[("1", "open", "")]);
    assert!(harness.model.overlays.is_empty() && harness.cancelled.contains(&ticket));
}

fn headless(demand: impl Fn(&Harness) -> Demand, scope: Option<&str>) -> Harness {
    let blank = Harness::of(&scoped_shop(), &FLOORS, (120, 30));
    let demand = demand(&blank);
    let mut start = start(&scoped_shop(), &FLOORS, (0, 0));
    start.targets[0].scope = scope.map(str::to_owned);
    let mut harness = Harness::starting(Start { demand, ..start });
    harness.begin();
    harness
}

#[test]
fn a_script_without_a_scope_is_answered_at_once_and_one_with_a_scope_after_the_list() {
    let counts = |harness: &Harness| Demand::Counts([harness.model.pack().find("orders").unwrap()].into());
    let orders = scoped_shop().find("orders").unwrap();
    let harness = headless(counts, None);
    assert!(is_settled(&harness.model, orders) && harness.asked.is_empty() && listing(&harness).is_none());
    let mut harness = headless(counts, Some("Harbor"));
    assert!(!is_settled(&harness.model, orders) && harness.asked.is_empty());
    list_scopes(&mut harness, Ok(branches()));
    assert_eq!(scope_of(&harness.take("orders", Part::Summary)), Some("a"));
    for (wanted, told) in [
        ("Market", "\"Market\" is the name of 2 (branch): b, c"),
        ("Depot", "there is no branch \"Depot\""),
        ("all", "all cannot be seen together"),
    ] {
        let mut harness = headless(counts, Some(wanted));
        list_scopes(&mut harness, Ok(branches()));
        assert!(no_scope(&harness, "orders").starts_with(told), "{wanted}");
        assert!(is_settled(&harness.model, orders));
    }
    let mut harness = headless(counts, Some("Harbor"));
    list_scopes(&mut harness, Err(Failure::new(FailureKind::Unreachable, "refused")));
    let failure = harness.panel("orders").failure().unwrap();
    assert_eq!((failure.kind, is_settled(&harness.model, orders)), (FailureKind::Unreachable, true));
}
