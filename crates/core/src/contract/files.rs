//! What a store of files holds.

use crate::time::Time;

/// What a store holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Files, at most as many as were asked for.
    pub files: Vec<StoredFile>,
    /// Whether the store has more files than are listed; then a missing one is unknown, not missing.
    pub truncated: bool,
    /// Chunks that no file owns; `None` when they were not looked for this time.
    pub orphans: Option<Vec<OrphanChunks>>,
}

/// One stored file.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFile {
    /// Its id as text: an ObjectId in hex, a path.
    pub id: String,
    /// Its id as the store finds it again, where the text alone does not say of which type it is; `None` where it does.
    pub stored_id: Option<String>,
    /// Its name; empty when it has none.
    pub name: String,
    /// Bytes; `None` when the document has no number there.
    pub length: Option<i64>,
    /// Bytes per chunk; `None` for stores without chunks.
    pub chunk_size: Option<i64>,
    /// When it was stored; `None` when the document does not say.
    pub uploaded: Option<Time>,
    /// Chunks that are there; `None` for stores without chunks.
    pub chunks: Option<ChunkCount>,
    /// The store's own metadata document.
    pub metadata: Option<serde_json::Value>,
    /// What reading all of it found; `None` when these bytes were never read.
    pub checked: Option<VerifyResult>,
}

impl StoredFile {
    /// By what the store finds it again.
    #[must_use]
    pub fn address(&self) -> &str {
        self.stored_id.as_deref().unwrap_or(&self.id)
    }
}

/// What reading all bytes of a file found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerifyResult {
    /// Their SHA-256 in lower-case hex.
    Sha256(String),
    /// They are not what the store's own record says: which chunk, and how.
    Damaged(String),
}

/// Chunks of one file, counted by index alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChunkCount {
    /// How many there are.
    pub found: i64,
    /// The largest number among them; -1 when there is none.
    pub last: i64,
}

/// Chunks without a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanChunks {
    /// The file id that they name.
    pub id: String,
    /// How many.
    pub chunks: i64,
    /// When the first was written; `None` when its id does not tell.
    pub since: Option<Time>,
}
