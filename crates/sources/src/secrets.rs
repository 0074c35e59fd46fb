//! Where the password of a source comes from.

use futures_util::future::BoxFuture;
use opsdash_core::contract::Failure;
use opsdash_pack::config::Secret;

/// Gives the password of a source, as often as it is asked. What it costs to find it (a program may run) and how often
/// that may happen is its own business: it is asked at every connection that is opened.
pub trait Secrets: Send + Sync {
    /// The password; `None` when the URL, or what the server's own tools read, has it.
    ///
    /// # Errors
    /// Why there is none, of kind [`opsdash_core::contract::FailureKind::Auth`].
    fn password(&self) -> BoxFuture<'_, Result<Option<Secret>, Failure>>;

    /// The password, after the server has refused this one: another, or the same when there is no other.
    ///
    /// # Errors
    /// As [`Secrets::password`].
    fn renewed<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, Result<Option<Secret>, Failure>>;
}

/// One password, or none, for ever.
impl Secrets for Option<Secret> {
    fn password(&self) -> BoxFuture<'_, Result<Option<Secret>, Failure>> {
        Box::pin(async { Ok(self.clone()) })
    }

    fn renewed<'a>(&'a self, _refused: Option<&'a Secret>) -> BoxFuture<'a, Result<Option<Secret>, Failure>> {
        self.password()
    }
}
