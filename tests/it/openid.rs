//! Signing in through OpenID Connect, against a real issuer that runs in the test.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use tests::issuer::{CLIENT, Issuer, PUBLIC_URL, seconds};
use tests::{Answer, Client, Server, Value, World, json, on_both};

use crate::cast::{CLUSTER, OPERATION, PASSWORD, refused, succeed};
use crate::sql::Sql;

on_both!(
    a_linked_person_signs_in_by_browser,
    an_identity_is_linked_and_unlinked,
    a_link_is_finished_by_whoever_began_it,
    an_address_alone_opens_no_account,
    an_invited_address_that_the_issuer_has_verified_does,
    a_sign_in_belongs_to_its_browser_and_holds_once,
    what_the_issuer_says_must_hold,
    a_browser_comes_back_to_this_host_only,
    trouble_is_told_plainly,
    access_tokens_of_the_issuer_hold,
    access_tokens_that_do_not_hold_are_refused,
    keys_are_fetched_once_for_many,
    a_rotated_key_holds_and_the_old_one_does_not,
    keys_outlast_an_issuer_that_is_down,
    strangers_do_not_make_kafo_hammer_the_issuer,
    who_is_switched_off_stays_out,
);

const START: &str = "/sign-in/openid?return_to=/minutes?x=1";
const WHO: &str = "{ viewer { account { email } } }";
const IDENTITIES: &str = "{ viewer { account { identities { id issuer subject linkedAt lastUsedAt } } } }";

/// An issuer, a server that trusts it, and Awa, who has an account.
struct Scene {
    issuer: Issuer,
    server: Server,
    awa: Client,
    world: World,
}

/// A browser: it keeps the cookie and goes only where it is told.
struct Browser {
    http: reqwest::Client,
    server: String,
    cookie: String,
}

struct Page {
    status: StatusCode,
    location: String,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Scene {
    async fn of(world: World) -> Self {
        Self::with(world, &[]).await
    }

    async fn with(world: World, more: &[(&str, &str)]) -> Self {
        let issuer = Issuer::start().await;
        let mut environment = issuer.environment();
        environment.extend(more);
        let server = world.another_server(&environment).await;
        let line = ["account", "create", "--email", "awa@kafo.example", "--name", "Awa Exemple"];
        world.kafo_ok(&line, PASSWORD);
        let awa = world.sign_in("awa@kafo.example", PASSWORD).await.on(server.url());
        issuer.world().person = json!({ "sub": "awa-at-issuer" });
        Self { issuer, server, awa, world }
    }

    fn anonymous(&self) -> Client {
        self.world.client().on(self.server.url())
    }

    fn browser(&self) -> Browser {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Browser { http, server: self.server.url().to_owned(), cookie: String::new() }
    }

    /// Who an access token of the issuer stands for.
    async fn bearer(&self, token: &str) -> Answer {
        self.anonymous().with_tokens(token, None).ask(WHO, json!({})).await
    }

    async fn is_awa(&self, token: &str) -> bool {
        let answer = self.bearer(token).await;
        if answer.status == 401 {
            assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
            return false;
        }
        assert_eq!(answer.text("/viewer/account/email"), "awa@kafo.example");
        true
    }

    /// Links Awa's account to whoever is signed in at the issuer.
    async fn link(&self) -> Value {
        let mut browser = self.browser();
        let code = browser.link(&self.awa, self.issuer.url()).await;
        let answer = browser.mutate(&self.awa, "openidLinkFinish", &code, "identity { id subject }").await;
        answer.ok("openidLinkFinish")["identity"].clone()
    }

    async fn sql(&self) -> Sql {
        Sql::of(&self.world).await
    }

    /// An invitation as the table holds it.
    async fn invite(&self, number: u128, email: &str, until: &str) {
        let uuid = |id: &str| Uuid::parse_str(id.split_once('_').expect("an id").1).expect("a UUID");
        let at = |text: &str| text.parse::<DateTimeUtc>().expect("an instant");
        let sql =
            "INSERT INTO invitation (id, group_id, operation_id, role, email, email_folded, display_name,
            status, digest, expires_at, created_at, updated_at, version)
            VALUES ($1, $2, $3, 'OBSERVER', $4, $4, 'Personne Exemple 7', 'OPEN', $5, $6, $7, $7, 1)";
        let values: [sea_orm::Value; 7] = [
            Uuid::from_u128(number).into(),
            uuid(CLUSTER).into(),
            uuid(OPERATION).into(),
            email.into(),
            number.to_string().into(),
            at(until).into(),
            at("2001-01-01T00:00:00Z").into(),
        ];
        self.sql().await.run(sql, values).await;
    }

