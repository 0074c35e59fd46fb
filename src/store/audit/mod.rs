//! The record of what was done: a line of JSON before each batch of a write and one after it, in
//! `$XDG_STATE_HOME/opsdash/audit.jsonl`, and in brief to syslog where there is one.

pub mod actions;
mod backwards;
pub mod history;
mod process;
mod unknown_writes;

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::{
        fs::{OpenOptionsExt, PermissionsExt},
        net::UnixDatagram,
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use nix::fcntl::OFlag;
use opsdash_core::{
    action::{Outcome, TextRow, before_and_after},
    model::UNDO_MS,
    scope::ScopeChoice,
    text,
};
use serde_json::{Map, Value as Json, json};

pub use unknown_writes::unsettled;

/// The file's name in the state folder.
pub const FILE: &str = "audit.jsonl";

/// Where syslog listens.
const SYSLOG: &str = "/dev/log";

/// Facility `authpriv`, severity `notice`.
const PRIORITY: u8 = 10 * 8 + 5;

/// Cells of a line to syslog: some cut what is longer than a packet.
const BRIEF: usize = 900;

/// How long a line waits for the lock of the record.
const LOCK: Duration = Duration::from_secs(2);

/// Pause between two looks at it.
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// Version of the lines.
const SCHEMA: u32 = 1;

/// Where lines go.
#[derive(Debug, Clone)]
pub struct Audit {
    path: PathBuf,
    syslog: PathBuf,
}

/// What does not change from line to line of one action.
#[derive(Debug, Clone)]
pub struct AuditSubject {
    /// The login.
    pub operator: String,
    /// The name that the config gives this operator; `None` when it gives none.
    pub label: Option<String>,
    /// The target's name.
    pub target: String,
    /// The system's name.
    pub system: String,
    /// The view's id.
    pub view: String,
    /// The action's id; of an undo, `undo of <id>`.
    pub action: String,
    /// What the action is called.
    pub title: String,
    /// Whose rows they are; `None` where the view is not asked within a scope.
    pub scope: Option<ScopeChoice>,
    /// Whether what is written can be taken back, for some time.
    pub can_undo: bool,
}

/// A batch that is about to be written: its outcome goes under the same id.
#[derive(Debug, Clone)]
pub struct Intent {
    id: String,
    head: Map<String, Json>,
    can_undo: bool,
    /// What its rows are called, by key.
    names: BTreeMap<String, String>,
}

/// A row that is about to be written.
#[derive(Debug, Clone)]
pub struct NamedRow {
    /// What the box that asked called it; empty where it had no name.
    pub name: String,
    /// As it was seen.
    pub seen: TextRow,
}

impl Audit {
    /// In this state folder.
    #[must_use]
    pub fn of(state_dir: &Path) -> Self {
        Self { path: state_dir.join(FILE), syslog: SYSLOG.into() }
    }

    /// In this folder and nowhere else: what a test writes is no news to the machine's log.
    #[must_use]
    pub fn of_tests(state_dir: &Path) -> Self {
        Self { path: state_dir.join(FILE), syslog: PathBuf::new() }
    }

    /// Records what is about to be written.
    ///
    /// # Errors
    /// When it is not safely on the disk; then nothing may be written to the database.
    pub fn intend(
        &self,
        subject: &AuditSubject,
        asked: &BTreeMap<String, String>,
        batch: &[NamedRow],
        place: (usize, usize),
    ) -> io::Result<Intent> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let (now, count) = (Timestamp::now(), COUNT.fetch_add(1, Ordering::Relaxed));
        let id = format!("{}-{}-{count}", now.as_microsecond(), std::process::id());
        let seen = |row: &NamedRow| -> Json {
            let columns = row.seen.columns().map(|(name, text)| (name.to_owned(), Json::from(text)));
            let columns = columns.collect::<Map<_, _>>();
            json!({"key": row.seen.key(), "name": row.name, "row": row.seen.row(), "seen": columns})
        };
        let names = batch.iter().map(|row| (row.seen.key().to_owned(), row.name.clone())).collect();
        let head = json!({
            "schema": SCHEMA,
            "id": id,
            "operator": subject.operator,
            "label": subject.label,
            "target": subject.target,
            "system": subject.system,
            "view": subject.view,
            "action": subject.action,
            "title": subject.title,
            "scope": subject.scope.as_ref().map(|scope| json!({"id": scope.id(), "label": scope.label()})),
            "batch": place.0,
            "of": place.1,
        });
        let Json::Object(head) = head else { unreachable!("json! of braces is an object") };
        let intent = Intent { id, head, can_undo: subject.can_undo, names };
        let rest = json!({
            "process": process::own(Path::new(process::PROC)),
            "asked": asked,
            "rows": batch.iter().map(seen).collect::<Vec<_>>(),
        });
        self.append(&intent.line("intent", now, &rest))?;
        self.write_syslog(&intent, "intent", batch.first().map(|row| &row.seen), batch.len());
        Ok(intent)
    }

    /// Records what came of it.
    ///
    /// # Errors
    /// When it is not safely on the disk. What was written to the database stays what it is.
    pub fn conclude(&self, intent: &Intent, outcome: &Outcome) -> io::Result<()> {
        let name = |key: &str| intent.names.get(key).map_or("", String::as_str);
        let written = |record: &TextRow| {
            let (before, after) = before_and_after(record);
            json!({"key": record.key(), "name": name(record.key()), "before": before, "after": after})
        };
        let rows: Vec<Json> = match outcome {
            Outcome::Done(rows) | Outcome::Unknown { rows, .. } => rows.iter().map(written).collect(),
            Outcome::Changed(rows) => {
                rows.iter().map(|row| json!({"key": row.key, "name": name(&row.key), "why": row.why})).collect()
            }
            Outcome::Refused(_) | Outcome::Failed(_) => Vec::new(),
        };
        let error = Some(outcome.said()).filter(|said| !said.is_empty());
        let now = Timestamp::now();
        let mut rest = json!({"outcome": outcome.word(), "rows": rows, "error": error});
        if intent.can_undo && matches!(outcome, Outcome::Done(_)) {
            rest["undo_until"] = (now + Duration::from_millis(UNDO_MS)).to_string().into();
        }
        let first = match outcome {
            Outcome::Done(rows) | Outcome::Unknown { rows, .. } => rows.first(),
            _ => None,
        };
        self.write_syslog(intent, outcome.word(), first, rows.len());
        self.append(&intent.line("outcome", now, &rest))
    }

    /// One line at the end of the file, whole and on the disk, or not at all.
    fn append(&self, line: &str) -> io::Result<()> {
        let is_new = !self.path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&self.path)?;
        lock(&file)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        let length = file.seek(SeekFrom::End(0))?;
        // After half a line, which a crash or a full disk left, this one begins on its own.
        let whole = if ends_a_line(&mut file, length)? { line.to_owned() } else { format!("\n{line}") };
        let written = file.write_all(whole.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            // Half a line would hide the next one; when it cannot be cut off either, the reader passes over it.
            let _cut = file.set_len(length);
        } else if is_new && let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        written
    }

    /// Never waits and never fails: where nobody listens, the file is what there is.
    fn write_syslog(&self, intent: &Intent, what: &str, first: Option<&TextRow>, rows: usize) {
        let head = |name: &str| intent.head.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let key = first.map(|record| format!(" first={:?}", record.key())).unwrap_or_default();
        let brief = format!(
            "audit {what} id={} operator={:?} target={:?} action={}.{} rows={rows}{key}",
            intent.id,
            head("operator"),
            head("target"),
            head("view"),
            head("action"),
        );
        let line =
            format!("<{PRIORITY}>opsdash[{}]: {}", std::process::id(), text::cut(&text::inert(&brief), BRIEF, "…"));
        let sent = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to(line.as_bytes(), &self.syslog)
        });
        drop(sent);
    }
}

