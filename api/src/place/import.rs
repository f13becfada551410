//! Tables of P-codes, as OCHA publishes them.

use chrono::NaiveDate;

use super::rules::{self, Line};
use super::store;
use crate::db::Tx;
use crate::error::{Error, Why};
use crate::{reference, text};

/// The columns of OCHA's global table of P-codes.
const HEADER: [&str; 6] = ["Location", "Admin Level", "P-Code", "Name", "Parent P-Code", "Valid from date"];

/// Why a table of places was not taken.
#[derive(Debug)]
pub enum Unusable {
    /// What is wrong with it, and where; for whoever typed the command.
    Line {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Something else.
    Failed(Error),
}

impl From<Error> for Unusable {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn mistake(number: u64, what: impl Into<String>) -> Unusable {
    Unusable::Line { number, what: what.into() }
}

/// Writes the places that this release carries; those that stand there already stay as they are.
///
/// # Errors
/// `Internal`, logged.
pub async fn seed(tx: &Tx) -> crate::error::Result<()> {
    let read = lines(include_str!("../../reference/places_mali.csv"));
    // the file is part of the binary and tested
    let mut lines = read.unwrap_or_default();
    let standing = store::of_codes(tx, lines.iter().map(|l| l.p_code.clone()).collect()).await?;
    lines.retain(|l| !standing.iter().any(|row| row.p_code == l.p_code && row.valid_from == l.valid_from));
    match bring_in(tx, lines).await {
        Ok(_) => Ok(()),
        Err(Unusable::Failed(error)) => Err(error),
        Err(Unusable::Line { .. }) => Err(Error::Internal),
    }
}

/// Brings in a table of P-codes: how many lines it had. May be repeated; names are brought up to date,
/// an older row of a code ends the day before the newer one begins.
///
/// # Errors
/// The first line that cannot be taken; then nothing is.
pub async fn import(tx: &Tx, csv_text: &str) -> Result<usize, Unusable> {
    bring_in(tx, lines(csv_text)?).await
}

async fn bring_in(tx: &Tx, lines: Vec<Line>) -> Result<usize, Unusable> {
    let count = lines.len();
    if count == 0 {
        return Ok(0);
    }
    for country in rules::countries(&lines) {
        if reference::country(tx, Some(country.clone())).await.is_err() {
            let number = lines.iter().find(|l| l.country == country).map_or(0, |l| l.number);
            return Err(mistake(number, format!("{country:?} is no country of ISO 3166-1 (alpha-3)")));
        }
    }
    let standing = store::standing(tx, &lines).await?;
    let rows = rules::brought_in(standing, lines).map_err(|(number, what)| mistake(number, what))?;
    store::write(tx, rows).await?;
    Ok(count)
}

/// Reads a table.
fn lines(text: &str) -> Result<Vec<Line>, Unusable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = records.next().transpose().map_err(unreadable)?.unwrap_or_default();
    if !header.iter().eq(HEADER) {
        return Err(mistake(1, format!("the first line must be {:?}", HEADER.join(","))));
    }
    let mut lines = Vec::new();
    for record in records {
        let record = record.map_err(unreadable)?;
        // a line of HXL tags
        if !record.get(0).is_some_and(|cell| cell.starts_with('#')) {
            lines.push(line(&record, number(text, &record))?);
        }
    }
    Ok(lines)
}

/// The number of a record's line.
fn number(table: &str, record: &csv::StringRecord) -> u64 {
    record.position().map_or(0, |at| text::line_at(table, at.byte(), at.line()))
}

fn unreadable(error: csv::Error) -> Unusable {
    let number = error.position().map_or(0, csv::Position::line);
    mistake(number, "this is no CSV in UTF-8")
}

fn line(record: &csv::StringRecord, number: u64) -> Result<Line, Unusable> {
    let wrong = |what: String| mistake(number, what);
    if record.len() != HEADER.len() {
        return Err(wrong(format!("{} columns, not {}", record.len(), HEADER.len())));
    }
    let required = |column: usize| {
        text::required(&record[column], text::LONGEST_NAME).map_err(|error| {
            let what = match error {
                Error::Refused(refusal) if refusal.why == Why::Blank => "is blank",
                Error::Refused(refusal) if matches!(refusal.why, Why::TooLong { .. }) => "is too long",
                _ => "cannot be used",
            };
            wrong(format!("{} {what}", HEADER[column]))
        })
    };
    let level: Option<i32> = record[1].parse().ok().filter(|level| (0..=5).contains(level));
    let valid_from = required(5)?;
    let valid_from = NaiveDate::parse_from_str(&valid_from, "%Y-%m-%d")
        .map_err(|_| wrong(format!("{valid_from:?} is no date: dates look like 2021-12-20")))?;
    Ok(Line {
        number,
        country: required(0)?.to_uppercase(),
        level: level.ok_or_else(|| wrong(format!("{:?} is no level from 0 to 5", &record[1])))?,
        p_code: required(2)?,
        name: required(3)?,
        parent: (!record[4].is_empty()).then(|| required(4)).transpose()?,
        valid_from,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n";

    fn refused(body: &str) -> Option<(u64, String)> {
        match lines(&format!("{FIRST}{body}")) {
            Err(Unusable::Line { number, what }) => Some((number, what)),
            _ => None,
        }
    }

    #[test]
    fn the_places_of_this_release_can_be_read() {
        let csv = include_str!("../../reference/places_mali.csv");
        assert_eq!(lines(csv).map_or(0, |l| l.len()), csv.lines().count() - 1);
    }

    #[test]
    fn a_line_of_tags_is_skipped_and_the_numbers_stay_right() {
        let table = format!(
            "\u{feff}{FIRST}#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start\n\
             \r\n\nmli,1,ML04, Ségou ,MLI,2021-12-20\n"
        );
        let lines = lines(&table).unwrap_or_default();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].number, lines[0].country.as_str(), lines[0].name.as_str()), (5, "MLI", "Ségou"));
    }

    #[test]
    fn what_cannot_be_taken_is_named_with_its_line() {
        assert!(matches!(lines("Pays,Niveau\nMLI,1\n"), Err(Unusable::Line { number: 1, .. })));
        assert!(matches!(lines(""), Err(Unusable::Line { number: 1, .. })));
        let good = "MLI,1,ML04,Ségou,MLI,2021-12-20\n";
        for bad in [
            "MLI,1,ML05,Mopti,MLI,",
            "MLI,1,ML05,Mopti,MLI,20/12/2021",
            "MLI,6,ML05,Mopti,MLI,2021-12-20",
            "MLI,,ML05,Mopti,MLI,2021-12-20",
            "MLI,1,,Mopti,MLI,2021-12-20",
            "MLI,1,ML05,,MLI,2021-12-20",
            "MLI,1,ML05,Mopti,MLI",
        ] {
            assert_eq!(refused(&format!("{good}{bad}\n")).map(|(line, _)| line), Some(3), "{bad}");
        }
        assert_eq!(
            refused("MLI,1,ML05,Mopti,MLI,\n").map(|(_, what)| what).as_deref(),
            Some("Valid from date is blank")
        );
    }
}
