//! What development needs and users never see: private database servers, sample data for each
//! system, a forwarder that makes trouble, and a terminal that a test can type into.
//!
//! Nothing here touches a server that was already running: every server is started in a
//! directory and on a port of its own, and dies with the process that started it.

#![expect(
    clippy::missing_errors_doc,
    reason = "every error here fails a test or a task, and carries its own explanation"
)]

use std::path::PathBuf;

pub mod bench;
pub mod commit;
pub mod demo;
pub mod forwarder;
pub mod install;
mod packs;
mod program;
pub mod pty;
pub mod reads;
pub mod sample;
pub mod screenshot;
pub mod servers;
pub mod shell;
pub mod sql;
pub mod tds;

/// The root of the repository, where `migrations/` and `packs/` are.
#[must_use]
pub fn repository() -> PathBuf {
    // Cargo tells whatever it runs where its package is. What it told the compiler may be another checkout that shares
    // our target directory, so that is only for when nobody runs us.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.ancestors().find(|dir| dir.join("migrations").is_dir()).unwrap_or(&package).to_owned()
}