/// Locks the record, once whoever writes to it is done. Nobody needs it for long: who does is named.
fn lock(file: &File) -> io::Result<()> {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if started.elapsed() >= LOCK => {
                let holder =
                    process::holder_of(file).map_or("another program".to_owned(), |pid| format!("process {pid}"));
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, format!("the record is locked by {holder}")));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY),
        }
    }
}

/// Whether what is in the file ends with a line break, or nothing is.
fn ends_a_line(file: &mut File, length: u64) -> io::Result<bool> {
    // What is no file of lines has no end to look at.
    if length == 0 || !file.metadata()?.is_file() {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

impl Intent {
    fn line(&self, phase: &str, at: Timestamp, rest: &Json) -> String {
        let mut line = Map::new();
        line.insert("at".into(), at.to_string().into());
        line.insert("phase".into(), phase.into());
        line.extend(self.head.clone());
        line.extend(rest.as_object().cloned().unwrap_or_default());
        format!("{}\n", Json::Object(line))
    }
}

/// The file as it is read again.
#[derive(Debug, Default)]
pub struct AuditLog {
    /// Lines in their order.
    pub lines: Vec<Json>,
    /// Lines that are none of ours.
    pub broken: usize,
}

/// Reads the record of this state folder; nothing when there is none yet.
///
/// # Errors
/// When it cannot be read.
pub fn read(state_dir: &Path) -> io::Result<AuditLog> {
    let mut log = AuditLog::default();
    each_line(state_dir, u64::MAX, |line| match serde_json::from_str::<Json>(line) {
        Ok(line) if line["id"].is_string() && line["at"].is_string() => log.lines.push(line),
        _ => log.broken += 1,
    })?;
    Ok(log)
}

/// Hands over the lines that begin within the last `most` bytes, one at a time.
fn each_line(state_dir: &Path, most: u64, mut hand_over: impl FnMut(&str)) -> io::Result<()> {
    let mut file = match File::open(state_dir.join(FILE)) {
        Ok(file) => file,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(why) => return Err(why),
    };
    let skipped = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(skipped.saturating_sub(1)))?;
    let mut file = BufReader::new(file);
    if skipped > 0 {
        // The first line may have begun before.
        file.skip_until(b'\n')?;
    }
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.is_empty() {
            hand_over(text);
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn subject() -> AuditSubject {
        let text = str::to_owned;
        AuditSubject {
            operator: text("alice"),
            label: None,
            target: text("prod"),
            system: text("shop"),
            view: text("orders"),
            action: text("pay"),
            title: text("Pay"),
            scope: None,
            can_undo: true,
        }
    }

    pub fn record(key: &str) -> TextRow {
        TextRow(vec![("key".into(), Some(key.into())), ("state".into(), None)])
    }

    pub fn intend(audit: &Audit) -> io::Result<Intent> {
        audit.intend(&subject(), &[].into(), &[named("1")], (1, 1))
    }

    fn named(key: &str) -> NamedRow {
        NamedRow { name: format!("order {key}"), seen: record(key) }
    }

    #[test]
    fn an_intent_and_its_outcome_are_private_lines_of_one_id() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::of(dir.path());
        let intent = intend(&audit).unwrap();
        audit.conclude(&intent, &Outcome::Done(vec![record("1")])).unwrap();
        let log = read(dir.path()).unwrap();
        assert_eq!((log.lines.len(), log.broken), (2, 0));
        assert_eq!(log.lines[0]["id"], log.lines[1]["id"]);
        assert_eq!((&log.lines[0]["phase"], &log.lines[1]["outcome"]), (&json!("intent"), &json!("done")));
        assert_eq!(log.lines[0]["rows"][0]["seen"], json!({"state": null}));
        assert!(log.lines.iter().all(|line| line["rows"][0]["name"] == "order 1" && line["title"] == "Pay"));
        assert!(log.lines[1]["undo_until"].as_str() > log.lines[1]["at"].as_str(), "{}", log.lines[1]);
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_full_disk_is_an_error_and_a_link_is_not_followed() {
        let full = Audit { path: "/dev/full".into(), syslog: SYSLOG.into() };
        // On some machines the device is root's alone.
        let kind = intend(&full).unwrap_err().kind();
        assert!(matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::PermissionDenied), "{kind}");
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/null", dir.path().join(FILE)).unwrap();
        assert!(intend(&Audit::of(dir.path())).is_err());
    }

    #[test]
    fn writers_at_the_same_time_leave_whole_lines() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| drop(intend(&Audit::of(dir.path())).unwrap())));
            }
        });
        let log = read(dir.path()).unwrap();
        assert_eq!((log.lines.len(), log.broken), (40, 0));
    }

    #[test]
    fn whoever_holds_the_record_is_named_and_not_waited_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::of(dir.path());
        intend(&audit).unwrap();
        let holder = File::open(dir.path().join(FILE)).unwrap();
        holder.lock().unwrap();
        let error = intend(&audit).unwrap_err().to_string();
        assert_eq!(error, format!("the record is locked by process {}", std::process::id()));
        drop(holder);
        intend(&audit).unwrap();
        assert_eq!(read(dir.path()).unwrap().lines.len(), 2);
    }

    #[test]
    fn a_record_never_glues_to_half_a_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{\"id\": \"1\", \"at\": \"x\"}\n{\"id\": \"2").unwrap();
        let audit = Audit::of(dir.path());
        let intent = intend(&audit).unwrap();
        audit.conclude(&intent, &Outcome::Done(vec![record("1")])).unwrap();
        let log = read(dir.path()).unwrap();
        assert_eq!((log.lines.len(), log.broken), (3, 1));
        assert_eq!(log.lines[1]["id"], log.lines[2]["id"]);
    }

    #[test]
    fn half_a_line_is_passed_over_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{\"id\": \"1\", \"at\": \"x\"}\n{\"id\": \n").unwrap();
        let log = read(dir.path()).unwrap();
        assert_eq!((log.lines.len(), log.broken), (1, 1));
        assert_eq!(read(&dir.path().join("none")).unwrap().lines.len(), 0);
    }

    #[test]
    fn syslog_hears_of_it_in_brief_and_inert() {
        let dir = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(dir.path().join("log")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let audit = Audit { path: dir.path().join(FILE), syslog: dir.path().join("log") };
        let hostile = AuditSubject { operator: "eve\u{1b}\u{202e}\n".into(), ..subject() };
        let asked = [("note".to_owned(), "private".to_owned())].into();
        audit.intend(&hostile, &asked, &[named("1")], (1, 1)).unwrap();
        let mut bytes = [0; 2048];
        let length = socket.recv(&mut bytes).unwrap();
        let line = std::str::from_utf8(&bytes[..length]).unwrap();
        assert!(line.starts_with("<85>opsdash[") && line.contains("action=orders.pay rows=1 first=\"1\""), "{line}");
        assert!(line.chars().all(text::is_inert) && !line.contains('\n') && !line.contains("private"), "{line}");
    }
}
