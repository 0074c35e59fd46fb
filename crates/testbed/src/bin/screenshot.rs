//! `cargo xtask docs screenshot`.

use anyhow::Result;
use opsdash_testbed::screenshot;

fn main() -> Result<()> {
    screenshot::run()
}
