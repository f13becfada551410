//! What viewers are told that they may do, and what a part in a meeting gives.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, mutate, person, refused, succeed};

on_both!(
    steps_are_offered_to_whoever_may_take_them,
    permissions_are_those_of_the_table,
    a_minute_taker_writes_in_that_meeting_only,
    nobody_gives_themselves_a_part,
);

/// What a step needs besides `id` to be understood at all.
fn needs(step: &str) -> Value {
    match step {
        "followUpBlock"
        | "followUpCancel"
        | "followUpReopen"
        | "meetingCancel"
        | "meetingRecordNotHeld"
        | "meetingReopen"
        | "minutesReturn"
        | "minutesRevise"
        | "recommendationReopen"
        | "recommendationWithdraw"
        | "groupDeactivate"
        | "groupSuspend" => json!({ "reason": "Essai" }),
        "followUpComplete" => json!({ "actionTaken": "Fait" }),
        "followUpReassign" => {
            json!({ "reason": "Essai", "assignments": [{ "organisation": NGO, "part": "RESPONSIBLE" }] })
        }
        "followUpChangeDue" => json!({ "reason": "Essai", "due": { "on": "2030-01-01" } }),
        "followUpReport" => json!({ "state": "ACKNOWLEDGED" }),
        "meetingPostpone" => json!({ "scheduledStart": "2030-01-01T09:00:00Z", "reason": "Essai" }),
        "meetingStart" => json!({ "startedAt": "2026-03-05T22:30:00Z" }),
        "membershipHandoverPropose" => json!({ "proposedSuccessor": NGO }),
        "recommendationConclude" => json!({ "outcome": "IMPLEMENTED", "reason": "Essai" }),
        _ => json!({}),
    }
}

/// The code with which a step is refused; the version is one that never stands, so that nothing happens.
async fn refusal(by: &Client, step: &str, id: &Value, part: &Value) -> String {
    let mut input = needs(step);
    input["id"] = id.clone();
    if step == "followUpReport" {
        input["assignment"] = part.clone();
    }
    input["expectedVersion"] = json!(999);
    let answer = mutate(by, step, input, "__typename").await;
    let code = answer.body.pointer(&format!("/data/{step}/userErrors/0/code"));
    let code = code.and_then(Value::as_str);
    code.unwrap_or_else(|| panic!("{step} was not refused as expected: {}", answer.body)).to_owned()
}

