//! What every command stands on: who runs it, the config, and the pack of each target.

use std::{path::Path, sync::Arc};

use opsdash_pack::{
    config::{Config, LoadedConfig, Target},
    document::Problems,
    keymap::Keymap,
    pack::Pack,
};

use super::{error::CliError, targets::TargetSelection};
use crate::{
    packs::PackStore,
    settings::{self, Environment},
};

/// The config, who runs the program, and the packs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Who runs the program and where their files are.
    pub environment: Arc<Environment>,
    /// The config and where each value comes from.
    pub loaded: LoadedConfig,
    packs: Arc<PackStore>,
}

impl Setup {
    /// Reads the config; without any file it is empty.
    ///
    /// # Errors
    /// With every problem of it.
    pub fn load(file: Option<&Path>, environment: Arc<Environment>) -> Result<Self, CliError> {
        let loaded = settings::load(file, &environment).map_err(|problems| wrong(&problems))?;
        Ok(Self::of(environment, loaded))
    }

    /// With this config, and packs that are read when they are needed.
    #[must_use]
    pub fn of(environment: Arc<Environment>, loaded: LoadedConfig) -> Self {
        let packs = PackStore::new(environment.clone(), loaded.config.views.clone());
        Self { packs: Arc::new(packs), environment, loaded }
    }

    /// The same with a scope for the targets that are meant, where their systems have one. The dashboard means all that it
    /// watches.
    ///
    /// # Errors
    /// When none of them has a scope; a target or a pack that is wrong.
    pub fn within(mut self, scope: &str, wanted: &TargetSelection, is_dashboard: bool) -> Result<Self, CliError> {
        let config = self.config()?;
        let meant = if is_dashboard { wanted.watched(config)?.1 } else { wanted.of(config)? };
        let mut names = Vec::new();
        self.load_ahead(meant.iter().copied());
        for target in meant {
            // One that cannot be read is told of by the command itself.
            if self.pack(target).is_ok_and(|pack| pack.scope.is_some()) {
                names.push(target.name.clone());
            }
        }
        if names.is_empty() {
            return Err(CliError::usage("--scope, and no target that is asked has a scope", "leave it out"));
        }
        for target in self.loaded.config.targets.iter_mut().filter(|target| names.contains(&target.name)) {
            target.scope = Some(scope.to_owned());
        }
        Ok(self)
    }

    /// The config.
    ///
    /// # Errors
    /// When it has no target, with what to do next.
    pub fn config(&self) -> Result<&Config, CliError> {
        if self.loaded.config.targets.is_empty() {
            return Err(self.nothing_to_ask());
        }
        Ok(&self.loaded.config)
    }

    fn nothing_to_ask(&self) -> CliError {
        let file = self.environment.config_home.join("config.toml");
        let what = if self.loaded.settings.is_empty() { "there is no config yet" } else { "the config has no target" };
        let looked: Vec<String> =
            self.environment.config_files().iter().map(|file| file.display().to_string()).collect();
        let remedy = format!(
            "copy config.example.toml to {}, name your target and its databases there,\n  then run: opsdash config check\n  (it is looked for in {})",
            file.display(),
            looked.join(" and ")
        );
        CliError::usage(what, remedy)
    }

    /// The packs of all targets, the config held against them: sources that a target leaves out, thresholds and views
    /// that no system has, keys that no command has.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn check(&self) -> Result<Vec<Arc<Pack>>, Problems> {
        let config = &self.loaded.config;
        let (mut packs, mut problems) = (Vec::new(), Problems::default());
        self.load_ahead(&config.targets);
        for target in &config.targets {
            match self.pack(target) {
                Ok(pack) => packs.push(pack),
                Err(found) => problems.0.extend(found.0),
            }
        }
        if let (true, Err(found)) = (
            packs.len() == config.targets.len(),
            self.loaded.check_views(&packs.iter().map(Arc::as_ref).collect::<Vec<_>>()),
        ) {
            problems.0.extend(found.0);
        }
        let keymap = Keymap::with(&config.keys);
        let checked = keymap.and_then(|keymap| packs.iter().try_for_each(|pack| keymap.check_actions(pack)));
        if let Err(why) = checked {
            problems.add(self.loaded.place("keys"), why, "");
        }
        problems.or(packs)
    }

    /// The targets that are meant, at least one. Their packs are loaded side by side.
    ///
    /// # Errors
    /// Those of [`Self::config`] and [`TargetSelection::of`].
    pub fn targets(&self, wanted: &TargetSelection) -> Result<Vec<&Target>, CliError> {
        let targets = wanted.of(self.config()?)?;
        self.load_ahead(targets.iter().copied());
        Ok(targets)
    }

    fn load_ahead<'t>(&self, targets: impl IntoIterator<Item = &'t Target>) {
        self.packs.load_ahead(&targets.into_iter().map(|target| target.system.as_str()).collect());
    }

    /// The pack of a target, with what the config changes of it.
    ///
    /// # Errors
    /// With everything that is wrong with the pack, or with the config where it speaks of it.
    pub fn pack(&self, target: &Target) -> Result<Arc<Pack>, Problems> {
        self.checked(target, self.packs.load(&target.system)?)
    }

    /// The same as its files are now.
    ///
    /// # Errors
    /// Those of [`Self::pack`].
    pub fn pack_now(&self, target: &Target) -> Result<Arc<Pack>, Problems> {
        self.checked(target, self.packs.reload(&target.system)?)
    }

    fn checked(&self, target: &Target, pack: Arc<Pack>) -> Result<Arc<Pack>, Problems> {
        self.loaded.check_target(target, &pack)?;
        Ok(pack)
    }
}

/// Problems of files as the end of a command.
#[must_use]
pub fn wrong(problems: &Problems) -> CliError {
    CliError::usage(problems.to_string(), "")
}
