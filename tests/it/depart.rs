//! Somebody leaves: all seats end at once, and what is left undone is named.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, OPERATION, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    whoever_leaves_holds_no_seat_any_more,
    only_whoever_may_end_every_seat_may_let_somebody_go,
    the_last_coordinator_does_not_depart,
    what_is_left_undone_is_shown_to_those_who_may_see_it,
    a_departure_may_be_dated,
);

const SHOWN: &str =
    "person { displayName } endedMemberships { role until group { id } } openFollowUps { text }";

async fn seat(by: &Client, group: &str, number: u32, role: &str) -> Value {
    let input = json!({ "group": group, "person": person(number), "organisation": NGO, "role": role });
    succeed(by, "membershipCreate", input, "membership { id }").await["membership"]["id"].clone()
}

async fn sees_cluster(client: &Client) -> bool {
    let query = format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ id }} }}");
    client.ask(&query, json!({})).await.at("/group").is_object()
}

async fn depart(by: &Client, number: u32) -> Value {
    succeed(by, "personDepart", json!({ "person": person(number), "reason": "Fin de mission" }), SHOWN).await
}

async fn whoever_leaves_holds_no_seat_any_more(world: World) {
    let cast = Cast::of(world).await;
    seat(&cast.coordinator, FORUM, 4, "OBSERVER").await;
    let later = json!({ "group": FORUM, "person": person(4), "organisation": NGO, "role": "REPRESENTATIVE", "since": "2099-01-01" });
    succeed(&cast.coordinator, "membershipCreate", later, "__typename").await;
    assert!(sees_cluster(&cast.representative).await);
    let stale = json!({ "person": person(4), "expectedVersion": 7 });
    assert_eq!(refused(&cast.representative, "personDepart", stale).await["code"], "CONFLICT");
    // oneself
    let gone = depart(&cast.representative, 4).await;
    let ended = gone["endedMemberships"].as_array().expect("a list");
    assert_eq!(ended.len(), 3, "what was to begin later never begins: {gone:#}");
    assert!(ended.iter().any(|m| m["until"] == "2099-01-01"), "{gone:#}");
    // the sign-in stays, the rights are gone
    assert!(!sees_cluster(&cast.representative).await);
    let viewer = cast.representative.ask("{ viewer { account { email } } }", json!({})).await;
    assert_eq!(viewer.text("/viewer/account/email"), "representative@kafo.example");
    // again: nothing to do
    let again = depart(&cast.representative, 4).await;
    assert_eq!(again["endedMemberships"], json!([]));
    let records = Sql::of(&cast.world).await.details("personDepart").await;
    assert_eq!(records.len(), 1, "one record, and none for what changed nothing");
    assert!(records[0].contains("mbr_") && !records[0].contains("Personne"), "{}", records[0]);
}

async fn only_whoever_may_end_every_seat_may_let_somebody_go(world: World) {
    let cast = Cast::of(world).await;
    // an information manager may not end an officer's seat
    for (by, number) in
        [(&cast.information_manager, 3), (&cast.secretary, 4), (&cast.observer, 4), (&cast.representative, 5)]
    {
        let refusal = refused(by, "personDepart", json!({ "person": person(number) })).await;
        assert_eq!(
            (&refusal["code"], &refusal["field"]),
            (&json!("PERMISSION_DENIED"), &json!(["input", "person"]))
        );
    }
    for by in [&cast.outsider, &cast.anonymous] {
        assert_eq!(refused(by, "personDepart", json!({ "person": person(4) })).await["code"], "NOT_FOUND");
    }
    // a seat in a group that one does not see: the same answer, and nothing is ended
    let hidden = json!({ "operation": OPERATION, "kind": "WORKING_GROUP", "name": "Groupe Discret", "visibility": "GROUP" });
    let hidden = succeed(&cast.manager, "groupCreate", hidden, "group { id }").await["group"]["id"].clone();
    seat(&cast.manager, hidden.as_str().expect("an id"), 4, "REPRESENTATIVE").await;
    let refusal = refused(&cast.coordinator, "personDepart", json!({ "person": person(4) })).await;
    assert_eq!(
        (&refusal["code"], &refusal["field"]),
        (&json!("PERMISSION_DENIED"), &json!(["input", "person"]))
    );
    assert!(sees_cluster(&cast.representative).await, "all or nothing");
    assert_eq!(Sql::of(&cast.world).await.details("personDepart").await.len(), 0);
    let gone = depart(&cast.manager, 4).await;
    assert_eq!(gone["endedMemberships"].as_array().map(Vec::len), Some(2));
    assert!(!sees_cluster(&cast.representative).await);
}

