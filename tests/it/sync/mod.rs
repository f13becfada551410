//! Whole lists of seats in one call: what is matched, what is refused, and that it is all or nothing.

mod matching;

use std::time::Instant;

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, mutate, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    a_dry_run_says_what_the_real_run_does,
    the_same_list_again_changes_nothing,
    one_bad_row_keeps_all_the_others_out,
    each_row_is_bound_by_the_rules_of_a_single_grant,
    what_is_missing_is_kept_reported_or_ended,
    the_last_coordinator_stays,
    a_list_that_breaks_no_row_by_itself_is_checked_whole,
    five_thousand_rows_in_one_call,
    the_change_record_names_ids_only,
);

/// What is the same in a dry run and in the real one.
const OUTCOME: &str = "rows { index outcome isPersonNew changes { field before after }
    candidates { field id name score why } }
    missing { id outcome } createdCount updatedCount endedCount unchangedCount refusedCount personCount";

fn called(name: &str) -> Value {
    json!({ "called": name })
}

fn input(group: &str, rows: &Value) -> Value {
    json!({ "group": group, "rows": rows })
}

fn with(mut input: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

async fn sync(by: &Client, input: Value) -> Value {
    succeed(by, "membershipsSync", input, OUTCOME).await
}

/// A call that must be refused: its payload, errors included.
async fn not_synced(by: &Client, input: Value) -> Value {
    let answer = mutate(by, "membershipsSync", input, OUTCOME).await;
    let payload = answer.at("/membershipsSync").clone();
    assert!(payload["userErrors"].as_array().is_some_and(|e| !e.is_empty()), "{payload:#}");
    assert_eq!(
        (&payload["createdCount"], &payload["updatedCount"], &payload["unchangedCount"]),
        (&json!(0), &json!(0), &json!(0))
    );
    payload
}

fn outcomes(payload: &Value) -> Vec<&str> {
    let rows = payload["rows"].as_array().expect("rows");
    rows.iter().map(|row| row["outcome"].as_str().expect("an outcome")).collect()
}

fn error(payload: &Value, number: usize) -> (&str, String) {
    let error = &payload["userErrors"][number];
    let path = error["field"].as_array().into_iter().flatten().filter_map(Value::as_str);
    (error["code"].as_str().unwrap_or_default(), path.collect::<Vec<_>>().join("."))
}

/// All seats of a group, past ones included, as the coordinator sees them.
async fn seats(by: &Client, group: &str) -> Vec<Value> {
    let query = "query($g: ID!, $after: String) { memberships(filter: { group: { eq: $g } }, first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { id role version since until topic isActive note roleTitle
            person { id displayName } organisation { id } externalReferences { system code } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = by.ask(query, json!({ "g": group, "after": after })).await;
        all.extend(answer.list("/memberships/nodes").to_vec());
        after = answer.at("/memberships/pageInfo/endCursor").clone();
        if answer.at("/memberships/pageInfo/hasNextPage") == &json!(false) {
            return all;
        }
    }
}

/// A list for the cluster with everything in it: as it stands, changed, new, with a new person.
fn list() -> Value {
    json!([
        { "organisation": called("agence EXEMPLE"), "role": "LEAD" },
        { "organisation": { "id": NGO }, "role": "MEMBER", "since": "2020-01-01", "note": "Depuis le début" },
        { "person": { "name": "Personne Exemple 4" }, "organisation": called("onge"), "role": "REPRESENTATIVE", "roleTitle": "Titulaire" },
        { "person": { "id": person(3) }, "role": "SECRETARY" },
        { "person": { "id": person(2) }, "role": "INFORMATION_MANAGER" },
        { "person": { "id": person(1) }, "role": "COORDINATOR" },
        { "organisation": called("AEX"), "role": "OBSERVER", "externalReference": { "system": "HRINFO", "code": "17" } },
        { "person": { "name": "Personne Exemple 21", "email": "vingt-et-un@kafo.example" }, "organisation": called("ONGE"), "role": "REPRESENTATIVE", "createPerson": true },
        { "person": { "name": "personne exemple 21" }, "organisation": called("ONGE"), "role": "FOCAL_POINT", "topic": "Abris", "createPerson": true },
    ])
}

