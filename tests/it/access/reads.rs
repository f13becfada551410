//! Everything that can be read, by everybody: by id, through the interface, along every edge, in every list.

use std::collections::{BTreeMap, BTreeSet};

use tests::{Client, Value, json};

use super::facts::list;
use super::policy::Who;
use super::predict::Oracle;
use super::report::{Report, Verdict};
use super::schema::Schema;
use super::{audit, beside};

/// Lists that lead to rows: root field, type, arguments.
const LISTS: &[(&str, &str, &str)] = &[
    ("groups", "Group", ""),
    ("meetings", "Meeting", ""),
    ("memberships", "Membership", ""),
    ("organisations", "Organisation", ""),
    ("people", "Person", ""),
    ("recommendations", "Recommendation", ""),
    ("followUps", "FollowUp", ""),
    ("openActions", "FollowUp", ""),
    ("referrals", "Referral", ""),
    ("documents", "Document", ""),
    ("announcements", "Announcement", ""),
    ("places", "Place", ""),
    ("serviceAccounts", "ServiceAccount", ""),
    ("invitations", "Invitation", ""),
    ("membershipRequests", "MembershipRequest", ""),
    ("breakGlassAccesses", "BreakGlass", ""),
];

/// The lists at the root, and the type of their rows.
pub fn lists_of() -> impl Iterator<Item = (&'static str, &'static str)> {
    LISTS.iter().map(|(field, of, _)| (*field, *of))
}

/// Root fields that look up one row by `by: { id }`.
const LOOKUPS: &[(&str, &str)] = &[
    ("document", "Document"),
    ("followUp", "FollowUp"),
    ("group", "Group"),
    ("meeting", "Meeting"),
    ("membership", "Membership"),
    ("minutes", "Minutes"),
    ("operation", "Operation"),
    ("organisation", "Organisation"),
    ("person", "Person"),
    ("place", "Place"),
    ("recommendation", "Recommendation"),
    ("serviceAccount", "ServiceAccount"),
];

/// The ids of all rows that somebody reaches along every edge from every list.
pub async fn crawl(client: &Client, schema: &Schema) -> Vec<String> {
    let mut document = String::from("{ operations { id }");
    for (field, _, _) in LISTS {
        document += &format!(" {field}(first: 100) {{ totalCount nodes {{ id }} }}");
    }
    document += " mergedPeople: people(filter: { isMerged: true }) { nodes { id } }
        mergedOrganisations: organisations(filter: { isMerged: true }) { nodes { id } } }";
    let answer = client.ask(&document, json!({})).await;
    for (field, _, _) in LISTS {
        let count = answer.at(&format!("/{field}/totalCount")).as_u64().expect("a count");
        assert!(count <= 100, "{field}: {count} rows are more than a page");
    }
    let mut known = BTreeSet::new();
    collect(answer.data(), &mut known);
    let mut next: Vec<String> = known.iter().cloned().collect();
    while !next.is_empty() {
        let mut found = BTreeSet::new();
        for row in rows(client, schema, &next).await {
            collect(&row, &mut found);
        }
        next = found.difference(&known).cloned().collect();
        known.extend(found);
    }
    known.into_iter().collect()
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(id) = fields.get("id").and_then(Value::as_str) {
                ids.insert(id.to_owned());
            }
            fields.values().for_each(|v| collect(v, ids));
        }
        Value::Array(values) => values.iter().for_each(|v| collect(v, ids)),
        _ => {}
    }
}

/// What somebody is told about these rows, in their order: a few requests for each type, through `Node`.
pub async fn rows(client: &Client, schema: &Schema, ids: &[String]) -> Vec<Value> {
    let mut kinds: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for id in ids {
        kinds.entry(id.split('_').next().unwrap_or_default()).or_default().push(id);
    }
    let mut told: BTreeMap<&String, Value> = BTreeMap::new();
    for (prefix, ids) in kinds {
        let whole = schema.whole(type_of(prefix));
        // with every edge of every row: more at once would cost too much
        for ids in ids.chunks(50) {
            for part in &whole {
                let answer = client.ask(part, json!({ "ids": ids })).await;
                for (id, row) in ids.iter().copied().zip(answer.list("/nodes")) {
                    match (told.get_mut(id), row) {
                        (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
                        _ => drop(told.insert(id, row.clone())),
                    }
                }
            }
        }
    }
    ids.iter().map(|id| told.remove(id).unwrap_or_default()).collect()
}

/// The type of the rows whose ids begin so.
fn type_of(prefix: &str) -> &'static str {
    match prefix {
        "opn" => "Operation",
        "grp" => "Group",
        "org" => "Organisation",
        "per" => "Person",
        "mbr" => "Membership",
        "ser" => "MeetingSeries",
        "mtg" => "Meeting",
        "agi" => "AgendaItem",
        "att" => "Attendance",
        "min" => "Minutes",
        "rec" => "Recommendation",
        "fup" => "FollowUp",
        "rev" => "Review",
        "ref" => "Referral",
        "ann" => "Announcement",
        "doc" => "Document",
        "plc" => "Place",
        "svc" => "ServiceAccount",
        "tok" => "ApiToken",
        "inv" => "Invitation",
        "req" => "MembershipRequest",
        "brk" => "BreakGlass",
        other => panic!("ids that begin with {other:?} are of no known type"),
    }
}

