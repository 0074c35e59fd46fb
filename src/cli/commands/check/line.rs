//! A line as monitoring plugins print it, perfdata after it, and a line for each view in trouble.

use opsdash_core::{
    contract::FailureKind,
    value::{Counts, Doubt, Severity},
    view_verdict::{Trouble, ViewVerdict},
};

use opsdash_pack::pack::ViewId;

use super::{CheckedView, by_target};

/// The word that a monitoring system looks for.
fn status(severity: Severity) -> &'static str {
    match severity {
        // What is off is no verdict.
        Severity::Off | Severity::Ok => "OK",
        Severity::Warn => "WARNING",
        Severity::Unknown => "UNKNOWN",
        Severity::Crit => "CRITICAL",
    }
}

/// A summary names what is wrong until it is about so long, in bytes; what more there is it counts.
const SUMMARY: usize = 400;
/// Of several targets each may say so much of it.
const SUMMARY_OF_ONE: usize = 100;

/// Status, summary and perfdata on the first line; then the views in trouble, worst first. People need no perfdata.
///
/// With `max_bytes` it is no longer than that: see [`bounded`].
pub fn render(checked: &[CheckedView], several: bool, max_bytes: Option<u32>, is_watched: bool) -> String {
    let worst = checked.iter().map(CheckedView::severity).max().unwrap_or_default();
    let each = (SUMMARY / checked.len().max(1)).max(SUMMARY_OF_ONE);
    let summaries: Vec<String> = by_target(checked).flat_map(|checked| summaries(checked, each)).collect();
    let perfdata = || by_target(checked).flat_map(|checked| perfdata(checked, several)).collect();
    let perfdata: Vec<String> = if is_watched { Vec::new() } else { perfdata() };
    let head = format!("{} - {}", status(worst), plain(&joined(&summaries, "; ", SUMMARY)));
    let mut troubled: Vec<(Severity, String)> = checked.iter().flat_map(troubled).collect();
    // Stable: within a severity targets and views keep their order.
    troubled.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let troubled: Vec<String> = troubled.into_iter().map(|(_, line)| plain(&line)).collect();
    match max_bytes {
        Some(most) => bounded(&head, &perfdata, &troubled, usize::try_from(most).unwrap_or(usize::MAX)),
        None => whole(&head, &perfdata, &troubled),
    }
}

/// As many as are about so long, and how many more there are; at least the first.
fn joined(parts: &[String], between: &str, most: usize) -> String {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 && text.len() + between.len() + part.len() > most {
            return format!("{text}{between}and {} more", parts.len() - at);
        }
        text.push_str(if at > 0 { between } else { "" });
        text.push_str(part);
    }
    text
}

fn whole(head: &str, perfdata: &[impl AsRef<str>], lines: &[String]) -> String {
    let perfdata: Vec<&str> = perfdata.iter().map(AsRef::as_ref).collect();
    let first = if perfdata.is_empty() { head.to_owned() } else { format!("{head} | {}", perfdata.join(" ")) };
    let lines: Vec<&str> = std::iter::once(&first).chain(lines).map(String::as_str).collect();
    lines.join("\n") + "\n"
}

/// As much as fits into so many bytes: the summary, then what counts something, then lines of views, then counts of 0.
/// Nothing but the summary is cut within.
fn bounded(head: &str, perfdata: &[String], lines: &[String], most: usize) -> String {
    const ELLIPSIS: &str = "…";
    if head.len() + 1 > most {
        let room = head.floor_char_boundary(most.saturating_sub(1 + ELLIPSIS.len()));
        return format!("{}{ELLIPSIS}\n", &head[..room]);
    }
    let mut left = most - head.len() - 1;
    let mut fits = |bytes: usize| {
        let fits = bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    };
    let is_zero = |text: &str| text.split_once("'=").is_some_and(|(_, value)| value.starts_with("0;"));
    let mut kept = vec![false; perfdata.len()];
    let mut has_any = false;
    let mut keep = |kept: &mut Vec<bool>, zeros: bool, fits: &mut dyn FnMut(usize) -> bool| {
        for (at, text) in perfdata.iter().enumerate().filter(|(_, text)| is_zero(text) == zeros) {
            // The first stands after the bar.
            kept[at] = fits(text.len() + if has_any { 1 } else { " | ".len() });
            has_any |= kept[at];
        }
    };
    keep(&mut kept, false, &mut fits);
    let lines: Vec<String> = lines.iter().take_while(|line| fits(line.len() + 1)).cloned().collect();
    keep(&mut kept, true, &mut fits);
    let shown: Vec<&String> = perfdata.iter().zip(kept).filter_map(|(text, kept)| kept.then_some(text)).collect();
    whole(head, &shown, &lines)
}

/// What follows a bar is perfdata to whoever reads it.
fn plain(text: &str) -> String {
    text.replace('|', "/")
}

