//! `docs/keys.md`: the key table, and the links of our packs.

use std::fmt::Write;

use anyhow::Result;
use opsdash_pack::{
    command::{CommandGroup, TABLE},
    pack::Pack,
};

use super::made_from;
use crate::cargo::repository;
use crate::packs;

const FILTER: &str = "\
## The filter

`/` opens it, Enter keeps it, Esc clears it. Words apart by spaces must all hold. Rows that are loaded are filtered as
you type; where a view can search, Enter also asks the server for rows beyond the limit.

| write | to see rows |
|---|---|
| `text` | with that text in any column, or in the reason; upper and lower case are one |
| `/regex/` | that match a regular expression |
| `column:value` | whose column holds that text; a column's name may be cut short |
| `column>n`, `column<n` | whose column is above or below that number |
| `severity:crit` | of that severity: `crit`, `warn`, `ok`, `unknown`, `off` |
| `!` before any of them | that do not |

";

const REMAPPING: &str = r#"## Other keys

A config gives commands other keys by their names, in place of those above; an empty list takes a command's keys away.
A key that is given twice is refused at the start, and both commands are named.

```toml
[keys]
pause = ["P"]
quit  = ["q", "Ctrl-c", "Ctrl-q"]
zone  = []
```

A key is a character (`G` is Shift and `g`), a name (`Enter`, `Space`, `PageUp`, `Home` ..) or one of them after `Ctrl-`
or `Alt-`. Two keys after each other stand apart by a space: `g g`.
"#;

/// Makes `docs/keys.md`.
pub(super) fn document() -> Result<String> {
    let mut out = made_from("`crates/pack/src/command.rs` and the packs");
    out.push_str("# Keys\n\n`?` shows those that work where you are. The last line of the screen shows the most useful ones.\n\n");
    for group in CommandGroup::ALL {
        let _ = write!(out, "## {}\n\n| keys | what they do | name in `[keys]` |\n|---|---|---|\n", group.title());
        for entry in TABLE.iter().filter(|entry| entry.group == group) {
            let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = writeln!(out, "| {} | {} | `{}` |", keys.join(", "), cell(entry.help), entry.name);
        }
        out.push('\n');
    }
    out.push_str(FILTER);
    out.push_str("## Links\n\nFrom a row to the rows of another view that belong to it; Esc comes back.\n\n");
    for pack in packs::all(&repository())? {
        links(&pack, &mut out);
    }
    out.push_str(REMAPPING);
    Ok(out)
}

fn links(pack: &Pack, out: &mut String) {
    let _ = write!(out, "### {}\n\n| in | keys | opens |\n|---|---|---|\n", pack.title);
    for view in &pack.views {
        for link in &view.links {
            let to = &pack.view(link.view).title;
            let title = if link.title == *to { String::new() } else { format!(": {}", link.title) };
            let _ = writeln!(out, "| {} | `g {}` | {}{} |", cell(&view.title), link.press, cell(to), cell(&title));
        }
    }
    out.push('\n');
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
