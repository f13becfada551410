//! Documents that were read and found valid.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use apollo_compiler::ast;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Name, Schema};
use async_graphql::{Value, Variables};

use super::cost::{self, Cost};
use super::lines::Lines;
use super::refusal::{Fault, Refused, Stage};
use super::{admission, input_rules};

/// The parser must not stop before admission does: it counts levels and tokens in its own way.
const DEEPEST: usize = 4 * admission::Limit::Nesting.most() as usize;
const MOST_TOKENS: usize = 4 * admission::Limit::Bytes.most() as usize;

/// The fields that a document names of each object type, in whatever operation and fragment.
pub type Named = BTreeMap<String, BTreeSet<String>>;

/// A document that is valid on the schema.
#[derive(Debug)]
pub struct Document {
    /// Its operations and fragments.
    pub executable: Valid<ExecutableDocument>,
    /// Where its lines begin.
    pub lines: Lines,
    /// What it names.
    pub named: Arc<Named>,
    /// What its one operation costs with variables that are all texts.
    cost: OnceLock<Cost>,
}

/// The schema as validation needs it.
///
/// # Errors
/// What is wrong with the SDL.
pub fn schema(sdl: &str) -> Result<Valid<Schema>, String> {
    let mut schema = Schema::parse(sdl, "schema.graphql").map_err(|e| e.errors.to_string())?;
    // introspection can ask this since @oneOf; the types of introspection that come with the library are older
    if let Some(ExtendedType::Object(introspected)) = schema.types.get_mut("__Type") {
        let name = Name::new_static("isOneOf").map_err(|e| e.to_string())?;
        let boolean = Name::new_static("Boolean").map_err(|e| e.to_string())?;
        let field = FieldDefinition {
            description: None,
            name: name.clone(),
            arguments: Vec::new(),
            ty: ast::Type::Named(boolean),
            directives: ast::DirectiveList::new(),
        };
        introspected.make_mut().fields.entry(name).or_insert_with(|| Component::new(field));
    }
    schema.validate().map_err(|e| e.errors.to_string())
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Admission, parsing and validation, in this order.
    pub fn read(schema: &Valid<Schema>, text: &str) -> Result<Self, Refused> {
        let lines = Lines::of(text);
        admission::admit(text)
            .map_err(|(refusal, at)| Refused::at_admission(refusal, at.map(|at| lines.at(at))))?;
        let parsed = Parser::new()
            .recursion_limit(DEEPEST)
            .token_limit(MOST_TOKENS)
            .parse_ast(without_mark(text), "request")
            .map_err(|wrong| Refused::of(Stage::Parse, faults(&wrong.errors, &lines)))?;
        let executable = parsed
            .to_executable_validate(schema)
            .map_err(|wrong| Refused::of(Stage::Validation, faults(&wrong.errors, &lines)))?;
        let found = input_rules::check(schema, &executable, &lines);
        if found.is_empty() {
            let named = Arc::new(named(schema, &executable));
            Ok(Self { executable, lines, named, cost: OnceLock::new() })
        } else {
            Err(Refused::of(Stage::Validation, found))
        }
    }

    /// What an operation of this document costs with these variables.
    #[must_use]
    pub fn cost(&self, schema: &Schema, operation: &Operation, variables: &Variables) -> Cost {
        // a text is no number of rows, no list and no condition: whatever it says, the cost is the same
        let are_texts = variables.len() == operation.variables.len()
            && variables.values().all(|value| matches!(value, Value::String(_)));
        if are_texts && self.executable.operations.len() == 1 {
            self.cost.get_or_init(|| cost::count(schema, self, operation, variables)).clone()
        } else {
            cost::count(schema, self, operation, variables)
        }
    }
}

fn named(schema: &Schema, document: &ExecutableDocument) -> Named {
    let operations = document.operations.iter().map(|operation| &operation.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.selection_set);
    let mut named = Named::new();
    operations.chain(fragments).for_each(|set| name_all(schema, set, &mut named));
    named
}

// as deep as admission lets selections be
fn name_all(schema: &Schema, set: &SelectionSet, named: &mut Named) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                for object in objects(schema, &set.ty) {
                    named.entry(object.to_string()).or_default().insert(field.name.to_string());
                }
                name_all(schema, &field.selection_set, named);
            }
            Selection::InlineFragment(fragment) => name_all(schema, &fragment.selection_set, named),
            // fragments are gone through by themselves
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// The objects that a type may be: itself, or what implements the interface.
pub fn objects<'a>(schema: &'a Schema, of: &'a str) -> Vec<&'a Name> {
    let all = schema.types.values().filter_map(|kind| kind.as_object());
    all.filter(|o| o.name == of || schema.is_subtype(of, &o.name)).map(|o| &o.name).collect()
}

/// A byte order mark at the start means nothing, which the parser does not know; white space of the same length
/// keeps every place where it was.
fn without_mark(text: &str) -> String {
    text.strip_prefix('\u{feff}').map_or_else(|| text.to_owned(), |rest| format!("   {rest}"))
}

fn faults<'a>(errors: &'a DiagnosticList, lines: &'a Lines) -> impl Iterator<Item = Fault> + 'a {
    errors.iter().map(|found| {
        let place = found.error.location().filter(|span| found.sources.contains_key(&span.file_id()));
        // the message alone: a whole report quotes the source
        Fault::new(found.error.to_string(), place.map(|span| lines.at(span.offset())))
    })
}
