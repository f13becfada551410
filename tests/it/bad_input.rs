//! What is refused: with a stable code, the field that is meant, a sentence in French or English; and
//! nothing changed.

use tests::{Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, OPERATION, mutate, person, refused, succeed};

on_both!(
    inputs_are_refused_with_code_and_field,
    sentences_are_french_or_english,
    values_that_are_none_get_a_coded_error,
    nobody_grants_themselves_or_removes_the_last_coordinator,
    a_lead_is_handed_over_step_by_step,
    a_merged_organisation_keeps_resolving,
    writers_queue_and_nothing_is_lost,
);

async fn inputs_are_refused_with_code_and_field(world: World) {
    let cast = Cast::of(world).await;
    let missing = |prefix: &str| format!("{prefix}_01900000000070008000000000000099");
    let mb = "x".repeat(1 << 20);
    for (who, name, input, code, field) in [
        (&cast.secretary, "followUpCreate", json!({ "group": CLUSTER, "text": "  \n " }), "BLANK", "text"),
        (&cast.secretary, "followUpCreate", json!({ "group": CLUSTER, "text": mb }), "TOO_LONG", "text"),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "a\u{0}b" }),
            "OUT_OF_RANGE",
            "text",
        ),
        (&cast.secretary, "followUpCreate", json!({ "text": "x" }), "REQUIRED", "group"),
        (&cast.secretary, "followUpCreate", json!({ "group": NGO, "text": "x" }), "WRONG_KIND", "group"),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": missing("grp"), "text": "x" }),
            "NOT_FOUND",
            "group",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "id": person(1), "group": CLUSTER, "text": "x" }),
            "WRONG_KIND",
            "id",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "language": "français" }),
            "INVALID_LANGUAGE",
            "language",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "status": "BLOCKED" }),
            "REQUIRED",
            "blockedReason",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "due": {} }),
            "REQUIRED",
            "due.on",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "assignments": [{ "organisation": NGO }, {}] }),
            "EXACTLY_ONE",
            "assignments.1",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "assignments": [{ "organisation": NGO, "person": person(1) }] }),
            "EXACTLY_ONE",
            "assignments.0",
        ),
        (
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x", "assignments": [{ "person": missing("per") }] }),
            "NOT_FOUND",
            "assignments.0.person",
        ),
        (
            &cast.representative,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": "x" }),
            "PERMISSION_DENIED",
            "",
        ),
        (&cast.outsider, "followUpCreate", json!({ "group": CLUSTER, "text": "x" }), "NOT_FOUND", "group"),
        (
            &cast.manager,
            "groupCreate",
            json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Cluster Exemple" }),
            "DUPLICATE",
            "slug",
        ),
        (
            &cast.manager,
            "groupCreate",
            json!({ "kind": "CLUSTER", "name": "Autre" }),
            "REQUIRED",
            "operation",
        ),
        (
            &cast.manager,
            "groupCreate",
            json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Autre", "slug": "Pas Bon" }),
            "INVALID_SLUG",
            "slug",
        ),
        (
            &cast.manager,
            "groupCreate",
            json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Autre", "sectors": ["ERY", "ZZZ"] }),
            "UNKNOWN_CODE",
            "sectors.1",
        ),
        (
            &cast.coordinator,
            "groupCreate",
            json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Autre" }),
            "PERMISSION_DENIED",
            "",
        ),
        (
            &cast.manager,
            "groupUpdate",
            json!({ "id": CLUSTER, "expectedVersion": 1, "parent": CLUSTER }),
            "CIRCULAR",
            "parent",
        ),
        (
            &cast.manager,
            "operationUpdate",
            json!({ "id": OPERATION, "expectedVersion": 1, "timeZone": "Mali" }),
            "INVALID_TIME_ZONE",
            "timeZone",
        ),
        (
            &cast.manager,
            "operationCreate",
            json!({ "code": "X", "name": "X", "timeZone": "UTC", "defaultLanguage": "en" }),
            "PERMISSION_DENIED",
            "",
        ),
        (
            &cast.manager,
            "membershipCreate",
            json!({ "group": CLUSTER, "organisation": NGO, "role": "MEMBER" }),
            "DUPLICATE",
            "",
        ),
        (
            &cast.manager,
            "membershipCreate",
            json!({ "group": CLUSTER, "organisation": NGO, "role": "COORDINATOR" }),
            "ROLE_HOLDER",
            "role",
        ),
        (
            &cast.manager,
            "membershipCreate",
            json!({ "group": CLUSTER, "person": person(6), "role": "REPRESENTATIVE", "since": "2020-02-01", "until": "2020-01-01" }),
            "END_BEFORE_START",
            "until",
        ),
        (
            &cast.secretary,
            "membershipCreate",
            json!({ "group": CLUSTER, "person": person(6), "role": "REPRESENTATIVE" }),
            "PERMISSION_DENIED",
            "",
        ),
        (
            &cast.secretary,
            "documentAdd",
            json!({ "group": CLUSTER, "kind": "REPORT", "title": "x", "url": "javascript:alert(1)" }),
            "INVALID_URL",
            "url",
        ),
        (
            &cast.secretary,
            "announcementAdd",
            json!({ "group": CLUSTER, "kind": "MISSION", "text": "x", "startsOn": "2020-02-02", "endsOn": "2020-02-01" }),
            "END_BEFORE_START",
            "endsOn",
        ),
    ] {
        let error = refused(who, name, input.clone()).await;
        let path: Vec<String> = error["field"]
            .as_array()
            .into_iter()
            .flatten()
            .skip(1)
            .filter_map(|f| f.as_str().map(str::to_owned))
            .collect();
        let input = input.to_string();
        assert_eq!(error["code"], code, "{name} {:.200}: {error}", input);
        if !field.is_empty() {
            assert_eq!(path.join("."), field, "{name} {:.200}: {error}", input);
        }
    }
    // nothing of all that was kept
    let answer = cast.manager.ask("{ openActions { totalCount } groups { totalCount } documents { totalCount } announcements { totalCount } }", json!({})).await;
    assert_eq!(
        answer.data(),
        &json!({ "openActions": { "totalCount": 0 }, "groups": { "totalCount": 2 },
        "documents": { "totalCount": 0 }, "announcements": { "totalCount": 0 } })
    );
}