async fn a_dry_run_says_what_the_real_run_does(world: World) {
    let cast = Cast::of(world).await;
    let before = seats(&cast.coordinator, CLUSTER).await;
    let change = with(input(CLUSTER, &list()), &json!({ "missing": "END" }));
    let dry = sync(&cast.coordinator, with(change.clone(), &json!({ "dryRun": true }))).await;
    assert_eq!(seats(&cast.coordinator, CLUSTER).await, before, "a dry run changes nothing");
    assert_eq!(
        outcomes(&dry),
        [
            "UNCHANGED",
            "UPDATED",
            "UPDATED",
            "UNCHANGED",
            "UNCHANGED",
            "UNCHANGED",
            "CREATED",
            "CREATED",
            "CREATED"
        ]
    );
    assert_eq!(
        dry["rows"][1]["changes"][0],
        json!({ "field": "since", "before": null, "after": "2020-01-01" })
    );
    assert_eq!(
        (&dry["rows"][7]["isPersonNew"], &dry["rows"][8]["isPersonNew"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (
            &dry["createdCount"],
            &dry["updatedCount"],
            &dry["endedCount"],
            &dry["unchangedCount"],
            &dry["personCount"]
        ),
        (&json!(3), &json!(2), &json!(1), &json!(4), &json!(1))
    );
    let real = sync(&cast.coordinator, change).await;
    assert_eq!(dry.to_string(), real.to_string(), "byte for byte");
    // the flag, and what it is read by
    let rows = json!([{ "organisation": called("AEX"), "role": "OBSERVER" }]);
    let again = with(input(CLUSTER, &rows), &json!({ "dryRun": true }));
    let shown = succeed(
        &cast.coordinator,
        "membershipsSync",
        again,
        "isDryRun rows { membership { role organisation { acronym } externalReferences { code } } }",
    )
    .await;
    assert_eq!(shown["isDryRun"], true);
    assert_eq!(
        shown["rows"][0]["membership"],
        json!({ "role": "OBSERVER", "organisation": { "acronym": "AEX" }, "externalReferences": [{ "code": "17" }] })
    );
    let now = seats(&cast.coordinator, CLUSTER).await;
    assert_eq!(now.len(), before.len() + 3);
    let observer = now.iter().find(|s| s["person"]["id"] == person(5).as_str()).expect("the observer");
    assert_eq!(
        (&observer["isActive"], &observer["version"]),
        (&json!(false), &json!(2)),
        "no row named them"
    );
}

async fn the_same_list_again_changes_nothing(world: World) {
    let cast = Cast::of(world).await;
    let mut rows = list();
    let over = json!({ "organisation": called("ONGE"), "role": "DONOR", "since": "2015-01-01", "until": "2016-01-01" });
    rows.as_array_mut().expect("a list").push(over);
    let change = with(input(CLUSTER, &rows), &json!({ "missing": "END" }));
    let first = sync(&cast.coordinator, change.clone()).await;
    assert_eq!(first["createdCount"], 4);
    let before = seats(&cast.coordinator, CLUSTER).await;
    for by in [&cast.coordinator, &cast.manager, &cast.admin, &cast.information_manager] {
        let second = sync(by, change.clone()).await;
        assert!(outcomes(&second).iter().all(|o| *o == "UNCHANGED"), "{second:#}");
        assert_eq!((&second["unchangedCount"], &second["missing"]), (&json!(10), &json!([])));
        assert_eq!(seats(&cast.coordinator, CLUSTER).await, before, "no new version");
    }
    assert_eq!(
        Sql::of(&cast.world).await.records("membershipsSync").await,
        1,
        "no record of what changed nothing"
    );
}

async fn one_bad_row_keeps_all_the_others_out(world: World) {
    let cast = Cast::of(world).await;
    let before = seats(&cast.coordinator, CLUSTER).await;
    let rows = json!([
        { "organisation": called("ONGE"), "role": "DONOR" },
        { "organisation": called("Rien de tel"), "role": "MEMBER", "fundedBy": called("Rien non plus") },
        { "person": { "name": "Personne Exemple 4" }, "organisation": called("ONGE"), "role": "MEMBER" },
        { "organisation": called("AEX"), "role": "DONOR", "since": "2026-02-01", "until": "2026-01-01" },
        { "organisation": called("ONGE"), "role": "DONOR" },
        { "role": "OBSERVER" },
        { "person": { "id": person(4), "name": "x" }, "role": "REPRESENTATIVE" },
        { "person": { "email": "no address" }, "role": "REPRESENTATIVE" },
        { "organisation": called("AEX"), "role": "OBSERVER", "roleTitle": " " },
    ]);
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &rows)).await;
    let all: Vec<_> = (0..10).map(|n| error(&payload, n)).collect();
    let expected = [
        ("NOT_FOUND", "input.rows.1.organisation.called"),
        ("NOT_FOUND", "input.rows.1.fundedBy.called"),
        ("ROLE_HOLDER", "input.rows.2.role"),
        ("END_BEFORE_START", "input.rows.3.until"),
        ("DUPLICATE", "input.rows.4"),
        ("REQUIRED", "input.rows.5.organisation"),
        ("EXACTLY_ONE", "input.rows.6.person"),
        ("INVALID_EMAIL", "input.rows.7.person.email"),
        ("BLANK", "input.rows.8.roleTitle"),
        ("", ""),
    ];
    assert_eq!(all, expected.map(|(code, path)| (code, path.to_owned())));
    assert_eq!(payload["refusedCount"], 8);
    let shown: Vec<_> =
        payload["rows"].as_array().expect("rows").iter().map(|r| r["index"].clone()).collect();
    assert_eq!(json!(shown), json!([1, 2, 3, 4, 5, 6, 7, 8]), "what was not refused is not shown");
    assert_eq!(seats(&cast.coordinator, CLUSTER).await, before);
    // at most a hundred are shown
    let many: Vec<Value> = (0..150)
        .map(|n| json!({ "organisation": called(&format!("Inconnue {n}")), "role": "MEMBER" }))
        .collect();
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &json!(many))).await;
    let count = |list: &str| payload[list].as_array().map(Vec::len);
    assert_eq!(
        (count("userErrors"), count("rows"), &payload["refusedCount"]),
        (Some(100), Some(100), &json!(150))
    );
    let many: Vec<Value> =
        (0..5001).map(|_| json!({ "organisation": { "id": NGO }, "role": "MEMBER" })).collect();
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &json!(many))).await;
    assert_eq!(error(&payload, 0), ("TOO_MANY", "input.rows".to_owned()));
}

