//! `kafo import memberships`: a table of seats, through the API.

mod table;

use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::Failure;
use crate::account::store::{self as accounts, Credential};
use crate::app::App;
use crate::id::Kind;
use table::Row;

/// What becomes of seats that the file does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Missing {
    /// They stay.
    Keep,
    /// They stay, and are listed.
    Report,
    /// They end today.
    End,
}

/// What to do with a file.
pub struct Task<'a> {
    /// The file.
    pub file: &'a Path,
    /// The slug or id of the group.
    pub group: &'a str,
    /// The address of the account in whose name it happens.
    pub account: &'a str,
    /// What becomes of seats that the file does not name.
    pub missing: Missing,
    /// Only say what would be done.
    pub dry_run: bool,
}

const SYNC: &str = "mutation($input: MembershipsSyncInput!) { membershipsSync(input: $input) {
    rows { index outcome isPersonNew changes { field before after } candidates { field id name score why } }
    missing { outcome id membership { role person { displayName } organisation { name acronym } } }
    createdCount updatedCount endedCount unchangedCount personCount
    userErrors { code message field } } }";

/// Brings the seats of a group into line with a file; the report.
pub async fn import(app: &App, task: &Task<'_>) -> Result<String, Failure> {
    let name = task.file.display().to_string();
    let bytes = std::fs::read(task.file).map_err(|e| Failure::new(format!("{name}: {e}")))?;
    let rows =
        table::rows(&bytes).map_err(|(line, what)| Failure::new(format!("{name}, line {line}: {what}")))?;
    let account = accounts::by_email(app.db(), task.account).await?;
    let session = accounts::open_session(app.db().begin(App::nobody(app.db()), None).await?, account).await?;
    let who = Credential::Session { account, session };
    let payload = send(app, &who, task, &rows).await;
    accounts::close_session(app.db().begin(App::nobody(app.db()), None).await?, session).await?;
    let payload = payload?;
    if list(&payload, "userErrors").is_empty() {
        Ok(report(&name, task.dry_run, &rows, &payload))
    } else {
        Err(Failure(refusals(&name, &rows, &payload)))
    }
}

async fn send(app: &App, who: &Credential, task: &Task<'_>, rows: &[Row]) -> Result<Value, Failure> {
    let group = match Kind::parse(task.group) {
        Some(_) => task.group.to_owned(),
        None => {
            let query = "query($slug: String!) { group(by: { slug: $slug }) { id } }";
            let data = ask(app, who, query, json!({ "slug": task.group })).await?;
            let id = data["group"]["id"].as_str().map(str::to_owned);
            id.ok_or_else(|| {
                Failure::new(format!("there is no group {:?}, or this account may not see it", task.group))
            })?
        }
    };
    let missing = match task.missing {
        Missing::Keep => "KEEP",
        Missing::Report => "REPORT",
        Missing::End => "END",
    };
    let inputs: Vec<&Value> = rows.iter().map(|row| &row.input).collect();
    let input = json!({ "group": group, "rows": inputs, "missing": missing, "dryRun": task.dry_run });
    let data = ask(app, who, SYNC, json!({ "input": input })).await?;
    Ok(data["membershipsSync"].clone())
}

async fn ask(app: &App, who: &Credential, document: &str, variables: Value) -> Result<Value, Failure> {
    let mut answer = app.answer_the_program(who, document, variables).await?;
    let errors: Vec<String> = list(&answer, "errors").iter().map(|e| text(e, "message").to_owned()).collect();
    if errors.is_empty() { Ok(answer["data"].take()) } else { Err(Failure(errors)) }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The row of the file that a row of the payload is about.
fn line_of<'a>(rows: &'a [Row], index: &Value) -> Option<&'a Row> {
    rows.get(usize::try_from(index.as_u64()?).ok()?)
}

fn perhaps(candidate: &Value) -> String {
    let (id, name, why) = (text(candidate, "id"), text(candidate, "name"), text(candidate, "why"));
    format!("    perhaps {name} ({id}): {} of 100, {why}", candidate["score"])
}

/// What was done, or would be, line by line; what stayed is only counted.
fn report(name: &str, dry_run: bool, rows: &[Row], payload: &Value) -> String {
    let mut lines = Vec::new();
    for done in list(payload, "rows").iter().filter(|row| row["outcome"] != "UNCHANGED") {
        let Some(row) = line_of(rows, &done["index"]) else { continue };
        let entered = if done["isPersonNew"] == true { ", the person too" } else { "" };
        let outcome = text(done, "outcome").to_lowercase();
        lines.push(format!("line {}: {outcome}{entered}: {}", row.line, row.label));
        for change in list(done, "changes") {
            let (field, nothing) = (text(change, "field"), "nothing");
            let before = change["before"].as_str().unwrap_or(nothing);
            let after = change["after"].as_str().unwrap_or(nothing);
            lines.push(format!("    {field}: {before} -> {after}"));
        }
        lines.extend(list(done, "candidates").iter().map(perhaps));
    }
    for seat in list(payload, "missing") {
        let what = if seat["outcome"] == "ENDED" { "ended" } else { "stays" };
        let membership = &seat["membership"];
        let organisation = &membership["organisation"];
        let organisation = organisation["acronym"].as_str().or(organisation["name"].as_str());
        let who = [membership["person"]["displayName"].as_str(), organisation, membership["role"].as_str()];
        let who = who.into_iter().flatten().collect::<Vec<_>>().join(", ");
        lines.push(format!("not in the file, {what}: {who} ({})", text(seat, "id")));
    }
    let number = |count: &str| payload[count].as_u64().unwrap_or_default();
    lines.push(format!(
        "{name}: {} rows: {} created, {} updated, {} ended, {} unchanged; {} people entered",
        rows.len(),
        number("createdCount"),
        number("updatedCount"),
        number("endedCount"),
        number("unchangedCount"),
        number("personCount"),
    ));
    if dry_run {
        lines.push("This was a dry run: nothing was changed.".to_owned());
    }
    lines.join("\n")
}

/// Why nothing was changed, line by line, and who may be meant.
fn refusals(name: &str, rows: &[Row], payload: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for error in list(payload, "userErrors") {
        let path: Vec<&str> = list(error, "field").iter().filter_map(Value::as_str).collect();
        let index: Option<usize> = match path.as_slice() {
            ["input", "rows", index, ..] => index.parse().ok(),
            _ => None,
        };
        let row = index.and_then(|index| rows.get(index));
        let rest = path.get(if row.is_some() { 3.. } else { 1.. }).unwrap_or_default().join(".");
        let place = row.map_or_else(|| name.to_owned(), |row| format!("{name}, line {}", row.line));
        let (code, message) = (text(error, "code"), text(error, "message"));
        let rest = if rest.is_empty() { rest } else { format!("{rest}: ") };
        lines.push(format!("{place}: {rest}{message} [{code}]"));
        let field = path.get(3).copied().unwrap_or_default();
        let refused =
            list(payload, "rows").iter().find(|r| r["index"].as_u64().map(usize::try_from) == index.map(Ok));
        let candidates = refused.map_or(&[][..], |row| list(row, "candidates"));
        lines.extend(candidates.iter().filter(|c| text(c, "field") == field).map(perhaps));
    }
    lines.push("Nothing was changed.".to_owned());
    lines
}
