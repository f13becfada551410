//! Refresh tokens: each holds once, and answers get lost.

use kafo::auth::token::{digest, random};
use kafo::clock;
use kafo::id::Kind;
use tests::{Client, World, json, on_both};
use uuid::Uuid;

use super::{PASSWORD, account, claims_of};
use crate::sql::Sql;

on_both!(
    a_lost_answer_is_given_again,
    two_hundred_families_survive_no_reuse,
    a_sign_in_ends_after_two_weeks_or_ninety_days,
);

const REFRESH: &str = "mutation($input: SessionRefreshInput!) {
    sessionRefresh(input: $input) { accessToken refreshToken userErrors { code message } } }";

/// The next pair, or the code of the refusal.
async fn refresh(client: &Client, token: &str) -> Result<(String, String), String> {
    let answer = client.ask(REFRESH, json!({ "input": { "refreshToken": token } })).await;
    let payload = answer.at("/sessionRefresh");
    let text = |name: &str| payload[name].as_str().map(str::to_owned);
    match (text("accessToken"), text("refreshToken")) {
        (Some(access), Some(refresh)) => Ok((access, refresh)),
        _ => Err(payload["userErrors"][0]["code"].as_str().unwrap_or("NOTHING").to_owned()),
    }
}

async fn is_alive(client: &Client, access: &str) -> bool {
    client.with_tokens(access, None).ask("{ viewer { isAdmin } }", json!({})).await.status == 200
}

async fn a_lost_answer_is_given_again(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let (anonymous, refused) = (world.client(), Err("UNAUTHENTICATED".to_owned()));
    let first = |awa: &Client| awa.refresh_token().expect("a token").to_owned();

    // the answer with the lost pair never came: the same token gives another one, which goes on
    let token = first(&world.sign_in("awa@kafo.example", PASSWORD).await);
    let lost = refresh(&anonymous, &token).await.expect("a pair");
    let second = refresh(&anonymous, &token).await.expect("another pair");
    let third = refresh(&anonymous, &second.1).await.expect("the next");
    assert!(is_alive(&anonymous, &third.0).await);
    // whoever found the lost answer ends the sign-in
    assert_eq!(refresh(&anonymous, &lost.1).await, refused);
    assert!(!is_alive(&anonymous, &third.0).await);
    assert_eq!(refresh(&anonymous, &third.1).await, refused);
    assert_eq!(sql.records("sessionReuse").await, 1);

    // what it gave was used: this is no lost answer
    let token = first(&world.sign_in("awa@kafo.example", PASSWORD).await);
    let next = refresh(&anonymous, &token).await.expect("a pair");
    let next = refresh(&anonymous, &next.1).await.expect("the next");
    assert_eq!(refresh(&anonymous, &token).await, refused);
    assert!(!is_alive(&anonymous, &next.0).await);

    // too late for a lost answer
    let token = first(&world.sign_in("awa@kafo.example", PASSWORD).await);
    let next = refresh(&anonymous, &token).await.expect("a pair");
    let ago = clock::now() - chrono::TimeDelta::seconds(61);
    sql.run("UPDATE refresh_token SET used_at = $1 WHERE digest = $2", [ago.into(), digest(&token).into()])
        .await;
    assert_eq!(refresh(&anonymous, &token).await, refused);
    assert_eq!(refresh(&anonymous, &next.1).await, refused);
    assert_eq!(sql.records("sessionReuse").await, 3);
    assert_eq!(sql.records("sessionRefresh").await, 0);
}

/// The tokens of sign-ins that nobody ended, that were neither spent nor discarded.
const ALIVE: &str = "SELECT count(*) AS n FROM refresh_token t JOIN session s ON s.id = t.session_id
    WHERE t.used_at IS NULL AND t.discarded_at IS NULL AND s.revoked_at IS NULL AND s.client = 'family'";

/// The sign-ins that have more than one.
const MORE_THAN_ONE: &str = "SELECT count(*) AS n FROM (SELECT session_id FROM refresh_token
    WHERE used_at IS NULL AND discarded_at IS NULL GROUP BY session_id HAVING count(*) > 1) AS many";

