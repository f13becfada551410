//! Failed sign-ins: waits that grow, that strangers cannot turn into a lock, and that survive a restart.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use kafo::clock;
use tests::{Client, Server, Value, World, comes_true, json, on_both};

use crate::sql::Sql;

on_both!(
    waits_grow_and_look_alike_for_known_and_unknown,
    unknown_accounts_are_as_much_work,
    strangers_do_not_lock_a_known_device_out,
    another_network_waits_for_nobody_but_all_strangers,
    one_network_cannot_try_all_accounts,
    a_hundred_at_once_are_no_more_than_one_after_the_other,
    counts_survive_a_restart,
    too_many_at_once_are_sent_away,
    an_open_screen_is_no_place_to_guess,
    old_counts_are_forgotten,
    old_sign_ins_are_forgotten,
);

const PASSWORD: &str = "trois pirogues sur le Bani";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken deviceToken
    userErrors { __typename code message field ... on ThrottledError { retryAfterSeconds } } } }";

fn account(world: &World, email: &str) {
    world.kafo_ok(&["account", "create", "--email", email, "--name", "Awa Exemple"], PASSWORD);
}

/// What came of an attempt: the body, and how many hashes the server has computed by then.
struct Outcome {
    body: Value,
    hashes: u64,
}

impl Outcome {
    /// `OK`, or the code of the refusal.
    fn code(&self) -> &str {
        self.body.pointer("/data/signIn/userErrors/0/code").and_then(Value::as_str).unwrap_or("OK")
    }

    fn wait(&self) -> u64 {
        let wait = self.body.pointer("/data/signIn/userErrors/0/retryAfterSeconds");
        wait.and_then(Value::as_u64).unwrap_or_else(|| panic!("no wait: {}", self.body))
    }
}

async fn attempt(client: &Client, input: Value) -> Outcome {
    let answer = client.ask(SIGN_IN, json!({ "input": input })).await;
    answer.data();
    let hashes = answer.header("x-kafo-hashes").and_then(|n| n.parse().ok()).expect("a count");
    Outcome { body: answer.body, hashes }
}

/// Whoever has to wait has to wait half a minute from now: the machine may be slow.
async fn hold(sql: &Sql) {
    let then = clock::now() + chrono::TimeDelta::seconds(30);
    let waiting = "UPDATE throttle SET blocked_until = $1 WHERE blocked_until < $2";
    sql.run(waiting, [then.into(), then.into()]).await;
}

/// The waits are over.
async fn release(sql: &Sql) {
    sql.run("UPDATE throttle SET blocked_until = NULL", []).await;
}

/// An answer without its numbers: seconds go by between two of them.
fn shape(body: &Value) -> String {
    body.to_string().chars().filter(|c| !c.is_ascii_digit()).collect()
}

async fn guess(client: &Client, email: &str) -> Outcome {
    attempt(client, json!({ "email": email, "password": "quatre pirogues sur le Niger" })).await
}

async fn right(client: &Client, email: &str) -> Outcome {
    attempt(client, json!({ "email": email, "password": PASSWORD })).await
}

/// The same from another address of this machine: the code of the outcome.
async fn from(address: [u8; 4], server: &Server, email: &str, password: &str) -> String {
    let http = reqwest::Client::builder().no_proxy().local_address(IpAddr::V4(Ipv4Addr::from(address)));
    let http = http.build().expect("a client");
    let input = json!({ "input": { "email": email, "password": password } });
    let request = http.post(format!("{}/graphql", server.url()));
    let request = request.json(&json!({ "query": SIGN_IN, "variables": input }));
    let text = request.send().await.expect("an answer").text().await.expect("a text");
    let body: Value = serde_json::from_str(&text).expect("JSON");
    Outcome { body, hashes: 0 }.code().to_owned()
}

