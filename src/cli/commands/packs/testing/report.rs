//! What came of the tests, for people and for programs.

use opsdash_pack::{document::Problem, pack::PackTest};
use serde_json::{Value as Json, json};

use crate::export::json;

/// A test that has run.
pub(super) struct Tested<'t> {
    pub test: &'t PackTest,
    /// What is not as it says; empty when it passes.
    pub problems: Vec<Problem>,
}

/// What is wrong, then how many passed.
pub(super) fn text(system: &str, tested: &[Tested<'_>]) -> Vec<u8> {
    let (passed, failed) = counts(tested);
    let problems = tested.iter().flat_map(|tested| &tested.problems).map(|problem| format!("{problem}\n"));
    let plural = if tested.len() == 1 { "" } else { "s" };
    let line = format!("{system}: {} test{plural}, {passed} passed, {failed} failed\n", tested.len());
    problems.chain([line]).collect::<String>().into_bytes()
}

/// One document.
pub(super) fn json(system: &str, tested: &[Tested<'_>]) -> Vec<u8> {
    let (passed, failed) = counts(tested);
    let problem = |problem: &Problem| json!({"file": problem.place.file, "line": problem.place.line, "what": problem.what, "remedy": problem.remedy});
    let one = |tested: &Tested<'_>| {
        json!({
            "name": tested.test.name,
            "file": tested.test.at.file,
            "line": tested.test.at.line,
            "passed": tested.problems.is_empty(),
            "problems": tested.problems.iter().map(problem).collect::<Json>(),
        })
    };
    json::bytes(&json!({
        "schema": json::SCHEMA,
        "system": system,
        "passed": passed,
        "failed": failed,
        "tests": tested.iter().map(one).collect::<Json>(),
    }))
}

fn counts(tested: &[Tested<'_>]) -> (usize, usize) {
    let passed = tested.iter().filter(|tested| tested.problems.is_empty()).count();
    (passed, tested.len() - passed)
}
