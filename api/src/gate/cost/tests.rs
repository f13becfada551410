use std::path::Path;

use serde_json::{Value as Json, json};

use super::*;
use crate::gate::{Gate, Refused, Source, Stage};
use crate::graphql::sdl;

const SDL: &str = r#"
    directive @cost(weight: String!) on
        ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
    directive @listSize(
        assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
    ) on FIELD_DEFINITION
    type Query {
        pages(first: Int, last: Int): Pages @listSize(
            assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"]
            requireOneSlicingArgument: false)
        one: Thing
        dear: Thing @cost(weight: "7")
        number: Int
        dearNumber: Int @cost(weight: "3")
        find(filter: Filter, all: [Filter!], text: String @cost(weight: "5")): Thing
    }
    type Mutation { change(input: Filter!): Thing @cost(weight: "10") }
    type Pages { edges: [Edge!]!  nodes: [Thing!]!  total: Int  info: Info }
    type Edge { node: Thing }
    type Info { more: Boolean }
    type Thing {
        name: String
        one: Thing
        parts: [Thing!]! @listSize(assumedSize: 4)
        loose: [Thing!]!
        words: [String!]!
        pages(first: Int, last: Int): Pages @listSize(
            assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"]
            requireOneSlicingArgument: false)
    }
    input Filter { name: String, contains: String @cost(weight: "9"), not: Filter, any: [Filter!] }
"#;

fn check(sdl: &str, text: &str, variables: &Json) -> Result<Cost, Refused> {
    let variables = variables.as_object().cloned().unwrap_or_default();
    let gate = Gate::new(sdl).expect("a schema");
    gate.check(Source::Text(text), None, &variables).map(|checked| checked.cost)
}

fn cost(text: &str) -> u64 {
    cost_with(text, &json!({}))
}

fn cost_with(text: &str, variables: &Json) -> u64 {
    check(SDL, text, variables).unwrap_or_else(|refused| panic!("{text}: {refused:?}")).requested
}

#[test]
fn each_object_costs_one_as_often_as_it_may_come() {
    for (text, expected) in [
        ("{number}", 0),
        ("{one{name}}", 1),
        ("{one{one{name} words}}", 2),
        ("{one{parts{name}}}", 5),
        ("{one{parts{parts{name}}}}", 21),
        // nobody says how long: one
        ("{one{loose{name}}}", 2),
        ("{pages(first:10){nodes{name}}}", 11),
        ("{pages(last:7){nodes{name}}}", 8),
        ("{pages{nodes{name}}}", 21),
        ("{pages(first:null){nodes{name}}}", 21),
        ("{pages(first:10){edges{node{name}}}}", 21),
        ("{pages(first:0){nodes{parts{name}}}}", 1),
        // by hand: pages 1, nodes 10, their parts 40, those of parts 40, info 1
        ("{pages(first:10){nodes{name parts{name one{name}}} info{more} total}}", 92),
        // pages in pages: 1 + 10 + 10 × (1 + 5)
        ("{pages(first:10){nodes{pages(first:5){nodes{name}}}}}", 71),
        // rows are read although only the page shows: 1 + 30, and 1 for info
        ("{pages(first:30){info{more}}}", 32),
        ("{pages(first:30){total}}", 31),
        ("mutation{change(input:{}){name}}", 11),
    ] {
        assert_eq!(cost(text), expected, "{text}");
    }
}

#[test]
fn weights_stand_in_place_of_one() {
    for (text, expected) in [
        ("{dear{name}}", 7),
        ("{dear{one{name}}}", 8),
        ("{dearNumber}", 3),
        ("{find(filter:{name:\"x\"}){name}}", 2),
        ("{find(filter:{contains:\"x\"}){name}}", 11),
        ("{find(filter:{not:{contains:\"x\"}}){name}}", 12),
        ("{find(filter:{any:[{contains:\"x\"},{contains:\"y\"}]}){name}}", 22),
        ("{find(filter:{any:{contains:\"x\"}}){name}}", 12),
        ("{find(all:[{},{},{}]){name}}", 4),
        ("{find(all:{}){name}}", 2),
        ("{find(filter:null,text:\"x\"){name}}", 6),
    ] {
        assert_eq!(cost(text), expected, "{text}");
    }
}

