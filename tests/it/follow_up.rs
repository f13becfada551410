//! Follow-ups: entering, steps, assignees, reports, due days, lists and counts.

use tests::{Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, mutate, person, refused, succeed};

on_both!(
    a_follow_up_lives_as_the_design_says,
    the_last_responsible_part_completes_it,
    a_whole_group_answers_member_by_member,
    overdue_is_computed_for_the_day_asked,
    open_actions_are_found_by_every_filter,
    summaries_count_each_action_once,
    pages_neither_skip_nor_repeat,
    whoever_may_not_is_refused,
);

async fn enter(cast: &Cast, more: Value) -> String {
    let mut input = json!({ "group": CLUSTER, "text": "Partager la matrice" });
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
    let payload = succeed(&cast.secretary, "followUpCreate", input, "followUp { id }").await;
    payload["followUp"]["id"].as_str().expect("an id").to_owned()
}

async fn a_follow_up_lives_as_the_design_says(world: World) {
    let cast = Cast::of(world).await;
    let id = enter(&cast, json!({})).await;
    let by = &cast.information_manager;
    let shown = "followUp { status version actionTaken blockedReason statusReason availableTransitions }";
    for (name, more, status) in [
        ("followUpStart", json!({}), "IN_PROGRESS"),
        ("followUpBlock", json!({ "reason": "UNDSS n'a pas encore approuvé" }), "BLOCKED"),
        ("followUpUnblock", json!({}), "IN_PROGRESS"),
        ("followUpComplete", json!({ "actionTaken": "Matrice partagée" }), "DONE"),
        ("followUpReopen", json!({ "reason": "Il manque une annexe" }), "IN_PROGRESS"),
        ("followUpCancel", json!({ "reason": "Plus d'actualité" }), "CANCELLED"),
    ] {
        let mut input = more;
        input["id"] = json!(id);
        let payload = succeed(by, name, input, shown).await;
        assert_eq!(payload["followUp"]["status"], status, "{name}");
    }
    let error = refused(by, "followUpComplete", json!({ "id": id, "actionTaken": "x" })).await;
    assert_eq!(error["code"], "STATE");
    assert_eq!((&error["from"], &error["allowed"]), (&json!("CANCELLED"), &json!(["followUpReopen"])));
    // a stale version is refused and changes nothing
    let before = cast.follow_up(&id, "version text status").await;
    let stale = json!({ "id": id, "expectedVersion": 1, "text": "Autre texte" });
    let error = refused(by, "followUpUpdate", stale).await;
    assert_eq!((&error["code"], &error["currentVersion"]), (&json!("CONFLICT"), &before["version"]));
    assert_eq!(cast.follow_up(&id, "version text status").await, before);
}

async fn the_last_responsible_part_completes_it(world: World) {
    let cast = Cast::of(world).await;
    let assignments = json!([{ "person": person(4), "writtenAs": "P4" }, { "organisation": NGO, "part": "SUPPORT" },
        { "person": person(5) }]);
    let id = enter(&cast, json!({ "assignments": assignments })).await;
    let done = json!({ "id": id, "state": "DONE", "response": "Fait" });
    let payload = succeed(&cast.representative, "followUpReport", done.clone(), "followUp { status }").await;
    assert_eq!(payload["followUp"]["status"], "IN_PROGRESS");
    // an observer may not report in the group, but does on what they are assigned
    let error = refused(&cast.observer, "followUpReport", json!({ "id": id, "state": "DONE" })).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("REQUIRED"), &json!(["input", "response"])));
    let shown = "followUp { status actionTaken closedOn updates { text } assignments { state response } }";
    let payload = succeed(&cast.observer, "followUpReport", done, shown).await;
    assert_eq!(payload["followUp"]["status"], "DONE");
    let whole = cast.follow_up(&id, "actionTaken updates { text } assignments { part state }").await;
    assert_eq!(whole["actionTaken"], "Fait");
    assert_eq!(whole["updates"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["assignments"][1], json!({ "part": "SUPPORT", "state": "PENDING" }));
}

async fn a_whole_group_answers_member_by_member(world: World) {
    let cast = Cast::of(world).await;
    let assignments = json!([{ "group": CLUSTER, "writtenAs": "tous les membres" }]);
    let id = enter(&cast, json!({ "assignments": assignments })).await;
    let done = json!({ "id": id, "state": "DONE", "response": "Matrice renvoyée" });
    succeed(&cast.representative, "followUpReport", done.clone(), "__typename").await;
    // once more: written over, not twice
    succeed(&cast.representative, "followUpReport", done.clone(), "__typename").await;
    let shown = "status assignments { writtenAs group { name } responses { state response organisation { acronym } } }";
    let whole = cast.follow_up(&id, shown).await;
    assert_eq!(
        whole["assignments"][0]["responses"],
        json!([{ "state": "DONE", "response": "Matrice renvoyée", "organisation": { "acronym": "ONGE" } }])
    );
    assert_eq!(whole["status"], "IN_PROGRESS");
    // the lead agency is the other member organisation: its coordinator answers last
    succeed(&cast.secretary, "followUpReport", done, "__typename").await;
    assert_eq!(cast.follow_up(&id, "status").await["status"], "DONE");
}

