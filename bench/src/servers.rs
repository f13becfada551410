//! The servers that are compared, each a process of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::cluster::{free_port, note};
use crate::drive::Failure;

/// Where the programs are, and where files may be put.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The server's binary.
    pub kafo: PathBuf,
    /// The runtime of PostGraphile.
    pub node: PathBuf,
    /// The folder of PostGraphile's server.
    pub postgraphile: PathBuf,
    /// The temporary directory.
    pub work: PathBuf,
}

impl Programs {
    /// The file in which processes are noted down.
    #[must_use]
    pub fn pids(&self) -> PathBuf {
        self.work.join("pids")
    }
}

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn start(
        mut command: Command,
        port: u16,
        name: &str,
        programs: &Programs,
    ) -> Result<Self, Failure> {
        let log = programs.work.join(format!("{name}.log"));
        let file = File::create(&log)?;
        command.current_dir(&programs.work).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().map_err(|e| format!("{name}: {e}"))?;
        note(&programs.pids(), &child)?;
        let mut server = Self { child, port };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let over = server.child.try_wait()?;
            if over.is_some() || Instant::now() > end {
                return Err(format!("{name} does not start:\n{}", std::fs::read_to_string(&log)?).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(server)
    }

    /// Kafo. `counting`: whether it says how many statements an answer cost.
    ///
    /// # Errors
    /// It does not start.
    pub async fn kafo(programs: &Programs, url: &str, counting: bool) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(&programs.kafo);
        command.args(["serve", "--database", url, "--listen", &format!("127.0.0.1:{port}")]);
        command.env("KAFO_LOG", "warn");
        // the drivers are one account each, and ask thousands of times a second
        command.env("KAFO_COST_PER_MINUTE", "0").env("KAFO_ANONYMOUS_COST_PER_MINUTE", "0");
        if counting {
            command.env("KAFO_TEST_STATEMENTS", "1");
        }
        Self::start(command, port, "kafo", programs).await
    }

    /// PostGraphile.
    ///
    /// # Errors
    /// It does not start.
    pub async fn postgraphile(programs: &Programs, url: &str) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(&programs.node);
        command.arg(programs.postgraphile.join("server.mjs"));
        command.env("NODE_ENV", "production").env("GRAPHILE_ENV", "production");
        command.env("DATABASE_URL", url).env("PORT", port.to_string());
        Self::start(command, port, "postgraphile", programs).await
    }

    /// The limit: this program again.
    ///
    /// # Errors
    /// It does not start.
    pub async fn limit(programs: &Programs, url: &str) -> Result<Self, Failure> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["limit", url, &port.to_string()]);
        Self::start(command, port, "limit", programs).await
    }
}

/// Runs a command of Kafo's with input; what it prints.
///
/// # Errors
/// It fails: with what it says.
pub fn kafo(kafo: &Path, arguments: &[&str], input: &str) -> Result<String, Failure> {
    use std::io::Write;
    let mut command = Command::new(kafo);
    command.args(arguments).env("KAFO_LOG", "warn");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("{}: {e}", kafo.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("kafo {}: {said}", arguments.join(" ")).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
