//! GraphQL over HTTP: methods, media types, statuses, digests, tags, other origins, slow clients; and what the gate
//! refuses on its way.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;
use sha2::{Digest, Sha256};
use tests::{Answer, Client, World, json, on_both};
use tokio::task::JoinSet;

use crate::cast::{CLUSTER, Cast};
use crate::raw::Raw;

const RESPONSE: &str = "application/graphql-response+json";

on_both!(
    the_status_follows_the_media_type,
    queries_come_by_get_mutations_do_not,
    what_is_no_request_is_refused,
    a_digest_stands_for_a_document,
    an_answer_that_did_not_change_is_not_sent_again,
    nothing_runs_if_a_variable_is_missing,
    what_was_not_sent_is_not_null,
    a_field_that_fails_leaves_the_others_alone,
    only_configured_origins_may_ask,
    every_answer_is_guarded,
    what_is_dear_to_run_is_refused,
    slow_clients_are_cut_off,
    who_finds_the_queue_full_is_told_when_to_come_back,
    what_takes_too_long_is_given_up_whole,
);

async fn post(client: &Client, body: &tests::Value, accept: &str) -> Answer {
    client.send(client.request(Method::POST, "/graphql").header("accept", accept).json(body)).await
}

async fn get(client: &Client, parameters: &[(&str, &str)]) -> Answer {
    client.send(client.request(Method::GET, "/graphql").query(parameters)).await
}

async fn the_status_follows_the_media_type(world: World) {
    let client = world.client();
    for (query, refused, code) in [
        ("{ __typename }", false, None),
        ("{ nonsense", true, Some("GRAPHQL_PARSE_FAILED")),
        ("{ nonsense }", true, Some("GRAPHQL_VALIDATION_FAILED")),
        ("query A { __typename } query B { __typename }", true, Some("OPERATION_RESOLUTION_FAILURE")),
        ("query($id: ID!) { node(id: $id) { id } }", true, Some("BAD_USER_INPUT")),
        ("{ node(id: \"x\") { id } }", false, Some("BAD_USER_INPUT")),
    ] {
        for (accept, kind) in [
            ("application/json", "application/json"),
            ("*/*", "application/json"),
            (RESPONSE, RESPONSE),
            ("application/graphql-response+json, application/json;q=0.9", RESPONSE),
        ] {
            let answer = post(&client, &json!({ "query": query }), accept).await;
            let status = if refused && kind == RESPONSE { 400 } else { 200 };
            assert_eq!((answer.status, answer.error_code()), (status, code), "{accept}: {query}");
            assert_eq!(answer.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()));
            assert_eq!(answer.body.get("data").is_some(), !refused, "{query}");
        }
    }
    let answer = post(&client, &json!({ "query": "{ __typename }" }), "text/html").await;
    assert_eq!((answer.status, answer.error_code()), (406, Some("NOT_ACCEPTABLE")));
}