async fn overdue_is_computed_for_the_day_asked(world: World) {
    let cast = Cast::of(world).await;
    for (qualifier, text) in [("BEFORE", "avant"), ("ON_OR_BEFORE", "au plus tard"), ("AROUND", "vers")] {
        let due =
            json!({ "on": "2019-07-14", "qualifier": qualifier, "text": format!("{text} le 14 juillet") });
        enter(&cast, json!({ "text": text, "due": due })).await;
    }
    enter(&cast, json!({ "text": "saison", "due": { "text": "avant l'hivernage", "precision": "SEASON" } }))
        .await;
    let query = "query($day: Date) { openActions(filter: { isOverdue: true }, asOf: $day) {
        totalCount nodes { text isOverdue } } }";
    for (day, wanted) in [
        ("2019-07-13", vec![]),
        ("2019-07-14", vec!["avant"]),
        ("2019-07-15", vec!["avant", "au plus tard"]),
        ("2019-07-21", vec!["avant", "au plus tard", "vers"]),
    ] {
        let answer = cast.secretary.ask(query, json!({ "day": day })).await;
        let nodes = answer.at("/openActions/nodes").as_array().expect("a list").clone();
        let texts: Vec<&str> = nodes.iter().filter_map(|n| n["text"].as_str()).collect();
        assert_eq!(texts, wanted, "{day}");
        assert!(nodes.iter().all(|n| n["isOverdue"] == true), "{day}");
        assert_eq!(answer.at("/openActions/totalCount"), &json!(wanted.len()));
    }
    // today, in the operation's time zone
    let answer =
        cast.secretary.ask("{ openActions(filter: { isOverdue: true }) { totalCount } }", json!({})).await;
    assert_eq!(answer.at("/openActions/totalCount"), &json!(3));
    let others = "{ openActions(filter: { isOverdue: false }) { nodes { text isOverdue dueOn dueText duePrecision } } }";
    assert_eq!(
        cast.secretary.ask(others, json!({})).await.at("/openActions/nodes"),
        &json!([{ "text": "saison", "isOverdue": false, "dueOn": null, "dueText": "avant l'hivernage", "duePrecision": "SEASON" }])
    );
}

