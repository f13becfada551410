//! The matrix: every field and every mutation of the schema, for every kind of principal, against what
//! `docs/permissions.csv` predicts.

mod audit;
mod beside;
pub mod facts;
mod hand;
mod mutations;
mod own;
pub mod policy;
pub mod predict;
pub mod principals;
pub mod reads;
mod report;
pub mod schema;
mod told;
pub mod world;

use std::time::Instant;

use tests::{World, on_both};

use self::facts::Facts;
use self::hand::Hand;
use self::policy::Who;
use self::predict::Oracle;
use self::report::{Report, Verdict};
use self::schema::Schema;

on_both!(matrix);

/// How many answers are known not to be as predicted. May only shrink.
const EXEMPTIONS: usize = 10;

#[test]
fn exemptions_only_shrink() {
    assert_eq!(
        report::exemptions().len(),
        EXEMPTIONS,
        "an exemption was added, or this number can be lowered"
    );
}

async fn matrix(world: World) {
    let start = Instant::now();
    let mut hand = world::build(world).await;
    let schema = Schema::ask(&hand.admin).await;
    let entered = principals::enter(&hand).await;
    let ids = reads::crawl(&hand.witness, &schema).await;
    let rows = reads::rows(&hand.witness, &schema, &ids).await;
    let mut facts = Facts::of_rows(rows.clone(), hand.public.borrow().clone());
    facts.learn(&rows);
    for other in [&hand.manager, &hand.admin] {
        facts.learn(&reads::rows(other, &schema, &ids).await);
    }
    let mut oracle = Oracle::of(schema, facts);
    oracle.log = audit::read(&hand.admin).await.0;
    // while working on the matrix: ONLY=anonymous,admin looks at these alone, and compares with no file
    let only = std::env::var("ONLY").unwrap_or_default();
    let entered =
        entered.into_iter().filter(|e| only.is_empty() || only.split(',').any(|name| name == e.name()));
    let mut everybody: Vec<Who> = entered.map(|e| e.with_rights(&oracle.facts)).collect();
    let mut report = Report::new();
    classified(&oracle, &mut report);
    let built = start.elapsed();

    let half = everybody.len() / 2;
    let (left, right) = everybody.split_at_mut(half);
    let (one, other) = tokio::join!(lane(&oracle, &hand, left, false), lane(&oracle, &hand, right, false));
    report.add(one);
    report.add(other);
    let read = start.elapsed();
    let before = mutations::recorded(&hand.world).await;
    let (one, other) = tokio::join!(lane(&oracle, &hand, left, true), lane(&oracle, &hand, right, true));
    report.add(one);
    report.add(other);
    let after = mutations::recorded(&hand.world).await;
    // who signed in, and who failed to, is on record too
    let signing = ["signIn", "signInFailed", "signOut", "sessionRefresh"];
    for (kind, count) in after.iter().filter(|(kind, _)| !signing.contains(&kind.as_str())) {
        if before.get(kind) != Some(count) {
            report.wrong(
                kind,
                "*",
                format!("{kind}: {:?} on record became {count}, and nothing should have", before.get(kind)),
            );
        }
    }
    let tried = start.elapsed();
    hand.sign_in_again().await;
    mutations::succeed(&oracle, &hand).await;
    own::succeed(&hand).await;
    on_record(&oracle, &hand, &mut report).await;

    let names: Vec<&str> = everybody.iter().map(|w| w.name.as_str()).collect();
    let fields = report.lines("1 field").len();
    eprintln!(
        "matrix on {:?}: {} cells of {} principals; {fields} fields, {} rows, {} mutations; {} answers compared; built {built:?}, read {:?}, tried {:?}, in all {:?}",
        hand.world.database,
        report.size(),
        names.len(),
        oracle.facts.order.len(),
        report.lines("3 mutation").len(),
        report.answers,
        read.saturating_sub(built),
        tried.saturating_sub(read),
        start.elapsed(),
    );
    let mistakes = report.mistakes();
    let shown: Vec<&str> = mistakes.iter().take(300).map(String::as_str).collect();
    assert!(mistakes.is_empty(), "{} answers are not as predicted:\n{}", mistakes.len(), shown.join("\n"));
    assert!(
        !only.is_empty() || report.spare().is_empty(),
        "exemptions that nothing needs: {:?}",
        report.spare()
    );
    if only.is_empty() {
        report::compare(&report.text(&names));
    }
}

