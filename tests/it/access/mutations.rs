//! Every mutation, by everybody, on rows that they see and on rows that they do not.

use std::collections::{BTreeMap, BTreeSet};

use tests::{Client, Value, World, json};

use super::facts::{Fact, Facts, list};
use super::hand::Hand;
use super::policy::{About, Who};
use super::predict::{Oracle, read_table};
use super::report::{Report, Verdict};
use super::world::{org, per};
use crate::cast::PASSWORD;
use crate::sql::Sql;

/// A version that no row has: whoever may do it is told of a conflict, and nothing happens.
const STALE: i32 = 999_999;

const ERRORS: &str = "userErrors { __typename code message field ... on StateError { from allowed }
    ... on ConflictError { currentVersion } ... on AmbiguousError { candidates } }";

/// A line of `mutations.csv`.
pub struct Line {
    /// The mutation.
    pub mutation: String,
    /// The action that it needs.
    pub action: String,
    of: String,
    field: String,
    /// What that action is then about.
    pub about: String,
    input: Value,
}

/// `mutations.csv`.
pub fn lines() -> Vec<Line> {
    let line = |row: Vec<String>| Line {
        mutation: row[0].clone(),
        action: row[1].clone(),
        of: row[2].clone(),
        field: row[3].clone(),
        about: row[4].clone(),
        input: serde_json(&row[5]),
    };
    read_table("mutations.csv").into_iter().map(line).collect()
}

fn serde_json(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What an action on a row is about.
pub fn about(oracle: &Oracle, who: &Who, how: &str, fact: Option<&Fact>) -> About {
    let facts = &oracle.facts;
    let Some(row) = fact else {
        let organisations = if how == "new-person" { vec![org(2)] } else { Vec::new() };
        let operation = (how == "new-operation").then(|| "none".to_owned());
        return About { organisations, operation, ..About::default() };
    };
    let linked = |field: &str| row.linked(field).into_iter().collect::<Vec<_>>();
    let place = || match row.of.as_str() {
        "Operation" => About { operation: Some(row.id.clone()), ..About::default() },
        "Organisation" | "Person" | "Place" => About::default(),
        "Referral" => {
            let group = facts.of(&row.linked("to").expect("a group"));
            About { groups: vec![group.id.clone()], operation: group.linked("operation"), ..About::default() }
        }
        _ => About {
            groups: vec![facts.group(row).id.clone()],
            operation: Some(facts.operation(row)),
            ..About::default()
        },
    };
    match how {
        "service" => service(facts, row),
        "token" => service(facts, facts.service_of(&row.id)),
        "waiting" => About { organisations: linked("organisation"), ..place() },
        "row" | "glass" | "meeting" | "operation" | "asked" => place(),
        "anywhere" => About::default(),
        "new-seat" => About { people: vec![per(5)], organisations: vec![org(2)], ..place() },
        "person" => {
            About { people: vec![row.id.clone()], organisations: linked("organisation"), ..About::default() }
        }
        "organisation" => About { organisations: vec![row.id.clone()], ..About::default() },
        "announcement" => About { organisations: linked("organisation"), ..place() },
        "membership" | "attendance" => {
            About { people: linked("person"), organisations: linked("organisation"), ..place() }
        }
        "assigned" => assigned(oracle, who, row, place()),
        "document" => {
            let promise = row.linked("promisedBy").map(|id| facts.of(&id));
            promise.map_or_else(place, |f| About {
                people: facts.assignees(f, "person"),
                ..assigned(oracle, who, f, place())
            })
        }
        // a joint meeting may look at what belongs to its other groups
        "review" => {
            let thing = row.linked("recommendation").or(row.linked("followUp")).expect("a thing");
            About { groups: vec![facts.group(facts.of(&thing)).id.clone()], ..place() }
        }
        other => panic!("mutations.csv: about {other:?}"),
    }
}

/// A service belongs to its group; without one, to its operation.
fn service(facts: &Facts, row: &Fact) -> About {
    let group = row.linked("group");
    let operation = match &group {
        Some(group) => facts.of(group).linked("operation"),
        None => row.linked("operation"),
    };
    About { groups: group.into_iter().collect(), operation, ..About::default() }
}

/// Those to whom an action point is assigned: by name, or as members of an assigned group.
fn assigned(oracle: &Oracle, who: &Who, row: &Fact, place: About) -> About {
    let facts = &oracle.facts;
    let mut people = facts.assignees(row, "person");
    for assignment in row.get("assignments").as_array().into_iter().flatten() {
        let group = &assignment["Assignment_group"]["id"];
        let role = assignment["Assignment_role"].as_str().map(str::to_lowercase);
        // what a whole group is asked, each who has a seat there is asked
        let sits = |s: &super::policy::Seat| {
            !s.is_inherited && group == &s.group && role.as_ref().is_none_or(|r| *r == s.role)
        };
        if who.seats.iter().any(sits) {
            people.extend(who.person.clone());
        }
    }
    About { people, organisations: facts.assignees(row, "organisation"), ..place }
}

/// The right that gives the role of a seat.
fn grant(seat: &Fact) -> &'static str {
    // who is invited, who asks: people
    let has_person = seat.of != "Membership" || seat.linked("person").is_some();
    grant_of(seat.text("role"), has_person)
}

