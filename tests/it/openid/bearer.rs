//! Access tokens of the issuer, and the keys that they are checked with.

use tests::issuer::{CLIENT, Issuer, seconds};
use tests::{World, json, on_both};

use super::{Browser, START, Scene, WHO, code_of};

on_both!(
    access_tokens_of_the_issuer_hold,
    access_tokens_that_do_not_hold_are_refused,
    keys_are_fetched_once_for_many,
    a_rotated_key_holds_and_the_old_one_does_not,
    keys_outlast_an_issuer_that_is_down,
    strangers_do_not_make_kafo_hammer_the_issuer,
);

async fn access_tokens_of_the_issuer_hold(world: World) {
    let scene = Scene::of(world).await;
    let token = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(!scene.is_awa(&token).await, "nobody is linked yet");
    scene.link().await;
    assert!(scene.is_awa(&token).await);
    for claims in [
        json!({ "aud": ["another", tests::issuer::AUDIENCE] }),
        json!({ "nbf": seconds() - 1 }),
        json!({ "exp": seconds() + 86_400 }),
    ] {
        assert!(scene.is_awa(&scene.issuer.access_token("awa-at-issuer", &claims)).await, "{claims}");
    }
    for header in [json!({}), json!({ "typ": "JWT" }), json!({ "typ": "application/at+jwt" })] {
        let token = scene.issuer.signed(header.clone(), "awa-at-issuer", &json!({}));
        assert!(scene.is_awa(&token).await, "{header}");
    }
    // the same statement as for tokens of ours
    assert_eq!(scene.bearer(&token).await.statements(), 1);
    assert_eq!(scene.issuer.world().keys_fetched, 1);
    // Kafo's own tokens hold beside them
    assert_eq!(scene.awa.ask(WHO, json!({})).await.text("/viewer/account/email"), "awa@kafo.example");
}

async fn access_tokens_that_do_not_hold_are_refused(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let now = seconds();
    let good = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(scene.is_awa(&good).await);
    let mut bad = Vec::new();
    for claims in [
        json!({ "exp": now - 10 }),
        json!({ "exp": null }),
        json!({ "exp": "tomorrow" }),
        json!({ "nbf": now + 60 }),
        json!({ "iat": now + 60 }),
        json!({ "iat": null }),
        json!({ "aud": "https://another.example" }),
        json!({ "aud": CLIENT }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "iss": format!("{}/", scene.issuer.url()) }),
        json!({ "iss": "https://elsewhere.example" }),
        json!({ "iss": "kafo" }),
        json!({ "iss": [scene.issuer.url()] }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": ["awa-at-issuer"] }),
        json!({ "sub": "awa-at-issue" }),
        json!({ "sub": "AWA-at-issuer" }),
        json!({ "sub": "x".repeat(300) }),
    ] {
        bad.push((claims.to_string(), scene.issuer.access_token("awa-at-issuer", &claims)));
    }
    for header in [
        json!({ "kid": "second" }),
        json!({ "kid": null }),
        json!({ "kid": "" }),
        json!({ "kid": "unreadable" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": "secevent+jwt" }),
    ] {
        bad.push((header.to_string(), scene.issuer.signed(header, "awa-at-issuer", &json!({}))));
    }
    bad.push(("HS256 with the public key".to_owned(), scene.issuer.confused("awa-at-issuer")));
    bad.push(("no signature".to_owned(), scene.issuer.unsigned("awa-at-issuer")));
    let parts: Vec<&str> = good.split('.').collect();
    let longer = scene.issuer.access_token("another", &json!({}));
    let other: Vec<&str> = longer.split('.').collect();
    for (what, token) in [
        ("cut", good[..good.len() - 2].to_owned()),
        ("another's signature", format!("{}.{}.{}", parts[0], parts[1], other[2])),
        ("another's claims", format!("{}.{}.{}", parts[0], other[1], parts[2])),
        ("without signature", format!("{}.{}", parts[0], parts[1])),
        ("one part more", format!("{good}.x")),
        ("one part before", format!("x.{good}")),
        ("a blank", format!("{} {}", &good[..20], &good[20..])),
        ("padding", format!("{good}==")),
    ] {
        bad.push((what.to_owned(), token));
    }
    // another issuer that names itself like this one
    let impostor = Issuer::start().await;
    let claims = json!({ "iss": scene.issuer.url() });
    impostor.rotate();
    bad.push(("an impostor's".to_owned(), impostor.access_token("awa-at-issuer", &claims)));
    let header = json!({ "kid": "first" });
    bad.push(("an impostor's with the kid".to_owned(), impostor.signed(header, "awa-at-issuer", &claims)));
    for (what, token) in bad {
        assert!(!scene.is_awa(&token).await, "{what}");
    }
    assert!(scene.is_awa(&good).await);
}

async fn keys_are_fetched_once_for_many(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    // fifty at once whose key nobody knows yet
    scene.issuer.rotate();
    let before = {
        let mut world = scene.issuer.world();
        world.is_slow = true;
        world.keys_fetched
    };
    let token = scene.issuer.access_token("awa-at-issuer", &json!({}));
    let answers = many(&scene, (0..50).map(|_| token.clone()).collect()).await;
    assert!(answers.iter().all(|holds| *holds));
    assert_eq!(scene.issuer.world().keys_fetched, before + 1);
    // fifty at once at a server that knows nothing yet, with a key that does not exist
    let fresh = scene.world.another_server(&scene.issuer.environment()).await;
    let cold = Scene { server: fresh, ..scene };
    let before = cold.issuer.world().keys_fetched;
    let header = json!({ "kid": "nobody knows it" });
    let token = cold.issuer.signed(header, "awa-at-issuer", &json!({}));
    let answers = many(&cold, (0..50).map(|_| token.clone()).collect()).await;
    assert!(answers.iter().all(|holds| !*holds));
    let fetched = cold.issuer.world().keys_fetched - before;
    assert!(fetched <= 2, "{fetched}");
}

/// Whether each token holds, all asked at once.
async fn many(scene: &Scene, tokens: Vec<String>) -> Vec<bool> {
    let asked: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let client = scene.anonymous().with_tokens(&token, None);
            tokio::spawn(async move { client.ask(WHO, json!({})).await.status == 200 })
        })
        .collect();
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.expect("an answer"));
    }
    answers
}

