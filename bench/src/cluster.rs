//! A PostgreSQL cluster of the benchmark's own, in its temporary directory. Debian's defaults, but for what would
//! disturb: nothing is vacuumed while it is measured.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::drive::Failure;

/// Who the servers connect as.
const ROLE: &str = "kafo";

/// A running cluster; it ends with this value.
#[derive(Debug)]
pub struct Cluster {
    server: Child,
    port: u16,
    psql: PathBuf,
    /// What `postgres --version` says.
    pub version: String,
    /// Whether statements can be counted (`pg_stat_statements` is there).
    pub counts: bool,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // "fast": sessions end, nothing is left in shared memory
        let _ = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}

impl Cluster {
    /// Makes a cluster in `home`, which is made too, and starts it.
    ///
    /// # Errors
    /// PostgreSQL is missing or does not start.
    pub fn start(home: &Path, pids: &Path) -> Result<Self, Failure> {
        let programs = programs()?;
        fs::create_dir(home)?;
        let user = unprivileged()?;
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(home, Some(user), Some(group))?;
        }
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(home).stdin(Stdio::null());
            if let Some((user, group)) = user {
                command.gid(group).uid(user);
            }
            command
        };
        let mut initdb = command("initdb");
        initdb.args(["--pgdata=data", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"]);
        run(initdb.arg("--locale=C.UTF-8"))?;
        let version = run(command("postgres").arg("--version"))?;
        let counts = programs.join("../lib/pg_stat_statements.so").is_file();
        let port = free_port()?;
        let log = File::create(home.join("log"))?;
        let mut postgres = command("postgres");
        postgres.args(["-D", "data", "-c", "listen_addresses=127.0.0.1", "-c", &format!("port={port}")]);
        postgres.args(["-c", &format!("unix_socket_directories={}", home.display())]);
        postgres.args(["-c", "autovacuum=off", "-c", "fsync=off", "-c", "timezone=UTC"]);
        if counts {
            postgres.args(["-c", "shared_preload_libraries=pg_stat_statements"]);
            // counting costs: it is switched on for a moment
            postgres.args(["-c", "pg_stat_statements.track_utility=off"]);
        }
        let server = postgres.stdout(log.try_clone()?).stderr(log).process_group(0).spawn()?;
        note(pids, &server)?;
        let psql = programs.join("psql");
        let mut cluster = Self { server, port, psql, version: version.trim().to_owned(), counts };
        cluster.wait(home)?;
        cluster.sql("postgres", &format!("CREATE ROLE {ROLE} LOGIN"))?;
        if counts {
            cluster.sql("postgres", "CREATE EXTENSION pg_stat_statements")?;
            cluster.count(false)?;
        }
        Ok(cluster)
    }

    fn wait(&mut self, home: &Path) -> Result<(), Failure> {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            let lock = fs::read_to_string(home.join("data/postmaster.pid")).unwrap_or_default();
            if lock.lines().nth(7).map(str::trim) == Some("ready") {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(format!("PostgreSQL does not start: {}", fs::read_to_string(home.join("log"))?).into())
    }

    /// Runs a statement as the superuser.
    ///
    /// # Errors
    /// What the database says.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String, Failure> {
        let mut psql = Command::new(&self.psql);
        psql.args([
            "--no-psqlrc",
            "-qAt",
            "--host=127.0.0.1",
            "--username=postgres",
            "-v",
            "ON_ERROR_STOP=1",
        ]);
        run(psql.args([&format!("--port={}", self.port), "-d", database, "-c", statement]))
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// What the database says.
    pub fn create(&self, database: &str) -> Result<String, Failure> {
        self.sql("postgres", &format!("CREATE DATABASE {database} OWNER {ROLE}"))?;
        Ok(format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port))
    }

    /// Whether statements are counted from now on.
    ///
    /// # Errors
    /// What the database says.
    pub fn count(&self, yes: bool) -> Result<(), Failure> {
        let what = if yes { "top" } else { "none" };
        self.sql("postgres", &format!("ALTER SYSTEM SET pg_stat_statements.track = '{what}'"))?;
        self.sql("postgres", "SELECT pg_reload_conf()")?;
        thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    /// How many statements the servers have sent while they were counted.
    ///
    /// # Errors
    /// What the database says.
    pub fn counted(&self) -> Result<f64, Failure> {
        let sum = format!(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE rolname = '{ROLE}'"
        );
        Ok(self.sql("postgres", &sum)?.trim().parse()?)
    }

    /// The process of the server; its sessions are below it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.id()
    }
}

/// Notes a process down, so that the script can end it should this program be killed.
///
/// # Errors
/// The file cannot be written.
pub fn note(pids: &Path, child: &Child) -> Result<(), Failure> {
    use std::io::Write;
    let mut file = File::options().create(true).append(true).open(pids)?;
    Ok(writeln!(file, "{}", child.id())?)
}

/// Runs a command to its end; what it says.
///
/// # Errors
/// It cannot be run, or fails: with what it says.
pub fn run(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}\n{said}", command.get_program().display(), output.status).into())
}

/// A port that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where PostgreSQL's programs are: of the latest version that is installed.
fn programs() -> Result<PathBuf, Failure> {
    let mut installed: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        let version = entry.file_name().to_str().and_then(|n| n.parse().ok());
        installed.extend(version.map(|v| (v, entry.path().join("bin"))));
    }
    installed.sort_unstable_by(|one, other| other.cmp(one));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .filter_map(|d| d.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned));
    let all = installed.into_iter().map(|(_, directory)| directory).chain(on_path);
    let found = all.into_iter().find(|d| d.join("initdb").is_file() && d.join("postgres").is_file());
    found.ok_or_else(|| "initdb and postgres are missing; script/setup installs them".into())
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
fn unprivileged() -> Result<Option<(u32, u32)>, Failure> {
    let id = |arguments: &[&str]| -> Result<u32, Failure> {
        Ok(run(Command::new("id").args(arguments))?.trim().parse()?)
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)))
}
