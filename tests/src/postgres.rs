//! The private PostgreSQL cluster of a test process.

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::{binary, process, watchdog};

/// The migrated database all others are copies of.
const TEMPLATE: &str = "kafo_template";

/// The role Kafo connects as: one without privileges, as in production.
const ROLE: &str = "kafo";

const SUPERUSER: &str = "postgres";

/// A running cluster. It is never dropped: the watchdog ends it.
pub(crate) struct Postgres {
    port: u16,
    psql: PathBuf,
}

/// The user the cluster runs as, when that is not the one who runs the tests.
struct User {
    user: u32,
    group: u32,
}

/// The cluster of this process, started on first use.
pub(crate) fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Result<Postgres, String>> = OnceLock::new();
    match CLUSTER.get_or_init(Postgres::start) {
        Ok(cluster) => cluster,
        Err(reason) => panic!("PostgreSQL: {reason}"),
    }
}

impl Postgres {
    /// Creates a database which holds nothing.
    pub(crate) fn create_empty(&self, name: &str) {
        self.sql(&format!("CREATE DATABASE {name} OWNER {ROLE}")).unwrap_or_else(|reason| panic!("{reason}"));
    }

    /// Creates a database with Kafo's schema.
    pub(crate) fn create_migrated(&self, name: &str) {
        static MIGRATED: OnceLock<Result<(), String>> = OnceLock::new();
        MIGRATED
            .get_or_init(|| self.migrate_template())
            .as_ref()
            .unwrap_or_else(|reason| panic!("the template database: {reason}"));
        self.sql(&format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {TEMPLATE}"))
            .unwrap_or_else(|reason| panic!("{reason}"));
    }

    /// Creates a copy of a database to which nobody is connected.
    pub(crate) fn create_copy(&self, name: &str, of: &str) {
        self.sql(&format!("CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {of}"))
            .unwrap_or_else(|reason| panic!("{reason}"));
    }

    /// Drops a database, also when something is still connected to it.
    pub(crate) fn drop_database(&self, name: &str) -> Result<(), String> {
        self.sql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    }

    /// The address of a database.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{name}", self.port)
    }

    fn migrate_template(&self) -> Result<(), String> {
        self.sql(&format!("CREATE DATABASE {TEMPLATE} OWNER {ROLE}"))?;
        let mut kafo = binary::command();
        kafo.args(["migrate", "up", "--database", &self.url(TEMPLATE)]);
        process::succeed(kafo, "")?;
        // Nothing can be copied while someone is connected to it.
        self.sql(&format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false"))
    }

    /// Runs a statement as the superuser.
    fn sql(&self, statement: &str) -> Result<(), String> {
        let mut psql = Command::new(&self.psql);
        process::forget_environment(&mut psql, &["PG"]);
        psql.args(["--no-psqlrc", "--quiet", "--host=127.0.0.1"])
            .arg(format!("--port={}", self.port))
            .args(["--username", SUPERUSER, "--dbname=postgres"])
            .args(["--set=ON_ERROR_STOP=1", "--command", statement]);
        process::succeed(psql, "").map(drop)
    }

    fn start() -> Result<Self, String> {
        let programs = programs()?;
        let user = unprivileged_user()?;
        let home = watchdog::directory().join("postgres");
        fs::create_dir(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        if let Some(User { user, group }) = user {
            std::os::unix::fs::chown(&home, Some(user), Some(group))
                .map_err(|error| format!("{}: {error}", home.display()))?;
        }

        let mut initdb = command(&programs.join("initdb"), &home, user.as_ref());
        initdb
            .arg("--pgdata=data")
            .args(["--username", SUPERUSER, "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8"]);
        process::succeed(initdb, "")?;

        let beside = programs.join("psql");
        let psql = if beside.is_file() { beside } else { "psql".into() };
        // Between finding a free port and using it, it may be taken by another.
        let mut failure = String::new();
        for _ in 0..5 {
            let port = free_port()?;
            let mut server = serve(&programs, &home, port, user.as_ref())?;
            match ready(&mut server, &home) {
                Ok(()) => {
                    let cluster = Self { port, psql };
                    cluster.sql(&format!("CREATE ROLE {ROLE} LOGIN"))?;
                    return Ok(cluster);
                }
                Err(reason) => {
                    let _ = server.kill();
                    let _ = server.wait();
                    let log = fs::read_to_string(home.join("log")).unwrap_or_default();
                    failure = format!("the server does not start: {reason}\n{log}");
                }
            }
        }
        Err(failure)
    }
}

/// Waits until this very server, and not another on the same port, says in its
/// lock file that it is ready.
fn ready(server: &mut Child, home: &Path) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs(60);
    let process = server.id().to_string();
    while Instant::now() < end {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(status.to_string());
        }
        let lock = fs::read_to_string(home.join("data/postmaster.pid")).unwrap_or_default();
        let mut lines = lock.lines();
        if lines.next() == Some(&process) && lines.nth(6).map(str::trim) == Some("ready") {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err("it is not ready after a minute".to_owned())
}

fn serve(programs: &Path, home: &Path, port: u16, user: Option<&User>) -> Result<Child, String> {
    let log = File::create(home.join("log")).map_err(|error| format!("its log: {error}"))?;
    let errors = log.try_clone().map_err(|error| format!("its log: {error}"))?;
    let mut postgres = command(&programs.join("postgres"), home, user);
    postgres
        .args(["-D", "data"])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", &format!("port={port}")])
        .args(["-c", &format!("unix_socket_directories={}", home.display())])
        .args(["-c", "max_connections=300"])
        .args(["-c", "timezone=UTC"])
        // Nothing here has to survive a crash.
        .args(["-c", "fsync=off"])
        .args(["-c", "synchronous_commit=off"])
        .args(["-c", "full_page_writes=off"])
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        // Ctrl-C is for the tests; this one is ended by the watchdog.
        .process_group(0);
    let server = postgres.spawn().map_err(|error| format!("{postgres:?}: {error}"))?;
    watchdog::started_postgres(server.id());
    Ok(server)
}

fn command(program: &Path, home: &Path, user: Option<&User>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(home);
    process::forget_environment(&mut command, &["PG"]);
    if let Some(User { user, group }) = user {
        command.gid(*group).uid(*user);
    }
    command
}

/// The directory of PostgreSQL's programs.
fn programs() -> Result<PathBuf, String> {
    let on_path = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        // A link says where the programs which are not linked are.
        .filter_map(|directory| directory.join("initdb").canonicalize().ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_owned));
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    installed.sort_unstable_by(|one, other| other.cmp(one));
    on_path
        .chain(installed.into_iter().map(|(_, directory)| directory))
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        .ok_or_else(|| {
            "its programs `initdb` and `postgres` are neither on PATH nor in \
             /usr/lib/postgresql/*/bin; `script/setup` installs them"
                .to_owned()
        })
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
fn unprivileged_user() -> Result<Option<User>, String> {
    let id = |arguments: &[&str]| -> Result<u32, String> {
        let mut id = Command::new("id");
        id.args(arguments);
        let answer = process::succeed(id, "")?;
        answer.trim().parse().map_err(|error| format!("`id` says {answer:?}: {error}"))
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    let of_postgres = |which| {
        id(&[which, "postgres"]).map_err(|reason| {
            format!(
                "it refuses to run as root, and there is no user `postgres` it could run as; \
                 run the tests as another user, or see `script/setup`\n{reason}"
            )
        })
    };
    Ok(Some(User { user: of_postgres("-u")?, group: of_postgres("-g")? }))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("a free port: {error}"))
}