async fn queries_come_by_get_mutations_do_not(world: World) {
    let client = world.client();
    let variables = json!({ "name": "Group" }).to_string();
    let query = "query Q($name: String!) { __type(name: $name) { name } } query R { __typename }";
    let answer = get(&client, &[("query", query), ("variables", &variables), ("operationName", "Q")]).await;
    assert_eq!(answer.at("/__type/name"), "Group");
    let mutation = "mutation { signOut { userErrors { code } } }";
    let answer = get(&client, &[("query", mutation)]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = client.send(client.request(method, "/graphql")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")));
    }
    assert_eq!(get(&client, &[]).await.error_code(), Some("BAD_REQUEST"));
}

async fn what_is_no_request_is_refused(world: World) {
    let client = world.client();
    for body in [
        json!([{ "query": "{ __typename }" }]),
        json!({ "query": "{ __typename }", "variables": [] }),
        json!({ "query": "{ __typename }", "extensions": "x" }),
        json!({ "query": "{ __typename }", "operationName": 1 }),
        json!({ "documentId": "md5:x" }),
        json!({ "documentId": "deux mots" }),
    ] {
        let answer = post(&client, &body, RESPONSE).await;
        assert_eq!((answer.status, answer.error_code()), (400, Some("BAD_REQUEST")), "{body}");
    }
    // a body of 300 KiB is too large for nobody in particular
    let large = json!({ "query": "{ __typename }", "more": "x".repeat(300 * 1024) });
    assert_eq!(post(&client, &large, RESPONSE).await.status, 413);
    world.kafo_ok(
        &["account", "create", "--email", "ana@kafo.example", "--name", "Ana"],
        "a rather long sentence\n",
    );
    let ana = world.sign_in("ana@kafo.example", "a rather long sentence").await;
    assert_eq!(post(&ana, &large, RESPONSE).await.status, 200);
}

async fn a_digest_stands_for_a_document(world: World) {
    let client = world.client();
    let hash = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let query = "{ digested: __typename }";
    let persisted = |hash: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    // whoever sends a document does not ask for it to be kept
    assert_eq!(client.ask(query, json!({})).await.at("/digested"), "Query");
    let unknown = post(&client, &json!({ "extensions": persisted(&hash(query)) }), RESPONSE).await;
    assert_eq!(unknown.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"));
    let wrong = json!({ "query": query, "extensions": persisted(&hash("{ other }")) });
    assert_eq!(post(&client, &wrong, RESPONSE).await.status, 400);
    let both = json!({ "query": query, "extensions": persisted(&hash(query)) });
    assert_eq!(post(&client, &both, RESPONSE).await.at("/digested"), "Query");
    let id = format!("sha256:{}", hash(query));
    assert_eq!(post(&client, &json!({ "documentId": id }), RESPONSE).await.at("/digested"), "Query");
    assert_eq!(get(&client, &[("documentId", &id)]).await.at("/digested"), "Query");
}

async fn an_answer_that_did_not_change_is_not_sent_again(world: World) {
    let client = world.client();
    let ask = |tag: Option<String>, language: &str| {
        let client = client.language(language);
        let request =
            client.request(Method::GET, "/graphql").query(&[("query", "{ groups { totalCount } }")]);
        let request = match tag {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        };
        async move { client.send(request).await }
    };
    let first = ask(None, "en").await;
    let tag = first.header("etag").map(str::to_owned);
    assert!(tag.is_some());
    let again = ask(tag.clone(), "en").await;
    assert_eq!((again.status, again.body), (304, json!("")));
    assert_eq!(ask(tag, "fr").await.status, 200);
    assert!(client.ask("{ groups { totalCount } }", json!({})).await.header("etag").is_none());
}

async fn nothing_runs_if_a_variable_is_missing(world: World) {
    let password = "a rather long sentence";
    world.kafo_ok(&["account", "create", "--email", "ana@kafo.example", "--name", "Ana"], password);
    let ana = world.sign_in("ana@kafo.example", password).await;
    let late = "mutation($id: ID!) { signOut { userErrors { code } } sessionRevoke(input: { id: $id }) { userErrors { code } } }";
    let answer = ana.ask(late, json!({})).await;
    assert_eq!(answer.error_code(), Some("BAD_USER_INPUT"));
    let answer = ana.ask("{ viewer { account { email } } }", json!({})).await;
    assert_eq!(answer.at("/viewer/account/email"), "ana@kafo.example", "still signed in");
}

async fn what_was_not_sent_is_not_null(world: World) {
    let client = world.client();
    let query = "query($called: String, $show: Boolean = false) { groups(filter: { called: $called }) { totalCount } \
                 viewer @include(if: $show) { isAdmin } __typename @skip(if: $show) }";
    let answer = client.ask(query, json!({})).await;
    assert_eq!(answer.data(), &json!({ "groups": { "totalCount": 0 }, "__typename": "Query" }));
    let answer = client.ask(query, json!({ "show": true })).await;
    assert_eq!(answer.data(), &json!({ "groups": { "totalCount": 0 }, "viewer": { "isAdmin": false } }));
}

async fn a_field_that_fails_leaves_the_others_alone(world: World) {
    let query = "{ node(id: \"grp_no\") { id } group(by: { id: \"no\" }) { id } viewer { isAdmin } }";
    let answer = world.client().ask(query, json!({})).await;
    let expected = json!({ "node": null, "group": null, "viewer": { "isAdmin": false } });
    assert_eq!(answer.body["data"], expected);
    let paths: Vec<_> = answer.errors().iter().map(|error| error["path"].clone()).collect();
    assert_eq!(paths, [json!(["node"]), json!(["group"])]);
    assert_eq!(answer.error_reason(), Some("INVALID_ID"));
}

async fn only_configured_origins_may_ask(world: World) {
    let friendly = world.another_server(&[("KAFO_CORS_ORIGINS", "https://dashboard.example")]).await;
    let ask = |client: Client, origin: &'static str| async move {
        let request = client.request(Method::POST, "/graphql").header("origin", origin);
        client.send(request.json(&json!({ "query": "{ __typename }" }))).await
    };
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").map(str::to_owned);
    let strict = world.client();
    assert_eq!(allowed(&ask(strict.clone(), "https://dashboard.example").await), None);
    let open = strict.on(friendly.url());
    assert_eq!(
        allowed(&ask(open.clone(), "https://dashboard.example").await).as_deref(),
        Some("https://dashboard.example")
    );
    assert_eq!(allowed(&ask(open, "https://elsewhere.example").await), None);
}

async fn every_answer_is_guarded(world: World) {
    let client = world.client();
    for path in ["/graphql", "/schema.graphql", "/livez", "/nowhere", "/"] {
        let answer = client.send(client.request(Method::GET, path)).await;
        for header in
            ["x-content-type-options", "referrer-policy", "x-frame-options", "content-security-policy"]
        {
            assert!(answer.header(header).is_some(), "{path}: {header}");
        }
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    let request = client.request(Method::POST, "/graphql").header("x-server-timing", "1");
    let answer = client.send(request.json(&json!({ "query": "{ __typename }" }))).await;
    assert!(answer.header("server-timing").is_some_and(|timing| timing.starts_with("check;dur=")));
}

async fn what_is_dear_to_run_is_refused(world: World) {
    let client = world.client();
    let fan: String = (0..20)
        .map(|at| format!("fragment F{at} on Query {{ {} }} ", format!("...F{} ", at + 1).repeat(9)))
        .collect();
    for (query, variables) in [
        (format!("{{ nodes(ids: {}\"a\"{}) {{ id }} }}", "[".repeat(3000), "]".repeat(3000)), json!({})),
        (format!("{{ ...F0 }} {fan} fragment F20 on Query {{ __typename }}"), json!({})),
        (
            format!("{{ groups {{ nodes {}{{ id }}{} }} }}", "{ parent ".repeat(5000), " }".repeat(5000)),
            json!({}),
        ),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }".to_owned(), json!({ "i": vec!["x"; 501] })),
        ((0..31).map(|at| format!("a{at}: __typename ")).collect::<String>(), json!({})),
    ] {
        let query = if query.starts_with('a') { format!("{{ viewer {{ {query} }} }}") } else { query };
        let answer = post(&client, &json!({ "query": query, "variables": variables }), RESPONSE).await;
        let found = (answer.status, answer.error_code());
        assert_eq!(found, (400, Some("QUERY_TOO_COMPLEX")), "{}", &query[..query.len().min(80)]);
        assert!(answer.body.to_string().len() < 1000 && answer.body.get("data").is_none());
    }
}

async fn slow_clients_are_cut_off(world: World) {
    let address = world.server.url().trim_start_matches("http://").to_owned();
    let head = "POST /graphql HTTP/1.1\r\nhost: kafo\r\ncontent-type: application/json\r\n";
    let slow = [
        String::new(),
        "POST /gra".to_owned(),
        head.to_owned(),
        format!("{head}content-length: 100\r\n\r\n{{"),
    ];
    let cut = slow.map(|first| {
        let address = address.clone();
        std::thread::spawn(move || {
            let start = Instant::now();
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(35))).expect("a time-out");
            stream.write_all(first.as_bytes()).expect("it is taken");
            let mut answer = Vec::new();
            let ended = match stream.read_to_end(&mut answer) {
                Ok(_) => true,
                Err(error) => error.kind() == ErrorKind::ConnectionReset,
            };
            (ended, start.elapsed())
        })
    });
    for (which, one) in cut.into_iter().enumerate() {
        let (ended, after) =
            tokio::task::spawn_blocking(move || one.join().expect("it ends")).await.expect("it ends");
        assert!(ended && after < Duration::from_secs(35), "{which}: after {after:?}");
    }
    assert_eq!(world.client().ask("{ __typename }", json!({})).await.status, 200);
}

