//! Signing in through OpenID Connect, against a real issuer that runs in the test.

mod bearer;
mod browser;
mod linking;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use tests::issuer::{Issuer, PUBLIC_URL};
use tests::{Answer, Client, Server, Value, World, json};

use crate::cast::{CLUSTER, OPERATION, PASSWORD, succeed};
use crate::sql::Sql;

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