async fn sentences_are_french_or_english(world: World) {
    let cast = Cast::of(world).await;
    for (language, sentence) in
        [("fr", "Ce texte est vide."), ("en", "This text is empty."), ("de", "This text is empty.")]
    {
        let by = cast.secretary.language(language);
        let error = refused(&by, "followUpCreate", json!({ "group": CLUSTER, "text": "" })).await;
        assert_eq!(error["message"], sentence);
    }
    let labels = "{ enumLabels(enums: [\"FollowUpStatus\"]) { value label } }";
    let answer = cast.anonymous.language("fr").ask(labels, json!({})).await;
    assert!(answer.at("/enumLabels").as_array().is_some_and(|l| l.len() == 5), "{}", answer.body);
}

async fn values_that_are_none_get_a_coded_error(world: World) {
    let cast = Cast::of(world).await;
    for (document, variables, reason) in [
        (
            "query($v: Date) { openActions(asOf: $v) { totalCount } }",
            json!({ "v": "2019-02-30" }),
            "INVALID_DATE",
        ),
        (
            "query($v: Date) { openActions(asOf: $v) { totalCount } }",
            json!({ "v": "avant l'hivernage" }),
            "INVALID_DATE",
        ),
        (
            "query($v: Date) { openActions(asOf: $v) { totalCount } }",
            json!({ "v": "2019-7-4" }),
            "INVALID_DATE",
        ),
        ("query($v: ID!) { node(id: $v) { id } }", json!({ "v": "12" }), "INVALID_ID"),
        ("query($v: ID!) { group(by: { id: $v }) { id } }", json!({ "v": person(1) }), "INVALID_ID"),
        (
            "query($v: [ID!]) { openActions(filter: { group: { in: $v } }) { totalCount } }",
            json!({ "v": [person(1)] }),
            "INVALID_ID",
        ),
        (
            "query($v: DateTime) { openActions(filter: { updatedAt: { gt: $v } }) { totalCount } }",
            json!({ "v": "2019-07-04" }),
            "INVALID_DATE_TIME",
        ),
        (
            "mutation($v: Date) { followUpComplete(input: { id: \"fup_01900000000070008000000000000099\", actionTaken: \"x\", on: $v }) { userErrors { code } } }",
            json!({ "v": "x" }),
            "INVALID_DATE",
        ),
        (
            "{ groups(orderBy: [{ field: NAME }, { field: NAME }]) { totalCount } }",
            json!({}),
            "INVALID_ORDER",
        ),
        ("query($v: [ID!]!) { nodes(ids: $v) { id } }", json!({ "v": vec![NGO; 101] }), "LIST_TOO_LONG"),
    ] {
        let answer = cast.secretary.ask(document, variables.clone()).await;
        assert_eq!(
            (answer.error_code(), answer.error_reason()),
            (Some("BAD_USER_INPUT"), Some(reason)),
            "{document} {variables}: {}",
            answer.body
        );
    }
    for document in
        ["{ groups(first: 9999999999999) { totalCount } }", "{ groups(first: \"x\") { totalCount } }"]
    {
        let answer = cast.secretary.ask(document, json!({})).await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"]
                .contains(&answer.error_code().unwrap_or_default()),
            "{}",
            answer.body
        );
    }
}

