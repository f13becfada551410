//! The comparison: every server in every round, one after the other, so that what disturbs the machine disturbs all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::ask::{self, QUERIES, Who};
use crate::cluster::Cluster;
use crate::country::{self, Country, Scale};
use crate::drive::{Failure, Load, drive, once, real};
use crate::procs::{memory, spent, spent_by_all, tree};
use crate::rows::{self, SERVICE};
use crate::servers::{Programs, Server, kafo};
use crate::{load, mutations, report};

/// What is to be measured.
#[derive(Debug)]
pub struct Options {
    /// The programs.
    pub programs: Programs,
    /// The folder of the documents.
    pub documents: PathBuf,
    /// Which queries.
    pub only: Vec<String>,
    /// Which databases.
    pub databases: Vec<String>,
    /// How many rounds.
    pub rounds: usize,
    /// For how many seconds each is asked in a round, and before that to warm up.
    pub seconds: (f64, f64),
    /// How many connections ask.
    pub connections: usize,
    /// Where the report goes.
    pub report: Option<PathBuf>,
}

/// One server in one round.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Answers a second.
    pub rate: f64,
    /// Milliseconds within which half of the answers came.
    pub median: f64,
    /// Milliseconds within which 99 of 100 came.
    pub p99: f64,
    /// Processor time of the server for an answer, in milliseconds.
    pub server: f64,
    /// The same of the database.
    pub database: f64,
    /// The most memory that the server had, in MiB.
    pub peak: f64,
    /// The cores that others on the machine kept busy.
    pub others: f64,
}

/// What was found about a server.
#[derive(Debug)]
pub struct Measured {
    /// On which database.
    pub database: String,
    /// Who.
    pub who: Who,
    /// Its memory before anybody asked much, in MiB.
    pub idle: f64,
    /// How many milliseconds it took to start.
    pub started: f64,
    /// By query: how many statements an answer costs, how long it is, and the rounds.
    pub queries: BTreeMap<String, Query>,
}

/// What was found about one query.
#[derive(Debug, Default)]
pub struct Query {
    /// Statements for an answer.
    pub statements: Option<f64>,
    /// Bytes of an answer.
    pub bytes: usize,
    /// The rounds.
    pub rounds: Vec<Sample>,
}

/// Who takes part.
struct Part {
    who: Who,
    server: Arc<Server>,
    loads: Vec<(String, Load)>,
}

/// Measures, says what comes out, and writes the report.
///
/// # Errors
/// What went wrong, for whoever started it.
pub async fn run(options: &Options) -> Result<(), Failure> {
    let begin = Instant::now();
    let country = country::make(Scale::COUNTRY);
    let tables = rows::of(&country);
    say(&format!(
        "{} rows made in {:.1} s",
        tables.0.iter().map(|t| t.rows.len()).sum::<usize>(),
        begin.elapsed().as_secs_f64()
    ));
    let mut all = Vec::new();
    let mut version = None;
    for database in &options.databases {
        let cluster = (database == "postgres")
            .then(|| Cluster::start(&options.programs.work.join("postgres"), &options.programs.pids()))
            .transpose()?;
        let url = match &cluster {
            Some(cluster) => cluster.create("country")?,
            None => format!("sqlite://{}", options.programs.work.join("country.db").display()),
        };
        version = version.or_else(|| cluster.as_ref().map(|c| c.version.clone()));
        let began = Instant::now();
        kafo(&options.programs.kafo, &["migrate", "up", "--database", &url], "")?;
        load::load(&url, &tables).await?;
        let service = mutations::id("svc", SERVICE);
        let create = ["token", "create", "--account", &service, "--name", "Mesures", "--database", &url];
        let token = kafo(&options.programs.kafo, &create, "")?;
        say(&format!("{database}: loaded in {:.1} s", began.elapsed().as_secs_f64()));
        all.extend(on(options, database, &url, &token, &country, cluster.as_ref()).await?);
    }
    let text = report::write(options, &all, version.as_deref());
    print!("{text}");
    if let Some(file) = &options.report {
        fs::write(file, &text)?;
        say(&format!("written to {}", file.display()));
    }
    Ok(())
}

fn say(line: &str) {
    eprintln!("bench: {line}");
}

