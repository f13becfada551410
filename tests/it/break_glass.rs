//! Break-glass: an administrator reads one group for an hour, and its coordinators are told.

use chrono::TimeDelta;
use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, OPERATION, mutate, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    an_opened_group_is_read_and_not_written,
    it_ends_with_the_hour_the_grant_or_when_it_is_closed,
    the_coordinators_are_told,
    only_administrators_break_glass,
);

const REASON: &str = "Plainte reçue, vérification demandée";

/// What an administrator without a seat does not see of the cluster.
async fn fill(cast: &Cast) -> Vec<Value> {
    let by = &cast.secretary;
    let contacts = json!({ "id": person(5), "expectedVersion": 1,
        "contactPoints": [{ "kind": "EMAIL", "value": "awa@exemple.example" }] });
    succeed(&cast.observer, "personUpdate", contacts, "__typename").await;
    let mandate = json!({ "id": CLUSTER, "expectedVersion": 1, "mandate": "Coordonner" });
    succeed(&cast.coordinator, "groupUpdate", mandate, "__typename").await;
    let meeting = json!({ "group": CLUSTER, "kind": "REGULAR", "title": "Réunion", "joinUrl": "https://appel.example/salle" });
    let meeting = succeed(by, "meetingCreate", meeting, "meeting { id }").await["meeting"]["id"].clone();
    let action = json!({ "group": CLUSTER, "text": "Partager la matrice" });
    let action = succeed(by, "followUpCreate", action, "followUp { id }").await["followUp"]["id"].clone();
    let decision = json!({ "group": CLUSTER, "kind": "PROPOSAL", "text": "Élargir la décision" });
    let decision =
        succeed(by, "recommendationAdd", decision, "recommendation { id }").await["recommendation"]["id"]
            .clone();
    let document = json!({ "group": CLUSTER, "kind": "REPORT", "title": "Rapport", "url": "https://exemple.example/rapport" });
    let document = succeed(by, "documentAdd", document, "document { id }").await["document"]["id"].clone();
    let minutes = json!({ "meeting": meeting, "body": "Texte" });
    let minutes = succeed(by, "minutesWrite", minutes, "minutes { id }").await["minutes"]["id"].clone();
    vec![meeting, action, decision, document, minutes]
}

/// What is seen of it: one word for each thing.
async fn seen(who: &Client, ids: &[Value]) -> Vec<bool> {
    let query = "query($ids: [ID!]!, $group: ID!, $person: ID!) {
        nodes(ids: $ids) { id ... on Meeting { title joinUrl } }
        group(by: { id: $group }) { name mandate }
        person(by: { id: $person }) { contactPoints { value } } }";
    let answer = who.ask(query, json!({ "ids": ids, "group": CLUSTER, "person": person(5) })).await;
    let mut seen: Vec<bool> = answer.list("/nodes").iter().map(|n| !n.is_null()).collect();
    assert_eq!(answer.at("/group/name"), "Cluster Exemple");
    seen.push(answer.at("/nodes/0")["joinUrl"].is_string());
    seen.push(answer.at("/group/mandate").is_string());
    seen.push(!answer.list("/person/contactPoints").is_empty());
    seen
}

async fn open(cast: &Cast) -> Value {
    let input = json!({ "group": CLUSTER, "reason": REASON });
    let opened =
        succeed(&cast.admin, "breakGlassOpen", input, "breakGlass { id isOpen reason group { name } }").await;
    assert_eq!(
        (&opened["breakGlass"]["isOpen"], &opened["breakGlass"]["reason"]),
        (&json!(true), &json!(REASON))
    );
    opened["breakGlass"]["id"].clone()
}

async fn an_opened_group_is_read_and_not_written(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let ids = fill(&cast).await;
    let nothing = vec![false; 8];
    assert_eq!(seen(&cast.admin, &ids).await, nothing);
    let id = open(&cast).await;
    assert_eq!(seen(&cast.admin, &ids).await, vec![true; 8]);
    let again = refused(&cast.admin, "breakGlassOpen", json!({ "group": CLUSTER, "reason": REASON })).await;
    assert_eq!((&again["code"], &again["field"]), (&json!("DUPLICATE"), &json!(["input", "group"])));
    // read, not written
    for (mutation, input) in [
        ("meetingCreate", json!({ "group": CLUSTER, "kind": "REGULAR", "title": "x" })),
        ("followUpUpdate", json!({ "id": ids[1], "expectedVersion": 1, "text": "x" })),
        ("minutesUpdate", json!({ "id": ids[4], "expectedVersion": 1, "body": "x" })),
        ("recommendationAdd", json!({ "group": CLUSTER, "kind": "PROPOSAL", "text": "x" })),
    ] {
        assert_eq!(refused(&cast.admin, mutation, input).await["code"], "PERMISSION_DENIED", "{mutation}");
    }
    // this group only: neither another one nor a sub-group
    let below =
        json!({ "operation": OPERATION, "parent": CLUSTER, "kind": "TASK_TEAM", "name": "Groupe restreint" });
    let below = succeed(&cast.coordinator, "groupCreate", below, "group { id }").await["group"]["id"].clone();
    for group in [json!(FORUM), below] {
        let draft = json!({ "group": group, "kind": "REGULAR", "title": "Ailleurs" });
        let draft =
            succeed(&cast.coordinator, "meetingCreate", draft, "meeting { id }").await["meeting"]["id"]
                .clone();
        let node = cast.admin.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": draft })).await;
        assert_eq!(node.at("/node"), &Value::Null);
    }
    // of another administrator it opens nothing
    cast.world.kafo_ok(
        &["account", "create", "--email", "admin2@kafo.example", "--name", "Exemple", "--admin"],
        crate::cast::PASSWORD,
    );
    let second = cast.world.sign_in("admin2@kafo.example", crate::cast::PASSWORD).await;
    assert_eq!(seen(&second, &ids).await, nothing);
    assert_eq!(refused(&second, "breakGlassClose", json!({ "id": id })).await["code"], "PERMISSION_DENIED");
    assert_eq!(sql.records("breakGlassOpen").await, 1);
    let reason = format!(
        "SELECT count(*) AS n FROM change WHERE kind = 'breakGlassOpen' AND reason = '{REASON}' AND account_id IS NOT NULL"
    );
    assert_eq!(sql.number(&reason).await, 1);
}

