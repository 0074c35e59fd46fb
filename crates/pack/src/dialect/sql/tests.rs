use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Sql {
    Sql::parse("a.sql", text).unwrap().0
}

fn refused(text: &str) -> String {
    let error = Sql::parse("a.sql", text).unwrap_err();
    format!("{} at {:?}", error.what, &text[error.offset..])
}

fn names(text: &str) -> Vec<String> {
    parse(text).params.into_iter().map(|param| param.name).collect()
}

#[test]
fn parameters_are_numbered_in_the_order_of_their_first_use() {
    let (sql, offsets) = Sql::parse("a.sql", "SELECT :b, :a, :b::int").unwrap();
    assert_eq!(sql.text, "SELECT $1, $2, $1::int");
    assert_eq!(sql.params, [Param::new("b"), Param::new("a")]);
    assert_eq!(offsets, [7, 11]);
}

#[test]
fn keys_are_a_list_and_nothing_else_is() {
    assert!(parse("SELECT 1 WHERE id = ANY (:keys::uuid[])").params[0].is_list);
    assert!(!parse("SELECT :key").params[0].is_list);
}

#[test]
fn a_statement_is_written_for_psql_as_it_was_read() {
    let text = "-- What it is\nSELECT :level::text, '$1', :b, :level -- and :c\nFROM x /* $2 */ WHERE $$ $1 $$ = 'a'";
    assert_eq!(parse(&format!("{text};\n-- the end\n")).for_psql(), format!("{text};\n"));
}

#[test]
fn a_closing_comment_cannot_swallow_what_wraps_the_statement() {
    assert_eq!(parse("SELECT 1 -- one").text, "SELECT 1");
    assert_eq!(parse("SELECT 1 /* one */ ; /* two */").text, "SELECT 1");
}

#[test]
fn what_only_looks_like_a_parameter_is_none() {
    for text in [
        "SELECT ':a'",
        "SELECT 'it''s :a'",
        r"SELECT E'it\'s :a'",
        r"SELECT e'\\' ':a'",
        "SELECT E'a'':a'",
        "SELECT \"x:a\"",
        "SELECT $$ :a ' $$",
        "SELECT $tag$ :a $$ $tag$",
        "SELECT 1 -- :a",
        "SELECT 1 /* :a /* :b */ :c */",
        "SELECT a::b",
        "SELECT f(a := 1, b=>2)",
        "SELECT a[1:2]",
        "SELECT a[lo:hi]",
        "SELECT a[f(1):hi], a[b[1]:hi]",
        "SELECT a$b FROM c",
        "SELECT U&'\\0041:a', B'01', x'ff'",
        "SELECT 1e'x:a'",
    ] {
        assert_eq!(names(text), [""; 0], "{text}");
        assert_eq!(parse(text).text, text.split(" --").next().unwrap().replace(" /* :a /* :b */ :c */", ""));
    }
}

#[test]
fn what_is_a_parameter_is_found_wherever_it_stands() {
    for text in [
        "SELECT :a",
        "SELECT (:a)",
        "SELECT 1+:a",
        "SELECT ARRAY[:a, 1]",
        "SELECT ARRAY[CASE WHEN :a THEN 1 END]",
        "SELECT x[1: :a]",
        "SELECT 'x':a",
        "SELECT r'\\' || :a",
        "SELECT :a::text",
        "SELECT é:a",
    ] {
        assert_eq!(names(text), ["a"], "{text}");
    }
}

#[test]
fn what_is_no_single_read_is_refused() {
    let all = [
        "",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT 1;;",
        "UPDATE a SET b = 1",
        "COMMIT",
        "SELECT $1",
        "SELECT 'a",
        "SELECT E'a\\'",
        "SELECT \"a",
        "SELECT $x$ a $y$",
        "SELECT 1 /* /* */",
        "\\gset\nSELECT 1",
        "SELECT 1 \\set a b",
        "\\set a b\nSELECT :a",
        "SELECT :'a'",
        "SELECT :{?a}",
    ];
    let told: Vec<String> = all.iter().map(|text| format!("{text:?}: {}", refused(text))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Pieces whose text stays as it is, and the names of parameters.
fn pieces() -> impl Strategy<Value = Vec<Result<String, String>>> {
    let kept = prop_oneof![
        "[a-zé_]{1,6}".prop_map(|text| format!("{text} ")),
        "[ -&(-~]{0,8}".prop_map(|text| format!("'{text}'")),
        "[ -!#-~]{0,8}".prop_map(|text| format!("\"{text}\"")),
        "[ -#%-~]{0,8}".prop_map(|text| format!("$q${text}$q$")),
        "[ -~]{0,8}".prop_map(|text| format!("--{text}\n")),
        "[a-z :']{0,8}".prop_map(|text| format!("/*{text}*/")),
        Just("::text".to_owned()),
        Just("[1:2]".to_owned()),
    ];
    let piece = prop_oneof![kept.prop_map(Ok), "[a-c]".prop_map(Err)];
    prop::collection::vec(piece, 0..12)
}

proptest! {
    #[test]
    fn any_text_is_scanned_without_a_panic(text in ".*") {
        let _ = Sql::parse("a.sql", &text);
    }

    #[test]
    fn any_text_of_sql_signs_is_scanned_without_a_panic(text in r#"SELECT [$'":\\a;E/*\[\]{}(a=>),\n -]{0,30}"#) {
        let _ = Sql::parse("a.sql", &text);
    }

    #[test]
    fn text_outside_parameters_stays_as_it_is(pieces in pieces()) {
        let mut text = "SELECT ".to_owned();
        let mut expected = text.clone();
        let mut names: Vec<String> = Vec::new();
        for piece in pieces {
            match piece {
                Ok(kept) => {
                    text += &(kept.clone() + " ");
                    expected += &(kept + " ");
                }
                Err(name) => {
                    text += &[":", &name, " "].concat();
                    if !names.contains(&name) {
                        names.push(name.clone());
                    }
                    let n = names.iter().position(|known| *known == name).unwrap() + 1;
                    expected += &["$", &n.to_string(), " "].concat();
                }
            }
        }
        text.push_str("END;");
        expected.push_str("END");
        let sql = parse(&text);
        prop_assert_eq!(sql.text, expected);
        prop_assert_eq!(sql.params.into_iter().map(|param| param.name).collect::<Vec<_>>(), names);
    }
}

#[test]
fn names_are_replaced_and_nothing_else() {
    let rename = |name: &str| match name {
        "userId" => Some("user_id".to_owned()),
        "state_enum" => Some("States".to_owned()),
        _ => None,
    };
    let text = "-- \"userId\"\nSELECT {{userid(state_enum => t.\"userId\", b => userId)}}, t.\"userId\" AS user_id, '\"userId\"', $$\"userId\"$$, :userId::text,\n  \
                userId, 'a'::STATE_ENUM /* state_enum */ FROM \"T\" AS t;\n";
    let expected = "-- \"userId\"\nSELECT {{userid(state_enum => t.\"user_id\", b => userId)}}, t.\"user_id\" AS user_id, '\"userId\"', $$\"userId\"$$, :userId::text,\n  \
                    userId, 'a'::\"States\" /* state_enum */ FROM \"T\" AS t;\n";
    assert_eq!(Sql::rename(text, rename).as_deref(), Some(expected));
    assert_eq!(Sql::rename("SELECT 'open", rename), None);
}
