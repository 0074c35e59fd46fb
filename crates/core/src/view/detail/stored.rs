//! The stored file of a row, as its store describes it, and a map of its chunks.

use opsdash_pack::pack::{Column, Format, Tone};

use super::{DetailPage, Line, dim, span};
use crate::{
    catalog::chunk_parts,
    contract::{StoredFile, Table, VerifyResult},
    model::{DetailState, Loadable},
    text,
    value::Value,
};

/// Of a part of a file: all chunks are there, some, none; in Unicode and in ASCII.
const MAP: [(char, char); 3] = [('█', '#'), ('▒', '+'), ('·', '.')];

impl DetailPage<'_> {
    /// Nothing where the row has no file, or the store has not answered.
    pub(super) fn stored(&self, state: &DetailState) -> Vec<Line> {
        let Some(file) = self.panel.stored_file(self.view, &state.key) else { return Vec::new() };
        let mut lines = vec![vec![span("In the store", Tone::Strong)]];
        let fields = stored_fields(&file);
        let label = fields.iter().map(|(column, _)| text::width(&column.title)).max().unwrap_or(0);
        lines.extend(fields.iter().flat_map(|(column, value)| self.field(column, value, None, label)));
        if let Some(metadata) = &file.metadata {
            lines.extend(self.block("metadata", &serde_json::to_string_pretty(metadata).unwrap_or_default()));
        }
        lines.push(Line::new());
        lines.extend(self.chunks(&file, &state.chunks));
        lines
    }

    fn chunks(&self, file: &StoredFile, loadable: &Loadable) -> Vec<Line> {
        let Some((expected, width)) = chunk_parts(file) else { return Vec::new() };
        let mut lines = vec![vec![span("Chunks", Tone::Strong)]];
        match loadable {
            Loadable::Awaited => lines.push(vec![dim("asking")]),
            Loadable::Failed(failure) => lines.extend(self.failed(failure)),
            Loadable::Here(table) => lines.extend(self.map(&ChunkMap::of(table, expected, width), width)),
        }
        lines.push(Line::new());
        lines
    }

    /// A cell for each part, then what they come to in words.
    fn map(&self, found: &ChunkMap, width: i64) -> Vec<Line> {
        let cell = |(found, of): &(i64, i64)| {
            let (state, tone) = match found {
                found if found >= of => (0, Tone::Ok),
                0 => (2, Tone::Crit),
                _ => (1, Tone::Crit),
            };
            let (unicode, ascii) = MAP[state];
            (if self.model.appearance.ascii { ascii } else { unicode }, tone)
        };
        let mut lines: Vec<Line> = Vec::new();
        for parts in found.parts.chunks(self.wide.max(1)) {
            let mut line = Line::new();
            for (glyph, tone) in parts.iter().map(cell) {
                line.push(span(glyph.to_string(), tone));
            }
            lines.push(line);
        }
        let (there, of) = (found.there(), found.expected());
        let mut said = format!("{there} of {of} are there");
        if there < of {
            let holes: Vec<String> = found.holes(width).take(3).collect();
            said = format!("{said}; missing among {}", holes.join(", "));
        }
        if found.beyond > 0 {
            said = format!("{said}; {} beyond the length", found.beyond);
        }
        lines.extend(text::wrap(&said, self.wide).into_iter().map(|line| vec![dim(line)]));
        lines
    }
}

fn stored_fields(file: &StoredFile) -> Vec<(Column, Value)> {
    let field = |name: &str, format, value| (Column { format, ..Column::plain(name) }, value);
    let mut fields =
        vec![field("id", Format::Text, Value::text(&file.id)), field("name", Format::Text, Value::text(&file.name))];
    let sizes = [("size", file.length), ("chunk size", file.chunk_size)];
    let sizes = sizes.into_iter().filter_map(|(name, size)| Some((name, size?)));
    fields.extend(sizes.map(|(name, size)| field(name, Format::Bytes, Value::Int(size))));
    fields.extend(file.uploaded.map(|at| field("uploaded", Format::Time, Value::Time(at))));
    let (name, found) = match &file.checked {
        Some(VerifyResult::Sha256(hex)) => ("SHA-256 of its bytes", hex.as_str()),
        Some(VerifyResult::Damaged(how)) => ("damaged", how.as_str()),
        None => ("SHA-256 of its bytes", "not read yet"),
    };
    fields.push(field(name, Format::Text, Value::text(found)));
    fields
}

/// What the index says of a file's chunks.
struct ChunkMap {
    /// Of each part: how many are there, of how many.
    parts: Vec<(i64, i64)>,
    /// How many lie beyond the length.
    beyond: i64,
}

impl ChunkMap {
    fn of(table: &Table, expected: i64, width: i64) -> Self {
        let starts = (0..expected).step_by(usize::try_from(width).unwrap_or(1).max(1));
        let mut parts: Vec<(i64, i64)> = starts.map(|start| (0, width.min(expected - start))).collect();
        let mut beyond = 0;
        for row in &table.rows {
            let [Value::Int(part), Value::Int(found)] = row.cells[..] else { continue };
            match usize::try_from(part).ok().and_then(|part| parts.get_mut(part)) {
                Some(known) => known.0 = found,
                None => beyond += found,
            }
        }
        Self { parts, beyond }
    }

    fn there(&self) -> i64 {
        self.parts.iter().map(|(found, _)| found).sum()
    }

    fn expected(&self) -> i64 {
        self.parts.iter().map(|(_, of)| of).sum()
    }

    /// Numbers of the chunks among which some are missing.
    fn holes(&self, width: i64) -> impl Iterator<Item = String> {
        let parts = self.parts.iter().zip(0_i64..);
        parts.filter(|((found, of), _)| found < of).map(move |((_, of), part)| match (part * width, *of) {
            (first, 1) => first.to_string(),
            (first, of) => format!("{first} to {}", first + of - 1),
        })
    }
}
