//! Meetings, their agendas and who was there: steps, who sees what, what follows what.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, OPERATION, mutate, person, refused, succeed};

on_both!(
    a_meeting_lives_as_the_design_says,
    what_is_unfinished_keeps_it_open,
    an_agenda_is_kept_in_order,
    what_is_put_off_goes_on_elsewhere,
    attendance_is_as_written_and_resolved_later,
    members_enter_what_is_theirs,
    each_audience_sees_its_part,
    what_becomes_tighter_takes_its_own_along,
    a_joint_meeting_belongs_to_both_groups,
    series_recur_by_a_rule,
    lists_filter_and_page,
    an_outcome_costs_one_statement_per_kind_of_child,
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

async fn order(by: &Client, meeting: &str) -> Vec<String> {
    let whole = show(by, meeting, "agendaItems { position title }").await;
    let items = whole["agendaItems"].as_array().expect("a list");
    for (item, position) in items.iter().zip(1..) {
        assert_eq!(item["position"], position);
    }
    items.iter().map(|i| i["title"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn an_agenda_is_kept_in_order(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = scheduled(&cast, CLUSTER, json!({})).await;
    let mut items = Vec::new();
    for title in ["a", "b", "c", "d"] {
        items.push(item(&cast, &meeting, title, json!({})).await);
    }
    item(&cast, &meeting, "e", json!({ "position": 2 })).await;
    assert_eq!(order(by, &meeting).await, ["a", "e", "b", "c", "d"]);
    let shown = "agendaItem { position version }";
    for (number, to, expected) in [
        (3, 1, ["d", "a", "e", "b", "c"]),
        (3, 5, ["a", "e", "b", "c", "d"]),
        (1, 2, ["a", "b", "e", "c", "d"]),
        (1, 2, ["a", "b", "e", "c", "d"]),
    ] {
        let to = json!({ "id": items[number], "position": to });
        succeed(by, "agendaItemMove", to, shown).await;
        assert_eq!(order(by, &meeting).await, expected);
    }
    for to in [0, 6] {
        let error = refused(by, "agendaItemMove", json!({ "id": items[0], "position": to })).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("OUT_OF_RANGE"), &json!(["input", "position"]))
        );
    }
    // members propose, at the end; what they propose is theirs no more
    let proposal = json!({ "meeting": meeting, "kind": "PRESENTATION", "title": "Étude de marché",
        "presenters": [{ "displayName": "Mme Exemple", "organisationText": "ONGE", "organisation": NGO }] });
    let shown = "agendaItem { id position status presenters { displayName organisationText organisation { acronym } } }";
    let payload = succeed(&cast.representative, "agendaItemPropose", proposal.clone(), shown).await;
    assert_eq!(payload["agendaItem"]["position"], 6);
    assert_eq!(payload["agendaItem"]["presenters"][0]["displayName"], "Mme Exemple");
    assert_eq!(
        refused(&cast.observer, "agendaItemPropose", proposal.clone()).await["code"],
        "PERMISSION_DENIED"
    );
    let covered = json!({ "id": id(&payload, "agendaItem") });
    let error = refused(&cast.representative, "agendaItemWithdraw", covered.clone()).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
    let error = refused(by, "agendaItemCover", covered.clone()).await;
    assert_eq!((&error["code"], &error["from"]), (&json!("STATE"), &json!("SCHEDULED")));
    step(by, "meetingStart", &meeting, json!({})).await;
    assert_eq!(refused(&cast.representative, "agendaItemPropose", proposal).await["code"], "STATE");
    // one outcome may be corrected into another
    for (name, more, status, channel) in [
        (
            "agendaItemMoveOffline",
            json!({ "channel": "EMAIL", "note": "Par mail" }),
            "MOVED_OFFLINE",
            json!("EMAIL"),
        ),
        ("agendaItemCover", json!({ "isPartly": true }), "PARTLY_COVERED", Value::Null),
        ("agendaItemCover", json!({}), "COVERED", Value::Null),
        ("agendaItemRefer", json!({}), "REFERRED", Value::Null),
        ("agendaItemSkip", json!({}), "NOT_COVERED", Value::Null),
        ("agendaItemWithdraw", json!({}), "WITHDRAWN", Value::Null),
    ] {
        let mut input = covered.clone();
        merge(&mut input, more);
        let now = succeed(by, name, input, "agendaItem { status offlineChannel availableTransitions }").await;
        assert_eq!(
            (&now["agendaItem"]["status"], &now["agendaItem"]["offlineChannel"]),
            (&json!(status), &channel)
        );
        assert_eq!(
            now["agendaItem"]["availableTransitions"].as_array().map(Vec::len),
            Some(match status {
                "COVERED" | "PARTLY_COVERED" | "MOVED_OFFLINE" => 6,
                _ => 5,
            }),
            "{status}"
        );
    }
    // observers see who presents for which organisation, no names
    let observed =
        show(&cast.observer, &meeting, "agendaItems { presenters { displayName organisationText } }").await;
    let presenter = &observed["agendaItems"][5]["presenters"][0];
    assert_eq!(*presenter, json!({ "displayName": null, "organisationText": "ONGE" }));
}

async fn what_is_put_off_goes_on_elsewhere(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = held(&cast, CLUSTER, json!({})).await;
    let next = enter(&cast, CLUSTER, json!({ "title": "La suivante" })).await;
    let elsewhere = enter(&cast, FORUM, json!({})).await;
    let off =
        item(&cast, &meeting, "Cartographie", json!({ "purpose": "DECISION", "sensitivity": "HIGH" })).await;
    let to = |to: &str| json!({ "id": off, "to": to, "note": "Faute de temps" });
    assert_eq!(refused(by, "agendaItemDefer", to(&elsewhere)).await["code"], "OTHER_GROUP");
    assert_eq!(refused(by, "agendaItemDefer", to(&meeting)).await["code"], "OTHER_GROUP");
    let shown = "agendaItem { status deferredTo { title } continuedBy { id title kind purpose status sensitivity \
        meeting { title } continues { title status } } }";
    let payload = succeed(by, "agendaItemDefer", to(&next), shown).await;
    let item = &payload["agendaItem"];
    assert_eq!((&item["status"], &item["deferredTo"]["title"]), (&json!("DEFERRED"), &json!("La suivante")));
    let taken_up = &item["continuedBy"][0];
    assert_eq!(taken_up["continues"], json!({ "title": "Cartographie", "status": "DEFERRED" }));
    assert_eq!((&taken_up["purpose"], &taken_up["sensitivity"]), (&json!("DECISION"), &json!("HIGH")));
    let error = refused(by, "agendaItemDefer", to(&next)).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("DUPLICATE"), &json!(["input", "to"])));
    let past = held(&cast, CLUSTER, json!({})).await;
    assert_eq!(refused(by, "agendaItemDefer", to(&past)).await["code"], "OUT_OF_RANGE");
    // an item cannot continue what continues it
    let query = "query($id: ID!) { node(id: $id) { ... on AgendaItem { version } } }";
    let version = by.ask(query, json!({ "id": off })).await.at("/node/version").clone();
    let circle = json!({ "id": off, "expectedVersion": version, "continues": taken_up["id"] });
    assert_eq!(refused(by, "agendaItemUpdate", circle).await["code"], "CIRCULAR");
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

async fn members_enter_what_is_theirs(world: World) {
    let cast = Cast::of(world).await;
    let meeting = scheduled(&cast, CLUSTER, json!({})).await;
    let rows = |rows: Value| json!({ "meeting": meeting, "rows": rows });
    let me = json!({ "person": person(4), "organisation": NGO, "status": "REMOTE" });
    succeed(&cast.representative, "attendanceRecord", rows(json!([me])), "meeting { id }").await;
    // not with others in the same breath, not as the chair, not for the whole list
    let other = json!({ "person": person(3), "status": "ABSENT" });
    let error = refused(&cast.representative, "attendanceRecord", rows(json!([me, other]))).await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("PERMISSION_DENIED"), &json!(["input", "rows", "1"]))
    );
    let chair = json!({ "person": person(4), "status": "PRESENT", "meetingRoles": ["CHAIR"] });
    let error = refused(&cast.representative, "attendanceRecord", rows(json!([chair]))).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
    let mut counted = rows(json!([me]));
    counted["headcount"] = json!(30);
    assert_eq!(refused(&cast.representative, "attendanceRecord", counted).await["code"], "PERMISSION_DENIED");
    let stranger = json!([{ "displayName": "Quelqu'un", "status": "PRESENT" }]);
    assert_eq!(
        refused(&cast.observer, "attendanceRecord", rows(stranger)).await["code"],
        "PERMISSION_DENIED"
    );
    // nobody makes somebody else's line their own
    let theirs = json!([{ "id": "att_01900000000070008000000000000009", "displayName": "M. Exemple", "status": "PRESENT" }]);
    succeed(&cast.secretary, "attendanceRecord", rows(theirs), "meeting { id }").await;
    let claim = json!({ "id": "att_01900000000070008000000000000009", "person": person(4) });
    assert_eq!(refused(&cast.representative, "attendanceResolve", claim).await["code"], "PERMISSION_DENIED");
    let claim =
        json!([{ "id": "att_01900000000070008000000000000009", "person": person(4), "status": "PRESENT" }]);
    let error = refused(&cast.representative, "attendanceRecord", rows(claim)).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
    assert_eq!(refused(&cast.outsider, "attendanceRecord", rows(json!([me]))).await["code"], "NOT_FOUND");
}

