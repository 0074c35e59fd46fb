//! The certificates that are trusted by default, and the hosts that need none.

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
