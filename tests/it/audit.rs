//! The audit log: what is recorded, once, and who reads it.

use std::collections::BTreeMap;

use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, OPERATION, mutate, person, refused, succeed};

on_both!(
    every_success_is_recorded_once,
    what_is_refused_is_not_recorded,
    each_sees_the_log_that_is_theirs,
    entries_name_the_request,
    the_log_is_read_page_by_page,
    entries_of_the_erased_still_read,
);

const PASSWORD: &str = "trois pirogues sur le Bani";

async fn count(who: &Client, filter: Value) -> u64 {
    let query = "query($filter: AuditFilter) { auditLog(filter: $filter) { totalCount } }";
    let answer = who.ask(query, json!({ "filter": filter })).await;
    answer.at("/auditLog/totalCount").as_u64().expect("a count")
}

async fn kinds(who: &Client) -> BTreeMap<String, u64> {
    let query = "query($after: String) { auditLog(first: 100, after: $after) { nodes { kind } pageInfo { hasNextPage endCursor } } }";
    let (mut kinds, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let answer = who.ask(query, json!({ "after": after })).await;
        for node in answer.list("/auditLog/nodes") {
            *kinds.entry(node["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
        }
        if answer.at("/auditLog/pageInfo/hasNextPage") == false {
            return kinds;
        }
        after = answer.at("/auditLog/pageInfo/endCursor").clone();
    }
}

/// Each entry of the example files is a mutation; each left exactly one record of its name.
async fn every_success_is_recorded_once(world: World) {
    world.kafo_ok(&["demo", "--load-only", "--database", world.storage.url()], "");
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    let files = ["1-operation", "2-directory", "3-early-recovery-2017-05-23", "4-cash-2019-07-04"];
    for file in files {
        let path = format!("{}/../example/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("a file of the example");
        let entries: Value = text.parse().expect("JSON");
        for entry in entries.as_array().into_iter().flatten() {
            let name = entry.as_object().and_then(|o| o.keys().next()).expect("a mutation");
            *sent.entry(name.clone()).or_default() += 1;
        }
    }
    assert!(sent.values().sum::<u64>() > 70);
    let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
    let recorded = kinds(&admin).await;
    let ours: BTreeMap<_, _> = recorded.iter().filter(|(k, _)| sent.contains_key(*k)).collect();
    assert_eq!(ours, sent.iter().collect());
    // what else there is concerns accounts and sign-ins
    let others: Vec<_> = recorded.keys().filter(|k| !sent.contains_key(*k)).collect();
    assert!(
        others.iter().all(|k| k.starts_with("account") || k.starts_with("sign") || k.starts_with("session")),
        "{others:?}"
    );
}

async fn what_is_refused_is_not_recorded(world: World) {
    let cast = Cast::of(world).await;
    let before = count(&cast.admin, json!({})).await;
    let point = json!([{ "kind": "EMAIL", "value": "nul@exemple.example" }]);
    let erase = json!({ "id": person(4), "reason": "x", "confirm": "x" });
    for (who, name, input) in [
        (&cast.admin, "personErase", erase.clone()),
        (&cast.manager, "personErase", erase),
        (&cast.representative, "contactSharingSet", json!({ "group": CLUSTER, "contactPoints": point })),
        (&cast.observer, "followUpCreate", json!({ "group": CLUSTER, "text": "x" })),
        (&cast.secretary, "followUpCreate", json!({ "group": CLUSTER, "text": " " })),
        (
            &cast.representative,
            "personUpdate",
            json!({ "id": person(4), "expectedVersion": 9, "jobTitle": "x" }),
        ),
    ] {
        refused(who, name, input).await;
    }
    assert_eq!(count(&cast.admin, json!({})).await, before);
    succeed(
        &cast.representative,
        "contactSharingSet",
        json!({ "group": CLUSTER, "contactPoints": [] }),
        "__typename",
    )
    .await;
    assert_eq!(count(&cast.admin, json!({})).await, before + 1);
    let input = json!({ "id": person(4), "reason": "x", "confirm": "Personne Exemple 4" });
    succeed(&cast.admin, "personErase", input, "__typename").await;
    assert_eq!(count(&cast.admin, json!({})).await, before + 2);
}

async fn each_sees_the_log_that_is_theirs(world: World) {
    let cast = Cast::of(world).await;
    let elsewhere = json!({ "id": "opn_01900000000070008000000000000002", "code": "BFA", "name": "Burkina", "country": "BFA",
        "timeZone": "Africa/Ouagadougou", "defaultLanguage": "fr" });
    succeed(&cast.admin, "operationCreate", elsewhere, "__typename").await;
    let action = json!({ "group": CLUSTER, "text": "Exemple" });
    let action =
        succeed(&cast.secretary, "followUpCreate", action, "followUp { id }").await["followUp"]["id"].clone();
    let cancel = json!({ "id": action, "reason": "Refus d'une personne" });
    succeed(&cast.coordinator, "followUpCancel", cancel, "__typename").await;
    let about = json!({ "entity": action });
    let seat = json!({ "kind": { "eq": "membershipCreate" }, "group": { "eq": CLUSTER } });
    for (who, name, actions, seats) in [
        (&cast.admin, "admin", 2, 7),
        (&cast.manager, "manager", 2, 7),
        (&cast.coordinator, "coordinator", 2, 7),
        // organisations' seats, not people's
        (&cast.information_manager, "information manager", 2, 2),
        // one's own
        (&cast.secretary, "secretary", 1, 0),
        (&cast.representative, "representative", 0, 0),
        (&cast.outsider, "outsider", 0, 0),
        (&cast.anonymous, "anonymous", 0, 0),
    ] {
        assert_eq!(count(who, about.clone()).await, actions, "{name}");
        assert_eq!(count(who, seat.clone()).await, seats, "{name}");
    }
    // what belongs to no group and no operation is for administrators, and for whoever did it
    let people = json!({ "kind": { "eq": "personCreate" } });
    assert_eq!(
        (count(&cast.admin, people.clone()).await, count(&cast.manager, people.clone()).await),
        (6, 6)
    );
    assert_eq!(count(&cast.coordinator, people).await, 0);
    let operations = json!({ "kind": { "eq": "operationCreate" } });
    assert_eq!(
        (count(&cast.admin, operations.clone()).await, count(&cast.manager, operations).await),
        (2, 1)
    );
    // every field, for somebody who may not see all that is named
    let query = "query($filter: AuditFilter) { auditLog(filter: $filter) { totalCount edges { cursor node {
        position at kind actor { id displayName isService person { id displayName } } actingFor { acronym }
        entityId entityKind entity { id __typename ... on FollowUp { text status group { name } } }
        group { name } operation { code } fromState toState reason requestId } } } }";
    let answer = cast.coordinator.ask(query, json!({ "filter": about })).await;
    let node = answer.at("/auditLog/edges/0/node");
    assert_eq!(
        (
            &node["kind"],
            &node["toState"],
            &node["reason"],
            &node["group"]["name"],
            &node["operation"]["code"]
        ),
        (
            &json!("followUpCancel"),
            &json!("CANCELLED"),
            &json!("Refus d'une personne"),
            &json!("Cluster Exemple"),
            &json!("MLI")
        )
    );
    assert_eq!(node["actor"]["person"], json!({ "id": person(1), "displayName": "Personne Exemple 1" }));
    assert_eq!(node["actingFor"]["acronym"], "AEX");
    let wanted = json!({ "id": action, "__typename": "FollowUp", "text": "Exemple", "status": "CANCELLED", "group": { "name": "Cluster Exemple" } });
    assert_eq!(node["entity"], wanted);
    // an administrator sees the entry, not the group's content
    let answer = cast.admin.ask(query, json!({ "filter": about })).await;
    assert_eq!(answer.at("/auditLog/edges/0/node/entity"), &Value::Null);
    assert_eq!(answer.at("/auditLog/edges/0/node/entityId"), &action);
    // filters hold together
    let none = json!({ "entity": action, "group": { "eq": FORUM } });
    assert_eq!(count(&cast.admin, none).await, 0);
    let either = json!({ "or": [{ "kind": { "eq": "followUpCreate" } }, { "kind": { "eq": "followUpCancel" } }], "operation": { "eq": OPERATION } });
    assert_eq!(count(&cast.admin, either).await, 2);
    assert_eq!(count(&cast.admin, json!({ "at": { "gt": "2999-01-01T00:00:00Z" } })).await, 0);
}

