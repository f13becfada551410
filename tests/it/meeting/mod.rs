//! Meetings, their agendas and who was there: steps, who sees what, what follows what.

mod agenda;
mod seen;

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, person, refused, succeed};

on_both!(
    a_meeting_lives_as_the_design_says,
    what_is_unfinished_keeps_it_open,
    attendance_is_as_written_and_resolved_later,
    series_recur_by_a_rule,
);

const START: &str = "2026-03-05T22:30:00Z";

async fn enter(cast: &Cast, group: &str, more: Value) -> String {
    let mut input = json!({ "group": group, "kind": "REGULAR", "title": "Réunion mensuelle" });
    merge(&mut input, more);
    id(&succeed(&cast.secretary, "meetingCreate", input, "meeting { id }").await, "meeting")
}

fn merge(input: &mut Value, more: Value) {
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
}

fn id(payload: &Value, field: &str) -> String {
    payload[field]["id"].as_str().expect("an id").to_owned()
}

async fn step(by: &Client, name: &str, meeting: &str, more: Value) -> Value {
    let mut input = json!({ "id": meeting });
    merge(&mut input, more);
    let shown = "meeting { status statusReason heldOn occursOn actualEnd availableTransitions version }";
    succeed(by, name, input, shown).await["meeting"].clone()
}

async fn item(cast: &Cast, meeting: &str, title: &str, more: Value) -> String {
    let mut input = json!({ "meeting": meeting, "kind": "DISCUSSION", "title": title });
    merge(&mut input, more);
    id(&succeed(&cast.secretary, "agendaItemAdd", input, "agendaItem { id }").await, "agendaItem")
}

/// A meeting that was scheduled.
async fn scheduled(cast: &Cast, group: &str, more: Value) -> String {
    let meeting = enter(cast, group, more).await;
    step(&cast.secretary, "meetingSchedule", &meeting, json!({ "scheduledStart": START })).await;
    meeting
}

/// A meeting that was held.
async fn held(cast: &Cast, group: &str, more: Value) -> String {
    let meeting = scheduled(cast, group, more).await;
    step(&cast.secretary, "meetingStart", &meeting, json!({ "startedAt": START })).await;
    step(&cast.secretary, "meetingEnd", &meeting, json!({ "endedAt": "2026-03-06T00:10:00Z" })).await;
    meeting
}

async fn show(by: &Client, meeting: &str, selection: &str) -> Value {
    let query = format!("query($id: ID!) {{ meeting(by: {{ id: $id }}) {{ {selection} }} }}");
    by.ask(&query, json!({ "id": meeting })).await.at("/meeting").clone()
}

