//! The server under test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::{binary, process, watchdog};

/// What the server says on stdout, before its address, once it is ready.
const READY: &str = "Kafo listens on ";

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A running `kafo serve`. It is killed when dropped; when that happens
/// because a test fails, what the server had said is shown.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Child>,
    url: String,
    log: Log,
    readers: Vec<JoinHandle<()>>,
}

type Log = Arc<Mutex<String>>;

impl Server {
    /// Starts a server on the database at this address, on a free port, with
    /// further environment variables. Comes back when it listens.
    ///
    /// Unless told otherwise it logs warnings and errors, counts its
    /// statements, and lets everybody ask as much as they like: tests ask more
    /// in a minute than people do.
    pub async fn start(database_url: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = blocking(binary::command).await;
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database"])
            .arg(database_url)
            .current_dir(watchdog::directory())
            .env("KAFO_LOG", "warn")
            .env("KAFO_TEST_STATEMENTS", "1")
            .env("KAFO_COST_PER_MINUTE", "0")
            .env("KAFO_ANONYMOUS_COST_PER_MINUTE", "0")
            .envs(environment.iter().copied());
        blocking(move || Self::spawn(command)).await
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        watchdog::started(child.id());

        let log = Log::default();
        let (ready, address) = mpsc::channel();
        let stdout = child.stdout.take().expect("piped");
        let stderr = child.stderr.take().expect("piped");
        let readers = vec![
            read(stdout, Arc::clone(&log), move |line| {
                if let Some(url) = line.strip_prefix(READY) {
                    // Later lines like it have nobody waiting for them.
                    let _ = ready.send(url.trim().to_owned());
                }
            }),
            read(stderr, Arc::clone(&log), |_| {}),
        ];
        let mut server = Self { child: Mutex::new(child), url: String::new(), log, readers };
        match address.recv_timeout(START_LIMIT) {
            Ok(url) => server.url = url,
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "`kafo serve` does not listen after {} s; it said:\n{}",
                    START_LIMIT.as_secs(),
                    std::mem::take(&mut *lock(&server.log))
                )
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = process::wait(&mut lock(&server.child), STOP_LIMIT);
                server.drain();
                panic!(
                    "`kafo serve` ended before it listened ({}); it said:\n{}",
                    status.map_or("still running".to_owned(), |status| status.to_string()),
                    std::mem::take(&mut *lock(&server.log))
                )
            }
        }
        server
    }

    /// Where the server is: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        lock(&self.child).id()
    }

    /// Stops it, and gives all that it has said, on stdout and on stderr.
    /// There is no log of a running server: what it says while it answers a
    /// request may come after the answer.
    pub async fn log_when_stopped(&self) -> String {
        let status = self.stop_gracefully().await;
        assert!(status.success(), "the server ended with {status}");
        assert!(self.readers.iter().all(JoinHandle::is_finished), "what the server said was not all read");
        lock(&self.log).clone()
    }

    /// Sends it SIGTERM, as a service manager does, and waits for its end.
    /// Panics when it takes longer than ten seconds.
    pub async fn stop_gracefully(&self) -> ExitStatus {
        self.signal("TERM");
        let end = Instant::now() + STOP_LIMIT;
        loop {
            let ended = lock(&self.child).try_wait().expect("the state of the server");
            if let Some(status) = ended {
                watchdog::ended(self.process());
                self.drain();
                return status;
            }
            assert!(
                Instant::now() < end,
                "the server did not stop within {} s of SIGTERM",
                STOP_LIMIT.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Sends it a signal, named as `kill` names it: `TERM`, `HUP`, `INT`.
    pub fn signal(&self, name: &str) {
        let mut child = lock(&self.child);
        let ended = child.try_wait().expect("the state of the server");
        assert!(ended.is_none(), "the server had ended: {ended:?}");
        let status = Command::new("sh")
            .args(["-c", "kill -s \"$1\" \"$2\"", "signal", name])
            .arg(child.id().to_string())
            .status()
            .expect("a shell (`sh`)");
        assert!(status.success(), "SIG{name} could not be sent");
    }

    /// Waits until what an ended server said has been read.
    fn drain(&self) {
        let end = Instant::now() + STOP_LIMIT;
        while Instant::now() < end && !self.readers.iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        {
            let mut child = lock(&self.child);
            // Does nothing to one that has been waited for.
            let _ = child.kill();
            watchdog::ended(child.id());
            let _ = child.wait();
        }
        if thread::panicking() {
            self.drain();
            let log = lock(&self.log);
            if !log.is_empty() {
                eprintln!("The server had said:\n{log}");
            }
        }
    }
}

/// Runs something that blocks, and passes on a panic.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn read(
    from: impl Read + Send + 'static,
    log: Log,
    on_line: impl Fn(&str) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while matches!(from.read_until(b'\n', &mut bytes), Ok(1..)) {
            let line = String::from_utf8_lossy(&bytes);
            lock(&log).push_str(&line);
            on_line(&line);
            bytes.clear();
        }
    })
}

/// A lock that does not mind a test which panicked while holding it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
