//! The committed schema is the schema, and says what everything means.

use std::path::Path;

use tests::{Database, Value, json};

/// `UPDATE=1 cargo test -p kafo-tests schema` writes it.
#[test]
fn schema_graphql_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let now = kafo::graphql::sdl();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).expect("write schema.graphql");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == now, "schema.graphql is stale: UPDATE=1 cargo test -p kafo-tests schema");
}

/// The file describes the schema as a whole in the words of introspection.
#[test]
fn the_schema_is_described_alike() {
    tests::run(Database::Sqlite, |world| async move {
        let answer = world.client().ask("{ __schema { description } }", json!({})).await;
        let described = format!("\n\"\"\"\n{}\n\"\"\"\nschema {{\n", answer.text("/__schema/description"));
        assert!(kafo::graphql::sdl().contains(&described), "{described}");
    });
}

const INTROSPECTION: &str = "{ __schema { types {
  name description
  fields(includeDeprecated: true) { name description args { name description } }
  inputFields { name description }
  enumValues(includeDeprecated: true) { name description }
} } }";

/// Every type, field, argument, input field and enum value carries a description.
#[test]
fn everything_is_described() {
    tests::run(Database::Sqlite, |world| async move {
        let answer = world.client().ask(INTROSPECTION, json!({})).await;
        let mut missing = Vec::new();
        let mut look = |path: String, thing: &Value| {
            if thing["description"].as_str().is_none_or(|d| d.trim().is_empty() || d.contains("Stub")) {
                missing.push(path);
            }
        };
        let list = |thing: &Value, name: &str| thing[name].as_array().cloned().unwrap_or_default();
        let types = answer.at("/__schema/types").as_array().cloned().unwrap_or_default();
        assert!(types.len() > 100, "the whole schema: {}", types.len());
        let name = |thing: &Value| thing["name"].as_str().unwrap_or_default().to_owned();
        let built_in = ["ID", "String", "Int", "Float", "Boolean"];
        for kind in
            types.iter().filter(|t| !name(t).starts_with("__") && !built_in.contains(&name(t).as_str()))
        {
            look(name(kind), kind);
            for field in list(kind, "fields") {
                let path = format!("{}.{}", name(kind), name(&field));
                look(path.clone(), &field);
                for argument in list(&field, "args") {
                    look(format!("{path}({})", name(&argument)), &argument);
                }
            }
            for member in list(kind, "inputFields").iter().chain(&list(kind, "enumValues")) {
                look(format!("{}.{}", name(kind), name(member)), member);
            }
        }
        assert!(missing.is_empty(), "without description:\n{}", missing.join("\n"));
    });
}

/// Every mutation takes one `input: XInput!` and answers an `XPayload` with `userErrors`.
#[test]
fn mutations_are_named_alike() {
    let query = "{ __schema { mutationType { fields { name args { name type { kind ofType { name } } }
        type { kind name fields { name } } } } } }";
    tests::run(Database::Sqlite, |world| async move {
        let answer = world.client().ask(query, json!({})).await;
        let fields = answer.at("/__schema/mutationType/fields").as_array().cloned().unwrap_or_default();
        assert!(fields.len() > 60, "{}", fields.len());
        for field in fields {
            let name = field["name"].as_str().unwrap_or_default();
            let upper = name[..1].to_uppercase() + &name[1..];
            // nullable: one that fails leaves the others
            let payload = &field["type"];
            assert_eq!(payload["name"], format!("{upper}Payload"), "{name}");
            let has_errors =
                payload["fields"].as_array().into_iter().flatten().any(|f| f["name"] == "userErrors");
            assert!(has_errors, "{name}");
            // ending one's own sign-in needs no input
            if name != "signOut" {
                assert_eq!(field["args"][0]["name"], "input", "{name}");
                assert_eq!(field["args"][0]["type"]["kind"], "NON_NULL", "{name}");
                assert_eq!(field["args"][0]["type"]["ofType"]["name"], format!("{upper}Input"), "{name}");
            }
        }
    });
}