async fn each_row_is_bound_by_the_rules_of_a_single_grant(world: World) {
    let cast = Cast::of(world).await;
    let seat = |role: &str, number: u32| json!([{ "person": { "id": person(number) }, "organisation": { "id": NGO }, "role": role }]);
    let dry = |rows: &Value| with(input(CLUSTER, rows), &json!({ "dryRun": true }));
    // information managers: members and observers, no officers
    assert_eq!(
        outcomes(&sync(&cast.information_manager, dry(&seat("REPRESENTATIVE", 6))).await),
        ["CREATED"]
    );
    for role in ["SECRETARY", "COORDINATOR"] {
        let payload = not_synced(&cast.information_manager, dry(&seat(role, 6))).await;
        assert_eq!(error(&payload, 0), ("PERMISSION_DENIED", "input.rows.0.role".to_owned()));
    }
    // coordinators: officers too, no coordinators
    assert_eq!(outcomes(&sync(&cast.coordinator, dry(&seat("SECRETARY", 6))).await), ["CREATED"]);
    assert_eq!(
        error(&not_synced(&cast.coordinator, dry(&seat("COORDINATOR", 6))).await, 0).0,
        "PERMISSION_DENIED"
    );
    assert_eq!(outcomes(&sync(&cast.manager, dry(&seat("COORDINATOR", 6))).await), ["CREATED"]);
    // what stands already needs no right to give it; changing it does
    let coordinator = json!([{ "person": { "id": person(1) }, "role": "COORDINATOR" }]);
    assert_eq!(outcomes(&sync(&cast.information_manager, dry(&coordinator)).await), ["UNCHANGED"]);
    let renamed = json!([{ "person": { "id": person(1) }, "role": "COORDINATOR", "roleTitle": "Chef" }]);
    assert_eq!(error(&not_synced(&cast.information_manager, dry(&renamed)).await, 0).0, "PERMISSION_DENIED");
    // nobody gives themselves a role, nor changes the days of their own
    let own =
        json!([{ "person": { "id": person(1) }, "organisation": { "id": AGENCY }, "role": "SECRETARY" }]);
    assert_eq!(
        error(&not_synced(&cast.coordinator, dry(&own)).await, 0),
        ("OWN_ROLE", "input.rows.0.person".to_owned())
    );
    let own =
        json!([{ "person": { "id": person(2) }, "role": "INFORMATION_MANAGER", "until": "2030-01-01" }]);
    let by_herself = not_synced(&cast.information_manager, dry(&own)).await;
    assert_eq!(error(&by_herself, 0).0, "PERMISSION_DENIED");
    // the whole call
    for by in [&cast.secretary, &cast.representative, &cast.observer] {
        assert_eq!(
            refused(by, "membershipsSync", input(CLUSTER, &json!([]))).await["code"],
            "PERMISSION_DENIED"
        );
    }
    let answer = mutate(&cast.anonymous, "membershipsSync", input(FORUM, &json!([])), "__typename").await;
    assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    // ends of missing seats: an information manager may not end what she may not give
    let payload =
        not_synced(&cast.information_manager, with(dry(&json!([])), &json!({ "missing": "END" }))).await;
    assert_eq!(error(&payload, 0), ("PERMISSION_DENIED", "input.missing".to_owned()));
    assert!(
        payload["missing"].as_array().expect("a list").iter().all(|m| m["outcome"] == "REFUSED"),
        "{payload:#}"
    );
}