async fn each_audience_sees_its_part(world: World) {
    let cast = Cast::of(world).await;
    let whole = json!({ "joinUrl": "https://meet.example/abc", "notes": "Apporter les clés", "dateText": "le 5 mars",
        "venueText": "Salle 2", "scheduledStart": START });
    let (inner, outer) = (enter(&cast, CLUSTER, whole.clone()).await, enter(&cast, FORUM, whole).await);
    item(&cast, &outer, "Point interne", json!({})).await;
    let shown = "id title status occursOn venueText notes dateText joinUrl modality headcount attendanceRecord agendaItems { title }";
    for draft in [&inner, &outer] {
        for who in [&cast.representative, &cast.observer, &cast.outsider, &cast.anonymous, &cast.admin] {
            assert_eq!(show(who, draft, shown).await, Value::Null, "drafts are for officers");
        }
        for who in [&cast.secretary, &cast.manager] {
            assert_eq!(show(who, draft, "status").await["status"], "DRAFT");
        }
    }
    for meeting in [&inner, &outer] {
        step(&cast.secretary, "meetingSchedule", meeting, json!({})).await;
    }
    for who in [&cast.outsider, &cast.anonymous] {
        assert_eq!(show(who, &inner, shown).await, Value::Null);
        let seen = show(who, &outer, shown).await;
        assert_eq!((&seen["title"], &seen["venueText"]), (&json!("Réunion mensuelle"), &json!("Salle 2")));
        for hidden in ["notes", "dateText", "joinUrl", "headcount", "attendanceRecord"] {
            assert_eq!(seen[hidden], Value::Null, "{hidden}");
        }
        assert_eq!(seen["agendaItems"], json!([]));
    }
    for who in [&cast.representative, &cast.observer] {
        let seen = show(who, &inner, shown).await;
        assert_eq!(
            (&seen["notes"], &seen["joinUrl"]),
            (&json!("Apporter les clés"), &json!("https://meet.example/abc"))
        );
        assert_eq!(seen["attendanceRecord"], "NOT_RECORDED");
    }
    let seen = show(&cast.manager, &inner, shown).await;
    assert_eq!((&seen["notes"], &seen["joinUrl"]), (&json!("Apporter les clés"), &Value::Null));
    // administrators without a seat: group, date, status
    let seen = show(&cast.admin, &inner, shown).await;
    assert_eq!((&seen["status"], &seen["occursOn"]), (&json!("SCHEDULED"), &json!("2026-03-05")));
    for hidden in ["title", "venueText", "notes", "dateText", "joinUrl", "modality", "attendanceRecord"] {
        assert_eq!(seen[hidden], Value::Null, "{hidden}");
    }
    // nor do they find it by what they do not see
    let query =
        "query($t: String!) { meetings(filter: { title: { contains: $t } }) { totalCount nodes { id } } }";
    for (who, count) in [(&cast.admin, 1), (&cast.anonymous, 1), (&cast.secretary, 2), (&cast.manager, 2)] {
        let answer = who.ask(query, json!({ "t": "reunion MENSUELLE" })).await;
        assert_eq!(answer.at("/meetings/totalCount"), &json!(count));
    }
    // what is hidden cannot be written either
    assert_eq!(refused(&cast.outsider, "meetingStart", json!({ "id": inner })).await["code"], "NOT_FOUND");
    assert_eq!(
        refused(&cast.representative, "meetingStart", json!({ "id": inner })).await["code"],
        "PERMISSION_DENIED"
    );
    assert_eq!(
        refused(&cast.admin, "meetingStart", json!({ "id": inner })).await["code"],
        "PERMISSION_DENIED"
    );
    let answer = mutate(&cast.anonymous, "meetingStart", json!({ "id": outer }), "__typename").await;
    assert_eq!(answer.body.pointer("/errors/0/extensions/code"), Some(&json!("UNAUTHENTICATED")));
}

