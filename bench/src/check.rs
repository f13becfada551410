//! Whether two databases hold the same rows: one that was loaded, one that the server wrote.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

use crate::table::Tables;

/// Columns whose values are the server's own affair, and why.
const ITS_OWN: &[(&str, &str)] = &[
    ("at", "when it was done"),
    ("created_at", "when it was entered"),
    ("updated_at", "when it was changed"),
    ("published_at", "when it went out"),
    ("request_id", "through which request"),
    ("record_digest", "a digest of the call"),
    ("id of assignment", "made anew"),
    ("id of contact_point", "made anew"),
    ("id of service_seat", "made anew"),
    ("position of change", "others come in between"),
];

/// Columns that say who did it: nobody did what is loaded.
const BY_WHOM: &[&str] = &["account_id of change", "acting_for_id", "created_by_id"];

/// What the commands that prepare the server's copy leave besides.
const BESIDES: &[(&str, &str)] = &[
    ("account", "kind = 'SERVICE'"),
    (
        "change",
        "kind IN ('operationCreate', 'organisationCreate', 'groupCreate', 'personCreate', 'membershipCreate', 'meetingRecord')",
    ),
];

/// One row: its columns as texts, what is the server's own affair as its shape only.
type Line = Vec<(String, String)>;

/// Says what differs, table by table; how many rows were compared.
///
/// # Errors
/// The differences, one a line.
pub async fn compare(loaded: &str, written: &str, tables: &Tables) -> Result<usize, Vec<String>> {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for table in &tables.0 {
        let read =
            async |url: &str| read(url, table.name).await.map_err(|e| vec![format!("{}: {e}", table.name)]);
        let (ours, theirs) = (read(loaded).await?, read(written).await?);
        rows += ours.len();
        if ours.len() != theirs.len() {
            wrong.push(format!("{}: {} rows loaded, {} written", table.name, ours.len(), theirs.len()));
            continue;
        }
        let mut differences: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for (one, other) in ours.iter().zip(&theirs) {
            for ((column, mine), (_, its)) in one.iter().zip(other).filter(|(a, b)| a.1 != b.1) {
                let seen =
                    differences.entry(column.clone()).or_insert_with(|| (0, format!("{mine} / {its}")));
                seen.0 += 1;
            }
        }
        wrong.extend(differences.into_iter().map(|(column, (count, example))| {
            format!("{}.{column}: {count} rows differ, e.g. {example}", table.name)
        }));
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

async fn read(url: &str, table: &str) -> Result<Vec<Line>, sqlx::Error> {
    let condition = BESIDES.iter().find(|(t, _)| *t == table).map_or("true", |(_, condition)| condition);
    let mut lines = if let Some(path) = url.strip_prefix("sqlite://") {
        let mut connection = SqliteConnection::connect(path).await?;
        let names = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name");
        let names: Vec<String> = sqlx::query_scalar(AssertSqlSafe(names)).fetch_all(&mut connection).await?;
        let text = |n: &String| {
            format!(
                "typeof({n}) || ' ' || coalesce(CASE typeof({n}) WHEN 'blob' THEN hex({n}) ELSE CAST({n} AS text) END, '')"
            )
        };
        let columns: Vec<String> = names.iter().map(text).collect();
        let select = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
        let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await?;
        rows.iter().map(|r| line(table, &names, |n| r.get(n))).collect::<Vec<Line>>()
    } else {
        let mut connection = PgConnection::connect(url).await?;
        let names = "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 ORDER BY column_name COLLATE \"C\"";
        let names: Vec<String> = sqlx::query_scalar(names).bind(table).fetch_all(&mut connection).await?;
        let columns: Vec<String> = names.iter().map(|n| format!("coalesce({n}::text, '')")).collect();
        let select = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
        let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await?;
        rows.iter().map(|r| line(table, &names, |n| r.get(n))).collect()
    };
    lines.sort();
    Ok(lines)
}

fn line(table: &str, names: &[String], value: impl Fn(usize) -> String) -> Line {
    let one = |(number, name): (usize, &String)| {
        let own = |known: &str| known == name || known == format!("{name} of {table}");
        let text = value(number);
        let text = if ITS_OWN.iter().any(|(known, _)| own(known)) { shape(&text) } else { text };
        let text = if BY_WHOM.iter().any(|known| own(known)) { String::new() } else { text };
        (name.clone(), text)
    };
    // rows sort by what does not differ from one way to the other
    let mut cells: Line = names.iter().enumerate().map(one).collect();
    cells.sort_by_key(|(name, _)| (name != "follow_up_id", name != "entity_id", name != "id"));
    cells
}

/// A value without what it says: whether it is there, and how it is written.
fn shape(text: &str) -> String {
    let mut shape: String = text.chars().map(|c| if c.is_ascii_hexdigit() { '0' } else { c }).collect();
    while shape.contains("00") {
        shape = shape.replace("00", "0");
    }
    // whole seconds are written without a fraction
    shape.replace(":0.0", ":0")
}
