//! A secretary's evening, from the invitation to the adopted minutes; and who sees what of it.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, person, refused, succeed};

on_both!(a_secretarys_evening, minutes_are_adopted_published_and_revised);

const SCHEDULED: &str = "2026-12-03T09:00:00Z";

async fn draft(by: &Client, group: &str, title: &str) -> String {
    let input = json!({ "group": group, "kind": "REGULAR", "title": title, "joinUrl": "https://appel.example/salle" });
    let payload = succeed(by, "meetingCreate", input, "meeting { id status }").await;
    assert_eq!(payload["meeting"]["status"], "DRAFT");
    payload["meeting"]["id"].as_str().expect("an id").to_owned()
}

async fn schedule(by: &Client, meeting: &str, start: &str) {
    let input = json!({ "id": meeting, "scheduledStart": start, "timeZone": "Africa/Bamako" });
    let payload = succeed(by, "meetingSchedule", input, "meeting { status }").await;
    assert_eq!(payload["meeting"]["status"], "SCHEDULED");
}

async fn item(by: &Client, meeting: &str, kind: &str, title: &str) -> String {
    let input = json!({ "meeting": meeting, "kind": kind, "title": title });
    let payload = succeed(by, "agendaItemAdd", input, "agendaItem { id }").await;
    payload["agendaItem"]["id"].as_str().expect("an id").to_owned()
}

async fn follow_up(by: &Client, input: Value) -> String {
    let payload = succeed(by, "followUpCreate", input, "followUp { id }").await;
    payload["followUp"]["id"].as_str().expect("an id").to_owned()
}

async fn meeting(by: &Client, id: &str, selection: &str) -> Value {
    let query = format!("query($id: ID!) {{ meeting(by: {{ id: $id }}) {{ {selection} }} }}");
    by.ask(&query, json!({ "id": id })).await.at("/meeting").clone()
}

