//! Secrets inside URLs.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Secret;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Parameters whose values are shown. A name that is not among them may be a mistyped one of a secret.
const SHOWN: [&str; 70] = [
    "application_intent",
    "application_name",
    "applicationintent",
    "appname",
    "authmechanism",
    "authsource",
    "channel_binding",
    "client_encoding",
    "compressors",
    "connect_timeout",
    "connecttimeoutms",
    "database",
    "dbname",
    "directconnection",
    "encrypt",
    "fallback_application_name",
    "gssencmode",
    "heartbeatfrequencyms",
    "host",
    "hostaddr",
    "instance",
    "instance_name",
    "instancename",
    "journal",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "loadbalanced",
    "localthresholdms",
    "maxidletimems",
    "maxpoolsize",
    "maxstalenessseconds",
    "minpoolsize",
    "multi_subnet_failover",
    "multisubnetfailover",
    "port",
    "readconcernlevel",
    "readpreference",
    "readpreferencetags",
    "replicaset",
    "require_auth",
    "retryreads",
    "retrywrites",
    "serverselectiontimeoutms",
    "service",
    "sockettimeoutms",
    "srvmaxhosts",
    "srvservicename",
    "ssl",
    "sslcert",
    "sslcompression",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "timeoutms",
    "tls",
    "tlsallowinvalidcertificates",
    "tlsallowinvalidhostnames",
    "tlscafile",
    "tlscertificatekeyfile",
    "tlsinsecure",
    "trust_server_certificate",
    "trustservercertificate",
    "user",
];

/// Words that the name of a parameter with a secret value has in it.
const SECRET_WORDS: [&str; 4] = ["password", "token", "secret", "properties"];

/// What a URL leads to, by its scheme. The scheme alone decides what serves a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `postgres`, `postgresql`
    PostgreSql,
    /// `mongodb`, `mongodb+srv`
    MongoDb,
    /// `mssql`
    SqlServer,
    /// `file`: a folder of files.
    Folder,
}

impl Protocol {
    /// Every scheme and its protocol.
    pub(super) const SCHEMES: [(&'static str, Self); 6] = [
        ("postgres", Self::PostgreSql),
        ("postgresql", Self::PostgreSql),
        ("mongodb", Self::MongoDb),
        ("mongodb+srv", Self::MongoDb),
        ("mssql", Self::SqlServer),
        ("file", Self::Folder),
    ];

    /// That of a URL; `None` when its scheme is not known.
    #[must_use]
    pub fn of(url: &Secret) -> Option<Self> {
        let scheme = scheme_of(&url.0)?;
        Self::SCHEMES.iter().find(|(known, _)| *known == scheme).map(|(_, protocol)| *protocol)
    }
}

/// The scheme of a URL; `None` when the text is no URL.
pub(super) fn scheme_of(url: &str) -> Option<&str> {
    url.split_once("://").map(|(scheme, _)| scheme)
}

/// Whether a URL holds a password, or anything that may be one.
#[must_use]
pub fn has_secret(url: &str) -> bool {
    hide(url, is_secret_name) != url
}

/// The URL with its secrets replaced by `***`. In doubt it hides more than it must.
#[must_use]
pub fn redact(url: &str) -> String {
    hide(url, |name| is_secret_name(name) || !SHOWN.contains(&name.to_ascii_lowercase().as_str()))
}

fn hide(url: &str, is_hidden: impl Fn(&str) -> bool) -> String {
    let Some((scheme, login, rest)) = split(url) else {
        // Not a URL; what it is cannot be told, so it is not shown.
        return HIDDEN.into();
    };
    let login = login.map_or_else(String::new, |login| match login.split_once(':') {
        Some((name, password)) if !password.is_empty() => format!("{name}:{HIDDEN}@"),
        _ => format!("{login}@"),
    });
    let (before, query) = rest.split_once('?').map_or((rest, None), |(before, query)| (before, Some(query)));
    if let Some(end) = hosts_end(before) {
        // A password with an unescaped question mark: nothing behind the colon can be trusted.
        return format!("{scheme}://{login}{}{HIDDEN}", &before[..end]);
    }
    let query = query.map(|query| format!("?{}", hide_values(query, is_hidden))).unwrap_or_default();
    format!("{scheme}://{login}{before}{query}")
}

/// Whether the password in a URL is one of these. It says so and nothing else: no secret leaves it.
#[must_use]
pub fn has_password_among(url: &Secret, known: &[String]) -> bool {
    let Some((_, login, rest)) = split(&url.0) else { return false };
    let of_login = login.and_then(|login| login.split_once(':')).map(|(_, password)| password);
    let of_query = rest.split_once('?').map_or("", |(_, query)| query);
    let of_query = of_query.split('&').filter_map(|pair| pair.strip_prefix("password="));
    of_login.into_iter().chain(of_query).map(decoded).any(|password| known.contains(&password))
}

/// The database that a URL names; `None` when it names none.
#[must_use]
pub fn database_in(url: &Secret) -> Option<String> {
    let (_, _, rest) = split(&url.0)?;
    let (_, path) = rest.split(['?', '#']).next()?.split_once('/')?;
    Some(decoded(path)).filter(|name| !name.is_empty())
}

/// Scheme, login and the rest of a URL, as they are written. Not by the `url` crate: it refuses MongoDB's several hosts,
/// and it refuses a URL with a mistake, in which a password must be hidden all the same.
fn split(url: &str) -> Option<(&str, Option<&str>, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    // A password with an unescaped slash ends behind the authority, but before the query.
    let path_end = rest.find('?').unwrap_or(rest.len());
    let at = authority.rfind('@').or_else(|| rest[..path_end].rfind('@'));
    let (login, rest) = at.map_or((None, rest), |at| (Some(&rest[..at]), &rest[at + 1..]));
    Some((scheme, login, rest))
}

/// Without percent-encoding; what is no text then is left as it is.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text)).into_owned()
}

