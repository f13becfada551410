//! Documents that are known before anybody sends them: the manifest that a client's build writes.
//!
//! Two forms are read: an object of documents by their ids, as graphql-codegen (client preset, `persistedDocuments`)
//! and relay-compiler (`persistConfig`) write it, and the manifest of Apollo's `generate-persisted-query-manifest`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use serde::Deserialize;

use super::accepted::Digest;
use super::digest;
use super::document::Document;

/// The longest id of a document, in bytes.
const LONGEST_ID: usize = 128;

/// Documents by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(BTreeMap<String, String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Apollo { format: String, version: u32, operations: Vec<Operation> },
    ById(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Manifest {
    /// What a file says.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let neither = "it is neither an object of documents by their ids nor a manifest of Apollo's";
        let documents = match serde_json::from_str(text).map_err(|_| neither)? {
            Written::ById(documents) => documents,
            Written::Apollo { format, version: 1, operations }
                if format == "apollo-persisted-query-manifest" =>
            {
                operations.into_iter().map(|operation| (operation.id, operation.body)).collect()
            }
            Written::Apollo { .. } => return Err(neither.to_owned()),
        };
        match documents.keys().find(|id| !is_id(id)) {
            Some(id) => {
                Err(format!("{id:?} is no id: 1 to {LONGEST_ID} visible ASCII characters without a colon"))
            }
            None => Ok(Self(documents)),
        }
    }
}

/// Whether this may name a document of a manifest.
#[must_use]
pub fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

/// The documents of a manifest, read; and whether there may be others.
#[derive(Default)]
pub(super) struct Trusted {
    documents: HashMap<Digest, Arc<Document>>,
    by_id: HashMap<String, Digest>,
    is_all: bool,
}

impl Trusted {
    /// Reads them. `is_all`: no other document runs.
    ///
    /// # Errors
    /// A sentence for each document that this schema does not take.
    pub fn read(schema: &Valid<Schema>, manifest: Manifest, is_all: bool) -> Result<Self, Vec<String>> {
        let mut trusted = Self { is_all, ..Self::default() };
        let mut mistakes = Vec::new();
        for (id, text) in manifest.0 {
            match Document::read(schema, &text) {
                Ok(document) => {
                    let digest = digest(&text);
                    trusted.documents.insert(digest, Arc::new(document));
                    trusted.by_id.insert(id, digest);
                }
                Err(refused) => {
                    let first = refused.faults.first();
                    let line = first.and_then(|fault| fault.at).map_or(0, |at| at.line);
                    let why = first.map_or("", |fault| &fault.message);
                    mistakes.push(format!("the document {id}, line {line}: {why}"));
                }
            }
        }
        if mistakes.is_empty() { Ok(trusted) } else { Err(mistakes) }
    }

    /// The document with this digest.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Document>> {
        self.documents.get(digest).cloned()
    }

    /// The document with this id.
    pub fn named(&self, id: &str) -> Option<Arc<Document>> {
        self.by_id.get(id).and_then(|digest| self.get(digest))
    }

    /// Whether no other document runs.
    pub const fn is_all(&self) -> bool {
        self.is_all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::document::schema;

    #[test]
    fn both_forms_say_the_same() {
        let by_id = Manifest::read(r#"{"a1":"{a}"}"#).expect("a manifest");
        let apollo = r#"{"format":"apollo-persisted-query-manifest","version":1,
            "operations":[{"id":"a1","name":"A","type":"query","body":"{a}"}]}"#;
        assert_eq!(Manifest::read(apollo), Ok(by_id));
        let other = apollo.replace("\"version\":1", "\"version\":2");
        for wrong in ["[]", "{", r#"{"a":1}"#, r#"{"":"{a}"}"#, r#"{"sha256:00":"{a}"}"#, &other] {
            assert!(Manifest::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_document_that_is_wrong_is_named() {
        let schema = schema("type Query { a: Int }").expect("a schema");
        let manifest = Manifest::read(r#"{"good":"{a}","bad":"{b}","worse":"{\n  a("}"#).expect("a manifest");
        let mistakes = Trusted::read(&schema, manifest, true).err().expect("mistakes");
        assert_eq!(mistakes.len(), 2);
        assert!(mistakes[0].starts_with("the document bad, line 1: "), "{mistakes:?}");
    }
}
