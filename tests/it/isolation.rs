//! What one viewer is answered never depends on who else asks; and a right that is gone is gone at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, PASSWORD, person, succeed};

on_both!(
    thirty_two_viewers_at_once_are_answered_as_if_alone,
    nothing_is_told_after_a_seat_has_ended,
    nothing_is_told_after_a_sign_in_has_ended,
    nothing_is_told_to_a_token_after_it_was_revoked,
    few_connections_do_for_many,
);

/// How often all viewers ask at once: a thousand times in `script/test --full`.
fn rounds() -> usize {
    if std::env::var_os("KAFO_TEST_FULL").is_some() { 1_000 } else { 100 }
}

/// How many viewers there are.
const VIEWERS: usize = 32;
/// How often a right is taken away while its holder asks.
const RACES: usize = 100;

const WHOLE: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { id
    ... on FollowUp { text responsibleText assignments { writtenAs person { displayName } organisation { acronym } } }
    ... on Person { displayName contactPoints { value } } } }";

const ONE: &str = "query($id: ID!) { followUp(by: { id: $id }) { text } }";

/// A point of each group, the second one for officers; and two people.
async fn rows(cast: &Cast) -> Vec<String> {
    let mut ids = vec![person(4), person(6)];
    for (group, more) in
        [(CLUSTER, json!({})), (CLUSTER, json!({ "visibility": "OFFICERS" })), (FORUM, json!({}))]
    {
        let mut input = json!({ "group": group, "text": "Partager la matrice", "responsibleText": "nous",
            "assignments": [{ "person": person(4), "writtenAs": "P4" }, { "organisation": NGO }, { "person": person(6) }] });
        for (key, value) in more.as_object().expect("an object") {
            input[key] = value.clone();
        }
        let payload = succeed(&cast.coordinator, "followUpCreate", input, "followUp { id }").await;
        ids.push(payload["followUp"]["id"].as_str().expect("an id").to_owned());
    }
    let contacts = json!([{ "kind": "EMAIL", "value": "p4@kafo.example", "sharedWith": [CLUSTER] },
        { "kind": "PHONE", "value": "+223 20 00 00 04" }]);
    let contacts = json!({ "id": person(4), "expectedVersion": 1, "contactPoints": contacts });
    succeed(&cast.representative, "personUpdate", contacts, "__typename").await;
    ids
}

/// A point of the cluster that nobody is assigned.
async fn point(cast: &Cast) -> String {
    let input = json!({ "group": CLUSTER, "text": "Partager la matrice" });
    let payload = succeed(&cast.coordinator, "followUpCreate", input, "followUp { id }").await;
    payload["followUp"]["id"].as_str().expect("an id").to_owned()
}

async fn thirty_two_viewers_at_once_are_answered_as_if_alone(world: World) {
    let cast = Cast::of(world).await;
    let ids = rows(&cast).await;
    let kinds = [
        &cast.admin,
        &cast.manager,
        &cast.coordinator,
        &cast.information_manager,
        &cast.secretary,
        &cast.representative,
        &cast.observer,
        &cast.outsider,
        &cast.anonymous,
    ];
    // a point that some see whole, some as assignees and some not at all; and a person with contact points
    let asked = json!({ "ids": [ids[2], ids[0]] });
    let mut clients = kinds.map(Client::clone);
    let mut alone: Vec<Value> = Vec::new();
    for client in clients.iter().cycle().take(VIEWERS) {
        alone.push(client.ask(WHOLE, asked.clone()).await.body);
    }
    let mut different: Vec<String> = alone.iter().map(Value::to_string).collect();
    different.sort();
    different.dedup();
    assert!(different.len() >= 5, "viewers see different things: {different:#?}");
    let start = Instant::now();
    let rounds = rounds();
    for round in 0..rounds {
        // access tokens end after ten minutes
        if round % 200 == 199 {
            for client in &mut clients {
                *client = renewed(client).await;
            }
        }
        let mut asking = tokio::task::JoinSet::new();
        for (number, alone) in alone.iter().cloned().enumerate() {
            let (client, asked) = (clients[number % clients.len()].clone(), asked.clone());
            asking.spawn(async move { (client.ask(WHOLE, asked).await.body, alone) });
        }
        while let Some(answer) = asking.join_next().await {
            let (told, alone) = answer.expect("an answer");
            assert_eq!(told.to_string(), alone.to_string(), "round {round}");
        }
    }
    eprintln!("{VIEWERS} viewers, {rounds} rounds: {:?}", start.elapsed());
}

