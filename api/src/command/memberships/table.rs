//! Tables of seats as offices keep them: CSV with English or French headers.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::text;

/// A line of the table, as `membershipsSync` takes it.
#[derive(Debug)]
pub struct Row {
    /// The number of the line in the file, from 1.
    pub line: u64,
    /// The row of the input.
    pub input: Value,
    /// Who and what, for the report.
    pub label: String,
}

/// What is wrong with a table, and in which line.
pub type Mistake = (u64, String);

/// What a column holds: the field of the row, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Organisation,
    OrganisationId,
    Role,
    RoleTitle,
    Name,
    Email,
    PersonId,
    Since,
    Until,
    Topic,
    Represents,
    FundedBy,
    IsDedicated,
    Note,
    System,
    Code,
    CreatePerson,
}

impl Column {
    /// How to write it.
    const fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::OrganisationId => "organisation id",
            Self::Role => "role",
            Self::RoleTitle => "role title",
            Self::Name => "name",
            Self::Email => "email",
            Self::PersonId => "person id",
            Self::Since => "since",
            Self::Until => "until",
            Self::Topic => "topic",
            Self::Represents => "represents",
            Self::FundedBy => "funded by",
            Self::IsDedicated => "dedicated",
            Self::Note => "note",
            Self::System => "system",
            Self::Code => "code",
            Self::CreatePerson => "create person",
        }
    }
}

/// What headers are called, without case, accents, blanks and signs.
const HEADERS: &[(Column, &[&str])] = &[
    (Column::Organisation, &["organisation", "organization", "structure", "acronym", "acronyme", "sigle"]),
    (Column::OrganisationId, &["organisationid", "organizationid", "idorganisation", "iddelorganisation"]),
    (Column::Role, &["role"]),
    (Column::RoleTitle, &["roletitle", "title", "function", "titre", "intitule", "fonction"]),
    (
        Column::Name,
        &["name", "person", "fullname", "nom", "personne", "nomcomplet", "nometprenom", "prenometnom"],
    ),
    (
        Column::Email,
        &["email", "mail", "emailaddress", "courriel", "adressecourriel", "adresseelectronique", "mel"],
    ),
    (Column::PersonId, &["personid", "idpersonne", "iddelapersonne"]),
    (Column::Since, &["since", "from", "start", "depuis", "du", "debut"]),
    (Column::Until, &["until", "end", "jusquau", "fin"]),
    (Column::Topic, &["topic", "theme", "sujet"]),
    (Column::Represents, &["represents", "represente"]),
    (Column::FundedBy, &["fundedby", "financepar"]),
    (Column::IsDedicated, &["dedicated", "isdedicated", "fulltime", "dedie", "tempsplein", "atempsplein"]),
    (Column::Note, &["note", "notes", "comment", "comments", "remarque", "remarques", "commentaire"]),
    (Column::System, &["system", "systeme"]),
    (Column::Code, &["code", "externalreference", "reference", "referenceexterne"]),
    (Column::CreatePerson, &["createperson", "creerlapersonne", "creerpersonne"]),
];

/// What roles are called, likewise.
const ROLES: &[(&str, &[&str])] = &[
    ("LEAD", &["lead", "leadagency", "chefdefile"]),
    ("CO_LEAD", &["colead", "cochefdefile"]),
    ("MEMBER", &["member", "membre"]),
    ("OBSERVER", &["observer", "observateur", "observatrice"]),
    ("DONOR", &["donor", "bailleur", "bailleurdefonds", "donateur"]),
    ("COORDINATOR", &["coordinator", "coordinateur", "coordinatrice", "coordonnateur", "coordonnatrice"]),
    (
        "CO_COORDINATOR",
        &["cocoordinator", "cocoordinateur", "cocoordinatrice", "cocoordonnateur", "cocoordonnatrice"],
    ),
    (
        "INFORMATION_MANAGER",
        &[
            "informationmanager",
            "im",
            "imo",
            "gestionnairedelinformation",
            "chargedelinformation",
            "chargeedelinformation",
        ],
    ),
    ("SECRETARY", &["secretary", "secretaire"]),
    ("FOCAL_POINT", &["focalpoint", "pointfocal"]),
    ("REPRESENTATIVE", &["representative", "representant", "representante"]),
];

