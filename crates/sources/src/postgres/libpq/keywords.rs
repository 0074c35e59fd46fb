//! The parameters of a connection that libpq knows, and what becomes of each here.

/// A parameter of libpq.
#[derive(Debug)]
pub struct Keyword {
    /// Its word in a URL and in a service file.
    pub name: &'static str,
    /// The variable of the environment with the same meaning; `None` where libpq has none.
    pub variable: Option<&'static str>,
    /// What opsdash does with it.
    pub treatment: Treatment,
}

/// What opsdash does with a parameter.
#[derive(Debug)]
pub enum Treatment {
    /// The same as libpq.
    Served,
    /// Nothing, because it has no meaning here.
    Left,
    /// It refuses the source unless the value is one of `but`, because it could not keep what was asked for.
    Refused {
        /// The values that ask for nothing that is not done.
        but: &'static [&'static str],
        /// Why, and what to do instead.
        why: &'static str,
    },
}

use Treatment::{Left, Refused, Served};

const fn keyword(name: &'static str, variable: Option<&'static str>, treatment: Treatment) -> Keyword {
    Keyword { name, variable, treatment }
}

const fn refused(but: &'static [&'static str], why: &'static str) -> Treatment {
    Refused { but, why }
}

const NO_GSS: &str = "GSSAPI is not spoken: give a password, or a certificate";

/// Those of libpq 18, from its manual (section 32.1.2 "Parameter Key Words", section 32.15 "Environment Variables").
pub const KEYWORDS: [Keyword; 50] = [
    keyword("service", Some("PGSERVICE"), Served),
    keyword("servicefile", Some("PGSERVICEFILE"), Served),
    keyword("host", Some("PGHOST"), Served),
    keyword("hostaddr", Some("PGHOSTADDR"), Served),
    keyword("port", Some("PGPORT"), Served),
    keyword("dbname", Some("PGDATABASE"), Served),
    keyword("user", Some("PGUSER"), Served),
    keyword("password", Some("PGPASSWORD"), Served),
    keyword("passfile", Some("PGPASSFILE"), Served),
    keyword("sslmode", Some("PGSSLMODE"), Served),
    keyword("sslrootcert", Some("PGSSLROOTCERT"), Served),
    keyword("sslcert", Some("PGSSLCERT"), Served),
    keyword("sslkey", Some("PGSSLKEY"), Served),
    keyword("application_name", Some("PGAPPNAME"), Left),
    keyword("fallback_application_name", None, Left),
    keyword("connect_timeout", Some("PGCONNECT_TIMEOUT"), Left),
    keyword("client_encoding", Some("PGCLIENTENCODING"), Left),
    // The variable is PGOPTIONS, which the program never lets through.
    keyword("options", None, refused(&[""], "it does not pass PgBouncer, and every read sets its own")),
    keyword("keepalives", None, Left),
    keyword("keepalives_idle", None, Left),
    keyword("keepalives_interval", None, Left),
    keyword("keepalives_count", None, Left),
    keyword("tcp_user_timeout", None, Left),
    keyword("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), Left),
    keyword(
        "target_session_attrs",
        Some("PGTARGETSESSIONATTRS"),
        refused(
            &["any"],
            "give urls = [..] in the order to try them, and replica_url for reads; writes find the primary",
        ),
    ),
    keyword("sslnegotiation", Some("PGSSLNEGOTIATION"), Left),
    keyword("sslcompression", Some("PGSSLCOMPRESSION"), Left),
    keyword("sslsni", Some("PGSSLSNI"), Left),
    keyword(
        "sslcertmode",
        Some("PGSSLCERTMODE"),
        refused(&["allow"], "a certificate is sent where one is given and the server asks for it"),
    ),
    keyword(
        "sslpassword",
        None,
        refused(&[""], "a key with a passphrase is not read: give one without, readable by you alone"),
    ),
    keyword("sslcrl", Some("PGSSLCRL"), refused(&[""], "lists of revoked certificates are not read")),
    keyword("sslcrldir", Some("PGSSLCRLDIR"), refused(&[""], "lists of revoked certificates are not read")),
    keyword(
        "ssl_min_protocol_version",
        Some("PGSSLMINPROTOCOLVERSION"),
        refused(&["TLSv1", "TLSv1.1", "TLSv1.2"], "TLS 1.2 and 1.3 are spoken, whichever the server prefers"),
    ),
    keyword(
        "ssl_max_protocol_version",
        Some("PGSSLMAXPROTOCOLVERSION"),
        refused(&["TLSv1.3"], "TLS 1.2 and 1.3 are spoken, whichever the server prefers"),
    ),
    keyword(
        "min_protocol_version",
        Some("PGMINPROTOCOLVERSION"),
        refused(&["3.0"], "version 3.0 of the protocol is spoken"),
    ),
    keyword("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), Left),
    keyword(
        "channel_binding",
        Some("PGCHANNELBINDING"),
        refused(&["prefer", "disable"], "channels are not bound: verify the server, with sslmode=verify-full"),
    ),
    keyword(
        "require_auth",
        Some("PGREQUIREAUTH"),
        refused(&[""], "the server chooses how it asks: verify it, with sslmode=verify-full"),
    ),
    keyword("requirepeer", Some("PGREQUIREPEER"), refused(&[""], "the owner of a socket is not looked at")),
    keyword("gssencmode", Some("PGGSSENCMODE"), refused(&["prefer", "disable"], NO_GSS)),
    keyword("krbsrvname", Some("PGKRBSRVNAME"), Left),
    keyword("gsslib", Some("PGGSSLIB"), Left),
    keyword("gssdelegation", Some("PGGSSDELEGATION"), Left),
    keyword("replication", None, refused(&["false", "off", "no", "0"], "opsdash reads databases, not their log")),
    keyword("scram_client_key", None, refused(&[""], "give the password")),
    keyword("scram_server_key", None, refused(&[""], "give the password")),
    keyword("oauth_issuer", None, refused(&[""], "tokens come from password = { command = [..] }")),
    keyword("oauth_client_id", None, refused(&[""], "tokens come from password = { command = [..] }")),
    keyword("oauth_client_secret", None, refused(&[""], "tokens come from password = { command = [..] }")),
    keyword("oauth_scope", None, refused(&[""], "tokens come from password = { command = [..] }")),
];

/// The parameter of that name.
pub fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}
