//! The schema, as the server tells it; and documents made from it that ask for everything.

use std::collections::BTreeMap;

use tests::{Client, Value, json};

const INTROSPECTION: &str = "{ __schema { types { kind name interfaces { name } possibleTypes { name }
  inputFields { name type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } enumValues { name }
  fields(includeDeprecated: true) { name
    type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// A field of an object type.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The named type behind lists and exclamation marks.
    pub of: String,
    /// Whether it may be null.
    pub is_nullable: bool,
}

/// A type.
#[derive(Clone, Debug, Default)]
pub struct Type {
    /// `OBJECT`, `INTERFACE`, `ENUM` …
    pub kind: String,
    /// The fields of an object or interface.
    pub fields: Vec<Field>,
    /// The interfaces of an object.
    pub interfaces: Vec<String>,
    /// The objects of an interface.
    pub possible: Vec<String>,
    /// The fields of an input.
    pub inputs: Vec<String>,
    /// The types of these, behind lists and exclamation marks.
    pub input_types: Vec<String>,
    /// The values of an enum.
    pub values: Vec<String>,
}

/// The schema.
pub struct Schema {
    /// Its types, without those of introspection.
    pub types: BTreeMap<String, Type>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Schema {
    /// Asks the server.
    pub async fn ask(client: &Client) -> Self {
        let answer = client.ask(INTROSPECTION, json!({})).await;
        let names = |v: &Value| list(v).iter().map(|t| text(&t["name"])).collect::<Vec<_>>();
        let types = answer.list("/__schema/types").iter().filter(|t| !text(&t["name"]).starts_with("__"));
        let types = types.map(|t| {
            let fields = list(&t["fields"]).iter().map(field).collect();
            let shape = Type {
                kind: text(&t["kind"]),
                fields,
                interfaces: names(&t["interfaces"]),
                possible: names(&t["possibleTypes"]),
                inputs: names(&t["inputFields"]),
                input_types: list(&t["inputFields"]).iter().map(named_type).collect(),
                values: names(&t["enumValues"]),
            };
            (text(&t["name"]), shape)
        });
        Self { types: types.collect() }
    }

    /// The type with this name.
    pub fn named(&self, name: &str) -> &Type {
        self.types.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    /// Whether rows of this type have ids of their own.
    pub fn is_node(&self, name: &str) -> bool {
        name == "Node" || self.named(name).interfaces.iter().any(|i| i == "Node")
    }

    /// Whether values of this type have fields.
    pub fn is_composite(&self, name: &str) -> bool {
        matches!(self.named(name).kind.as_str(), "OBJECT" | "INTERFACE" | "UNION")
    }

    /// The types whose rows have ids.
    pub fn nodes(&self) -> Vec<&str> {
        self.named("Node").possible.iter().map(String::as_str).collect()
    }

    /// The fields of an input, with their types.
    pub fn inputs_of(&self, name: &str) -> Vec<(String, String)> {
        let shape = self.named(name);
        shape.inputs.iter().cloned().zip(shape.input_types.iter().cloned()).collect()
    }

    /// The values of an enum.
    pub fn values_of(&self, name: &str) -> Vec<String> {
        self.types.get(name).map(|t| t.values.clone()).unwrap_or_default()
    }

    /// All fields of a type, each under the name `Type_field`, so that fragments on several types do
    /// not collide; rows below by their id only.
    pub fn selection(&self, name: &str) -> String {
        self.selected(name).concat()
    }

    fn selected(&self, name: &str) -> Vec<String> {
        let one = |field: &Field| format!(" {name}_{}: {}{}", field.name, field.name, self.below(field));
        self.named(name).fields.iter().map(one).collect()
    }

    fn below(&self, field: &Field) -> String {
        if field.of.ends_with("Connection") {
            return "(first: 100) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id } edges { cursor node { id } } }".to_owned();
        }
        if !self.is_composite(&field.of) {
            return String::new();
        }
        if self.is_node(&field.of) {
            return " { id }".to_owned();
        }
        format!(" {{{} }}", self.selection(&field.of))
    }

    /// Documents that together ask for everything about rows of a type, through the interface `Node`; each with no
    /// more aliases than the server takes.
    pub fn whole(&self, name: &str) -> Vec<String> {
        let aliases = |text: &str| text.matches(": ").count() - text.matches("first: ").count();
        let mut parts: Vec<String> = vec![String::new()];
        for field in self.selected(name) {
            let last = parts.last_mut().expect("there is one");
            if aliases(last) + aliases(&field) > 30 {
                parts.push(field);
            } else {
                *last += &field;
            }
        }
        let document = |fields: String| {
            format!(
                "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id ... on {name} {{{fields} }} }} }}"
            )
        };
        parts.into_iter().map(document).collect()
    }
}

/// The named type behind lists and exclamation marks.
fn named_type(field: &Value) -> String {
    let mut of = &field["type"];
    while of["name"].is_null() {
        of = &of["ofType"];
    }
    text(&of["name"])
}

fn field(field: &Value) -> Field {
    let is_nullable = field["type"]["kind"] != "NON_NULL";
    Field { name: text(&field["name"]), of: named_type(field), is_nullable }
}
