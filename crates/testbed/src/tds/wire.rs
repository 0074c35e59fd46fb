//! The bytes of TDS, as far as a server writes them and reads what a client sends. After Microsoft's MS-TDS.

use std::io::{Error, ErrorKind, Result};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the server's own names")]
pub enum Type {
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Bit,
    Real,
    Float,
    Money,
    SmallMoney,
    /// With its scale.
    Decimal(u8),
    Guid,
    Char,
    VarChar,
    VarCharMax,
    NChar,
    NVarChar,
    NVarCharMax,
    Text,
    NText,
    Image,
    Binary,
    VarBinary,
    VarBinaryMax,
    Date,
    Time,
    DateTime,
    SmallDateTime,
    DateTime2,
    DateTimeOffset,
    Xml,
    /// Of a whole number.
    Variant,
    /// A CLR type.
    Udt,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL.
    Null,
    /// A whole number, a bit, a decimal without its point, money in ten-thousandths.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes; of a guid, in the order in which it is written.
    Bytes(Vec<u8>),
    /// Days (since the year 1, or since 1900), the time of the day in the units of the type, and minutes of an offset.
    Time(u32, u64, i16),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];

impl Type {
    fn info(self) -> Vec<u8> {
        let long = |code: u8, collated: bool| {
            let mut info = vec![code, 0xFF, 0xFF, 0xFF, 0x7F];
            info.extend(if collated { &COLLATION[..] } else { &[] });
            // One part of a table's name: "t".
            info.extend([1, 1, 0, b't', 0]);
            info
        };
        let text = |code: u8, length: u16| [&[code][..], &length.to_le_bytes(), &COLLATION].concat();
        match self {
            Self::TinyInt => vec![0x26, 1],
            Self::SmallInt => vec![0x26, 2],
            Self::Int => vec![0x26, 4],
            Self::BigInt => vec![0x26, 8],
            Self::Bit => vec![0x68, 1],
            Self::Real => vec![0x6D, 4],
            Self::Float => vec![0x6D, 8],
            Self::Money => vec![0x6E, 8],
            Self::SmallMoney => vec![0x6E, 4],
            Self::Decimal(scale) => vec![0x6A, 17, 38, scale],
            Self::Guid => vec![0x24, 16],
            Self::Char => text(0xAF, 100),
            Self::VarChar => text(0xA7, 8000),
            Self::VarCharMax => text(0xA7, 0xFFFF),
            Self::NChar => text(0xEF, 100),
            Self::NVarChar => text(0xE7, 8000),
            Self::NVarCharMax => text(0xE7, 0xFFFF),
            Self::Text => long(0x23, true),
            Self::NText => long(0x63, true),
            Self::Image => long(0x22, false),
            Self::Binary => vec![0xAD, 100, 0],
            Self::VarBinary => vec![0xA5, 0x40, 0x1F],
            Self::VarBinaryMax => vec![0xA5, 0xFF, 0xFF],
            Self::Date => vec![0x28],
            Self::Time => vec![0x29, 7],
            Self::DateTime => vec![0x6F, 8],
            Self::SmallDateTime => vec![0x6F, 4],
            Self::DateTime2 => vec![0x2A, 7],
            Self::DateTimeOffset => vec![0x2B, 7],
            Self::Xml => vec![0xF1, 0],
            Self::Variant => vec![0x62, 0x49, 0x1F, 0, 0],
            Self::Udt => {
                let mut info = vec![0xF0, 0xFF, 0xFF];
                for name in ["db", "sys", "geography"] {
                    info.extend(short(name));
                }
                info.extend(long_name("Microsoft.SqlServer.Types"));
                info
            }
        }
    }

