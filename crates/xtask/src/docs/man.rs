//! `docs/opsdash.1`: the manual page, from the command line's own definitions.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use clap_mangen::Man;
use opsdash_pack::pack::LookupWords;

use crate::cargo::repository;
use crate::packs;

// Included, not depended on: the program builds two database drivers.
#[expect(dead_code, reason = "the page needs the definitions, not what was typed")]
#[path = "../../../../src/cli/args/mod.rs"]
mod args;
#[path = "../../../../src/cli/exit.rs"]
mod exit;

/// The page.
pub fn document() -> Result<String> {
    Ok(format!(".\\\" Made by `cargo xtask docs` from the command line: change that instead.\n{}", page()?))
}

fn page() -> Result<String> {
    let mut command = args::command(&lookups()?);
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone()).date("").source("opsdash").manual("opsdash");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in command.get_subcommands() {
        section(subcommand, &mut page)?;
    }
    examples(&command, ".SH", &mut page)?;
    Ok(format!("{APOSTROPHE}{}", String::from_utf8(page)?.replace(APOSTROPHE, "")))
}

/// The lookups of our packs, which are commands too.
fn lookups() -> Result<BTreeMap<String, LookupWords>> {
    let packs = packs::all(&repository())?;
    let lookups = packs.into_iter().flat_map(|pack| pack.lookups).map(|(name, lookup)| (name, lookup.words));
    Ok(lookups.filter(|(name, _)| args::is_free(name)).collect())
}

/// What every part begins with; once is enough.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// What stands after the options in a help text, its lines as they are.
fn examples(command: &clap::Command, level: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let Some(text) = command.get_after_long_help() else { return Ok(()) };
    writeln!(page, "{level} EXAMPLES AND EXIT CODES\n.nf")?;
    for line in text.to_string().lines() {
        // A dot or an apostrophe at the beginning would be a request to the formatter.
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\*(Aq");
        writeln!(page, "\\&{line}")?;
    }
    writeln!(page, ".fi")
}

/// A command, and below it its own commands.
fn section(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    writeln!(page, ".SH \"{}\"", name.to_uppercase().replace('-', "\\-"))?;
    let man = Man::new(without_what_all_take(command));
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    page.extend(String::from_utf8_lossy(&parts).replace("\n.SH ", "\n.SS ").replacen(".SH ", ".SS ", 1).into_bytes());
    examples(command, ".SS", page)?;
    command.get_subcommands().try_for_each(|inner| section(inner, page))
}

/// Options that every command understands stand once, at the top.
fn without_what_all_take(command: &clap::Command) -> clap::Command {
    let common: Vec<_> = command
        .get_arguments()
        .filter(|argument| argument.is_global_set() || ["help", "version"].contains(&argument.get_id().as_str()))
        .map(|argument| argument.get_id().clone())
        .collect();
    common.into_iter().fold(command.clone(), |command, id| command.mut_arg(id, |argument| argument.hide(true)))
}
