//! Builds again when a pack gains or loses a file: what is embedded is a folder, which Cargo does not watch by itself.

fn main() {
    println!("cargo::rerun-if-changed=packs");
}
