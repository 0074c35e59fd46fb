//! The packs in the binary: what their text must keep to, and what their views answer on real servers.

mod asking;
mod cybersensei;
mod data;
mod filters;
mod invariants;
mod kronos;
mod monitora;
mod monitora_live;
mod monitora_sent;
mod moonops;
mod shared;
mod text;
mod topsteel;
mod vocabulary;
mod writes;

use opsdash::packs;
use opsdash_pack::pack::{Pack, View};

use crate::support::{nowhere, pack};

/// The packs of all systems.
fn packs() -> Vec<Pack> {
    let listed = packs::list(&nowhere()).unwrap();
    assert!(!listed.is_empty());
    listed.iter().map(|listed| pack(&listed.system)).collect()
}

/// Their views, the shared ones among them, by system and id.
fn views() -> Vec<(String, View)> {
    views_of(packs())
}

fn views_of(packs: Vec<Pack>) -> Vec<(String, View)> {
    let named = |pack: Pack| {
        let system = pack.system.clone();
        pack.views.into_iter().map(move |view| (format!("{system}.{}", view.id), view))
    };
    packs.into_iter().flat_map(named).collect()
}
