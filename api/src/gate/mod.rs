//! The gate: what every request passes before anything runs, whether it came over HTTP or from the command line.
//!
//! admission (is it worth reading?) → document (is it GraphQL on this schema?) → variables (are they what it
//! declares?) → cost (is it worth running?) → handover (to what executes). What executes is laxer than the specification in places: it may
//! rely on the gate.

mod accepted;
pub mod admission;
mod cost;
mod document;
mod handover;
mod input_rules;
mod lines;
mod manifest;
mod own_scalars;
mod refusal;
mod variables;

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use apollo_compiler::validation::Valid;
use async_graphql::Variables;
use async_graphql::parser::types::ExecutableDocument;
use sha2::{Digest as _, Sha256};

use accepted::Accepted;
pub use accepted::Digest;
pub use cost::{Cost, Dear};
use document::Document;
pub use document::Named;
use manifest::Trusted;
pub use manifest::{Manifest, is_id};
pub use refusal::{Fault, Refused, Stage};
pub use variables::Sent;

/// The longest name of an operation, as in a document.
const LONGEST_NAME: usize = admission::Limit::Name.most() as usize;

/// Knows the schema, the documents of a manifest, and what was accepted before.
pub struct Gate {
    schema: Valid<apollo_compiler::Schema>,
    trusted: Trusted,
    accepted: Accepted,
}

/// A document, or what stands for one that was accepted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// The document itself.
    Text(&'a str),
    /// The same, by whoever will ask for it by its digest from now on.
    Registered(&'a str),
    /// Its digest.
    Known(Digest),
    /// Its id in the manifest.
    Listed(&'a str),
}

/// What stands for a document: its SHA-256.
#[must_use]
pub fn digest(document: &str) -> Digest {
    Sha256::digest(document).into()
}

/// An operation that may run.
#[derive(Debug)]
pub struct Checked {
    /// The operation and its fragments.
    pub document: ExecutableDocument,
    /// Its variables, coerced, with defaults.
    pub variables: Variables,
    /// The fields that its document names of each object type.
    pub named: Arc<Named>,
    /// What it costs at most.
    pub cost: Cost,
    /// Whether it only reads.
    pub is_query: bool,
}

impl Gate {
    /// Before a schema, given as SDL.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn new(sdl: &str) -> Result<Self, String> {
        Ok(Self {
            schema: document::schema(sdl)?,
            trusted: Trusted::default(),
            accepted: Accepted::default(),
        })
    }

    /// The same, knowing the documents of a manifest. `is_all`: no other document runs.
    ///
    /// # Errors
    /// A sentence for each document that this schema does not take.
    pub fn with_manifest(self, manifest: Manifest, is_all: bool) -> Result<Self, Vec<String>> {
        Ok(Self { trusted: Trusted::read(&self.schema, manifest, is_all)?, ..self })
    }

    /// Checks a request.
    ///
    /// # Errors
    /// Why it is refused, and at which stage.
    pub fn check(
        &self,
        source: Source<'_>,
        operation: Option<&str>,
        sent: &Sent,
    ) -> Result<Checked, Refused> {
        let document = match source {
            Source::Text(text) => self.document(text, false)?,
            Source::Registered(text) => self.document(text, true)?,
            Source::Listed(id) => self.trusted.named(id).ok_or_else(|| self.unknown())?,
            // what is kept may go at any time: the sender then sends the document once more
            Source::Known(digest) => self
                .trusted
                .get(&digest)
                .or_else(|| self.accepted.registered(&digest))
                .ok_or_else(|| self.unknown())?,
        };
        let found = operation.is_none_or(|name| name.len() <= LONGEST_NAME);
        let found = found.then(|| document.executable.operations.get(operation).ok()).flatten();
        let Some(found) = found else {
            let message = match operation {
                Some(_) => "The document has no operation of the name that `operationName` says.",
                None => "The document has several operations: say which by `operationName`.",
            };
            return Err(Refused::new(Stage::Operation, message, None));
        };
        let variables = variables::coerce(&self.schema, found, sent, &document.lines)?;
        let cost = document.cost(&self.schema, found, &variables);
        if cost.requested > cost::MOST {
            return Err(Refused::too_dear(cost, cost::MOST));
        }
        Ok(Checked {
            document: handover::hand_over(&self.schema, &document, found, &variables),
            variables,
            named: document.named.clone(),
            cost,
            is_query: found.operation_type == OperationType::Query,
        })
    }

    /// Nobody knows what a digest or an id stands for; or nobody may send a document of their own.
    fn unknown(&self) -> Refused {
        let (stage, message) = if self.trusted.is_all() {
            (Stage::NotListed, "This server runs only the documents of its manifest.")
        } else {
            (Stage::Unknown, "PersistedQueryNotFound")
        };
        Refused::new(stage, message, None)
    }

    fn document(&self, text: &str, register: bool) -> Result<Arc<Document>, Refused> {
        // what is too long is not even hashed
        admission::within_bytes(text).map_err(|refusal| Refused::at_admission(refusal, None))?;
        let digest = digest(text);
        if let Some(document) = self.trusted.get(&digest) {
            return Ok(document);
        }
        if self.trusted.is_all() {
            return Err(self.unknown());
        }
        if let Some(document) = self.accepted.get(&digest, register) {
            return Ok(document);
        }
        let document = Arc::new(Document::read(&self.schema, text)?);
        self.accepted.keep(digest, document.clone(), text.len(), register);
        Ok(document)
    }
}

#[cfg(test)]
mod tests;
