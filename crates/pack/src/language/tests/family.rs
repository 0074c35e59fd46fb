//! Sources of many databases, right and wrong.

use super::*;

const FAMILY: &str = r#"
[[source]]
name = "tenants"
engine = "postgresql"

[source.family]
databases = ["shop_*"]
also = ["main"]
kind = "tenant"
query = "members.sql"
from = "main"
binds = ["tenant_id"]
"#;

const ORDERS: &str = r#"
title = "Orders"
source = "tenants"
query = "orders.sql"
row_key = ["database", "id"]
kinds = ["tenant"]
unreachable = { severity = "crit", reason = "gone" }
hidden = true

[reason.gone]
says = "{database} is gone: {finding}"

[[column]]
name = "database"

[[column]]
name = "id"
"#;

/// The demo with a family and a view of it.
fn with(family: &str, orders: &str) -> Result<Pack, Problems> {
    let mut files = demo();
    files.files.insert("pack.toml".into(), format!("{PACK}{family}"));
    files.files.insert("members.sql".into(), "SELECT 1".into());
    files.files.insert("orders.toml".into(), orders.into());
    files.files.insert("orders.sql".into(), "SELECT :tenant_id, :database, :label".into());
    load(&[files], &[])
}

fn wrong(family: &str, orders: &str) -> String {
    with(family, orders).unwrap_err().to_string()
}

#[test]
fn a_family_is_read_with_what_its_views_say_of_its_members() {
    let pack = with(FAMILY, ORDERS).unwrap();
    let family = pack.sources[2].family.as_ref().unwrap();
    assert_eq!((family.kind.as_str(), family.also.as_slice()), ("tenant", &[SourceId(0)][..]));
    let names = family.names.as_ref().unwrap();
    assert_eq!((names.from, names.binds.as_slice()), (SourceId(0), &["tenant_id".to_owned()][..]));
    let orders = pack.view(pack.find("orders").unwrap());
    assert!(pack.is_of_family(orders) && orders.kinds.as_ref().unwrap().contains("tenant"));
    assert_eq!(orders.unreachable, Some(Finding { is_crit: true, reason: "gone".into() }));
}

#[test]
fn what_is_wrong_in_a_family_is_told_where_it_is() {
    let cases = [
        ("databases = [\"shop_*\"]", "databases = [\"\"]", "an empty name of a database"),
        ("also = [\"main\"]", "also = [\"files\"]", "the source \"files\" is not one database of postgresql"),
        ("also = [\"main\"]", "also = [\"tenants\"]", "the source \"tenants\" is not one database of postgresql"),
        ("from = \"main\"", "", "a family wants \"query\" and \"from\" together"),
        ("binds = [\"tenant_id\"]", "binds = [\"tenant_id\", \"kind\"]", "\"kind\" is a parameter of every family"),
        ("engine = \"postgresql\"", "engine = \"mongodb\"", "a family of mongodb is not served"),
    ];
    for (from, to, told) in cases {
        let problems = wrong(&FAMILY.replacen(from, to, 1), ORDERS);
        assert!(problems.contains(told), "{from} -> {to}: {problems}");
    }
    let none = wrong("[[source]]\nname = \"tenants\"\nengine = \"postgresql\"\nfamily = {}\n", ORDERS);
    assert!(none.contains("a family of which nothing says the members"), "{none}");
}

#[test]
fn what_a_view_of_a_family_cannot_say_is_refused() {
    let added = |words: &str| ORDERS.replacen("hidden = true", &format!("hidden = true\n{words}"), 1);
    let action = "[[action]]\nid = \"x\"\ntitle = \"x\"\npress = \"x\"\ndelete = { table = \"t\", key = \"id\" }\n";
    let facet = "[[facet]]\nname = \"state\"\nchoices = [\"a\"]\nquery = \"members.sql\"\n";
    let cases = [
        (ORDERS.replacen("[\"database\", \"id\"]", "[\"id\"]", 1), "the row_key of a family"),
        (format!("{ORDERS}{facet}"), "choices by a query in a family are not served"),
        (added("ordered = { state = [\"a\"] }"), "\"ordered\" is not served in a family"),
        (format!("{ORDERS}{action}"), "an action in a family is not served"),
        (ORDERS.replacen("reason = \"gone\"", "reason = \"gon\"", 1), "the view describes no reason \"gon\""),
        (format!("{ORDERS}[threshold]\nlabel = \"1\"\n"), "the threshold \"label\" has a reserved name"),
        (ORDERS.replacen("\"tenants\"", "\"main\"", 1), "\"kinds\" in a view whose source is one database"),
    ];
    for (orders, told) in cases {
        let problems = wrong(FAMILY, &orders);
        assert!(problems.contains(told), "{told}: {problems}");
    }
    let unnamed = FAMILY.replacen("query = \"members.sql\"\nfrom = \"main\"\nbinds = [\"tenant_id\"]", "", 1);
    let kind = wrong(&unnamed, &ORDERS.replacen("[\"tenant\"]", "[\"tenent\"]", 1));
    assert!(kind.contains("no database of the family is of the kind \"tenent\""), "{kind}");
}