/// Reads everything as somebody, and compares.
pub async fn as_principal(oracle: &Oracle, who: &Who, report: &mut Report) {
    let ids = &oracle.facts.order;
    if who.is_revoked {
        return turned_away(oracle, who, report).await;
    }
    for (id, told) in ids.iter().zip(rows(&who.client, &oracle.schema, ids).await) {
        let fact = oracle.facts.of(id);
        let line = format!("{} {}", fact.of, fact.label);
        let verdict = if told.is_null() { Verdict::NotFound } else { Verdict::Value };
        report.tell("2 row", &line, &who.name, verdict);
        let wanted = oracle.row(who, id);
        if wanted.is_null() != told.is_null() {
            let said = |v: &Value| if v.is_null() { "hidden" } else { "shown" };
            let said = format!("{line}: {} should be {}, is {}", who.name, said(&wanted), said(&told));
            report.wrong(&fact.of, &who.name, said);
        }
        count(oracle, &fact.of, &told, who, report);
        if !told.is_null() && !wanted.is_null() {
            differ((&fact.of, &line), &wanted, &told, who, report);
        }
    }
    lists(oracle, who, report).await;
    lookups(oracle, who, report).await;
    beside::as_principal(oracle, who, report).await;
    about_oneself(oracle, who, report).await;
    audit::as_principal(oracle, who, report).await;
}

/// Whoever's sign-in was ended is told nothing, and always the same.
async fn turned_away(oracle: &Oracle, who: &Who, report: &mut Report) {
    let answer =
        who.client.ask(&oracle.schema.whole("Group")[0], json!({ "ids": oracle.facts.order[..1] })).await;
    assert_eq!((answer.status, answer.error_code()), (401, Some("UNAUTHENTICATED")), "{}", who.name);
    for name in oracle.schema.nodes() {
        for field in &oracle.schema.named(name).fields {
            report.tell("1 field", &format!("{name}.{}", field.name), &who.name, Verdict::Unauthenticated);
        }
    }
    for id in &oracle.facts.order {
        let fact = oracle.facts.of(id);
        report.tell("2 row", &format!("{} {}", fact.of, fact.label), &who.name, Verdict::Unauthenticated);
    }
}

/// Counts the verdict of every field of a row, and of what is inside it.
fn count(oracle: &Oracle, of: &str, told: &Value, who: &Who, report: &mut Report) {
    for field in &oracle.schema.named(of).fields {
        let value = &told[format!("{of}_{}", field.name)];
        let verdict = match value {
            _ if told.is_null() => Verdict::NotFound,
            Value::Null => Verdict::Null,
            Value::Array(list) if list.is_empty() => Verdict::Empty,
            Value::Object(o) if o.get("nodes").is_some_and(|n| n == &json!([])) => Verdict::Empty,
            _ => Verdict::Value,
        };
        report.tell("1 field", &format!("{of}.{}", field.name), &who.name, verdict);
        if !oracle.schema.is_composite(&field.of)
            || oracle.schema.is_node(&field.of)
            || field.of.ends_with("Connection")
        {
            continue;
        }
        match value {
            Value::Array(list) => list.iter().for_each(|v| count(oracle, &field.of, v, who, report)),
            Value::Object(_) => count(oracle, &field.of, value, who, report),
            _ => {}
        }
    }
}

