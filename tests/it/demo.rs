//! The example data: both meetings, as the minutes have them, and the answers that the three kinds of
//! users get. The answers stand whole in `snapshots/`; both databases give the same.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use tests::{Client, Value, World, json, on_both};

on_both!(
    every_forward_looking_item_is_what_it_is,
    every_line_of_the_minutes_is_held,
    the_three_users_get_their_answers,
    reads_cost_a_statement_per_relation,
    the_example_files_can_be_sent_again,
    public_viewers_see_no_person,
);

/// The password of the demo's accounts, as `kafo demo` prints it.
const PASSWORD: &str = "trois pirogues sur le Bani";
const CASH: &str = "grp_00000000000070008000000000000102";

fn load(world: &World) {
    world.kafo_ok(&["demo", "--load-only", "--database", world.storage.url()], "");
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../example").join(name);
    std::fs::read_to_string(path).expect("a file of the example")
}

#[derive(Deserialize)]
struct Golden {
    item: String,
    id: String,
    entity: String,
    kind: Option<String>,
    status: String,
    owners_as_written: Option<String>,
    due_as_written: Option<String>,
    due_on: Option<String>,
    due_qualifier: Option<String>,
}

/// The 22 forward-looking items of the minutes and the four earlier ones, each with what it is, its
/// state, its owners and its deadline as written.
async fn every_forward_looking_item_is_what_it_is(world: World) {
    load(&world);
    let coordinator = world.sign_in("coordinator@kafo.example", PASSWORD).await;
    let cash = world.sign_in("cash@kafo.example", PASSWORD).await;
    let table = example("golden.csv");
    let lines: Vec<Golden> =
        csv::Reader::from_reader(table.as_bytes()).deserialize().collect::<Result<_, _>>().expect("a table");
    assert_eq!(lines.len(), 26);
    let query = "query($id: ID!) { node(id: $id) { __typename
        ... on FollowUp { status responsibleText assignments { part writtenAs } dueText dueOn dueQualifier }
        ... on Recommendation { recommendationStatus: status kind addressees { writtenAs } } } }";
    for line in lines {
        let who = if line.item.starts_with('A') { &coordinator } else { &cash };
        let node = who.ask(query, json!({ "id": line.id })).await.at("/node").clone();
        let text = |v: &Value| v.as_str().map(str::to_owned);
        let written = |list: &str| -> Vec<String> {
            let all = node[list].as_array().into_iter().flatten().filter(|a| a["part"] != "SUPPORT");
            all.filter_map(|a| text(&a["writtenAs"])).collect()
        };
        assert_eq!(node["__typename"], line.entity.as_str(), "{}", line.item);
        let owners = if line.entity == "FollowUp" {
            assert_eq!(node["status"], line.status.as_str(), "{}", line.item);
            assert_eq!(text(&node["dueText"]), line.due_as_written, "{}", line.item);
            assert_eq!(text(&node["dueOn"]), line.due_on, "{}", line.item);
            assert_eq!(text(&node["dueQualifier"]), line.due_qualifier, "{}", line.item);
            let printed = text(&node["responsibleText"]).into_iter();
            printed.chain(written("assignments")).collect::<Vec<_>>().join(" | ")
        } else {
            assert_eq!(node["recommendationStatus"], line.status.as_str(), "{}", line.item);
            assert_eq!(text(&node["kind"]), line.kind, "{}", line.item);
            written("addressees").join(" | ")
        };
        assert_eq!(owners, line.owners_as_written.unwrap_or_default(), "{}", line.item);
    }
}

#[derive(Deserialize)]
struct Held {
    seed: String,
    line: String,
    what: String,
    query: String,
    pointer: String,
    expected: String,
    r#as: String,
}