async fn a_rotated_key_holds_and_the_old_one_does_not(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let old = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(scene.is_awa(&old).await);
    scene.issuer.rotate();
    assert!(scene.is_awa(&scene.issuer.access_token("awa-at-issuer", &json!({}))).await);
    assert!(!scene.is_awa(&old).await);
    // and for browsers, even before any access token came
    let fresh = scene.world.another_server(&scene.issuer.environment()).await;
    let mut browser = Browser { server: fresh.url().to_owned(), ..scene.browser() };
    let back = browser.through_the_issuer(START).await;
    scene.issuer.rotate();
    code_of(&browser.visit(&back).await);
}

async fn keys_outlast_an_issuer_that_is_down(world: World) {
    // keys are stale after a second here
    let scene = Scene::with(world, &[("KAFO_TEST_OPENID_SECONDS", "1")]).await;
    scene.link().await;
    let token = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(scene.is_awa(&token).await);
    let fetched = scene.issuer.world().keys_fetched;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert!(scene.is_awa(&token).await);
    assert!(scene.issuer.world().keys_fetched > fetched, "stale keys are fetched anew");
    scene.issuer.world().is_down = true;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    for _ in 0..5 {
        assert!(scene.is_awa(&token).await, "stale keys hold while the issuer does not answer");
    }
    // what needs the issuer does not work, and all the rest does
    scene.issuer.rotate();
    assert!(!scene.is_awa(&scene.issuer.access_token("awa-at-issuer", &json!({}))).await);
    assert_eq!(scene.awa.ask(WHO, json!({})).await.text("/viewer/account/email"), "awa@kafo.example");
    let said = scene.server.log_when_stopped().await;
    assert!(said.contains("gave no keys"), "{said}");
}

async fn strangers_do_not_make_kafo_hammer_the_issuer(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let token = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(scene.is_awa(&token).await);
    let before = scene.issuer.world().keys_fetched;
    let start = std::time::Instant::now();
    let garbage = (0..200).map(|n| {
        let header = json!({ "kid": format!("made up {n}") });
        scene.issuer.signed(header, "awa-at-issuer", &json!({}))
    });
    assert!(many(&scene, garbage.collect()).await.iter().all(|holds| !*holds));
    // one in ten seconds, on however slow a machine
    let allowed = 1 + u32::try_from(start.elapsed().as_secs() / 10).unwrap_or(u32::MAX);
    let fetched = scene.issuer.world().keys_fetched - before;
    assert!(fetched <= allowed, "{fetched} > {allowed}");
    assert!(scene.is_awa(&token).await, "and who comes with a good one is let in all the while");
}