async fn the_last_coordinator_does_not_depart(world: World) {
    let cast = Cast::of(world).await;
    for by in [&cast.coordinator, &cast.manager] {
        let refusal = refused(by, "personDepart", json!({ "person": person(1) })).await;
        assert_eq!(
            (&refusal["code"], &refusal["field"]),
            (&json!("LAST_COORDINATOR"), &json!(["input", "person"]))
        );
    }
    // one of the two groups has another one: still nothing is done
    seat(&cast.manager, CLUSTER, 6, "CO_COORDINATOR").await;
    assert_eq!(
        refused(&cast.coordinator, "personDepart", json!({ "person": person(1) })).await["code"],
        "LAST_COORDINATOR"
    );
    assert!(sees_cluster(&cast.coordinator).await);
    seat(&cast.manager, FORUM, 6, "CO_COORDINATOR").await;
    depart(&cast.coordinator, 1).await;
    assert!(!sees_cluster(&cast.coordinator).await);
}

async fn what_is_left_undone_is_shown_to_those_who_may_see_it(world: World) {
    let cast = Cast::of(world).await;
    let mut ids = Vec::new();
    for (text, due, more) in [
        ("Plus tard", "2099-02-01", json!({})),
        ("Bientôt", "2099-01-01", json!({})),
        ("Fait", "2099-01-01", json!({})),
        ("Pour les responsables", "2099-03-01", json!({ "visibility": "OFFICERS" })),
    ] {
        let mut input = json!({ "group": CLUSTER, "text": text, "due": { "on": due }, "assignments": [{ "person": person(4) }] });
        for (name, value) in more.as_object().expect("an object") {
            input[name] = value.clone();
        }
        ids.push(
            succeed(&cast.secretary, "followUpCreate", input, "followUp { id }").await["followUp"]["id"]
                .clone(),
        );
    }
    succeed(
        &cast.coordinator,
        "followUpComplete",
        json!({ "id": ids[2], "actionTaken": "Fait" }),
        "__typename",
    )
    .await;
    // a member who may not end the seat learns nothing
    let query = |who: &Value| {
        who["openFollowUps"].as_array().expect("a list").iter().map(|f| f["text"].clone()).collect::<Vec<_>>()
    };
    let gone = depart(&cast.coordinator, 4).await;
    assert_eq!(query(&gone), [json!("Bientôt"), json!("Plus tard"), json!("Pour les responsables")]);
    // an observer asks about somebody without a seat: the tasks of the group that an observer may see
    let refused = cast.outsider.ask("mutation($input: PersonDepartInput!) { personDepart(input: $input) { openFollowUps { text } userErrors { code } } }", json!({ "input": { "person": person(4) } })).await;
    assert_eq!(refused.at("/personDepart/openFollowUps"), &json!([]));
    // who is not in the group sees no person assigned there
    let again = depart(&cast.admin, 4).await;
    assert_eq!(query(&again), Vec::<Value>::new());
}

async fn a_departure_may_be_dated(world: World) {
    let cast = Cast::of(world).await;
    let on = |day: &str| json!({ "person": person(4), "on": day });
    succeed(&cast.coordinator, "personDepart", on("2099-06-01"), "__typename").await;
    assert!(sees_cluster(&cast.representative).await, "until that day");
    // an earlier day comes before; a later one finds nothing to do
    let later = succeed(&cast.coordinator, "personDepart", on("2099-07-01"), SHOWN).await;
    assert_eq!(later["endedMemberships"], json!([]));
    let sooner = succeed(&cast.coordinator, "personDepart", on("2099-05-01"), SHOWN).await;
    assert_eq!(sooner["endedMemberships"][0]["until"], "2099-05-01");
    let begun = json!({ "group": FORUM, "person": person(4), "organisation": NGO, "role": "OBSERVER", "since": "2020-01-01" });
    succeed(&cast.coordinator, "membershipCreate", begun, "__typename").await;
    let refusal = refused(&cast.coordinator, "personDepart", on("2019-01-01")).await;
    assert_eq!((&refusal["code"], &refusal["field"]), (&json!("END_BEFORE_START"), &json!(["input", "on"])));
}