async fn open_actions_are_found_by_every_filter(world: World) {
    let cast = Cast::of(world).await;
    enter(&cast, json!({ "text": "à personne" })).await;
    enter(&cast, json!({ "text": "à nous", "assignments": [{ "writtenAs": "nous" }], "priority": "HIGH" }))
        .await;
    enter(&cast, json!({ "text": "à l'ONG", "assignments": [{ "organisation": NGO }] })).await;
    enter(&cast, json!({ "text": "à quelqu'un", "assignments": [{ "person": person(4) }] })).await;
    enter(&cast, json!({ "text": "à tous", "assignments": [{ "group": CLUSTER }] })).await;
    enter(&cast, json!({ "text": "au secrétariat", "assignments": [{ "role": "SECRETARY" }] })).await;
    enter(
        &cast,
        json!({ "text": "daté", "due": { "on": "2030-01-01" }, "status": "BLOCKED", "blockedReason": "x" }),
    )
    .await;
    enter(&cast, json!({ "text": "fini", "status": "DONE", "actionTaken": "x" })).await;
    enter(&cast, json!({ "group": FORUM, "text": "ailleurs", "assignments": [{ "organisation": NGO }] }))
        .await;
    let task_team = json!({ "parent": CLUSTER, "kind": "TASK_TEAM", "name": "Groupe restreint Exemple" });
    let team =
        succeed(&cast.coordinator, "groupCreate", task_team, "group { id }").await["group"]["id"].clone();
    enter(&cast, json!({ "group": team, "text": "du groupe restreint" })).await;
    for (who, filter, wanted) in [
        (
            &cast.secretary,
            json!({ "withoutOwner": true, "group": { "eq": CLUSTER } }),
            vec!["à nous", "à personne", "daté"],
        ),
        (&cast.secretary, json!({ "withoutDate": false }), vec!["daté"]),
        (&cast.secretary, json!({ "isBlocked": true }), vec!["daté"]),
        (&cast.secretary, json!({ "priority": ["HIGH"] }), vec!["à nous"]),
        (&cast.secretary, json!({ "mine": true }), vec!["à tous", "au secrétariat"]),
        (&cast.representative, json!({ "mine": true }), vec!["à l'ONG", "à quelqu'un", "à tous"]),
        (&cast.secretary, json!({ "assigneePeople": [person(4)] }), vec!["à quelqu'un"]),
        (&cast.secretary, json!({ "assigneeOrganisations": [NGO] }), vec!["à l'ONG", "à tous", "ailleurs"]),
        (&cast.secretary, json!({ "group": { "eq": FORUM } }), vec!["ailleurs"]),
        (
            &cast.secretary,
            json!({ "groupWithSubGroups": CLUSTER, "text": { "contains": "GROUPE" } }),
            vec!["du groupe restreint"],
        ),
        (&cast.secretary, json!({ "text": { "contains": "SECRETARIAT" } }), vec!["au secrétariat"]),
        (&cast.secretary, json!({ "dueOn": { "gte": "2030-01-01", "lt": "2030-01-02" } }), vec!["daté"]),
        (
            &cast.secretary,
            json!({ "or": [{ "isBlocked": true }, { "priority": ["HIGH"] }] }),
            vec!["à nous", "daté"],
        ),
        (&cast.secretary, json!({ "not": { "withoutDate": true } }), vec!["daté"]),
        (&cast.secretary, json!({ "updatedAt": { "gt": "2999-01-01T00:00:00Z" } }), vec![]),
        (&cast.secretary, json!({ "or": [] }), vec![]),
        (&cast.anonymous, json!({}), vec![]),
        (&cast.outsider, json!({}), vec![]),
        (&cast.admin, json!({}), vec![]),
    ] {
        let query =
            "query($f: FollowUpFilter) { openActions(filter: $f, first: 100) { totalCount nodes { text } } }";
        let answer = who.ask(query, json!({ "f": filter })).await;
        let list = answer.at("/openActions/nodes").as_array().expect("a list").clone();
        let mut texts: Vec<&str> = list.iter().filter_map(|n| n["text"].as_str()).collect();
        texts.sort_unstable();
        let mut wanted = wanted;
        wanted.sort_unstable();
        assert_eq!(texts, wanted, "{filter}");
        assert_eq!(answer.at("/openActions/totalCount"), &json!(wanted.len()), "{filter}");
    }
}

async fn summaries_count_each_action_once(world: World) {
    let cast = Cast::of(world).await;
    let both = json!([{ "organisation": NGO }, { "organisation": crate::cast::AGENCY }, { "organisation": NGO, "part": "SUPPORT" }]);
    enter(&cast, json!({ "assignments": both, "due": { "on": "2019-07-14" }, "raisedOn": "2019-07-04" }))
        .await;
    enter(&cast, json!({ "assignments": [{ "organisation": NGO }], "raisedOn": "2019-07-02" })).await;
    enter(&cast, json!({ "raisedOn": "2019-06-24" })).await;
    enter(&cast, json!({ "group": FORUM, "raisedOn": "2019-07-04", "status": "DONE", "actionTaken": "x" }))
        .await;
    let query = "query($by: [ActionGrouping!]) { actionSummary(groupBy: $by, asOf: \"2019-07-20\") {
        total { count overdueCount withoutOwnerCount withoutDateCount medianAgeInDays }
        rows { organisation { acronym } group { name } status dueMonth counts { count overdueCount } } } }";
    let ask =
        async |by: Value| cast.secretary.ask(query, json!({ "by": by })).await.at("/actionSummary").clone();
    let summary = ask(json!(["ORGANISATION"])).await;
    let total = json!({ "count": 3, "overdueCount": 1, "withoutOwnerCount": 1, "withoutDateCount": 2, "medianAgeInDays": 18.0 });
    assert_eq!(summary["total"], total);
    let rows: Vec<_> = summary["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|r| (r["organisation"]["acronym"].clone(), r["counts"]["count"].clone()))
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(rows[0], (json!("ONGE"), json!(2)));
    assert!(rows.contains(&(json!("AEX"), json!(1))) && rows.contains(&(Value::Null, json!(1))), "{rows:?}");
    let summary = ask(json!(["GROUP", "STATUS", "DUE_MONTH"])).await;
    assert_eq!(
        summary["rows"],
        json!([
            { "organisation": null, "group": { "name": "Cluster Exemple" }, "status": "OPEN", "dueMonth": null, "counts": { "count": 2, "overdueCount": 0 } },
            { "organisation": null, "group": { "name": "Cluster Exemple" }, "status": "OPEN", "dueMonth": "2019-07", "counts": { "count": 1, "overdueCount": 1 } },
        ])
    );
}