#[test]
fn only_a_joined_view_can_miss_a_row() {
    let jobs = "[[enrich]]\nquery = \"waiting.sql\"\ncolumns = [\"waiting\"]\nmissing = { severity = \"warn\", reason = \"x\" }\n";
    let mut files = demo();
    files.files.insert("queues.toml".into(), format!("{QUEUES}{jobs}"));
    let problems = load(&[files], &[]).unwrap_err().to_string();
    assert!(problems.contains("\"missing\" beside a query"), "{problems}");
}

#[test]
fn rows_are_compared_by_columns_and_reasons_of_the_view() {
    let rule =
        "\n[[across]]\ncolumn = \"id\"\nrule = \"newest\"\nbehind = \"id\"\nseverity = \"warn\"\nreason = \"gone\"\n";
    let with_rule = |from: &str, to: &str| with(FAMILY, &format!("{ORDERS}{}", rule.replacen(from, to, 1)));
    let pack = with_rule("", "").unwrap();
    let across = &pack.view(pack.find("orders").unwrap()).across[0];
    assert_eq!((across.column, across.rule, across.behind), (1, AcrossRule::Newest, Some(1)));
    let cases = [
        ("\"id\"", "\"idd\"", "unknown column \"idd\""),
        ("\"gone\"", "\"gon\"", "the view describes no reason \"gon\""),
        ("\"newest\"", "\"sum\"", "a sum without \"to\""),
        ("\"newest\"", "\"majority\"", "\"behind\" beside the rule \"majority\""),
        ("severity", "to = \"id\"\nseverity", "\"to\" beside the rule \"newest\""),
    ];
    for (from, to, told) in cases {
        let problems = with_rule(from, to).unwrap_err().to_string();
        assert!(problems.contains(told), "{told}: {problems}");
    }
}

#[test]
fn a_growth_names_columns_days_and_all_or_nothing_of_a_finding() {
    let rule = "\n[[column]]\nname = \"grown\"\nformat = \"percent\"\n[[growth]]\ncolumn = \"id\"\ndays = 7\nfills = \
                \"grown\"\nover = 20\nseverity = \"warn\"\nreason = \"gone\"\n";
    let with_rule = |from: &str, to: &str| with(FAMILY, &format!("{ORDERS}{}", rule.replacen(from, to, 1)));
    let pack = with_rule("", "").unwrap();
    let view = pack.view(pack.find("orders").unwrap());
    let growth = &view.growth[0];
    let most = growth.most.as_ref().unwrap();
    assert_eq!((growth.days, most.percent, most.finding.is_crit), (7, 20, false));
    assert!(view.is_judged_by_program() && view.filled().any(|name| name == "grown"));
    let shown_alone = with_rule("over = 20\nseverity = \"warn\"\nreason = \"gone\"\n", "").unwrap();
    assert!(shown_alone.view(shown_alone.find("orders").unwrap()).growth[0].most.is_none());
    let cases = [
        ("\"id\"", "\"idd\"", "unknown column \"idd\""),
        ("fills = \"grown\"", "fills = \"id\"", "\"id\" is remembered and filled"),
        ("days = 7", "days = 0", "0 days"),
        ("days = 7", "days = 32", "32 days"),
        ("\"gone\"", "\"gon\"", "the view describes no reason \"gon\""),
        ("over = 20\n", "", "some of \"over\", \"severity\" and \"reason\""),
        ("severity = \"warn\"\n", "", "some of \"over\", \"severity\" and \"reason\""),
        ("over = 20", "over = -1", "over -1 percent"),
    ];
    for (from, to, told) in cases {
        let problems = with_rule(from, to).unwrap_err().to_string();
        assert!(problems.contains(told), "{told}: {problems}");
    }
}
