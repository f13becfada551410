//! The canary crawl: texts, addresses and links that somebody must not see are looked for in everything that they
//! can be answered: along all edges, by every filter and order, in counts and in errors.
//!
//! The canaries are all texts of the world of the matrix. Which of them a principal may see, the permission table
//! predicts; none of the others may come back in any byte of any answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tests::{Value, World, json, on_both};

use crate::access::facts::Facts;
use crate::access::policy::Who;
use crate::access::predict::Oracle;
use crate::access::schema::Schema;
use crate::access::{principals, reads, world};

on_both!(no_canary_comes_back);

/// Those who crawl: one of each kind.
const CRAWLERS: &[&str] =
    &["anonymous", "assigned", "observer@PUB", "focal_point@GRP", "representative@OTH", "admin"];

/// How many hidden ids of a kind are tried in each filter.
const IDS: usize = 3;

async fn no_canary_comes_back(world: World) {
    let hand = world::build(world).await;
    let schema = Schema::ask(&hand.admin).await;
    let entered = principals::enter(&hand).await;
    let ids = reads::crawl(&hand.witness, &schema).await;
    let rows = reads::rows(&hand.witness, &schema, &ids).await;
    let mut facts = Facts::of_rows(rows.clone(), hand.public.borrow().clone());
    facts.learn(&rows);
    let oracle = Oracle::of(schema, facts);
    let mut canaries = BTreeSet::new();
    rows.iter().for_each(|row| texts(row, &mut canaries));
    assert!(canaries.len() > 300, "{} canaries", canaries.len());
    let (mut answers, mut crawled) = (0, 0);
    let oracles = RefCell::default();
    for who in entered.into_iter().filter(|e| CRAWLERS.contains(&e.name())) {
        let mut who = who.with_rights(&oracle.facts);
        who.sign_in_again(&hand.world).await;
        let start = std::time::Instant::now();
        let hidden = hidden(&oracle, &who, &canaries);
        crawled += 1;
        let crawl = Crawl { oracle: &oracle, who: &who, hidden: &hidden, oracles: &oracles };
        answers += crawl.edges().await;
        answers += crawl.filters(&canaries).await;
        answers += crawl.errors().await;
        eprintln!("{}: {:?}", who.name, start.elapsed());
    }
    assert_eq!(crawled, CRAWLERS.len());
    let oracles = oracles.into_inner();
    assert!(oracles.is_empty(), "filters that tell hidden from missing: {oracles:#?}");
    eprintln!("{crawled} principals, {} canaries, {answers} answers", canaries.len());
}

/// The texts of a row: what somebody wrote, no codes, no ids, no dates.
fn texts(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let is_word = ["availableTransitions", "viewerPermissions", "snapshot"]
                    .iter()
                    .any(|k| key.ends_with(k));
                if !is_word && !key.starts_with("__") {
                    texts(value, out);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|v| texts(v, out)),
        Value::String(text) => {
            let is_code =
                text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-:.TZ".contains(c));
            let is_id = text.len() > 30 && text.chars().nth(3) == Some('_');
            let is_hash = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
            if text.chars().count() >= 8 && !is_code && !is_id && !is_hash {
                out.insert(text.clone());
            }
        }
        _ => {}
    }
}

/// The canaries that somebody must not see: in nothing that they are to be told, not even as a part of it.
fn hidden(oracle: &Oracle, who: &Who, canaries: &BTreeSet<String>) -> Vec<String> {
    let mut told = String::new();
    for id in &oracle.facts.order {
        told += &oracle.row(who, id).to_string();
    }
    canaries
        .iter()
        .filter(|text| !told.contains(json!(text).to_string().trim_matches('"')))
        .cloned()
        .collect()
}

struct Crawl<'a> {
    oracle: &'a Oracle,
    who: &'a Who,
    hidden: &'a [String],
    /// Filters that tell hidden from missing: list and field, and who found out how.
    oracles: &'a RefCell<BTreeMap<String, Vec<String>>>,
}

