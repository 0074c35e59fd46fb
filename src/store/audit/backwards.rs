//! The lines of the record from its end.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Bytes that are read at a time.
const BLOCK: u64 = 64 * 1024;

/// Lines of a file, the last one first. It holds one line and a block at a time, however long the file is.
pub struct LinesBack {
    file: File,
    /// Where the bytes begin that are held; those before it are not read yet.
    begin: u64,
    /// Bytes that are read and not handed over.
    held: Vec<u8>,
}

impl LinesBack {
    /// Of this file; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why),
        };
        let begin = file.metadata()?.len();
        Ok(Some(Self { file, begin, held: Vec::new() }))
    }

    /// Where the line begins that was handed over last.
    pub fn place(&self) -> u64 {
        self.begin + self.held.len() as u64
    }

    fn read_block(&mut self) -> io::Result<()> {
        let size = BLOCK.min(self.begin);
        self.begin -= size;
        self.file.seek(SeekFrom::Start(self.begin))?;
        let mut block = Vec::new();
        Read::by_ref(&mut self.file).take(size).read_to_end(&mut block)?;
        block.append(&mut self.held);
        self.held = block;
        Ok(())
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        // The break at the end of the line is its own.
        let mut known = 1;
        loop {
            let searched = self.held.len().saturating_sub(known);
            if let Some(at) = self.held[..searched].iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(self.held.split_off(at + 1)));
            }
            if self.begin == 0 {
                let first = std::mem::take(&mut self.held);
                return Ok(Some(first).filter(|first| !first.is_empty()));
            }
            known = known.max(self.held.len());
            self.read_block()?;
        }
    }
}

impl Iterator for LinesBack {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.line().transpose()? {
                Ok(line) => {
                    let text = String::from_utf8_lossy(&line);
                    let text = text.trim_end_matches(['\r', '\n']);
                    if !text.is_empty() {
                        return Some(Ok(text.to_owned()));
                    }
                }
                Err(why) => return Some(Err(why)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(content: &[u8]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        std::fs::write(&path, content).unwrap();
        LinesBack::of(&path).unwrap().unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn lines_come_from_the_last_one_on_however_long_they_are() {
        assert_eq!(back(b"one\ntwo\r\n\n\nthree"), ["three", "two", "one"]);
        assert_eq!(back(b"one\n"), ["one"]);
        assert!(back(b"").is_empty() && back(b"\n\n").is_empty());
        let block = usize::try_from(BLOCK).unwrap();
        for length in [block - 2, block - 1, block, block + 1, 3 * block] {
            let (long, short) = ("a".repeat(length), "b");
            let all = [short, &long, short, &long, &long].join("\n");
            let lines = back(all.as_bytes());
            assert_eq!(lines, [&long, &long, short, &long, short], "{length}");
        }
    }

    #[test]
    fn where_a_line_begins_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut lines = LinesBack::of(&path).unwrap().unwrap();
        lines.next();
        assert_eq!(lines.place(), 4);
        lines.next();
        assert_eq!(lines.place(), 0);
        assert!(lines.next().is_none() && LinesBack::of(&dir.path().join("none")).unwrap().is_none());
    }
}
