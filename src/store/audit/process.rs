//! Which process wrote a line, and whether it still runs.
//!
//! A pid and an age would not do: a write may wait for an hour at a lock, and in a container every run has the same pid.
//! The boot's id and the start of the process are two small files, so no crate reads `/proc` for us.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
};

use jiff::Timestamp;

/// Where processes are looked up.
pub const PROC: &str = "/proc";

/// Where processes cannot be looked up, a write that began longer ago than this is over, in seconds.
const LONGEST_S: i64 = 24 * 3_600;

/// This process as `boot-pid-start`: a pid alone comes again, in a container with every run. `None` where `/proc` does not
/// tell.
pub fn own(proc: &Path) -> Option<String> {
    process(proc, "self")
}

/// Whether the process that said to be `wrote` still runs; lines of earlier versions do not say it, and are of runs that
/// have ended. `at` is when it wrote.
pub fn is_running(proc: &Path, wrote: Option<&str>, at: &str) -> bool {
    if own(proc).is_none() {
        let at = at.parse::<Timestamp>();
        return at.is_ok_and(|at| Timestamp::now().as_second() - at.as_second() <= LONGEST_S);
    }
    wrote.is_some_and(|wrote| {
        let pid = wrote.split('-').nth(1).filter(|pid| pid.parse::<u32>().is_ok());
        pid.and_then(|pid| process(proc, pid)).is_some_and(|runs| runs == wrote)
    })
}

/// The process of this pid, or `self`; `None` where there is none, or only what its parent has not taken note of.
fn process(proc: &Path, pid: &str) -> Option<String> {
    let stat = fs::read(proc.join(pid).join("stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The name stands in parentheses, and may hold spaces and parentheses itself.
    let (head, rest) = stat.rsplit_once(')')?;
    let pid = head.split(' ').next()?;
    let rest: Vec<&str> = rest.split_whitespace().collect();
    // Fields 3 and 22 of proc_pid_stat(5).
    let (state, since) = (rest.first()?, rest.get(19)?);
    if ["Z", "X"].contains(state) {
        return None;
    }
    let boot = fs::read_to_string(proc.join("sys/kernel/random/boot_id")).unwrap_or_default();
    Some(format!("{}-{pid}-{since}", boot.split('-').next().unwrap_or_default().trim()))
}

/// The process that has locked the file, as Linux tells; `None` where nobody does, or where that is not told.
pub fn holder_of(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let locks = fs::read_to_string(Path::new(PROC).join("locks")).ok()?;
    // `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`; who waits has an arrow after the number.
    let holds = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, pid, place, ..] = fields.as_slice() else { return None };
        place.ends_with(&inode).then(|| pid.parse().ok()).flatten()
    };
    locks.lines().find_map(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> String {
        Timestamp::now().to_string()
    }

    /// A `/proc` in which the one who asks and its pid may differ in their state alone.
    fn proc(boot: &str, pid: u32, since: u64, state: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let random = dir.path().join("sys/kernel/random");
        fs::create_dir_all(&random).unwrap();
        fs::write(random.join("boot_id"), format!("{boot}-1042-42d0-b009-ca9fa9d298dd\n")).unwrap();
        let fields = (4..22).map(|_| "0").collect::<Vec<_>>().join(" ");
        for (name, state) in [("self", "R"), (&pid.to_string(), state)] {
            fs::create_dir(dir.path().join(name)).unwrap();
            let text = format!("{pid} (a ) b) {state} {fields} {since} 9 9\n");
            fs::write(dir.path().join(name).join("stat"), text).unwrap();
        }
        dir
    }

    #[test]
    fn this_process_runs_and_another_of_its_number_does_not() {
        let own = own(Path::new(PROC)).unwrap();
        assert_eq!(own.split('-').nth(1).unwrap(), std::process::id().to_string());
        assert!(is_running(Path::new(PROC), Some(&own), &now()));
        assert!(!is_running(Path::new(PROC), Some(&format!("{own}1")), &now()));
    }

    #[test]
    fn a_number_that_came_again_in_a_later_start_or_after_a_reboot_is_another_process() {
        let wrote = own(proc("7edc9573", 7, 847, "S").path()).unwrap();
        assert_eq!(wrote, "7edc9573-7-847");
        let runs = |boot, pid, since, state| is_running(proc(boot, pid, since, state).path(), Some(&wrote), &now());
        assert!(runs("7edc9573", 7, 847, "S"));
        assert!(!runs("7edc9573", 7, 848, "S"), "another run in the same container");
        assert!(!runs("0bad0bad", 7, 847, "S"), "another boot");
        assert!(!runs("7edc9573", 8, 847, "S"), "nobody has that number");
        assert!(!runs("7edc9573", 7, 847, "Z"), "it has ended, and nobody took note");
    }

    #[test]
    fn a_line_that_names_no_process_is_of_a_run_that_has_ended() {
        let proc = proc("7edc9573", 7, 847, "S");
        for wrote in [None, Some(""), Some("7"), Some("a-self-847"), Some("a-../7-847")] {
            assert!(!is_running(proc.path(), wrote, &now()), "{wrote:?}");
        }
    }

    #[test]
    fn where_processes_cannot_be_looked_up_a_write_is_over_after_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let ago = |seconds| (Timestamp::now() - jiff::SignedDuration::from_secs(seconds)).to_string();
        assert_eq!(own(dir.path()), None);
        assert!(is_running(dir.path(), None, &ago(LONGEST_S - 60)));
        assert!(!is_running(dir.path(), None, &ago(LONGEST_S + 60)));
        assert!(!is_running(dir.path(), None, "some time"));
    }
}
