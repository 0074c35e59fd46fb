//! The update packages: what the catalog says, what the file store holds, and how they differ.

use jiff::{Span, Timestamp};
use mongodb::bson::Bson;
use mongodb::bson::oid::ObjectId;
use sha2::{Digest, Sha256};

/// The driver's default chunk size: 255 KiB, not the 256 KB that the document names.
pub const DEFAULT_CHUNK: u32 = 255 * 1024;

/// What is wrong between catalog and store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Nothing, and the checksum is written in capitals.
    CapitalChecksum,
    /// The catalog has no checksum, so that it cannot be verified.
    NoChecksum,
    /// The catalog's id names no file.
    MissingFile,
    /// The catalog's id is not an `ObjectId`.
    BadId,
    /// The file is a byte shorter than the catalog says.
    Size,
    /// The file has another name.
    Name,
    /// The second chunk is missing.
    ChunkGap,
    /// There is a chunk more than the length needs.
    ExtraChunks,
    /// The same file is also the one of the update with this version.
    SameFileAs(&'static str),
    /// The content is not what the checksum was made of.
    Checksum,
    /// A chunk is shorter than it should be: sizes are only seen by reading everything.
    ShortChunk,
}

/// `length` is a number, and drivers differ in which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthType {
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// Floating point.
    Double,
}

/// One row of the catalog, and its file.
#[derive(Debug, Clone, Copy)]
pub struct Update {
    /// Unique in the catalog.
    pub version: &'static str,
    /// Age of the row and of the file, in days.
    pub days_ago: u16,
    /// Whether nodes are offered it.
    pub active: bool,
    /// Bytes of the intact file.
    pub size: u32,
    /// Bytes of a chunk.
    pub chunk: u32,
    /// How `.files` holds the length.
    pub length_type: LengthType,
    /// What is wrong with it.
    pub fault: Fault,
}

const fn update(version: &'static str, days_ago: u16, active: bool, fault: Fault) -> Update {
    Update { version, days_ago, active, size: 612_000, chunk: DEFAULT_CHUNK, length_type: LengthType::Int64, fault }
}

/// All of the catalog.
pub const UPDATES: &[Update] = &[
    Update { length_type: LengthType::Int32, ..update("1.8.0", 210, false, Fault::None) },
    update("1.9.0", 160, false, Fault::None),
    Update { length_type: LengthType::Double, chunk: 256 * 1024, ..update("1.10.0", 120, true, Fault::None) },
    update("1.10.1", 118, true, Fault::Name),
    update("1.11.0", 100, false, Fault::MissingFile),
    update("1.11.1", 97, true, Fault::BadId),
    Update { size: 212_000, ..update("1.12.0", 80, true, Fault::Size) },
    update("1.12.1", 78, true, Fault::ChunkGap),
    update("1.13.0", 60, false, Fault::ExtraChunks),
    update("1.13.1", 58, true, Fault::Checksum),
    update("1.13.2", 57, false, Fault::ShortChunk),
    update("1.14.0", 45, false, Fault::SameFileAs("1.14.1")),
    update("1.14.1", 44, true, Fault::None),
    update("1.15.0", 30, true, Fault::NoChecksum),
    Update { size: 8_400_000, ..update("1.16.0", 6, true, Fault::CapitalChecksum) },
    update("2.0.0-beta.1", 2, false, Fault::None),
];

impl Update {
    /// The id of the file in the store, whose first bytes are its time.
    #[must_use]
    pub fn file_id(&self, now: Timestamp) -> ObjectId {
        object_id(self.store_version(), now - days(self.days_ago))
    }

    /// The version after whose file to look: another's where they share one.
    fn store_version(&self) -> &'static str {
        match self.fault {
            Fault::SameFileAs(other) => other,
            _ => self.version,
        }
    }

    /// The intact content.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        content(self.store_version(), self.size as usize)
    }

    /// The content as the store has it: one byte off, where that is the fault.
    #[must_use]
    pub fn stored_content(&self) -> Vec<u8> {
        let mut content = self.content();
        match self.fault {
            Fault::Checksum => content[1000] ^= 0xFF,
            Fault::Size => content.truncate(content.len() - 1),
            _ => {}
        }
        content
    }

    /// `fileSize` in the catalog, in bytes.
    #[must_use]
    pub fn catalog_size(&self) -> i64 {
        i64::from(self.size)
    }

    /// `filename` in the catalog.
    #[must_use]
    pub fn catalog_filename(&self) -> String {
        filename(self.store_version())
    }

    /// `filename` in the store.
    #[must_use]
    pub fn store_filename(&self) -> String {
        match self.fault {
            Fault::Name => format!("upload-{}.tmp", self.version),
            _ => self.catalog_filename(),
        }
    }

    /// `mongoFileId` in the catalog.
    #[must_use]
    pub fn catalog_file_id(&self, now: Timestamp) -> String {
        match (self.fault, UPDATES.iter().find(|u| u.version == self.store_version())) {
            (Fault::BadId, _) => "not-an-object-id".to_owned(),
            // The id carries the age of the update that owns the file.
            (Fault::SameFileAs(_), Some(owner)) => owner.file_id(now).to_hex(),
            _ => self.file_id(now).to_hex(),
        }
    }

    /// `checksum` in the catalog.
    #[must_use]
    pub fn catalog_checksum(&self) -> Option<String> {
        let checksum = hex(&Sha256::digest(self.content()));
        match self.fault {
            Fault::NoChecksum => None,
            Fault::CapitalChecksum => Some(checksum.to_uppercase()),
            _ => Some(checksum),
        }
    }

    /// `changelog` in the catalog.
    #[must_use]
    pub fn changelog(&self) -> String {
        format!(
            "## {}\n\n- Exercises load faster.\n- Fixed: the quota is counted once.\n\n\
             Nodes restart during the update.",
            self.version
        )
    }

    /// True when the store holds a file of its own for it.
    #[must_use]
    pub fn has_own_file(&self) -> bool {
        !matches!(self.fault, Fault::MissingFile | Fault::BadId | Fault::SameFileAs(_))
    }

    /// `length` in the store, of the type that this file's driver wrote.
    #[must_use]
    pub fn stored_length(&self) -> Bson {
        let length = self.size - u32::from(self.fault == Fault::Size);
        match self.length_type {
            LengthType::Int32 => Bson::Int32(length.cast_signed()),
            LengthType::Int64 => Bson::Int64(i64::from(length)),
            LengthType::Double => Bson::Double(f64::from(length)),
        }
    }
}

/// The name that an update's file has.
#[must_use]
pub fn filename(version: &str) -> String {
    format!("update-{version}.zip")
}

/// An `ObjectId` of this time, the same for the same seed.
pub(super) fn object_id(seed: &str, at: Timestamp) -> ObjectId {
    // The format has 32 bits for the seconds.
    let seconds = u32::try_from(at.as_second()).unwrap_or(0);
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&seconds.to_be_bytes());
    bytes[4..].copy_from_slice(&Sha256::digest(seed)[..8]);
    ObjectId::from_bytes(bytes)
}

pub(super) fn days(count: u16) -> Span {
    Span::new().hours(i64::from(count) * 24)
}

/// Bytes that look random, start like a ZIP file, and are the same for the same seed.
pub(super) fn content(seed: &str, size: usize) -> Vec<u8> {
    let digest = Sha256::digest(seed);
    let mut state = u64::from_le_bytes(digest[..8].try_into().expect("a digest is longer")) | 1;
    let mut bytes = Vec::with_capacity(size + 8);
    bytes.extend_from_slice(b"PK\x03\x04");
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