async fn waits_grow_and_look_alike_for_known_and_unknown(world: World) {
    account(&world, "awa@kafo.example");
    let sql = Sql::of(&world).await;
    let client = world.client();
    let mut seen = Vec::new();
    for email in ["awa@kafo.example", "nobody@kafo.example"] {
        let mut bodies = Vec::new();
        for _ in 0..5 {
            let outcome = guess(&client, email).await;
            assert_eq!(outcome.code(), "UNAUTHENTICATED");
            bodies.push(shape(&outcome.body));
        }
        hold(&sql).await;
        let before = guess(&client, email).await;
        assert_eq!(before.code(), "THROTTLED", "{email}");
        assert!((1..=30).contains(&before.wait()), "{}", before.wait());
        assert_eq!(
            before.body.pointer("/data/signIn/userErrors/0/__typename"),
            Some(&json!("ThrottledError"))
        );
        // the right password does not help now, and is not even looked at
        let now = right(&client, email).await;
        assert_eq!((now.code(), now.hashes), ("THROTTLED", before.hashes));
        bodies.extend([shape(&before.body), shape(&now.body)]);
        seen.push(bodies);
        // after the wait there is one more attempt, not five
        release(&sql).await;
        assert_eq!(guess(&client, email).await.code(), "UNAUTHENTICATED");
        hold(&sql).await;
        assert_eq!(guess(&client, email).await.code(), "THROTTLED");
    }
    assert_eq!(seen[0], seen[1], "known and unknown look alike");
    release(&sql).await;
    assert_eq!(right(&client, "awa@kafo.example").await.code(), "OK");
    for _ in 0..4 {
        assert_eq!(guess(&client, "awa@kafo.example").await.code(), "UNAUTHENTICATED", "counted anew");
    }
    // who was throttled leaves no record: strangers do not fill the disk
    assert_eq!(sql.records("signInFailed").await, 16);
    let rows = sql
        .rows("SELECT detail, reason, entity_id, request_id FROM change WHERE kind = 'signInFailed'")
        .await;
    let mut accounts = BTreeMap::new();
    for row in rows {
        assert_eq!(row.try_get::<Option<String>>("", "detail").expect("a column"), None);
        assert_eq!(row.try_get::<Option<String>>("", "reason").expect("a column"), None);
        assert!(row.try_get::<Option<String>>("", "request_id").expect("a column").is_some());
        *accounts.entry(row.try_get::<uuid::Uuid>("", "entity_id").expect("an id")).or_insert(0) += 1;
    }
    assert_eq!(accounts.get(&uuid::Uuid::nil()), Some(&6), "{accounts:?}");
    assert_eq!(accounts.len(), 2);
}

async fn unknown_accounts_are_as_much_work(world: World) {
    account(&world, "awa@kafo.example");
    let client = world.client();
    let mut last = guess(&client, "first@kafo.example").await.hashes;
    for email in ["awa@kafo.example", "nobody@kafo.example", "awa@kafo.example", "", "no address"] {
        let hashes = guess(&client, email).await.hashes;
        assert_eq!(hashes - last, 1, "{email:?}");
        last = hashes;
    }
    let hashes = right(&client, "awa@kafo.example").await.hashes;
    assert_eq!(hashes - last, 1, "the right password");
    // what is longer than any password is not hashed, whoever it is for
    for email in ["awa@kafo.example", "nobody2@kafo.example"] {
        let long = attempt(&client, json!({ "email": email, "password": "x".repeat(1025) })).await;
        assert_eq!((long.code(), long.hashes), ("UNAUTHENTICATED", hashes));
    }
}

