//! The server of the tests held against a client that is not ours: what both agree on is TDS, not our reading of it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use opsdash_testbed::{
    install::Tool,
    tds::{Cell, Request, Step, TODAY, TdsServer, Type},
};

#[tokio::test(flavor = "multi_thread")]
async fn freetds_reads_what_the_server_says_and_is_heard() {
    let noon = 12 * 3_600 * 10_000_000;
    let server = TdsServer::start(move |request| match request {
        Request::Batch(text) if text.contains("FROM jobs") => {
            let columns = vec![
                ("id", Type::BigInt),
                ("name", Type::NVarChar),
                ("note", Type::NVarCharMax),
                ("cost", Type::Decimal(2)),
                ("open", Type::Bit),
                ("key", Type::Guid),
                ("at", Type::DateTime2),
                ("score", Type::Float),
                ("none", Type::NVarChar),
            ];
            let row = vec![
                7.into(),
                "J\u{e9}r\u{f4}me".into(),
                "a long text".into(),
                (-1_250).into(),
                1.into(),
                Cell::Bytes((0..16).collect()),
                Cell::Time(TODAY, noon, 0),
                Cell::Float(0.5),
                Cell::Null,
            ];
            Some(Step::result(columns, vec![row]))
        }
        Request::Batch(text) if text.contains("trouble") => {
            Some(vec![Step::Error(208, 16, 1, "Invalid object name 'trouble'.")])
        }
        _ => None,
    })
    .await
    .unwrap();
    let port = server.port();
    let output = tokio::task::spawn_blocking(move || tsql(port)).await.unwrap();
    for said in
        ["7\t", "J\u{e9}r\u{f4}me", "a long text", "-12.50", "00010203-0405-0607-0809-0A0B0C0D0E0F", "0.5", "NULL"]
    {
        assert!(output.contains(said), "{said} is not in:\n{output}");
    }
    assert!(output.contains("2026") && output.contains("Msg 208") && output.contains("(1 row affected)"), "{output}");
    let asked = server.asked();
    let Request::Login(login) = &asked[0] else { panic!("{asked:?}") };
    assert_eq!((login.user.as_str(), login.password.as_str()), ("reader", "p\u{e9}w"));
    assert!(asked.contains(&Request::Batch("SELECT * FROM jobs\n".into())), "{asked:?}");
}

fn tsql(port: u16) -> String {
    let program = Tool::FreeTds.require().unwrap();
    let mut client = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string(), "-U", "reader", "-P", "p\u{e9}w"])
        .env("TDSVER", "7.4")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = "SELECT * FROM jobs\ngo\nSELECT * FROM trouble\ngo\nexit\n";
    client.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