const CREATE: &str = "mutation($input: FollowUpCreateInput!) {
    followUpCreate(input: $input) { followUp { text } userErrors { code } }
}";

async fn who_finds_the_queue_full_is_told_when_to_come_back(world: World) {
    let cast = Cast::of(world).await;
    let narrow = cast.world.another_server(&[("KAFO_REQUESTS_AT_ONCE", "1")]).await;
    let raw = Raw::open(&cast.world.storage).await;
    let held = raw.hold("follow_up").await;
    let mut asking = JoinSet::new();
    // one runs until the table is free, two wait for it
    for number in 1..=4 {
        let secretary = cast.secretary.on(narrow.url());
        let input = json!({ "input": { "group": CLUSTER, "text": format!("Recenser {number} sites") } });
        asking.spawn(async move { secretary.ask(CREATE, input).await });
    }
    let refused = asking.join_next().await.expect("an answer").expect("it ends");
    assert_eq!((refused.status, refused.error_code()), (503, Some("UNAVAILABLE")), "{:?}", refused.body);
    assert_eq!(refused.header("retry-after"), Some("2"));
    held.rollback().await.expect("the end");
    while let Some(answer) = asking.join_next().await {
        let answer = answer.expect("it ends");
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert!(answer.body["data"]["followUpCreate"]["followUp"]["text"].is_string(), "{:?}", answer.body);
    }
    let done = raw.texts("SELECT text AS v FROM follow_up WHERE text LIKE 'Recenser % sites'").await;
    assert_eq!(done.len(), 3, "{done:?}");
    raw.close().await;
}

