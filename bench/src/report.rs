//! What came out, as Markdown: the machine, the commands, the tables, and the floors that were missed.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::ask::Who;
use crate::run::{Measured, Options, Query, Sample};

/// Times PostGraphile's throughput: not below.
const FLOOR_RATE: f64 = 2.5;
/// Times the limit's processor time: not above.
const FLOOR_CPU: f64 = 1.8;
/// Times the throughput of one statement that writes the answer: not below.
const FLOOR_JSON: f64 = 0.4;
/// Statements for an answer: not above.
const FLOOR_STATEMENTS: f64 = 4.0;
/// MiB at rest: not above.
const FLOOR_IDLE: f64 = 60.0;

const QUESTIONS: &[(&str, &str)] = &[
    (
        "q1",
        "50 open actions of a group, each with its recommendation, the meeting, and the assignees' organisations",
    ),
    ("q2", "a meeting's whole outcome: agenda, recommendations, follow-ups, assignees' organisations"),
    ("q3", "100 memberships of a group, each with person and organisation"),
];

/// The middle of the rounds.
fn middle(query: &Query, of: impl Fn(&Sample) -> f64) -> f64 {
    Spread::of(query.rounds.iter().map(of)).middle
}

/// How many times as much one is as the other, round by round: within a round both had the same machine, whose
/// processors may be a third faster a minute later.
fn times(one: &Query, other: &Query, of: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(one.rounds.iter().zip(&other.rounds).map(|(one, other)| of(one) / of(other)))
}

/// Values in short.
#[derive(Clone, Copy, Default)]
struct Spread {
    least: f64,
    middle: f64,
    most: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        match values.as_slice() {
            [] => Self::default(),
            [least, .., most] => Self { least: *least, middle: values[values.len() / 2], most: *most },
            [only] => Self { least: *only, middle: *only, most: *only },
        }
    }
}

fn cpu(sample: &Sample) -> f64 {
    sample.server + sample.database
}