async fn what_becomes_tighter_takes_its_own_along(world: World) {
    let cast = Cast::of(world).await;
    let meeting = scheduled(&cast, CLUSTER, json!({})).await;
    let point = item(&cast, &meeting, "Sites d'accueil", json!({})).await;
    let own = json!({ "agendaItem": point, "text": "Vérifier la liste des sites" });
    succeed(&cast.secretary, "followUpCreate", own, "followUp { id }").await;
    let row = json!({ "meeting": meeting, "rows": [{ "displayName": "M. Exemple", "status": "INVITED" }] });
    succeed(&cast.secretary, "attendanceRecord", row, "meeting { id }").await;
    let shown = "version sensitivity visibility agendaItems { version sensitivity } followUps { sensitivity } \
        attendance { sensitivity }";
    let version = show(&cast.secretary, &meeting, shown).await["version"].clone();
    let change = |version: &Value, more: Value| {
        let mut input = json!({ "id": meeting, "expectedVersion": version });
        merge(&mut input, more);
        input
    };
    succeed(
        &cast.secretary,
        "meetingUpdate",
        change(&version, json!({ "sensitivity": "SEVERE" })),
        "meeting { id }",
    )
    .await;
    assert_eq!(show(&cast.representative, &meeting, "id").await, Value::Null);
    let now = show(&cast.secretary, &meeting, shown).await;
    for child in ["agendaItems", "followUps", "attendance"] {
        assert_eq!(now[child][0]["sensitivity"], "SEVERE", "{child}");
    }
    assert_eq!(now["agendaItems"][0]["version"], 2);
    // wider again: a matter for coordinators, never wider than the group, and its own stays as it is
    let wider = json!({ "sensitivity": "LOW", "visibility": "PUBLIC" });
    let error = refused(&cast.secretary, "meetingUpdate", change(&now["version"], wider.clone())).await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("PERMISSION_DENIED"), &json!(["input", "sensitivity"]))
    );
    succeed(&cast.coordinator, "meetingUpdate", change(&now["version"], wider), "meeting { id }").await;
    let now = show(&cast.representative, &meeting, shown).await;
    assert_eq!((&now["visibility"], &now["sensitivity"]), (&json!("GROUP"), &json!("MODERATE")));
    assert_eq!(now["agendaItems"], json!([]));

    // a point that becomes tighter than the meeting leaves the agenda as it went out
    let other = enter(&cast, CLUSTER, json!({})).await;
    let points = [item(&cast, &other, "Un", json!({})).await, item(&cast, &other, "Deux", json!({})).await];
    item(&cast, &other, "Trois", json!({ "visibility": "OFFICERS" })).await;
    step(&cast.secretary, "meetingSchedule", &other, json!({ "scheduledStart": START })).await;
    let titles = |whole: &Value| {
        whole["agendaAsInvited"].as_array().map(|l| l.iter().map(|i| i["title"].clone()).collect::<Vec<_>>())
    };
    let seen = show(&cast.representative, &other, "agendaAsInvited { title }").await;
    assert_eq!(titles(&seen), Some(vec![json!("Un"), json!("Deux")]));
    let tighter = json!({ "id": points[1], "expectedVersion": 1, "visibility": "OFFICERS" });
    succeed(&cast.secretary, "agendaItemUpdate", tighter, "agendaItem { id }").await;
    let seen = show(&cast.representative, &other, "agendaAsInvited { title } agendaItems { title }").await;
    assert_eq!(titles(&seen), Some(vec![json!("Un")]));
    assert_eq!(seen["agendaItems"], json!([{ "title": "Un" }]));
}