    fn value(self, cell: &Cell) -> Vec<u8> {
        if *cell == Cell::Null {
            return match self {
                Self::Char | Self::VarChar | Self::NChar | Self::NVarChar | Self::Binary | Self::VarBinary => {
                    vec![0xFF, 0xFF]
                }
                Self::VarCharMax | Self::NVarCharMax | Self::VarBinaryMax | Self::Xml | Self::Udt => vec![0xFF; 8],
                Self::Variant => vec![0; 4],
                _ => vec![0],
            };
        }
        let counted = |bytes: Vec<u8>| [vec![u8::try_from(bytes.len()).unwrap_or(u8::MAX)], bytes].concat();
        match self {
            Self::TinyInt | Self::Bit => counted(int(cell)[..1].to_vec()),
            Self::SmallInt => counted(int(cell)[..2].to_vec()),
            Self::Int | Self::SmallMoney => counted(int(cell)[..4].to_vec()),
            Self::BigInt => counted(int(cell).to_vec()),
            #[expect(clippy::cast_possible_truncation, reason = "a number of a test that fits")]
            Self::Real => counted((float(cell) as f32).to_le_bytes().to_vec()),
            Self::Float => counted(float(cell).to_le_bytes().to_vec()),
            // The upper half comes first.
            Self::Money => counted([&int(cell)[4..], &int(cell)[..4]].concat()),
            Self::Decimal(_) => {
                let Cell::Int(number) = cell else { return vec![0] };
                counted([&[u8::from(*number >= 0)][..], &number.unsigned_abs().to_le_bytes()].concat())
            }
            Self::Guid => {
                let Cell::Bytes(id) = cell else { return vec![0] };
                let mixed = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map(|at| id[at]);
                counted(mixed.to_vec())
            }
            Self::Char | Self::VarChar => sized(text(cell).into_bytes()),
            Self::NChar | Self::NVarChar => sized(utf16(&text(cell))),
            Self::Binary | Self::VarBinary => sized(bytes(cell)),
            Self::VarCharMax => chunked(&text(cell).into_bytes()),
            Self::NVarCharMax | Self::Xml => chunked(&utf16(&text(cell))),
            Self::VarBinaryMax | Self::Udt => chunked(&bytes(cell)),
            Self::Text => old_long(text(cell).as_bytes()),
            Self::NText => old_long(&utf16(&text(cell))),
            Self::Image => old_long(&bytes(cell)),
            Self::Variant => [&6_u32.to_le_bytes()[..], &[0x38, 0], &int(cell)[..4]].concat(),
            Self::Date | Self::Time | Self::DateTime | Self::SmallDateTime | Self::DateTime2 | Self::DateTimeOffset => {
                counted(self.time(cell))
            }
        }
    }

    fn time(self, cell: &Cell) -> Vec<u8> {
        let Cell::Time(days, units, offset) = cell else { return Vec::new() };
        let (days, units) = (days.to_le_bytes(), units.to_le_bytes());
        match self {
            Self::Date => days[..3].to_vec(),
            Self::Time => units[..5].to_vec(),
            Self::DateTime => [&days[..], &units[..4]].concat(),
            Self::SmallDateTime => [&days[..2], &units[..2]].concat(),
            Self::DateTime2 => [&units[..5], &days[..3]].concat(),
            _ => [&units[..5], &days[..3], &offset.to_le_bytes()[..]].concat(),
        }
    }
}

fn int(cell: &Cell) -> [u8; 8] {
    match cell {
        Cell::Int(number) => number.to_le_bytes(),
        _ => [0; 8],
    }
}