/// The report.
#[must_use]
pub fn write(options: &Options, all: &[Measured], postgres: Option<&str>) -> String {
    let mut out = String::new();
    let mut missed = Vec::new();
    introduce(options, postgres, &mut out);
    for database in &options.databases {
        let measured: Vec<&Measured> = all.iter().filter(|m| m.database == *database).collect();
        let title = if database == "postgres" { "PostgreSQL" } else { "SQLite" };
        line(&mut out, &format!("\n## {title}\n"));
        for (query, what) in QUESTIONS.iter().filter(|(q, _)| options.only.iter().any(|o| o == q)) {
            line(&mut out, &format!("\n**{query}**: {what}.\n"));
            table(&measured, query, &mut out);
            missed.extend(short(&measured, title, query));
        }
        memory(&measured, &mut out);
        missed.extend(
            measured
                .iter()
                .filter(|m| m.who == Who::Kafo && m.idle > FLOOR_IDLE)
                .map(|m| format!("{title}: {:.0} MiB at rest, at most {FLOOR_IDLE:.0}", m.idle)),
        );
    }
    floors(&missed, &mut out);
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn introduce(options: &Options, postgres: Option<&str>, out: &mut String) {
    line(out, "# How fast Kafo reads\n");
    line(
        out,
        "Written by `script/bench`; run it again before quoting it. The servers take turns within each round, so that",
    );
    line(
        out,
        "what else happens on the machine happens to all: the ratios hold, the absolute figures are this machine's.\n",
    );
    line(out, "```sh\nscript/bench                                   # all of it, and this file anew");
    line(out, "script/bench --quick                           # a short run, nothing is written");
    line(out, "script/bench --only q1 --databases postgres    # a part, nothing is written\n```\n");
    line(out, "## What is compared\n");
    line(
        out,
        "A country: 20 groups of one operation, 300 organisations, 3,000 people, about 200 seats in each group, 3,000",
    );
    line(
        out,
        "meetings, 15,000 points of agendas, 30,000 recommendations, 60,000 follow-ups, 110,000 assignments, with texts as",
    );
    line(
        out,
        "long as minutes have them. Rows are loaded by SQL, and are as the server writes them: `script/bench --check` makes",
    );
    line(out, "a sample through the API as well and compares every column.\n");
    line(
        out,
        "- **Kafo**: release build, asked with the API token of a service that is a representative in every group: sign-in,",
    );
    line(
        out,
        "  rights and visibility are part of every answer. Whoever is **anonymous** sees what is public: other rows, and of",
    );
    line(out, "  seats only those that lead, so that its figures stand beside the others, not against them.");
    line(
        out,
        "- **PostGraphile 5** on the same tables, production settings, one process, 8 connections as Kafo has; no rights.",
    );
    line(
        out,
        "- **limit**: statements written by hand behind a bare handler (axum, sqlx), no rights, no GraphQL: rows that are",
    );
    line(
        out,
        "  folded in Rust. SQLite may write the answer itself, as JSON in one statement: no row has to be handed from its thread",
    );
    line(out, "  to another. That is measured, too: **limit, as JSON**.\n");
    line(
        out,
        "Before anything is measured, 20 answers to each query are compared: all servers give the same.\n",
    );
    let (seconds, warm) = options.seconds;
    let _ = writeln!(
        out,
        "{} connections, each asking again as soon as it was answered, about a random group or meeting; {} rounds of {seconds} s after {warm} s to warm up.\nFigures are the middle of the rounds; so are ratios, each taken within a round (in brackets the least and the most): from one minute to the next the machine may be another.\nCPU is that of the server's and the database's processes for one answer.\n",
        options.connections, options.rounds
    );
    line(out, "| what | version |\n| --- | --- |");
    for (what, version) in machine(options, postgres) {
        let _ = writeln!(out, "| {what} | {version} |");
    }
}

fn table(measured: &[&Measured], query: &str, out: &mut String) {
    let peer = find(measured, Who::PostGraphile, query);
    let limit = find(measured, Who::Limit, query);
    let has_peer = peer.is_some();
    let versus = if has_peer { " × PostGraphile |" } else { "" };
    let _ = writeln!(
        out,
        "| | answers/s |{versus} p50 ms | p99 ms | CPU ms: server + database | × limit | statements | KB |"
    );
    let _ = writeln!(
        out,
        "| --- | --: |{} --: | --: | --: | --: | --: | --: |",
        if has_peer { " --: |" } else { "" }
    );
    for m in measured {
        let Some(q) = m.queries.get(query) else { continue };
        let versus = |other: Option<&Query>, of: fn(&Sample) -> f64| match (m.who, other) {
            (Who::Anonymous, _) | (_, None) => String::new(),
            (Who::Kafo, Some(other)) => {
                let Spread { least, middle, most } = times(q, other, of);
                format!("{middle:.2} ({least:.2} to {most:.2})")
            }
            (_, Some(other)) => format!("{:.2}", times(q, other, of).middle),
        };
        let peer = if has_peer { format!(" {} |", versus(peer, |s| s.rate)) } else { String::new() };
        let database = if has_peer { format!(" + {:.3}", middle(q, |s| s.database)) } else { String::new() };
        let _ = writeln!(
            out,
            "| {} | {:.0} |{peer} {:.1} | {:.1} | {:.3}{database} | {} | {} | {:.1} |",
            m.who.name(),
            middle(q, |s| s.rate),
            middle(q, |s| s.median),
            middle(q, |s| s.p99),
            middle(q, |s| s.server),
            versus(limit, cpu),
            q.statements.map_or("".into(), |n| format!("{n:.0}")),
            f64::from(u32::try_from(q.bytes).unwrap_or(0)) / 1000.0
        );
    }
}

fn find<'m>(measured: &[&'m Measured], who: Who, query: &str) -> Option<&'m Query> {
    measured.iter().find(|m| m.who == who)?.queries.get(query)
}

fn samples(measured: &Measured) -> impl Iterator<Item = &Sample> {
    measured.queries.values().flat_map(|query| &query.rounds)
}