impl Crawl<'_> {
    /// Asks, and looks for canaries; `asked`: what the question itself says comes back in errors.
    async fn look(&self, document: &str, variables: Value, asked: &str) -> Value {
        let answer = self.who.client.ask(document, variables).await;
        let body = answer.body.to_string();
        for text in self.hidden {
            let found = body.contains(json!(text).to_string().trim_matches('"'));
            assert!(
                !found || asked.contains(text.as_str()),
                "{} is told {text:?} by {document}\n{body}",
                self.who.name
            );
        }
        answer.body
    }

    /// From every list along every edge, and from there along every edge again.
    async fn edges(&self) -> usize {
        let schema = &self.oracle.schema;
        let mut answers = 0;
        for (list, of) in reads::lists_of() {
            for edge in schema.named(of).fields.iter().filter(|f| is_edge(schema, &f.of)) {
                let far = self.around(&edge.of, 2);
                let near = scalars(schema, of);
                let document =
                    format!("{{ {list}(first: 12) {{ nodes {{ {near} {} {{ {far} }} }} }} }}", call(edge));
                let body = self.look(&document, json!({}), "").await;
                assert!(body["errors"].is_null(), "{document}\n{body}");
                answers += 1;
            }
        }
        answers
    }

    /// All that a type shows, and what lies around it so many edges further.
    fn around(&self, of: &str, depth: usize) -> String {
        let schema = &self.oracle.schema;
        if let Some(row) = of.strip_suffix("Connection") {
            return format!("totalCount nodes {{ {} }}", self.around(row, depth));
        }
        let mut out = scalars(schema, of);
        for field in schema.named(of).fields.iter().filter(|f| is_edge(schema, &f.of)) {
            let row = field.of.strip_suffix("Connection").unwrap_or(&field.of);
            if depth == 0 || (depth == 1 && !schema.is_node(row) && field.of != row) {
                continue;
            }
            let below = match (depth, field.of.strip_suffix("Connection")) {
                (1, Some(row)) => format!("totalCount nodes {{ {} }}", scalars(schema, row)),
                (1, None) => scalars(schema, &field.of),
                (_, None) if !schema.is_node(&field.of) => self.around(&field.of, 1),
                (_, Some(row)) => format!("totalCount nodes {{ {} }}", scalars(schema, row)),
                _ => scalars(schema, &field.of),
            };
            out += &format!(" {} {{ {below} }}", call(field));
        }
        out
    }

    /// Every text filter with every canary, every id filter with every kind of hidden id, every order.
    async fn filters(&self, canaries: &BTreeSet<String>) -> usize {
        let schema = &self.oracle.schema;
        let mut answers = 0;
        for (list, of) in reads::lists_of() {
            let filter = format!("{of}Filter");
            if !schema.types.contains_key(&filter) {
                continue;
            }
            let everything = self.count(list, &[json!({})]).await[0].clone();
            for (field, kind) in schema.inputs_of(&filter) {
                match kind.as_str() {
                    "TextFilter" => {
                        answers += self.texts(list, of, &field, canaries).await;
                    }
                    "IdFilter" | "ID" => answers += self.ids(list, of, &field, &kind).await,
                    _ => {}
                }
            }
            for field in schema.values_of(&format!("{of}OrderField")) {
                let document = format!(
                    "{{ {list}(first: 100, orderBy: [{{ field: {field} }}]) {{ totalCount nodes {{ id }} }} }}"
                );
                let body = self.look(&document, json!({}), "").await;
                let told = body.pointer(&format!("/data/{list}")).cloned().unwrap_or_default();
                assert_eq!(told["totalCount"], everything["totalCount"], "{document}");
                assert_eq!(
                    told["nodes"].as_array().map(Vec::len),
                    everything["nodes"].as_array().map(Vec::len)
                );
                answers += 1;
            }
        }
        answers
    }

    /// The answers to a list with each of these filters.
    async fn count(&self, list: &str, filters: &[Value]) -> Vec<Value> {
        let upper = match list {
            "openActions" | "followUps" => "FollowUp".to_owned(),
            "people" => "Person".to_owned(),
            "breakGlassAccesses" => "BreakGlass".to_owned(),
            other => other[..1].to_uppercase() + &other[1..other.len() - 1],
        };
        let mut out = Vec::new();
        for filters in filters.chunks(20) {
            let (mut head, mut body, mut variables) = (String::new(), String::new(), json!({}));
            for (n, filter) in filters.iter().enumerate() {
                head += &format!(" $f{n}: {upper}Filter");
                body += &format!(" a{n}: {list}(first: 100, filter: $f{n}) {{ totalCount nodes {{ id }} }}");
                variables[format!("f{n}")] = filter.clone();
            }
            let document = format!("query({head}) {{{body} }}");
            let answer = self.look(&document, variables, "").await;
            assert!(answer["errors"].is_null(), "{}: {document}\n{answer}", self.who.name);
            out.extend((0..filters.len()).map(|n| answer["data"][format!("a{n}")].clone()));
        }
        out
    }

    fn tells(&self, filter: &str, how: String) {
        let mut oracles = self.oracles.borrow_mut();
        oracles.entry(filter.to_owned()).or_default().push(format!("{}: {how}", self.who.name));
    }

    /// A text that is hidden is found by nobody: by none of its parts.
    async fn texts(&self, list: &str, of: &str, field: &str, canaries: &BTreeSet<String>) -> usize {
        let column = match (of, field) {
            ("Person", "name") => "displayName",
            (_, field) => field,
        };
        let in_column: Vec<&str> =
            self.oracle.facts.all(of).map(|f| f.text(column)).filter(|t| canaries.contains(*t)).collect();
        let hidden: Vec<&str> =
            in_column.into_iter().filter(|t| self.hidden.iter().any(|h| h == t)).collect();
        let mut filters = Vec::new();
        for text in hidden {
            filters.push(json!({ field: { "contains": text } }));
            filters.push(json!({ field: { "startsWith": text } }));
            filters.push(json!({ field: { "eq": text } }));
        }
        for (told, filter) in self.count(list, &filters).await.iter().zip(&filters) {
            if told != &json!({ "totalCount": 0, "nodes": [] }) {
                self.tells(&format!("{list}.{field}"), format!("{filter}: {told}"));
            }
        }
        filters.len()
    }

    /// A hidden id filters as one that does not exist.
    async fn ids(&self, list: &str, of: &str, field: &str, kind: &str) -> usize {
        let target = match (of, field) {
            (_, "id") => of,
            (_, "group" | "groupWithSubGroups" | "from" | "to") => "Group",
            ("Group", "parent") => "Group",
            ("Organisation", "parent") => "Organisation",
            (_, "meeting") => "Meeting",
            (_, "agendaItem") => "AgendaItem",
            (_, "recommendation" | "derivedFrom") => "Recommendation",
            (_, "organisation" | "assigneeOrganisations" | "addresseeOrganisation") => "Organisation",
            (_, "person" | "assigneePeople") => "Person",
            (_, "series") => "MeetingSeries",
            _ => return 0,
        };
        let is_list = ["assigneeOrganisations", "assigneePeople", "addresseeOrganisation"].contains(&field);
        let rows = self.oracle.facts.all(target).filter(|f| !self.oracle.sees(self.who, &f.id));
        let ids: Vec<&str> = rows.map(|f| f.id.as_str()).collect();
        let ids: Vec<&str> = ids.iter().step_by(ids.len().div_ceil(IDS).max(1)).copied().collect();
        let Some(first) = ids.first() else { return 0 };
        let missing =
            format!("{}_019000000000700080000000ffffffff", first.split('_').next().unwrap_or_default());
        let filter = |id: &str| match (kind, is_list) {
            (_, true) => json!({ field: [id] }),
            ("ID", false) => json!({ field: id }),
            _ => json!({ field: { "eq": id } }),
        };
        let mut filters = vec![filter(&missing), json!({ "not": filter(&missing) })];
        for id in &ids {
            filters.extend([filter(id), json!({ "not": filter(id) })]);
        }
        let told = self.count(list, &filters).await;
        for (n, filter) in filters.iter().enumerate().skip(2) {
            let without = &told[n % 2];
            if &told[n] != without {
                self.tells(&format!("{list}.{field}"), format!("{filter}: {} instead of {without}", told[n]));
            }
        }
        filters.len()
    }

    /// Wrong kinds, broken ids, broken cursors, unknown fields; and every hidden row by `by`.
    async fn errors(&self) -> usize {
        let mut answers = 0;
        for fact in self.oracle.facts.order.iter().map(|id| self.oracle.facts.of(id)) {
            if self.oracle.sees(self.who, &fact.id) || answers > 60 {
                continue;
            }
            let lower = fact.of[..1].to_lowercase() + &fact.of[1..];
            for document in [
                format!("{{ node(id: \"{}\") {{ id ... on {} {{ __typename }} }} }}", fact.id, fact.of),
                format!("{{ followUp(by: {{ id: \"{}\" }}) {{ text }} }}", fact.id),
                format!("{{ {lower}(by: {{ id: \"{}x\" }}) {{ id }} }}", fact.id),
                format!("{{ followUps(after: \"{}\") {{ nodes {{ id }} }} }}", fact.id),
                format!(
                    "mutation {{ followUpStart(input: {{ id: \"{}\" }}) {{ userErrors {{ message code field }} }} }}",
                    fact.id
                ),
                format!(
                    "mutation {{ personMerge(input: {{ from: \"{0}\", into: \"{0}\" }}) {{ userErrors {{ message code }} }} }}",
                    fact.id
                ),
            ] {
                self.look(&document, json!({}), "").await;
                answers += 1;
            }
        }
        // an address that one may not see finds nobody
        let mut nobody = None;
        for (n, code) in (10..).zip(["PUB", "OPN", "GRP", "SUB", "OTH", "?"]) {
            let email = if code == "?" {
                "nobody@kafo.example".to_owned()
            } else {
                format!("partage-{n}@kafo.example")
            };
            if code != "?" && !self.hidden.contains(&email) {
                continue;
            }
            let document = "query($e: String!) { person(by: { email: $e }) { id } }";
            let told = self.look(document, json!({ "e": email }), &email).await;
            assert_eq!(nobody.get_or_insert(told.clone()), &told, "{} finds {email}", self.who.name);
            answers += 1;
        }
        answers
    }
}

/// Whether a field leads on to an object.
fn is_edge(schema: &Schema, of: &str) -> bool {
    schema.is_composite(of)
}

fn call(field: &crate::access::schema::Field) -> String {
    if field.of.ends_with("Connection") { format!("{}(first: 5)", field.name) } else { field.name.clone() }
}

/// The fields of a type that hold values.
fn scalars(schema: &Schema, of: &str) -> String {
    let fields = schema.named(of).fields.iter().filter(|f| !schema.is_composite(&f.of));
    fields.fold("__typename".to_owned(), |out, f| out + " " + &f.name)
}
