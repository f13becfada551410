use apollo_compiler::Schema;

use super::*;

const OLD: &str = r#"
    directive @note(text: String, level: Int = 1) repeatable on FIELD | QUERY
    directive @gone on FIELD
    directive @cost(weight: String!) on FIELD_DEFINITION
    directive @oneOf on INPUT_OBJECT
    scalar Day @specifiedBy(url: "https://example.org/day")
    interface Named { name: String }
    interface Aged { age: Int }
    type Query implements Named {
        name: String
        count: Int!
        list: [String]
        find(id: ID, size: Int = 20, day: Day, must: ID!): Found
        dear: Int @cost(weight: "1")
        old: Int
    }
    type Mutation { change: Int }
    type Thing implements Named & Aged { name: String age: Int }
    union Found = Thing | Query
    enum Kind { ONE TWO THREE @deprecated }
    input Filter { name: String size: Int = 3 kinds: [Kind!] must: Int! }
    input By { id: ID slug: String }
    type Kept { name: String }
"#;

/// The changes that come of replacing a text in the old schema: effect, code, path.
fn after(from: &str, to: &str) -> Vec<(Effect, &'static str, String)> {
    assert_eq!(OLD.matches(from).count(), 1, "{from}");
    let schema = |text: &str| Schema::parse(text, "schema.graphql").expect("a schema");
    let changes = compare(&schema(OLD), &schema(&OLD.replace(from, to)));
    changes.into_iter().map(|change| (change.effect, change.code, change.path)).collect()
}

#[track_caller]
fn only(from: &str, to: &str, effect: Effect, code: &'static str, path: &str) {
    assert_eq!(after(from, to), [(effect, code, path.to_owned())], "{from} → {to}");
}

#[test]
fn nothing_changes_of_itself() {
    assert_eq!(after("type Kept { name: String }", "type Kept {    name: String, }"), []);
}

#[test]
fn what_breaks_clients_is_breaking() {
    for (from, to, code, path) in [
        ("type Kept { name: String }", "", "TYPE_REMOVED", "Kept"),
        ("type Kept {", "interface Kept {", "TYPE_CHANGED_KIND", "Kept"),
        ("union Found = Thing | Query", "union Found = Query", "TYPE_REMOVED_FROM_UNION", "Found"),
        ("ONE TWO", "ONE", "VALUE_REMOVED_FROM_ENUM", "Kind.TWO"),
        ("input By { id: ID", "input By { id: ID more: Int!", "REQUIRED_INPUT_FIELD_ADDED", "By.more"),
        ("implements Named & Aged", "implements Named", "IMPLEMENTED_INTERFACE_REMOVED", "Thing"),
        ("        old: Int\n", "", "FIELD_REMOVED", "Query.old"),
        ("input By { id: ID slug: String }", "input By { id: ID }", "FIELD_REMOVED", "By.slug"),
        ("count: Int!", "count: Int", "FIELD_CHANGED_KIND", "Query.count"),
        ("count: Int!", "count: Float!", "FIELD_CHANGED_KIND", "Query.count"),
        ("count: Int!", "count: [Int!]!", "FIELD_CHANGED_KIND", "Query.count"),
        ("list: [String]", "list: String", "FIELD_CHANGED_KIND", "Query.list"),
        ("kinds: [Kind!]", "kinds: [Kind!]!", "FIELD_CHANGED_KIND", "Filter.kinds"),
        ("kinds: [Kind!]", "kinds: Kind", "FIELD_CHANGED_KIND", "Filter.kinds"),
        ("find(id: ID,", "find(id: ID, more: Int!,", "REQUIRED_ARG_ADDED", "Query.find(more)"),
        ("find(id: ID,", "find(", "ARG_REMOVED", "Query.find(id)"),
        ("find(id: ID,", "find(id: Int,", "ARG_CHANGED_KIND", "Query.find(id)"),
        ("find(id: ID,", "find(id: ID!,", "ARG_CHANGED_KIND", "Query.find(id)"),
        ("directive @gone on FIELD\n", "", "DIRECTIVE_REMOVED", "@gone"),
        ("@note(text: String,", "@note(", "DIRECTIVE_ARG_REMOVED", "@note(text)"),
        (
            "@note(text: String,",
            "@note(text: String, more: Int!,",
            "REQUIRED_DIRECTIVE_ARG_ADDED",
            "@note(more)",
        ),
        ("repeatable on", "on", "DIRECTIVE_REPEATABLE_REMOVED", "@note"),
        ("on FIELD | QUERY", "on FIELD", "DIRECTIVE_LOCATION_REMOVED", "@note"),
        ("input By {", "input By @oneOf {", "ONE_OF_ADDED", "By"),
        (
            "type Mutation { change: Int }",
            "schema { query: Query } type Mutation { change: Int }",
            "ROOT_TYPE_REMOVED",
            "schema.mutation",
        ),
    ] {
        only(from, to, Effect::Breaking, code, path);
    }
}

#[test]
fn a_default_that_goes_may_make_an_argument_required() {
    let without = after("size: Int = 20", "size: Int!");
    let codes: Vec<_> = without.iter().map(|(effect, code, _)| (*effect, *code)).collect();
    assert_eq!(codes, [(Effect::Breaking, "ARG_CHANGED_KIND"), (Effect::Breaking, "REQUIRED_ARG_ADDED")]);
}