async fn strangers_do_not_lock_a_known_device_out(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let owner = right(&world.client(), "awa@kafo.example").await;
    let device = owner.body.pointer("/data/signIn/deviceToken").and_then(Value::as_str).expect("a token");
    let known = json!({ "email": "awa@kafo.example", "password": PASSWORD, "deviceToken": device });
    let server = world.another_server(&[("KAFO_SIGN_IN_STRANGERS_PER_HOUR", "10")]).await;
    let client = world.client().on(server.url());
    // strangers from the owner's own network, and from twenty others
    for _ in 0..10 {
        guess(&client, "awa@kafo.example").await;
    }
    for network in 1..=20 {
        from([127, 0, network, 9], &server, "awa@kafo.example", "quatre pirogues sur le Niger").await;
    }
    assert_eq!(right(&client, "awa@kafo.example").await.code(), "THROTTLED");
    assert_eq!(from([127, 0, 99, 1], &server, "awa@kafo.example", PASSWORD).await, "THROTTLED");
    for _ in 0..3 {
        let outcome = attempt(&client, known.clone()).await;
        assert_eq!(outcome.code(), "OK", "{}", outcome.body);
        let same = outcome.body.pointer("/data/signIn/deviceToken").and_then(Value::as_str);
        assert_eq!(same, Some(device));
    }
    // a made-up device is a stranger, and so is one of another account
    let made_up = json!({ "email": "awa@kafo.example", "password": PASSWORD, "deviceToken": "made up" });
    assert_eq!(attempt(&client, made_up).await.code(), "THROTTLED");
    account(&world, "bintou@kafo.example");
    let other = right(&world.client(), "bintou@kafo.example").await;
    let other = other.body.pointer("/data/signIn/deviceToken").and_then(Value::as_str).expect("a token");
    let other = json!({ "email": "awa@kafo.example", "password": PASSWORD, "deviceToken": other });
    assert_eq!(attempt(&client, other).await.code(), "THROTTLED");
    // whoever has the device does not guess for ever either
    let wrong = json!({ "email": "awa@kafo.example", "password": "cinq pirogues", "deviceToken": device });
    for _ in 0..5 {
        assert_eq!(attempt(&client, wrong.clone()).await.code(), "UNAUTHENTICATED");
    }
    hold(&sql).await;
    assert_eq!(attempt(&client, wrong).await.code(), "THROTTLED");
}

async fn another_network_waits_for_nobody_but_all_strangers(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let server = world.another_server(&[("KAFO_SIGN_IN_STRANGERS_PER_HOUR", "12")]).await;
    let client = world.client().on(server.url());
    for _ in 0..5 {
        guess(&client, "awa@kafo.example").await;
    }
    hold(&sql).await;
    assert_eq!(right(&client, "awa@kafo.example").await.code(), "THROTTLED");
    // the same network is the same, another one is not
    assert_eq!(from([127, 0, 0, 77], &server, "awa@kafo.example", PASSWORD).await, "THROTTLED");
    assert_eq!(from([127, 0, 1, 1], &server, "awa@kafo.example", PASSWORD).await, "OK");
    for network in 2..=9 {
        from([127, 0, network, 1], &server, "awa@kafo.example", "quatre pirogues sur le Niger").await;
    }
    assert_eq!(from([127, 0, 11, 1], &server, "awa@kafo.example", PASSWORD).await, "THROTTLED");
    // and nobody else's account is touched
    account(&world, "bintou@kafo.example");
    assert_eq!(from([127, 0, 11, 1], &server, "bintou@kafo.example", PASSWORD).await, "OK");
}

async fn one_network_cannot_try_all_accounts(world: World) {
    account(&world, "awa@kafo.example");
    let server = world.another_server(&[("KAFO_SIGN_IN_NETWORK_PER_HOUR", "8")]).await;
    let client = world.client().on(server.url());
    for number in 0..8 {
        let outcome = guess(&client, &format!("nobody{number}@kafo.example")).await;
        assert_eq!(outcome.code(), "UNAUTHENTICATED", "{number}");
    }
    let outcome = guess(&client, "nobody9@kafo.example").await;
    assert_eq!(outcome.code(), "THROTTLED");
    assert!((400..=450).contains(&outcome.wait()), "{}", outcome.wait());
    assert_eq!(from([127, 0, 1, 1], &server, "awa@kafo.example", PASSWORD).await, "OK");
    // a link for a forgotten password is tried within the same limit
    let reset =
        "mutation($input: PasswordResetInput!) { passwordReset(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "token": "made up", "newPassword": PASSWORD } });
    assert_eq!(client.ask(reset, input).await.user_error("passwordReset")["code"], "THROTTLED");
}

async fn a_hundred_at_once_are_no_more_than_one_after_the_other(world: World) {
    account(&world, "awa@kafo.example");
    let client = world.client();
    let before = guess(&client, "nobody@kafo.example").await.hashes;
    let all: Vec<_> = (0..40)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { guess(&client, "awa@kafo.example").await })
        })
        .collect();
    let (mut tried, mut most) = (0, before);
    for one in all {
        let outcome = one.await.expect("an outcome");
        tried += u64::from(outcome.code() == "UNAUTHENTICATED");
        most = most.max(outcome.hashes);
    }
    // a wait of a few seconds may pass meanwhile
    assert!((5..=10).contains(&tried), "{tried} guesses of 40 were tried");
    assert!(most - before <= tried, "{} hashes", most - before);
}

