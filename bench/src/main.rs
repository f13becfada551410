//! Kafo's benchmark. `script/bench` builds and runs it; see `bench/README.md`.

mod ask;
mod chance;
mod check;
mod cluster;
mod country;
mod drive;
mod fold;
mod limit;
mod load;
mod mutations;
mod procs;
mod report;
mod rows;
mod run;
mod servers;
mod table;
mod words;

use std::process::ExitCode;

use drive::Failure;
use run::Options;
use servers::Programs;

const USAGE: &str = "kafo-bench run|check --kafo FILE --node FILE --bench DIRECTORY --work DIRECTORY
    [--quick] [--only q1,q2,q3] [--databases postgres,sqlite] [--rounds N] [--seconds N] [--report FILE]
kafo-bench load URL          the country into a database that `kafo migrate up` made
kafo-bench limit URL PORT    statements written by hand, served";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match act(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn act(arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // as the server runs
    let mut wide = tokio::runtime::Builder::new_multi_thread();
    // one thread asks: what it takes is what the servers lack
    let mut narrow = tokio::runtime::Builder::new_current_thread();
    match words.as_slice() {
        ["limit", url, port] => wide.enable_all().build()?.block_on(limit::serve(url, port.parse()?)),
        ["load", url] => {
            let tables = rows::of(&country::make(country::Scale::COUNTRY));
            Ok(narrow.enable_all().build()?.block_on(load::load(url, &tables))?)
        }
        ["run", rest @ ..] => narrow.enable_all().build()?.block_on(run::run(&options(rest)?)),
        ["check", rest @ ..] => {
            let options = options(rest)?;
            narrow.enable_all().build()?.block_on(run::check(&options.programs, &options.databases))
        }
        _ => Err(USAGE.into()),
    }
}

fn options(words: &[&str]) -> Result<Options, Failure> {
    let value = |name: &str| {
        let place = words.iter().position(|w| *w == name)?;
        words.get(place + 1).copied()
    };
    let needed = |name: &str| value(name).ok_or_else(|| format!("{name} is missing\n{USAGE}"));
    let quick = words.contains(&"--quick");
    let bench = std::path::PathBuf::from(needed("--bench")?);
    Ok(Options {
        programs: Programs {
            kafo: needed("--kafo")?.into(),
            node: needed("--node")?.into(),
            postgraphile: bench.join("postgraphile"),
            work: needed("--work")?.into(),
        },
        documents: bench.join("documents"),
        only: run::queries(value("--only").unwrap_or("q1,q2,q3"))?,
        databases: run::databases(value("--databases").unwrap_or("postgres,sqlite"))?,
        rounds: value("--rounds").map_or(Ok(if quick { 1 } else { 5 }), str::parse)?,
        seconds: (
            value("--seconds").map_or(Ok(if quick { 1.0 } else { 5.0 }), str::parse)?,
            if quick { 0.5 } else { 2.0 },
        ),
        connections: 32,
        report: value("--report").map(Into::into),
    })
}
