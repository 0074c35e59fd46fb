//! The password of one source: found when it is first needed, kept, and found again after a server has refused it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::config::{PasswordFrom, Secret};
use opsdash_sources::Secrets;

use crate::settings::{Environment, password};

/// How long nothing is asked again after it gave no password, or after it was asked because one was refused: a program
/// may ask a token for its PIN, and a token locks.
const REST: Duration = Duration::from_secs(5);

/// Gives the password of one source to whoever connects to it.
pub(super) struct PasswordKeeper {
    /// Where the config says that it is; `None` when the URL has it, or libpq's files do.
    from: Option<PasswordFrom>,
    environment: Arc<Environment>,
    state: Mutex<State>,
}

type Found = Result<Secret, Failure>;

#[derive(Default)]
struct State {
    /// What was found last, and when.
    found: Option<(Found, Instant)>,
    /// When it was last looked for because a server had refused the one before.
    renewed_at: Option<Instant>,
    /// Being looked for; all who need it wait for the same.
    search: Option<Shared<BoxFuture<'static, Found>>>,
}

impl State {
    /// What need not be looked for again, when a server has refused this password. While it is looked for, whoever needs
    /// it waits for that.
    fn known(&self, refused: Option<&Secret>) -> Option<Found> {
        if self.search.is_some() {
            return None;
        }
        let is_recent = |at: &Instant| at.elapsed() < REST;
        match self.found.as_ref()? {
            (Ok(secret), _) if Some(secret) != refused => Some(Ok(secret.clone())),
            (found @ Ok(_), _) => self.renewed_at.as_ref().is_some_and(is_recent).then(|| found.clone()),
            (found @ Err(_), at) => is_recent(at).then(|| found.clone()),
        }
    }
}

impl PasswordKeeper {
    pub(super) fn new(from: Option<PasswordFrom>, environment: &Arc<Environment>) -> Self {
        Self { from, environment: environment.clone(), state: Mutex::default() }
    }

    async fn find(&self, refused: Option<&Secret>) -> Result<Option<Secret>, Failure> {
        let Some(from) = &self.from else { return Ok(None) };
        let search = {
            let mut state = self.state();
            if let Some(known) = state.known(refused) {
                return known.map(Some);
            }
            if refused.is_some() && state.search.is_none() {
                state.renewed_at = Some(Instant::now());
            }
            state.search.get_or_insert_with(|| search(from.clone(), self.environment.clone())).clone()
        };
        let found = search.clone().await;
        let mut state = self.state();
        if state.search.as_ref().is_some_and(|current| current.ptr_eq(&search)) {
            state.search = None;
            state.found = Some((found.clone(), Instant::now()));
        }
        found.map(Some)
    }

    /// Ends the program that looks for it, once nobody waits for that any more. Whether none runs.
    pub(super) fn stop(&self) -> bool {
        let mut state = self.state();
        // The one clone that is left is ours.
        if state.search.as_ref().is_some_and(|search| search.strong_count().is_none_or(|clones| clones <= 1)) {
            state.search = None;
        }
        state.search.is_none()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It goes on when one who waits gives up: the next one finds it further along.
fn search(from: PasswordFrom, environment: Arc<Environment>) -> Shared<BoxFuture<'static, Found>> {
    let search = async move {
        let found = password::find(&from, &environment).await;
        found.map_err(|why| Failure::new(FailureKind::Auth, &why.to_string()))
    };
    search.boxed().shared()
}

impl Secrets for PasswordKeeper {
    fn password(&self) -> BoxFuture<'_, Result<Option<Secret>, Failure>> {
        self.find(None).boxed()
    }