#[test]
fn variables_count_as_what_they_hold() {
    let pages = "query($n:Int){pages(first:$n){nodes{name}}}";
    assert_eq!(cost_with(pages, &json!({ "n": 100 })), 101);
    assert_eq!(cost_with(pages, &json!({ "n": null })), 21);
    assert_eq!(cost(pages), 21);
    assert_eq!(cost("query($n:Int=3){pages(first:$n){nodes{name}}}"), 4);
    let find = "query($f:Filter,$all:[Filter!],$t:String){find(filter:$f,all:$all,text:$t){name}}";
    assert_eq!(cost_with(find, &json!({ "f": { "not": { "contains": "x" } } })), 12);
    assert_eq!(cost_with(find, &json!({ "all": [{}, { "contains": "x" }] })), 12);
    assert_eq!(cost_with(find, &json!({ "t": "x" })), 6);
    assert_eq!(cost(find), 1);
    let inside = "query($t:String,$f:Filter!){find(filter:{contains:$t,any:[$f]}){name}}";
    assert_eq!(cost_with(inside, &json!({ "t": "x", "f": {} })), 12);
    assert_eq!(cost_with(inside, &json!({ "f": { "name": "x" } })), 3);
}

#[test]
fn what_is_asked_for_twice_is_read_once() {
    let merged = "{one{...A ...B ... on Thing{one{words}} one{name}}}
        fragment A on Thing{one{name parts{name}}} fragment B on Thing{one{parts{words}}}";
    assert_eq!(cost(merged), 6);
    let paged =
        "{pages(first:10){...P ...Q}} fragment P on Pages{nodes{name}} fragment Q on Pages{nodes{one{name}}}";
    assert_eq!(cost(paged), 21);
    // another alias is another page
    assert_eq!(cost("{a:pages(first:10){nodes{name}} b:pages(first:5){nodes{name}}}"), 17);
    assert_eq!(cost("{pages(first:10){a:nodes{name} b:nodes{name}}}"), 21);
}

#[test]
fn what_is_left_out_costs_nothing() {
    let text = "query($yes:Boolean=true,$no:Boolean!){
        one@include(if:$no){name} ...A@skip(if:$yes) ...@include(if:true){dear@skip(if:false){name}} }
        fragment A on Query{pages{nodes{name}}}";
    assert_eq!(cost_with(text, &json!({ "no": false })), 7);
    assert_eq!(cost_with(text, &json!({ "no": true })), 8);
    assert_eq!(cost_with(text, &json!({ "no": true, "yes": false })), 29);
}

#[test]
fn introspection_is_free() {
    let types = "{__typename __schema{types{name fields{name args{name type{name}}}}} one{__typename}}";
    assert_eq!(cost(types), 1);
}

/// `depth` pages in each other.
fn nested(depth: usize, first: u32) -> String {
    format!(
        "{{{}{}}}",
        format!("pages(first:{first}){{nodes{{").repeat(depth),
        "name".to_owned() + &"}}".repeat(depth)
    )
}

#[test]
fn too_dear_is_refused_and_says_where() {
    let refused = check(SDL, &nested(3, 100), &json!({})).expect_err("a million");
    assert_eq!((refused.stage, refused.stage.code()), (Stage::Complexity, "QUERY_TOO_COMPLEX"));
    let cost = refused.cost.clone().expect("it says what it costs");
    assert_eq!(cost.requested, 1 + 100 + 100 + 10_000 + 10_000 + 1_000_000);
    let told = json!(cost.told());
    assert_eq!((&told["requested"], &told["limit"]), (&json!(1_020_201), &json!(MOST)));
    let paths: Vec<_> = cost.dearest.iter().map(|one| (one.path.join("."), one.cost)).collect();
    let expected = [
        ("pages.nodes.pages.nodes.pages.nodes", 1_000_000),
        ("pages.nodes.pages.nodes", 10_000),
        ("pages.nodes.pages.nodes.pages", 10_000),
    ];
    assert_eq!(paths, expected.map(|(path, cost)| (path.to_owned(), cost)));
    // the limit itself is let pass, to the last object
    let edge = |more: u32| {
        let last = format!(
            "query{{pages(first:100){{nodes{{pages(first:99){{nodes{{a:parts{{name}} b:parts{{name}} one{{name}}}}}}}}}} more:pages(first:{more}){{nodes{{parts{{parts{{name}}}}}}}}}}"
        );
        check(SDL, &last, &json!({}))
    };
    let base = edge(0).expect("below the limit").requested;
    assert_eq!(base, 1 + 100 + 100 + 9900 + 2 * 4 * 9900 + 9900 + 1);
    assert!(edge(38).is_ok_and(|cost| cost.requested == base + 38 * 21 && cost.requested == MOST));
    assert!(edge(39).is_err());
}