/// The right that gives a role to a person or to an organisation.
fn grant_of(role: &str, has_person: bool) -> &'static str {
    match role {
        "COORDINATOR" | "CO_COORDINATOR" | "LEAD" | "CO_LEAD" => "membership.grant_coordinator",
        "SECRETARY" | "INFORMATION_MANAGER" | "FOCAL_POINT" => "membership.grant_officer",
        "REPRESENTATIVE" => "membership.grant_member",
        "OBSERVER" if has_person => "membership.grant_member",
        _ => "membership.grant_organisation",
    }
}

/// Whether the permission table lets somebody do this.
pub fn may(oracle: &Oracle, who: &Who, action: &str, about: &About, fact: Option<&Fact>) -> bool {
    let granted = |seat: &Fact| {
        let others = About { people: Vec::new(), ..about.clone() };
        oracle.table.may(who, grant(seat), &others)
    };
    match (action, fact) {
        ("grant", Some(seat)) => granted(seat),
        ("membership.end+grant", Some(seat)) => {
            let is_mine = who.person.is_some() && seat.linked("person") == who.person;
            oracle.table.may(who, "membership.end", about) && (is_mine || granted(seat))
        }
        // who manages a service, and may give each of its seats
        ("service+grants", Some(service)) => {
            let may_give = |seat: &Value| {
                let group = seat["ServiceSeat_group"]["id"].as_str().expect("a group").to_owned();
                let operation = oracle.facts.of(&group).linked("operation");
                let about = About { groups: vec![group], operation, ..About::default() };
                let role = seat["ServiceSeat_role"].as_str().unwrap_or_default();
                oracle.table.may(who, grant_of(role, true), &about)
            };
            oracle.table.may(who, "service_account.manage", about) && list(service.get("seats")).all(may_give)
        }
        // one's own only; an account that is nobody's has none
        ("share" | "request", _) => who.person.is_some(),
        ("withdraw", Some(request)) => who.person.is_some() && request.linked("person") == who.person,
        ("access.break_glass", Some(glass)) if glass.of == "BreakGlass" => {
            glass.text("administrator") == who.name
        }
        // oneself, or whoever may end each of the seats
        ("depart", Some(person)) => {
            let is_me = who.person.as_deref() == Some(&person.id);
            let ends = |seat: &Fact| {
                let about = self::about(oracle, who, "membership", Some(seat));
                oracle.sees(who, &seat.id) && may(oracle, who, "membership.end+grant", &about, Some(seat))
            };
            let mut theirs = oracle
                .facts
                .all("Membership")
                .filter(|m| m.linked("person").as_ref() == Some(&person.id) && !oracle.facts.is_over(m));
            is_me || theirs.all(ends)
        }
        _ => oracle.table.may(who, action, about),
    }
}