async fn what_is_missing_is_kept_reported_or_ended(world: World) {
    let cast = Cast::of(world).await;
    let rows = json!([
        { "person": { "id": person(1) }, "role": "COORDINATOR" },
        { "person": { "id": person(2) }, "role": "INFORMATION_MANAGER" },
        { "person": { "id": person(3) }, "role": "SECRETARY" },
        { "organisation": { "id": AGENCY }, "role": "LEAD" },
    ]);
    let change = |more: &Value| with(input(CLUSTER, &rows), more);
    let kept = sync(&cast.coordinator, change(&json!({}))).await;
    assert_eq!(kept["missing"], json!([]));
    let before = seats(&cast.coordinator, CLUSTER).await;
    let reported = sync(&cast.coordinator, change(&json!({ "missing": "REPORT" }))).await;
    let missing = reported["missing"].as_array().expect("a list").clone();
    assert_eq!(missing.len(), 3, "the NGO, its representative, the observer");
    assert!(missing.iter().all(|m| m["outcome"] == "UNCHANGED"));
    assert_eq!(seats(&cast.coordinator, CLUSTER).await, before);
    // on a day to come, then at once
    let later = json!({ "missing": "END", "endOn": "2100-01-01" });
    let ended = sync(&cast.coordinator, change(&later)).await;
    assert_eq!(ended["endedCount"], 3);
    let again = sync(&cast.coordinator, change(&later)).await;
    assert_eq!(
        (&again["endedCount"], again["missing"].as_array().map(Vec::len)),
        (&json!(0), Some(3)),
        "they still hold"
    );
    assert_eq!(Sql::of(&cast.world).await.records("membershipsSync").await, 1);
    assert!(
        cast.representative
            .ask(&format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ id }} }}"), json!({}))
            .await
            .at("/group")
            .is_object()
    );
    sync(&cast.coordinator, change(&json!({ "missing": "END" }))).await;
    let active = seats(&cast.coordinator, CLUSTER).await.iter().filter(|s| s["isActive"] == true).count();
    assert_eq!(active, 4);
    let group = cast
        .representative
        .ask(&format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ id }} }}"), json!({}))
        .await;
    assert_eq!(group.at("/group"), &Value::Null, "their rights are gone at once");
    // before it began
    let rows = json!([{ "organisation": { "id": NGO }, "role": "MEMBER", "since": "2024-01-01" }]);
    sync(&cast.manager, input(FORUM, &rows)).await;
    let payload = not_synced(
        &cast.manager,
        with(
            input(FORUM, &json!([{ "person": { "id": person(1) }, "role": "COORDINATOR" }])),
            &json!({ "missing": "END", "endOn": "2020-01-01" }),
        ),
    )
    .await;
    assert_eq!(error(&payload, 0), ("END_BEFORE_START", "input.missing".to_owned()));
}

