//! What development needs and users never see: private database servers, sample data for each
//! system, a forwarder that makes trouble, and a terminal that a test can type into.
//!
//! Nothing here touches a server that was already running: every server is started in a
//! directory and on a port of its own, and dies with the process that started it.

#![expect(
    clippy::missing_errors_doc,
    reason = "every error here fails a test or a task, and carries its own explanation"
)]

pub mod forwarder;
pub mod install;
pub mod pty;
pub mod sample;
pub mod servers;
pub mod tasks;

/// The root of the repository, where `migrations/` and `packs/` are.
///
/// # Panics
/// Never: this crate lives two levels below the root.
#[must_use]
pub fn repository() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate lives two levels below the root")
        .to_owned()
}