/// The rows on which a mutation is tried: one for each class of rows that the policy tells apart.
fn targets<'a>(oracle: &'a Oracle, of: &'a str, who: &Who) -> Vec<&'a Fact> {
    let facts = &oracle.facts;
    let mut classes = BTreeSet::new();
    let is_new_class = |fact: &&Fact| {
        let code = match fact.of.as_str() {
            "Operation" | "Organisation" => fact.label.clone(),
            "ServiceAccount" | "ApiToken" | "Invitation" | "MembershipRequest" | "BreakGlass" => {
                fact.id.clone()
            }
            "Person" => {
                let is_self = who.person.as_deref() == Some(&fact.id);
                if is_self { "self".to_owned() } else { facts.groups_of(&fact.id).join(" ") }
            }
            "Referral" => fact.linked("to").expect("a group"),
            _ => facts.group(fact).label.clone(),
        };
        let is_narrow = ["OPN", "OTH", "SUB", "OFC", "FIN"].contains(&code.as_str());
        let more = match fact.of.as_str() {
            "Membership" => {
                let is_mine = who.person.is_some() && fact.linked("person") == who.person;
                let role = fact.text("role").to_owned();
                if is_mine {
                    format!("own {role}")
                } else if is_narrow {
                    String::new()
                } else {
                    role
                }
            }
            _ if is_narrow => String::new(),
            "Meeting" => format!("{} {}", standing(oracle, fact), fact.text("status") == "DRAFT"),
            "Minutes" => fact.text("status").to_owned(),
            "Organisation" | "Operation" | "Person" | "Referral" | "MeetingSeries" | "Group" => String::new(),
            "ServiceAccount" | "ApiToken" | "Invitation" | "MembershipRequest" | "BreakGlass" => {
                String::new()
            }
            _ => standing(oracle, fact),
        };
        classes.insert((code, more))
    };
    // what has no version to be refused for must be over already
    let is_over = |f: &&Fact| match f.of.as_str() {
        "ApiToken" => !f.get("revokedAt").is_null(),
        "BreakGlass" => !f.get("endedAt").is_null(),
        _ => f.get("mergedInto").is_null(),
    };
    facts.all(of).filter(is_over).filter(is_new_class).collect()
}

fn standing(oracle: &Oracle, fact: &Fact) -> String {
    let s = oracle.facts.standing(fact);
    let assigned = oracle.facts.assignees(fact, "person").len();
    let assigned = assigned > 2;
    format!("{} {} {} {assigned}", s.visibility, s.sensitivity, s.is_published)
}

/// An input with its references put in; and the rows that it refers to besides the target.
fn filled(oracle: &Oracle, input: &Value, target: Option<&str>, referred: &mut Vec<String>) -> Value {
    match input {
        Value::String(text) if text == "$self" => json!(target),
        // an address that nobody has, each time another one: whoever tries one too often has to wait
        Value::String(text) if text == "$nobody" => {
            json!(format!("{}@kafo.example", uuid::Uuid::new_v4().simple()))
        }
        Value::String(text) if text == "$password" => json!(PASSWORD),
        Value::String(text) if text.starts_with('$') => {
            let (of, label) = text[1..].split_once(':').unwrap_or((&text[1..], ""));
            let row = oracle.facts.all(of).find(|f| label.is_empty() || f.label == label);
            let row = row.unwrap_or_else(|| panic!("no row {text}"));
            referred.push(row.id.clone());
            json!(row.id)
        }
        Value::Object(fields) => {
            let mut out = json!({});
            for (key, value) in fields {
                // an id that is taken is not looked up
                let mut of_id = Vec::new();
                let list = if key == "id" { &mut of_id } else { &mut *referred };
                out[key] = filled(oracle, value, target, list);
            }
            out
        }
        Value::Array(values) => values.iter().map(|v| filled(oracle, v, target, referred)).collect(),
        other => other.clone(),
    }
}

/// Tries everything as somebody, and compares.
pub async fn as_principal(oracle: &Oracle, who: &Who, report: &mut Report) {
    for line in &oracle.lines {
        let name = format!("{} ({})", line.mutation, line.action);
        if ["signOut", "sessionRevokeAll"].contains(&line.mutation.as_str()) {
            continue;
        }
        if who.is_revoked {
            let (inputs, _, _) = attempts(oracle, line, who);
            let answer = ask(&who.client, &line.mutation, &inputs[..1]).await;
            assert_eq!(answer.status, 401, "{}", answer.body);
            report.tell("3 mutation", &name, &who.name, Verdict::Unauthenticated);
            continue;
        }
        let (inputs, facts, referred) = attempts(oracle, line, who);
        let mut told = Vec::new();
        for inputs in inputs.chunks(20) {
            told.extend(each(&who.client, &line.mutation, inputs).await);
        }
        // the last one is about a row that does not exist
        let missing = if line.of.is_empty() { None } else { told.pop() };
        for (n, told) in told.iter().enumerate() {
            let fact = facts.get(n).copied();
            let verdict = verdict(told);
            let wanted = expected(oracle, line, who, fact, &referred);
            let label = fact.map_or("", |f| f.label.as_str());
            if !wanted.contains(&verdict) {
                report.wrong(
                    &line.mutation,
                    &who.name,
                    format!("{name} on {label}: {} should be {wanted:?}, is {verdict:?}: {told}", who.name),
                );
            }
            let is_hidden = fact.is_some_and(|f| !oracle.sees(who, &f.id));
            if is_hidden && missing.as_ref().is_some_and(|m| m != told) {
                let missing = missing.clone().unwrap_or_default();
                report.wrong(
                    &line.mutation,
                    &who.name,
                    format!("{name} on {label}, hidden from {}: {told} is not the answer of a missing row: {missing}", who.name),
                );
            }
            report.tell("3 mutation", &name, &who.name, verdict);
        }
    }
}

