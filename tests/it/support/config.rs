//! The program, and configs for it.

use opsdash_testbed::shell::Shell;

/// The program.
pub const OPSDASH: &str = env!("CARGO_BIN_EXE_opsdash");

/// A file store that does not answer: nothing listens on the discard port.
pub const NOWHERE: &str = "mongodb://127.0.0.1:9/nowhere?directConnection=true";

/// A file store for tests that are not about files.
pub const NO_FILES: &str = "file:///nonexistent";

/// A target of a config, with the program's own timeouts.
pub fn target(name: &str, main: &str, files: &str) -> String {
    target_of(name, main, files, "")
}

/// A target whose sources may take so long for an answer.
pub fn target_within(name: &str, main: &str, files: &str, timeout: &str) -> String {
    target_of(name, main, files, &format!("timeout = \"{timeout}\"\n"))
}

fn target_of(name: &str, main: &str, files: &str, words: &str) -> String {
    format!(
        "[targets.{name}]\nsystem = \"cybersensei\"\n\
         [targets.{name}.sources.main]\nurl = \"{main}\"\n{words}\
         [targets.{name}.sources.files]\nurl = \"{files}\"\n{words}"
    )
}

/// The program with this config.
pub fn shell(config: &str) -> Shell {
    Shell::new(OPSDASH, config).unwrap()
}

/// The program with one target, on these two databases, which may take their time.
pub fn lab(main: &str, files: &str) -> Shell {
    shell(&target_within("lab", main, files, "20s"))
}