async fn few_connections_do_for_many(world: World) {
    let cast = Cast::of(world).await;
    let id = point(&cast).await;
    let (program, _) = program(&cast, &cast.representative).await;
    // of a single one, reads and writes have turns; of more, reads hand most of them on among themselves
    for connections in ["1", "2", "4"] {
        let server = cast.world.another_server(&[("KAFO_DATABASE_CONNECTIONS", connections)]).await;
        let is_over = Arc::new(AtomicBool::new(false));
        let mut asking = tokio::task::JoinSet::new();
        for reader in [&program, &cast.representative].into_iter().cycle().take(16) {
            let (reader, id, is_over) = (reader.on(server.url()), json!({ "id": id }), Arc::clone(&is_over));
            asking.spawn(async move {
                let mut answers = 0;
                while !is_over.load(Ordering::SeqCst) {
                    reader.ask(ONE, id.clone()).await.text("/followUp/text");
                    answers += 1;
                }
                answers
            });
        }
        let writer = cast.secretary.on(server.url());
        for number in 0..10 {
            let input = json!({ "group": CLUSTER, "text": format!("Point {number}") });
            succeed(&writer, "followUpCreate", input, "__typename").await;
        }
        is_over.store(true, Ordering::SeqCst);
        for answers in asking.join_all().await {
            assert!(answers > 0, "{connections} connections: somebody was never answered");
        }
    }
}

/// The same client with an access token that lasts.
async fn renewed(client: &Client) -> Client {
    let Some(refresh) = client.refresh_token() else { return client.clone() };
    let next = json!({ "refreshToken": refresh });
    let next = succeed(client, "sessionRefresh", next, "accessToken refreshToken").await;
    client.with_tokens(next["accessToken"].as_str().expect("a token"), next["refreshToken"].as_str())
}

/// Somebody keeps asking while `end` takes their right away; how many answers with success had started
/// after the end was answered, and how many there were before.
async fn race(client: &Client, id: &str, end: impl Future<Output = ()>) -> (usize, usize) {
    let is_over = Arc::new(AtomicBool::new(false));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (client, id, is_over) = (client.clone(), json!({ "id": id }), Arc::clone(&is_over));
        asking.spawn(async move {
            let mut successes = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let started = Instant::now();
                let answer = client.ask(ONE, id.clone()).await;
                if answer.body.pointer("/data/followUp/text").is_some() {
                    successes.push(started);
                }
            }
            successes
        });
    }
    tokio::time::sleep(Duration::from_millis(8)).await;
    end.await;
    let ended = Instant::now();
    tokio::time::sleep(Duration::from_millis(12)).await;
    is_over.store(true, Ordering::SeqCst);
    let (mut late, mut early) = (0, 0);
    while let Some(successes) = asking.join_next().await {
        for started in successes.expect("an asker") {
            if started > ended { late += 1 } else { early += 1 }
        }
    }
    (late, early)
}

/// A program of somebody's, and the id of its token.
async fn program(cast: &Cast, of: &Client) -> (Client, Value) {
    let expires_at = (kafo::clock::now() + TimeDelta::days(30)).to_rfc3339();
    let input = json!({ "name": "Essai", "expiresAt": expires_at, "scopes": [] });
    let made = succeed(of, "apiTokenCreate", input, "token apiToken { id }").await;
    let client = cast.world.client().with_tokens(made["token"].as_str().expect("a token"), None);
    (client, made["apiToken"]["id"].clone())
}

async fn nothing_is_told_to_a_token_after_it_was_revoked(world: World) {
    let cast = Cast::of(world).await;
    let id = point(&cast).await;
    let mut before = 0;
    for round in 0..RACES {
        let (program, token) = program(&cast, &cast.representative).await;
        let end = async {
            drop(succeed(&cast.representative, "apiTokenRevoke", json!({ "id": token }), "__typename").await);
        };
        let (late, early) = race(&program, &id, end).await;
        assert_eq!(late, 0, "round {round}: told after the end");
        before += early;
    }
    assert!(before >= RACES, "the token gave rights while it held: {before}");
}

async fn nothing_is_told_after_a_seat_has_ended(world: World) {
    let cast = Cast::of(world).await;
    let id = point(&cast).await;
    let (token, _) = program(&cast, &cast.outsider).await;
    let mut before = 0;
    for round in 0..RACES {
        let seat =
            json!({ "group": CLUSTER, "person": person(6), "organisation": NGO, "role": "REPRESENTATIVE" });
        let seat = succeed(&cast.manager, "membershipCreate", seat, "membership { id }").await;
        let end = json!({ "id": seat["membership"]["id"] });
        let end = async { drop(succeed(&cast.manager, "membershipEnd", end, "__typename").await) };
        // the server remembers for a moment what a token may
        let who = if round % 2 == 0 { &cast.outsider } else { &token };
        let (late, early) = race(who, &id, end).await;
        assert_eq!(late, 0, "round {round}: told after the end");
        before += early;
    }
    assert!(before >= RACES, "the seat gave rights while it held: {before}");
}

async fn nothing_is_told_after_a_sign_in_has_ended(world: World) {
    let cast = Cast::of(world).await;
    let id = point(&cast).await;
    let mut before = 0;
    for round in 0..RACES {
        let member = cast.world.sign_in("representative@kafo.example", PASSWORD).await;
        let end = async {
            let answer = member.ask("mutation { signOut { isSignedOut } }", json!({})).await;
            assert_eq!(answer.at("/signOut/isSignedOut"), true);
        };
        let (late, early) = race(&member, &id, end).await;
        assert_eq!(late, 0, "round {round}: told after the end");
        before += early;
    }
    assert!(before >= RACES, "the sign-in gave rights while it held: {before}");
}
