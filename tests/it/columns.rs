//! A request reads the columns that its fields need and no others: what a field shows must not depend on what stands
//! beside it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tests::{Client, Value, World, json, on_both};

use crate::cast::succeed;

on_both!(a_field_alone_shows_what_it_shows_among_others,);

const PASSWORD: &str = "trois pirogues sur le Bani";
const OPERATION: &str = "opn_00000000000070008000000000000001";
/// The cash working group.
const CASH: &str = "grp_00000000000070008000000000000102";

/// The types whose fields say what they read (`api/src/graphql/columns.rs`), and where rows of them are shown:
/// around `{}`, and by which path to each list of rows.
const WAYS: [(&str, &str); 9] = [
    ("Group", "groups(first: 100) { nodes {} }"),
    ("Organisation", "organisations(first: 100) { nodes {} }"),
    ("Person", "people(first: 100) { nodes {} }"),
    ("Membership", "memberships(first: 100) { nodes {} }"),
    ("Meeting", "meetings(first: 100) { nodes {} }"),
    ("AgendaItem", "meetings(first: 100) { nodes { agendaItems {} } }"),
    ("Recommendation", "recommendations(first: 100) { nodes {} }"),
    ("FollowUp", "followUps(first: 100) { nodes {} }"),
    ("Assignment", "followUps(first: 100) { nodes { assignments {} } }"),
];

/// The fields of a type that need no argument, as they are selected.
async fn fields(client: &Client, of: &str) -> Vec<String> {
    let query = "query($name: String!) { __type(name: $name) { fields {
        name args { type { kind } } type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } }
        fragment T on __Type { kind fields { name } }";
    let answer = client.ask(query, json!({ "name": of })).await;
    let shown = |field: &Value| {
        let name = field["name"].as_str().expect("a name");
        let is_needed = |argument: &Value| argument["type"]["kind"] == "NON_NULL";
        if field["args"].as_array().expect("arguments").iter().any(is_needed) {
            return None;
        }
        let mut kind = &field["type"];
        while kind["ofType"].is_object() {
            kind = &kind["ofType"];
        }
        if kind["kind"] != "OBJECT" {
            return Some(name.to_owned());
        }
        let has_id = kind["fields"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "id"));
        Some(format!("{name} {{ __typename {} }}", if has_id { "id" } else { "" }))
    };
    answer.list("/__type/fields").iter().filter_map(shown).collect()
}

/// Every row under `id`, by its id.
fn rows(value: &Value, rows_of: &mut BTreeMap<String, Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| rows(item, rows_of)),
        Value::Object(fields) => match fields.get("rowId").and_then(Value::as_str) {
            Some(id) => {
                rows_of.insert(id.to_owned(), value.clone());
            }
            None => fields.values().for_each(|field| rows(field, rows_of)),
        },
        _ => {}
    }
}

async fn shown(client: &Client, way: &str, fields: &str) -> BTreeMap<String, Value> {
    let query = format!("{{ {} }}", way.replace("{}", &format!("{{ rowId: id {fields} }}")));
    let answer = client.ask(&query, json!({})).await;
    let mut found = BTreeMap::new();
    rows(answer.data(), &mut found);
    found
}

/// A program of somebody's, with this limit.
async fn program(world: &World, of: &Client, limit: Value) -> Client {
    let expires_at = (kafo::clock::now() + TimeDelta::days(30)).to_rfc3339();
    let mut input = json!({ "name": "Essai", "expiresAt": expires_at, "scopes": [] });
    input.as_object_mut().expect("an object").extend(limit.as_object().cloned().unwrap_or_default());
    let made = succeed(of, "apiTokenCreate", input, "token").await;
    world.client().with_tokens(made["token"].as_str().expect("a token"), None)
}

async fn a_field_alone_shows_what_it_shows_among_others(world: World) {
    world.kafo_ok(&["demo", "--load-only", "--database", world.storage.url()], "");
    let mut viewers = vec![("anonymous", world.client())];
    // what rights depend on differs with where they come from: seats, a grant, a program's limits
    for name in ["secretary", "focal", "member", "observer", "outsider", "operation", "admin"] {
        viewers.push((name, world.sign_in(&format!("{name}@kafo.example"), PASSWORD).await));
    }
    let people = viewers.clone();
    let of = |name: &str| &people.iter().find(|(who, _)| *who == name).expect("a viewer").1;
    let admin = of("admin");
    for (who, owner, limit) in [
        ("a program in a group", "member", json!({ "groups": [CASH] })),
        ("a program in an operation", "member", json!({ "operations": [OPERATION] })),
        ("a manager's program", "operation", json!({ "operations": [OPERATION] })),
    ] {
        viewers.push((who, program(&world, of(owner), limit).await));
    }
    for (of, way) in WAYS {
        let fields = fields(admin, of).await;
        assert!(fields.len() > 8, "{of}: {fields:?}");
        let mut most = 0;
        for (who, client) in &viewers {
            let together = shown(client, way, &fields.join(" ")).await;
            most = most.max(together.len());
            for field in &fields {
                let alone = shown(client, way, field).await;
                assert_eq!(alone.len(), together.len());
                let name = field.split(' ').next().expect("a name");
                for (id, row) in alone {
                    assert_eq!(row[name], together[&id][name], "{who}: {of}.{field} of {id}");
                }
            }
        }
        assert!(most > 0, "no {of} is shown to anybody");
    }
}