/// Of a target with several scopes those that are not ok, each by its name, and how many are.
fn summaries(of_target: &[CheckedView], most: usize) -> Vec<String> {
    let is_folded = |checked: &&CheckedView| checked.scope.is_some() && !checked.severity().is_trouble();
    let mut said: Vec<String> =
        of_target.iter().filter(|checked| !is_folded(checked)).map(|checked| summary(checked, most)).collect();
    let of = of_target.iter().filter(|checked| checked.scope.is_some()).count();
    if let (Some(first), Some(scope)) =
        (of_target.first(), of_target.first().and_then(|first| first.target.pack.scope.as_ref()))
        && of > 0
    {
        let ok = of_target.iter().filter(is_folded).count();
        said.push(format!("{}: {ok} of {of} {}{} ok", first.target.name, scope.title, if of == 1 { "" } else { "s" }));
    }
    said
}

fn summary(checked: &CheckedView, most: usize) -> String {
    let (silent, judged) = sorted_out(checked);
    // What each view was told is in the lines below; here it is counted once, whatever the words were.
    let mut counted: Vec<(String, usize)> = Vec::new();
    for (trouble, views) in &silent {
        let why = match trouble.failure.kind {
            FailureKind::NoScope => trouble.failure.message.clone(),
            kind => format!("{} {}", checked.source(trouble), kind.word()),
        };
        match counted.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += views.len(),
            None => counted.push((why, views.len())),
        }
    }
    let silent = counted
        .into_iter()
        .map(|(why, count)| format!("{why}, {count} view{} unknown", if count == 1 { "" } else { "s" }));
    // The worst is named, also where there is no room for all. Stable: the tabs keep their order.
    let mut judged = judged;
    judged.sort_by_key(|verdict| std::cmp::Reverse(verdict.severity));
    let judged = judged.iter().map(|verdict| format!("{} {}", checked.view(verdict), short(verdict)));
    let said: Vec<String> = silent.chain(judged).collect();
    let said = if said.is_empty() { format!("{} views ok", checked.verdicts.len()) } else { joined(&said, ", ", most) };
    format!("{}: {said}", checked.name())
}

/// Why nothing is known of some views, and which ones these are.
type UnknownViews<'a> = Vec<(&'a Trouble, Vec<&'a ViewVerdict>)>;

/// What is not ok: the views that a source took away, by the first thing that it did not answer, with those that wait for
/// the same choice; and the others.
fn sorted_out(checked: &CheckedView) -> (UnknownViews<'_>, Vec<&ViewVerdict>) {
    let (mut silent, mut judged) = (UnknownViews::new(), Vec::new());
    for verdict in checked.verdicts.iter().filter(|verdict| verdict.severity.is_trouble()) {
        match (verdict.counts.filter(|_| !is_unchosen(verdict)), verdict.troubles.first()) {
            (None, Some(trouble)) => match silent.iter_mut().find(|(known, _)| *known == trouble) {
                Some((_, views)) => views.push(verdict),
                None => silent.push((trouble, vec![verdict])),
            },
            _ => judged.push(verdict),
        }
    }
    // Stable: causes stand before what follows from them, as on the overview.
    judged.sort_by_key(|verdict| checked.target.pack.view(verdict.view).cause.is_none());
    (silent, judged)
}

/// Whether nothing is wrong with a view but that rows of it are judged by what nobody has chosen.
fn is_unchosen(verdict: &ViewVerdict) -> bool {
    let is_first = verdict.troubles.first().is_some_and(|trouble| trouble.failure.kind == FailureKind::NoScope);
    let reasons = troubled_reasons(verdict);
    verdict.severity == Severity::Unknown && is_first && reasons.iter().all(|(_, id, _)| *id == Doubt::NoScope.word())
}

/// Counts of what needs somebody and the reasons, the worst first, or that nothing is known.
fn short(verdict: &ViewVerdict) -> String {
    let counts = verdict.counts.filter(|counts| counts.worst().is_trouble());
    let Some(counts) = counts else { return "unknown".to_owned() };
    let ids: Vec<&str> = troubled_reasons(verdict).into_iter().map(|(_, id, _)| id).collect();
    match ids.as_slice() {
        [] => bad(counts, " "),
        [first] => format!("{} ({first})", bad(counts, " ")),
        [first, rest @ ..] => format!("{} ({first} and {} more)", bad(counts, " "), rest.len()),
    }
}

/// The reasons of rows that need somebody, worst first.
fn troubled_reasons(verdict: &ViewVerdict) -> Vec<(Severity, &str, u64)> {
    let mut reasons = verdict.reasons.ranked();
    reasons.retain(|(severity, ..)| severity.is_trouble());
    reasons
}

/// Reasons in the line of a view: what else there is, JSON has.
const REASONS: usize = 5;

fn bad(counts: Counts, between: &str) -> String {
    let counted = Severity::TROUBLED.into_iter().filter(|severity| counts.of(*severity) > 0);
    counted.map(|severity| format!("{} {}", counts.of(severity), severity.word())).collect::<Vec<_>>().join(between)
}