/// Notes where an answer is not the predicted one, field by field (`Type_field`).
fn differ((name, path): (&str, &str), wanted: &Value, told: &Value, who: &Who, report: &mut Report) {
    // it moves while the matrix asks: only whether there is one
    if name == "ApiToken.lastUsedAt" && wanted.is_null() == told.is_null() {
        return;
    }
    match (wanted, told) {
        (Value::Object(w), Value::Object(t)) if w.contains_key("totalCount") => {
            let edges: Vec<&Value> =
                t["edges"].as_array().into_iter().flatten().map(|e| &e["node"]).collect();
            let nodes: Vec<&Value> = t["nodes"].as_array().into_iter().flatten().collect();
            let same = w["nodes"] == t["nodes"] && w["totalCount"] == t["totalCount"] && edges == nodes;
            let pages = &t["pageInfo"];
            if !same || pages["hasNextPage"] == true || pages["hasPreviousPage"] == true {
                report.wrong(
                    name,
                    &who.name,
                    format!("{path}: {} should see {wanted}, sees {told}", who.name),
                );
            }
        }
        (Value::Object(w), Value::Object(t)) => {
            for (key, value) in w {
                let name = key.replacen('_', ".", 1);
                differ(
                    (&name, &format!("{path} {name}")),
                    value,
                    t.get(key).unwrap_or(&Value::Null),
                    who,
                    report,
                );
            }
        }
        (Value::Array(w), Value::Array(t)) if w.len() == t.len() && !w.iter().all(Value::is_string) => {
            for (w, t) in w.iter().zip(t) {
                differ((name, path), w, t, who, report);
            }
        }
        _ if sorted(wanted) != sorted(told) => {
            report.wrong(
                name,
                &who.name,
                format!("{path}: {} should be told {wanted}, is told {told}", who.name),
            );
        }
        _ => {}
    }
}

/// Lists of words are sets.
fn sorted(value: &Value) -> Value {
    let Some(list) = value.as_array().filter(|l| l.iter().all(Value::is_string)) else {
        return value.clone();
    };
    let words: BTreeSet<&str> = list.iter().filter_map(Value::as_str).collect();
    json!(words)
}

/// Every list holds exactly what the principal sees.
async fn lists(oracle: &Oracle, who: &Who, report: &mut Report) {
    for (field, of, _) in LISTS {
        let document = format!(
            "{{ {field}(first: 100) {{ totalCount nodes {{ id }} edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage }} }} }}"
        );
        let answer = who.client.ask(&document, json!({})).await;
        let told: BTreeSet<&str> =
            answer.list(&format!("/{field}/nodes")).iter().filter_map(|n| n["id"].as_str()).collect();
        let wanted: BTreeSet<&str> = oracle
            .facts
            .all(of)
            .filter(|fact| fact.get("mergedInto").is_null())
            .filter(|fact| {
                *field != "openActions" || ["OPEN", "IN_PROGRESS", "BLOCKED"].contains(&fact.text("status"))
            })
            .filter(|fact| oracle.sees(who, &fact.id))
            .map(|fact| fact.id.as_str())
            .collect();
        let line = format!("Query.{field}");
        let labels = |ids: &[&&str]| {
            ids.iter()
                .map(|id| oracle.facts.find(id).map_or("?", |f| f.label.as_str()).to_owned())
                .collect::<Vec<_>>()
        };
        if told != wanted {
            let (more, less) =
                (wanted.difference(&told).collect::<Vec<_>>(), told.difference(&wanted).collect::<Vec<_>>());
            report.wrong(
                &line,
                &who.name,
                format!(
                    "{line}: {} misses {:?}, should not see {:?}",
                    who.name,
                    labels(&more),
                    labels(&less)
                ),
            );
        }
        let count = answer.at(&format!("/{field}/totalCount"));
        if count != &json!(wanted.len()) {
            let said = format!("{line}: {} should count {}, counts {count}", who.name, wanted.len());
            report.wrong(&line, &who.name, said);
        }
        let verdict = if told.is_empty() { Verdict::Empty } else { Verdict::Value };
        report.tell("1 field", &line, &who.name, verdict);
    }
}

