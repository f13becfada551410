//! Running a command to its end.

use std::env;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::watchdog;

/// Long enough for any command a test runs, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Keeps the settings of whoever runs the tests from a command: the variables
/// whose names begin so.
pub(crate) fn forget_environment(command: &mut Command, prefixes: &[&str]) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}

/// Runs a command with some input. Panics when it cannot be started, and when
/// it does not end.
pub(crate) fn run(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    watchdog::started(child.id());
    let mut stdin = child.stdin.take().expect("piped");
    let stdout = child.stdout.take().expect("piped");
    let stderr = child.stderr.take().expect("piped");

    let (status, stdout, stderr) = thread::scope(|scope| {
        // A command may end before it has read all: that is its business.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        let stdout = scope.spawn(|| read(stdout));
        let stderr = scope.spawn(|| read(stderr));
        let status = wait(&mut child, LIMIT);
        if status.is_none() {
            let _ = child.kill();
        }
        watchdog::ended(child.id());
        let _ = child.wait();
        let stdout = stdout.join().expect("the reader of stdout");
        let stderr = stderr.join().expect("the reader of stderr");
        (status, stdout, stderr)
    });
    let status = status.unwrap_or_else(|| {
        panic!(
            "{command:?} did not end within {} s\n{}{}",
            LIMIT.as_secs(),
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        )
    });
    Output { status, stdout, stderr }
}

/// Runs a command which must succeed; gives what it said on stdout, or an
/// account of what went wrong.
pub(crate) fn succeed(command: Command, input: &str) -> Result<String, String> {
    let what = format!("{command:?}");
    let output = run(command, input);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{what}: {}\n{stdout}{stderr}", output.status))
}

/// Waits for a child to end, but not for longer than the limit.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().expect("the state of a child") {
            return Some(status);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn read(mut from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    bytes
}