/// Some of the principals, one after the other.
async fn lane(oracle: &Oracle, hand: &Hand, some: &mut [Who], is_writing: bool) -> Report {
    let mut report = Report::new();
    for who in some {
        who.sign_in_again(&hand.world).await;
        if is_writing {
            mutations::as_principal(oracle, who, &mut report).await;
        } else {
            reads::as_principal(oracle, who, &mut report).await;
        }
    }
    report
}

/// Every field and every mutation has its line in `fields.csv` and `mutations.csv`, and no line is about nothing.
fn classified(oracle: &Oracle, report: &mut Report) {
    let mut names = std::collections::BTreeSet::new();
    for (of, shape) in oracle.schema.types.iter().filter(|(_, t)| t.kind == "OBJECT") {
        for field in &shape.fields {
            let name = format!("{of}.{}", field.name);
            if of == "Mutation" {
                let has_line = oracle.lines.iter().any(|l| l.mutation == field.name);
                assert!(has_line, "mutations.csv does not classify {}", field.name);
            } else if !is_frame(oracle, of, field) {
                let has_line = oracle.rules.contains_key(&name);
                assert!(has_line, "fields.csv does not classify {name}");
                names.insert(name);
            }
        }
        // entries of the log have a judge of their own
        if oracle.schema.is_node(of) && of != audit::ENTRY {
            let has_row = oracle.facts.all(of).next().is_some() || report.is_exempt(of);
            assert!(has_row && oracle.rules.contains_key(of), "fields.csv or the world have no {of}");
        }
    }
    let old: Vec<&String> = oracle.rules.keys().filter(|k| k.contains('.') && !names.contains(*k)).collect();
    assert!(old.is_empty(), "fields.csv has lines about nothing: {old:?}");
    let is_known =
        |l: &&mutations::Line| oracle.schema.named("Mutation").fields.iter().any(|f| f.name == l.mutation);
    let old: Vec<&str> = oracle.lines.iter().filter(|l| !is_known(l)).map(|l| l.mutation.as_str()).collect();
    assert!(old.is_empty(), "mutations.csv has lines about nothing: {old:?}");
}

/// What every connection, edge, page, payload and error has: it says nothing that the rows inside do not.
fn is_frame(oracle: &Oracle, of: &str, field: &schema::Field) -> bool {
    let name = field.name.as_str();
    match () {
        () if of.ends_with("Connection") => ["edges", "nodes", "pageInfo", "totalCount"].contains(&name),
        () if of.ends_with("Edge") => ["cursor", "node"].contains(&name),
        () if of == "PageInfo" => true,
        () if of.ends_with("Error") => [
            "code",
            "message",
            "field",
            "from",
            "allowed",
            "currentVersion",
            "candidates",
            "retryAfterSeconds",
        ]
        .contains(&name),
        () if of.ends_with("Payload") => {
            name == "userErrors"
                || (oracle.schema.is_composite(&field.of) && oracle.schema.is_node(&field.of))
        }
        () => false,
    }
}

/// Every mutation succeeded somewhere, and each success is on record once; every field was told to somebody.
async fn on_record(oracle: &Oracle, hand: &Hand, report: &mut Report) {
    let recorded = mutations::recorded(&hand.world).await;
    let done = hand.done.borrow().clone();
    let sign_ins = ["signIn", "sessionRefresh", "signOut"];
    for line in &oracle.lines {
        let name = line.mutation.as_str();
        if sign_ins.contains(&name) {
            continue;
        }
        let (did, said) = (done.get(name).copied(), recorded.get(name).copied());
        if did.is_none() && !report.is_exempt(name) {
            report.wrong(name, "*", format!("{name} never succeeded: it needs a line in successes.csv"));
        } else if did != said {
            report.wrong(
                name,
                "*",
                format!("{name} succeeded {did:?} times, and is on record {said:?} times"),
            );
        }
    }
    for name in report.lines("1 field") {
        let told = [Verdict::Value, Verdict::Empty].iter().any(|v| report.has("1 field", &name, *v));
        if !told && !report.is_exempt(&name) {
            report.wrong(
                &name,
                "*",
                format!("{name} is never told to anybody: the world has no value in it"),
            );
        }
    }
}
