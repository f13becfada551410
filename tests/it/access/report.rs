//! What came out, counted: one line for each field, row and mutation, one column for each principal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::predict::read_table;

/// What an answer comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A value, or a list with something in it.
    Value,
    /// Null.
    Null,
    /// An empty list.
    Empty,
    /// Hidden: the answer of a missing row.
    NotFound,
    /// Seen, but not allowed.
    Denied,
    /// Nobody is signed in.
    Unauthenticated,
    /// Allowed, and refused for another reason: the state, the version, the input.
    State,
}

impl Verdict {
    fn letter(self) -> char {
        match self {
            Self::Value => 'V',
            Self::Null => 'N',
            Self::Empty => 'E',
            Self::NotFound => '-',
            Self::Denied => 'D',
            Self::Unauthenticated => 'U',
            Self::State => 'S',
        }
    }
}

type Counts = BTreeMap<Verdict, u32>;

/// A line of `exemptions.csv`: an answer that is known not to be as predicted.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The field or mutation.
    pub what: String,
    /// The principals; `*` for all.
    pub who: String,
    /// Whether it still is needed.
    pub is_used: bool,
}

/// `exemptions.csv`.
pub fn exemptions() -> Vec<Exemption> {
    let one = |row: Vec<String>| Exemption { what: row[0].clone(), who: row[1].clone(), is_used: false };
    read_table("exemptions.csv").into_iter().map(one).collect()
}

/// Everything that came out, and what should have.
#[derive(Default)]
pub struct Report {
    cells: BTreeMap<(&'static str, String), BTreeMap<String, Counts>>,
    wrong: Vec<String>,
    exempt: Vec<Exemption>,
    /// How many single answers were compared.
    pub answers: u64,
}

const LEGEND: &str = "\
# What every principal is answered, field by field, row by row, mutation by mutation: written by the test
# `access`, compared on every run, the same for both databases. UPDATE=1 cargo test -p kafo-tests access
#
# V value   N null   E empty list   - not found (hidden, the same as missing)   D permission denied
# U unauthenticated   S allowed, and refused for its state, version or input
# A number says how often.
";

impl Report {
    /// Counts an answer.
    pub fn tell(&mut self, section: &'static str, line: &str, who: &str, verdict: Verdict) {
        self.answers += 1;
        let line = self.cells.entry((section, line.to_owned())).or_default();
        *line.entry(who.to_owned()).or_default().entry(verdict).or_default() += 1;
    }

    /// An empty one.
    pub fn new() -> Self {
        Self { exempt: exemptions(), ..Self::default() }
    }

    /// Notes that an answer about this field or mutation is not as predicted.
    pub fn wrong(&mut self, what: &str, who: &str, said: String) {
        let known = self
            .exempt
            .iter_mut()
            .find(|e| e.what == what && (e.who == "*" || e.who.split(' ').any(|w| w == who)));
        match known {
            Some(exemption) => exemption.is_used = true,
            None => self.wrong.push(said),
        }
    }

    /// Whether a field or mutation is exempt for everybody.
    pub fn is_exempt(&mut self, what: &str) -> bool {
        let known = self.exempt.iter_mut().find(|e| e.what == what && e.who == "*");
        known.is_some_and(|e| {
            e.is_used = true;
            true
        })
    }

    /// The exemptions that nothing needs any more.
    pub fn spare(&self) -> Vec<&Exemption> {
        self.exempt.iter().filter(|e| !e.is_used).collect()
    }

    /// Adds what another lane found.
    pub fn add(&mut self, other: Self) {
        for (line, cells) in other.cells {
            let line = self.cells.entry(line).or_default();
            for (who, counts) in cells {
                let mine = line.entry(who).or_default();
                for (verdict, n) in counts {
                    *mine.entry(verdict).or_default() += n;
                }
            }
        }
        self.wrong.extend(other.wrong);
        for (mine, other) in self.exempt.iter_mut().zip(other.exempt) {
            mine.is_used |= other.is_used;
        }
        self.answers += other.answers;
    }

    /// What is not as predicted, each kind of mistake once with how often.
    pub fn mistakes(&self) -> &[String] {
        &self.wrong
    }

    /// The lines of a section.
    pub fn lines(&self, section: &str) -> BTreeSet<String> {
        self.cells.keys().filter(|(s, _)| *s == section).map(|(_, line)| line.clone()).collect()
    }

    /// How many cells there are.
    pub fn size(&self) -> usize {
        self.cells.values().map(BTreeMap::len).sum()
    }

    /// Whether any principal was answered so on a line.
    pub fn has(&self, section: &'static str, line: &str, verdict: Verdict) -> bool {
        let line = self.cells.get(&(section, line.to_owned()));
        line.is_some_and(|l| l.values().any(|counts| counts.contains_key(&verdict)))
    }

    /// The whole, to be checked in.
    pub fn text(&self, principals: &[&str]) -> String {
        let mut out = LEGEND.to_owned();
        let mut section = "";
        for ((name, line), cells) in &self.cells {
            if *name != section {
                let _ = write!(out, "\n{name},{}\n", principals.join(","));
                section = name;
            }
            let cell = |who: &&str| cells.get(*who).map_or_else(String::new, shown);
            let cells: Vec<String> = principals.iter().map(cell).collect();
            let _ = writeln!(out, "{},{}", line.replace(',', " "), cells.join(","));
        }
        out
    }
}

fn shown(counts: &Counts) -> String {
    if let [(verdict, 1)] = counts.iter().map(|(v, n)| (*v, *n)).collect::<Vec<_>>()[..] {
        return verdict.letter().to_string();
    }
    counts.iter().map(|(v, n)| format!("{}{n}", v.letter())).collect::<Vec<_>>().join(" ")
}

/// Compares with what is checked in, or writes it.
pub fn compare(now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/access/matrix.csv");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, now).expect("write matrix.csv");
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<String> = before
        .lines()
        .zip(now.lines())
        .filter(|(b, n)| b != n)
        .take(20)
        .map(|(b, n)| format!("- {b}\n+ {n}"))
        .collect();
    assert!(
        before == now,
        "matrix.csv is stale ({} lines, now {}); if the change is meant: UPDATE=1 cargo test -p kafo-tests access\n{}",
        before.lines().count(),
        now.lines().count(),
        changed.join("\n")
    );
}
