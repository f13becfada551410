//! What a request costs, how much each may cost in a minute, and whose address that is when proxies stand between.

use std::time::Duration;

use reqwest::Method;
use reqwest::redirect::Policy;
use tests::issuer::Issuer;
use tests::{Answer, Client, Server, World, json, on_both};

use crate::cast::{Cast, succeed};
use crate::sql::Sql;

on_both!(
    an_answer_says_what_it_cost_if_asked,
    what_costs_too_much_is_refused_and_says_where,
    who_asks_for_too_much_waits_and_nobody_else_does,
    an_account_has_one_purse_and_each_program_its_own,
    nothing_runs_that_was_not_paid_for,
    what_is_refused_costs_a_little,
    a_stranger_does_not_get_another_purse_by_a_header,
    proxies_say_for_whom_they_speak,
    files_are_paid_for,
    strangers_cannot_begin_sign_ins_without_end,
    limits_are_on_unless_switched_off,
);

const PASSWORD: &str = "trois pirogues sur le Bani";
/// Costs 1 for the page and 100 for its rows.
const DEAR: &str = "{ groups(first: 100) { nodes { id } } }";

/// One such request, and some more. Two come back in a second: the next waits for forty.
const LIMITED: &[(&str, &str)] =
    &[("KAFO_COST_PER_MINUTE", "120"), ("KAFO_ANONYMOUS_COST_PER_MINUTE", "120")];

async fn account(world: &World, name: &str) -> Client {
    let email = format!("{name}@kafo.example");
    world.kafo_ok(&["account", "create", "--email", &email, "--name", "Awa Exemple"], PASSWORD);
    world.sign_in(&email, PASSWORD).await
}

async fn ask_with(client: &Client, query: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = client.request(Method::POST, "/graphql").json(&json!({ "query": query }));
    request = request.header("accept", "application/graphql-response+json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

/// Asks until it is refused; the refusal, and how often there was an answer.
async fn exhaust(client: &Client, headers: &[(&str, &str)]) -> (Answer, usize) {
    for answered in 0..50 {
        let answer = ask_with(client, DEAR, headers).await;
        if answer.status == 429 {
            return (answer, answered);
        }
        assert!(answer.data()["groups"].is_object());
    }
    panic!("there is no limit");
}

/// A number of a header like `"default";r=12;t=3`.
fn number(answer: &Answer, header: &str, name: &str) -> u32 {
    let text = answer.header(header).unwrap_or_else(|| panic!("no {header}: {answer:?}"));
    let found = text.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    found.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
}

async fn an_answer_says_what_it_cost_if_asked(world: World) {
    let client = world.client();
    let asked = [("x-cost", "1")];
    let answer = ask_with(&client, DEAR, &asked).await;
    let expected = json!({ "requested": 101, "limit": 100_000, "dearest": [
        { "path": ["groups", "nodes"], "cost": 100 },
        { "path": ["groups"], "cost": 1 },
    ] });
    assert_eq!(answer.body["extensions"]["cost"], expected);
    assert_eq!(answer.at("/groups/nodes"), &json!([]));
    assert!(ask_with(&client, DEAR, &[]).await.body.get("extensions").is_none());
    let paged = "query($n: Int) { groups(first: $n) { nodes { id } } }";
    for (variables, cost) in [(json!({}), 21), (json!({ "n": 7 }), 8)] {
        let body = json!({ "query": paged, "variables": variables });
        let request = client.request(Method::POST, "/graphql").header("x-cost", "1").json(&body);
        assert_eq!(client.send(request).await.body["extensions"]["cost"]["requested"], cost);
    }
    let introspection = "{ __schema { types { name fields { name type { name } } } } }";
    let answer = ask_with(&client, introspection, &asked).await;
    assert_eq!(answer.body["extensions"]["cost"]["requested"], 0);
    assert!(answer.at("/__schema/types").as_array().is_some_and(|types| types.len() > 100));
    let sign_out = "mutation { signOut { userErrors { code } } }";
    let answer = ask_with(&client, sign_out, &asked).await;
    assert_eq!(answer.body["extensions"]["cost"]["requested"], 11);
}

async fn what_costs_too_much_is_refused_and_says_where(world: World) {
    let query = "{ groups(first: 100) { nodes { meetings(first: 100) { nodes { id
        found: group { memberships(first: 10) { nodes { id } } } } } } } }";
    let answer = ask_with(&world.client(), query, &[]).await;
    assert_eq!((answer.status, answer.error_code()), (400, Some("QUERY_TOO_COMPLEX")));
    let cost = &answer.body["extensions"]["cost"];
    // 1 page of 100, each with a page of 100, each of these with its group and a page of 10
    assert_eq!(cost["requested"], 1 + 100 + 100 + 10_000 + 10_000 + 10_000 + 100_000);
    let dearest = json!(["groups", "nodes", "meetings", "nodes", "found", "memberships", "nodes"]);
    assert_eq!(cost["dearest"][0], json!({ "path": dearest, "cost": 100_000 }));
    assert_eq!(cost["dearest"].as_array().map(Vec::len), Some(3));
    assert!(answer.body.get("data").is_none() && answer.header("x-kafo-statements") == Some("0"));
}

