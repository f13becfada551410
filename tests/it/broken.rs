//! Builds that must fail: what keeps reads inside a scope and writes behind a permit is the compiler.
//!
//! One copy of the sources gets the mistakes of a round at once, each in a file of its own, so that one
//! run of the compiler must complain about each of them. (Two rounds: the compiler looks for private
//! fields in literals only when everything else is well.)

use std::fs;
use std::path::Path;

/// A mistake that somebody could make.
struct Mistake {
    /// What it would be.
    what: &'static str,
    /// The file in which it is made.
    file: &'static str,
    /// What is put there: after this text (or at the end, if it is empty) …
    after: &'static str,
    /// … this.
    code: &'static str,
    /// The error that the compiler must give in that file, by its code (`rustc --explain`).
    error: &'static str,
}

/// What would forge a scope or a permit.
const FORGED: &[Mistake] = &[
    Mistake {
        what: "reading under a scope made by hand",
        file: "api/src/meeting/query.rs",
        after: "",
        code: "fn broken(actor: std::sync::Arc<crate::auth::Actor>, dialect: crate::db::Dialect) -> crate::auth::Scope {
            crate::auth::Scope { actor, dialect, last: std::sync::Arc::default() } }",
        error: "E0451",
    },
    Mistake {
        what: "making a permit by hand",
        file: "api/src/minutes/query.rs",
        after: "",
        code: "fn broken() -> crate::auth::Permit {
            crate::auth::Permit { action: crate::auth::Action::MinutesAdopt, groups: Vec::new() } }",
        error: "E0451",
    },
];

/// What would go around them.
const AROUND: &[Mistake] = &[
    Mistake {
        what: "reaching the transaction's connection around its door",
        file: "api/src/person/query.rs",
        after: "",
        code: "fn broken(tx: &crate::db::Tx) { let _ = &tx.inner; }",
        error: "E0616",
    },
    Mistake {
        what: "reaching the database's connections from outside db/",
        file: "api/src/group/query.rs",
        after: "",
        code: "fn broken(db: &crate::db::Db) { let _ = &db.writer; }",
        error: "E0616",
    },
    Mistake {
        what: "showing a table without a rule of visibility",
        file: "api/src/document/query.rs",
        after: "",
        code: "static BROKEN: crate::db::Table = crate::db::Table { name: \"document\",
            columns: crate::db::columns::<entity::document::Entity>,
            decode: crate::db::decode::<entity::document::Model> };",
        error: "E0063",
    },
    Mistake {
        what: "an action without a row in the policy",
        file: "api/src/auth/policy.rs",
        after: "pub enum Action {",
        code: " Broken,",
        error: "E0004",
    },
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a copy");
        }
    }
}

#[test]
fn mistakes_do_not_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let copied = tempfile::tempdir().expect("a directory");
    for name in ["api", "entity", "migration", "tests", "docs", "example"] {
        copy(&root.join(name), &copied.path().join(name));
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(name), copied.path().join(name)).expect("a copy");
    }
    for mistakes in [FORGED, AROUND] {
        for mistake in mistakes {
            let text = fs::read_to_string(root.join(mistake.file)).expect(mistake.file);
            let at = match mistake.after {
                "" => text.len(),
                mark => text.find(mark).expect("the mark") + mark.len(),
            };
            let broken = format!("{}\n{}\n{}", &text[..at], mistake.code, &text[at..]);
            fs::write(copied.path().join(mistake.file), broken).expect("a file");
        }
        let said = complaints(&root, copied.path());
        for Mistake { what, file, error, .. } in mistakes {
            let complaint = |line: &str| line.contains(file) && line.contains(error);
            assert!(said.lines().any(complaint), "{what}: no {error} in {file}:\n{said}");
            fs::copy(root.join(file), copied.path().join(file)).expect("a copy");
        }
    }
}

/// What the compiler says of the copy. The dependencies are those of this build; only our own crates are
/// checked anew.
fn complaints(root: &Path, copied: &Path) -> String {
    let checked = tests::cargo()
        // the tests beside it, for the dependencies to have the features that they have in this build
        .args(["check", "--offline", "--locked", "--quiet"])
        .args(["--package", "kafo-api", "--package", "kafo-tests", "--lib"])
        // a derive is a program: the copy's must not take the place of this build's, which were then stale
        .args(["--config", "profile.dev.package.kafo-entity-derive.codegen-units=3"])
        .args(["--message-format", "short", "--target-dir"])
        .arg(root.join("target"))
        .current_dir(copied)
        .output()
        .expect("cargo runs");
    assert!(!checked.status.success(), "it compiles");
    String::from_utf8_lossy(&checked.stderr).into_owned()
}
