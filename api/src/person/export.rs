//! Everything that Kafo keeps about a person, to take away.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use entity::person::Model;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store;
use crate::auth::Action;
use crate::db::{Change, Seen, Tx};
use crate::error::{At, Error, Result, Why};
use crate::graphql::Language;
use crate::id::Kind;
use crate::sheet::{File, sheet};
use crate::text;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One object: a list of rows for each table.
    Json,
    /// One line for each column of each row.
    Csv,
}

/// All that leads to a person. Oneself; an administrator gives a reason, which is recorded.
///
/// # Errors
/// `NOT_FOUND`, `PERMISSION_DENIED`, `REQUIRED` at `reason`, `STATE` of somebody who was merged.
pub async fn of_person(
    tx: Tx,
    person: Uuid,
    reason: Option<&str>,
    format: Format,
    language: Language,
) -> Result<File> {
    let seen: Seen<Model> = tx.seen(Kind::Person, person).await?;
    let permit = tx.permit(Action::PersonExport, &store::target(&seen))?;
    crate::merge::standing(seen.merged_into_id)?;
    let is_own = tx.actor().person_id == Some(seen.id);
    let reason = text::optional(reason, text::LONGEST).at("reason")?;
    if !is_own && reason.is_none() {
        return Err(Error::refused(Why::Required).at("reason"));
    }
    let tables = store::everything(&tx, &permit, seen.id).await?;
    let names = store::names(&tx, &ids(&tables)).await?;
    let name = format!("kafo-{}", Kind::Person.id(seen.id));
    let file = match format {
        Format::Json => {
            let at = tx.now().to_rfc3339_opts(SecondsFormat::Secs, true);
            written(name, &Kind::Person.id(seen.id), &at, &tables, names)
        }
        Format::Csv => lines(name, &tables, &names, language)?,
    };
    if is_own {
        // one's own data are one's own business
        tx.nothing_to_do(seen.id).await?;
    } else {
        tx.commit(Change::new("personExport", Kind::Person, seen.id).because(reason)).await?;
    }
    Ok(file)
}

/// The ids among the values.
fn ids(tables: &[store::Rows]) -> Vec<(Kind, Uuid)> {
    let values = tables.iter().flat_map(|t| &t.rows).flat_map(Map::values);
    let ids: BTreeSet<_> = values.filter_map(Value::as_str).filter_map(Kind::parse).collect();
    ids.into_iter().collect()
}

fn written(name: String, person: &str, at: &str, tables: &[store::Rows], names: Map<String, Value>) -> File {
    let all: Map<String, Value> = tables
        .iter()
        .map(|t| (t.table.to_owned(), t.rows.clone().into_iter().map(Value::Object).collect()))
        .collect();
    let body = json!({ "person": person, "exportedAt": at, "tables": all, "names": names });
    let content_type = "application/json; charset=utf-8";
    File { name: name + ".json", content_type, body: body.to_string().into_bytes() }
}

fn lines(
    name: String,
    tables: &[store::Rows],
    names: &Map<String, Value>,
    language: Language,
) -> Result<File> {
    let header = match language {
        Language::English => ["table", "row", "column", "value"],
        Language::French => ["table", "ligne", "colonne", "valeur"],
    };
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut rows = Vec::new();
    for table in tables {
        for (number, row) in (1..).zip(&table.rows) {
            for (column, value) in row.iter().filter(|(_, value)| !value.is_null()) {
                rows.push(vec![table.table.to_owned(), format!("{number}"), column.clone(), plain(value)]);
            }
        }
    }
    for (number, (id, called)) in (1..).zip(names) {
        rows.push(vec!["names".to_owned(), format!("{number}"), id.clone(), plain(called)]);
    }
    sheet(name + ".csv", &header, &rows)
}
