//! Membership requests: who asks, who decides, and who sees them.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, OPERATION, mutate, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    a_request_becomes_a_seat,
    a_request_is_declined_or_withdrawn,
    who_decides_is_who_may_give_the_seat,
    requests_are_seen_by_who_asks_and_who_decides,
    focal_points_decide_about_their_own_organisation,
    merged_people_ask_once,
);

/// The outsider, who sees the public forum, asks for a seat there.
async fn ask(cast: &Cast) -> Value {
    let input = json!({ "group": FORUM, "role": "REPRESENTATIVE", "note": "Nous travaillons à Mopti" });
    let made = succeed(
        &cast.outsider,
        "membershipRequest",
        input,
        "membershipRequest { id status organisation { acronym } }",
    )
    .await;
    assert_eq!(
        (&made["membershipRequest"]["status"], &made["membershipRequest"]["organisation"]["acronym"]),
        (&json!("PENDING"), &json!("ONGE"))
    );
    made["membershipRequest"]["id"].clone()
}

async fn shown(who: &Client, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on MembershipRequest { status note decisionNote availableTransitions
        person { displayName organisation { acronym } } membership { role since } } } }";
    who.ask(query, json!({ "id": id })).await.at("/node").clone()
}

async fn a_request_becomes_a_seat(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let id = ask(&cast).await;
    let again = json!({ "group": FORUM, "role": "OBSERVER" });
    let refusal = refused(&cast.outsider, "membershipRequest", again.clone()).await;
    assert_eq!((&refusal["code"], &refusal["field"]), (&json!("DUPLICATE"), &json!(["input", "group"])));
    let seen = shown(&cast.information_manager, &id).await;
    assert_eq!(
        seen["person"],
        json!({ "displayName": "Personne Exemple 6", "organisation": { "acronym": "ONGE" } })
    );
    assert_eq!(seen["availableTransitions"], json!(["membershipRequestApprove", "membershipRequestDecline"]));
    assert_eq!(
        shown(&cast.outsider, &id).await["availableTransitions"],
        json!(["membershipRequestWithdraw"])
    );
    let stale = json!({ "id": id, "expectedVersion": 7 });
    assert_eq!(
        refused(&cast.information_manager, "membershipRequestApprove", stale).await["code"],
        "CONFLICT"
    );
    let backwards = json!({ "id": id, "since": "2026-03-01", "until": "2026-02-01" });
    assert_eq!(
        refused(&cast.information_manager, "membershipRequestApprove", backwards).await["code"],
        "END_BEFORE_START"
    );
    let approve = json!({ "id": id, "expectedVersion": 1, "note": "Bienvenue" });
    let done = "membershipRequest { status decisionNote membership { role organisation { acronym } person { displayName } } }";
    let done = succeed(&cast.information_manager, "membershipRequestApprove", approve.clone(), done).await;
    assert_eq!(
        done["membershipRequest"],
        json!({ "status": "APPROVED", "decisionNote": "Bienvenue", "membership": { "role": "REPRESENTATIVE",
            "organisation": { "acronym": "ONGE" }, "person": { "displayName": "Personne Exemple 6" } } })
    );
    let seats = cast.outsider.ask("{ viewer { seats { group role } } }", json!({})).await;
    assert_eq!(seats.at("/viewer/seats"), &json!([{ "group": FORUM, "role": "REPRESENTATIVE" }]));
    let twice = json!({ "id": id });
    let refusal = refused(&cast.coordinator, "membershipRequestApprove", twice.clone()).await;
    assert_eq!((&refusal["code"], &refusal["from"]), (&json!("STATE"), &json!("APPROVED")));
    assert_eq!(refused(&cast.outsider, "membershipRequestWithdraw", twice).await["code"], "STATE");
    // who has a seat asks for none
    assert_eq!(refused(&cast.outsider, "membershipRequest", again).await["code"], "DUPLICATE");
    for (kind, count) in [("membershipRequest", 1), ("membershipRequestApprove", 1)] {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
}

async fn a_request_is_declined_or_withdrawn(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let id = ask(&cast).await;
    succeed(
        &cast.coordinator,
        "membershipRequestDecline",
        json!({ "id": id, "note": "Passez par votre point focal" }),
        "__typename",
    )
    .await;
    let seen = shown(&cast.outsider, &id).await;
    assert_eq!(
        (&seen["status"], &seen["decisionNote"]),
        (&json!("DECLINED"), &json!("Passez par votre point focal"))
    );
    let id = ask(&cast).await;
    assert_eq!(
        refused(&cast.coordinator, "membershipRequestWithdraw", json!({ "id": id })).await["code"],
        "PERMISSION_DENIED"
    );
    succeed(&cast.outsider, "membershipRequestWithdraw", json!({ "id": id }), "__typename").await;
    assert_eq!(
        refused(&cast.coordinator, "membershipRequestApprove", json!({ "id": id })).await["from"],
        "WITHDRAWN"
    );
    ask(&cast).await;
    assert_eq!(sql.number("SELECT count(*) AS n FROM membership_request WHERE status = 'PENDING'").await, 1);
    for (kind, count) in
        [("membershipRequest", 3), ("membershipRequestDecline", 1), ("membershipRequestWithdraw", 1)]
    {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
}

async fn who_decides_is_who_may_give_the_seat(world: World) {
    let cast = Cast::of(world).await;
    for (by, input, code) in [
        (&cast.outsider, json!({ "group": FORUM, "role": "COORDINATOR" }), "ROLE_HOLDER"),
        (&cast.outsider, json!({ "group": CLUSTER, "role": "OBSERVER" }), "NOT_FOUND"),
        (&cast.representative, json!({ "group": CLUSTER, "role": "OBSERVER" }), "DUPLICATE"),
        (&cast.manager, json!({ "group": FORUM, "role": "OBSERVER" }), "PERMISSION_DENIED"),
    ] {
        assert_eq!(refused(by, "membershipRequest", input.clone()).await["code"], code, "{input}");
    }
    let input = json!({ "group": FORUM, "role": "OBSERVER" });
    let anonymous = mutate(&cast.anonymous, "membershipRequest", input, "__typename").await;
    assert_eq!(anonymous.error_code(), Some("UNAUTHENTICATED"));
    let id = ask(&cast).await;
    for (by, code) in [
        (&cast.outsider, "PERMISSION_DENIED"),
        (&cast.secretary, "NOT_FOUND"),
        (&cast.representative, "NOT_FOUND"),
    ] {
        for step in ["membershipRequestApprove", "membershipRequestDecline"] {
            assert_eq!(refused(by, step, json!({ "id": id })).await["code"], code, "{step}");
        }
    }
    // an information manager of another group asks here, and may not decide about it even with the right
    let other =
        json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Autre cluster", "visibility": "PUBLIC" });
    let other = succeed(&cast.manager, "groupCreate", other, "group { id }").await["group"]["id"].clone();
    let below =
        json!({ "operation": OPERATION, "parent": CLUSTER, "kind": "TASK_TEAM", "name": "Groupe restreint" });
    let below = succeed(&cast.manager, "groupCreate", below, "group { id }").await["group"]["id"].clone();
    let input = json!({ "group": below, "role": "OBSERVER" });
    let own =
        succeed(&cast.information_manager, "membershipRequest", input, "membershipRequest { id }").await;
    let own = own["membershipRequest"]["id"].clone();
    assert_eq!(
        refused(&cast.information_manager, "membershipRequestApprove", json!({ "id": own })).await["code"],
        "OWN_ROLE"
    );
    succeed(&cast.coordinator, "membershipRequestApprove", json!({ "id": own }), "__typename").await;
    // the manager of the operation decides too
    let input = json!({ "group": other, "role": "OBSERVER" });
    let there = succeed(&cast.secretary, "membershipRequest", input, "membershipRequest { id }").await;
    succeed(
        &cast.manager,
        "membershipRequestApprove",
        json!({ "id": there["membershipRequest"]["id"] }),
        "__typename",
    )
    .await;
    // who got a seat in the meantime keeps it
    let seat = json!({ "group": FORUM, "person": person(6), "role": "REPRESENTATIVE" });
    succeed(&cast.coordinator, "membershipCreate", seat, "__typename").await;
    succeed(&cast.coordinator, "membershipRequestApprove", json!({ "id": id }), "__typename").await;
    let sql = Sql::of(&cast.world).await;
    assert_eq!(sql.number("SELECT count(*) AS n FROM membership WHERE role = 'REPRESENTATIVE'").await, 2);
}

async fn requests_are_seen_by_who_asks_and_who_decides(world: World) {
    let cast = Cast::of(world).await;
    let id = ask(&cast).await;
    let query = "{ membershipRequests(filter: { status: [PENDING] }) { totalCount } group(by: { id: \"GROUP\" }) { membershipRequests { totalCount nodes { note } } } }";
    let query = query.replace("GROUP", FORUM);
    for (who, count) in [
        (&cast.outsider, 1),
        (&cast.coordinator, 1),
        (&cast.information_manager, 1),
        (&cast.manager, 1),
        (&cast.admin, 1),
        (&cast.secretary, 0),
        (&cast.representative, 0),
        (&cast.anonymous, 0),
    ] {
        let seen = who.ask(&query, json!({})).await;
        assert_eq!(seen.at("/membershipRequests/totalCount"), count);
        assert_eq!(seen.at("/group/membershipRequests/totalCount"), count);
        assert_eq!(shown(who, &id).await.is_null(), count == 0);
    }
    // the manager of the operation sees who asks, without sharing a group
    assert_eq!(shown(&cast.manager, &id).await["person"]["displayName"], "Personne Exemple 6");
}

async fn focal_points_decide_about_their_own_organisation(world: World) {
    let cast = Cast::of(world).await;
    for (number, organisation) in [(7, AGENCY), (8, NGO)] {
        let row = json!({ "id": person(number), "displayName": format!("Personne Exemple {number}"), "organisation": organisation });
        succeed(&cast.manager, "personCreate", row, "__typename").await;
        let (email, id) = (format!("p{number}@kafo.example"), person(number));
        let line = ["account", "create", "--email", &email, "--name", "Exemple", "--person", &id];
        cast.world.kafo_ok(&line, crate::cast::PASSWORD);
    }
    let seat = json!({ "group": FORUM, "person": person(4), "organisation": NGO, "role": "FOCAL_POINT" });
    succeed(&cast.coordinator, "membershipCreate", seat, "__typename").await;
    let mut ids = Vec::new();
    for number in [7, 8] {
        let who = cast.world.sign_in(&format!("p{number}@kafo.example"), crate::cast::PASSWORD).await;
        let input = json!({ "group": FORUM, "role": "REPRESENTATIVE" });
        let made = succeed(&who, "membershipRequest", input, "membershipRequest { id }").await;
        ids.push(made["membershipRequest"]["id"].clone());
    }
    assert!(shown(&cast.representative, &ids[0]).await.is_null());
    let seen = shown(&cast.representative, &ids[1]).await;
    assert_eq!(seen["person"]["displayName"], "Personne Exemple 8", "who asks shares no group yet");
    succeed(&cast.representative, "membershipRequestApprove", json!({ "id": ids[1] }), "__typename").await;
}

async fn merged_people_ask_once(world: World) {
    let cast = Cast::of(world).await;
    let id = ask(&cast).await;
    let row = json!({ "id": person(9), "displayName": "Personne Exemple 9" });
    succeed(&cast.manager, "personCreate", row, "__typename").await;
    let sql = Sql::of(&cast.world).await;
    let copy = "INSERT INTO membership_request (id, group_id, operation_id, person_id, role, status, created_at, updated_at, version)
        SELECT p.id, r.group_id, r.operation_id, p.id, r.role, r.status, r.created_at, r.updated_at, 1
        FROM membership_request r, person p WHERE p.display_name = 'Personne Exemple 9'";
    sql.run(copy, []).await;
    succeed(&cast.manager, "personMerge", json!({ "from": person(9), "into": person(6) }), "__typename")
        .await;
    assert_eq!(sql.number("SELECT count(*) AS n FROM membership_request WHERE status = 'PENDING'").await, 1);
    assert_eq!(shown(&cast.outsider, &id).await["status"], "PENDING");
}
