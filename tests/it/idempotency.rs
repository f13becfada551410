//! Mutations under an idempotency key: done once, answered as often as somebody asks. That every mutation is, the
//! matrix shows (`access::world`); here is what the key itself promises.

use kafo::clock;
use reqwest::Method;
use tests::{Answer, Client, Value, World, comes_true, json, on_both};
use tokio::task::JoinSet;

use crate::cast::{AGENCY, CLUSTER, Cast, NGO, OPERATION, PASSWORD, ask_once, mutate_once, person, succeed};
use crate::sql::Sql;

on_both!(
    a_repeat_is_answered_and_not_done,
    a_repeat_is_shown_as_one_may_see_it_now,
    another_request_under_the_same_key_is_refused,
    what_was_refused_uses_no_key_up,
    of_many_at_once_one_does_it,
    each_mutation_of_a_request_is_done_once,
    a_key_belongs_to_an_account_and_a_day,
    a_list_of_seats_is_told_again,
    keys_are_read_strictly,
    what_belongs_to_a_sign_in_is_kept_under_no_key,
);

const ADD: &str = "mutation($text: String!) { followUpCreate(input: { group: \"GROUP\", text: $text }) {
    followUp { id text version } userErrors { code } } }";

async fn send(by: &Client, key: &str, document: &str, variables: Value) -> Answer {
    ask_once(by, key, &document.replace("GROUP", CLUSTER), variables).await
}

async fn add(by: &Client, key: &str, text: &str) -> Answer {
    send(by, key, ADD, json!({ "text": text })).await
}

