//! `opsdash doctor`: whether the servers are what the packs expect, and how to mend what is not.

use std::sync::Arc;

use crossterm::style::{Color, Stylize};
use opsdash_core::{
    contract::FailureKind,
    doctor::{self, Finding, Inspected, InspectedMembers},
    text,
    value::Severity,
};
use opsdash_pack::{
    config::{Target, database_in},
    document::suggest,
    pack::{Pack, SourceId},
};
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::doctor::{DoctorArgs, DoctorFormat},
        error::CliError,
        exit::Exit,
        output::{CommandOutput, OutputStyle},
        query,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    export::json,
    runtime::inspect,
};

/// What was found of one target.
struct TargetFindings<'a> {
    target: &'a str,
    title: String,
    findings: Vec<Finding>,
    exit: Exit,
}

/// Carries the command out.
///
/// # Errors
/// When the config or a pack is wrong; then nothing is asked.
pub fn run(
    args: &DoctorArgs,
    setup: &Setup,
    wanted: &TargetSelection,
    style: OutputStyle,
) -> Result<CommandOutput, CliError> {
    let targets = setup.targets(wanted)?;
    let packs: Vec<Arc<Pack>> = targets
        .iter()
        .map(|target| setup.pack(target).map_err(|problems| wrong(&problems)))
        .collect::<Result<_, _>>()?;
    if let Some(source) = &args.grants {
        return grants(&targets, &packs, source).map(CommandOutput::done);
    }
    let asked = targets.iter().zip(&packs).map(|(target, pack)| inspect::inspect(pack, target, &setup.environment));
    let inspected = query::wait_for(async { Ok(futures_util::future::join_all(asked).await) })?;
    let reports: Vec<TargetFindings<'_>> =
        targets.iter().zip(&packs).zip(&inspected).map(|((target, pack), all)| report(target, pack, all)).collect();
    let data = match args.format {
        DoctorFormat::Json if wanted.is_several() => json::bytes(&reports.iter().map(envelope).collect()),
        DoctorFormat::Json => reports.iter().flat_map(|report| json::bytes(&envelope(report))).collect(),
        DoctorFormat::Text => {
            reports.iter().map(|report| page(report, style)).collect::<Vec<_>>().join("\n").into_bytes()
        }
    };
    let exit = reports.iter().map(|report| report.exit).max().unwrap_or(Exit::Done);
    Ok(CommandOutput { data, notes: Vec::new(), exit })
}

/// The statements for each system once: the names of their databases come from its first target. `named` is a source,
/// or empty for all.
fn grants(targets: &[&Target], packs: &[Arc<Pack>], named: &str) -> Result<String, CliError> {
    let mut seen: Vec<&str> = Vec::new();
    let mut parts = Vec::new();
    for (target, pack) in targets.iter().zip(packs).filter(|(_, pack)| !pack.schema.sources.is_empty()) {
        if seen.contains(&pack.system.as_str()) {
            continue;
        }
        seen.push(&pack.system);
        for (at, source) in pack.sources.iter().enumerate().filter(|(_, it)| named.is_empty() || it.name == named) {
            let database =
                target.sources.get(&source.name).and_then(|config| config.urls.first()).and_then(database_in);
            parts.extend(doctor::grants(pack, SourceId(at), database));
        }
    }
    if parts.is_empty() {
        let known = packs.iter().flat_map(|pack| &pack.sources).map(|source| source.name.as_str());
        return Err(CliError::usage(format!("no source \"{}\" has grants", text::inert(named)), suggest(named, known)));
    }
    Ok(parts.join("\n"))
}

fn report<'a>(target: &'a Target, pack: &Pack, inspected: &[Inspected]) -> TargetFindings<'a> {
    let mut findings: Vec<Finding> = inspected.iter().flat_map(|source| doctor::examine(pack, source)).collect();
    findings.extend(doctor::unfilled(pack));
    findings.extend(doctor::by_hand(pack));
    let is_down =
        |source: &Inspected| source.outcome.as_ref().is_err_and(|failure| failure.kind != FailureKind::NotConfigured);
    let is_incomplete = |source: &Inspected| source.members.as_ref().is_some_and(InspectedMembers::is_incomplete);
    let exit = if inspected.iter().any(|source| is_down(source) || is_incomplete(source)) {
        Exit::SourceDown
    } else if worst(&findings) == Severity::Crit {
        Exit::Blocked
    } else {
        Exit::Done
    };
    TargetFindings { target: &target.name, title: pack.title.clone(), findings, exit }
}

fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|finding| finding.severity).max().unwrap_or_default()
}

fn envelope(report: &TargetFindings<'_>) -> Json {
    let finding = |finding: &Finding| {
        json!({
            "target": report.target,
            "source": finding.source,
            "severity": finding.severity.word(),
            "subject": finding.subject,
            "found": finding.found,
            "fix": finding.fix,
        })
    };
    json!({
        "schema": json::SCHEMA,
        "severity": worst(&report.findings).word(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// A target on one page: its sources, and of each what is worst first.
fn page(report: &TargetFindings<'_>, style: OutputStyle) -> String {
    let mut parts = vec![format!("{}  {}\n", report.target, report.title)];
    let mut source = None;
    for finding in &report.findings {
        if source != Some(&finding.source) {
            source = Some(&finding.source);
            parts.push(format!("\n{}\n", if finding.source.is_empty() { "by hand" } else { &finding.source }));
        }
        parts.push(lines(finding, style));
    }
    parts.push(format!("\n{}\n", summary(&report.findings)));
    parts.concat()
}

/// What is in order takes a line or two; everything else says what was found and how to mend it.
fn lines(finding: &Finding, style: OutputStyle) -> String {
    const INDENT: &str = "        ";
    let (word, color) = match finding.severity {
        _ if finding.is_hint() => ("hint", Color::Cyan),
        Severity::Off => ("off", Color::Reset),
        Severity::Ok => ("ok", Color::Green),
        Severity::Warn => ("warn", Color::Yellow),
        Severity::Unknown => ("unknown", Color::Magenta),
        Severity::Crit => ("crit", Color::Red),
    };
    let padded = format!("{word:<4}");
    let word = if style.color { padded.with(color).to_string() } else { padded };
    let cells = usize::from(style.columns).saturating_sub(INDENT.len() + 3).max(20);
    let filled = |text: &str, indent: &str| fill(text, cells).join(&format!("\n{indent}"));
    let said = filled(&format!("{}: {}", finding.subject, finding.found), INDENT);
    let fix = filled(&finding.fix, &format!("{INDENT}   "));
    let fix = if fix.is_empty() { String::new() } else { format!("{INDENT}-> {fix}\n") };
    format!("  {word}  {said}\n{fix}")
}

/// Lines that break at blanks alone: a statement means the same when it is copied from several lines, as long as no name
/// in quotes is broken.
fn fill(text: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if text::width(line) + 1 + text::width(word) <= cells => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn summary(findings: &[Finding]) -> String {
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let hints = findings.iter().filter(|finding| finding.is_hint()).count();
    let parts: Vec<String> = [(Severity::Crit, "crit"), (Severity::Unknown, "unknown"), (Severity::Warn, "warn")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let found = if parts.is_empty() { "clean: nothing to mend".to_owned() } else { parts.join(", ") };
    format!("{found}; {hints} hint{}", if hints == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, fix: &str) -> Finding {
        Finding {
            source: "main".into(),
            severity,
            subject: "index a(b)".into(),
            found: "is not there".into(),
            fix: fix.into(),
        }
    }

    #[test]
    fn a_fix_breaks_at_blanks_alone_and_reads_back_as_one_statement() {
        let fix = r#"CREATE INDEX CONCURRENTLY ON "error_logs" ("level", "timestamp") WHERE NOT resolved"#;
        let style = OutputStyle { columns: 50, color: false, ascii: false, is_watched: true };
        let text = lines(&finding(Severity::Warn, fix), style);
        assert!(text.lines().all(|line| text::width(line) <= 50), "{text}");
        let words: Vec<&str> = text.split_once("-> ").unwrap().1.split_whitespace().collect();
        assert_eq!(words.join(" "), fix);
    }

    #[test]
    fn a_page_is_clean_with_hints_alone() {
        let clean = [finding(Severity::Ok, ""), finding(Severity::Ok, "grant it")];
        assert_eq!(summary(&clean), "clean: nothing to mend; 1 hint");
        assert_eq!(summary(&[finding(Severity::Crit, "x"), finding(Severity::Warn, "x")]), "1 crit, 1 warn; 0 hints");
    }
}