async fn entries_name_the_request(world: World) {
    let cast = Cast::of(world).await;
    for text in ["un", "deux"] {
        let answer = mutate(
            &cast.secretary,
            "followUpCreate",
            json!({ "group": CLUSTER, "text": text }),
            "followUp { id }",
        )
        .await;
        let id = answer.at("/followUpCreate/followUp/id").clone();
        let request = answer.header("x-request-id").expect("a request id").to_owned();
        let query = "query($filter: AuditFilter) { auditLog(filter: $filter) { nodes { entityId requestId actor { id } } } }";
        let filter = json!({ "requestId": { "eq": request } });
        let found = cast.secretary.ask(query, json!({ "filter": filter })).await;
        assert_eq!(found.list("/auditLog/nodes").len(), 1);
        assert_eq!(found.at("/auditLog/nodes/0/entityId"), &id);
        assert_eq!(found.at("/auditLog/nodes/0/requestId"), &json!(request));
        let actor = found.at("/auditLog/nodes/0/actor/id").clone();
        assert_eq!(count(&cast.admin, json!({ "actor": { "eq": actor }, "entity": id })).await, 1);
    }
}

async fn the_log_is_read_page_by_page(world: World) {
    let cast = Cast::of(world).await;
    for number in 0..7 {
        let input = json!({ "group": CLUSTER, "text": format!("Point {number}") });
        succeed(&cast.secretary, "followUpCreate", input, "__typename").await;
    }
    let query = "query($first: Int, $after: String, $last: Int, $before: String) {
        auditLog(first: $first, after: $after, last: $last, before: $before, filter: { kind: { eq: \"followUpCreate\" } }) {
            totalCount nodes { position } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let ask = async |page: Value| cast.secretary.ask(query, page).await;
    let positions = |answer: &tests::Answer| -> Vec<i64> {
        answer.list("/auditLog/nodes").iter().filter_map(|n| n["position"].as_i64()).collect()
    };
    let all = positions(&ask(json!({})).await);
    assert_eq!(all.len(), 7);
    assert!(all.windows(2).all(|w| w[0] > w[1]), "the newest first: {all:?}");
    let first = ask(json!({ "first": 3 })).await;
    assert_eq!(positions(&first), all[..3]);
    assert_eq!(first.at("/auditLog/totalCount"), &json!(7));
    assert_eq!(
        (first.at("/auditLog/pageInfo/hasNextPage"), first.at("/auditLog/pageInfo/hasPreviousPage")),
        (&json!(true), &json!(false))
    );
    let next = ask(json!({ "first": 3, "after": first.at("/auditLog/pageInfo/endCursor") })).await;
    assert_eq!(positions(&next), all[3..6]);
    let back = ask(json!({ "last": 2, "before": next.at("/auditLog/pageInfo/startCursor") })).await;
    assert_eq!(positions(&back), all[1..3]);
    assert_eq!(positions(&ask(json!({ "last": 2 })).await), all[5..]);
    for (page, reason) in [
        (json!({ "first": 101 }), "PAGE_TOO_LARGE"),
        (json!({ "first": 1, "last": 1 }), "FIRST_AND_LAST"),
        (json!({ "after": "x" }), "INVALID_CURSOR"),
        (json!({ "before": "YXVkaXQ6eA" }), "INVALID_CURSOR"),
    ] {
        assert_eq!(ask(page).await.error_reason(), Some(reason));
    }
    let wrong =
        "{ auditLog(filter: { group: { eq: \"per_01900000000070008000000000000001\" } }) { totalCount } }";
    assert_eq!(cast.admin.ask(wrong, json!({})).await.error_reason(), Some("INVALID_ID"));
}

async fn entries_of_the_erased_still_read(world: World) {
    let cast = Cast::of(world).await;
    let own = json!({ "id": person(4), "expectedVersion": 1, "jobTitle": "Exemple" });
    succeed(&cast.representative, "personUpdate", own, "__typename").await;
    let input = json!({ "id": person(4), "reason": "À sa demande", "confirm": "Personne Exemple 4" });
    succeed(&cast.admin, "personErase", input, "__typename").await;
    let query = "query($filter: AuditFilter) { auditLog(filter: $filter) { nodes { kind reason actor { displayName } entity { id ... on Person { displayName isErased } } } } }";
    let answer = cast.admin.ask(query, json!({ "filter": { "entity": person(4) } })).await;
    let nodes = answer.list("/auditLog/nodes");
    assert_eq!((&nodes[0]["kind"], &nodes[0]["reason"]), (&json!("personErase"), &json!("À sa demande")));
    assert_eq!(
        (&nodes[1]["kind"], &nodes[1]["actor"]["displayName"]),
        (&json!("personUpdate"), &json!("[…]"))
    );
    assert_eq!(nodes[1]["entity"], json!({ "id": person(4), "displayName": "[…]", "isErased": true }));
}