async fn pages_neither_skip_nor_repeat(world: World) {
    let cast = Cast::of(world).await;
    // equal days, missing days: the cases in which keyset paging goes wrong
    for number in 0..23 {
        let due = match number % 4 {
            0 => json!({}),
            1 => json!({ "due": { "on": "2020-01-01" } }),
            _ => json!({ "due": { "on": format!("2020-02-{:02}", 1 + number % 5) } }),
        };
        enter(&cast, due).await;
    }
    for order in [
        "[]",
        "[{field: DUE_ON, direction: DESCENDING}]",
        "[{field: DUE_ON}, {field: CREATED_AT, direction: DESCENDING}]",
    ] {
        let whole = format!("{{ openActions(first: 100, orderBy: {order}) {{ nodes {{ id }} }} }}");
        let whole = cast.secretary.ask(&whole, json!({})).await.at("/openActions/nodes").clone();
        for (size, cursor, page) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
            let query = format!(
                "query($c: String) {{ openActions({size}: 4, {cursor}: $c, orderBy: {order}) {{
                    nodes {{ id }} edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage {page} }} }} }}"
            );
            let (mut seen, mut at) = (Vec::new(), Value::Null);
            loop {
                let answer = cast.secretary.ask(&query, json!({ "c": at })).await;
                let mut nodes = answer.at("/openActions/nodes").as_array().expect("nodes").clone();
                if size == "first" {
                    seen.append(&mut nodes)
                } else {
                    nodes.append(&mut seen);
                    seen = nodes
                }
                at = answer.at(&format!("/openActions/pageInfo/{page}")).clone();
                let more = if size == "first" { "hasNextPage" } else { "hasPreviousPage" };
                if answer.at(&format!("/openActions/pageInfo/{more}")) == false {
                    break;
                }
            }
            assert_eq!(Value::Array(seen), whole, "{order} {size}");
        }
    }
    // a cursor holds for the order it came from
    let answer = cast.secretary.ask("{ openActions(first: 1) { pageInfo { endCursor } } }", json!({})).await;
    let cursor = answer.at("/openActions/pageInfo/endCursor").clone();
    let other =
        "query($c: String) { openActions(after: $c, orderBy: [{field: CREATED_AT}]) { nodes { id } } }";
    for bad in [cursor, json!("x"), json!(""), json!("e30")] {
        let answer = cast.secretary.ask(other, json!({ "c": bad })).await;
        assert_eq!(
            (answer.error_code(), answer.error_reason()),
            (Some("BAD_USER_INPUT"), Some("INVALID_CURSOR"))
        );
    }
    for (arguments, reason) in [
        ("first: 101", "PAGE_TOO_LARGE"),
        ("last: 101", "PAGE_TOO_LARGE"),
        ("first: -1", "INVALID_PAGE_SIZE"),
        ("first: 1, last: 1", "FIRST_AND_LAST"),
    ] {
        let answer =
            cast.secretary.ask(&format!("{{ openActions({arguments}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!((answer.error_code(), answer.error_reason()), (Some("BAD_USER_INPUT"), Some(reason)));
    }
}

async fn whoever_may_not_is_refused(world: World) {
    let cast = Cast::of(world).await;
    let id = enter(&cast, json!({})).await;
    let complete = json!({ "id": id, "actionTaken": "x" });
    for (who, code) in [
        (&cast.observer, "PERMISSION_DENIED"),
        (&cast.representative, "PERMISSION_DENIED"),
        (&cast.secretary, "PERMISSION_DENIED"),
        (&cast.manager, "PERMISSION_DENIED"),
        (&cast.outsider, "NOT_FOUND"),
        (&cast.admin, "NOT_FOUND"),
        (&cast.anonymous, "NOT_FOUND"),
    ] {
        assert_eq!(refused(who, "followUpComplete", complete.clone()).await["code"], code);
        // what is hidden and what is missing are the same answer
        if code == "NOT_FOUND" {
            let missing = json!({ "id": "fup_01900000000070008000000000000099", "actionTaken": "x" });
            let (hidden, missing) = (
                mutate(who, "followUpComplete", complete.clone(), "followUp { id }").await.body,
                mutate(who, "followUpComplete", missing, "followUp { id }").await.body,
            );
            assert_eq!(hidden, missing);
        }
    }
    assert_eq!(cast.follow_up(&id, "status version").await, json!({ "status": "OPEN", "version": 1 }));
}
