//! The snapshot of adopted minutes: canonical JSON and its seal.
//!
//! The seal is a SHA-256 over the record in which every personal value is replaced by the digest of
//! a salt and the value. Value and salt stand beside each other in the snapshot; when a person is
//! erased both go, the digest stays, and the seal still holds. Without its salt a digest tells
//! nothing about a name that one could guess.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Under this key stands a personal value of a record that is not sealed yet.
const PERSONAL: &str = "$personal";

/// A value about a person, in a record that is to be sealed; nothing, if there is none.
#[must_use]
pub fn personal(value: Option<&str>) -> Value {
    value.map_or(Value::Null, |value| json!({ PERSONAL: value }))
}

/// A sealed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Canonical JSON: the record, and what the seal knows of its personal values.
    pub text: String,
    /// The seal: SHA-256 in hexadecimal.
    pub hash: String,
}

/// What the seal knows of a personal value.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trace {
    /// SHA-256 of salt and value, in hexadecimal.
    digest: String,
    /// The salt; gone with the value.
    salt: Option<String>,
}

/// A snapshot as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// Where personal values stand in the record (JSON Pointer), and their traces.
    personal: BTreeMap<String, Trace>,
    /// The record.
    record: Value,
}

/// Seals a record in which personal values are marked by [`personal`]. `salt` gives a fresh random
/// text each time.
///
/// # Errors
/// `Internal`: the record holds a number that is not whole.
pub fn seal(mut record: Value, mut salt: impl FnMut() -> String) -> Result<Sealed> {
    let mut personal = BTreeMap::new();
    unmark(&mut record, &mut String::new(), &mut |path, value| {
        let salt = salt();
        let trace = Trace { digest: digest_of(&salt, value), salt: Some(salt) };
        personal.insert(path.to_owned(), trace);
    });
    let stored = Stored { personal, record };
    let hash = hash_of(&stored).ok_or(Error::Internal)?;
    Ok(Sealed { text: text_of(&stored)?, hash })
}

/// Whether a snapshot is what was sealed, but for personal values that were erased.
#[must_use]
pub fn verify(text: &str, hash: &str) -> bool {
    let Ok(stored) = serde_json::from_str::<Stored>(text) else { return false };
    let fits = |(path, trace): (&String, &Trace)| match (stored.record.pointer(path), &trace.salt) {
        (Some(Value::String(value)), Some(salt)) => digest_of(salt, value) == trace.digest,
        (Some(Value::Null), None) => true,
        _ => false,
    };
    stored.personal.iter().all(fits) && hash_of(&stored).as_deref() == Some(hash)
}

/// The snapshot without the personal values of a person (those that stand beside the person's id
/// under the key `person`), or `None` if there are none: what erasing a person does.
#[must_use]
pub fn without(text: &str, person: &str) -> Option<String> {
    let mut stored: Stored = serde_json::from_str(text).ok()?;
    let mut is_changed = false;
    for (path, trace) in &mut stored.personal {
        let beside = path.rsplit_once('/').map(|(parent, _)| format!("{parent}/person"));
        let whose = beside.and_then(|path| stored.record.pointer(&path)?.as_str().map(str::to_owned));
        if whose.as_deref() == Some(person) && trace.salt.take().is_some() {
            *stored.record.pointer_mut(path)? = Value::Null;
            is_changed = true;
        }
    }
    if is_changed { text_of(&stored).ok() } else { None }
}