async fn who_asks_for_too_much_waits_and_nobody_else_does(world: World) {
    let server = world.another_server(LIMITED).await;
    let awa = account(&world, "awa").await.on(server.url());
    let moussa = account(&world, "moussa").await.on(server.url());
    let first = ask_with(&awa, DEAR, &[]).await;
    assert_eq!(first.header("ratelimit-policy"), Some("\"default\";q=120;qu=\"cost\";w=60"));
    let left = number(&first, "ratelimit", "r");
    assert_eq!((left, number(&first, "ratelimit", "t")), (19, 51));
    let (refused, answered) = exhaust(&awa, &[]).await;
    assert_eq!(answered, 0);
    assert_eq!(refused.error_code(), Some("RATE_LIMITED"));
    assert_eq!(refused.body["extensions"]["cost"]["requested"], 101);
    assert!(refused.body.get("data").is_none() && refused.header("x-kafo-statements") == Some("0"));
    assert!(number(&refused, "ratelimit", "r") >= 19);
    let wait = |answer: &Answer| answer.header("retry-after").and_then(|wait| wait.parse::<u64>().ok());
    assert!(wait(&refused).is_some_and(|wait| (1..=41).contains(&wait)), "{refused:?}");
    // others are as they were, anonymous ones too
    assert_eq!(number(&ask_with(&moussa, DEAR, &[]).await, "ratelimit", "r"), 19);
    let nobody = ask_with(&world.client().on(server.url()), DEAR, &[]).await;
    assert_eq!(number(&nobody, "ratelimit", "r"), 19);
    // what costs less than what is left is still to be had
    assert_eq!(ask_with(&awa, "{ groups(first: 1) { nodes { id } } }", &[]).await.status, 200);
    let less = "{ groups(first: 29) { nodes { id } } }";
    let early = ask_with(&awa, less, &[]).await;
    if let Some(seconds) = wait(&early) {
        assert_eq!(early.status, 429);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        assert_eq!(ask_with(&awa, less, &[]).await.status, 200, "the purse filled up");
    }
}

async fn an_account_has_one_purse_and_each_program_its_own(world: World) {
    let cast = Cast::of(world).await;
    let server = cast.world.another_server(LIMITED).await;
    let on = |client: &Client| client.on(server.url());
    let mut programs = Vec::new();
    for name in ["un", "deux"] {
        let until = kafo::clock::now() + chrono::TimeDelta::days(30);
        let input = json!({ "name": name, "scopes": [], "expiresAt": until.to_rfc3339() });
        let made = succeed(&cast.coordinator, "apiTokenCreate", input, "token").await;
        programs.push(on(&cast.anonymous.with_tokens(made["token"].as_str().expect("a token"), None)));
    }
    exhaust(&on(&cast.coordinator), &[]).await;
    assert_eq!(exhaust(&programs[0], &[]).await.1, 1, "a full one, that of its own");
    assert_eq!(ask_with(&programs[1], DEAR, &[]).await.status, 200);
    // another sign-in of the same account
    let query = "query { viewer { account { email } } }";
    let email = cast.coordinator.ask(query, json!({})).await.text("/viewer/account/email").to_owned();
    let again = on(&cast.world.sign_in(&email, crate::cast::PASSWORD).await);
    assert_eq!(ask_with(&again, DEAR, &[]).await.status, 429);
}

async fn nothing_runs_that_was_not_paid_for(world: World) {
    let server = world.another_server(LIMITED).await;
    let awa = account(&world, "awa").await.on(server.url());
    exhaust(&awa, &[]).await;
    let many = "mutation { a: signOut { userErrors { code } } b: signOut { userErrors { code } }
        c: signOut { userErrors { code } } d: signOut { userErrors { code } } e: signOut { userErrors { code } }
        f: signOut { userErrors { code } } }";
    // 66, with much less than that in the purse
    assert_eq!(ask_with(&awa, many, &[]).await.status, 429);
    let query = "{ viewer { account { email } } }";
    let plain = awa.on(world.server.url()).ask(query, json!({})).await;
    assert_eq!(plain.text("/viewer/account/email"), "awa@kafo.example", "still signed in");
}

