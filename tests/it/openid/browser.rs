//! By browser: there and back, with all that may go wrong on the way.

use reqwest::{Method, StatusCode};
use sea_orm::prelude::Uuid;
use tests::issuer::{CLIENT, Issuer, seconds};
use tests::{Value, World, json, on_both};

use super::{Browser, IDENTITIES, START, Scene, WHO, code_of};
use crate::cast::{CLUSTER, OPERATION, PASSWORD, succeed};

on_both!(
    a_linked_person_signs_in_by_browser,
    an_address_alone_opens_no_account,
    an_invited_address_that_the_issuer_has_verified_does,
    a_sign_in_belongs_to_its_browser_and_holds_once,
    what_the_issuer_says_must_hold,
    a_browser_comes_back_to_this_host_only,
    trouble_is_told_plainly,
    who_is_switched_off_stays_out,
);

async fn a_linked_person_signs_in_by_browser(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let shown = scene.anonymous().ask("{ openidIssuers { issuer name signInPath } }", json!({})).await;
    assert_eq!(shown.text("/openidIssuers/0/issuer"), scene.issuer.url());
    let mut browser = scene.browser();
    // with the issuer named, and with the only one meant
    for start in
        [format!("{}&return_to=/minutes?x=1", shown.text("/openidIssuers/0/signInPath")), START.to_owned()]
    {
        let page = browser.sign_in(&start).await;
        let code = code_of(&page);
        // a token is three parts with dots between, a code is one
        assert!(!code.contains('.'), "no token stands in an address: {}", page.location);
        let answer = browser.finish(&scene.anonymous(), &code).await;
        let tokens = answer.ok("openidFinish");
        let (access, refresh) = (tokens["accessToken"].as_str(), tokens["refreshToken"].as_str());
        let awa = scene.anonymous().with_tokens(access.expect("a token"), refresh);
        assert_eq!(awa.ask(WHO, json!({})).await.text("/viewer/account/email"), "awa@kafo.example");
        let next = json!({ "refreshToken": refresh });
        succeed(&scene.anonymous(), "sessionRefresh", next, "accessToken").await;
        // our code holds once
        let again = browser.finish(&scene.anonymous(), &code).await;
        assert_eq!(again.user_error("openidFinish")["code"], "UNAUTHENTICATED");
    }
    let own = scene.awa.ask(IDENTITIES, json!({})).await;
    assert!(own.at("/viewer/account/identities/0/lastUsedAt").is_string());
    // what is ours stays ours: no log holds a code, a token or a name
    let log = scene.server.log_when_stopped().await;
    assert!(!log.contains("awa-at-issuer") && !log.contains("eyJ"), "{log}");
}

async fn an_address_alone_opens_no_account(world: World) {
    let scene = Scene::of(world).await;
    for person in [
        json!({ "sub": "somebody", "email": "awa@kafo.example", "email_verified": true }),
        json!({ "sub": "somebody", "email": "awa@kafo.example", "email_verified": false }),
        json!({ "sub": "somebody", "email": "awa@kafo.example" }),
        json!({ "sub": "awa@kafo.example" }),
    ] {
        scene.issuer.world().person = person;
        let page = scene.browser().sign_in(START).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("n'ouvre aucun compte"), "{}", page.text);
        assert!(page.location.is_empty());
    }
    let token = scene
        .issuer
        .access_token("somebody", &json!({ "email": "awa@kafo.example", "email_verified": true }));
    assert!(!scene.is_awa(&token).await);
    assert_eq!(scene.failures().await, 4, "each is on the record");
    let sql = scene.sql().await;
    let told = sql.rows("SELECT detail, entity_id FROM change WHERE kind = 'signInFailed'").await;
    for row in told {
        let detail: String = row.try_get("", "detail").expect("what is told");
        let told: Value = serde_json::from_str(&detail).expect("an object");
        assert_eq!(told, json!({ "by": "openid", "issuer": scene.issuer.url() }), "never who it was");
        let about: Uuid = row.try_get("", "entity_id").expect("an account");
        assert!(about.is_nil());
    }
}