/// Without case, accents, blanks and signs.
fn bare(cell: &str) -> String {
    text::fold(cell).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Reads a table.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn rows(bytes: &[u8]) -> Result<Vec<Row>, Mistake> {
    let whole = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        let what = "the file is not in UTF-8; many spreadsheets save CSV in Windows-1252. \
                    Save it as \"CSV UTF-8\" and try again";
        (u64::try_from(line).unwrap_or_default(), what.to_owned())
    })?;
    let whole = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(whole))
        .trim(csv::Trim::All)
        .has_headers(false)
        .flexible(true)
        .from_reader(whole.as_bytes());
    let mut records = reader.records();
    let header = records.next().transpose().map_err(unreadable)?.unwrap_or_default();
    let columns = columns(&header)?;
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, |at| text::line_at(whole, at.byte(), at.line()));
        let is_blank = record.iter().all(str::is_empty);
        // a line of HXL tags
        if is_blank || record.get(0).is_some_and(|cell| cell.starts_with('#')) {
            continue;
        }
        if record.len() != columns.len() {
            return Err((line, format!("{} columns, not {}", record.len(), columns.len())));
        }
        let cells: Vec<(Column, &str)> = columns.iter().copied().zip(record.iter()).collect();
        rows.push(row(line, &cells).map_err(|what| (line, what))?);
    }
    Ok(rows)
}

fn unreadable(error: csv::Error) -> Mistake {
    (error.position().map_or(0, csv::Position::line), "this is no CSV".to_owned())
}

/// What stands most often in the first line, outside quotes.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        for (separator, count) in &mut counts {
            *count += i32::from(byte == *separator && !quoted);
        }
    }
    // of equals the last wins: the comma
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

fn columns(header: &csv::StringRecord) -> Result<Vec<Column>, Mistake> {
    let mut columns = Vec::new();
    for cell in header {
        let name = bare(cell);
        let known = HEADERS.iter().find(|(_, names)| names.contains(&name.as_str()));
        let Some((column, _)) = known else {
            let all: Vec<&str> = HEADERS.iter().map(|(column, _)| column.name()).collect();
            return Err((1, format!("no column is called {cell:?}; there are {}", all.join(", "))));
        };
        if columns.contains(column) {
            return Err((1, format!("{cell:?}: two columns of this kind")));
        }
        columns.push(*column);
    }
    if !columns.contains(&Column::Role) {
        return Err((1, "a column \"role\" is needed (rôle)".to_owned()));
    }
    Ok(columns)
}

fn row(line: u64, cells: &[(Column, &str)]) -> Result<Row, String> {
    let cell = |wanted: Column| cells.iter().find(|(c, v)| *c == wanted && !v.is_empty()).map(|(_, v)| *v);
    let mut input = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            input.insert(name.to_owned(), value);
        }
    };
    let role = role(cell(Column::Role).ok_or("the role is missing")?)?;
    put("role", Some(json!(role)));
    put(
        "organisation",
        match (cell(Column::OrganisationId), cell(Column::Organisation)) {
            (Some(id), _) => Some(json!({ "id": id })),
            (None, Some(name)) => Some(json!({ "called": name })),
            (None, None) => None,
        },
    );
    let (name, email) = (cell(Column::Name), cell(Column::Email));
    let mut person = Map::new();
    if let Some(id) = cell(Column::PersonId) {
        person.insert("id".to_owned(), json!(id));
    } else {
        person.extend(name.map(|name| ("name".to_owned(), json!(name))));
        person.extend(email.map(|email| ("email".to_owned(), json!(email))));
    }
    put("person", Some(Value::Object(person)).filter(|p| p.as_object().is_some_and(|p| !p.is_empty())));
    for (column, name) in [
        (Column::RoleTitle, "roleTitle"),
        (Column::Topic, "topic"),
        (Column::Represents, "represents"),
        (Column::Note, "note"),
    ] {
        put(name, cell(column).map(|cell| json!(cell)));
    }
    for (column, name) in [(Column::Since, "since"), (Column::Until, "until")] {
        put(name, cell(column).map(day).transpose()?.map(|day| json!(day)));
    }
    for (column, name) in [(Column::IsDedicated, "isDedicated"), (Column::CreatePerson, "createPerson")] {
        put(name, cell(column).map(yes).transpose()?.map(|yes| json!(yes)));
    }
    put("fundedBy", cell(Column::FundedBy).map(|name| json!({ "called": name })));
    put(
        "externalReference",
        match (cell(Column::System), cell(Column::Code)) {
            (Some(system), Some(code)) => Some(json!({ "system": system, "code": code })),
            (None, None) => None,
            _ => return Err("system and code belong together: give both or none".to_owned()),
        },
    );
    let who = [name.or(email).or(cell(Column::PersonId)), cell(Column::Organisation), Some(role)];
    let label = who.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Ok(Row { line, input: Value::Object(input), label })
}