async fn steps_are_offered_to_whoever_may_take_them(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = json!({ "group": CLUSTER, "kind": "REGULAR", "title": "Réunion" });
    let meeting = succeed(by, "meetingCreate", meeting, "meeting { id }").await["meeting"]["id"].clone();
    let start = json!({ "id": meeting, "scheduledStart": "2026-03-05T22:30:00Z" });
    succeed(by, "meetingSchedule", start, "__typename").await;
    let minutes = json!({ "meeting": meeting, "body": "Projet" });
    let minutes = succeed(by, "minutesWrite", minutes, "minutes { id }").await["minutes"]["id"].clone();
    let point = json!({ "meeting": meeting, "kind": "RECOMMENDATION", "text": "Que chacun réponde" });
    let point = succeed(by, "recommendationAdd", point, "recommendation { id }").await;
    let action = json!({ "meeting": meeting, "text": "Répondre", "assignments": [{ "organisation": NGO, "part": "RESPONSIBLE" }] });
    let action = succeed(by, "followUpCreate", action, "followUp { id assignments { id } }").await;
    let part = &action["followUp"]["assignments"][0]["id"];
    let lead = "query($g: ID!) { memberships(filter: { group: { eq: $g }, role: [LEAD] }) { nodes { id } } }";
    let lead = cast.coordinator.ask(lead, json!({ "g": CLUSTER })).await;
    let things = [
        json!(CLUSTER),
        meeting,
        minutes,
        point["recommendation"]["id"].clone(),
        action["followUp"]["id"].clone(),
        lead.at("/memberships/nodes/0/id").clone(),
    ];
    let everybody = [
        ("secretary", &cast.secretary),
        ("information manager", &cast.information_manager),
        ("coordinator", &cast.coordinator),
        ("representative", &cast.representative),
        ("observer", &cast.observer),
        ("manager", &cast.manager),
        ("outsider", &cast.outsider),
    ];
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Group { availableTransitions } ... on Meeting { availableTransitions }
        ... on Minutes { availableTransitions } ... on Recommendation { availableTransitions }
        ... on FollowUp { availableTransitions } ... on Membership { availableTransitions } } }";
    let mut offers: Vec<Vec<Option<Vec<String>>>> = Vec::new();
    for (_, client) in everybody {
        let answer = client.ask(query, json!({ "ids": things })).await;
        let steps = |node: &Value| {
            let list = node["availableTransitions"].as_array()?;
            Some(list.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect())
        };
        offers.push(answer.list("/nodes").iter().map(steps).collect());
    }
    let mut tried = 0;
    for (number, thing) in things.iter().enumerate() {
        // what the state allows: what anybody at all is offered
        let mut all: Vec<&String> = offers.iter().flat_map(|o| o[number].iter().flatten()).collect();
        all.sort();
        all.dedup();
        assert!(!all.is_empty(), "nobody is offered anything on {thing}");
        for ((who, client), offered) in everybody.iter().zip(&offers) {
            let Some(offered) = &offered[number] else {
                assert_eq!(
                    refusal(client, all[0], thing, part).await,
                    "NOT_FOUND",
                    "{who}: {} unseen",
                    all[0]
                );
                continue;
            };
            for step in &all {
                let code = refusal(client, step, thing, part).await;
                let may = code != "PERMISSION_DENIED" && code != "NOT_FOUND";
                assert_eq!(offered.contains(step), may, "{who}: {step} on {thing}: {code}");
                tried += 1;
            }
        }
    }
    assert!(tried > 60, "only {tried}");
}

async fn permissions_are_those_of_the_table(world: World) {
    let cast = Cast::of(world).await;
    let query = "query($id: ID!) { group(by: { id: $id }) { viewerPermissions } }";
    for (client, may, may_not) in [
        (&cast.coordinator, "membership.grant_officer", "membership.grant_coordinator"),
        (&cast.information_manager, "membership.sync", "group.update"),
        (&cast.secretary, "meeting.write", "membership.grant_member"),
        (&cast.representative, "membership.read", "meeting.write"),
        (&cast.observer, "export.organisations_only", "membership.read"),
        (&cast.manager, "membership.grant_coordinator", "follow_up.write"),
        (&cast.admin, "access.break_glass", "meeting.write"),
    ] {
        let answer = client.ask(query, json!({ "id": CLUSTER })).await;
        let list = answer.list("/group/viewerPermissions");
        assert!(list.contains(&json!(may)) && !list.contains(&json!(may_not)), "{may}: {list:?}");
    }
    let answer = cast.anonymous.ask(query, json!({ "id": FORUM })).await;
    assert_eq!(answer.at("/group/viewerPermissions"), &json!([]));
}

/// A meeting in DRAFT, entered by the secretary.
async fn meeting(cast: &Cast) -> Value {
    let input = json!({ "group": CLUSTER, "kind": "REGULAR", "title": "Réunion" });
    succeed(&cast.secretary, "meetingCreate", input, "meeting { id }").await["meeting"]["id"].clone()
}

