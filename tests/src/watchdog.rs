//! Cleaning up after the test process, however it ends.
//!
//! Rust drops no statics, and a process that is killed drops nothing at all.
//! So a small shell, in a process group of its own, reads from a pipe whose
//! other end only this process holds. At its end, which is the end of this
//! process, the shell ends what was started here and is still running, and
//! removes the temporary directory.

use std::env;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// `$1` is the temporary directory. A process is signalled only as long as it
/// has not been waited for, PostgreSQL only as long as its own lock file in
/// the temporary directory names it: its number cannot have passed to another.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
processes=
postgres=
while read -r what number; do
    case $what in
    started) processes="$processes $number" ;;
    ended)
        others=
        for process in $processes; do
            [ "$process" = "$number" ] || others="$others $process"
        done
        processes=$others
        ;;
    postgres) postgres=$number ;;
    esac
done
for process in $processes; do
    kill -KILL "$process"
done
running() {
    number=
    [ -n "$postgres" ] && read -r number <"$1/postgres/data/postmaster.pid" &&
        [ "$number" = "$postgres" ] && kill -0 "$postgres"
}
for signal in INT QUIT KILL; do
    running "$1" || break
    kill -"$signal" "$postgres"
    pause=0
    while [ $pause -lt 100 ] && running "$1"; do
        sleep 0.1
        pause=$((pause + 1))
    done
done
rm -rf -- "$1"
"#;

struct Watchdog {
    directory: PathBuf,
    shell: Mutex<Child>,
}

/// The temporary directory of this test process.
pub(crate) fn directory() -> &'static Path {
    &watchdog().directory
}

/// A process was started which must not outlive this one.
pub(crate) fn started(process: u32) {
    tell("started", process);
}

/// That process has ended, or is just about to.
pub(crate) fn ended(process: u32) {
    tell("ended", process);
}

/// The PostgreSQL server whose data is in `postgres/data` was started.
pub(crate) fn started_postgres(process: u32) {
    tell("postgres", process);
}

fn tell(what: &str, process: u32) {
    let mut shell = watchdog().shell.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stdin) = &mut shell.stdin {
        // Without a shell tests work as well; they only leave things behind.
        let _ = stdin.write_all(format!("{what} {process}\n").as_bytes());
    }
}

fn watchdog() -> &'static Watchdog {
    static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();
    WATCHDOG.get_or_init(|| {
        let base = env::var_os("KAFO_TEST_DIRECTORY").map_or_else(env::temp_dir, PathBuf::from);
        let directory = tempfile::Builder::new().prefix("kafo-tests-").tempdir_in(base);
        let directory = directory.expect("a temporary directory").keep();
        // PostgreSQL may run as another user, who has to get through.
        fs::set_permissions(&directory, Permissions::from_mode(0o711))
            .expect("the permissions of the temporary directory");
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .process_group(0)
            .spawn()
            .expect("a shell (`sh`)");
        Watchdog { directory, shell: Mutex::new(shell) }
    })
}