async fn what_is_refused_costs_a_little(world: World) {
    let server = world.another_server(&[("KAFO_ANONYMOUS_COST_PER_MINUTE", "60")]).await;
    let client = world.client().on(server.url());
    for left in [59, 58] {
        let wrong = ask_with(&client, "{ nonsense }", &[]).await;
        assert_eq!(wrong.error_code(), Some("GRAPHQL_VALIDATION_FAILED"));
        assert!(number(&wrong, "ratelimit", "r") >= left);
    }
    // what no purse holds takes a full one; one that is half full does not do
    assert_eq!(ask_with(&client, "{ groups(first: 29) { nodes { id } } }", &[]).await.status, 200);
    assert_eq!(ask_with(&client, DEAR, &[]).await.status, 429);
    let tag = |answer: &Answer| answer.header("etag").map(str::to_owned);
    let get = |tag: Option<String>| {
        let request = client.request(Method::GET, "/graphql").query(&[("query", "{ __typename }")]);
        client.send(tag.into_iter().fold(request, |request, tag| request.header("if-none-match", tag)))
    };
    let first = get(None).await;
    let again = get(tag(&first)).await;
    assert_eq!(again.status, 304);
    assert!(again.header("ratelimit").is_some() && again.header("ratelimit-policy").is_some());
}

async fn a_stranger_does_not_get_another_purse_by_a_header(world: World) {
    let server = world.another_server(LIMITED).await;
    let client = world.client().on(server.url());
    exhaust(&client, &[]).await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip"] {
        let answer = ask_with(&client, DEAR, &[(header, "198.51.100.7")]).await;
        assert_eq!(answer.status, 429, "{header}");
    }
}

async fn behind_a_proxy(world: &World) -> (Server, Client) {
    let all: Vec<_> =
        LIMITED.iter().copied().chain([("KAFO_TRUSTED_PROXIES", "127.0.0.0/8, 10.1.0.0/16")]).collect();
    let server = world.another_server(&all).await;
    let client = world.client().on(server.url());
    (server, client)
}

async fn proxies_say_for_whom_they_speak(world: World) {
    let (_server, client) = behind_a_proxy(&world).await;
    exhaust(&client, &[("x-forwarded-for", "198.51.100.7")]).await;
    let status =
        async |forwarded: &str| ask_with(&client, DEAR, &[("x-forwarded-for", forwarded)]).await.status;
    // what the client wrote itself stands to the left, and does not help; nor do further proxies
    for spoofed in
        ["203.0.113.5, 198.51.100.7", "10.1.2.3, 198.51.100.7", "203.0.113.5, 198.51.100.7, 10.1.2.3"]
    {
        assert_eq!(status(spoofed).await, 429, "{spoofed}");
    }
    assert_eq!(status("198.51.100.200").await, 429, "one network, one purse");
    for other in ["198.51.100.7, 203.0.113.5", "2001:db8::1", "198.51.101.7", ""] {
        assert_eq!(status(other).await, 200, "{other}");
    }
}

async fn files_are_paid_for(world: World) {
    let server = world.another_server(LIMITED).await;
    let client = world.client().on(server.url());
    let get = || client.send(client.request(Method::GET, "/export/group/nowhere/organisations.csv"));
    assert_eq!(get().await.status, 404);
    let refused = get().await;
    assert_eq!((refused.status, refused.error_code()), (429, Some("RATE_LIMITED")));
    assert!(refused.header("retry-after").is_some());
}

async fn strangers_cannot_begin_sign_ins_without_end(world: World) {
    let issuer = Issuer::start().await;
    let mut environment = issuer.environment();
    environment.extend([("KAFO_ANONYMOUS_COST_PER_MINUTE", "1000"), ("KAFO_TRUSTED_PROXIES", "127.0.0.1")]);
    let server = world.another_server(&environment).await;
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
    let start = async |from: &str, language: &str| {
        let request = browser.get(format!("{}/sign-in/openid", server.url())).header("x-forwarded-for", from);
        request.header("accept-language", language).send().await.expect("an answer")
    };
    for _ in 0..2 {
        assert_eq!(start("198.51.100.7", "en").await.status(), 303);
    }
    for (language, sentence) in [("en", "Wait a moment"), ("fr", "Attendez un instant")] {
        let refused = start("198.51.100.7", language).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        let page = refused.text().await.expect("a page");
        assert!(page.contains(sentence), "{page}");
    }
    let rows = "SELECT count(*) AS n FROM openid_flow";
    assert_eq!(Sql::of(&world).await.number(rows).await, 2, "what is refused leaves nothing behind");
    assert_eq!(start("203.0.113.5", "en").await.status(), 303, "others sign in");
}

async fn limits_are_on_unless_switched_off(world: World) {
    // the server of this world has none
    assert!(ask_with(&world.client(), DEAR, &[]).await.header("ratelimit").is_none());
    let usual = [
        ("KAFO_COST_PER_MINUTE", kafo::config::HttpOptions::COST.to_string()),
        ("KAFO_ANONYMOUS_COST_PER_MINUTE", kafo::config::HttpOptions::ANONYMOUS_COST.to_string()),
    ];
    let usual: Vec<(&str, &str)> = usual.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = world.another_server(&usual).await;
    let awa = account(&world, "awa").await.on(server.url());
    assert!(number(&ask_with(&awa, DEAR, &[]).await, "ratelimit", "r") > 900_000);
    let nobody = world.client().on(server.url());
    assert!(number(&ask_with(&nobody, DEAR, &[]).await, "ratelimit", "r") > 190_000);
}