/// By id through each root field, and hidden rows the same as a missing one, to the byte.
async fn lookups(oracle: &Oracle, who: &Who, report: &mut Report) {
    for (field, of) in LOOKUPS {
        let facts: Vec<_> = oracle.facts.all(of).filter(|f| f.get("mergedInto").is_null()).collect();
        let ids: Vec<&str> = facts.iter().map(|f| f.id.as_str()).collect();
        by_alias(oracle, who, field, |id| format!("{field}(by: {{ id: \"{id}\" }}) {{ id }}"), &ids, report)
            .await;
    }
    let ids: Vec<&str> = oracle.facts.all("MeetingSeries").map(|f| f.id.as_str()).collect();
    by_alias(
        oracle,
        who,
        "meetingSeries",
        |id| format!("meetingSeries(id: \"{id}\") {{ id }}"),
        &ids,
        report,
    )
    .await;
    // `nodes` has told of all of them; `node` goes the same way
    let ids: Vec<&str> = oracle.facts.order.iter().step_by(5).map(String::as_str).collect();
    by_alias(oracle, who, "node", |id| format!("node(id: \"{id}\") {{ id }}"), &ids, report).await;
    // one hidden row of each type and one that is missing: the same bytes
    for of in oracle.schema.nodes() {
        let Some(hidden) = oracle.facts.all(of).find(|f| !oracle.sees(who, &f.id)) else { continue };
        let prefix = hidden.id.split('_').next().unwrap_or_default();
        let missing = format!("{prefix}_019000000000700080000000ffffffff");
        let document = "query($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id]) { id } }";
        let (told, nothing) = (
            who.client.ask(document, json!({ "id": hidden.id })).await,
            who.client.ask(document, json!({ "id": missing })).await,
        );
        if (told.status, &told.body) != (nothing.status, &nothing.body) {
            report.wrong(
                "Query.node",
                &who.name,
                format!(
                    "{} hidden from {} is not the same as missing: {}",
                    hidden.label, who.name, told.body
                ),
            );
        }
    }
    for group in oracle.facts.all("Group") {
        let document = "query($id: ID!) { meetingSeriesOf(group: $id) { id } }";
        let answer = who.client.ask(document, json!({ "id": group.id })).await;
        let mut told: Vec<&str> =
            answer.list("/meetingSeriesOf").iter().filter_map(|s| s["id"].as_str()).collect();
        told.sort_unstable();
        let mut wanted: Vec<&str> = oracle
            .facts
            .all("MeetingSeries")
            .filter(|s| s.linked("group").as_ref() == Some(&group.id) && oracle.sees(who, &s.id))
            .map(|s| s.id.as_str())
            .collect();
        wanted.sort_unstable();
        if told != wanted {
            report.wrong(
                "Query.meetingSeriesOf",
                &who.name,
                format!(
                    "Query.meetingSeriesOf {}: {} should see {wanted:?}, sees {told:?}",
                    group.label, who.name
                ),
            );
        }
        let verdict = if told.is_empty() { Verdict::Empty } else { Verdict::Value };
        report.tell("1 field", "Query.meetingSeriesOf", &who.name, verdict);
    }
}

async fn by_alias(
    oracle: &Oracle,
    who: &Who,
    field: &str,
    ask: impl Fn(&str) -> String,
    ids: &[&str],
    report: &mut Report,
) {
    for ids in ids.chunks(20) {
        let mut document = String::from("{");
        for (n, id) in ids.iter().enumerate() {
            document += &format!(" a{n}: {}", ask(id));
        }
        let answer = who.client.ask(&(document + " }"), json!({})).await;
        for (n, id) in ids.iter().enumerate() {
            let told = answer.at(&format!("/a{n}"));
            let wanted = oracle.sees(who, id);
            if wanted == told.is_null() {
                let label = &oracle.facts.of(id).label;
                report.wrong(
                    &format!("Query.{field}"),
                    &who.name,
                    format!("Query.{field} {label}: {} should see it: {wanted}; is told {told}", who.name),
                );
            }
            let verdict = if told.is_null() { Verdict::Null } else { Verdict::Value };
            report.tell("1 field", &format!("Query.{field}"), &who.name, verdict);
        }
    }
}