#[test]
fn sums_and_products_saturate() {
    let refused = check(SDL, &nested(7, 100), &json!({})).expect_err("too dear");
    let most = refused.cost.expect("it says what it costs").requested;
    assert!(most > u64::from(u32::MAX));
    // deeper than that documents may not be: dearer objects then
    let sdl = SDL.replace(r#"@cost(weight: "7")"#, &format!(r#"@cost(weight: "{}")"#, u64::MAX));
    for text in ["{dear{name} dearNumber}", "{a:dear{name} b:dear{name} pages(first:100){nodes{name}}}"] {
        let refused = check(&sdl, text, &json!({})).expect_err("too dear");
        assert_eq!(refused.cost.expect("it says what it costs").requested, u64::MAX, "{text}");
    }
}

#[test]
fn a_page_beyond_the_largest_is_left_to_its_field() {
    assert_eq!(cost("{pages(first:2000000000){nodes{name}}}"), 101);
    assert_eq!(cost("{pages(first:-1){nodes{name}}}"), 21);
}

fn published(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Worked out by hand from the published schema.
#[test]
fn what_the_benchmark_asks_costs_what_is_published() {
    let id = json!({ "id": "grp_1" });
    for (document, expected) in [
        // openActions 1, its filter 2, pageInfo 1; 50 × (itself, recommendation, meeting; 3 assignments of organisations)
        ("bench/documents/kafo/q1.graphql", 4 + 50 * (3 + 3 * 2)),
        // meeting 1, its key 1, group 1; 10 items, 3 recommendations, 3 follow-ups, 3 assignments of organisations
        ("bench/documents/kafo/q2.graphql", 3 + 10 * (1 + 3 * (1 + 3 * (1 + 3 * 2)))),
        // memberships 1, their filter 2, pageInfo 1; 100 × (itself, person, organisation)
        ("bench/documents/kafo/q3.graphql", 4 + 100 * 3),
    ] {
        let cost = check(&sdl(), &published(document), &id).expect("it is allowed");
        assert_eq!(cost.requested, expected, "{document}: {cost:?}");
    }
}

/// A hundred meetings with what came of them is what a tool may ask for at a time.
#[test]
fn what_real_clients_ask_stays_well_below() {
    let gate = Gate::new(&sdl()).expect("a schema");
    let outcomes = "query { meetings(first: 100) { nodes { title group { name } agendaItems { title
        recommendations { text followUps { text assignments { organisation { name } } } } } } } }";
    let most = gate.check(Source::Text(outcomes), None, &Default::default()).expect("it is allowed").cost;
    assert_eq!(most.requested, 1 + 100 * (2 + 10 * (1 + 3 * (1 + 3 * (1 + 3 * 2)))));
    for example in ["1-open-actions", "2-meeting-outcomes", "3-memberships"] {
        let text = published(&format!("api/assets/explorer/examples/{example}.graphql"));
        let cost = gate.check(Source::Text(&text), None, &Default::default()).expect("it is allowed").cost;
        assert!(cost.requested < MOST / 10, "{example}: {cost:?}");
    }
}

/// What a document cost once is remembered where it cannot cost anything else.
#[test]
fn a_document_that_is_known_costs_what_it_cost_alone() {
    let text = "query($t: String, $n: Int, $s: Boolean = false) {
        find(text: $t) { pages(first: $n) { nodes { name @skip(if: $s) } } } }";
    let one = "query($t: String) { find(text: $t) { parts { name } } }";
    let gate = Gate::new(SDL).expect("a schema");
    for _ in 0..2 {
        for (text, variables) in [
            (text, json!({ "t": "x", "n": 2, "s": true })),
            (text, json!({ "t": "x", "n": 50 })),
            (text, json!({ "n": 50 })),
            (one, json!({ "t": "x" })),
            (one, json!({ "t": "another" })),
            (one, json!({ "t": null })),
            (one, json!({})),
        ] {
            let sent = variables.as_object().cloned().unwrap_or_default();
            let known = gate.check(Source::Text(text), None, &sent).expect("it is valid").cost;
            assert_eq!(known, check(SDL, text, &variables).expect("it is valid"), "{variables}");
        }
    }
    assert_ne!(cost_with(one, &json!({ "t": "x" })), cost_with(one, &json!({})), "the text is dear");
}
