//! Writes the update packages into a folder, for machines without a MongoDB server.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;

use super::files::BUCKET;
use super::updates::{UPDATES, days};

/// Fills the bucket below `root` as of `now`: the same files as in a `GridFS` bucket, without what only chunks can have.
pub fn write_directory(root: &Path, now: Timestamp) -> Result<()> {
    for update in UPDATES.iter().filter(|update| update.has_own_file()) {
        let folder = root.join(BUCKET).join(update.file_id(now).to_hex());
        fs::create_dir_all(&folder)?;
        let mut file = File::create_new(folder.join(update.store_filename()))?;
        file.write_all(&update.stored_content())?;
        file.set_modified((now - days(update.days_ago)).into())?;
    }
    Ok(())
}