async fn a_meeting_lives_as_the_design_says(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = enter(&cast, CLUSTER, json!({ "timeZone": "Africa/Nairobi" })).await;
    let start = json!({ "id": meeting });
    assert_eq!(refused(by, "meetingSchedule", start.clone()).await["code"], "REQUIRED");
    let backwards = json!({ "id": meeting, "scheduledStart": START, "scheduledEnd": "2026-03-05T22:00:00Z" });
    assert_eq!(refused(by, "meetingSchedule", backwards).await["code"], "END_BEFORE_START");
    let nowhere = json!({ "id": meeting, "scheduledStart": START, "timeZone": "Mars/Olympus" });
    assert_eq!(refused(by, "meetingSchedule", nowhere).await["code"], "INVALID_TIME_ZONE");
    let error = refused(by, "meetingStart", start).await;
    assert_eq!((&error["code"], &error["from"]), (&json!("STATE"), &json!("DRAFT")));
    assert_eq!(error["allowed"], json!(["meetingSchedule", "meetingCancel"]));

    item(&cast, &meeting, "Ouverture", json!({ "printedNumber": "1." })).await;
    let now = step(by, "meetingSchedule", &meeting, json!({ "scheduledStart": START })).await;
    // in Nairobi it is the next day already
    assert_eq!((&now["status"], &now["occursOn"]), (&json!("SCHEDULED"), &json!("2026-03-06")));
    assert_eq!(now["heldOn"], Value::Null);
    let later = json!({ "scheduledStart": "2026-03-12T09:00:00Z", "reason": "Jour férié" });
    let now = step(by, "meetingPostpone", &meeting, later).await;
    assert_eq!((&now["status"], &now["occursOn"]), (&json!("SCHEDULED"), &json!("2026-03-12")));
    assert_eq!(now["statusReason"], "Jour férié");
    let early = json!({ "id": meeting, "expectedVersion": now["version"], "heldOn": "2026-03-12" });
    assert_eq!(refused(by, "meetingUpdate", early).await["code"], "STATE");

    let now = step(by, "meetingStart", &meeting, json!({ "startedAt": "2026-03-12T09:05:00Z" })).await;
    assert_eq!((&now["status"], &now["heldOn"]), (&json!("IN_PROGRESS"), &json!("2026-03-12")));
    let error = refused(by, "meetingEnd", json!({ "id": meeting, "endedAt": "2026-03-12T09:00:00Z" })).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("END_BEFORE_START"), &json!(["input", "endedAt"])));
    let now = step(by, "meetingEnd", &meeting, json!({ "endedAt": "2026-03-12T11:00:00Z" })).await;
    assert_eq!(now["availableTransitions"], json!(["meetingClose"]));
    step(by, "meetingClose", &meeting, json!({ "overrideReason": "Clos sans ordre du jour suivi" })).await;
    // closed: the record stands, but its protection may still be raised
    let version = show(by, &meeting, "version").await["version"].clone();
    let notes = json!({ "id": meeting, "expectedVersion": version, "notes": "Encore" });
    assert_eq!(refused(by, "meetingUpdate", notes).await["code"], "STATE");
    let tighter = json!({ "id": meeting, "expectedVersion": version, "sensitivity": "HIGH" });
    succeed(by, "meetingUpdate", tighter, "meeting { id }").await;
    let again = json!({ "id": meeting, "reason": "Une correction" });
    assert_eq!(refused(by, "meetingReopen", again.clone()).await["code"], "PERMISSION_DENIED");
    let now =
        step(&cast.information_manager, "meetingReopen", &meeting, json!({ "reason": "Une correction" }))
            .await;
    assert_eq!(now["status"], "HELD");
    // the agenda as it went out stays, whatever came after
    item(&cast, &meeting, "Divers", json!({ "status": "COVERED" })).await;
    let whole =
        show(by, &meeting, "agendaAsInvited { position printedNumber title kind } agendaItems { title }")
            .await;
    let invited =
        json!([{ "position": 1, "printedNumber": "1.", "title": "Ouverture", "kind": "DISCUSSION" }]);
    assert_eq!(whole["agendaAsInvited"], invited);
    assert_eq!(whole["agendaItems"].as_array().map(Vec::len), Some(2));

    let past = json!({ "group": CLUSTER, "kind": "REGULAR", "heldOn": "2019-07-04" });
    assert_eq!(refused(by, "meetingCreate", past).await["code"], "OUT_OF_RANGE");
    let other = scheduled(&cast, CLUSTER, json!({})).await;
    let error = refused(by, "meetingCancel", json!({ "id": other, "reason": " " })).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("BLANK"), &json!(["input", "reason"])));
    let now = step(by, "meetingRecordNotHeld", &other, json!({ "reason": "Personne n'est venu" })).await;
    assert_eq!((&now["status"], &now["availableTransitions"]), (&json!("NOT_HELD"), &json!([])));
    let stale = json!({ "id": other, "expectedVersion": 1, "title": "Autre" });
    let error = refused(by, "meetingUpdate", stale).await;
    assert_eq!((&error["code"], &error["currentVersion"]), (&json!("CONFLICT"), &now["version"]));
}