async fn what_takes_too_long_is_given_up_whole(world: World) {
    let cast = Cast::of(world).await;
    let hasty = cast.world.another_server(&[("KAFO_LONGEST_ANSWER", "1")]).await;
    let secretary = cast.secretary.on(hasty.url());
    let raw = Raw::open(&cast.world.storage).await;
    let create = || {
        let variables = json!({ "input": { "group": CLUSTER, "text": "Recenser les sites" } });
        let body = json!({ "query": CREATE, "variables": variables });
        secretary.request(Method::POST, "/graphql").header("idempotency-key", "recenser-1").json(&body)
    };
    let held = raw.hold("follow_up").await;
    let late = secretary.send(create()).await;
    assert_eq!((late.status, late.error_code()), (503, Some("TIMEOUT")), "{:?}", late.body);
    assert_eq!(late.header("retry-after"), Some("2"));
    held.rollback().await.expect("the end");
    // nothing was done, nothing is held: the same request under the same key goes through, once
    let again = secretary.send(create()).await;
    assert_eq!(again.status, 200, "{:?}", again.body);
    assert!(again.body["data"]["followUpCreate"]["followUp"]["text"].is_string(), "{:?}", again.body);
    let done = raw.texts("SELECT text AS v FROM follow_up WHERE text = 'Recenser les sites'").await;
    assert_eq!(done.len(), 1, "{done:?}");
    raw.close().await;
}