fn role(cell: &str) -> Result<&'static str, String> {
    let name = bare(cell);
    let known = ROLES.iter().find(|(_, names)| names.contains(&name.as_str()));
    known.map(|(role, _)| *role).ok_or_else(|| {
        let all: Vec<&str> = ROLES.iter().map(|(role, _)| *role).collect();
        format!("{cell:?} is no role; there are {}", all.join(", "))
    })
}

/// A day, as ISO or the French write it.
fn day(cell: &str) -> Result<NaiveDate, String> {
    ["%Y-%m-%d", "%d/%m/%Y"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(cell, format).ok())
        .filter(|day| (1900..=2200).contains(&chrono::Datelike::year(day)))
        .ok_or_else(|| format!("{cell:?} is no day: write 2026-12-31 or 31/12/2026"))
}

fn yes(cell: &str) -> Result<bool, String> {
    match bare(cell).as_str() {
        "yes" | "y" | "true" | "1" | "x" | "oui" | "o" | "vrai" => Ok(true),
        "no" | "n" | "false" | "0" | "non" | "faux" => Ok(false),
        _ => Err(format!("{cell:?} is neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(table: &str) -> Vec<Value> {
        rows(table.as_bytes()).map(|rows| rows.into_iter().map(|row| row.input).collect()).unwrap_or_default()
    }

    fn mistake(table: &[u8]) -> Mistake {
        rows(table).map(|_| ()).expect_err("a mistake")
    }

    #[test]
    fn both_languages_say_the_same() {
        let english = "Organisation,Role,Name,E-mail,Since,Until,Topic,Create person\n\
                       ONGE,Focal point,Awa Exemple,awa@a.example,2026-01-31,,Shelter,yes\n";
        let french = "\u{feff}ORGANISATION;Rôle;Nom;Courriel;Depuis;Jusqu’au;Thème;Créer la personne\r\n\
                      ONGE;Point focal;Awa Exemple;awa@a.example;31/01/2026;;Shelter;oui\r\n";
        assert_eq!(inputs(english), inputs(french));
        assert_eq!(
            inputs(english),
            [json!({
                "organisation": { "called": "ONGE" }, "role": "FOCAL_POINT",
                "person": { "name": "Awa Exemple", "email": "awa@a.example" },
                "since": "2026-01-31", "topic": "Shelter", "createPerson": true,
            })]
        );
    }

    #[test]
    fn every_role_is_known_in_both_languages() {
        let mut labels = csv::Reader::from_reader(include_str!("../../../reference/labels.csv").as_bytes());
        let mut count = 0;
        for label in labels.records().filter_map(Result::ok).filter(|l| &l[0] == "MembershipRole") {
            for word in [&label[1], &label[2], &label[3]] {
                assert_eq!(role(word), Ok(ROLES[count].0), "{word}");
            }
            count += 1;
        }
        assert_eq!(count, ROLES.len());
    }

    #[test]
    fn quoted_separators_and_blank_lines_do_not_confuse() {
        let table = "\"organisation, en bref\"\n";
        assert_eq!(separator(table), b',');
        let table = "organisation;role;note\n\n#org;#role;#note\nONGE;Membre;\"a, b; c\"\n;;\n";
        let read = rows(table.as_bytes()).unwrap_or_default();
        assert_eq!((read.len(), read[0].line), (1, 4));
        assert_eq!(read[0].input["note"], "a, b; c");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let windows = b"organisation;role\nONGE;Secr\xe9taire\n";
        let (line, what) = mistake(windows);
        assert!(line == 2 && what.contains("Windows-1252") && what.contains("UTF-8"), "{line} {what}");
        let head = "organisation,role,since\n";
        for (row, says) in [
            ("ONGE,Roi,\n", "no role"),
            ("ONGE,,\n", "role is missing"),
            ("ONGE,Member,12/31/2026\n", "no day"),
            ("ONGE,Member,0226-01-01\n", "no day"),
            ("ONGE,Member\n", "2 columns"),
        ] {
            let (line, what) = mistake(format!("{head}ONGE,Member,\n{row}").as_bytes());
            assert!(line == 3 && what.contains(says), "{row}: {line} {what}");
        }
        assert!(mistake(b"organisation\nONGE\n").1.contains("role"));
        assert!(mistake(b"organisation,role,colour\n").1.contains("colour"));
        assert!(mistake(b"name,nom,role\n").1.contains("two columns"));
    }
}
