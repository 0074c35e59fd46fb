//! The command line as it is typed, and the table of exit codes. Not beside what they test: `crates/xtask` includes those
//! files, and would run the tests again.

use std::{collections::BTreeMap, ffi::OsString};

use opsdash_pack::pack::LookupWords;

use super::{
    args::{Cli, Command, command, is_check},
    choices::ViewRequest,
    exit::Exit,
    targets::TargetSelection,
};

fn lookups() -> BTreeMap<String, LookupWords> {
    [("badge".to_owned(), LookupWords::of(None, None, true))].into()
}

fn read(line: &str) -> Result<Cli, clap::Error> {
    Cli::read(line.split(' ').map(OsString::from), &lookups())
}

fn selection(line: &str) -> TargetSelection {
    TargetSelection::from(&read(line).unwrap().common)
}

#[test]
fn the_command_line_is_sound() {
    command(&lookups()).debug_assert();
}

#[test]
fn common_options_stand_before_and_after_the_subcommand() {
    for line in ["opsdash --target a --config c.toml show errors", "opsdash show errors --target a --config c.toml"] {
        let cli = read(line).unwrap();
        assert_eq!(cli.common.target, ["a"]);
        assert_eq!(cli.common.config, Some("c.toml".into()));
    }
    assert_eq!(selection("opsdash badge x --target a --target b").names, ["a", "b"]);
}

#[test]
fn a_mistake_in_a_call_of_check_is_known_to_be_one() {
    for line in [
        "opsdash check --bogus",
        "opsdash check --format xml",
        "opsdash --target a check errors --timeout never",
        "opsdash --view errors check",
        "opsdash check --target",
    ] {
        let line: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        assert!(
            Cli::read(line.clone(), &BTreeMap::new()).is_err() && is_check(line.clone(), &BTreeMap::new()),
            "{line:?}"
        );
    }
    assert!(!is_check(["opsdash", "show", "check", "--bogus"].map(OsString::from), &BTreeMap::new()));
}

#[test]
fn a_pack_names_a_command() {
    let cli = read("opsdash badge 1234 --json").unwrap();
    let Some(Command::Lookup(asking)) = cli.command else { panic!("{cli:?}") };
    assert_eq!((asking.name.as_str(), asking.query.as_deref(), asking.json), ("badge", Some("1234"), true));
    assert!(read("opsdash gadget 1234").is_err());
}

#[test]
fn the_dashboard_opens_where_it_is_told_to() {
    let line = "opsdash --read-only --target t --view errors --set level=all --search x";
    let opening = read(line).unwrap().opening;
    let set = vec![("level".to_owned(), "all".to_owned())];
    let request = ViewRequest { view: "errors".into(), search: "x".into(), set };
    assert_eq!((ViewRequest::of_opening(&opening), opening.read_only), (Some(request), true));
    assert_eq!(selection(line).names, ["t"]);
    assert_eq!(selection("opsdash --target a --target b").names, ["a", "b"]);
    assert!(read("opsdash --view errors show errors").is_err());
    assert!(read("opsdash --set level=all").is_err());
    assert!(read("opsdash --view errors --set level").is_err());
}

#[test]
fn every_end_has_one_line_and_nothing_known_is_worse_than_a_known_bad() {
    for exit in [
        Exit::Done,
        Exit::Usable,
        Exit::Unusable,
        Exit::NotFound,
        Exit::Changed,
        Exit::Bad,
        Exit::Blocked,
        Exit::Ambiguous,
        Exit::Usage,
    ] {
        assert_eq!(Exit::ALL.iter().filter(|(known, ..)| *known == exit).count(), 1);
        assert!(exit < Exit::SourceDown);
    }
    assert_eq!(Exit::NotFound.code(), 4);
    assert!(Exit::help(&[Exit::Done, Exit::SourceDown]).lines().count() == 3);
}
