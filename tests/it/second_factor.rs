//! The second factor: six digits that change, and codes for when their device is lost.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use kafo::clock;
use sha1::Sha1;
use tests::{Client, Value, World, json, on_both};

use crate::cast::{refused, succeed};
use crate::sql::Sql;

on_both!(
    a_second_factor_is_set_up_asked_for_and_removed,
    a_code_holds_once_also_at_the_same_moment,
    recovery_codes_hold_once,
    wrong_codes_make_one_wait,
);

const PASSWORD: &str = "trois pirogues sur le Bani";
const EMAIL: &str = "awa@kafo.example";

/// The code that an authenticator shows, some steps from now (RFC 6238).
pub fn code(secret: &str, steps: i64) -> String {
    let step = clock::now().timestamp() / 30 + steps;
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).expect("a key");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// `OK`, or the code of the refusal.
async fn sign_in(client: &Client, password: &str, code: Option<&str>) -> String {
    let query =
        "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code field } } }";
    let input = json!({ "input": { "email": EMAIL, "password": password, "code": code } });
    let answer = client.ask(query, input).await;
    let payload = answer.at("/signIn");
    assert_eq!(payload["accessToken"].is_string(), payload["userErrors"] == json!([]));
    payload["userErrors"][0]["code"].as_str().unwrap_or("OK").to_owned()
}

/// An account with a second factor: signed in, its secret, its recovery codes.
async fn set_up(world: &World) -> (Client, String, Vec<String>) {
    world.kafo_ok(&["account", "create", "--email", EMAIL, "--name", "Awa Exemple"], PASSWORD);
    let awa = world.sign_in(EMAIL, PASSWORD).await;
    let started = succeed(&awa, "secondFactorStart", json!({ "password": PASSWORD }), "secret uri").await;
    let secret = started["secret"].as_str().expect("a secret").to_owned();
    let confirmed =
        succeed(&awa, "secondFactorConfirm", json!({ "code": code(&secret, 0) }), "recoveryCodes").await;
    let codes = confirmed["recoveryCodes"].as_array().expect("codes");
    let codes = codes.iter().map(|c| c.as_str().expect("a code").to_owned()).collect();
    (awa, secret, codes)
}

/// As if no code had been used yet.
async fn forget_step(sql: &Sql) {
    sql.run("UPDATE totp SET last_step = NULL", []).await;
}

async fn state(client: &Client) -> Value {
    let answer = client.ask("{ viewer { account { hasSecondFactor recoveryCodesLeft } } }", json!({})).await;
    answer.at("/viewer/account").clone()
}

