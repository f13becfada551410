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

/// `kafo schema check` fails on what breaks clients, unless it was announced.
#[test]
fn a_breaking_change_must_be_announced() {
    tests::run(Database::Sqlite, |world| async move {
        let directory = world.storage.directory();
        let file = |name: &str, text: &str| {
            let path = directory.join(name);
            std::fs::write(&path, text).expect("a file");
            path.display().to_string()
        };
        let check = |arguments: &[&str]| {
            let output = world.kafo(&[&["schema", "check"], arguments].concat(), "");
            let said =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            (output.status.code(), said.concat())
        };
        let now = kafo::graphql::sdl();
        let same = check(&[&file("same.graphql", &now)]);
        assert!(same.0 == Some(0) && same.1.contains("0 breaking, 0 dangerous, 0 safe"), "{same:?}");
        // an older schema, in which a field had another name
        let (before, sector) = now.split_once("type Sector {").expect("the type");
        let older = file(
            "older.graphql",
            &format!("{before}type Sector {{{}", sector.replacen("\tcode:", "\tgone:", 1)),
        );
        let (code, said) = check(&[&older]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("breaking   FIELD_REMOVED Sector.gone: is gone"), "{said}");
        assert!(said.contains("safe       FIELD_ADDED Sector.code: is new"), "{said}");
        assert!(said.contains("breaking and not announced: FIELD_REMOVED Sector.gone"), "{said}");
        let announced =
            file("announced", "FIELD_REMOVED Sector.gone: nobody used it\nFIELD_REMOVED Group.x: old\n");
        let (code, said) = check(&[&older, "--announced", &announced]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("announced  FIELD_REMOVED Sector.gone"), "{said}");
        assert!(said.contains("announced, but not among the changes: FIELD_REMOVED Group.x"), "{said}");
        for wrong in ["type {", ""] {
            let (code, said) = check(&[&file("wrong.graphql", wrong)]);
            assert!(code == Some(1) && said.contains("is no schema"), "{said}");
        }
        let (code, said) = check(&[&older, "--announced", &file("bad", "FIELD_REMOVED Sector.gone\n")]);
        assert!(code == Some(1) && said.contains("line 1"), "{said}");
    });
}