/// Each row of the minutes' inventory, with the query that shows where it is held.
async fn every_line_of_the_minutes_is_held(world: World) {
    load(&world);
    let table = example("held.csv");
    let lines: Vec<Held> =
        csv::Reader::from_reader(table.as_bytes()).deserialize().collect::<Result<_, _>>().expect("a table");
    assert!(lines.len() > 150);
    let mut clients: HashMap<String, Client> = HashMap::new();
    let mut wrong = Vec::new();
    for held in &lines {
        if !clients.contains_key(&held.r#as) {
            clients.insert(held.r#as.clone(), world.sign_in(&held.r#as, PASSWORD).await);
        }
        let answer = clients[&held.r#as].ask(&format!("{{ {} }}", held.query), json!({})).await;
        let expected: Value = serde_json::from_str(&held.expected).expect("a literal");
        let found = answer.body.pointer(&format!("/data{}", held.pointer));
        if found != Some(&expected) {
            wrong.push(format!("{} {} {}: {found:?}, not {expected}", held.seed, held.line, held.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const ACTIONS: &str = "query($filter: FollowUpFilter, $asOf: Date) {
    openActions(filter: $filter, asOf: $asOf, first: 100) { totalCount nodes {
        id text status isOverdue priority dueOn dueText dueQualifier duePrecision responsibleText blockedReason
        blockedBy { acronym name } group { name acronym } meeting { heldOn } recommendation { kind text }
        dependsOn { id } deliverables { kind title status }
        assignments { part writtenAs isInferred state role organisation { acronym name } person { displayName } group { name } } } } }";

const OUTCOMES: &str = "{ meetings(first: 10, orderBy: [{ field: OCCURS_ON }]) { nodes {
    heldOn dateText timesText venueText hostOrganisation { name } place { name pCode } agendaStatus attendanceRecord
    scheduledStart scheduledEnd actualEnd group { name }
    attendance { position displayName organisationText organisation { acronym name } functionText status meetingRoles }
    minutes { status title contributors { role displayName functionText } reviewedOn }
    agendaItems { position printedNumber kind title status statusNote offlineChannel discussion
        presenters { displayName functionText organisationText }
        recommendations { kind text status addressees { writtenAs organisation { acronym } group { name } } establishes { name } referrals { to { name } status text } }
        followUps { text status dueText }
        reviews { outcome actionTaken nextStep followUp { text status } recommendation { text status } }
        announcements { kind text status startsOn startsPrecision placeText place { pCode } }
        documents { kind title status promisedBy { text } } } } } }";

const MEMBERSHIPS: &str = "query($group: ID!) { memberships(filter: { group: { eq: $group } }, first: 100) { totalCount nodes {
    role roleTitle since until topic represents isDedicated organisation { name acronym } person { displayName }
    fundedBy { name acronym } handover { state note proposedSuccessor { name } supporter { name acronym } announcedAt { heldOn } } } } }";

async fn the_three_users_get_their_answers(world: World) {
    load(&world);
    let manager = world.sign_in("operation@kafo.example", PASSWORD).await;
    let member = world.sign_in("member@kafo.example", PASSWORD).await;
    let data =
        async |who: &Client, query: &str, variables: Value| who.ask(query, variables).await.data().clone();
    for (name, filter) in [
        ("open_actions_of_all_groups", json!({})),
        ("open_actions_without_owner", json!({ "withoutOwner": true })),
        ("open_actions_without_date", json!({ "withoutDate": true })),
        ("open_actions_overdue_on_2019_07_15", json!({ "isOverdue": true })),
    ] {
        let variables = json!({ "filter": filter, "asOf": "2019-07-15" });
        insta::assert_json_snapshot!(name, data(&member, ACTIONS, variables).await);
    }
    insta::assert_json_snapshot!("outcomes_of_both_meetings", data(&member, OUTCOMES, json!({})).await);
    insta::assert_json_snapshot!(
        "memberships_of_the_cash_working_group",
        data(&manager, MEMBERSHIPS, json!({ "group": CASH })).await
    );
    let summary = "{ actionSummary(groupBy: [GROUP, STATUS], asOf: \"2019-07-22\") {
        total { count overdueCount withoutOwnerCount withoutDateCount medianAgeInDays }
        rows { group { acronym name } status counts { count overdueCount } } } }";
    insta::assert_json_snapshot!("action_summary", data(&manager, summary, json!({})).await);
}

