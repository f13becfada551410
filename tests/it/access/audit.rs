//! The audit log: whose entries each principal reads, and what is told of them.

use std::collections::BTreeMap;

use tests::{Client, Value, json};

use super::policy::Who;
use super::predict::Oracle;
use super::report::{Report, Verdict};

/// The type of the entries.
pub const ENTRY: &str = "AuditEntry";

const LOG: &str = "query($after: String) { viewer { account { id } } auditLog(first: 100, after: $after) {
    nodes { id at position kind entityKind entityId fromState toState reason requestId operation { id } group { id } entity { id }
        actingFor { id } actor { id displayName isService person { id } } }
    pageInfo { hasNextPage endCursor } } }";

/// What every entry of some kinds is about: people, or nobody in particular.
const ABOUT_PEOPLE: [&str; 4] = ["Person", "Invitation", "MembershipRequest", "Attendance"];
const ABOUT_NOBODY: [&str; 8] =
    ["Group", "Meeting", "MeetingSeries", "AgendaItem", "Minutes", "Recommendation", "FollowUp", "Document"];

/// All entries that somebody is shown, by their place in the sequence; and the id of their account.
pub async fn read(client: &Client) -> (BTreeMap<u64, Value>, Value) {
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let answer = client.ask(LOG, json!({ "after": after })).await;
        let me = answer.data()["viewer"]["account"]["id"].clone();
        for node in answer.list("/auditLog/nodes") {
            all.insert(node["position"].as_u64().expect("a position"), node.clone());
        }
        let page = answer.at("/auditLog/pageInfo");
        if page["hasNextPage"] != true {
            return (all, me);
        }
        after = page["endCursor"].clone();
    }
}

/// Reads the log as somebody, and compares with what there is: what an administrator reads.
pub async fn as_principal(oracle: &Oracle, who: &Who, report: &mut Report) {
    let (told, me) = read(&who.client).await;
    for (position, entry) in &oracle.log {
        let (must, may) = predicted(oracle, who, entry, &me);
        let is_told = told.contains_key(position);
        if (must && !is_told) || (is_told && !may) {
            let said = if is_told { "should not read" } else { "should read" };
            report.wrong("Query.auditLog", &who.name, format!("Query.auditLog: {} {said} {entry}", who.name));
        }
    }
    for (position, told) in &told {
        let Some(entry) = oracle.log.get(position) else { continue };
        linked(oracle, who, entry, told, report);
    }
    by_id(oracle, who, &told, report).await;
    let verdict = if told.is_empty() { Verdict::Empty } else { Verdict::Value };
    report.tell("1 field", "Query.auditLog", &who.name, verdict);
    for of in [ENTRY, "AuditActor"] {
        for field in &oracle.schema.named(of).fields {
            let value = |e: &Value| {
                if of == ENTRY { e[&field.name].clone() } else { e["actor"][&field.name].clone() }
            };
            let verdict = match told.values().map(value).find(|v| !v.is_null()) {
                Some(_) => Verdict::Value,
                None if told.is_empty() => Verdict::NotFound,
                None => Verdict::Null,
            };
            report.tell("1 field", &format!("{of}.{}", field.name), &who.name, verdict);
        }
    }
}

/// By their ids the same entries are told as by the list, and no others.
async fn by_id(oracle: &Oracle, who: &Who, told: &BTreeMap<u64, Value>, report: &mut Report) {
    const NODES: &str =
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on AuditEntry { position at kind } } }";
    let entries: Vec<(&u64, &Value)> = oracle.log.iter().collect();
    for some in entries.chunks(100) {
        let ids: Vec<&Value> = some.iter().map(|(_, entry)| &entry["id"]).collect();
        let answer = who.client.ask(NODES, json!({ "ids": ids })).await;
        for ((position, entry), node) in some.iter().zip(answer.list("/nodes")) {
            let same = ["id", "position", "at", "kind"].iter().all(|f| node[f] == entry[f]);
            if told.contains_key(position) != same || (!same && !node.is_null()) {
                let said = format!("AuditEntry.id: {} is told {node} of {entry}", who.name);
                report.wrong("AuditEntry.id", &who.name, said);
            }
        }
    }
}

/// Whether somebody must read an entry, and whether they may. The two differ only for information managers, on kinds
/// of which the documents do not say whether they are about people.
fn predicted(oracle: &Oracle, who: &Who, entry: &Value, me: &Value) -> (bool, bool) {
    if !who.is_signed_in || !oracle.table.covers(who, "audit.read") {
        return (false, false);
    }
    let is_own = !me.is_null() && &entry["actor"]["id"] == me;
    let operation = entry["operation"]["id"].as_str();
    let manages = operation.is_some_and(|o| who.manages.iter().any(|m| m == o));
    let by_seat = |word: &str| {
        let group = entry["group"]["id"].as_str();
        who.seats
            .iter()
            .any(|s| Some(s.group.as_str()) == group && oracle.table.cell("audit.read", &s.role) == word)
    };
    let must = is_own || who.is_admin || manages || by_seat("yes");
    let kind = entry["entityKind"].as_str().unwrap_or_default();
    let by_group = by_seat("group");
    (must || (by_group && ABOUT_NOBODY.contains(&kind)), must || (by_group && !ABOUT_PEOPLE.contains(&kind)))
}

/// What an entry leads to is shown to whoever sees it, and is null to all others.
fn linked(oracle: &Oracle, who: &Who, entry: &Value, told: &Value, report: &mut Report) {
    for (what, path) in [
        ("AuditEntry.group", "/group/id"),
        ("AuditEntry.operation", "/operation/id"),
        ("AuditEntry.entity", "/entity/id"),
        ("AuditEntry.actingFor", "/actingFor/id"),
        ("AuditActor.person", "/actor/person/id"),
    ] {
        let id = |of: &Value| of.pointer(path).and_then(Value::as_str).map(str::to_owned);
        // rows that the witness does not see are none of the matrix
        let Some(linked) = id(entry).filter(|id| oracle.facts.find(id).is_some()) else { continue };
        let wanted = oracle.sees(who, &linked);
        if wanted != id(told).is_some() {
            let said = format!("{what}: {} should see {linked}: {wanted}, in {told}", who.name);
            report.wrong(what, &who.name, said);
        }
    }
    let same = ["at", "kind", "entityKind", "entityId", "fromState", "toState", "reason", "requestId"];
    if same.iter().any(|f| entry[f] != told[f]) {
        report.wrong("AuditEntry", &who.name, format!("AuditEntry: {} is told {told} of {entry}", who.name));
    }
}