async fn the_last_coordinator_stays(world: World) {
    let cast = Cast::of(world).await;
    let before = seats(&cast.manager, CLUSTER).await;
    let payload =
        not_synced(&cast.manager, with(input(CLUSTER, &json!([])), &json!({ "missing": "END" }))).await;
    assert_eq!(error(&payload, 0), ("LAST_COORDINATOR", "input.missing".to_owned()));
    assert_eq!(payload["missing"].as_array().map(Vec::len), Some(1));
    let over = json!([{ "person": { "id": person(1) }, "role": "COORDINATOR", "until": "2026-01-01" }]);
    let payload = not_synced(&cast.manager, input(CLUSTER, &over)).await;
    assert_eq!(error(&payload, 0), ("LAST_COORDINATOR", "input.rows.0".to_owned()));
    // two who leave at once are as good as one
    let second = json!({ "group": CLUSTER, "person": person(6), "role": "CO_COORDINATOR" });
    succeed(&cast.manager, "membershipCreate", second, "__typename").await;
    let payload =
        not_synced(&cast.manager, with(input(CLUSTER, &json!([])), &json!({ "missing": "END" }))).await;
    assert_eq!((error(&payload, 0).0, error(&payload, 1).0), ("LAST_COORDINATOR", "LAST_COORDINATOR"));
    // one who comes in the same call lets the others go
    let next = json!([{ "person": { "id": person(4) }, "role": "COORDINATOR" }]);
    let done = sync(&cast.manager, with(input(CLUSTER, &next), &json!({ "missing": "END" }))).await;
    assert_eq!((&done["createdCount"], &done["endedCount"]), (&json!(1), &json!(before.len() + 1)));
}