async fn what_is_unfinished_keeps_it_open(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let open = json!({ "group": CLUSTER, "text": "Partager la matrice" });
    let open = id(&succeed(by, "followUpCreate", open, "followUp { id }").await, "followUp");
    let meeting = held(&cast, CLUSTER, json!({})).await;
    let review =
        item(&cast, &meeting, "Suivi des recommandations", json!({ "kind": "FOLLOW_UP_REVIEW" })).await;
    let close = json!({ "id": meeting });
    assert_eq!(refused(by, "meetingClose", close.clone()).await["code"], "UNFINISHED", "planned");
    succeed(by, "agendaItemCover", json!({ "id": review }), "agendaItem { status }").await;
    assert_eq!(refused(by, "meetingClose", close.clone()).await["code"], "UNFINISHED", "no review");
    // what the meeting itself gave out needs no look back
    let own = json!({ "meeting": meeting, "text": "Convoquer le groupe restreint" });
    succeed(by, "followUpCreate", own, "followUp { id }").await;
    let looked = json!({ "meeting": meeting, "followUp": open, "outcome": "KEPT_OPEN" });
    succeed(by, "reviewRecord", looked, "review { id }").await;
    step(by, "meetingClose", &meeting, json!({})).await;
    let error =
        refused(by, "agendaItemAdd", json!({ "meeting": meeting, "kind": "OPENING", "title": "x" })).await;
    assert_eq!((&error["from"], &error["allowed"]), (&json!("CLOSED"), &json!(["meetingReopen"])));
    for (name, input) in [
        ("agendaItemSkip", json!({ "id": review })),
        ("agendaItemMove", json!({ "id": review, "position": 1 })),
        ("attendanceRecord", json!({ "meeting": meeting, "headcount": 12 })),
    ] {
        assert_eq!(refused(by, name, input).await["code"], "STATE", "{name}");
    }
}

