//! The command line of Kafo: see `kafo --help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Deep selections and whole meetings are deep futures; the default of 2 MiB is too little for them in
/// unoptimised builds. Only what is used is taken from memory.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    match runtime {
        // on a thread of the runtime, whose stack is known
        Ok(runtime) => {
            runtime.block_on(async { tokio::spawn(kafo::command::run()).await.unwrap_or(ExitCode::FAILURE) })
        }
        Err(error) => {
            eprintln!("kafo: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