async fn a_second_factor_is_set_up_asked_for_and_removed(world: World) {
    let sql = Sql::of(&world).await;
    world.kafo_ok(&["account", "create", "--email", EMAIL, "--name", "Awa Exemple"], PASSWORD);
    let (anonymous, awa) = (world.client(), world.sign_in(EMAIL, PASSWORD).await);
    assert_eq!(refused(&awa, "secondFactorConfirm", json!({ "code": "123456" })).await["code"], "STATE");
    let wrong = refused(&awa, "secondFactorStart", json!({ "password": "wrong" })).await;
    assert_eq!(wrong["code"], "WRONG_PASSWORD");
    let start = || succeed(&awa, "secondFactorStart", json!({ "password": PASSWORD }), "secret uri");
    let earlier = start().await["secret"].as_str().expect("a secret").to_owned();
    let started = start().await;
    let secret = started["secret"].as_str().expect("a secret");
    assert_ne!(secret, earlier);
    let uri = started["uri"].as_str().expect("an address");
    assert!(uri.starts_with("otpauth://totp/Kafo:awa@kafo.example?secret=") && uri.contains(secret), "{uri}");
    // begun is not in use
    assert_eq!(state(&awa).await, json!({ "hasSecondFactor": false, "recoveryCodesLeft": 0 }));
    assert_eq!(sign_in(&anonymous, PASSWORD, None).await, "OK");
    let old = refused(&awa, "secondFactorConfirm", json!({ "code": code(&earlier, 0) })).await;
    assert_eq!((&old["code"], &old["field"]), (&json!("WRONG_CODE"), &json!(["input", "code"])));
    let confirmed =
        succeed(&awa, "secondFactorConfirm", json!({ "code": code(secret, 0) }), "recoveryCodes").await;
    assert_eq!(confirmed["recoveryCodes"].as_array().map(Vec::len), Some(10));
    assert_eq!(state(&awa).await, json!({ "hasSecondFactor": true, "recoveryCodesLeft": 10 }));
    assert_eq!(
        refused(&awa, "secondFactorConfirm", json!({ "code": code(secret, 1) })).await["code"],
        "STATE"
    );
    assert_eq!(refused(&awa, "secondFactorStart", json!({ "password": PASSWORD })).await["code"], "STATE");

    // only whoever has the password learns that there is one
    assert_eq!(sign_in(&anonymous, "wrong", None).await, "UNAUTHENTICATED");
    assert_eq!(sign_in(&anonymous, "wrong", Some(&code(secret, 1))).await, "UNAUTHENTICATED");
    assert_eq!(sign_in(&anonymous, PASSWORD, None).await, "SECOND_FACTOR_REQUIRED");
    assert_eq!(sign_in(&anonymous, PASSWORD, Some(&code(&earlier, 0))).await, "WRONG_CODE");
    assert_eq!(sign_in(&anonymous, PASSWORD, Some(&code(secret, 5))).await, "WRONG_CODE");
    assert_eq!(sign_in(&anonymous, PASSWORD, Some(&code(secret, 1))).await, "OK");
    let sessions = awa.ask("{ viewer { account { sessions { hasSecondFactor } } } }", json!({})).await;
    assert_eq!(sessions.at("/viewer/account/sessions/0/hasSecondFactor"), true);

    // a new password does not take it away
    let issued = world.kafo_ok(&["account", "reset", "--email", EMAIL], "");
    let input = json!({ "token": issued.trim(), "newPassword": PASSWORD });
    succeed(&anonymous, "passwordReset", input, "isReset").await;
    assert_eq!(sign_in(&anonymous, PASSWORD, None).await, "SECOND_FACTOR_REQUIRED");
    forget_step(&sql).await;
    let query =
        "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
    let input = json!({ "input": { "email": EMAIL, "password": PASSWORD, "code": code(secret, 0) } });
    let answer = anonymous.ask(query, input).await;
    let awa = anonymous.with_tokens(answer.text("/signIn/accessToken"), None);
    let both = |password: &str, code: &str| json!({ "password": password, "code": code });
    assert_eq!(
        refused(&awa, "secondFactorRemove", both("wrong", &code(secret, 1))).await["code"],
        "WRONG_PASSWORD"
    );
    assert_eq!(refused(&awa, "secondFactorRemove", both(PASSWORD, "123")).await["code"], "WRONG_CODE");
    succeed(&awa, "secondFactorRemove", both(PASSWORD, &code(secret, 1)), "isRemoved").await;
    assert_eq!(state(&awa).await, json!({ "hasSecondFactor": false, "recoveryCodesLeft": 0 }));
    assert_eq!(sign_in(&anonymous, PASSWORD, None).await, "OK");
    assert_eq!(refused(&awa, "secondFactorRemove", both(PASSWORD, "123456")).await["code"], "STATE");
    for (kind, count) in [("secondFactorStart", 2), ("secondFactorConfirm", 1), ("secondFactorRemove", 1)] {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
}

async fn a_code_holds_once_also_at_the_same_moment(world: World) {
    let sql = Sql::of(&world).await;
    let (_, secret, _) = set_up(&world).await;
    let server = world.another_server(&[("KAFO_SIGN_IN_FREE_ATTEMPTS", "1000")]).await;
    let client = world.client().on(server.url());
    for round in 0..5 {
        forget_step(&sql).await;
        let now = code(&secret, 0);
        let uses: Vec<_> = (0..8)
            .map(|_| {
                let (client, now) = (client.clone(), now.clone());
                tokio::spawn(async move { sign_in(&client, PASSWORD, Some(&now)).await })
            })
            .collect();
        let mut said = Vec::new();
        for one in uses {
            said.push(one.await.expect("an answer"));
        }
        said.sort();
        assert_eq!(said[0], "OK", "round {round}");
        assert!(said[1..].iter().all(|s| s == "WRONG_CODE"), "round {round}: {said:?}");
        assert_eq!(sign_in(&client, PASSWORD, Some(&now)).await, "WRONG_CODE", "and not later");
    }
    // nor does an earlier one after a later one
    forget_step(&sql).await;
    let (now, next) = (code(&secret, 0), code(&secret, 1));
    assert_eq!(sign_in(&client, PASSWORD, Some(&next)).await, "OK");
    assert_eq!(sign_in(&client, PASSWORD, Some(&now)).await, "WRONG_CODE");
}

async fn recovery_codes_hold_once(world: World) {
    let sql = Sql::of(&world).await;
    let (awa, secret, codes) = set_up(&world).await;
    let server = world.another_server(&[("KAFO_SIGN_IN_FREE_ATTEMPTS", "1000")]).await;
    let client = world.client().on(server.url());
    assert_eq!(sign_in(&client, PASSWORD, Some(&codes[0])).await, "OK");
    assert_eq!(sign_in(&client, PASSWORD, Some(&codes[0])).await, "WRONG_CODE");
    // typed as one likes
    assert_eq!(sign_in(&client, PASSWORD, Some(&codes[1].to_uppercase().replace('-', " "))).await, "OK");
    let uses: Vec<_> = (0..8)
        .map(|_| {
            let (client, code) = (client.clone(), codes[2].clone());
            tokio::spawn(async move { sign_in(&client, PASSWORD, Some(&code)).await })
        })
        .collect();
    let mut held = 0;
    for one in uses {
        held += u32::from(one.await.expect("an answer") == "OK");
    }
    assert_eq!(held, 1);
    assert_eq!(state(&awa).await["recoveryCodesLeft"], 7);
    forget_step(&sql).await;
    let input = json!({ "password": PASSWORD, "code": code(&secret, 0) });
    let renewed = succeed(&awa, "recoveryCodesRenew", input, "recoveryCodes").await;
    assert_eq!(sign_in(&client, PASSWORD, Some(&codes[3])).await, "WRONG_CODE");
    let fresh = renewed["recoveryCodes"][0].as_str().expect("a code");
    assert_eq!(sign_in(&client, PASSWORD, Some(fresh)).await, "OK");
    // nothing of them stands in the database as it is typed
    for row in sql.rows("SELECT digest FROM recovery_code").await {
        let digest: String = row.try_get("", "digest").expect("a digest");
        assert_eq!(digest.len(), 64);
    }
    // authenticator and codes lost: whoever runs the server helps
    let issued = world.kafo_ok(&["account", "reset", "--email", EMAIL, "--second-factor"], "");
    let input = json!({ "token": issued.trim(), "newPassword": PASSWORD });
    succeed(&client, "passwordReset", input, "isReset").await;
    assert_eq!(sign_in(&client, PASSWORD, None).await, "OK");
}

async fn wrong_codes_make_one_wait(world: World) {
    let sql = Sql::of(&world).await;
    let (_, secret, _) = set_up(&world).await;
    let client = world.client();
    for _ in 0..5 {
        // the right password without a code, in between, does not begin the count anew
        assert_eq!(sign_in(&client, PASSWORD, None).await, "SECOND_FACTOR_REQUIRED");
        assert_eq!(sign_in(&client, PASSWORD, Some("abcdef")).await, "WRONG_CODE");
    }
    let then = clock::now() + chrono::TimeDelta::seconds(30);
    let held = "UPDATE throttle SET blocked_until = $1 WHERE blocked_until IS NOT NULL";
    assert_eq!(sql.run(held, [then.into()]).await, 1, "one has to wait");
    assert_eq!(sign_in(&client, PASSWORD, Some(&code(&secret, 1))).await, "THROTTLED");
    assert_eq!(sql.records("signInFailed").await, 5);
    sql.run("UPDATE throttle SET blocked_until = NULL", []).await;
    assert_eq!(sign_in(&client, PASSWORD, Some(&code(&secret, 1))).await, "OK");
}
