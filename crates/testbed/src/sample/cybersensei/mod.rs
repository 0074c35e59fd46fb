//! Sample data for `CyberSensei` Central: every severity, trap and chart of its views.
//!
//! Who and what is in it stands in `cast.sql`, `tenants.sql` and `events.sql`, and in
//! [`updates::UPDATES`].

mod directory;
mod files;
mod fresh;
mod lock;
pub mod logins;
mod postgres;
pub mod updates;

pub use directory::write_directory;
pub(crate) use files::create_bucket_indexes;
pub use files::{BUCKET, load_files};
pub use fresh::{fresh_database, fresh_database_on, fresh_files, fresh_now, incident_database_on};
pub use lock::HeldLock;
pub use postgres::{Writer, grant_operator, load_postgres};

/// The name of the `PostgreSQL` database in the system's document.
pub const POSTGRES_DATABASE: &str = "cybersensei_central";
/// The name of the `MongoDB` database in the system's document.
pub const FILES_DATABASE: &str = "cybersensei_updates";