async fn a_secretarys_evening(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    // two earlier points of the cluster
    let first = follow_up(by, json!({ "group": CLUSTER, "text": "Envoyer le compte rendu" })).await;
    let second = follow_up(by, json!({ "group": CLUSTER, "text": "Partager la matrice" })).await;
    // the next meeting, and the one after it, which is not announced yet
    let tonight = draft(by, CLUSTER, "Réunion de décembre").await;
    let next = draft(by, CLUSTER, "Réunion de janvier").await;
    assert_eq!(meeting(&cast.representative, &tonight, "id").await, Value::Null, "drafts are for officers");
    let review = item(by, &tonight, "FOLLOW_UP_REVIEW", "Suivi des recommandations").await;
    let mapping = item(by, &tonight, "DISCUSSION", "Cartographie").await;
    let lead = item(by, &tonight, "DISCUSSION", "Chef de file").await;
    let error = refused(
        by,
        "meetingSchedule",
        json!({ "id": tonight, "scheduledStart": SCHEDULED, "timeZone": "Bamako" }),
    )
    .await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("INVALID_TIME_ZONE"), &json!(["input", "timeZone"]))
    );
    let backwards = json!({ "id": tonight, "scheduledStart": SCHEDULED, "scheduledEnd": "2026-12-03T08:00:00Z", "timeZone": "Africa/Bamako" });
    assert_eq!(refused(by, "meetingSchedule", backwards).await["code"], "END_BEFORE_START");
    schedule(by, &tonight, SCHEDULED).await;
    let seen =
        meeting(&cast.representative, &tonight, "status occursOn joinUrl agendaAsInvited { title }").await;
    assert_eq!(seen["agendaAsInvited"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (&seen["occursOn"], &seen["joinUrl"]),
        (&json!("2026-12-03"), &json!("https://appel.example/salle"))
    );
    // a step that is not possible names those that are
    let error = refused(by, "meetingClose", json!({ "id": tonight })).await;
    assert_eq!((&error["code"], &error["from"]), (&json!("STATE"), &json!("SCHEDULED")));
    assert!(error["allowed"].as_array().is_some_and(|a| a.contains(&json!("meetingStart"))), "{error}");
    // the meeting takes place
    succeed(by, "meetingStart", json!({ "id": tonight, "startedAt": SCHEDULED }), "__typename").await;
    let rows = json!({ "meeting": tonight, "attendanceRecord": "COMPLETE", "headcount": 3, "rows": [
        { "displayName": "EXEMPLE Awa", "organisationText": "AEX", "person": person(3), "status": "PRESENT", "meetingRoles": ["CHAIR", "MINUTE_TAKER"] },
        { "displayName": "Exemple Issa", "organisationText": "ONGE", "organisation": NGO, "status": "PRESENT" },
        { "displayName": "Une invitée", "status": "REMOTE", "capacity": "INVITEE" } ] });
    succeed(by, "attendanceRecord", rows, "__typename").await;
    let reviewed = json!({ "meeting": tonight, "agendaItem": review, "followUp": first, "outcome": "DONE", "actionTaken": "Envoyé à tous" });
    succeed(by, "reviewRecord", reviewed.clone(), "review { followUp { status } }").await;
    assert_eq!(
        cast.follow_up(&first, "status actionTaken").await,
        json!({ "status": "DONE", "actionTaken": "Envoyé à tous" })
    );
    assert_eq!(refused(by, "reviewRecord", reviewed).await["code"], "DUPLICATE");
    for id in [&review, &lead] {
        succeed(by, "agendaItemCover", json!({ "id": id }), "agendaItem { status }").await;
    }
    let deferred = succeed(
        by,
        "agendaItemDefer",
        json!({ "id": mapping, "to": next }),
        "agendaItem { status deferredTo { title } }",
    )
    .await;
    assert_eq!(deferred["agendaItem"]["deferredTo"]["title"], "Réunion de janvier");
    let decision = json!({ "agendaItem": lead, "kind": "DECISION", "text": "L'État prend le lead" });
    let decision = succeed(by, "recommendationAdd", decision, "recommendation { id status }").await["recommendation"]["id"].clone();
    let due = json!({ "on": "2026-12-15", "qualifier": "BEFORE", "text": "avant le 15 décembre" });
    let promised = follow_up(
        by,
        json!({ "agendaItem": lead, "recommendation": decision, "text": "Note conceptuelle",
        "assignments": [{ "person": person(4), "writtenAs": "Exemple Issa" }], "due": due }),
    )
    .await;
    follow_up(
        by,
        json!({ "agendaItem": lead, "text": "Informer l'EHP", "assignments": [{ "writtenAs": "nous" }] }),
    )
    .await;
    succeed(by, "meetingEnd", json!({ "id": tonight, "endedAt": "2026-12-03T11:20:00Z" }), "__typename")
        .await;
    // one earlier point was not looked at: the meeting does not close
    let error = refused(by, "meetingClose", json!({ "id": tonight })).await;
    assert_eq!(error["code"], "UNFINISHED");
    let kept = json!({ "meeting": tonight, "agendaItem": review, "followUp": second, "outcome": "KEPT_OPEN", "nextStep": "Relancer" });
    succeed(by, "reviewRecord", kept, "__typename").await;
    let closed =
        succeed(by, "meetingClose", json!({ "id": tonight }), "meeting { status availableTransitions }")
            .await;
    // it may be reopened, but not by the secretary
    assert_eq!(closed["meeting"], json!({ "status": "CLOSED", "availableTransitions": [] }));
    assert_eq!(
        refused(
            by,
            "agendaItemAdd",
            json!({ "meeting": tonight, "kind": "DISCUSSION", "title": "Trop tard" })
        )
        .await["code"],
        "STATE"
    );
    // the item waits on the next agenda, and says where it comes from
    let waiting = meeting(by, &next, "agendaItems { title continues { title meeting { title } } }").await;
    assert_eq!(
        waiting["agendaItems"],
        json!([{ "title": "Cartographie", "continues": { "title": "Cartographie", "meeting": { "title": "Réunion de décembre" } } }])
    );
    // a member reports on their part, with which the follow-up is done
    let report = json!({ "id": promised, "state": "DONE", "response": "Note envoyée" });
    let done = succeed(&cast.representative, "followUpReport", report, "followUp { status }").await;
    assert_eq!(done["followUp"]["status"], "DONE");
    // what the others see of the evening
    let outcome = "status attendance { displayName organisationText } agendaItems { title } recommendations { text } followUps { text } reviews { outcome }";
    let whole = meeting(&cast.representative, &tonight, outcome).await;
    assert_eq!(whole["attendance"][0]["displayName"], "EXEMPLE Awa");
    assert_eq!(
        (whole["followUps"].as_array().map(Vec::len), whole["reviews"].as_array().map(Vec::len)),
        (Some(2), Some(2))
    );
    let observed = meeting(&cast.observer, &tonight, outcome).await;
    assert_eq!(observed["attendance"][0], json!({ "displayName": null, "organisationText": "AEX" }));
    for stranger in [&cast.outsider, &cast.anonymous] {
        assert_eq!(meeting(stranger, &tonight, "id").await, Value::Null);
        assert_eq!(
            stranger.ask("{ meetings { totalCount } openActions { totalCount } }", json!({})).await.data(),
            &json!({ "meetings": { "totalCount": 0 }, "openActions": { "totalCount": 0 } })
        );
    }
    // hidden and missing look alike
    let query = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }";
    let hidden = cast.outsider.ask(query, json!({ "id": tonight })).await.body;
    let missing =
        cast.outsider.ask(query, json!({ "id": "mtg_01900000000070008000000000000099" })).await.body;
    assert_eq!(hidden, missing);
}

