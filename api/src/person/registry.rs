//! The registry of columns, `docs/columns.csv`: what each column says about people, how its row leads
//! to a person, and what an erasure does with it. Export and erasure follow it line by line and hold
//! no list of their own: what is not in the file is in neither, and a test compares the file with the
//! tables of both databases.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{Error, Result};

/// What a column says about people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing.
    None,
    /// Who somebody is: name, function, code in another system.
    Name,
    /// How somebody is reached.
    Contact,
    /// What people wrote; it may name somebody.
    Content,
    /// What opens a door: never shown, never exported.
    Credential,
    /// What the program needs to work.
    Technical,
}

/// What an erasure does with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnErasure {
    /// It stays.
    Keep,
    /// It is emptied.
    Clear,
    /// A neutral word takes its place, for it cannot be empty.
    Pseudonym,
    /// Its row goes.
    DeleteRow,
}

/// One column of a [`Part`].
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it says about people.
    pub class: Class,
    /// What an erasure does with it.
    pub on_erasure: OnErasure,
}

/// From one table to the next: `table[key].column`, where `key` is what the column before holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table.
    pub table: String,
    /// Its column that is looked up; `id` unless the registry says otherwise.
    pub key: String,
    /// Its column that leads on.
    pub column: String,
}

/// One way from a row to a person: a column of the row, then steps; the last column holds the
/// person's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The column of the row.
    pub column: String,
    /// From there.
    pub steps: Vec<Step>,
}

/// The columns of a table that lead to a person in the same way.
#[derive(Clone, Debug)]
pub struct Part {
    /// The table.
    pub table: String,
    /// How its rows lead to a person: by any of these ways.
    pub ways: Vec<Way>,
    /// The columns.
    pub columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Line {
    table: String,
    column: String,
    class: Class,
    subject: String,
    on_erasure: String,
}

/// What leads to people, in the order of the tables: a row comes after what it points to.
///
/// # Errors
/// `Internal`, logged: the registry cannot be read. A test says so before anybody else.
pub fn parts() -> Result<&'static [Part]> {
    static PARTS: LazyLock<Option<Vec<Part>>> =
        LazyLock::new(|| parse(include_str!("../../../docs/columns.csv")));
    PARTS.as_deref().ok_or_else(|| {
        tracing::error!("the registry of columns cannot be read");
        Error::Internal
    })
}

fn parse(text: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    for line in csv::Reader::from_reader(text.as_bytes()).deserialize::<Line>() {
        let line = line.ok()?;
        if line.subject.is_empty() {
            if line.on_erasure.is_empty() { continue } else { return None }
        }
        let ways = line.subject.split(" or ").map(way).collect::<Option<Vec<_>>>()?;
        let column =
            Column { name: line.column, class: line.class, on_erasure: on_erasure(&line.on_erasure)? };
        match parts.iter_mut().find(|p| p.table == line.table && p.ways == ways) {
            Some(part) => part.columns.push(column),
            None => parts.push(Part { table: line.table, ways, columns: vec![column] }),
        }
    }
    Some(parts)
}

fn way(text: &str) -> Option<Way> {
    let mut pieces = text.split(" > ");
    let column = pieces.next().filter(|c| !c.is_empty())?.to_owned();
    Some(Way { column, steps: pieces.map(step).collect::<Option<_>>()? })
}

fn step(text: &str) -> Option<Step> {
    let (table, column) = text.split_once('.')?;
    let (table, key) = match table.strip_suffix(']') {
        Some(table) => table.split_once('[')?,
        None => (table, "id"),
    };
    Some(Step { table: table.to_owned(), key: key.to_owned(), column: column.to_owned() })
}

/// `keep` may be followed by a reason.
fn on_erasure(text: &str) -> Option<OnErasure> {
    match text.split(':').next()? {
        "keep" => Some(OnErasure::Keep),
        "clear" => Some(OnErasure::Clear),
        "pseudonym" => Some(OnErasure::Pseudonym),
        "delete row" => Some(OnErasure::DeleteRow),
        _ => None,
    }
}

impl Part {
    /// Whether its rows go with the person.
    #[must_use]
    pub fn goes(&self) -> bool {
        self.columns.iter().any(|c| c.on_erasure == OnErasure::DeleteRow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sound() {
        let parts = parts().expect("a registry");
        assert!(parts.len() > 25, "{}", parts.len());
        for part in parts {
            let of = |wanted| part.columns.iter().filter(move |c| c.on_erasure == wanted).count();
            let gone = of(OnErasure::DeleteRow);
            assert!(gone == 0 || gone == part.columns.len(), "{}: a row goes whole or stays", part.table);
            let left = part.columns.iter().filter(|c| c.on_erasure == OnErasure::Keep);
            for column in left {
                let personal = matches!(column.class, Class::Name | Class::Contact);
                assert!(!personal, "{}.{} survives its person", part.table, column.name);
            }
        }
    }

    #[test]
    fn what_is_kept_of_a_person_has_a_reason() {
        let mut reader = csv::Reader::from_reader(include_str!("../../../docs/columns.csv").as_bytes());
        for line in reader.deserialize::<Line>() {
            let line = line.expect("a line");
            let plain = matches!(line.class, Class::None | Class::Technical);
            assert!(plain || line.on_erasure != "keep", "{}.{}: why is it kept?", line.table, line.column);
        }
    }

    #[test]
    fn a_subject_is_read() {
        let session = way("session_id > session.account_id > account.person_id").expect("a way");
        assert_eq!(session.column, "session_id");
        assert_eq!(session.steps[1].column, "person_id");
        let address = way("email_folded > account[email_folded].person_id").expect("a way");
        assert_eq!(
            (address.steps[0].table.as_str(), address.steps[0].key.as_str()),
            ("account", "email_folded")
        );
        assert!(way("").is_none() && step("account").is_none());
    }
}