async fn nobody_grants_themselves_or_removes_the_last_coordinator(world: World) {
    let cast = Cast::of(world).await;
    let own = json!({ "group": CLUSTER, "person": person(1), "organisation": AGENCY, "role": "SECRETARY" });
    assert_eq!(refused(&cast.coordinator, "membershipCreate", own).await["code"], "OWN_ROLE");
    let query = format!(
        "{{ memberships(filter: {{ group: {{ eq: \"{CLUSTER}\" }}, role: [COORDINATOR] }}) {{ nodes {{ id }} }} }}"
    );
    let seat = cast.manager.ask(&query, json!({})).await.at("/memberships/nodes/0/id").clone();
    let end = json!({ "id": seat, "reason": "Départ" });
    assert_eq!(refused(&cast.manager, "membershipEnd", end.clone()).await["code"], "LAST_COORDINATOR");
    let other =
        json!({ "group": CLUSTER, "person": person(6), "organisation": NGO, "role": "CO_COORDINATOR" });
    succeed(&cast.manager, "membershipCreate", other, "__typename").await;
    // the new right holds at once, and so does the end of the old one
    assert_eq!(
        cast.outsider.ask("{ viewer { seats { role } } }", json!({})).await.at("/viewer/seats"),
        &json!([{ "role": "CO_COORDINATOR" }])
    );
    succeed(&cast.manager, "membershipEnd", end, "membership { until isActive }").await;
    let query = format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ name }} }}");
    assert_eq!(cast.coordinator.ask(&query, json!({})).await.at("/group"), &Value::Null);
}

async fn a_lead_is_handed_over_step_by_step(world: World) {
    let cast = Cast::of(world).await;
    let query = format!(
        "{{ memberships(filter: {{ group: {{ eq: \"{CLUSTER}\" }}, role: [LEAD] }}) {{ nodes {{ id handover {{ state }} }} }} }}"
    );
    let id = cast.manager.ask(&query, json!({})).await.at("/memberships/nodes/0/id").clone();
    let error = refused(&cast.coordinator, "membershipHandoverAgree", json!({ "id": id })).await;
    assert_eq!((&error["code"], &error["from"]), (&json!("STATE"), &json!("NONE")));
    for (name, more, state) in [
        ("membershipHandoverAnnounce", json!({ "note": "Intention de céder le lead" }), "ANNOUNCED"),
        ("membershipHandoverPropose", json!({ "proposedSuccessor": NGO }), "PROPOSED"),
        ("membershipHandoverAgree", json!({}), "AGREED"),
    ] {
        let mut input = more;
        input["id"] = id.clone();
        let payload = succeed(
            &cast.coordinator,
            name,
            input,
            "membership { handover { state proposedSuccessor { acronym } } }",
        )
        .await;
        assert_eq!(payload["membership"]["handover"]["state"], state);
    }
    assert_eq!(
        refused(&cast.coordinator, "membershipHandoverComplete", json!({ "id": id })).await["code"],
        "PERMISSION_DENIED"
    );
    succeed(
        &cast.manager,
        "membershipHandoverComplete",
        json!({ "id": id }),
        "membership { until handover { state } }",
    )
    .await;
    let leads =
        format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ leads {{ organisation {{ acronym }} }} }} }}");
    assert_eq!(
        cast.secretary.ask(&leads, json!({})).await.at("/group/leads"),
        &json!([{ "organisation": { "acronym": "ONGE" } }])
    );
}