async fn a_joint_meeting_belongs_to_both_groups(world: World) {
    let cast = Cast::of(world).await;
    let twice = json!({ "group": FORUM, "kind": "REGULAR", "otherGroups": [CLUSTER, CLUSTER] });
    let error = refused(&cast.secretary, "meetingCreate", twice).await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("DUPLICATE"), &json!(["input", "otherGroups", "1"]))
    );
    // the representative has a seat in the cluster only
    let meeting = enter(
        &cast,
        FORUM,
        json!({ "otherGroups": [CLUSTER], "notes": "Ensemble",
        "joinUrl": "https://meet.example/abc" }),
    )
    .await;
    item(&cast, &meeting, "Point commun", json!({})).await;
    step(&cast.secretary, "meetingSchedule", &meeting, json!({ "scheduledStart": START })).await;
    let shown =
        "visibility sensitivity notes joinUrl otherGroups { group { name } } agendaItems { title } version";
    let seen = show(&cast.representative, &meeting, shown).await;
    assert_eq!(
        (&seen["visibility"], &seen["sensitivity"]),
        (&json!("GROUP"), &json!("MODERATE")),
        "the tighter default"
    );
    assert_eq!((&seen["notes"], &seen["joinUrl"]), (&json!("Ensemble"), &json!("https://meet.example/abc")));
    assert_eq!(seen["otherGroups"], json!([{ "group": { "name": "Cluster Exemple" } }]));
    assert_eq!(seen["agendaItems"], json!([{ "title": "Point commun" }]));
    assert_eq!(show(&cast.anonymous, &meeting, "id").await, Value::Null);
    let query = "query($g: ID!) { a: meetings(filter: { group: { eq: $g } }) { totalCount } \
        b: meetings(filter: { groupWithSubGroups: $g }) { totalCount } }";
    for group in [CLUSTER, FORUM] {
        let answer = cast.representative.ask(query, json!({ "g": group })).await;
        assert_eq!(*answer.data(), json!({ "a": { "totalCount": 1 }, "b": { "totalCount": 1 } }));
    }
    // no longer joint: no longer theirs; it keeps the tighter values until a coordinator widens it
    let alone = json!({ "id": meeting, "expectedVersion": seen["version"], "otherGroups": [] });
    succeed(&cast.secretary, "meetingUpdate", alone, "meeting { id }").await;
    assert_eq!(show(&cast.representative, &meeting, "id").await, Value::Null);
    let seen = show(&cast.secretary, &meeting, "visibility version").await;
    assert_eq!(seen["visibility"], "GROUP");
    let wider = json!({ "id": meeting, "expectedVersion": seen["version"], "visibility": "PUBLIC", "sensitivity": "LOW" });
    succeed(&cast.coordinator, "meetingUpdate", wider, "meeting { id }").await;
    assert_eq!(show(&cast.anonymous, &meeting, "title").await["title"], "Réunion mensuelle");
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

