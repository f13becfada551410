use serde_json::json;

use super::*;
use crate::graphql::sdl;

const SDL: &str = "
    directive @oneOf on INPUT_OBJECT
    type Query { page(first: Int, last: Int): Query  a(n: Int = 1, ids: [ID!], by: By, f: Filter, t: String): Int  b: Query }
    type Mutation { c(input: MembershipsSyncInput!): Int }
    input By @oneOf { id: ID slug: String }
    input Filter { called: String, size: Int! = 3, kind: [Kind!], not: Filter }
    input MembershipsSyncInput { rows: [Filter!]!, others: [Filter!] }
    enum Kind { ONE TWO }";

fn gate() -> Gate {
    Gate::new(SDL).expect("a schema")
}

fn check(text: &str, variables: serde_json::Value) -> Result<serde_json::Value, (Stage, Vec<String>)> {
    let variables = variables.as_object().cloned().unwrap_or_default();
    let checked = gate().check(Source::Text(text), None, &variables);
    checked
        .map(|checked| serde_json::to_value(&checked.variables).expect("JSON"))
        .map_err(|refused| (refused.stage, refused.faults.into_iter().map(|fault| fault.message).collect()))
}

fn stage(text: &str, variables: serde_json::Value) -> Option<Stage> {
    check(text, variables).err().map(|(stage, _)| stage)
}

#[test]
fn each_stage_has_its_refusal() {
    for (text, variables, expected) in [
        ("{a}", json!({}), None),
        ("{a", json!({}), Some(Stage::Parse)),
        ("{a(n: )}", json!({}), Some(Stage::Parse)),
        ("{nope}", json!({}), Some(Stage::Validation)),
        ("{a @nope}", json!({}), Some(Stage::Validation)),
        ("{__typename @nope}", json!({}), Some(Stage::Validation)),
        ("query A{a} query B{a}", json!({}), Some(Stage::Operation)),
        ("query($n:Int!){a(n:$n)}", json!({}), Some(Stage::Variables)),
        ("{b{b{b{b{b{b{b{b{b{b{b{b{b{b{b{b{b{a}}}}}}}}}}}}}}}}}}", json!({}), Some(Stage::Complexity)),
    ] {
        assert_eq!(stage(text, variables), expected, "{text}");
    }
}

#[test]
fn values_that_the_validator_lets_pass_are_refused() {
    for text in [
        "{a(f:{called:\"x\",called:\"y\"})}",
        "{a(by:{})}",
        "{a(by:{id:1,slug:\"x\"})}",
        "{a(by:{id:null})}",
        "query($f:Filter={called:\"x\",called:\"y\"}){a(f:$f)}",
        "query($t:[String!]){a(f:{called:$t})}",
        "query($n:Int){a(f:{size:$n,not:{size:1,called:$n}})}",
        "query($t:Int!){...F} fragment F on Query{a(f:{not:{called:$t}})}",
    ] {
        assert_eq!(stage(text, json!({})), Some(Stage::Validation), "{text}");
    }
    for text in [
        "query($n:Int){a(f:{size:$n})}",
        "query($n:Int!){a(f:{size:$n})}",
        "query($i:ID!){a(ids:[$i])}",
        "query($s:String!){a(by:{slug:$s})}",
    ] {
        assert_eq!(stage(text, json!({ "n": 1, "i": "x", "s": "y" })), None, "{text}");
    }
}

#[test]
fn variables_are_coerced_with_their_defaults() {
    for (text, sent, coerced) in [
        ("query($n:Int=7){a(n:$n)}", json!({}), json!({"n":7})),
        ("query($n:Int=7){a(n:$n)}", json!({"n":null}), json!({"n":null})),
        ("query($n:Int){a(n:$n)}", json!({"unknown":1}), json!({})),
        ("query($n:Int){a(n:$n)}", json!({"n":3.0}), json!({"n":3})),
        ("query($i:[ID!]){a(ids:$i)}", json!({"i":4}), json!({"i":["4"]})),
        ("query($i:[ID!]=\"x\"){a(ids:$i)}", json!({}), json!({"i":["x"]})),
        (
            "query($f:Filter){a(f:$f)}",
            json!({"f":{"kind":"ONE","not":{}}}),
            json!({"f":{"size":3,"kind":["ONE"],"not":{"size":3}}}),
        ),
        (
            "query($f:Filter={not:{kind:TWO}}){a(f:$f)}",
            json!({}),
            json!({"f":{"size":3,"not":{"size":3,"kind":["TWO"]}}}),
        ),
    ] {
        assert_eq!(check(text, sent), Ok(coerced), "{text}");
    }
}