async fn it_ends_with_the_hour_the_grant_or_when_it_is_closed(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let ids = fill(&cast).await;
    let (nothing, all) = (vec![false; 8], vec![true; 8]);
    // closed
    let id = open(&cast).await;
    succeed(&cast.admin, "breakGlassClose", json!({ "id": id }), "breakGlass { isOpen endedAt }").await;
    assert_eq!(seen(&cast.admin, &ids).await, nothing);
    let again = refused(&cast.admin, "breakGlassClose", json!({ "id": id })).await;
    assert_eq!((&again["code"], &again["from"]), (&json!("STATE"), &json!("CLOSED")));
    assert_eq!(sql.records("breakGlassClose").await, 1);
    // the hour is over
    open(&cast).await;
    assert_eq!(seen(&cast.admin, &ids).await, all);
    let life = sql.rows("SELECT created_at, expires_at FROM break_glass WHERE ended_at IS NULL").await;
    let at = |name: &str| life[0].try_get::<chrono::DateTime<chrono::Utc>>("", name).expect("an instant");
    assert_eq!(at("expires_at") - at("created_at"), TimeDelta::minutes(60));
    let past = kafo::clock::now() - TimeDelta::seconds(1);
    sql.run("UPDATE break_glass SET expires_at = $1 WHERE ended_at IS NULL", [past.into()]).await;
    assert_eq!(seen(&cast.admin, &ids).await, nothing);
    // the grant is gone
    open(&cast).await;
    assert_eq!(seen(&cast.admin, &ids).await, all);
    sql.run("DELETE FROM account_grant WHERE kind = 'ADMIN'", []).await;
    let query = "query($ids: [ID!]!, $group: ID!, $person: ID!) { nodes(ids: $ids) { id } group(by: { id: $group }) { name } person(by: { id: $person }) { displayName } }";
    let answer = cast.admin.ask(query, json!({ "ids": ids, "group": CLUSTER, "person": person(5) })).await;
    assert_eq!(
        answer.data(),
        &json!({ "nodes": [null, null, null, null, null], "group": null, "person": null })
    );
}

async fn the_coordinators_are_told(world: World) {
    let cast = Cast::of(world).await;
    let query = "{ group(by: { id: \"GROUP\" }) { breakGlassAccesses { totalCount nodes { administrator reason isOpen openedAt expiresAt endedAt } } }
        breakGlassAccesses(filter: { isOpen: true }) { totalCount } }";
    let query = query.replace("GROUP", CLUSTER);
    let id = open(&cast).await;
    for who in [&cast.coordinator, &cast.manager, &cast.admin] {
        let told = who.ask(&query, json!({})).await;
        let access = told.at("/group/breakGlassAccesses/nodes/0");
        assert_eq!(
            (&access["administrator"], &access["reason"], &access["isOpen"]),
            (&json!("Awa Exemple"), &json!(REASON), &json!(true))
        );
        assert_eq!(told.at("/breakGlassAccesses/totalCount"), 1);
    }
    for who in [&cast.information_manager, &cast.secretary, &cast.representative, &cast.observer] {
        let told = who.ask(&query, json!({})).await;
        assert_eq!(told.at("/group/breakGlassAccesses/totalCount"), 0);
        assert_eq!(told.at("/breakGlassAccesses/totalCount"), 0);
    }
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for who in [&cast.outsider, &cast.anonymous, &cast.representative] {
        assert_eq!(who.ask(node, json!({ "id": id })).await.at("/node"), &Value::Null);
    }
    succeed(&cast.admin, "breakGlassClose", json!({ "id": id }), "__typename").await;
    let told = cast.coordinator.ask(&query, json!({})).await;
    assert_eq!(told.at("/group/breakGlassAccesses/nodes/0/isOpen"), false);
    assert_eq!(told.at("/breakGlassAccesses/totalCount"), 0);
}

async fn only_administrators_break_glass(world: World) {
    let cast = Cast::of(world).await;
    let input = |reason: &str| json!({ "group": FORUM, "reason": reason });
    for who in [&cast.manager, &cast.coordinator, &cast.information_manager, &cast.outsider] {
        assert_eq!(refused(who, "breakGlassOpen", input(REASON)).await["code"], "PERMISSION_DENIED");
    }
    let answer = mutate(&cast.anonymous, "breakGlassOpen", input(REASON), "__typename").await;
    assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    for (reason, code) in [("", "BLANK"), ("urgent", "TOO_SHORT"), ("          ", "BLANK")] {
        let refusal = refused(&cast.admin, "breakGlassOpen", input(reason)).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!(code), &json!(["input", "reason"])));
    }
    assert_eq!(Sql::of(&cast.world).await.records("breakGlassOpen").await, 0);
}