/// Who one is, counts, and the lists that are for everybody.
async fn about_oneself(oracle: &Oracle, who: &Who, report: &mut Report) {
    let document = "{ viewer { isAdmin managedOperations seats { group role isInherited } account { id email displayName person isService hasSecondFactor recoveryCodesLeft
            identities { id } apiTokens { id } sessions { id method client isCurrent hasSecondFactor createdAt lastUsedAt expiresAt } } }
        actionSummary(groupBy: [GROUP, STATUS, ORGANISATION, DUE_MONTH]) {
          total { count overdueCount withoutDateCount withoutOwnerCount medianAgeInDays }
          rows { dueMonth status group { id } organisation { id } counts { count overdueCount withoutDateCount withoutOwnerCount medianAgeInDays } } }
        operations { id } openidIssuers { issuer } countries { iso2 iso3 name } sectors { code name aliases } organisationTypes { code name aliases }
        enumLabels { enum value label } nodes(ids: []) { id } }";
    let answer = who.client.ask(document, json!({})).await;
    let data = answer.data();
    let viewer = &data["viewer"];
    let open: Vec<_> = oracle
        .facts
        .all("FollowUp")
        .filter(|f| ["OPEN", "IN_PROGRESS", "BLOCKED"].contains(&f.text("status")) && oracle.sees(who, &f.id))
        .collect();
    let mut seats: Vec<Value> = Vec::new();
    for seat in viewer["seats"].as_array().into_iter().flatten() {
        let role =
            seat["role"].as_str().unwrap_or_default().to_lowercase().replace("co_coordinator", "coordinator");
        seats.push(json!([seat["group"], role, seat["isInherited"]]));
    }
    let mut wanted: Vec<Value> = who.seats.iter().map(|s| json!([s.group, s.role, s.is_inherited])).collect();
    let sort = |list: &mut Vec<Value>| list.sort_by_key(ToString::to_string);
    sort(&mut seats);
    sort(&mut wanted);
    let groups: BTreeMap<String, ()> = data["actionSummary"]["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|r| r["group"]["id"].as_str().map(|id| (id.to_owned(), ())))
        .collect();
    let summed: BTreeMap<String, ()> = open
        .iter()
        .filter_map(|f| f.linked("group"))
        .filter(|g| oracle.sees(who, g))
        .map(|g| (g, ()))
        .collect();
    for (what, wanted, told) in [
        ("Viewer.isAdmin", json!(who.is_admin), viewer["isAdmin"].clone()),
        ("Viewer.managedOperations", json!(who.manages), viewer["managedOperations"].clone()),
        ("Viewer.seats", json!(wanted), json!(seats)),
        ("Viewer.account", json!(who.is_signed_in), json!(!viewer["account"].is_null())),
        (
            "Account.isService",
            json!(who.is_signed_in.then_some(who.scopes.is_some())),
            viewer["account"]["isService"].clone(),
        ),
        (
            "Account.identities",
            json!(who.is_signed_in.then(Vec::<Value>::new)),
            viewer["account"]["identities"].clone(),
        ),
        (
            "Account.apiTokens",
            json!(
                who.is_signed_in.then(|| who.token.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>())
            ),
            viewer["account"]["apiTokens"].clone(),
        ),
        // the sign-in that asks is one of them; a program has not signed in
        (
            "Session.isCurrent",
            json!(usize::from(who.is_signed_in && who.scopes.is_none())),
            json!(list(&viewer["account"]["sessions"]).filter(|s| s["isCurrent"] == true).count()),
        ),
        ("Account.person", json!(who.person), viewer["account"]["person"].clone()),
        ("ActionCounts.count", json!(open.len()), data["actionSummary"]["total"]["count"].clone()),
        ("ActionSummaryRow.group", json!(summed), json!(groups)),
        ("Query.operations", json!(2), json!(data["operations"].as_array().map(Vec::len))),
    ] {
        if wanted != told {
            report.wrong(
                what,
                &who.name,
                format!("{what}: {} should be told {wanted}, is told {told}", who.name),
            );
        }
    }
    for (of, value) in [
        ("Viewer", viewer),
        ("Account", &viewer["account"]),
        ("Session", &viewer["account"]["sessions"]),
        ("ViewerSeat", &viewer["seats"]),
        ("ActionSummary", &data["actionSummary"]),
        ("ActionCounts", &data["actionSummary"]["total"]),
        ("ActionSummaryRow", &data["actionSummary"]["rows"]),
        ("EnumLabel", &data["enumLabels"]),
        ("Country", &data["countries"]),
        ("Query", data),
    ] {
        let first = if let Value::Array(list) = value { list.first().unwrap_or(&Value::Null) } else { value };
        for field in &oracle.schema.named(of).fields {
            let verdict = match first.get(&field.name) {
                None if of == "Query" => continue,
                None => Verdict::NotFound,
                Some(Value::Null) => Verdict::Null,
                Some(Value::Array(list)) if list.is_empty() => Verdict::Empty,
                Some(_) => Verdict::Value,
            };
            report.tell("1 field", &format!("{of}.{}", field.name), &who.name, verdict);
        }
    }
}
