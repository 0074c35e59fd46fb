//! A small pack: orders, customers, stock lists.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_pack::{
    language::{self, PackFiles},
    pack::Pack,
};

const PACK: &str = r#"
title = "Shop Floor"
views = ["orders", "customers", "stock"]
[[source]]
name = "main"
engine = "postgresql"
[[source]]
name = "files"
engine = "mongodb"
"#;

const ORDERS: &str = r#"
title = "Orders"
source = "main"
query = "orders.sql"
row_key = ["id"]
refresh = "15s"
search = true
limit = 100
attention = true
empty = "No open order."
[[facet]]
name = "state"
choices = ["open", "all"]
[[given]]
name = "customer"
[[column]]
name = "id"
[[column]]
name = "customer_id"
hide = true
[[column]]
name = "total"
format = "int"
[[column]]
name = "placed_at"
title = "placed"
format = "age"
[[column]]
name = "note"
width = "fill"
[detail]
query = "orders.detail.sql"
[[detail.list]]
title = "Lines"
query = "orders.lines.sql"
[[chart]]
title = "Events"
query = "orders.chart.sql"
windows = ["1h", "24h"]
[[link]]
view = "customers"
press = "c"
title = "customer"
set = { customer = "customer_id" }
"#;

const CUSTOMERS: &str = r#"
title = "Customers"
source = "main"
query = "customers.sql"
row_key = ["id"]
refresh = "30s"
attention = true
[[given]]
name = "customer"
title = "customer"
[[column]]
name = "id"
[[column]]
name = "name"
width = "fill"
[[column]]
name = "late"
format = "int"
[[column]]
name = "trend"
format = "spark"
[[enrich]]
view = "lateness"
on = "id"
columns = ["late"]
absent = { late = "0" }
[[enrich]]
query = "customers.trend.sql"
columns = ["trend"]
"#;

const LATENESS: &str = r#"
title = "Lateness"
source = "main"
query = "lateness.sql"
row_key = ["id"]
refresh = "15s"
hidden = true
[[column]]
name = "id"
[[column]]
name = "late"
format = "int"
"#;

const STOCK: &str = r#"
title = "Stock lists"
kind = "files"
source = "main"
query = "stock.sql"
row_key = ["id"]
refresh = "60s"
attention = true
[files]
store = "files"
bucket = "lists"
id = "file_id"
name = "filename"
size = "size"
checksum = "checksum"
active = "active"
[[column]]
name = "verdict"
format = "status"
[[column]]
name = "filename"
width = "fill"
[[column]]
name = "size"
format = "bytes"
[[column]]
name = "file_name"
[[column]]
name = "file_length"
format = "bytes"
[detail]
query = "stock.detail.sql"
"#;

/// Actions on orders, one of each kind: `r` asks for a note, `x` wants the end of the id typed, `o` asks nothing and cannot
/// be undone, `E` asks for a date, `i` for a choice.
const ACTIONS: &str = r#"
[[action]]
id = "settle"
title = "Settle"
press = "r"
rows = "many"
preview = "orders.preview.sql"
when = { state = ["open"] }
sql = "orders.settle.sql"
undo = "orders.undo.sql"
ask = [{ name = "note", prompt = "Note", kind = "multiline" }]
change = { state = "settled", note = ":note" }
reload = ["customers"]
[[action]]
id = "cancel"
title = "Void"
press = "x"
rows = "many"
preview = "orders.preview.sql"
sql = "orders.cancel.sql"
undo = "orders.undo.sql"
confirm = { danger = "high", type = "key", last = 4 }
change = { state = "canceled" }
[[action]]
id = "reopen"
title = "Reopen"
press = "o"
preview = "orders.preview.sql"
sql = "orders.cancel.sql"
change = { state = "open" }
[[action]]
id = "defer"
title = "Defer"
press = "E"
preview = "orders.preview.sql"
sql = "orders.defer.sql"
undo = "orders.undo.sql"
ask = [{ name = "until", prompt = "Until", kind = "date", after = "now" }]
change = { due = ":until" }
[[action]]
id = "route"
title = "Route"
press = "i"
preview = "orders.preview.sql"
sql = "orders.route.sql"
undo = "orders.undo.sql"
ask = [{ name = "to", prompt = "Depot", kind = "choice", choices = ["North", "South"] }]
change = { depot = ":to" }
"#;

/// An action on stock lists that wants a verified file.
const HAND_OUT: &str = r#"
[[column]]
name = "file_id"
hide = true
[[column]]
name = "checksum"
hide = true
[[action]]
id = "hand_out"
title = "Hand out"
press = "i"
preview = "stock.preview.sql"
verified = true
sql = "stock.hand_out.sql"
"#;

/// A lookup: hidden, and needed by no other view.
const FINDER: &str = r#"
title = "Finder"
source = "main"
query = "finder.sql"
row_key = ["id"]
hidden = true
search = true
[[column]]
name = "id"
"#;

/// The pack.
pub fn shop() -> Arc<Pack> {
    shop_with(&[])
}

/// The pack, with Customers and Stock lists in one tab.
pub fn grouped_shop() -> Arc<Pack> {
    let group = "group = \"Base\"";
    shop_with(&[("customers.toml", group), ("stock.toml", group)])
}

/// The pack, with actions on its orders.
pub fn acting_shop() -> Arc<Pack> {
    shop_made(|files| files.extend(acting_files()))
}

