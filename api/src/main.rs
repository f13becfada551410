//! The command line of Kafo: see `kafo --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    kafo::command::run().await
}