async fn a_merged_organisation_keeps_resolving(world: World) {
    let cast = Cast::of(world).await;
    let twin = json!({ "name": "ONG Exemple", "acronym": "O.N.G.E.", "externalReferences": [{ "system": "FTS", "code": "1" }] });
    let id = succeed(&cast.information_manager, "organisationCreate", twin, "organisation { id }").await["organisation"]["id"].clone();
    succeed(
        &cast.secretary,
        "followUpCreate",
        json!({ "group": CLUSTER, "text": "x", "assignments": [{ "organisation": id }] }),
        "__typename",
    )
    .await;
    assert_eq!(
        refused(&cast.information_manager, "organisationMerge", json!({ "from": id, "into": NGO })).await["code"],
        "PERMISSION_DENIED"
    );
    assert_eq!(
        refused(&cast.manager, "organisationMerge", json!({ "from": id, "into": id })).await["code"],
        "CIRCULAR"
    );
    succeed(
        &cast.manager,
        "organisationMerge",
        json!({ "from": id, "into": NGO, "reason": "Doublon" }),
        "organisation { id }",
    )
    .await;
    let query = "query($id: ID!) { byId: organisation(by: { id: $id }) { acronym }
        byCode: organisation(by: { externalReference: { system: \"FTS\", code: \"1\" } }) { acronym }
        called: organisations(filter: { called: \"ong exemple\" }) { nodes { acronym } }
        openActions { nodes { assignments { organisation { acronym } } } } }";
    let answer = cast.secretary.ask(query, json!({ "id": id })).await;
    let survivor = json!({ "acronym": "ONGE" });
    assert_eq!(
        answer.data(),
        &json!({ "byId": survivor, "byCode": survivor, "called": { "nodes": [survivor] },
        "openActions": { "nodes": [{ "assignments": [{ "organisation": survivor }] }] } })
    );
}

async fn writers_queue_and_nothing_is_lost(world: World) {
    let cast = Cast::of(world).await;
    let create = |number: usize| {
        let by = cast.secretary.clone();
        async move {
            let input = json!({ "group": FORUM, "text": format!("point {number}") });
            mutate(&by, "followUpCreate", input, "followUp { id }").await.user_errors("followUpCreate").len()
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64 {
        tasks.spawn(create(number));
    }
    while let Some(errors) = tasks.join_next().await {
        assert_eq!(errors.expect("a task"), 0);
    }
    let answer = cast.secretary.ask("{ openActions { totalCount } }", json!({})).await;
    assert_eq!(answer.at("/openActions/totalCount"), &json!(64));
    // many change the same row: one wins, the others learn that they did not
    let id =
        succeed(&cast.secretary, "followUpCreate", json!({ "group": FORUM, "text": "x" }), "followUp { id }")
            .await["followUp"]["id"]
            .clone();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (by, id) = (cast.secretary.clone(), id.clone());
        tasks.spawn(async move {
            let input = json!({ "id": id, "expectedVersion": 1, "text": format!("texte {number}") });
            let answer = mutate(&by, "followUpUpdate", input, "followUp { version }").await;
            answer
                .user_errors("followUpUpdate")
                .first()
                .map_or_else(String::new, |e| e["code"].as_str().unwrap_or_default().to_owned())
        });
    }
    let mut won = 0;
    while let Some(code) = tasks.join_next().await {
        match code.expect("a task").as_str() {
            "" => won += 1,
            other => assert_eq!(other, "CONFLICT"),
        }
    }
    assert_eq!(won, 1);
}