async fn an_invited_address_that_the_issuer_has_verified_does(world: World) {
    let scene = Scene::of(world).await;
    let line = ["account", "create", "--email", "admin@kafo.example", "--name", "Admin Exemple", "--admin"];
    scene.world.kafo_ok(&line, PASSWORD);
    let admin = scene.world.sign_in("admin@kafo.example", PASSWORD).await;
    let operation = json!({ "id": OPERATION, "code": "MLI", "name": "Mali", "country": "MLI",
        "timeZone": "Africa/Bamako", "defaultLanguage": "fr" });
    succeed(&admin, "operationCreate", operation, "__typename").await;
    let group = json!({ "id": CLUSTER, "operation": OPERATION, "kind": "CLUSTER", "name": "Cluster Exemple",
        "visibility": "GROUP", "sensitivity": "MODERATE" });
    succeed(&admin, "groupCreate", group, "__typename").await;
    // one for whoever is not here yet, one that has run out, one for an address that has an account
    for (number, email, until) in [
        (1, "guest@kafo.example", "2099-01-01T00:00:00Z"),
        (2, "late@kafo.example", "2001-01-01T00:00:00Z"),
        (3, "awa@kafo.example", "2099-01-01T00:00:00Z"),
    ] {
        scene.invite(number, email, until).await;
    }
    for person in [
        json!({ "sub": "guest", "email": "guest@kafo.example" }),
        json!({ "sub": "guest", "email": "guest@kafo.example", "email_verified": false }),
        json!({ "sub": "guest", "email": "other@kafo.example", "email_verified": true }),
        json!({ "sub": "late", "email": "late@kafo.example", "email_verified": true }),
        json!({ "sub": "not-awa", "email": "awa@kafo.example", "email_verified": true }),
    ] {
        scene.issuer.world().person = person.clone();
        assert_eq!(scene.browser().sign_in(START).await.status, StatusCode::FORBIDDEN, "{person}");
    }
    let person = json!({ "sub": "guest", "email": "Guest@kafo.example", "email_verified": true });
    scene.issuer.world().person = person;
    for _ in 0..2 {
        let mut browser = scene.browser();
        let code = code_of(&browser.sign_in(START).await);
        let answer = browser.finish(&scene.anonymous(), &code).await;
        let access = answer.ok("openidFinish")["accessToken"].as_str().expect("a token").to_owned();
        let guest = scene.anonymous().with_tokens(&access, None);
        let email = guest.ask(WHO, json!({})).await;
        assert_eq!(email.text("/viewer/account/email"), "Guest@kafo.example");
    }
    assert_eq!(scene.world.kafo_ok(&["account", "list"], "").lines().count(), 3);
}

async fn a_sign_in_belongs_to_its_browser_and_holds_once(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let mut browser = scene.browser();
    let back = browser.through_the_issuer(START).await;
    // another state, another browser's cookie, none: nothing is exchanged
    let mut other = scene.browser();
    other.visit(START).await;
    let cookie = std::mem::replace(&mut browser.cookie, other.cookie.clone());
    let exchanged = scene.issuer.world().exchanged;
    assert_eq!(browser.visit(&back).await.status, StatusCode::BAD_REQUEST);
    browser.cookie = String::new();
    assert_eq!(browser.visit(&back).await.status, StatusCode::BAD_REQUEST);
    browser.cookie = cookie;
    let wrong = back.replace("state=", "state=x");
    assert_eq!(browser.visit(&wrong).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.visit("/sign-in/openid/callback").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.issuer.world().exchanged, exchanged);
    // its own works, once
    let page = browser.visit(&back).await;
    let code = code_of(&page);
    assert_eq!(browser.visit(&back).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.issuer.world().exchanged, exchanged + 1);
    // the code in another browser, or without its cookie, is worth nothing
    for stranger in [&other, &scene.browser()] {
        let answer = stranger.finish(&scene.anonymous(), &code).await;
        assert_eq!(answer.user_error("openidFinish")["code"], "UNAUTHENTICATED");
        assert!(answer.at("/openidFinish/accessToken").is_null());
    }
    assert!(browser.finish(&scene.anonymous(), &code).await.ok("openidFinish")["accessToken"].is_string());
}

async fn what_the_issuer_says_must_hold(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let now = seconds();
    for wrong in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://elsewhere.example" }),
        json!({ "aud": "another-client" }),
        json!({ "aud": [CLIENT, "another-client"] }),
        json!({ "azp": "another-client" }),
        json!({ "exp": now - 10 }),
        json!({ "iat": now + 600 }),
        json!({ "sub": null }),
    ] {
        let mut person = json!({ "sub": "awa-at-issuer" });
        for (name, value) in wrong.as_object().expect("an object") {
            person[name] = value.clone();
        }
        scene.issuer.world().person = person;
        let page = scene.browser().sign_in(START).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{wrong}");
        assert!(!page.text.contains("token") && !page.text.contains("nonce"), "{}", page.text);
    }
    scene.issuer.world().person = json!({ "sub": "awa-at-issuer" });
    // an answer in the name of another issuer (RFC 9207)
    let mut browser = scene.browser();
    let back = browser.through_the_issuer(START).await;
    let (before, _) = back.split_once("&iss=").expect("the issuer names itself");
    let exchanged = scene.issuer.world().exchanged;
    let other = format!("{before}&iss=https://elsewhere.example");
    assert_eq!(browser.visit(&other).await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(
        scene.issuer.world().exchanged,
        exchanged,
        "the code of another issuer is not sent to this one"
    );
    // the code of one flow in another: the verifier does not fit (PKCE)
    let mut thief = scene.browser();
    let stolen = browser.through_the_issuer(START).await;
    let own = thief.through_the_issuer(START).await;
    let part = |url: &str, name: &str| {
        let (_, rest) = url.split_once(&format!("{name}=")).expect("a part");
        rest.split('&').next().unwrap_or_default().to_owned()
    };
    let mixed = own.replace(&part(&own, "code"), &part(&stolen, "code"));
    assert_eq!(thief.visit(&mixed).await.status, StatusCode::BAD_GATEWAY);
    // who says no at the issuer, or comes without a code
    let back = browser.through_the_issuer(START).await;
    let declined = back.replace("code=", "error=access_denied&x=");
    assert_eq!(browser.visit(&declined).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.visit(&back).await.status, StatusCode::BAD_REQUEST, "and that was its one use");
    assert_eq!(scene.failures().await, 9 + 3, "each is on the record; who comes with a used-up state is not");
    // and all is well otherwise
    code_of(&browser.sign_in(START).await);
    // an issuer that says that it names itself must do so
    let issuer = Issuer::start().await;
    issuer.world().names_itself = true;
    let server = scene.world.another_server(&issuer.environment()).await;
    let mut browser = Browser { server: server.url().to_owned(), ..scene.browser() };
    let back = browser.through_the_issuer(START).await;
    let (anonymous, _) = back.split_once("&iss=").expect("the issuer names itself");
    assert_eq!(browser.visit(anonymous).await.status, StatusCode::BAD_GATEWAY);
}

