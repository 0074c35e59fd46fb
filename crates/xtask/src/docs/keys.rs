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
you type; where a view can search, Enter also asks the server for rows beyond the limit. What cannot be read is said
in red where it is typed, and the list stays as it was before. `opsdash show VIEW --where FILTER` understands the same.

| write | to see rows |
|---|---|
| `text` | with that text in any column, or in the reason; upper and lower case are one |
| `\"text with spaces\"` | with that text, whatever signs are in it |
| `/regex/` | that match a regular expression |
| `column:value` | whose column holds that text, as it is or as it is shown |
| `column=value` | whose column is just that; without a value, those in which there is nothing |
| `column>value`, `>=`, `<`, `<=` | whose column is more or less |
| `severity:crit`, `severity>=warn` | of that severity: `off`, `ok`, `warn`, `unknown`, `crit`, from the best to the worst |
| `reason:id` | with that reason |
| `!` before any of them, `column!=value` | that do not |

A column is written as its title on screen, or as the name that JSON and CSV have. Upper and lower case, spaces, hyphens
and underscores do not count: `last metric` is `last-metric`, `lastmetric` or `\"last metric\"`. A beginning that only
one column has is enough.

| of columns that show | compare with | for example |
|---|---|---|
| numbers, money | a number, as it is printed too: `6902`, `6,902`, `\"6 902\"` | `events>=100` |
| a bar | a number, or a share of what is full | `used>80%` |
| sizes | bytes, or `KB`, `MB`, `GB`, `KiB`, `MiB`, `GiB` | `size>200KB` |
| lengths of time | `ms`, `s`, `m`, `h`, `d`, `w` | `took>1.5s` |
| ages | the same, and `y`: less is younger | `last<1h`, `first>2d` |
| what is left | the same; of what has ended less than nothing is left | `expires<30d`, `expires<0` |
| times, and ages too | a day, or a moment in the zone of the screen | `created>=2026-11-01`, `at<2026-11-01T14:00` |
| a line of small bars | a number: the newest of them is compared | `trend>5` |
| anything else | a text, in the order of the list: numbers in it count as numbers | `version>=1.9.0` |

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