/// Measures on one database.
async fn on(
    options: &Options,
    database: &str,
    url: &str,
    token: &str,
    country: &Country,
    cluster: Option<&Cluster>,
) -> Result<Vec<Measured>, Failure> {
    let programs = &options.programs;
    let mut measured = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for who in [Who::Kafo, Who::Anonymous, Who::PostGraphile, Who::Limit, Who::Json] {
        let began = Instant::now();
        let server = match who {
            Who::Kafo => Arc::new(Server::kafo(programs, url, false).await?),
            Who::Anonymous => parts[0].server.clone(),
            Who::PostGraphile if cluster.is_none() => continue,
            Who::PostGraphile => Arc::new(Server::postgraphile(programs, url).await?),
            Who::Limit => Arc::new(Server::limit(programs, url).await?),
            Who::Json if cluster.is_some() => continue,
            Who::Json => parts[parts.len() - 1].server.clone(),
        };
        let port = server.port;
        let mut loads = Vec::new();
        for query in &options.only {
            loads.push((query.clone(), ask::load(&options.documents, country, who, query, port, token)?));
        }
        let first = loads.first().ok_or("no query is left to ask")?;
        once(&first.1, 0).await?;
        let started = began.elapsed().as_secs_f64() * 1000.0;
        sleep(Duration::from_millis(1500)).await;
        let idle = memory(&tree(server.pid()));
        measured.push(Measured { database: database.into(), who, idle, started, queries: BTreeMap::new() });
        parts.push(Part { who, server, loads });
    }
    agree(options, &parts).await?;
    for (part, measured) in parts.iter().zip(&mut measured) {
        count(options, part, measured, url, token, country, cluster).await?;
    }
    for round in 0..options.rounds {
        for (number, query) in options.only.iter().enumerate() {
            for turn in 0..parts.len() {
                // nobody is always asked first
                let place = (turn + round) % parts.len();
                let part = &parts[place];
                let sample = sample(options, part, &part.loads[number].1, cluster).await?;
                say(&format!(
                    "round {} {database} {query} {:16} {:7.0} a second, p50 {:6.1} ms, p99 {:6.1} ms, {:.3} + {:.3} ms of CPU",
                    round + 1,
                    part.who.name(),
                    sample.rate,
                    sample.median,
                    sample.p99,
                    sample.server,
                    sample.database
                ));
                measured[place].queries.entry(query.clone()).or_default().rounds.push(sample);
            }
        }
    }
    Ok(measured)
}

/// Looks whether all servers give the same answers to the same questions; those of the public twice.
async fn agree(options: &Options, parts: &[Part]) -> Result<(), Failure> {
    let kafo = &parts[0];
    for (number, query) in options.only.iter().enumerate() {
        for part in parts.iter().skip(1).filter(|p| p.who != Who::Anonymous) {
            for turn in 0..20 {
                let (_, _, ours) = once(&kafo.loads[number].1, turn).await?;
                let (_, _, theirs) = once(&part.loads[number].1, turn).await?;
                let (ours, theirs) = (ask::content(&ours)?, ask::content(&theirs)?);
                if let Some(what) = ask::difference(&ours, &theirs) {
                    return Err(format!("{query}: Kafo and {} differ: {what}", part.who.name()).into());
                }
            }
        }
    }
    say("20 answers to each query compared: all servers agree");
    Ok(())
}

/// Counts the statements of some answers, one after the other.
async fn count(
    options: &Options,
    part: &Part,
    measured: &mut Measured,
    url: &str,
    token: &str,
    country: &Country,
    cluster: Option<&Cluster>,
) -> Result<(), Failure> {
    const ANSWERS: usize = 20;
    for (query, load) in &part.loads {
        let of_query = measured.queries.entry(query.clone()).or_default();
        of_query.bytes = once(load, 0).await?.2.len();
        if let Some(cluster) = cluster.filter(|c| c.counts) {
            cluster.count(true)?;
            let before = cluster.counted()?;
            for turn in 0..ANSWERS {
                once(load, turn).await?;
            }
            of_query.statements = Some((cluster.counted()? - before) / real(ANSWERS));
            cluster.count(false)?;
        } else if matches!(part.who, Who::Limit | Who::Json) {
            let pages = part.who == Who::Limit && query == "q1";
            of_query.statements = Some(if pages { 2.0 } else { 1.0 });
        } else if part.who != Who::PostGraphile {
            let counting = Server::kafo(&options.programs, url, true).await?;
            let load = ask::load(&options.documents, country, part.who, query, counting.port, token)?;
            // who asks is known from the answer before, as on PostgreSQL
            once(&load, 0).await?;
            let (_, headers, _) = once(&load, 1).await?;
            let said = headers.get("x-kafo-statements").and_then(|v| v.to_str().ok()?.parse().ok());
            of_query.statements = said;
        }
    }
    Ok(())
}