async fn lists_filter_and_page(world: World) {
    let cast = Cast::of(world).await;
    let mut meetings = Vec::new();
    for day in ["2026-01-10T09:00:00Z", "2026-02-10T09:00:00Z", "2026-03-10T09:00:00Z"] {
        meetings.push(enter(&cast, CLUSTER, json!({ "scheduledStart": day })).await);
    }
    let undated = enter(
        &cast,
        CLUSTER,
        json!({ "kind": "WORKSHOP",
        "externalReferences": [{ "system": "HRINFO", "code": "12" }] }),
    )
    .await;
    let query = "query($f: MeetingFilter, $o: [MeetingOrderBy!], $n: Int, $a: String) {
        meetings(filter: $f, orderBy: $o, first: $n, after: $a) { nodes { id } pageInfo { endCursor hasNextPage } } }";
    let list = async |variables: Value| {
        let answer = cast.secretary.ask(query, variables).await;
        let nodes = answer.at("/meetings/nodes").as_array().expect("a list").clone();
        let ids: Vec<String> =
            nodes.iter().map(|n| n["id"].as_str().unwrap_or_default().to_owned()).collect();
        (ids, answer.at("/meetings/pageInfo/endCursor").clone())
    };
    let latest = [&meetings[2], &meetings[1], &meetings[0], &undated];
    let (page, cursor) = list(json!({ "n": 2 })).await;
    assert_eq!(page.iter().collect::<Vec<_>>(), latest[..2]);
    let (page, _) = list(json!({ "n": 2, "a": cursor })).await;
    assert_eq!(page.iter().collect::<Vec<_>>(), latest[2..], "without a day: last");
    for (filter, expected) in [
        (json!({ "occursOn": { "gte": "2026-02-10", "lt": "2026-03-10" } }), vec![&meetings[1]]),
        (json!({ "occursOn": { "isNull": true } }), vec![&undated]),
        (json!({ "kind": ["WORKSHOP"], "status": ["DRAFT"] }), vec![&undated]),
        (json!({ "heldOn": { "isNull": false } }), vec![]),
        (json!({ "operation": { "eq": OPERATION }, "not": { "kind": ["REGULAR"] } }), vec![&undated]),
        (json!({ "group": { "in": [FORUM] } }), vec![]),
        (json!({ "id": { "in": [meetings[0]] } }), vec![&meetings[0]]),
    ] {
        let (page, _) = list(json!({ "f": filter })).await;
        assert_eq!(page.iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    let query = "{ meeting(by: { externalReference: { system: \"HRINFO\", code: \"12\" } }) { id externalReferences { code } } }";
    assert_eq!(cast.secretary.ask(query, json!({})).await.at("/meeting/id"), &json!(undated));
    assert_eq!(cast.anonymous.ask(query, json!({})).await.at("/meeting"), &Value::Null);
}

async fn an_outcome_costs_one_statement_per_kind_of_child(world: World) {
    let cast = Cast::of(world).await;
    let meeting = held(&cast, CLUSTER, json!({})).await;
    for title in ["Un", "Deux", "Trois"] {
        item(&cast, &meeting, title, json!({ "presenters": [{ "displayName": "Mme Exemple" }] })).await;
    }
    let other = cast.world.another_server(&[("KAFO_TEST_STATEMENTS", "true")]).await;
    let query = "query($id: ID!) { meeting(by: { id: $id }) { title notes headcount group { name } otherGroups { group { name } } \
        agendaItems { title availableTransitions presenters { displayName } meeting { status } } \
        attendance { displayName person { displayName } organisation { name } } minutes { status } minutesRevisions { revision } \
        recommendations { text } followUps { text } reviews { outcome } announcements { text } documents { title } } }";
    let answer = cast.secretary.on(other.url()).ask(query, json!({ "id": meeting })).await;
    assert_eq!(answer.at("/meeting/agendaItems").as_array().map(Vec::len), Some(3));
    // who asks, the meeting, and ten kinds of children, presenters among them
    assert_eq!(answer.statements(), 12);
}
