//! Who sees what of a meeting, in lists and in one piece.

use tests::{Value, World, json, on_both};

use super::{START, enter, held, item, merge, scheduled, show, step};
use crate::cast::{CLUSTER, Cast, FORUM, NGO, OPERATION, mutate, person, refused, succeed};

on_both!(
    members_enter_what_is_theirs,
    each_audience_sees_its_part,
    what_becomes_tighter_takes_its_own_along,
    a_joint_meeting_belongs_to_both_groups,
    lists_filter_and_page,
    an_outcome_costs_one_statement_per_kind_of_child,
);

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