    fn renewed<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, Result<Option<Secret>, Failure>> {
        self.find(refused).boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A program that counts its runs, and prints what the file `password` holds; it fails without that file.
    struct Program {
        folder: tempfile::TempDir,
        keeper: PasswordKeeper,
    }

    impl Program {
        fn of(password: Option<&str>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = folder.path().display();
            let script = format!("echo run >> {at}/runs; cat {at}/password");
            let command = PasswordFrom::Command(["sh", "-c", &script].map(str::to_owned).to_vec());
            let keeper = PasswordKeeper::new(Some(command), &Arc::new(Environment::of_process()));
            let program = Self { folder, keeper };
            if let Some(password) = password {
                program.change(password);
            }
            program
        }

        fn change(&self, password: &str) {
            fs::write(self.folder.path().join("password"), password).unwrap();
        }

        fn runs(&self) -> usize {
            fs::read_to_string(self.folder.path().join("runs")).map_or(0, |runs| runs.lines().count())
        }

        async fn renewed(&self, refused: &str) -> Option<Secret> {
            self.keeper.renewed(Some(&Secret(refused.into()))).await.unwrap()
        }
    }

    fn secret(text: &str) -> Secret {
        Secret(text.into())
    }

    #[tokio::test]
    async fn all_who_connect_get_the_password_of_one_run() {
        let program = Program::of(Some("monday"));
        let all = futures_util::future::join_all((0..9).map(|_| program.keeper.password())).await;
        assert!(all.into_iter().all(|found| found.unwrap() == Some(secret("monday"))));
        assert_eq!(program.keeper.password().await.unwrap(), Some(secret("monday")));
        assert_eq!(program.runs(), 1);
    }

    #[tokio::test]
    async fn after_a_refused_login_it_is_found_again_once_for_all() {
        let program = Program::of(Some("monday"));
        program.keeper.password().await.unwrap();
        program.change("tuesday");
        let all = futures_util::future::join_all((0..9).map(|_| program.renewed("monday"))).await;
        assert!(all.into_iter().all(|found| found == Some(secret("tuesday"))));
        assert_eq!(program.runs(), 2);
        // One who was refused with the old password later gets the new one, which is known.
        assert_eq!(program.renewed("monday").await, Some(secret("tuesday")));
        assert_eq!(program.keeper.password().await.unwrap(), Some(secret("tuesday")));
        assert_eq!(program.runs(), 2);
    }

    #[tokio::test]
    async fn a_password_that_is_refused_again_and_again_is_not_looked_for_each_time() {
        let program = Program::of(Some("monday"));
        program.keeper.password().await.unwrap();
        for _ in 0..9 {
            assert_eq!(program.renewed("monday").await, Some(secret("monday")));
        }
        assert_eq!(program.runs(), 2);
    }

    #[tokio::test]
    async fn a_program_that_fails_is_not_run_for_each_who_waits() {
        let program = Program::of(None);
        for found in futures_util::future::join_all((0..9).map(|_| program.keeper.password())).await {
            assert_eq!(found.unwrap_err().kind, FailureKind::Auth);
        }
        assert!(program.keeper.password().await.is_err());
        assert_eq!(program.runs(), 1);
    }

    #[tokio::test]
    async fn a_search_goes_on_for_the_next_who_asks_and_ends_when_it_is_stopped() {
        let program = Program::of(Some("monday"));
        let gate = program.folder.path().join("gate");
        nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let script = format!("echo run >> {0}/runs; cat {0}/gate", program.folder.path().display());
        let from = PasswordFrom::Command(["sh", "-c", &script].map(str::to_owned).to_vec());
        let keeper = PasswordKeeper { from: Some(from), ..program.keeper };
        // Whoever waits no longer leaves the program running.
        assert!(tokio::time::timeout(Duration::from_millis(100), keeper.password()).await.is_err());
        let opened = tokio::task::spawn_blocking(move || fs::write(gate, "tuesday"));
        assert_eq!(keeper.password().await.unwrap(), Some(secret("tuesday")));
        opened.await.unwrap().unwrap();
        let runs = fs::read_to_string(program.folder.path().join("runs")).unwrap();
        assert_eq!(runs.lines().count(), 1);
        assert!(keeper.stop());
    }
}