async fn a_list_that_breaks_no_row_by_itself_is_checked_whole(world: World) {
    let cast = Cast::of(world).await;
    // two open seats of one holder in one role: the second by changing the role of another
    let code = json!({ "system": "HRINFO", "code": "7" });
    let first = json!([{ "organisation": { "id": NGO }, "role": "DONOR", "externalReference": code }]);
    sync(&cast.coordinator, input(CLUSTER, &first)).await;
    let both = json!([
        { "organisation": { "id": NGO }, "role": "MEMBER" },
        { "externalReference": code, "role": "MEMBER" },
    ]);
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &both)).await;
    assert_eq!(error(&payload, 0), ("DUPLICATE", "input.rows.1".to_owned()));
    // a focal point of two topics: which one is not guessed
    let topics = json!([
        { "organisation": { "id": NGO }, "role": "FOCAL_POINT", "topic": "Abris" },
        { "organisation": { "id": NGO }, "role": "FOCAL_POINT", "topic": "Eau" },
    ]);
    assert_eq!(outcomes(&sync(&cast.coordinator, input(CLUSTER, &topics)).await), ["CREATED", "CREATED"]);
    assert_eq!(outcomes(&sync(&cast.coordinator, input(CLUSTER, &topics)).await), ["UNCHANGED", "UNCHANGED"]);
    let open = json!([{ "organisation": { "id": NGO }, "role": "FOCAL_POINT" }]);
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &open)).await;
    assert_eq!(error(&payload, 0), ("AMBIGUOUS", "input.rows.0".to_owned()));
    // what ends makes room for what begins, in one call
    let change = json!([
        { "organisation": { "id": NGO }, "role": "MEMBER", "until": "2026-01-01" },
        { "externalReference": code, "role": "MEMBER" },
    ]);
    assert_eq!(outcomes(&sync(&cast.coordinator, input(CLUSTER, &change)).await), ["ENDED", "UPDATED"]);
}

async fn five_thousand_rows_in_one_call(world: World) {
    let cast = Cast::of(world).await;
    let mut rows: Vec<Value> = (0..4994)
        .map(|n| json!({ "person": { "name": format!("Personne Nombreuse {n}"), "email": format!("n{n}@kafo.example") },
            "organisation": called(if n % 2 == 0 { "onge" } else { "Agence exemple" }), "role": "REPRESENTATIVE",
            "externalReference": { "system": "LISTE", "code": format!("{n}") }, "createPerson": true, "since": "2026-01-01" }))
        .collect();
    rows.extend(list().as_array().expect("a list")[..6].to_vec());
    assert_eq!(rows.len(), 5000);
    let mut change = with(input(CLUSTER, &json!(rows)), &json!({ "missing": "REPORT" }));
    let timed = async |change: &Value, expected: (u64, u64, u64)| {
        let begin = Instant::now();
        let done = succeed(
            &cast.coordinator,
            "membershipsSync",
            change.clone(),
            "createdCount updatedCount unchangedCount rows { outcome membership { person { displayName } } }",
        )
        .await;
        let number = |name: &str| done[name].as_u64().expect("a number");
        assert_eq!((number("createdCount"), number("updatedCount"), number("unchangedCount")), expected);
        assert_eq!(done["rows"][4993]["membership"]["person"]["displayName"], "Personne Nombreuse 4993");
        // the build that users get; the one without optimisation takes several times as long
        assert!(cfg!(debug_assertions) || begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    };
    timed(&change, (4994, 2, 4)).await;
    timed(&change, (0, 0, 5000)).await;
    for row in &mut change["rows"].as_array_mut().expect("rows")[..4994] {
        row["note"] = json!("Vérifié");
    }
    timed(&change, (0, 4994, 6)).await;
}

async fn the_change_record_names_ids_only(world: World) {
    let cast = Cast::of(world).await;
    let change = with(input(CLUSTER, &list()), &json!({ "missing": "END", "reason": "Liste de novembre" }));
    sync(&cast.coordinator, change).await;
    let records = Sql::of(&cast.world).await.details("membershipsSync").await;
    assert_eq!(records.len(), 1);
    let detail: Value = serde_json::from_str(&records[0]).expect("JSON");
    let count = |name: &str| detail[name].as_array().map(Vec::len);
    assert_eq!(
        (count("created"), count("updated"), count("ended"), count("peopleCreated")),
        (Some(3), Some(2), Some(1), Some(1))
    );
    assert!(!records[0].contains("Personne") && !records[0].contains('@'), "{}", records[0]);
}
