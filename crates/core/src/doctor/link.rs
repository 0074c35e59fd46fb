//! The server, the way to it, and its clocks.

use super::Findings;
use crate::{
    contract::{Facts, Transport},
    format,
};

/// Clocks that differ by more make ages wrong that people act on, in ms.
const MOST_SKEW_MS: i64 = 5_000;
/// A round trip beyond this makes every key that asks the server feel slow, in µs.
const SLOW_RTT_US: u64 = 500_000;
/// The oldest release of PostgreSQL that opsdash serves: what speaks to it is tested on every one from here on.
const OLDEST_POSTGRES: u32 = 13;
/// The level of compatibility from which SQL Server reads JSON.
const OPENJSON_LEVEL: u32 = 130;
/// A wrong zone puts times off by a multiple of this, in ms.
const HALF_HOUR_MS: i64 = 30 * 60_000;
/// How near to such a multiple the newest time must be, in ms: something is written at least that often.
const NEAR_MS: i64 = 3 * 60_000;
/// No zone is further from UTC than this, in ms.
const FURTHEST_ZONE_MS: i64 = 14 * 3_600_000 + NEAR_MS;

pub(super) fn examine(findings: &mut Findings<'_>, facts: &Facts) {
    server(findings, facts);
    if facts.version.is_none() {
        return;
    }
    transport(findings, &facts.transport);
    encoding(findings, facts);
    compatibility(findings, facts);
    clock(findings, facts);
    zone(findings, facts.newest_ahead_ms);
}

fn server(findings: &mut Findings<'_>, facts: &Facts) {
    let rtt = format!("round trip {}", round_trip(facts.rtt_us));
    findings.ok("server", &format!("{}, {rtt}", facts.server));
    if facts.rtt_us > SLOW_RTT_US {
        findings.warn("round trip", &rtt, "run opsdash nearer to the server");
    }
    if let Some(found) = facts.version.filter(|found| *found < OLDEST_POSTGRES)
        && findings.engine == opsdash_pack::pack::Engine::PostgreSql
    {
        let what = format!("PostgreSQL {found} is older than {OLDEST_POSTGRES}, the oldest that opsdash serves");
        findings.warn("server version", &what, "plan the upgrade; until then some views may fail");
    } else if let (Some(found), Some(documented)) = (facts.version, findings.schema.version)
        && found < documented
    {
        let what = format!("{}; the system is documented with {documented}", facts.server);
        findings.hint("server version", &what, "plan the upgrade");
    }
}

/// A round trip: with a decimal where a local server would be 0 ms.
fn round_trip(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format::duration(i64::try_from(us / 1_000).unwrap_or(i64::MAX)),
    }
}

/// A database without an encoding takes any bytes from whoever writes to it.
fn encoding(findings: &mut Findings<'_>, facts: &Facts) {
    if facts.catalog.encoding.as_deref() == Some("SQL_ASCII") {
        findings.warn(
            "encoding",
            "SQL_ASCII: the database checks no text, and what is no UTF-8 in it is shown as \u{fffd}",
            "make a database of the encoding UTF8 and restore into it what the application's own encoding says",
        );
    }
}

/// Keys come as JSON, which an old level of compatibility does not read.
fn compatibility(findings: &mut Findings<'_>, facts: &Facts) {
    if let Some(level) = facts.catalog.compatibility.filter(|level| *level < OPENJSON_LEVEL) {
        let found =
            format!("the database is at {level}, and OPENJSON needs {OPENJSON_LEVEL}: details and actions fail");
        let fix =
            format!("ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = {OPENJSON_LEVEL}, when the system allows it");
        findings.crit("compatibility level", &found, &fix);
    }
}

fn transport(findings: &mut Findings<'_>, transport: &Transport) {
    match transport {
        Transport::Local => findings.ok("TLS", "not needed: the server is on this machine"),
        Transport::Plain { asked } => {
            let found = format!("not in use: everything passes the network in the clear ({asked})");
            findings.warn("TLS", &found, tls_fix(findings.engine));
        }
        Transport::Tls { asked, verified: false } => {
            let found = format!("in use, but whoever answers is believed to be the server ({asked})");
            findings.warn("TLS", &found, tls_fix(findings.engine));
        }
        Transport::Tls { asked, verified: true } => {
            findings.ok("TLS", &format!("in use, the server is verified ({asked})"));
        }
    }
}

fn tls_fix(engine: opsdash_pack::pack::Engine) -> &'static str {
    match engine {
        opsdash_pack::pack::Engine::MongoDb => "add tls=true to the url, and ca_file where the CA is your own",
        opsdash_pack::pack::Engine::SqlServer => {
            "let the url say encrypt=yes, and add ca_file where the CA is your own"
        }
        opsdash_pack::pack::Engine::PostgreSql => {
            "add sslmode=verify-full to the url, and ca_file where the CA is your own"
        }
    }
}

fn clock(findings: &mut Findings<'_>, facts: &Facts) {
    let Some(ahead) = facts.ahead_ms else { return };
    if ahead.abs() <= MOST_SKEW_MS {
        findings.ok("clock", "the server's and ours agree");
        return;
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let found = format!("the server's is {} {side} this machine's", format::duration(ahead.abs()));
    findings.warn("clock", &found, "synchronize both with NTP; ages are counted from the server's clock");
}

/// Times without a zone, read in the wrong one, are off by whole hours.
fn zone(findings: &mut Findings<'_>, newest: Option<i64>) {
    let (Some(ahead), Some((table, column))) = (newest, &findings.schema.clock) else { return };
    let subject = format!("time {table}.{column}");
    let hours = (ahead + ahead.signum() * HALF_HOUR_MS / 2) / HALF_HOUR_MS;
    let is_near = (ahead - hours * HALF_HOUR_MS).abs() <= NEAR_MS;
    let off = format::duration(ahead.abs());
    if ahead > NEAR_MS {
        let found = format!("the newest is {off} ahead of the server's clock");
        findings.warn(&subject, &found, "set naive_zone of the source to the zone that the application writes in");
    } else if is_near && hours != 0 && ahead.abs() <= FURTHEST_ZONE_MS {
        let found = format!("the newest is {off} old, close to whole hours: nothing came since, or the zone is wrong");
        findings.warn(
            &subject,
            &found,
            "compare with the application; set naive_zone of the source to the zone it writes in",
        );
    } else if ahead < -NEAR_MS {
        findings.hint(&subject, &format!("the newest is {off} old"), "find out why nothing has come since");
    } else {
        findings.ok(&subject, "the newest is of now: naive_zone fits");
    }
}