async fn minutes_are_adopted_published_and_revised(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let mut meetings = Vec::new();
    for (title, start) in [("Première", "2026-10-01T09:00:00Z"), ("Seconde", "2026-11-05T09:00:00Z")] {
        let id = draft(by, FORUM, title).await;
        schedule(by, &id, start).await;
        meetings.push(id);
    }
    let [first, second] = [meetings[0].clone(), meetings[1].clone()];
    // a scheduled meeting of a public group is in the public calendar, without the link
    let calendar = "title status occursOn joinUrl group { name }";
    let seen = meeting(&cast.anonymous, &first, calendar).await;
    assert_eq!((&seen["title"], &seen["joinUrl"]), (&json!("Première"), &Value::Null));
    succeed(by, "meetingStart", json!({ "id": first }), "__typename").await;
    let decision = json!({ "meeting": first, "kind": "DECISION", "text": "Awa Exemple préside" });
    let decision =
        succeed(by, "recommendationAdd", decision, "recommendation { id }").await["recommendation"]["id"]
            .clone();
    let action = follow_up(
        by,
        json!({ "meeting": first, "text": "Awa Exemple envoie la liste",
        "assignments": [{ "person": person(3) }, { "organisation": NGO }] }),
    )
    .await;
    succeed(by, "meetingEnd", json!({ "id": first }), "__typename").await;
    let written = json!({ "meeting": first, "title": "Compte rendu", "body": "La réunion…", "contributors": [
        { "role": "AUTHOR", "displayName": "EXEMPLE Awa", "functionText": "Secrétaire", "person": person(3) },
        { "role": "REVIEWER", "displayName": "Modèle Binta", "functionText": "Coordinatrice", "person": person(1) } ] });
    let minutes =
        succeed(by, "minutesWrite", written, "minutes { id status revision }").await["minutes"]["id"].clone();
    let id = json!({ "id": minutes });
    let status = async |who: &Client| {
        let query = "query($id: ID!) { minutes(by: { id: $id }) { status } }";
        who.ask(query, id.clone()).await.at("/minutes").clone()
    };
    assert_eq!(
        refused(&cast.coordinator, "minutesAdopt", json!({ "id": minutes, "at": second })).await["code"],
        "STATE"
    );
    succeed(by, "minutesSubmit", id.clone(), "__typename").await;
    assert_eq!(status(&cast.representative).await, Value::Null, "drafts are for officers");
    succeed(by, "minutesCirculate", json!({ "id": minutes, "commentsDueOn": "2999-01-01" }), "__typename")
        .await;
    assert_eq!(
        refused(by, "minutesAdopt", json!({ "id": minutes, "at": second })).await["code"],
        "PERMISSION_DENIED"
    );
    assert_eq!(
        refused(&cast.coordinator, "minutesAdopt", json!({ "id": minutes, "at": first })).await["code"],
        "NOT_LATER_MEETING"
    );
    succeed(by, "meetingStart", json!({ "id": second }), "__typename").await;
    let adopted = succeed(
        &cast.coordinator,
        "minutesAdopt",
        json!({ "id": minutes, "at": second }),
        "minutes { status snapshotHash isSealIntact adoptedAt { title } snapshot }",
    )
    .await;
    let adopted = &adopted["minutes"];
    assert_eq!((&adopted["status"], &adopted["isSealIntact"]), (&json!("ADOPTED"), &json!(true)));
    assert_eq!(adopted["snapshotHash"].as_str().map(str::len), Some(64));
    assert!(
        adopted["snapshot"]
            .as_str()
            .is_some_and(|s| s.contains("EXEMPLE Awa") && s.contains("Awa Exemple préside"))
    );
    // publication confirms, item by item, the text that goes out
    let publish = json!({ "id": minutes, "publicText": "Réunion tenue.", "confirmed": [{ "id": decision, "publicText": "La présidence est confiée au forum." }] });
    assert_eq!(
        refused(&cast.coordinator, "minutesPublish", publish.clone()).await["code"],
        "TEXT_NOT_CONFIRMED"
    );
    let mut publish = publish;
    let more = json!({ "id": action, "publicText": "La liste est envoyée." });
    publish["confirmed"].as_array_mut().expect("a list").push(more);
    succeed(&cast.information_manager, "minutesPublish", publish, "minutes { publishedAt }").await;
    let public = "query($m: ID!) { meeting(by: { id: $m }) { title minutes { status publicText body contributors { displayName } snapshotHash }
        recommendations { text addressees { writtenAs } } followUps { text assignments { writtenAs person { displayName } organisation { acronym } } } } }";
    let answer = cast.anonymous.ask(public, json!({ "m": first })).await;
    let shown = answer.at("/meeting");
    assert_eq!(shown["recommendations"][0]["text"], "La présidence est confiée au forum.");
    assert_eq!(
        shown["followUps"],
        json!([{ "text": "La liste est envoyée.",
        "assignments": [{ "writtenAs": null, "person": null, "organisation": { "acronym": "ONGE" } }] }])
    );
    assert_eq!(
        (&shown["minutes"]["publicText"], &shown["minutes"]["body"]),
        (&json!("Réunion tenue."), &Value::Null)
    );
    assert!(!answer.body.to_string().contains("Awa"), "{}", answer.body);
    // a revision starts from the adopted text; the old one stands until the new one is adopted
    let revised = succeed(
        &cast.coordinator,
        "minutesRevise",
        json!({ "id": minutes, "reason": "Une erreur de date" }),
        "minutes { id revision status supersedes { revision status } }",
    )
    .await;
    assert_eq!(revised["minutes"]["supersedes"], json!({ "revision": 1, "status": "ADOPTED" }));
    assert_eq!(
        (&revised["minutes"]["revision"], &revised["minutes"]["status"]),
        (&json!(2), &json!("DRAFT"))
    );
}