/// A source that did not answer with the views that it took away; a view that is not ok with its counts and worst row.
fn troubled(checked: &CheckedView) -> Vec<(Severity, String)> {
    let target = checked.name();
    let no_answer = |trouble: &Trouble| match trouble.failure.kind {
        // Nobody was asked.
        FailureKind::NoScope => trouble.failure.message.clone(),
        _ => format!("no answer from {}: {}", checked.source(trouble), trouble.failure),
    };
    let (silent, judged) = sorted_out(checked);
    let silent = silent.iter().map(|(trouble, views)| {
        let names: Vec<&str> = views.iter().map(|verdict| checked.view(verdict)).collect();
        (Severity::Unknown, format!("{target} {} unknown: {}", names.join(", "), no_answer(trouble)))
    });
    let judged = judged.iter().map(|verdict| {
        let counts = verdict.counts.filter(|counts| counts.worst().is_trouble());
        let counts = counts.map(|counts| format!("{} of {}", bad(counts, ", "), counts.total()));
        let reasons = troubled_reasons(verdict).into_iter().take(REASONS).map(|(_, id, n)| format!("{n} {id}"));
        let reasons = Some(reasons.collect::<Vec<_>>().join(", ")).filter(|reasons| !reasons.is_empty());
        let worst = verdict.worst.as_ref().map(|worst| format!("worst: {worst}"));
        let parts: Vec<String> =
            counts.into_iter().chain(reasons).chain(verdict.troubles.iter().map(no_answer)).chain(worst).collect();
        let head = format!("{target} {} {}", checked.view(verdict), verdict.severity.word());
        (verdict.severity, format!("{head}: {}", parts.join("; ")))
    });
    silent.chain(judged).collect()
}

/// Four counts a view, with the ranges in which they are no trouble; `U` where nothing is known. What is off is not among
/// them: nobody watches it. Of several scopes they are the sums.
fn perfdata(of_target: &[CheckedView], several: bool) -> Vec<String> {
    let Some(first) = of_target.first() else { return Vec::new() };
    let prefix = if several { format!("{}.", first.target.name) } else { String::new() };
    let mut views: Vec<(ViewId, Option<Counts>)> = Vec::new();
    for verdict in of_target.iter().flat_map(|checked| &checked.verdicts) {
        match views.iter_mut().find(|(view, _)| *view == verdict.view) {
            Some((_, sum)) => *sum = sum.zip(verdict.counts).map(|(sum, counts)| sum.and(counts)),
            None => views.push((verdict.view, verdict.counts)),
        }
    }
    let of_view = |(view, counts): (ViewId, Option<Counts>)| {
        let ranges =
            [(Severity::Crit, ";;0;0"), (Severity::Warn, ";0;;0"), (Severity::Unknown, ";;;0"), (Severity::Ok, ";;;0")];
        let view = first.target.pack.view(view).id.clone();
        let prefix = prefix.clone();
        ranges.map(move |(severity, range)| {
            let label = format!("{prefix}{view}_{}", severity.word()).replace('=', "_").replace('\'', "''");
            match counts {
                Some(counts) => format!("'{label}'={}{range}", counts.of(severity)),
                None => format!("'{label}'=U"),
            }
        })
    };
    views.into_iter().flat_map(of_view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_the_first_and_counts_the_rest() {
        let parts: Vec<String> = (1..=5).map(|n| format!("view{n} {n} crit")).collect();
        assert_eq!(joined(&parts, ", ", 400), "view1 1 crit, view2 2 crit, view3 3 crit, view4 4 crit, view5 5 crit");
        assert_eq!(joined(&parts, ", ", 30), "view1 1 crit, view2 2 crit, and 3 more");
        assert_eq!(joined(&parts, ", ", 0), "view1 1 crit, and 4 more");
        assert_eq!(joined(&[], ", ", 0), "");
    }

    #[test]
    fn a_line_is_bounded_at_whole_labels_and_zeros_go_first() {
        let perfdata: Vec<String> =
            ["'a_crit'=5;;0;0", "'a_warn'=0;0;;0", "'b_crit'=U", "'b_ok'=0;;;0"].map(str::to_owned).to_vec();
        let lines = vec!["lab a crit: 5 crit of 9".to_owned(), "lab b unknown: no answer".to_owned()];
        let head = "CRITICAL - lab: a 5 crit, b unknown";
        let all = whole(head, &perfdata, &lines);
        for most in 0..=all.len() + 5 {
            let text = bounded(head, &perfdata, &lines, most);
            assert!(text.len() <= most.max("…\n".len()), "{most}: {text}");
            let first = text.lines().next().unwrap();
            let shown = first.split_once(" | ").map_or("", |(_, shown)| shown);
            assert!(
                shown.split_whitespace().all(|label| perfdata.iter().any(|known| known == label)),
                "{most}: {text}"
            );
            assert!(text.lines().skip(1).all(|line| lines.iter().any(|known| known == line)), "{most}: {text}");
        }
        assert_eq!(bounded(head, &perfdata, &lines, all.len()), all);
        assert_eq!(bounded(head, &perfdata, &[], 80), format!("{head} | 'a_crit'=5;;0;0 'b_crit'=U 'b_ok'=0;;;0\n"));
        assert_eq!(bounded("OK - éé", &[], &[], 9), "OK - …\n");
    }
}
