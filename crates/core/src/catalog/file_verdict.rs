use crate::value::Severity;

/// What is wrong with a file, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileVerdict {
    /// The catalog names a file that the store does not have.
    MissingFile,
    /// The catalog's id cannot be an id of the store.
    BadId,
    /// The bytes differ from what the catalog says.
    Size,
    /// Chunks are missing.
    ChunkGap,
    /// There are chunks beyond the length.
    ExtraChunks,
    /// The bytes were read, and they are not those that the catalog promises.
    ChecksumBad,
    /// Two catalog rows name one file.
    DupRef,
    /// The names differ.
    Name,
    /// The store has a file that the catalog does not name.
    OrphanFile,
    /// The store has chunks that belong to no file.
    OrphanChunks,
    /// The store was not asked, or did not answer.
    Unknown,
    /// Everything that can be seen without reading the bytes agrees.
    Unverified,
    /// The bytes were read, and their checksum is the one that the catalog promises.
    Ok,
}

impl FileVerdict {
    /// The word in the column.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::MissingFile => "MISSING_FILE",
            Self::BadId => "BAD_ID",
            Self::Size => "SIZE",
            Self::ChunkGap => "CHUNK_GAP",
            Self::ExtraChunks => "EXTRA_CHUNKS",
            Self::ChecksumBad => "CHECKSUM_BAD",
            Self::DupRef => "DUP_REF",
            Self::Name => "NAME",
            Self::OrphanFile => "ORPHAN_FILE",
            Self::OrphanChunks => "ORPHAN_CHUNKS",
            Self::Unknown => "UNKNOWN",
            Self::Unverified => "UNVERIFIED",
            Self::Ok => "OK",
        }
    }

    /// The id of the reason that a row with it has; `None` where nothing is wrong, and where nothing is known.
    #[must_use]
    pub fn reason(self) -> Option<String> {
        (!matches!(self, Self::Ok | Self::Unknown)).then(|| self.word().to_ascii_lowercase())
    }

    /// Whether this word of the column says that a file is not as it should be. What nobody looked at is not bad, and not
    /// known to be good.
    #[must_use]
    pub fn is_bad(word: &str) -> bool {
        ![Self::Ok, Self::Unverified, Self::Unknown].map(Self::word).contains(&word)
    }

    /// Whether the file can still be delivered as the catalog promises.
    #[must_use]
    pub fn is_deliverable(self) -> bool {
        !matches!(
            self,
            Self::MissingFile | Self::BadId | Self::Size | Self::ChunkGap | Self::ExtraChunks | Self::ChecksumBad
        )
    }

    /// How bad it is; worse for a file that is handed out. What nobody read is not known to be good.
    #[must_use]
    pub fn severity(self, active: bool) -> Severity {
        match self {
            Self::Unknown | Self::Unverified => Severity::Unknown,
            Self::Ok => Severity::Ok,
            bad if active && !bad.is_deliverable() => Severity::Crit,
            _ => Severity::Warn,
        }
    }
}

#[cfg(test)]
mod tests {
    use opsdash_pack::pack::FILE_REASONS;

    use super::*;

    #[test]
    fn packs_know_the_reason_of_every_verdict() {
        use FileVerdict::{
            BadId, ChecksumBad, ChunkGap, DupRef, ExtraChunks, MissingFile, Name, Ok, OrphanChunks, OrphanFile, Size,
            Unknown, Unverified,
        };
        let all = [
            MissingFile,
            BadId,
            Size,
            ChunkGap,
            ExtraChunks,
            ChecksumBad,
            DupRef,
            Name,
            OrphanFile,
            OrphanChunks,
            Unknown,
            Unverified,
            Ok,
        ];
        let reasons: Vec<String> = all.into_iter().filter_map(FileVerdict::reason).collect();
        assert_eq!(reasons, FILE_REASONS);
    }

    #[test]
    fn everything_is_bad_but_what_is_fine_and_what_was_not_looked_at() {
        let is_bad = |verdict: FileVerdict| FileVerdict::is_bad(verdict.word());
        assert!(![FileVerdict::Ok, FileVerdict::Unverified, FileVerdict::Unknown].map(is_bad).contains(&true));
        assert!(
            [FileVerdict::Name, FileVerdict::OrphanChunks, FileVerdict::Size].iter().all(|verdict| is_bad(*verdict))
        );
    }
}