/// Where something begins that is no port: a password whose `@` was lost or left unescaped.
fn hosts_end(host: &str) -> Option<usize> {
    let authority = &host[..host.find('/').unwrap_or(host.len())];
    // The colons of an IPv6 address stand in brackets.
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let mut start = after_brackets;
    for part in authority[after_brackets..].split(',') {
        if let Some((name, port)) = part.split_once(':')
            && !port.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Some(start + name.len() + 1);
        }
        start += part.len() + 1;
    }
    None
}

fn hide_values(query: &str, is_hidden: impl Fn(&str) -> bool) -> String {
    let redacted = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_hidden(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    });
    redacted.collect::<Vec<_>>().join("&")
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
        // The files of passwords and keys are no secrets themselves.
        && !name.ends_with("file")
        && name != "passfile"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_without_a_password_stays_as_it_is() {
        for url in [
            "postgres://opsdash@db.internal/central?sslmode=verify-full",
            "postgres://db:5432/central?application_name=a@b",
            "mongodb://a.internal:27017,b.internal:27018/files?replicaSet=rs0",
            "postgres://u@[::1]:5432/db",
            "file:///srv/files",
        ] {
            assert_eq!(redact(url), url);
            assert!(!has_secret(url));
        }
    }

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        assert_eq!(redact("postgres://u:pw@db/x"), "postgres://u:***@db/x");
        assert_eq!(redact("postgres://u:p@w@db/x"), "postgres://u:***@db/x");
        assert_eq!(redact("postgres://u:p/w@db/x"), "postgres://u:***@db/x");
        assert_eq!(redact("postgres://u:p?w@db/x"), "postgres://u:***");
        assert_eq!(
            redact("postgres://u@db/x?password=pw&sslmode=disable"),
            "postgres://u@db/x?password=***&sslmode=disable"
        );
        assert_eq!(
            redact("mongodb://db/?authMechanismProperties=AWS_SESSION_TOKEN:x"),
            "mongodb://db/?authMechanismProperties=***"
        );
        assert_eq!(redact("u:pw@db"), "***");
    }

    #[test]
    fn a_parameter_that_nobody_knows_may_be_a_mistyped_password() {
        assert_eq!(
            redact("postgres://u@db/x?pasword=pw&sslMode=require"),
            "postgres://u@db/x?pasword=***&sslMode=require"
        );
        assert!(!has_secret("postgres://u@db/x?unknown=1"), "that it is unknown is told when it is read");
    }

    #[test]
    fn a_known_password_is_found_wherever_it_stands() {
        let known = ["letme1n".to_owned(), "a@b".to_owned()];
        let has = |url: &str| has_password_among(&Secret(url.into()), &known);
        assert!(has("postgres://u:letme1n@db/x") && has("postgres://u:a%40b@db/x"));
        assert!(has("postgres://u@db/x?sslmode=disable&password=letme1n"));
        assert!(!has("postgres://letme1n@db/letme1n") && !has("postgres://u:letme1n2@db/x") && !has("letme1n"));
    }

    #[test]
    fn the_database_is_what_stands_after_the_host() {
        let of = |url: &str| database_in(&Secret(url.into()));
        assert_eq!(of("mongodb://u:p%2F@a:1,b:2/files?replicaSet=rs0").as_deref(), Some("files"));
        assert_eq!(of("mongodb://a"), None);
        assert_eq!(of("mongodb://a/?tls=true"), None);
    }

    proptest! {
        #[test]
        fn an_escaped_password_never_shows(password in "[A-Za-z0-9%._~-]{4,20}", host in "[a-z]{1,3}") {
            let shown = redact(&format!("postgres://u:{password}@{host}/d"));
            prop_assert!(!shown.contains(&password));
        }

        #[test]
        fn any_text_is_redacted_without_a_panic(text in ".*") {
            let _ = redact(&text);
        }
    }
}