fn is_repeat(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

async fn a_repeat_is_answered_and_not_done(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let first = add(&cast.secretary, "k-1", "Relancer les partenaires").await;
    let id = first.text("/followUpCreate/followUp/id").to_owned();
    assert!(!is_repeat(&first));
    // what has become of it since is told as it is now
    let change = json!({ "id": id, "expectedVersion": 1, "text": "Relancer trois partenaires" });
    succeed(&cast.secretary, "followUpUpdate", change, "__typename").await;
    for _ in 0..3 {
        let again = add(&cast.secretary, "k-1", "Relancer les partenaires").await;
        assert!(is_repeat(&again) && again.status == 200);
        assert_eq!(
            again.at("/followUpCreate"),
            &json!({ "followUp": { "id": id, "text": "Relancer trois partenaires", "version": 2 }, "userErrors": [] })
        );
    }
    // through the body, too
    let body = json!({ "query": ADD.replace("GROUP", CLUSTER), "variables": { "text": "Relancer les partenaires" },
        "extensions": { "idempotencyKey": "k-1" } });
    let again = cast.secretary.request(Method::POST, "/graphql").json(&body);
    assert!(is_repeat(&cast.secretary.send(again).await));
    assert_eq!(sql.records("followUpCreate").await, 1);
    // neither key nor text is in the table
    let rows = sql.rows("SELECT digest, request_digest, outcomes FROM idempotency_key").await;
    assert_eq!(rows.len(), 1);
    let kept: Vec<String> = ["digest", "request_digest", "outcomes"]
        .iter()
        .map(|column| rows[0].try_get("", column).expect("a text"))
        .collect();
    assert!(!kept.iter().any(|text| text.contains("k-1") || text.contains("Relancer")), "{kept:?}");
}

async fn a_repeat_is_shown_as_one_may_see_it_now(world: World) {
    let cast = Cast::of(world).await;
    let first = add(&cast.secretary, "k-1", "Relancer les partenaires").await;
    first.text("/followUpCreate/followUp/id");
    let gone = json!({ "person": person(3), "reason": "Fin de mission" });
    succeed(&cast.manager, "personDepart", gone, "__typename").await;
    let again = add(&cast.secretary, "k-1", "Relancer les partenaires").await;
    assert!(is_repeat(&again));
    assert_eq!(again.at("/followUpCreate"), &json!({ "followUp": null, "userErrors": [] }));
}

async fn another_request_under_the_same_key_is_refused(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    add(&cast.secretary, "k-1", "Un").await.text("/followUpCreate/followUp/id");
    let renamed = ADD.replace("followUpCreate", "other: followUpCreate");
    for other in [
        add(&cast.secretary, "k-1", "Deux").await,
        // nor under another response key
        send(&cast.secretary, "k-1", &renamed, json!({ "text": "Un" })).await,
    ] {
        assert_eq!(
            (other.status, other.error_code()),
            (422, Some("IDEMPOTENCY_KEY_REUSED")),
            "{}",
            other.body
        );
        let data = other.partial_data().as_object().expect("an object");
        assert!(data.values().all(Value::is_null), "{data:?}");
    }
    assert_eq!(sql.records("followUpCreate").await, 1);
    assert!(is_repeat(&add(&cast.secretary, "k-1", "Un").await));
}

async fn what_was_refused_uses_no_key_up(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    for (by, text, code) in [(&cast.secretary, " ", "BLANK"), (&cast.observer, "Un", "PERMISSION_DENIED")] {
        let refused = add(by, "k-1", text).await;
        assert_eq!(refused.user_error("followUpCreate")["code"], code);
        assert!(!is_repeat(&refused));
    }
    assert_eq!(sql.number("SELECT count(*) AS n FROM idempotency_key").await, 0);
    let put_right = add(&cast.secretary, "k-1", "Un").await;
    assert!(!is_repeat(&put_right));
    put_right.text("/followUpCreate/followUp/id");
    // a query has no effect that could be repeated
    let query = send(&cast.secretary, "k-1", "{ __typename }", json!({})).await;
    assert!(query.status == 200 && !is_repeat(&query));
}

async fn of_many_at_once_one_does_it(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    for round in 0..5 {
        let mut all = JoinSet::new();
        for sender in 0..12 {
            let client = cast.secretary.clone();
            // two of them ask for something else
            let text = if sender < 2 { "Autre".to_owned() } else { format!("Tour {round}") };
            all.spawn(async move { add(&client, &format!("k-{round}"), &text).await });
        }
        let answers = all.join_all().await;
        let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        let refused = answers.iter().filter(|answer| answer.status == 422).count();
        assert_eq!(done.len() + refused, 12);
        assert!(refused == 2 || refused == 10, "{refused}");
        let ids: std::collections::BTreeSet<&str> =
            done.iter().map(|answer| answer.text("/followUpCreate/followUp/id")).collect();
        assert_eq!(ids.len(), 1, "one effect");
        assert_eq!(done.iter().filter(|answer| !is_repeat(answer)).count(), 1, "one did it");
    }
    assert_eq!(sql.records("followUpCreate").await, 5);
}

async fn each_mutation_of_a_request_is_done_once(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let group = "grp_01900000000070008000000000000077";
    let document = format!(
        "mutation {{
            first: followUpCreate(input: {{ group: \"GROUP\", text: \"Un\" }}) {{ followUp {{ id }} userErrors {{ code }} }}
            second: followUpCreate(input: {{ group: \"{group}\", text: \"Deux\" }}) {{ followUp {{ id }} userErrors {{ code }} }}
        }}"
    );
    let broken = send(&cast.coordinator, "k-1", &document, json!({})).await;
    let first = broken.text("/first/followUp/id").to_owned();
    assert_eq!(broken.at("/second/userErrors"), &json!([{ "code": "NOT_FOUND" }]));
    // the group that was missing comes: sent again, the request does what is left of it
    let missing = json!({ "id": group, "operation": OPERATION, "kind": "WORKING_GROUP", "name": "Nouveau" });
    succeed(&cast.manager, "groupCreate", missing, "__typename").await;
    let seat = json!({ "group": group, "person": person(1), "organisation": AGENCY, "role": "COORDINATOR" });
    succeed(&cast.manager, "membershipCreate", seat, "__typename").await;
    let again = send(&cast.coordinator, "k-1", &document, json!({})).await;
    assert_eq!(again.text("/first/followUp/id"), first);
    let second = again.text("/second/followUp/id").to_owned();
    let once_more = send(&cast.coordinator, "k-1", &document, json!({})).await;
    assert_eq!(once_more.text("/second/followUp/id"), second);
    assert_eq!(sql.records("followUpCreate").await, 2);
}

async fn a_key_belongs_to_an_account_and_a_day(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let mine = add(&cast.secretary, "k-1", "Un").await;
    let theirs = add(&cast.coordinator, "k-1", "Deux").await;
    assert!(!is_repeat(&mine) && !is_repeat(&theirs));
    theirs.text("/followUpCreate/followUp/id");
    // another sign-in of the same account is the same account
    let elsewhere = cast.world.sign_in("secretary@kafo.example", PASSWORD).await;
    assert!(is_repeat(&add(&elsewhere, "k-1", "Un").await));
    let age = "UPDATE idempotency_key SET created_at = $1";
    let now = clock::now();
    sql.run(age, [(now - chrono::TimeDelta::minutes(24 * 60 - 5)).into()]).await;
    assert!(is_repeat(&add(&cast.secretary, "k-1", "Un").await));
    sql.run(age, [(now - chrono::TimeDelta::hours(24)).into()]).await;
    // a day later the key is new, for whatever request
    let later = add(&cast.secretary, "k-1", "Trois").await;
    assert!(!is_repeat(&later));
    later.text("/followUpCreate/followUp/id");
    assert!(is_repeat(&add(&cast.secretary, "k-1", "Trois").await));
    assert_eq!(sql.records("followUpCreate").await, 3);
    // the other one, a day old, is forgotten by a server's next round: every half minute, the first time at once
    let _server = cast.world.another_server(&[]).await;
    let keys = "SELECT count(*) AS n FROM idempotency_key";
    comes_true("the old key is gone", async || sql.number(keys).await == 1).await;
}

async fn a_list_of_seats_is_told_again(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let rows = json!([
        { "person": { "id": person(4) }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE" },
        { "person": { "id": person(5) }, "organisation": { "id": NGO }, "role": "OBSERVER" },
        { "person": { "name": "Nouvelle Exemple" }, "organisation": { "id": NGO }, "role": "OBSERVER", "createPerson": true },
    ]);
    let input = json!({ "group": CLUSTER, "rows": rows, "missing": "REPORT" });
    let shown =
        "rows { index outcome isPersonNew membership { role person { displayName } } } missing { outcome }
        createdCount updatedCount endedCount unchangedCount refusedCount personCount";
    let first = mutate_once(&cast.coordinator, "k-1", "membershipsSync", input.clone(), shown).await;
    let again = mutate_once(&cast.coordinator, "k-1", "membershipsSync", input.clone(), shown).await;
    assert!(is_repeat(&again), "{}", again.body);
    assert_eq!(again.ok("membershipsSync"), first.ok("membershipsSync"));
    assert!(first.ok("membershipsSync")["createdCount"].as_i64().is_some_and(|n| n > 0), "{}", first.body);
    // a dry run does nothing that could be repeated
    let mut dry = input;
    dry["dryRun"] = json!(true);
    for _ in 0..2 {
        let dry = mutate_once(&cast.coordinator, "k-2", "membershipsSync", dry.clone(), shown).await;
        assert!(!is_repeat(&dry));
        assert_eq!(dry.ok("membershipsSync")["createdCount"], 0);
    }
    // who leaves under a key
    let gone = json!({ "person": person(5), "reason": "Fin de mission" });
    let shown = "person { displayName } endedMemberships { id until }";
    let first = mutate_once(&cast.manager, "k-3", "personDepart", gone.clone(), shown).await;
    let again = mutate_once(&cast.manager, "k-3", "personDepart", gone, shown).await;
    assert!(is_repeat(&again) && !first.ok("personDepart")["endedMemberships"][0].is_null());
    assert_eq!(again.ok("personDepart"), first.ok("personDepart"));
    assert_eq!((sql.records("membershipsSync").await, sql.records("personDepart").await), (1, 1));
}

async fn keys_are_read_strictly(world: World) {
    let cast = Cast::of(world).await;
    let body = |extensions: Value| json!({ "query": "{ __typename }", "extensions": extensions });
    for (header, extensions) in [
        (Some("deux mots"), json!({})),
        (Some(""), json!({})),
        (Some("k-1"), json!({ "idempotencyKey": "k-2" })),
        (None, json!({ "idempotencyKey": 1 })),
        (None, json!({ "idempotencyKey": "é" })),
        (None, json!({ "idempotencyKey": "k".repeat(256) })),
    ] {
        let mut request = cast.secretary.request(Method::POST, "/graphql").json(&body(extensions));
        if let Some(key) = header {
            request = request.header("idempotency-key", key);
        }
        let answer = cast.secretary.send(request).await;
        assert_eq!((answer.status, answer.error_code()), (400, Some("BAD_REQUEST")), "{}", answer.body);
    }
}

async fn what_belongs_to_a_sign_in_is_kept_under_no_key(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let input = json!({ "email": "secretary@kafo.example", "password": PASSWORD });
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let shown = "accessToken refreshToken";
        let answer = mutate_once(&cast.anonymous, "k-1", "signIn", input.clone(), shown).await;
        assert!(!is_repeat(&answer));
        tokens.push(answer.ok("signIn")["refreshToken"].clone());
    }
    assert_ne!(tokens[0], tokens[1]);
    let revoke = json!({ "keepCurrent": true });
    for revoked in [2, 0] {
        let all =
            mutate_once(&cast.secretary, "k-1", "sessionRevokeAll", revoke.clone(), "revokedCount").await;
        assert_eq!(all.ok("sessionRevokeAll")["revokedCount"], revoked);
    }
    assert_eq!(sql.number("SELECT count(*) AS n FROM idempotency_key").await, 0);
}
