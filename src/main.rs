//! temporary
use opsdash::{
    dashboard,
    session::Opening,
    settings::{self, Surroundings},
};
use std::sync::Arc;
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let config = args.iter().position(|a| a == "--config").map(|i| std::path::PathBuf::from(&args[i + 1]));
    let s = Arc::new(Surroundings::of_process());
    let loaded = settings::load(config.as_deref(), &s)?;
    let targets: Vec<_> = loaded.config.targets.iter().collect();
    dashboard::run(&loaded.config, &targets, &s, Opening::default(), |_| Ok(None))
}
