//! A URL of PostgreSQL, taken apart as libpq does. What is wrong is told without a value: the text around a mistake may be
//! the password.

use std::{borrow::Cow, collections::BTreeMap};

use percent_encoding::percent_decode_str;

use super::{Parameters, keywords};

/// The parameters that a URL gives. Several hosts, and their ports, have commas between them.
///
/// # Errors
/// What is wrong with it.
pub fn parse(url: &str) -> Result<Parameters, String> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or("it must begin with postgres:// or postgresql://")?;
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let (login, places) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (hosts, ports) = places_of(places)?;
    let mut given = BTreeMap::new();
    let pieces =
        [("user", user), ("password", password), ("dbname", database), ("host", &hosts.join(",")), ("port", &ports)];
    for (name, value) in pieces {
        if !value.is_empty() {
            given.insert(name, decoded(name, value)?.into_owned());
        }
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or("a parameter has no value: write name=value")?;
        let keyword = keywords::find(name).ok_or_else(|| format!("it has a parameter that is not known: {name}"))?;
        given.insert(keyword.name, decoded(name, value)?.into_owned());
    }
    Ok(given)
}

/// Hosts, and their ports with commas; no ports where none is given.
fn places_of(places: &str) -> Result<(Vec<&str>, String), String> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for place in places.split(',') {
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or("an address that begins with [ has no ]")?;
                if !port.is_empty() && !port.starts_with(':') {
                    return Err("after the ] of an address comes :port or nothing".into());
                }
                (host, port.trim_start_matches(':'))
            }
            None => place.split_once(':').unwrap_or((place, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) { String::new() } else { ports.join(",") };
    Ok((hosts, ports))
}

fn decoded<'v>(name: &str, value: &'v str) -> Result<Cow<'v, str>, String> {
    let bytes = value.as_bytes();
    let is_code = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    if (0..bytes.len()).any(|at| bytes[at] == b'%' && !is_code(at)) {
        return Err(format!("its {name} has a % that begins no code such as %40; write the % itself as %25"));
    }
    let text = percent_decode_str(value).decode_utf8().map_err(|_| format!("its {name} is no text in UTF-8"))?;
    if text.contains('\0') {
        return Err(format!("its {name} has a %00"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Vec<(&'static str, String)> {
        parse(url).unwrap().into_iter().collect()
    }

    #[test]
    fn every_part_of_a_url_is_a_parameter() {
        let all = parsed("postgresql://al%2Bice:s%40cret%23@[::1]:5444,db2/lab?sslmode=require&host=/run/pg");
        let expected = [
            ("dbname", "lab"),
            ("host", "/run/pg"),
            ("password", "s@cret#"),
            ("port", "5444,"),
            ("sslmode", "require"),
            ("user", "al+ice"),
        ];
        assert_eq!(all, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(parsed("postgres://"), []);
        assert_eq!(parsed("postgres://%2Frun%2Fpg/lab")[1], ("host", "/run/pg".to_owned()));
        assert_eq!(parsed("postgres://al:a@b@h/lab")[2], ("password", "a@b".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_told_without_a_value() {
        for (url, told) in [
            ("mysql://h/lab", "postgres://"),
            ("host=h password=hunter2", "postgres://"),
            ("postgres://al:hunter2%zz@h/lab", "its password has a %"),
            ("postgres://al:hunter2%ff@h/lab", "UTF-8"),
            ("postgres://[::1/lab", "no ]"),
            ("postgres://h/lab?pasword=hunter2", "not known: pasword"),
            ("postgres://h/lab?hunter2", "no value"),
        ] {
            let what = parse(url).unwrap_err();
            assert!(what.contains(told) && !what.contains("hunter2"), "{url}: {what}");
        }
    }
}