async fn attendance_is_as_written_and_resolved_later(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = held(&cast, CLUSTER, json!({})).await;
    let nobody = json!({ "meeting": meeting, "rows": [
        { "displayName": "M. Exemple", "status": "PRESENT" }, { "functionText": "Coordonnateur", "status": "PRESENT" }] });
    let error = refused(by, "attendanceRecord", nobody).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("REQUIRED"), &json!(["input", "rows", "1"])));
    assert_eq!(show(by, &meeting, "attendance { id }").await["attendance"], json!([]), "all or nothing");
    let rows = json!([
        { "displayName": "M. Exemple", "functionText": "Gestionnaire de l'information", "organisationText": "AEX",
          "status": "PRESENT", "capacity": "SECRETARIAT", "meetingRoles": ["CHAIR", "MINUTE_TAKER"] },
        { "organisationText": "ONGE", "organisation": NGO, "status": "REPRESENTED" }]);
    let record = json!({ "meeting": meeting, "rows": rows, "attendanceRecord": "COMPLETE", "headcount": 14 });
    let shown = "meeting { attendanceRecord headcount attendance { id position displayName organisationText functionText \
        person { displayName } organisation { acronym } status capacity meetingRoles version } }";
    let payload = succeed(by, "attendanceRecord", record, shown).await;
    let whole = &payload["meeting"];
    assert_eq!((&whole["attendanceRecord"], &whole["headcount"]), (&json!("COMPLETE"), &json!(14)));
    let (first, second) = (&whole["attendance"][0], &whole["attendance"][1]);
    assert_eq!(first["meetingRoles"], json!(["CHAIR", "MINUTE_TAKER"]));
    assert_eq!((&second["position"], &second["organisation"]["acronym"]), (&json!(2), &json!("ONGE")));

    let resolve = json!({ "id": first["id"], "person": person(2), "organisation": AGENCY });
    let shown_line =
        "attendance { displayName organisationText person { displayName } organisation { acronym } }";
    let line = succeed(by, "attendanceResolve", resolve, shown_line).await["attendance"].clone();
    assert_eq!((&line["displayName"], &line["organisationText"]), (&json!("M. Exemple"), &json!("AEX")));
    assert_eq!(line["person"]["displayName"], "Personne Exemple 2");
    // written anew by its id: it stays where it was
    let again = json!({ "meeting": meeting, "rows": [{ "id": second["id"], "organisationText": "ONG Exemple", "status": "ABSENT" },
        { "displayName": "Mme Exemple", "status": "REMOTE" }] });
    let payload = succeed(by, "attendanceRecord", again, shown).await;
    let list = payload["meeting"]["attendance"].as_array().expect("a list");
    assert_eq!(list.len(), 3);
    assert_eq!((&list[1]["status"], &list[1]["organisation"]), (&json!("ABSENT"), &Value::Null));
    let gone = json!({ "id": second["id"], "reason": "Saisie deux fois" });
    let payload =
        succeed(by, "attendanceRemove", gone.clone(), "meeting { attendance { displayName } }").await;
    assert_eq!(payload["meeting"]["attendance"].as_array().map(Vec::len), Some(2));
    assert_eq!(refused(by, "attendanceRemove", gone).await["code"], "NOT_FOUND");
    let nameless = json!({ "id": list[2]["id"], "person": null });
    succeed(by, "attendanceResolve", nameless, "attendance { id }").await;
    // observers and operation managers: organisations; outsiders and administrators: nothing
    let shown =
        "attendance { displayName functionText organisationText person { displayName } meetingRoles }";
    for who in [&cast.observer, &cast.manager] {
        let line = show(who, &meeting, shown).await["attendance"][0].clone();
        assert_eq!(
            (&line["displayName"], &line["functionText"], &line["person"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!(line["organisationText"], "AEX");
    }
    assert_eq!(show(&cast.admin, &meeting, shown).await["attendance"], json!([]));
    let line = show(&cast.representative, &meeting, shown).await["attendance"][0].clone();
    assert_eq!(line["displayName"], "M. Exemple");
}

async fn series_recur_by_a_rule(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let series = |rule: &str| json!({ "group": CLUSTER, "name": "Réunion mensuelle", "rule": rule, "timeZone": "Africa/Nairobi" });
    let error = refused(by, "meetingSeriesCreate", series("le premier jeudi")).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("OUT_OF_RANGE"), &json!(["input", "rule"])));
    let payload = succeed(
        by,
        "meetingSeriesCreate",
        series("FREQ=MONTHLY;BYDAY=1TH"),
        "meetingSeries { id rule version }",
    )
    .await;
    let series = id(&payload, "meetingSeries");
    let meeting = enter(&cast, CLUSTER, json!({ "series": series })).await;
    assert_eq!(show(by, &meeting, "timeZone series { name }").await["timeZone"], "Africa/Nairobi");
    let foreign = json!({ "group": FORUM, "kind": "REGULAR", "series": series });
    assert_eq!(refused(by, "meetingCreate", foreign).await["code"], "OTHER_GROUP");
    let change = json!({ "id": series, "expectedVersion": 1, "rule": null, "venueText": "Salle 2" });
    let shown = "meetingSeries { rule venueText meetings { nodes { id } } }";
    let payload = succeed(by, "meetingSeriesUpdate", change, shown).await;
    assert_eq!(
        payload["meetingSeries"],
        json!({ "rule": null, "venueText": "Salle 2", "meetings": { "nodes": [{ "id": meeting }] } })
    );
    let query =
        "query($g: ID!, $s: ID!) { meetingSeriesOf(group: $g) { name } meetingSeries(id: $s) { name } }";
    for (who, count) in
        [(&cast.observer, 1), (&cast.manager, 1), (&cast.outsider, 0), (&cast.admin, 0), (&cast.anonymous, 0)]
    {
        let answer = who.ask(query, json!({ "g": CLUSTER, "s": series })).await;
        assert_eq!(answer.at("/meetingSeriesOf").as_array().map(Vec::len), Some(count));
        assert_eq!(answer.at("/meetingSeries").is_null(), count == 0);
    }
}