async fn a_minute_taker_writes_in_that_meeting_only(world: World) {
    let cast = Cast::of(world).await;
    let (theirs, other) = (meeting(&cast).await, meeting(&cast).await);
    let taker = &cast.representative;
    let see = "query($id: ID!) { meeting(by: { id: $id }) { title } }";
    assert_eq!(taker.ask(see, json!({ "id": theirs })).await.at("/meeting"), &Value::Null);
    let line = json!({ "person": person(4), "status": "PRESENT", "meetingRoles": ["MINUTE_TAKER"] });
    let list = json!({ "meeting": theirs, "rows": [line] });
    succeed(&cast.secretary, "attendanceRecord", list, "__typename").await;
    // from now on the draft is seen and written, this one only
    assert_eq!(taker.ask(see, json!({ "id": theirs })).await.at("/meeting/title"), "Réunion");
    assert_eq!(taker.ask(see, json!({ "id": other })).await.at("/meeting"), &Value::Null);
    let point = |meeting: &Value| json!({ "meeting": meeting, "kind": "DISCUSSION", "title": "Divers" });
    succeed(taker, "agendaItemAdd", point(&theirs), "__typename").await;
    assert_eq!(refused(taker, "agendaItemAdd", point(&other)).await["code"], "NOT_FOUND");
    let minutes = json!({ "meeting": theirs, "body": "Projet de compte rendu" });
    let minutes = succeed(taker, "minutesWrite", minutes, "minutes { id body }").await["minutes"].clone();
    assert_eq!(minutes["body"], "Projet de compte rendu");
    let action = json!({ "meeting": theirs, "text": "Répondre" });
    succeed(taker, "followUpCreate", action, "__typename").await;
    let elsewhere = json!({ "group": CLUSTER, "text": "Répondre" });
    assert_eq!(refused(taker, "followUpCreate", elsewhere).await["code"], "PERMISSION_DENIED");
    // what officers answer for stays theirs, and so does handing on the part
    let id = minutes["id"].clone();
    succeed(taker, "minutesSubmit", json!({ "id": id }), "__typename").await;
    assert_eq!(refused(taker, "minutesCirculate", json!({ "id": id })).await["code"], "PERMISSION_DENIED");
    let line = json!({ "person": person(5), "status": "PRESENT", "meetingRoles": ["CHAIR"] });
    let error =
        refused(taker, "attendanceRecord", json!({ "meeting": theirs, "rows": [line.clone()] })).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
    // taken away, it is gone with the next request
    let lines = "query($id: ID!) { meeting(by: { id: $id }) { attendance { id person { id } } } }";
    let lines = cast.secretary.ask(lines, json!({ "id": theirs })).await;
    let line = lines.list("/meeting/attendance")[0]["id"].clone();
    let gone = json!({ "id": line, "reason": "Saisie par erreur" });
    succeed(&cast.secretary, "attendanceRemove", gone, "__typename").await;
    assert_eq!(taker.ask(see, json!({ "id": theirs })).await.at("/meeting"), &Value::Null);
}

async fn nobody_gives_themselves_a_part(world: World) {
    let cast = Cast::of(world).await;
    let meeting = meeting(&cast).await;
    let start = json!({ "id": meeting, "scheduledStart": "2026-03-05T22:30:00Z" });
    succeed(&cast.secretary, "meetingSchedule", start, "__typename").await;
    // a line with a part that names nobody yet, and one of the representative without a part
    let rows = json!([
        { "displayName": "Personne Exemple 4", "organisation": AGENCY, "status": "PRESENT", "meetingRoles": ["CHAIR"] },
        { "person": person(4), "status": "PRESENT", "meetingRoles": ["PRESENTER"] },
    ]);
    let list = json!({ "meeting": meeting, "rows": rows });
    let shown = "meeting { attendance { id meetingRoles person { id } } }";
    let payload = succeed(&cast.secretary, "attendanceRecord", list, shown).await;
    let lines = payload["meeting"]["attendance"].as_array().cloned().unwrap_or_default();
    let (chair, own) = (&lines[0]["id"], &lines[1]["id"]);
    let by = &cast.representative;
    let mine = json!({ "id": chair, "person": person(4) });
    assert_eq!(refused(by, "attendanceResolve", mine).await["code"], "PERMISSION_DENIED");
    for id in [own, &Value::Null] {
        let mut line = json!({ "person": person(4), "status": "PRESENT", "meetingRoles": ["MINUTE_TAKER"] });
        if !id.is_null() {
            line["id"] = id.clone();
        }
        let list = json!({ "meeting": meeting, "rows": [line] });
        let error = refused(by, "attendanceRecord", list).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("PERMISSION_DENIED"), &json!(["input", "rows", "0", "meetingRoles"]))
        );
    }
}