fn acting_files() -> BTreeMap<String, String> {
    let write = |asked: &str| {
        format!(
            "UPDATE orders SET state = 'x' FROM unnest(:keys::text[], :seen_state::text[]) AS seen (id, state) \
             WHERE {asked} orders.id = seen.id AND orders.state = seen.state RETURNING orders.id AS key"
        )
    };
    let files = [
        ("orders.toml", format!("{ORDERS}{ACTIONS}")),
        ("orders.preview.sql", "SELECT id AS key, state, note FROM orders WHERE id = ANY (:keys::text[])".to_owned()),
        ("orders.settle.sql", write(":note::text IS NOT NULL AND")),
        ("orders.cancel.sql", write("")),
        ("orders.defer.sql", write(":until::text IS NOT NULL AND")),
        ("orders.route.sql", write(":to::text IS NOT NULL AND")),
        (
            "orders.undo.sql",
            "UPDATE orders SET state = was.state FROM unnest(:keys::text[], :before_state::text[], :after_state::text[]) \
             AS was (id, state, after) WHERE orders.id = was.id AND orders.state = was.after RETURNING orders.id AS key"
                .to_owned(),
        ),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// The pack with actions, whose orders belong to one branch at a time. Customers belong to nobody, and are judged by
/// what is late in the branch.
pub fn scoped_shop() -> Arc<Pack> {
    shop_made_scoped(str::to_owned)
}

/// The same, with its view of customers changed.
pub fn shop_made_scoped(change: impl FnOnce(&str) -> String) -> Arc<Pack> {
    let acting = acting_files();
    shop_made(|files| {
        files.extend(acting);
        files.insert("branches.sql".into(), "SELECT id, label FROM branches".into());
        *files.get_mut("pack.toml").unwrap() +=
            "[scope]\ntitle = \"branch\"\nsource = \"main\"\nsetting = \"app.branch\"\nquery = \"branches.sql\"\n";
        for view in ["customers.toml", "stock.toml", "finder.toml"] {
            let text = files.get_mut(view).unwrap();
            *text = format!("scoped = false\n{text}");
        }
        let customers = files.get_mut("customers.toml").unwrap();
        *customers = change(customers);
        for query in ["orders", "orders.detail", "orders.lines", "orders.chart", "lateness"] {
            let text = files.get_mut(&format!("{query}.sql")).unwrap();
            *text = text.replacen("SELECT ", "SELECT :scope::text, ", 1);
        }
    })
}

/// The pack, with an action on the set of its old orders.
pub fn purging_shop() -> Arc<Pack> {
    let purge = "[[action]]\nid = \"purge\"\ntitle = \"Purge old ones\"\npress = \"P\"\nrows = \"set\"\n\
                 query = \"orders.old.sql\"\ndelete = { table = \"orders\", key = \"id\", compare = [\"state\"] }\n";
    shop_of(&[
        ("orders.toml", &format!("{ORDERS}{purge}")),
        ("orders.old.sql", "SELECT id AS key, state, note FROM orders WHERE old"),
    ])
}

/// The pack, with an action on its stock lists that wants a verified file.
pub fn handing_shop() -> Arc<Pack> {
    shop_of(&[
        ("stock.toml", &format!("{STOCK}{HAND_OUT}")),
        ("stock.preview.sql", "SELECT id AS key, file_id, checksum FROM stock WHERE id = ANY (:keys::text[])"),
        (
            "stock.hand_out.sql",
            "UPDATE stock SET active = true FROM unnest(:keys::text[], :seen_file_id::text[]) AS seen (id, file_id) \
             WHERE stock.id = seen.id AND stock.file_id = seen.file_id RETURNING stock.id AS key",
        ),
    ])
}

/// The pack, with more words at the head of some of its files.
pub fn shop_with(words: &[(&str, &str)]) -> Arc<Pack> {
    shop_made(|files| {
        for (name, more) in words {
            let text = files.entry((*name).to_owned()).or_default();
            *text = format!("{more}\n{text}");
        }
    })
}

/// The pack, with these files in place of its own or beside them.
pub fn shop_of(others: &[(&str, &str)]) -> Arc<Pack> {
    shop_made(|files| files.extend(others.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))))
}

/// The pack, with its files changed.
pub fn shop_made(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Arc<Pack> {
    let files = [
        ("pack.toml", PACK),
        ("orders.toml", ORDERS),
        ("orders.sql", "SELECT 1 WHERE :state::text IS NOT NULL AND :search::text IS NULL AND :customer::text IS NULL"),
        ("orders.detail.sql", "SELECT :key::text"),
        ("orders.lines.sql", "SELECT :key::text"),
        ("orders.chart.sql", "SELECT :key::text, :window::interval"),
        ("customers.toml", CUSTOMERS),
        ("customers.sql", "SELECT :customer::text"),
        ("customers.trend.sql", "SELECT :keys::text[]"),
        ("lateness.toml", LATENESS),
        ("lateness.sql", "SELECT 1"),
        ("finder.toml", FINDER),
        ("finder.sql", "SELECT :search::text"),
        ("stock.toml", STOCK),
        ("stock.detail.sql", "SELECT :key::text"),
        ("stock.sql", "SELECT 1"),
    ];
    let mut files: BTreeMap<String, String> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    change(&mut files);
    let layer = PackFiles { system: "shop".into(), origin: "packs/shop".into(), files };
    Arc::new(language::load(&[layer], &[]).unwrap_or_else(|problems| panic!("{problems}")))
}
