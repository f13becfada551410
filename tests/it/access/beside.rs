//! What belongs to a row is the same whether it is read beside the row, in one statement, or apart from it: who may see
//! it is said in two ways (`Table::beside`).

use tests::{Value, json};

use super::policy::Who;
use super::predict::Oracle;
use super::report::Report;

/// Who belongs to whom: a root field, its type, and two relations of which each is read beside its row when it is asked
/// for alone, and apart from it when both are.
const BELONGING: [(&str, &str, [&str; 2]); 2] = [
    ("meeting", "Meeting", ["agendaItems { id }", "attendance { id }"]),
    ("followUp", "FollowUp", ["assignments { id }", "updates { text createdAt }"]),
];

/// Reads both ways as somebody, and compares.
pub async fn as_principal(oracle: &Oracle, who: &Who, report: &mut Report) {
    for (root, of, relations) in BELONGING {
        let facts: Vec<_> = oracle.facts.all(of).collect();
        for facts in facts.chunks(20) {
            let ids: Vec<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
            let both = relations.join(" ");
            let apart = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {of} {{ {both} }} }} }}");
            let apart = who.client.ask(&apart, json!({ "ids": ids })).await;
            for relation in relations {
                let one = |(n, id)| format!(" a{n}: {root}(by: {{ id: \"{id}\" }}) {{ {relation} }}");
                let document: String = ids.iter().enumerate().map(one).collect();
                let beside = who.client.ask(&format!("{{{document} }}"), json!({})).await;
                let name = relation.split(' ').next().unwrap_or_default();
                for (n, fact) in facts.iter().enumerate() {
                    let told = |row: &Value| row.get(name).cloned().unwrap_or_default();
                    let (one, other) = (told(beside.at(&format!("/a{n}"))), told(&apart.list("/nodes")[n]));
                    if one != other {
                        let said =
                            format!("{}: {name} is {one} beside it and {other} apart from it", fact.label);
                        report.wrong(&format!("{of}.{name}"), &who.name, said);
                    }
                }
            }
        }
    }
}