/// Inputs for every target, and one for a row that does not exist; the targets; what else is referred to.
fn attempts<'a>(oracle: &'a Oracle, line: &'a Line, who: &Who) -> (Vec<Value>, Vec<&'a Fact>, Vec<String>) {
    let upper = line.mutation[..1].to_uppercase() + &line.mutation[1..];
    let is_versioned = oracle
        .schema
        .types
        .get(&format!("{upper}Input"))
        .is_some_and(|t| t.inputs.iter().any(|i| i == "expectedVersion"));
    let mut facts = if line.of.is_empty() { Vec::new() } else { targets(oracle, &line.of, who) };
    // the first mutation that needs an action is tried on all of them, the others on two of each verdict
    let same = |l: &&Line| (&l.action, &l.of, &l.about) == (&line.action, &line.of, &line.about);
    if oracle.lines.iter().find(same).is_some_and(|first| first.mutation != line.mutation) {
        let mut verdicts: Vec<Verdict> = Vec::new();
        facts.retain(|fact| {
            let verdict = expected(oracle, line, who, Some(fact), &[])[0];
            verdicts.push(verdict);
            verdicts.iter().filter(|v| **v == verdict).count() <= 2
        });
    }
    let mut referred = Vec::new();
    let mut ids: Vec<Option<String>> = facts.iter().map(|f| Some(f.id.clone())).collect();
    let prefix = facts.first().and_then(|f| f.id.split('_').next()).unwrap_or_default();
    ids.push((!line.of.is_empty()).then(|| format!("{prefix}_019000000000700080000000ffffffff")));
    let inputs = ids.iter().map(|id| {
        let mut input = filled(oracle, &line.input, id.as_deref(), &mut referred);
        if let Some(id) = id {
            input[&line.field] = json!(id);
        }
        if is_versioned {
            input["expectedVersion"] = json!(STALE);
        }
        input
    });
    let inputs = inputs.collect();
    (inputs, facts, referred)
}

/// What the policy predicts.
fn expected(
    oracle: &Oracle,
    line: &Line,
    who: &Who,
    fact: Option<&Fact>,
    referred: &[String],
) -> Vec<Verdict> {
    match line.about.as_str() {
        // wrong tokens and passwords: the same for everybody
        "nobody" => return vec![Verdict::Unauthenticated],
        "everybody" => return vec![Verdict::Value],
        "nothing" => return vec![Verdict::NotFound],
        "in-person" | "administrators" if !who.is_signed_in => return vec![Verdict::Unauthenticated],
        // a program looks after nobody's sign-in, not even its own
        "in-person" if who.scopes.is_some() => return vec![Verdict::Denied],
        "in-person" => return vec![Verdict::State, Verdict::NotFound],
        "administrators" if who.is_admin => return vec![Verdict::NotFound],
        "administrators" => return vec![Verdict::Denied],
        // somebody else's, which one sees all the same
        "glass" if fact.is_some_and(|f| f.text("administrator") != who.name) => {
            return vec![
                if who.is_signed_in { Verdict::Denied } else { Verdict::Unauthenticated },
                Verdict::NotFound,
            ];
        }
        _ => {}
    }
    let mut wanted = Vec::new();
    // whoever is nobody among the people has nothing to share, whatever the group
    if line.action == "share" && who.person.is_none() {
        wanted.push(if who.is_signed_in { Verdict::Denied } else { Verdict::Unauthenticated });
    }
    if fact.is_some_and(|f| !oracle.sees(who, &f.id)) {
        wanted.push(Verdict::NotFound);
        return wanted;
    }
    // what is named besides may be looked up before or after the permission
    if referred.iter().any(|id| !oracle.sees(who, id)) {
        wanted.push(Verdict::NotFound);
    }
    let about = about(oracle, who, &line.about, fact);
    // whoever has no part in it has none to report on
    let has_part = about.organisations.iter().any(|o| who.organisations.contains(o))
        || who.person.as_ref().is_some_and(|p| about.people.contains(p));
    if line.about == "assigned" && !has_part {
        wanted.push(Verdict::NotFound);
    }
    wanted.push(match who.is_signed_in {
        false => Verdict::Unauthenticated,
        true if may(oracle, who, &line.action, &about, fact) => Verdict::State,
        true => Verdict::Denied,
    });
    wanted
}

