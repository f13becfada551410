//! A database of a test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::{Database, binary, postgres, process, watchdog};

/// One database, made for one test and gone with it.
#[derive(Debug)]
pub struct Storage {
    kind: Database,
    name: String,
    url: String,
    directory: PathBuf,
}

impl Storage {
    /// A fresh database with Kafo's schema, and nothing else.
    ///
    /// It is a copy of one which `kafo migrate up` made, once per process.
    pub fn migrated(kind: Database) -> Self {
        let storage = Self::named(kind);
        match kind {
            Database::Sqlite => copy(sqlite_template(), &storage.directory),
            Database::Postgres => postgres::cluster().create_migrated(&storage.name),
        }
        storage
    }

    /// A fresh database which holds nothing: no file yet on SQLite.
    pub fn empty(kind: Database) -> Self {
        let storage = Self::named(kind);
        if kind == Database::Postgres {
            postgres::cluster().create_empty(&storage.name);
        }
        storage
    }

    /// A copy of this database as it stands, as a backup is. Nobody may be
    /// connected to it: stop its servers first.
    #[must_use]
    pub fn copy(&self) -> Self {
        let storage = Self::named(self.kind);
        match self.kind {
            Database::Sqlite => copy(&self.directory, &storage.directory),
            Database::Postgres => postgres::cluster().create_copy(&storage.name, &self.name),
        }
        storage
    }

    fn named(kind: Database) -> Self {
        let name = format!("kafo_{}", Uuid::new_v4().simple());
        let directory = watchdog::directory().join(&name);
        fs::create_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        let url = match kind {
            Database::Sqlite => sqlite_url(&directory),
            Database::Postgres => postgres::cluster().url(&name),
        };
        Self { kind, name, url, directory }
    }

    /// Which kind of database it is.
    pub fn kind(&self) -> Database {
        self.kind
    }

    /// Its address, as `kafo --database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A directory for the files of this test. It goes with the database.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs `kafo` on this database, with input and further environment
    /// variables.
    pub fn kafo(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Output {
        let mut kafo = binary::command();
        kafo.args(arguments)
            .current_dir(&self.directory)
            .env("KAFO_DATABASE_URL", &self.url)
            .env("KAFO_LOG", "warn")
            .envs(environment.iter().copied());
        process::run(kafo, input)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
        if self.kind == Database::Postgres
            && let Err(reason) = postgres::cluster().drop_database(&self.name)
        {
            eprintln!("{}: {reason}", self.name);
        }
    }
}

const FILE: &str = "kafo.sqlite";

fn sqlite_url(directory: &Path) -> String {
    format!("sqlite://{}?mode=rwc", directory.join(FILE).display())
}

/// The directory of the migrated database all others are copies of.
fn sqlite_template() -> &'static Path {
    static TEMPLATE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    TEMPLATE
        .get_or_init(|| {
            let directory = watchdog::directory().join("sqlite_template");
            fs::create_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
            let mut kafo = binary::command();
            kafo.args(["migrate", "up", "--database", &sqlite_url(&directory)]);
            process::succeed(kafo, "")?;
            Ok(directory)
        })
        .as_ref()
        .unwrap_or_else(|reason| panic!("the template database: {reason}"))
}

/// Copies the database, and what its log may hold that it does not yet.
fn copy(from: &Path, to: &Path) {
    for file in [FILE.to_owned(), format!("{FILE}-wal")] {
        let source = from.join(&file);
        if file == FILE || source.exists() {
            fs::copy(&source, to.join(&file)).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        }
    }
}
