//! Documents that a server knows from the start, and servers that run no others.

use reqwest::Method;
use sha2::{Digest, Sha256};
use tests::{Answer, Client, Value, World, json, on_both};

on_both!(
    what_a_manifest_lists_is_known_from_the_start,
    only_what_is_listed_runs,
    a_manifest_that_cannot_be_meant_stops_the_server,
);

const LISTED: &str = "query Kind($name: String!) { __type(name: $name) { kind } }";
const OTHER: &str = "{ __typename }";

fn hash(document: &str) -> String {
    format!("{:x}", Sha256::digest(document))
}

/// The form of graphql-codegen and Relay, and that of Apollo.
fn manifests() -> [Value; 2] {
    let operation = json!({ "id": "k1", "name": "Kind", "type": "query", "body": LISTED });
    [
        json!({ "k1": LISTED }),
        json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation] }),
    ]
}

async fn send(who: &Client, body: Value) -> Answer {
    who.send(who.request(Method::POST, "/graphql").json(&body)).await
}

fn named(mut body: Value) -> Value {
    body["variables"] = json!({ "name": "Meeting" });
    body
}

/// Every way of asking for a document of the manifest.
fn ways() -> [Value; 5] {
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(LISTED) } });
    [
        json!({ "documentId": "k1" }),
        json!({ "documentId": format!("sha256:{}", hash(LISTED)) }),
        json!({ "extensions": persisted }),
        json!({ "query": LISTED, "extensions": persisted }),
        json!({ "query": LISTED }),
    ]
}

async fn what_a_manifest_lists_is_known_from_the_start(world: World) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("documents.json");
    for manifest in manifests() {
        std::fs::write(&file, manifest.to_string()).expect("a file");
        let server = world.another_server(&[("KAFO_MANIFEST", &file.to_string_lossy())]).await;
        let client = Client::new(server.url());
        for way in ways() {
            let answer = send(&client, named(way.clone())).await;
            assert_eq!(answer.at("/__type/kind"), "OBJECT", "{way}");
        }
        assert_eq!(send(&client, json!({ "query": OTHER })).await.text("/__typename"), "Query");
        let unknown = send(&client, json!({ "documentId": "k2" })).await;
        assert_eq!(unknown.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"));
    }
    // a server without one knows none
    let unknown = send(&world.client(), named(json!({ "documentId": "k1" }))).await;
    assert_eq!(unknown.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"));
}

async fn only_what_is_listed_runs(world: World) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("documents.json");
    std::fs::write(&file, manifests()[0].to_string()).expect("a file");
    let path = file.to_string_lossy();
    let server = world.another_server(&[("KAFO_MANIFEST", &path), ("KAFO_ONLY_MANIFEST", "true")]).await;
    let client = Client::new(server.url());
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(OTHER) } });
    for _ in 0..2 {
        for other in [
            json!({ "query": OTHER }),
            json!({ "query": OTHER, "extensions": persisted }),
            json!({ "extensions": persisted }),
            json!({ "documentId": format!("sha256:{}", hash(OTHER)) }),
            json!({ "documentId": "k2" }),
            // not even read
            json!({ "query": "{" }),
        ] {
            let refused = send(&client, other.clone()).await;
            assert_eq!(refused.error_code(), Some("PERSISTED_QUERY_NOT_IN_LIST"), "{other}");
            assert!(refused.partial_data().is_null(), "{other}");
        }
    }
    for way in ways() {
        assert_eq!(send(&client, named(way.clone())).await.at("/__type/kind"), "OBJECT", "{way}");
    }
}

async fn a_manifest_that_cannot_be_meant_stops_the_server(world: World) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("documents.json");
    let path = file.to_string_lossy();
    for (text, said) in [
        (r#"{"k1":"{ nobodyKnows }"}"#, "the document k1, line 1: "),
        (r#"{"k1":"{"}"#, "the document k1, line 1: "),
        ("[]", "it is neither"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let output = world.kafo(&["serve", "--listen", "127.0.0.1:0", "--manifest", &path], "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(said), "{text}: {error}");
    }
    let missing = world.kafo(&["serve", "--listen", "127.0.0.1:0", "--only-manifest"], "");
    assert!(String::from_utf8_lossy(&missing.stderr).contains("wants a manifest"));
}
