//! The three documents, asked of each server about random groups and meetings; and whether the answers agree.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::chance::Chance;
use crate::country::Country;
use crate::drive::{Failure, Load};
use crate::mutations::id;

/// Their names: open actions of a group, a meeting's whole outcome, a hundred members of a group.
pub const QUERIES: [&str; 3] = ["q1", "q2", "q3"];
/// For how many requests ids are drawn.
const DRAWN: usize = 2000;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Kafo, by a service with a token.
    Kafo,
    /// Kafo, by nobody in particular, about what is public.
    Anonymous,
    /// PostGraphile.
    PostGraphile,
    /// Statements written by hand, whose rows are folded.
    Limit,
    /// A statement written by hand that writes the answer.
    Json,
}

impl Who {
    /// As tables name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kafo => "Kafo",
            Self::Anonymous => "Kafo, anonymous",
            Self::PostGraphile => "PostGraphile",
            Self::Limit => "limit",
            Self::Json => "limit, as JSON",
        }
    }
}

/// What is asked: the same ids for everybody, in the same order, but for who sees only what is public.
///
/// # Errors
/// A document cannot be read.
pub fn load(
    documents: &Path,
    country: &Country,
    who: Who,
    query: &str,
    port: u16,
    token: &str,
) -> Result<Load, Failure> {
    let public = who == Who::Anonymous;
    let groups = country.groups.iter().filter(|g| !public || g.visibility == 0).map(|g| g.id);
    let meetings = country.meetings.iter().filter(|m| !public || m.is_published).map(|m| m.id);
    let (prefix, among): (&str, Vec<Uuid>) =
        if query == "q2" { ("mtg", meetings.collect()) } else { ("grp", groups.collect()) };
    let mut chance = Chance::new(7);
    let ids: Vec<Uuid> = (0..DRAWN).map(|_| chance.of(&among)).collect();
    let folder = match who {
        Who::Limit | Who::Json => {
            let path = if who == Who::Json { "/json" } else { "" };
            let asks = ids.iter().map(|id| (format!("{path}/{query}/{id}"), None)).collect();
            return Ok(Load { port, bearer: None, asks: Arc::new(asks) });
        }
        Who::PostGraphile => "postgraphile",
        Who::Kafo | Who::Anonymous => "kafo",
    };
    let file = documents.join(folder).join(format!("{query}.graphql"));
    let document = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let body = |uuid: &Uuid| {
        let id = if who == Who::PostGraphile { uuid.to_string() } else { id(prefix, *uuid) };
        Bytes::from(json!({ "query": document, "variables": { "id": id } }).to_string())
    };
    let asks = ids.iter().map(|id| ("/graphql".to_owned(), Some(body(id)))).collect();
    let bearer = (who == Who::Kafo).then(|| token.to_owned());
    Ok(Load { port, bearer, asks: Arc::new(asks) })
}

/// An answer without what differs between the servers by design: how it is wrapped, how ids are spelt, cursors.
///
/// # Errors
/// It is no answer.
pub fn content(body: &[u8]) -> Result<Value, Failure> {
    let mut answer: Value = serde_json::from_slice(body)?;
    if answer.get("errors").is_some() {
        return Err(format!("no answer: {answer}").into());
    }
    if let Some(data) = answer.get_mut("data") {
        let data = data.take();
        let first = data.as_object().and_then(|d| d.values().next().cloned());
        answer = first.ok_or("an answer without a field")?;
    }
    Ok(plain(answer))
}

fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            fields.remove("endCursor");
            if fields.len() == 1
                && let Some(nodes) = fields.remove("nodes")
            {
                return plain(nodes);
            }
            let field = |(name, value): (String, Value)| match value {
                Value::String(text) if name == "id" => {
                    let hex: String = text.chars().filter(|c| *c != '-').collect();
                    (name, hex.rsplit('_').next().unwrap_or_default().into())
                }
                other => (name, plain(other)),
            };
            fields.into_iter().map(field).collect()
        }
        Value::Array(values) => values.into_iter().map(plain).collect(),
        other => other,
    }
}

/// Where two answers differ first, and in what; nothing if they do not.
#[must_use]
pub fn difference(one: &Value, other: &Value) -> Option<String> {
    let below =
        |name: String, pair: (&Value, &Value)| Some(format!("{name}.{}", difference(pair.0, pair.1)?));
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().zip(other.values()).find_map(|((name, a), b)| below(name.clone(), (a, b)))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(n, pair)| below(n.to_string(), pair))
        }
        (one, other) => (one != other).then(|| format!(" {one} / {other}")),
    }
}