#[test]
fn what_may_surprise_clients_is_dangerous() {
    for (from, to, code, path) in [
        ("ONE TWO", "ONE TWO FOUR", "VALUE_ADDED_TO_ENUM", "Kind.FOUR"),
        ("Found = Thing | Query", "Found = Thing | Query | Kept", "TYPE_ADDED_TO_UNION", "Found"),
        ("input By { id: ID", "input By { id: ID more: Int", "OPTIONAL_INPUT_FIELD_ADDED", "By.more"),
        ("input By { id: ID", "input By { id: ID more: Int! = 1", "OPTIONAL_INPUT_FIELD_ADDED", "By.more"),
        ("find(id: ID,", "find(id: ID, more: Int,", "OPTIONAL_ARG_ADDED", "Query.find(more)"),
        ("type Kept {", "type Kept implements Named {", "IMPLEMENTED_INTERFACE_ADDED", "Kept"),
        ("size: Int = 20", "size: Int = 30", "ARG_DEFAULT_VALUE_CHANGE", "Query.find(size)"),
        ("size: Int = 20", "size: Int", "ARG_DEFAULT_VALUE_CHANGE", "Query.find(size)"),
        ("size: Int = 3 ", "size: Int = 4 ", "INPUT_FIELD_DEFAULT_VALUE_CHANGE", "Filter.size"),
        ("example.org/day", "example.org/night", "SCALAR_SPECIFICATION_CHANGED", "Day"),
        (
            "@note(text: String,",
            "@note(text: String, more: Int,",
            "OPTIONAL_DIRECTIVE_ARG_ADDED",
            "@note(more)",
        ),
        ("level: Int = 1", "level: Int = 2", "DIRECTIVE_ARG_DEFAULT_VALUE_CHANGE", "@note(level)"),
    ] {
        only(from, to, Effect::Dangerous, code, path);
    }
}

#[test]
fn what_no_client_notices_is_safe() {
    for (from, to, code, path) in [
        ("type Kept {", "type More { a: Int } type Kept {", "TYPE_ADDED", "More"),
        ("type Kept { name: String", "type Kept { name: String more: Int", "FIELD_ADDED", "Kept.more"),
        ("list: [String]", "list: [String!]!", "FIELD_CHANGED_KIND", "Query.list"),
        ("        old: Int\n", "        old: Int!\n", "FIELD_CHANGED_KIND", "Query.old"),
        ("must: ID!)", "must: ID)", "ARG_CHANGED_KIND", "Query.find(must)"),
        ("must: Int! }", "must: Int }", "FIELD_CHANGED_KIND", "Filter.must"),
        ("kinds: [Kind!]", "kinds: [Kind]", "FIELD_CHANGED_KIND", "Filter.kinds"),
        (
            "        old: Int\n",
            "        old: Int @deprecated(reason: \"x\")\n",
            "DEPRECATION_ADDED",
            "Query.old",
        ),
        ("THREE @deprecated", "THREE", "DEPRECATION_REMOVED", "Kind.THREE"),
        ("THREE @deprecated", "THREE @deprecated(reason: \"x\")", "DEPRECATION_CHANGED", "Kind.THREE"),
        ("type Kept {", "\"Words.\" type Kept {", "DESCRIPTION_CHANGED", "Kept"),
        ("        old: Int\n", "        \"Words.\" old: Int\n", "DESCRIPTION_CHANGED", "Query.old"),
        ("find(id: ID,", "find(\"Words.\" id: ID,", "DESCRIPTION_CHANGED", "Query.find(id)"),
        ("@cost(weight: \"1\")", "@cost(weight: \"2\")", "COST_CHANGED", "Query.dear"),
        (
            "directive @gone on FIELD",
            "directive @gone on FIELD directive @new on FIELD",
            "DIRECTIVE_ADDED",
            "@new",
        ),
        ("directive @gone on FIELD", "directive @gone on FIELD | QUERY", "DIRECTIVE_LOCATION_ADDED", "@gone"),
        (
            "directive @gone on FIELD",
            "directive @gone repeatable on FIELD",
            "DIRECTIVE_REPEATABLE_ADDED",
            "@gone",
        ),
        ("type Kept {", "type Subscription { a: Int } type Kept {", "ROOT_TYPE_ADDED", "schema.subscription"),
    ] {
        let found = after(from, to);
        let expected = (Effect::Safe, code, path.to_owned());
        assert!(found.contains(&expected), "{from} → {to}: {found:?}");
        assert!(found.iter().all(|(effect, ..)| *effect == Effect::Safe), "{from} → {to}: {found:?}");
    }
}

#[test]
fn the_worst_comes_first() {
    let found = after("type Kept { name: String }", "type More { a: Int }");
    let effects: Vec<Effect> = found.iter().map(|(effect, ..)| *effect).collect();
    assert_eq!(effects, [Effect::Breaking, Effect::Safe]);
}

#[test]
fn announcements_name_a_change_and_a_reason() {
    let text = "# 2026\n\nFIELD_REMOVED Query.old: use `new`; announced 2026-01-15\nARG_REMOVED Query.find(id): see above\n";
    let announced = Announced::parse(text).expect("two");
    let schema = |text: &str| Schema::parse(text, "schema.graphql").expect("a schema");
    let changes = compare(&schema(OLD), &schema(&OLD.replace("        old: Int\n", "")));
    assert!(announced.names(&changes[0]));
    let unused: Vec<&str> = announced.unused(&changes).iter().map(|one| one.path.as_str()).collect();
    assert_eq!(unused, ["Query.find(id)"]);
    for wrong in
        ["FIELD_REMOVED Query.old", "FIELD_REMOVED Query.old: ", "Query.old: gone", "FIELD_REMOVED: gone"]
    {
        assert!(Announced::parse(wrong).is_err_and(|mistakes| mistakes.len() == 1), "{wrong}");
    }
}
