//! Sizes as people write them.

use bytesize::ByteSize;

/// A size such as `500KB`, `50 MB` or `2GiB`, in bytes. `None` when the text is no size.
#[must_use]
pub fn parse_bytes(text: &str) -> Option<u64> {
    text.parse::<ByteSize>().ok().map(|size| size.as_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_bytes("500KB"), Some(500_000));
        assert_eq!(parse_bytes("50 MB"), Some(50_000_000));
        assert_eq!(parse_bytes("2GiB"), Some(2 * 1024 * 1024 * 1024));
        assert_eq!(parse_bytes("fast"), None);
    }
}
