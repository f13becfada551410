//! The rules of the rooms, enforced on the source. Each line says who must not mention what, and why.

use std::fs;
use std::path::{Path, PathBuf};

/// (files whose path contains this, must not contain this, because)
const RULES: &[(&str, &str, &str)] = &[
    ("/rules", "sea_orm", "rules are pure: no database"),
    ("/rules", "async_graphql", "rules are pure: no GraphQL"),
    ("/rules", "async fn", "rules are pure: no waiting"),
    ("/rules", "clock::", "rules are pure: time is a parameter"),
    ("/store", "async_graphql", "stores answer Rust, not GraphQL"),
    ("/types", "sea_orm", "types show what is in memory"),
    ("/types", ".begin()", "types do not write"),
    ("/query", "sea_orm", "queries go through their store"),
    ("/mutation", "sea_orm", "mutations go through their store"),
    ("auth/policy.rs", "sea_orm", "the policy knows no database"),
    ("auth/policy.rs", "async_graphql", "the policy knows no GraphQL"),
    ("api/src/http/", "sea_orm", "HTTP knows no database"),
    ("api/src/http/", "entity::", "HTTP knows no meetings"),
    ("entity/src/", "async_graphql", "tables do not know the API"),
    ("migration/src/", "entity::", "migrations are history; they do not follow the entities"),
    ("api/src/", "dataloader", "reads are prefetched; per-field loaders break up under load"),
    ("api/src/", "Utc::now", "time is a parameter; clock.rs alone reads it"),
    ("api/src/", ".unscoped()", "reads go through a Scope"),
    ("api/src/", ".conn()", "only stores talk to a transaction's connection"),
    ("api/src/", "Permit {", "only the policy makes permits"),
    ("api/src/", "Model::default()", "a row is made column by column: defaults are for what is not read"),
    ("api/src/", "..Default::default()", "say of what: defaults of rows are for what is not read"),
    ("api/src/", "todo!", "nothing is half done"),
    ("api/src/", "unimplemented!", "nothing is half done"),
];

/// Who may all the same: (rule, file, because). May only shrink.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("Utc::now", "api/src/clock.rs", "the one place"),
    (".unscoped()", "api/src/account/store/", "who signs in has no scope yet"),
    (".unscoped()", "api/src/reference/lists.rs", "reference lists are public"),
    (".conn()", "/store", "the only SQL"),
    (".conn()", "api/src/reference/lists.rs", "reference lists have no store of their own"),
    ("Permit {", "api/src/auth/policy.rs", "the one place"),
    ("Model::default()", "api/src/db/table.rs", "the one place"),
    ("Model::default()", "api/src/account/store/throttle.rs", "an update names the columns that it sets"),
];

/// Which files are one room although they are long. May only shrink.
const LONG: &[(&str, &str)] =
    &[("api/src/auth/policy.rs", "the permission table stands in one place, with what reads it")];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(dir).expect("a directory").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            sources(&entry, out);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            out.push(entry);
        }
    }
}

fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for room in ["api/src", "entity/src", "migration/src"] {
        sources(&root.join(room), &mut files);
    }
    files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
            let text = fs::read_to_string(&file).expect("a source file");
            (name, text)
        })
        .collect()
}

/// Where a file breaks a rule of the rooms.
fn trespasses(name: &str, text: &str) -> Vec<String> {
    // what only tests mention does not count
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut wrong = Vec::new();
    for (who, what, why) in RULES {
        let excused = EXCEPTIONS.iter().any(|(rule, file, _)| rule == what && name.contains(file));
        let mentions = code.lines().any(|l| l.contains(what) && !l.trim_start().starts_with("//"));
        if name.contains(who) && mentions && !excused {
            wrong.push(format!("{name}: mentions `{what}`; {why}"));
        }
    }
    wrong
}

#[test]
fn rooms_keep_to_themselves() {
    let wrong: Vec<String> = all().iter().flat_map(|(name, text)| trespasses(name, text)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the compiler lets pass, this file does not.
#[test]
fn a_way_around_the_scope_is_found() {
    for (name, text) in [
        ("api/src/meeting/store.rs", "let rows = Entity::find().all(db.unscoped()).await?;"),
        ("api/src/meeting/query.rs", "let rows = Entity::find().all(tx.conn()).await?;"),
        ("api/src/meeting/mutation/edit.rs", "let permit = Permit { action, groups };"),
        ("api/src/auth/policy.rs", "use sea_orm::EntityTrait;"),
    ] {
        assert!(!trespasses(name, text).is_empty(), "{name} may say: {text}");
    }
}

/// No room reads or writes another room's tables through its store.
#[test]
fn stores_are_private() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let Some(room) = name.strip_prefix("api/src/").and_then(|n| n.split_once('/')).map(|(room, _)| room)
        else {
            continue;
        };
        if ["graphql", "command", "db", "auth", "http"].contains(&room) {
            continue;
        }
        for line in text.lines().filter(|l| l.contains("::store")) {
            let own = line.contains(&format!("crate::{room}::store")) || !line.contains("crate::");
            if !own {
                wrong.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "another room's store:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let mut wrong = Vec::new();
    for (name, text) in all() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        if code > 450 && !LONG.iter().any(|(file, _)| name == *file) {
            wrong.push(format!("{name}: {code} lines; split it by what it does"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
