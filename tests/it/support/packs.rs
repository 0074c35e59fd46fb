//! The packs in the binary.

use std::{path::PathBuf, sync::LazyLock};

use opsdash::{packs, settings::Environment};
use opsdash_pack::pack::Pack;

/// Nobody's folders: what is found is in the binary.
pub fn nowhere() -> Environment {
    let nowhere = PathBuf::from("/nonexistent/opsdash");
    Environment {
        operator: "alice".into(),
        euid: 0,
        under_sudo: false,
        home: nowhere.clone(),
        config_home: nowhere.clone(),
        state_home: nowhere.clone(),
        config_file: None,
        etc: nowhere,
    }
}

/// A system's pack.
pub fn pack(system: &str) -> Pack {
    packs::load(system, &nowhere()).unwrap_or_else(|problems| panic!("{system}: {problems}"))
}

/// The pack of the sample's system.
pub fn our_pack() -> &'static Pack {
    static PACK: LazyLock<Pack> = LazyLock::new(|| pack("cybersensei"));
    &PACK
}
