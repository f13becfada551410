//! What is served besides answers: health, schema, explorer; and how bad requests are refused.

use std::time::Duration;

use tests::{Database, World, json, on_both};

use crate::cast::{CLUSTER, Cast};
use crate::raw::Raw;
use crate::sql::Sql;

on_both!(
    the_server_says_how_it_is,
    bad_requests_are_refused_with_a_code,
    what_is_no_token_is_refused,
    logs_hold_no_personal_data,
    what_a_database_refuses_is_logged_without_what_was_typed,
);

/// A file has no connections that could end.
#[test]
fn a_postgresql_that_started_anew_costs_nobody_a_request() {
    tests::run(Database::Postgres, connections_that_ended_are_not_used);
}

async fn connections_that_ended_are_not_used(world: World) {
    let client = world.client();
    let ask = async || client.ask("{ groups(first: 1) { totalCount } }", json!({})).await;
    ask().await.data();
    let sql = Sql::of(&world).await;
    let ended = sql.number(
        "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity
            WHERE application_name = 'kafo' AND datname = current_database()",
    );
    assert!(ended.await > 0, "the server was connected");
    // longer than a connection stays unasked
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    ask().await.data();
}

async fn the_server_says_how_it_is(world: World) {
    let client = world.client();
    for (path, kind, wanted) in [
        ("/livez", "text/plain", "ok"),
        ("/readyz", "text/plain", "ok"),
        ("/schema.graphql", "application/graphql", "type Query"),
        ("/", "text/html", "Kafo"),
    ] {
        let answer = client.send(client.request(reqwest::Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").is_some_and(|t| t.starts_with(kind)), "{path}");
        assert!(answer.body.as_str().unwrap_or_default().contains(wanted), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    assert!(world.server.stop_gracefully().await.success());
}

async fn bad_requests_are_refused_with_a_code(world: World) {
    let client = world.client();
    let post = || client.request(reqwest::Method::POST, "/graphql");
    let json_body = |body: &str| post().header("content-type", "application/json").body(body.to_owned());
    for (request, status, code) in [
        (client.request(reqwest::Method::GET, "/graphql"), 400, "BAD_REQUEST"),
        (client.request(reqwest::Method::PUT, "/graphql"), 405, "METHOD_NOT_ALLOWED"),
        (
            post().header("content-type", "text/plain").body("{\"query\":\"{__typename}\"}"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (post().body("{\"query\":\"{__typename}\"}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (json_body("{"), 400, "BAD_REQUEST"),
        (json_body("[{\"query\":\"{__typename}\"}]"), 400, "BAD_REQUEST"),
        (json_body("{\"query\": 3}"), 400, "BAD_REQUEST"),
        (json_body(&" ".repeat(5 << 20)), 413, "PAYLOAD_TOO_LARGE"),
        (json_body("{\"query\":\"{ nonsense \"}"), 200, "GRAPHQL_PARSE_FAILED"),
        (json_body("{\"query\":\"{ nonsense }\"}"), 200, "GRAPHQL_VALIDATION_FAILED"),
        (json_body("{\"query\":\"{ node(id: \\\"x\\\") { id } }\"}"), 200, "BAD_USER_INPUT"),
    ] {
        let answer = client.send(request).await;
        assert_eq!((answer.status, answer.error_code()), (status, Some(code)), "{:?}", answer.body);
    }
}

async fn what_is_no_token_is_refused(world: World) {
    for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."] {
        let answer = world.client().with_tokens(token, None).ask("{ viewer { isAdmin } }", json!({})).await;
        assert_eq!((answer.status, answer.error_code()), (401, Some("UNAUTHENTICATED")), "{token:?}");
    }
    let client = world.client();
    let request = client
        .request(reqwest::Method::POST, "/graphql")
        .header("authorization", "Basic YTpi")
        .header("content-type", "application/json")
        .body("{\"query\":\"{__typename}\"}");
    assert_eq!(client.send(request).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn logs_hold_no_personal_data(world: World) {
    let chatty = world.another_server(&[("KAFO_LOG", "trace,hyper=info")]).await;
    let client = world.client().on(chatty.url());
    let secret = "canari-jaune-du-fleuve";
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "email": format!("{secret}@kafo.example"), "password": secret } });
    client.ask(sign_in, input).await;
    client
        .ask(&format!("{{ groups(filter: {{ called: \"{secret}\" }}) {{ totalCount }} }}"), json!({}))
        .await;
    client.ask(&format!("{{ {} }}", secret.replace('-', "_")), json!({})).await;
    let log = chatty.log_when_stopped().await;
    assert!(log.contains("request"), "the log says something: {log}");
    assert!(!log.contains(secret) && !log.contains(&secret.replace('-', "_")), "{log}");
}

async fn what_a_database_refuses_is_logged_without_what_was_typed(world: World) {
    let cast = Cast::of(world).await;
    let raw = Raw::open(&cast.world.storage).await;
    raw.run(match cast.world.storage.kind() {
        Database::Sqlite => {
            "CREATE TRIGGER narrow BEFORE INSERT ON follow_up WHEN NEW.text LIKE '%canari%' \
             BEGIN SELECT RAISE(ABORT, 'narrow'); END"
        }
        Database::Postgres => "ALTER TABLE follow_up ADD CONSTRAINT narrow CHECK (text NOT LIKE '%canari%')",
    })
    .await;
    raw.close().await;
    let create =
        "mutation($input: FollowUpCreateInput!) { followUpCreate(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "group": CLUSTER, "text": "le canari jaune" } });
    let answer = cast.secretary.ask(create, input).await;
    assert_eq!(answer.error_code(), Some("INTERNAL_SERVER_ERROR"), "{:?}", answer.body);
    assert!(!answer.body.to_string().contains("narrow"), "{:?}", answer.body);
    let log = cast.world.server.log_when_stopped().await;
    assert!(log.contains("narrow"), "the log says why: {log}");
    assert!(!log.contains("canari"), "{log}");
}