/// The budget of a read: the principal, the page with its to-one relations, each to-many relation.
async fn reads_cost_a_statement_per_relation(world: World) {
    load(&world);
    let member = world.sign_in("member@kafo.example", PASSWORD).await;
    for size in [1, 10, 50] {
        let query = format!(
            "{{ openActions(first: {size}) {{ nodes {{ text group {{ name }} recommendation {{ text }} meeting {{ heldOn }}
                assignments {{ organisation {{ acronym name }} }} }} pageInfo {{ hasNextPage }} }} }}"
        );
        // principal, page, assignments with their organisations
        assert_eq!(member.ask(&query, json!({})).await.statements(), 3, "{size}");
    }
    let counted = "{ openActions(first: 1) { totalCount nodes { status } } }";
    assert_eq!(member.ask(counted, json!({})).await.statements(), 3);
    // whether one is assigned decides between the text and its public twin: read once, for people
    let text = "{ openActions(first: 50) { nodes { text note } } }";
    assert_eq!(member.ask(text, json!({})).await.statements(), 3);
    // aliases and fragments of the same relation are read once
    let twice = "{ openActions { nodes { ...A a: assignments { part } } } } fragment A on FollowUp { assignments { state } }";
    assert_eq!(member.ask(twice, json!({})).await.statements(), 3);
    // nested pages: one statement for all parents
    let nested = "{ groups { nodes { meetings(first: 2) { nodes { heldOn } } memberships(first: 3) { nodes { role } } } } }";
    assert_eq!(member.ask(nested, json!({})).await.statements(), 4);
    // principal, meetings, and one for each kind of child at each place; assignments stand beside their follow-ups
    let outcome = "{ meetings { nodes { agendaItems { title recommendations { text } followUps { text assignments { writtenAs } }
        reviews { outcome } announcements { text } documents { title } } attendance { displayName } minutes { status } } } }";
    assert_eq!(member.ask(outcome, json!({})).await.statements(), 10);
    // principal, the meetings, and a tree without branches
    let narrow = "{ meetings { nodes { group { name } agendaItems { title recommendations { text
        followUps { text assignments { organisation { name } } } } } } } }";
    assert_eq!(member.ask(narrow, json!({})).await.statements(), 3);
    let anonymous = world.client().ask("{ openActions { nodes { text } } }", json!({})).await;
    assert_eq!(anonymous.statements(), 1);
}

/// A recorded meeting sent again answers with the same meeting and changes nothing; altered it is refused.
async fn the_example_files_can_be_sent_again(world: World) {
    load(&world);
    let cash = world.sign_in("cash@kafo.example", PASSWORD).await;
    let entries: Vec<Value> = serde_json::from_str(&example("4-cash-2019-07-04.json")).expect("a list");
    let record = entries.iter().find_map(|e| e.get("meetingRecord")).expect("the meeting");
    let send = async |input: Value| {
        let document = "mutation($input: MeetingRecordInput!) { meetingRecord(input: $input) {
            meeting { id version agendaItems { version } } userErrors { code field } } }";
        cash.ask(document, json!({ "input": input })).await.at("/meetingRecord").clone()
    };
    let again = send(record.clone()).await;
    assert_eq!((&again["meeting"]["id"], &again["userErrors"]), (&record["id"], &json!([])));
    assert_eq!(send(record.clone()).await, again);
    let mut altered = record.clone();
    altered["venueText"] = json!("ailleurs");
    let refused = send(altered).await;
    assert_eq!(refused["userErrors"], json!([{ "code": "DUPLICATE", "field": ["input", "id"] }]));
}

/// Nothing of the example is published: strangers see groups that are public, and no person.
async fn public_viewers_see_no_person(world: World) {
    load(&world);
    let outsider = world.sign_in("outsider@kafo.example", PASSWORD).await;
    let everything = "{ people { totalCount } meetings { nodes { notes attendance { displayName } minutes { body } } }
        openActions { totalCount } recommendations { totalCount } documents { totalCount } announcements { totalCount }
        memberships { nodes { person { displayName } role } } }";
    for client in [world.client(), outsider] {
        let answer = client.ask(everything, json!({})).await;
        for list in ["people", "openActions", "recommendations", "documents", "announcements"] {
            assert_eq!(answer.at(&format!("/{list}/totalCount")), &json!(0), "{list}");
        }
        assert!(!answer.body.to_string().contains("Modèle"), "{}", answer.body);
        let memberships = answer.at("/memberships/nodes").as_array().expect("a list").clone();
        assert!(memberships.iter().all(|m| m["person"].is_null()
            && ["LEAD", "CO_LEAD"].contains(&m["role"].as_str().unwrap_or_default())));
    }
}