async fn two_hundred_families_survive_no_reuse(world: World) {
    const FAMILIES: usize = 200;
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let owner: Uuid = claims_of(&awa)["sub"].as_str().and_then(|s| s.parse().ok()).expect("an id");
    let now = clock::now();
    let mut firsts = Vec::new();
    for _ in 0..FAMILIES {
        // as `signIn` leaves them; two hundred real ones would mostly wait for argon2
        let (session, token) = (Uuid::now_v7(), random());
        sql.run(
            "INSERT INTO session (id, account_id, created_at, expires_at, method, second_factor, client)
             VALUES ($1, $2, $3, $4, 'PASSWORD', $5, 'family')",
            [
                session.into(),
                owner.into(),
                now.into(),
                (now + chrono::TimeDelta::days(14)).into(),
                false.into(),
            ],
        )
        .await;
        sql.run(
            "INSERT INTO refresh_token (id, session_id, digest, created_at) VALUES ($1, $2, $3, $4)",
            [Uuid::now_v7().into(), session.into(), digest(&token).into(), now.into()],
        )
        .await;
        firsts.push(token);
    }

    // four uses of each at the same moment, ten families at a time
    let anonymous = world.client();
    let mut children = Vec::new();
    for ten in firsts.chunks(10) {
        let uses: Vec<_> = ten
            .iter()
            .enumerate()
            .flat_map(|(family, token)| std::iter::repeat_n((family, token.clone()), 4))
            .map(|(family, token)| {
                let client = anonymous.clone();
                tokio::spawn(async move { (family, refresh(&client, &token).await) })
            })
            .collect();
        let mut pairs = vec![Vec::new(); ten.len()];
        for one in uses {
            let (family, pair) = one.await.expect("an answer");
            pairs[family].extend(pair);
        }
        children.extend(pairs);
    }
    assert!(children.iter().all(|pairs| pairs.len() == 4), "each got an answer, as if the others were lost");
    assert_eq!(sql.number(ALIVE).await, 200, "but only one token of each family is alive");
    assert_eq!(sql.number(MORE_THAN_ONE).await, 0);
    assert_eq!(sql.records("sessionReuse").await, 0);

    // even families: all four children at the same moment; three of them were discarded
    // odd ones: the living child goes on, then the first token comes again
    for (number, pairs) in children.iter().enumerate() {
        let accesses: Vec<&String> = pairs.iter().map(|(access, _)| access).collect();
        let mut latest = None;
        if number % 2 == 0 {
            let uses: Vec<_> = pairs
                .iter()
                .cloned()
                .map(|(_, token)| {
                    let client = anonymous.clone();
                    tokio::spawn(async move { refresh(&client, &token).await })
                })
                .collect();
            let mut given = 0;
            for one in uses {
                if let Ok(pair) = one.await.expect("an answer") {
                    given += 1;
                    latest = Some(pair);
                }
            }
            assert!(given <= 1, "family {number}: {given} pairs");
        } else {
            let digests: Vec<String> =
                pairs.iter().map(|(_, token)| format!("'{}'", digest(token))).collect();
            let living = sql
                .rows(&format!(
                    "SELECT digest FROM refresh_token WHERE discarded_at IS NULL AND digest IN ({})",
                    digests.join(", ")
                ))
                .await;
            assert_eq!(living.len(), 1);
            let living: String = living[0].try_get("", "digest").expect("a digest");
            let token = pairs.iter().find(|(_, token)| digest(token) == living).expect("ours");
            latest = Some(refresh(&anonymous, &token.1).await.expect("the living one"));
            assert!(refresh(&anonymous, &firsts[number]).await.is_err());
        }
        // nothing of the family holds any more
        if number % 10 < 2 {
            for access in accesses {
                assert!(!is_alive(&anonymous, access).await, "family {number}");
            }
        }
        if let Some((_, token)) = latest {
            assert!(refresh(&anonymous, &token).await.is_err(), "family {number}");
        }
    }
    assert_eq!(sql.number(ALIVE).await, 0);
    assert_eq!(sql.records("sessionReuse").await, 200, "one record of each family's end");
    assert!(is_alive(&anonymous, awa.access_token().expect("a token")).await, "the other sign-in stays");
}

/// How long the only sign-in lasts.
async fn hours_left(sql: &Sql) -> i64 {
    let row = &sql.rows("SELECT expires_at AS at FROM session").await[0];
    let at: chrono::DateTime<chrono::Utc> = row.try_get("", "at").expect("an instant");
    (at - clock::now()).num_hours()
}

async fn a_sign_in_ends_after_two_weeks_or_ninety_days(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "awa@kafo.example");
    let anonymous = world.client();
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let days = chrono::TimeDelta::days;
    let session: Uuid = claims_of(&awa)["sid"].as_str().and_then(|s| s.parse().ok()).expect("an id");
    let mut token = awa.refresh_token().expect("a token").to_owned();
    assert_eq!(hours_left(&sql).await, 14 * 24 - 1);
    for (age, hours) in [(30, 14 * 24 - 1), (80, 10 * 24 - 1)] {
        let begun = clock::now() - days(age);
        sql.run("UPDATE session SET created_at = $1 WHERE id = $2", [begun.into(), session.into()]).await;
        token = refresh(&anonymous, &token).await.expect("a pair").1;
        assert_eq!(hours_left(&sql).await, hours, "{age} days old");
    }
    let begun = clock::now() - days(91);
    sql.run(
        "UPDATE session SET created_at = $1, expires_at = $2 WHERE id = $3",
        [begun.into(), (clock::now() - days(1)).into(), session.into()],
    )
    .await;
    assert!(refresh(&anonymous, &token).await.is_err());
    let id = Kind::Session.id(session);
    let listed = world.sign_in("awa@kafo.example", PASSWORD).await;
    let listed = listed.ask("{ viewer { account { sessions { id } } } }", json!({})).await;
    assert!(listed.list("/viewer/account/sessions").iter().all(|s| s["id"] != *id));
}