async fn ask(client: &Client, mutation: &str, inputs: &[Value]) -> tests::Answer {
    let upper = mutation[..1].to_uppercase() + &mutation[1..];
    let (mut head, mut body, mut variables) = (Vec::new(), String::new(), json!({}));
    for (n, input) in inputs.iter().enumerate() {
        head.push(format!("$i{n}: {upper}Input!"));
        body += &format!(" a{n}: {mutation}(input: $i{n}) {{ {ERRORS} }}");
        variables[format!("i{n}")] = input.clone();
    }
    client.ask(&format!("mutation({}) {{{body} }}", head.join(", ")), variables).await
}

/// The answer to each input: the payload, or the code of the error in whose place it is.
async fn each(client: &Client, mutation: &str, inputs: &[Value]) -> Vec<Value> {
    let answer = ask(client, mutation, inputs).await;
    if answer.errors().is_empty() {
        return (0..inputs.len()).map(|n| answer.at(&format!("/a{n}")).clone()).collect();
    }
    let mut told = Vec::new();
    for input in inputs {
        let answer = ask(client, mutation, std::slice::from_ref(input)).await;
        told.push(match answer.errors().first() {
            Some(error) => json!({ "error": error["extensions"], "message": error["message"] }),
            None => answer.at("/a0").clone(),
        });
    }
    told
}

fn verdict(told: &Value) -> Verdict {
    let code = told["error"]["code"].as_str().or_else(|| told["userErrors"][0]["code"].as_str());
    match code {
        None => Verdict::Value,
        Some("NOT_FOUND") => Verdict::NotFound,
        Some("PERMISSION_DENIED") => Verdict::Denied,
        Some("UNAUTHENTICATED") => Verdict::Unauthenticated,
        Some("INTERNAL_SERVER_ERROR" | "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED") => Verdict::Null,
        Some(_) => Verdict::State,
    }
}

/// Does once what has not been done while the world was made.
pub async fn succeed(oracle: &Oracle, hand: &Hand) {
    for row in read_table("successes.csv") {
        let (mutation, by) = (&row[0], &row[1]);
        let client = match by.as_str() {
            "witness" => &hand.witness,
            "manager" => &hand.manager,
            "admin" => &hand.admin,
            other => panic!("successes.csv: by {other:?}"),
        };
        let mut input = filled(oracle, &serde_json(&row[2]), None, &mut Vec::new());
        // an id is a target here, not one that is taken
        let id = serde_json(&row[2])["id"].as_str().map(str::to_owned);
        if let Some(id) = id {
            let of = id[1..].split(':').next().unwrap_or_default().to_owned();
            let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {{ version }} }} }}");
            let version = client.ask(&query, json!({ "id": input["id"] })).await.at("/node/version").clone();
            let upper = mutation[..1].to_uppercase() + &mutation[1..];
            if oracle.schema.named(&format!("{upper}Input")).inputs.iter().any(|i| i == "expectedVersion") {
                input["expectedVersion"] = version;
            }
        }
        hand.does(client, mutation, input, "__typename").await;
    }
}

/// How often each mutation is on record, by its name.
pub async fn recorded(world: &World) -> BTreeMap<String, u64> {
    let rows = Sql::of(world).await.rows("SELECT kind, count(*) AS n FROM change GROUP BY kind").await;
    let counts = rows.iter().map(|row| {
        let count: i64 = row.try_get("", "n").expect("a count");
        (row.try_get("", "kind").expect("a kind"), u64::try_from(count).expect("a count"))
    });
    counts.collect()
}
