//! Who somebody is at an issuer, tied to an account and untied.

use reqwest::StatusCode;
use tests::{World, json, on_both};

use super::{IDENTITIES, START, Scene, WHO, code_of};
use crate::cast::{PASSWORD, refused, succeed};

on_both!(an_identity_is_linked_and_unlinked, a_link_is_finished_by_whoever_began_it);

async fn an_identity_is_linked_and_unlinked(world: World) {
    let scene = Scene::of(world).await;
    assert_eq!(scene.awa.ask(IDENTITIES, json!({})).await.list("/viewer/account/identities").len(), 0);
    let link = scene.link().await;
    assert_eq!(link["subject"], "awa-at-issuer");
    // once more: nothing changes
    assert_eq!(scene.link().await["id"], link["id"]);
    assert_eq!(scene.changes().await, 1);
    let own = scene.awa.ask(IDENTITIES, json!({})).await;
    assert_eq!(own.list("/viewer/account/identities").len(), 1);
    assert_eq!(own.text("/viewer/account/identities/0/issuer"), scene.issuer.url());
    // another account can neither see it nor take it, nor link to it
    let line = ["account", "create", "--email", "bakary@kafo.example", "--name", "Bakary Exemple"];
    scene.world.kafo_ok(&line, PASSWORD);
    let bakary = scene.world.sign_in("bakary@kafo.example", PASSWORD).await.on(scene.server.url());
    assert_eq!(bakary.ask(IDENTITIES, json!({})).await.list("/viewer/account/identities").len(), 0);
    let id = json!({ "id": link["id"] });
    assert_eq!(refused(&bakary, "openidUnlink", id.clone()).await["code"], "NOT_FOUND");
    let mut browser = scene.browser();
    let code = browser.link(&bakary, scene.issuer.url()).await;
    let taken = browser.mutate(&bakary, "openidLinkFinish", &code, "__typename").await;
    assert_eq!(taken.user_error("openidLinkFinish")["code"], "DUPLICATE");
    // who comes by a token of the issuer opens no further way in
    let by_token =
        scene.anonymous().with_tokens(&scene.issuer.access_token("awa-at-issuer", &json!({})), None);
    let start = json!({ "issuer": scene.issuer.url() });
    assert_eq!(refused(&by_token, "openidLinkStart", start.clone()).await["code"], "PERMISSION_DENIED");
    assert_eq!(refused(&by_token, "openidUnlink", id.clone()).await["code"], "PERMISSION_DENIED");
    let nobody = crate::cast::mutate(&scene.anonymous(), "openidLinkStart", start, "url").await;
    assert_eq!(nobody.error_code(), Some("UNAUTHENTICATED"));
    for (input, code) in [
        (json!({ "issuer": "https://elsewhere.example" }), "UNKNOWN_CODE"),
        (json!({ "issuer": scene.issuer.url(), "returnTo": "//elsewhere.example" }), "INVALID_URL"),
    ] {
        assert_eq!(refused(&scene.awa, "openidLinkStart", input).await["code"], code);
    }
    // the only way in stays
    scene
        .sql()
        .await
        .run("UPDATE account SET password_hash = NULL WHERE email = 'awa@kafo.example'", [])
        .await;
    assert_eq!(refused(&scene.awa, "openidUnlink", id.clone()).await["code"], "LAST_WAY_IN");
    scene
        .sql()
        .await
        .run("UPDATE account SET password_hash = 'x' WHERE email = 'awa@kafo.example'", [])
        .await;
    // with the link go the sign-ins by it
    let mut browser = scene.browser();
    let code = code_of(&browser.sign_in(START).await);
    let tokens = browser.finish(&scene.anonymous(), &code).await;
    let access = tokens.ok("openidFinish")["accessToken"].as_str().expect("a token").to_owned();
    assert_eq!(succeed(&scene.awa, "openidUnlink", id, "identity").await["identity"], link["id"]);
    assert_eq!(scene.changes().await, 2);
    assert!(!scene.is_awa(&access).await);
    assert!(!scene.is_awa(&scene.issuer.access_token("awa-at-issuer", &json!({}))).await);
    let page = scene.browser().sign_in(START).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.awa.ask(WHO, json!({})).await.text("/viewer/account/email"), "awa@kafo.example");
}

async fn a_link_is_finished_by_whoever_began_it(world: World) {
    let scene = Scene::of(world).await;
    let line = ["account", "create", "--email", "bakary@kafo.example", "--name", "Bakary Exemple"];
    scene.world.kafo_ok(&line, PASSWORD);
    let bakary = scene.world.sign_in("bakary@kafo.example", PASSWORD).await.on(scene.server.url());
    // Bakary begins a link and talks Awa's browser into going there
    let mut browser = scene.browser();
    let code = browser.link(&bakary, scene.issuer.url()).await;
    let refused = browser.mutate(&scene.awa, "openidLinkFinish", &code, "__typename").await;
    assert_eq!(refused.user_error("openidLinkFinish")["code"], "NOT_FOUND");
    // nor does the code of a link sign anybody in, or hold in another browser
    let code = browser.link(&scene.awa, scene.issuer.url()).await;
    let no_session = browser.finish(&scene.anonymous(), &code).await;
    assert_eq!(no_session.user_error("openidFinish")["code"], "UNAUTHENTICATED");
    let code = browser.link(&scene.awa, scene.issuer.url()).await;
    let elsewhere = scene.browser().mutate(&scene.awa, "openidLinkFinish", &code, "__typename").await;
    assert_eq!(elsewhere.user_error("openidLinkFinish")["code"], "NOT_FOUND");
    // a ticket holds once
    let input = json!({ "issuer": scene.issuer.url() });
    let url = succeed(&scene.awa, "openidLinkStart", input, "url").await["url"].clone();
    let url = url.as_str().expect("an address");
    assert_eq!(browser.visit(url).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.visit(url).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.changes().await, 0);
}