async fn a_browser_comes_back_to_this_host_only(world: World) {
    let scene = Scene::of(world).await;
    for elsewhere in [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/%5Celsewhere.example",
        "/%09/elsewhere.example",
        "%2F%2Felsewhere.example",
        "javascript:alert(1)",
        "",
        "x",
        "/x%0D%0ASet-Cookie:a=b",
        "/x%23openid=code",
    ] {
        let page = scene.browser().visit(&format!("/sign-in/openid?return_to={elsewhere}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{elsewhere}");
        assert!(page.location.is_empty() && !page.text.contains("elsewhere"), "{elsewhere}: {}", page.text);
    }
}

async fn trouble_is_told_plainly(world: World) {
    // without an issuer there is nothing to sign in by
    let mut browser = Browser {
        http: reqwest::Client::builder().no_proxy().build().expect("a client"),
        server: world.server.url().to_owned(),
        cookie: String::new(),
    };
    assert_eq!(browser.visit(START).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        world.client().ask("{ openidIssuers { name } }", json!({})).await.list("/openidIssuers").len(),
        0
    );
    let scene = Scene::of(world).await;
    let unknown = scene.browser().visit("/sign-in/openid?issuer=https://elsewhere.example").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let twice = scene.browser().visit("/sign-in/openid/callback?state=a&state=b").await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    scene.issuer.world().is_down = true;
    let down = scene.browser().visit(START).await;
    assert_eq!(down.status, StatusCode::BAD_GATEWAY);
    assert!(down.text.contains("ne répond pas") && down.text.contains("lang=\"fr\""), "{}", down.text);
    for (name, value) in [
        ("content-security-policy", "default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
    ] {
        let said = down.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert!(said.contains(value), "{name}: {said}");
    }
    let english = scene.anonymous().language("en");
    let answer = english.send(english.request(Method::GET, START)).await;
    assert!(answer.body.as_str().is_some_and(|b| b.contains("does not answer")), "{}", answer.body);
    // mistakes of the configuration are named at start, and no secret is
    let environment = [
        ("KAFO_OPENID_ISSUER", "http://id.example.org"),
        ("KAFO_OPENID_CLIENT_SECRET", "a very secret word"),
        ("KAFO_PUBLIC_URL", "kafo"),
    ];
    let output = scene.world.storage.kafo(&["serve", "--listen", "127.0.0.1:0"], "", &environment);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    for part in ["loopback", "client id", "KAFO_PUBLIC_URL"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("very secret"), "{said}");
}

async fn who_is_switched_off_stays_out(world: World) {
    let scene = Scene::of(world).await;
    scene.link().await;
    let token = scene.issuer.access_token("awa-at-issuer", &json!({}));
    assert!(scene.is_awa(&token).await);
    let mut browser = scene.browser();
    let code = code_of(&browser.sign_in(START).await);
    scene.sql().await.run("UPDATE account SET is_active = false WHERE email = 'awa@kafo.example'", []).await;
    assert!(!scene.is_awa(&token).await);
    let late = browser.finish(&scene.anonymous(), &code).await;
    assert_eq!(late.user_error("openidFinish")["code"], "UNAUTHENTICATED");
    let page = scene.browser().sign_in(START).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let failures = "SELECT count(*) AS n FROM change JOIN account ON account.id = change.entity_id
        WHERE change.kind = 'signInFailed' AND account.email = 'awa@kafo.example'";
    assert_eq!(scene.sql().await.number(failures).await, 2, "on her account");
}