/// Asks one server for a while.
async fn sample(
    options: &Options,
    part: &Part,
    load: &Load,
    cluster: Option<&Cluster>,
) -> Result<Sample, Failure> {
    let (seconds, warm) = options.seconds;
    drive(load, options.connections, Duration::from_secs_f64(warm)).await?;
    let pid = part.server.pid();
    let database = || cluster.map_or(0.0, |c| spent(&tree(c.pid())));
    let own = [std::process::id()];
    let stop = Arc::new(AtomicBool::new(false));
    let watching = stop.clone();
    let watcher = thread::spawn(move || {
        let mut peak: f64 = 0.0;
        while !watching.load(Ordering::Relaxed) {
            peak = peak.max(memory(&tree(pid)));
            thread::sleep(Duration::from_millis(500));
        }
        peak
    });
    let before = (spent(&tree(pid)), database(), spent(&own), spent_by_all());
    let served = drive(load, options.connections, Duration::from_secs_f64(seconds)).await?;
    let after = (spent(&tree(pid)), database(), spent(&own), spent_by_all());
    stop.store(true, Ordering::Relaxed);
    let peak = watcher.join().map_err(|_| "the memory cannot be watched")?;
    if served.failed > 0 || served.micros.is_empty() {
        return Err(format!("{}: {} requests were not answered", part.who.name(), served.failed).into());
    }
    let answers = real(served.micros.len());
    let (server, behind, driver) = (after.0 - before.0, after.1 - before.1, after.2 - before.2);
    Ok(Sample {
        rate: served.rate(),
        median: served.within(500),
        p99: served.within(990),
        server: server / answers,
        database: behind / answers,
        peak,
        others: (after.3 - before.3 - server - behind - driver).max(0.0) / 1000.0 / served.seconds,
    })
}

/// The queries that a list of words names.
///
/// # Errors
/// One that is none.
pub fn queries(words: &str) -> Result<Vec<String>, Failure> {
    named(words, &QUERIES)
}

/// The databases that a list of words names.
///
/// # Errors
/// One that is none.
pub fn databases(words: &str) -> Result<Vec<String>, Failure> {
    named(words, &["postgres", "sqlite"])
}

fn named(words: &str, known: &[&str]) -> Result<Vec<String>, Failure> {
    let all: Vec<String> = words.split(',').map(|w| w.trim().to_owned()).collect();
    match all.iter().find(|w| !known.contains(&w.as_str())) {
        Some(word) => Err(format!("{word:?} is none of {}", known.join(", ")).into()),
        None => Ok(all),
    }
}

/// Makes the sample twice, once by loading it and once through the server, and compares all columns.
///
/// # Errors
/// What differs, or went wrong.
pub async fn check(programs: &Programs, databases: &[String]) -> Result<(), Failure> {
    let country = country::make(Scale::SAMPLE);
    let tables = rows::of(&country);
    for database in databases {
        let work = &programs.work;
        let cluster = (database == "postgres")
            .then(|| Cluster::start(&work.join("check"), &programs.pids()))
            .transpose()?;
        let url = |name: &str| match &cluster {
            Some(cluster) => cluster.create(name),
            None => Ok(format!("sqlite://{}", work.join(format!("{name}.db")).display())),
        };
        let (loaded, written) = (url("loaded")?, url("written")?);
        kafo(&programs.kafo, &["migrate", "up", "--database", &loaded], "")?;
        load::load(&loaded, &tables).await?;
        through_the_server(programs, work, &written, &country)?;
        match crate::check::compare(&loaded, &written, &tables).await {
            Ok(rows) => say(&format!("{database}: {rows} rows are as the server writes them")),
            Err(wrong) => {
                return Err(
                    format!("{database}: not as the server writes them:\n{}", wrong.join("\n")).into()
                );
            }
        }
    }
    Ok(())
}

fn through_the_server(programs: &Programs, work: &Path, url: &str, country: &Country) -> Result<(), Failure> {
    const PASSWORD: &str = "sept baobabs au bord de la lagune";
    let run =
        |arguments: &[&str]| kafo(&programs.kafo, &[arguments, &["--database", url]].concat(), PASSWORD);
    let account = |email: &str, more: &[&str]| {
        run(&[&["account", "create", "--email", email, "--name", "Essai"], more].concat())
    };
    let record = |email: &str, entries: &serde_json::Value| {
        let file = work.join("entries.json");
        fs::write(&file, entries.to_string())?;
        run(&["import", "record", "--as", email, &file.display().to_string()])
    };
    account("admin@example.org", &["--admin"])?;
    record("admin@example.org", &mutations::operation(country))?;
    let operation = mutations::id("opn", country.operation);
    account("manager@example.org", &["--operation-manager", &operation])?;
    record("manager@example.org", &mutations::directory(country))?;
    let mut known = BTreeSet::new();
    for group in 0..country.groups.len() {
        let seat = country.memberships.iter().find(|m| m.group == group && m.role == "COORDINATOR");
        let person = seat.and_then(|m| m.person).ok_or("a group without a coordinator")?;
        let person = mutations::id("per", country.people[person].id);
        let email = format!("{person}@example.org");
        // somebody may coordinate two groups
        if known.insert(person.clone()) {
            account(&email, &["--person", &person])?;
        }
        record(&email, &mutations::meetings(country, group))?;
    }
    Ok(())
}