#[test]
fn wrong_variables_are_named_by_their_path_without_their_value() {
    let text = "query($f:Filter,$n:Int,$b:By){a(f:$f,n:$n,by:$b)}";
    let sent = json!({"f":{"size":"secret","not":{"kind":["ONE","secret"],"nope":1}},"n":3_000_000_000_u32,"b":{"id":"1","slug":"secret"}});
    let (stage, messages) = check(text, sent).expect_err("they are wrong");
    assert_eq!(stage, Stage::Variables);
    let all = messages.join("\n");
    for path in ["`$f.size`", "`$f.not.kind.1`", "`$f.not.nope`", "`$n`", "`$b`"] {
        assert!(all.contains(path), "{path}: {all}");
    }
    assert!(!all.contains("secret"), "{all}");
}

#[test]
fn lists_and_depth_of_variables_are_bounded() {
    let ids = |count: usize| json!({ "i": vec!["x"; count] });
    assert_eq!(stage("query($i:[ID!]){a(ids:$i)}", ids(500)), None);
    assert_eq!(stage("query($i:[ID!]){a(ids:$i)}", ids(501)), Some(Stage::Complexity));
    let rows = |field: &str, count: usize| json!({ "i": { "rows": [], field: vec![json!({}); count] } });
    let sync = "mutation($i:MembershipsSyncInput!){c(input:$i)}";
    assert_eq!(stage(sync, rows("rows", variables::LONGEST_LIST)), None);
    assert_eq!(stage(sync, rows("rows", variables::LONGEST_LIST + 1)), Some(Stage::Complexity));
    assert_eq!(stage(sync, rows("others", 501)), Some(Stage::Complexity));
    let deep = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({ "not": inner }));
    assert_eq!(stage("query($f:Filter){a(f:$f)}", json!({ "f": deep(30) })), None);
    assert_eq!(stage("query($f:Filter){a(f:$f)}", json!({ "f": deep(32) })), Some(Stage::Complexity));
}

#[test]
fn absent_variables_leave_out_what_they_stand_in() {
    let text = "query($n:Int,$t:String){a(n:$n,f:{called:$t,size:2},t:$t)}";
    let variables = json!({ "n": null }).as_object().cloned().expect("an object");
    let checked = gate().check(Source::Text(text), None, &variables).expect("it is valid");
    let written = format!("{:?}", checked.document);
    assert!(written.contains("Variable(Name(\"n\"))"), "{written}");
    assert!(!written.contains("\"called\"") && !written.contains("Variable(Name(\"t\"))"), "{written}");
}

#[test]
fn a_document_is_read_once() {
    let gate = gate();
    gate.check(Source::Text("{a}"), None, &Sent::new()).expect("it is valid");
    let first = gate.document("{a}", false).expect("it is valid");
    assert!(Arc::ptr_eq(&first, &gate.document("{a}", false).expect("it is valid")));
}

#[test]
fn a_digest_stands_for_what_was_registered_only() {
    let gate = gate();
    let known =
        |text| gate.check(Source::Known(digest(text)), None, &Sent::new()).err().map(|refused| refused.stage);
    assert_eq!(known("{a}"), Some(Stage::Unknown));
    gate.check(Source::Text("{a}"), None, &Sent::new()).expect("it is valid");
    assert_eq!(known("{a}"), Some(Stage::Unknown), "nobody registered it");
    gate.check(Source::Registered("{a}"), None, &Sent::new()).expect("it is valid");
    assert_eq!(known("{a}"), None);
    gate.check(Source::Registered("{nope}"), None, &Sent::new()).expect_err("it is not");
    assert_eq!(known("{nope}"), Some(Stage::Unknown));
}

#[test]
fn the_gate_knows_the_schema_that_is_served() {
    let gate = Gate::new(&sdl()).expect("the schema is valid");
    let fields = "{ __type(name: \"GroupBy\") { isOneOf specifiedByURL } }";
    gate.check(Source::Text(fields), None, &Sent::new()).expect("introspection");
    for (input, field) in variables::LONG_LISTS {
        let input = gate.schema.get_input_object(input).expect("the input is there");
        assert!(input.fields.get(*field).is_some_and(|f| f.ty.is_list()), "{field}");
    }
}

/// Admission counts these names wherever they stand.
#[test]
fn only_introspection_has_fields_that_go_round() {
    let gate = Gate::new(&sdl()).expect("the schema is valid");
    for (name, ty) in gate.schema.types.iter().filter(|(name, _)| !name.starts_with("__")) {
        let Some(object) = ty.as_object() else { continue };
        for field in ["fields", "inputFields", "interfaces", "possibleTypes"] {
            assert!(!object.fields.contains_key(field), "{name}.{field}");
        }
    }
}
