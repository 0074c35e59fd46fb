//! The certificates that are trusted by default, the hosts that need none, and what to do about one that is refused.

use std::{env, path::PathBuf};

/// The system's bundle of trusted certificates; `None` when there is none in a usual place. Both drivers know only
/// Mozilla's roots, and these lack a company's own CA.
pub fn system_bundle() -> Option<PathBuf> {
    let usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    let from_env = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    from_env.into_iter().chain(usual.map(PathBuf::from)).find(|file| file.is_file())
}

/// Whether a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What to do about a certificate that was refused, by what rustls says of it; `None` where it says something else.
pub fn remedy(said: &str) -> Option<&'static str> {
    let remedies = [
        (
            "CaUsedAsEndEntity",
            "the server's certificate is that of a CA, which may only sign others: give the server one of its own, signed \
             by that CA, with basicConstraints=CA:FALSE and the host's name in subjectAltName",
        ),
        (
            "UnknownIssuer",
            "the server's certificate is signed by a CA that is not trusted here: write the CA's certificate as ca_file of \
             this source",
        ),
        (
            "not valid for name",
            "the certificate is for another host: connect by a name that it has, or make one that has this name in \
             subjectAltName",
        ),
        ("Expired", "the server's certificate has ended, or the clock of this machine is wrong"),
        ("NotValidYet", "the server's certificate has not begun yet, or the clock of this machine is wrong"),
    ];
    let said = said.to_lowercase();
    remedies.into_iter().find(|(word, _)| said.contains(&word.to_lowercase())).map(|(_, remedy)| remedy)
}