async fn counts_survive_a_restart(world: World) {
    account(&world, "awa@kafo.example");
    let client = world.client();
    for _ in 0..5 {
        guess(&client, "awa@kafo.example").await;
    }
    hold(&Sql::of(&world).await).await;
    assert!(world.server.stop_gracefully().await.success());
    let next = world.another_server(&[]).await;
    let outcome = guess(&client.on(next.url()), "awa@kafo.example").await;
    assert_eq!(outcome.code(), "THROTTLED");
    assert!((1..=30).contains(&outcome.wait()), "{}", outcome.wait());
}

async fn too_many_at_once_are_sent_away(world: World) {
    let server = world.another_server(&[("KAFO_SIGN_IN_NETWORK_PER_HOUR", "100000")]).await;
    let client = world.client().on(server.url());
    let all: Vec<_> = (0..250)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { guess(&client, &format!("nobody{number}@kafo.example")).await })
        })
        .collect();
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for one in all {
        let outcome = one.await.expect("an outcome");
        if outcome.code() == "THROTTLED" {
            assert!(outcome.wait() >= 1);
        }
        *codes.entry(outcome.code().to_owned()).or_default() += 1;
    }
    assert_eq!(codes.keys().collect::<Vec<_>>(), ["THROTTLED", "UNAUTHENTICATED"], "{codes:?}");
    assert!(codes["UNAUTHENTICATED"] >= 66, "the queue was used: {codes:?}");
    // who was sent away is not counted, and finds a place later
    assert_eq!(guess(&client, "nobody249@kafo.example").await.code(), "UNAUTHENTICATED");
}

async fn an_open_screen_is_no_place_to_guess(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let change = "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) {
        isChanged userErrors { code field } } }";
    let input = |current: &str| json!({ "input": { "currentPassword": current, "newPassword": "les poules de Fatou traversent" } });
    for _ in 0..5 {
        let answer = awa.ask(change, input("quatre pirogues sur le Niger")).await;
        assert_eq!(answer.user_error("passwordChange")["code"], "WRONG_PASSWORD");
        assert_eq!(answer.user_error("passwordChange")["field"], json!(["input", "currentPassword"]));
    }
    hold(&sql).await;
    assert_eq!(awa.ask(change, input(PASSWORD)).await.user_error("passwordChange")["code"], "THROTTLED");
    // another sign-in of the owner is not disturbed
    let other = world.sign_in("awa@kafo.example", PASSWORD).await;
    assert_eq!(other.ask(change, input(PASSWORD)).await.ok("passwordChange")["isChanged"], true);
}

async fn old_counts_are_forgotten(world: World) {
    let sql = Sql::of(&world).await;
    let now = clock::now();
    for (bucket, hours) in [("old", 25), ("young", 23)] {
        let since = now - chrono::TimeDelta::hours(hours);
        sql.run(
            "INSERT INTO throttle (bucket, failures, since) VALUES ($1, $2, $3)",
            [bucket.into(), 9.into(), since.into()],
        )
        .await;
    }
    // every half minute, the first time at once
    let _server = world.another_server(&[]).await;
    let counts = "SELECT count(*) AS n FROM throttle";
    comes_true("an old count is gone", async || sql.number(counts).await == 1).await;
    let left = sql.rows("SELECT bucket FROM throttle").await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].try_get::<String>("", "bucket").expect("a name"), "young");
}

async fn old_sign_ins_are_forgotten(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    for days in [31, 29, 0] {
        world.sign_in("awa@kafo.example", PASSWORD).await;
        sql.run(
            "UPDATE session SET expires_at = $1 WHERE expires_at > $2",
            [(clock::now() - chrono::TimeDelta::days(days)).into(), clock::now().into()],
        )
        .await;
    }
    assert_eq!(sql.number("SELECT count(*) AS n FROM refresh_token").await, 3);
    let _server = world.another_server(&[]).await;
    let sessions = "SELECT count(*) AS n FROM session";
    comes_true("an old sign-in is gone", async || sql.number(sessions).await == 2).await;
    assert_eq!(sql.number("SELECT count(*) AS n FROM refresh_token").await, 2);
}