fn memory(measured: &[&Measured], out: &mut String) {
    line(
        out,
        "\n| memory (PSS), MiB | at rest | most | start to first answer, ms |\n| --- | --: | --: | --: |",
    );
    for m in measured {
        // the others share a process with one of these
        if !matches!(m.who, Who::Anonymous | Who::Json) {
            let peak = samples(m).map(|s| s.peak).fold(0.0, f64::max);
            let _ = writeln!(out, "| {} | {:.0} | {peak:.0} | {:.0} |", m.who.name(), m.idle, m.started);
        }
    }
    let others = Spread::of(measured.iter().flat_map(|m| samples(m)).map(|s| s.others)).middle;
    let _ = writeln!(out, "\nMeanwhile other work kept {others:.1} cores of this machine busy (median).");
}

/// The floors that Kafo misses.
fn short(measured: &[&Measured], title: &str, query: &str) -> Vec<String> {
    let Some(kafo) = find(measured, Who::Kafo, query) else { return Vec::new() };
    let mut missed = Vec::new();
    if let Some(peer) = find(measured, Who::PostGraphile, query) {
        let times = times(kafo, peer, |s| s.rate).middle;
        if times < FLOOR_RATE {
            missed.push(format!(
                "{title}, {query}: {times:.2} × PostGraphile's throughput, at least {FLOOR_RATE}"
            ));
        }
    }
    if let Some(limit) = find(measured, Who::Limit, query) {
        let times = times(kafo, limit, cpu).middle;
        if times > FLOOR_CPU {
            missed.push(format!("{title}, {query}: {times:.2} × the limit's CPU, at most {FLOOR_CPU}"));
        }
    }
    if let Some(json) = find(measured, Who::Json, query) {
        let share = times(kafo, json, |s| s.rate).middle;
        if share < FLOOR_JSON {
            missed.push(format!(
                "{title}, {query}: {share:.2} × the throughput of one statement that writes JSON, at least {FLOOR_JSON}"
            ));
        }
    }
    if let Some(statements) = kafo.statements.filter(|n| *n > FLOOR_STATEMENTS) {
        missed.push(format!("{title}, {query}: {statements:.0} statements, at most {FLOOR_STATEMENTS:.0}"));
    }
    missed
}

fn floors(missed: &[String], out: &mut String) {
    line(out, "\n## Floors\n");
    let _ = writeln!(
        out,
        "At least {FLOOR_RATE} × PostGraphile's throughput; at most {FLOOR_CPU} × the limit's CPU; on SQLite at least {FLOOR_JSON} × the throughput of one statement that writes JSON; at most {FLOOR_STATEMENTS:.0} statements for an answer, at most {FLOOR_IDLE:.0} MiB at rest.\n"
    );
    if missed.is_empty() {
        line(out, "All are kept.");
    } else {
        line(out, "Missed:\n");
        missed.iter().for_each(|m| line(out, &format!("- {m}")));
    }
}

/// What it was measured on. No names of hosts, no paths.
fn machine(options: &Options, postgres: Option<&str>) -> Vec<(&'static str, String)> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let said = |program: &std::path::Path, argument: &str| {
        let output = Command::new(program).arg(argument).output();
        output.map_or("unknown".to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
    };
    let field = |file: &str, name: &str| {
        let text = read(file);
        let value =
            text.lines().find_map(|l| Some(l.strip_prefix(name)?.split_once(':')?.1.trim().to_owned()));
        value.unwrap_or_else(|| "unknown".to_owned())
    };
    let memory: u64 =
        field("/proc/meminfo", "MemTotal").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let lock = read(&options.programs.postgraphile.join("package-lock.json").display().to_string());
    let locked = serde_json::from_str::<serde_json::Value>(&lock).unwrap_or_default();
    let peer = locked["packages"]["node_modules/postgraphile"]["version"].as_str().unwrap_or("unknown");
    let kernel = read("/proc/sys/kernel/osrelease");
    vec![
        ("processor", format!("{}, {cores} cores", field("/proc/cpuinfo", "model name"))),
        ("memory", format!("{} GiB", (memory + 524_288) / 1_048_576)),
        ("kernel", format!("Linux {}", kernel.trim().split('-').next().unwrap_or_default())),
        (
            "PostgreSQL",
            postgres.map_or("not measured".to_owned(), |p| p.replace("postgres (PostgreSQL) ", "")),
        ),
        ("rustc", said("rustc".as_ref(), "--version").replace("rustc ", "")),
        ("Node", said(&options.programs.node, "--version")),
        ("PostGraphile", peer.to_owned()),
    ]
}
