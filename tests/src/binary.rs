//! Where the binary under test is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process;

/// The `kafo` binary, built on first use; see the crate's documentation.
pub(crate) fn kafo() -> &'static Path {
    static KAFO: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match KAFO.get_or_init(find) {
        Ok(path) => path,
        Err(reason) => panic!("{reason}"),
    }
}

/// A command which runs `kafo` with none of the settings of whoever runs the
/// tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(kafo());
    process::forget_environment(&mut command, &["KAFO_", "PG", "RUST_LOG"]);
    command
}

/// A command which runs Cargo from a test as a shell would. What Cargo tells a
/// test about its package it would not say there: some dependencies' build
/// scripts look at it, and with other words they, and all that needs them,
/// would be compiled a second time.
#[must_use]
pub fn cargo() -> Command {
    let cargo = env::var_os("CARGO")
        .or_else(|| option_env!("CARGO").map(OsString::from))
        .unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    process::forget_environment(
        &mut command,
        &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"],
    );
    command
}

fn find() -> Result<PathBuf, String> {
    match env::var_os("KAFO_BINARY") {
        Some(path) => PathBuf::from(&path)
            .canonicalize()
            .map_err(|error| format!("KAFO_BINARY is {}: {error}", path.display())),
        None => build(),
    }
}

/// Has Cargo build the binary into the target directory this test was built
/// in, with the same profile. When nothing changed that takes Cargo a moment;
/// it holds no lock while it runs tests, so there is nothing to wait for.
fn build() -> Result<PathBuf, String> {
    let output = cargo()
        .args(build_arguments()?)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo, to build `kafo`: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`kafo` could not be built:\n{errors}"));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "kafo")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "Cargo built `kafo`, but named no executable".to_owned())
}

fn build_arguments() -> Result<Vec<OsString>, String> {
    let test = env::current_exe().map_err(|error| format!("the path of this test: {error}"))?;
    // …/target/debug/deps/it-0123456789abcdef, or with a triple before debug
    let unknown = || format!("{}: not in a target directory", test.display());
    let profile = test.ancestors().nth(2).ok_or_else(unknown)?;
    let parent = profile.parent().ok_or_else(unknown)?;
    let above = parent.parent().filter(|path| is_target_directory(path));
    let (target_directory, triple) = match above {
        Some(above) if !is_target_directory(parent) => (above, parent.file_name()),
        _ => (parent, None),
    };
    let profile = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => return Err(unknown()),
    };

    // This package and its test are named beside the binary so that Cargo picks
    // the features of the dependencies it picked for the test: with others it
    // would compile most of them a second time.
    let mut arguments: Vec<OsString> = [
        "build",
        "--quiet",
        "--locked",
        "--message-format=json-render-diagnostics",
        "--package=kafo-api",
        "--bin=kafo",
        "--package=kafo-tests",
        "--test=it",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.extend(["--profile".into(), profile.into()]);
    arguments.extend(["--target-dir".into(), target_directory.into()]);
    if let Some(triple) = triple {
        arguments.extend(["--target".into(), triple.into()]);
    }
    Ok(arguments)
}

/// Cargo keeps this file at the top of a target directory, and only there.
fn is_target_directory(path: &Path) -> bool {
    path.join(".rustc_info.json").is_file()
}