    async fn changes(&self) -> i64 {
        let links = "SELECT count(*) AS n FROM change WHERE kind LIKE 'openid%' AND kind <> 'openidFinish'";
        self.sql().await.number(links).await
    }

    /// The failed sign-ins that were recorded.
    async fn failures(&self) -> i64 {
        self.sql().await.records("signInFailed").await
    }
}

impl Browser {
    async fn get(&mut self, url: &str) -> Page {
        let response = self
            .http
            .get(url)
            .header(COOKIE, format!("theme=dark; {}", self.cookie))
            .header("accept-language", "fr")
            .send()
            .await
            .expect("an answer");
        let headers = response.headers().clone();
        let text = |name| headers.get(name).map(|v| v.to_str().expect("text").to_owned()).unwrap_or_default();
        if let (Some(cookie), true) = (headers.get(SET_COOKIE), url.starts_with(&self.server)) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        let location = text(LOCATION);
        Page { status: response.status(), location, headers, text: response.text().await.expect("a body") }
    }

    /// To a page of Kafo, whatever name it goes by.
    async fn visit(&mut self, path: &str) -> Page {
        let path = path.strip_prefix(PUBLIC_URL).unwrap_or(path);
        self.get(&format!("{}{path}", self.server)).await
    }

    /// To the issuer and back; the address at which the browser is to arrive here.
    async fn through_the_issuer(&mut self, start: &str) -> String {
        let away = self.visit(start).await;
        assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.text);
        let back = self.get(&away.location).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
        back.location
    }

    /// The whole way; the page at the end.
    async fn sign_in(&mut self, start: &str) -> Page {
        let back = self.through_the_issuer(start).await;
        self.visit(&back).await
    }

    /// The way of a link; the code at its end.
    async fn link(&mut self, who: &Client, issuer: &str) -> String {
        let input = json!({ "issuer": issuer, "returnTo": "/me" });
        let url = succeed(who, "openidLinkStart", input, "url").await["url"].clone();
        let page = self.sign_in(url.as_str().expect("an address")).await;
        let code = page.location.strip_prefix("/me#openid-link=");
        code.unwrap_or_else(|| panic!("{} {}", page.location, page.text)).to_owned()
    }

    /// A mutation with a code, sent as a page in this browser sends it.
    async fn mutate(&self, client: &Client, name: &str, code: &str, shown: &str) -> Answer {
        let upper = name[..1].to_uppercase() + &name[1..];
        let query = format!(
            "mutation($input: {upper}Input!) {{ {name}(input: $input) {{ {shown} userErrors {{ code message field }} }} }}"
        );
        let body = json!({ "query": query, "variables": { "input": { "code": code } } });
        let request = client.request(Method::POST, "/graphql").header(COOKIE, &self.cookie).json(&body);
        client.send(request).await
    }

    async fn finish(&self, client: &Client, code: &str) -> Answer {
        self.mutate(client, "openidFinish", code, "accessToken expiresAt refreshToken").await
    }
}

fn code_of(page: &Page) -> String {
    let code = page.location.strip_prefix("/minutes?x=1#openid=");
    code.unwrap_or_else(|| panic!("{} {} {}", page.status, page.location, page.text)).to_owned()
}

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
    let log = scene.server.log();
    assert!(!log.contains("awa-at-issuer") && !log.contains("eyJ"), "{log}");
}

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
    let said = scene.server.log();
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