/// Takes the marks off and tells `found` where each personal value stands.
fn unmark(value: &mut Value, path: &mut String, found: &mut impl FnMut(&str, &str)) {
    let length = path.len();
    match value {
        Value::Object(fields) => {
            if let Some(inner) = fields.get_mut(PERSONAL).map(Value::take) {
                if let Value::String(text) = &inner {
                    found(path, text);
                }
                *value = inner;
                return;
            }
            for (name, field) in fields {
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                unmark(field, path, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                path.push('/');
                path.push_str(&number.to_string());
                unmark(item, path, found);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// The seal of a record: every personal value counts by its digest.
fn hash_of(stored: &Stored) -> Option<String> {
    let mut record = stored.record.clone();
    for (path, trace) in &stored.personal {
        *record.pointer_mut(path)? = json!({ "sha256": trace.digest });
    }
    Some(hex::encode(Sha256::digest(canonical(&record).ok()?.as_bytes())))
}

fn digest_of(salt: &str, value: &str) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(value).finalize())
}

fn text_of(stored: &Stored) -> Result<String> {
    canonical(&serde_json::to_value(stored).map_err(|_| Error::Internal)?)
}

/// Canonical JSON: sorted keys, no blanks, whole numbers only, UTF-8 as it is.
///
/// # Errors
/// `Internal`: a number that is not whole.
pub fn canonical(value: &Value) -> Result<String> {
    let mut text = String::new();
    write_canonical(value, &mut text)?;
    Ok(text)
}

fn write_canonical(value: &Value, text: &mut String) -> Result<()> {
    match value {
        Value::Object(fields) => {
            // whatever order the map keeps: it hangs on a feature of serde_json
            let sorted: BTreeMap<&String, &Value> = Map::iter(fields).collect();
            text.push('{');
            for (number, (name, field)) in sorted.into_iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                write_canonical(&Value::String(name.clone()), text)?;
                text.push(':');
                write_canonical(field, text)?;
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                write_canonical(item, text)?;
            }
            text.push(']');
        }
        Value::Number(number) if number.is_f64() => {
            tracing::error!("a snapshot holds a number that is not whole");
            return Err(Error::Internal);
        }
        other => write!(text, "{other}").map_err(|_| Error::Internal)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "title": "Compte rendu du 4 juillet",
            "attendance": [
                { "displayName": personal(Some("Nana T.")), "person": "per_1", "organisation": "PAM" },
                { "displayName": personal(Some("Pierre-Guy")), "person": null, "organisation": null },
                { "displayName": personal(None), "person": null, "organisation": "DNDS" },
            ],
            "contributors": [{
                "displayName": personal(Some("Nana T.")),
                "functionText": personal(Some("Gestionnaire de l'information")),
                "person": "per_1",
            }],
            "headcount": 17,
        })
    }

    fn sealed() -> Sealed {
        let mut number = 0;
        let salt = || {
            number += 1;
            format!("salt-{number}")
        };
        seal(record(), salt).expect("a record")
    }

    #[test]
    fn canonical_json_sorts_keys_and_knows_no_floats() {
        let value = json!({ "b": [1, null, true], "a": { "z": "é\n\"", "y": -2 } });
        assert_eq!(
            canonical(&value).ok().as_deref(),
            Some(r#"{"a":{"y":-2,"z":"é\n\""},"b":[1,null,true]}"#)
        );
        assert!(canonical(&json!({ "a": 1.5 })).is_err());
    }

    #[test]
    fn a_seal_holds() {
        let sealed = sealed();
        assert!(verify(&sealed.text, &sealed.hash));
        assert!(sealed.text.contains("Nana T."), "names are readable in the snapshot");
        assert!(!sealed.text.contains(PERSONAL));
        assert_eq!(sealed.hash.len(), 64);
    }

    #[test]
    fn another_word_breaks_the_seal() {
        let Sealed { text, hash } = sealed();
        for (old, new) in [
            ("4 juillet", "5 juillet"),
            ("Nana T.", "Nana D."),
            (r#""organisation":"PAM""#, r#""organisation":"OIM""#),
            (r#""headcount":17"#, r#""headcount":18"#),
            ("salt-1", "salt-9"),
        ] {
            let forged = text.replace(old, new);
            assert_ne!(forged, text, "{old}");
            assert!(!verify(&forged, &hash), "{old}");
        }
        assert!(!verify("{}", &hash));
    }

    #[test]
    fn erasing_a_person_keeps_the_seal() {
        let Sealed { text, hash } = sealed();
        let erased = without(&text, "per_1").expect("the person is in it");
        assert!(!erased.contains("Nana") && !erased.contains("Gestionnaire"));
        assert!(erased.contains("Pierre-Guy") && erased.contains("PAM"));
        assert!(verify(&erased, &hash));
        let stored: Stored = serde_json::from_str(&erased).expect("a snapshot");
        assert_eq!(stored.personal.values().filter(|t| t.salt.is_none()).count(), 3);
    }

    #[test]
    fn erasing_twice_or_somebody_else_changes_nothing() {
        let Sealed { text, .. } = sealed();
        assert_eq!(without(&text, "per_2"), None);
        let erased = without(&text, "per_1").expect("the person is in it");
        assert_eq!(without(&erased, "per_1"), None);
    }

    #[test]
    fn a_value_cannot_come_back_changed() {
        let Sealed { text, hash } = sealed();
        let erased = without(&text, "per_1").expect("the person is in it");
        let forged = erased.replace(
            r#""displayName":null,"organisation":"PAM""#,
            r#""displayName":"X","organisation":"PAM""#,
        );
        assert_ne!(forged, erased);
        assert!(!verify(&forged, &hash));
    }
}
