//! Certificates that are trusted by default.

use std::{env, path::PathBuf};

/// Where the system keeps the certificates that it trusts; `None` when it is nowhere usual. Both drivers know
/// Mozilla's roots alone, which lack a company's own CA.
pub fn system_bundle() -> Option<PathBuf> {
    let usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    let asked = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    asked.into_iter().chain(usual.map(PathBuf::from)).find(|file| file.is_file())
}