fn float(cell: &Cell) -> f64 {
    match cell {
        Cell::Float(number) => *number,
        _ => 0.0,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn bytes(cell: &Cell) -> Vec<u8> {
    match cell {
        Cell::Bytes(bytes) => bytes.clone(),
        _ => Vec::new(),
    }
}

fn sized(bytes: Vec<u8>) -> Vec<u8> {
    [u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec(), bytes].concat()
}

/// In two chunks where there is enough, of a length that is not told before.
fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut out = 0xFFFF_FFFF_FFFF_FFFE_u64.to_le_bytes().to_vec();
    for chunk in bytes.chunks(bytes.len().div_ceil(2).max(1)) {
        out.extend(u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(chunk);
    }
    out.extend([0; 4]);
    out
}

/// A pointer of 16 bytes, a time stamp, and the value.
fn old_long(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&[16][..], &[1; 16], &[2; 8], &length, bytes].concat()
}

/// The columns of a result.
pub(super) fn columns(columns: &[(String, Type)]) -> Vec<u8> {
    let mut out = vec![0x81];
    out.extend(u16::try_from(columns.len()).unwrap_or_default().to_le_bytes());
    for (name, kind) in columns {
        // No user type; nullable.
        out.extend([0, 0, 0, 0, 1, 0]);
        out.extend(kind.info());
        out.extend(short(name));
    }
    out
}

/// A row of a result.
pub(super) fn row(columns: &[(String, Type)], cells: &[Cell]) -> Vec<u8> {
    let values = columns.iter().zip(cells).flat_map(|((_, kind), cell)| kind.value(cell));
    std::iter::once(0xD1).chain(values).collect()
}

/// An error, or with a severity below 11 a message.
pub(super) fn message(number: u32, class: u8, line: u32, what: &str) -> Vec<u8> {
    let mut body = number.to_le_bytes().to_vec();
    body.extend([1, class]);
    body.extend(long_name(what));
    body.extend(short("testbed"));
    body.extend(short(""));
    body.extend(line.to_le_bytes());
    token(if class > 10 { 0xAA } else { 0xAB }, &body)
}

/// The end of a statement: of a procedure's where it is one of an RPC.
pub(super) fn done(token: u8, status: u16, rows: u64) -> Vec<u8> {
    [&[token][..], &status.to_le_bytes(), &[0xC1, 0], &rows.to_le_bytes()].concat()
}

/// What a server says to a login that it accepts. `version` is the client's own.
pub(super) fn login_ack(version: u32, database: &str) -> Vec<u8> {
    let mut ack = vec![1];
    ack.extend(version.to_be_bytes());
    ack.extend(short("opsdash testbed"));
    ack.extend([16, 0, 0x10, 0]);
    let size = [&[4][..], &short("4096"), &short("4096")].concat();
    let database = [&[1][..], &short(database), &short("master")].concat();
    [token(0xE3, &database), token(0xAD, &ack), token(0xE3, &size)].concat()
}

/// Where else a client is to connect.
pub(super) fn routing(host: &str, port: u16) -> Vec<u8> {
    let mut value = vec![0];
    value.extend(port.to_le_bytes());
    value.extend(long_name(host));
    let length = u16::try_from(value.len()).unwrap_or_default().to_le_bytes();
    token(0xE3, &[&[20][..], &length, &value, &[0, 0]].concat())
}

/// The answer to the first packet of a client: no TLS here.
pub(super) fn prelogin() -> Vec<u8> {
    // Version, encryption, instance, thread and MARS, each with its place and length.
    let mut out = Vec::new();
    let options: [(u8, &[u8]); 5] = [(0, &[16, 0, 0x10, 0, 0, 0]), (1, &[2]), (2, &[0]), (3, &[]), (4, &[0])];
    let mut place = u16::try_from(options.len() * 5 + 1).unwrap_or_default();
    for (option, data) in options {
        let length = u16::try_from(data.len()).unwrap_or_default();
        out.push(option);
        out.extend(place.to_be_bytes());
        out.extend(length.to_be_bytes());
        place += length;
    }
    out.push(0xFF);
    out.extend(options.iter().flat_map(|(_, data)| data.iter().copied()));
    out
}

fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes(), body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A name after its length in one byte.
fn short(name: &str) -> Vec<u8> {
    [vec![u8::try_from(name.encode_utf16().count()).unwrap_or(u8::MAX)], utf16(name)].concat()
}

/// A name after its length in two bytes.
fn long_name(name: &str) -> Vec<u8> {
    [u16::try_from(name.encode_utf16().count()).unwrap_or(u16::MAX).to_le_bytes().to_vec(), utf16(name)].concat()
}

/// Reads what a client sent.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| odd("a message that ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self, bytes: usize) -> Result<u64> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, bytes: usize) -> Result<usize> {
        usize::try_from(self.number(bytes)?).map_err(|_| odd("a length"))
    }

    /// A text of so many characters.
    pub(super) fn text(&mut self, characters: usize) -> Result<String> {
        let units: Vec<u16> =
            self.take(characters * 2)?.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| odd("a text that is no UTF-16"))
    }

    /// The headers before a batch or an RPC.
    pub(super) fn skip_headers(&mut self) -> Result<()> {
        let length = self.length(4)?;
        self.take(length.checked_sub(4).ok_or_else(|| odd("headers"))?).map(drop)
    }

    /// A parameter: its name, and its value as text.
    pub(super) fn parameter(&mut self) -> Result<(String, Option<String>)> {
        let length = self.length(1)?;
        let name = self.text(length)?;
        self.take(1)?;
        Ok((name, self.value()?))
    }

    fn value(&mut self) -> Result<Option<String>> {
        match self.number(1)? {
            // A NULL without a type, as some clients send it for any type.
            0x1F => Ok(None),
            0xE7 => {
                let max = self.length(2)?;
                self.take(5)?;
                if max == 0xFFFF { self.chunks() } else { self.counted() }
            }
            0x26 => {
                self.take(1)?;
                let length = self.length(1)?;
                if length == 0 { Ok(None) } else { Ok(Some(self.number(length)?.to_string())) }
            }
            other => Err(odd(&format!("a parameter of the type {other:#x}"))),
        }
    }

    fn counted(&mut self) -> Result<Option<String>> {
        match self.length(2)? {
            0xFFFF => Ok(None),
            bytes => self.text(bytes / 2).map(Some),
        }
    }

    fn chunks(&mut self) -> Result<Option<String>> {
        if self.number(8)? == u64::MAX {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        loop {
            match self.length(4)? {
                0 => break,
                length => bytes.extend(self.take(length)?),
            }
        }
        let count = bytes.len() / 2;
        Reader(&bytes).text(count).map(Some)
    }
}

pub(super) fn odd(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}
