//! Rules on values that the validator does not have: what is a value of the schema's own scalars, no field of an
//! input object twice, exactly one field of a `@oneOf` input, and variables inside of lists and objects only where
//! their type fits.

use std::collections::HashSet;

use apollo_compiler::ast::{Type, Value};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::schema::InputObjectType;
use apollo_compiler::{ExecutableDocument, Node, Schema};
use async_graphql::Pos;

use super::lines::Lines;
use super::own_scalars::misfit;
use super::refusal::Fault;

/// Whether exactly one field of it must be given.
#[must_use]
pub fn is_one_of(input: &InputObjectType) -> bool {
    input.directives.has("oneOf")
}

struct Check<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    lines: &'a Lines,
    operation: &'a Operation,
    /// Fragments that were looked at for this operation.
    seen: HashSet<&'a str>,
    faults: Vec<Fault>,
}

/// What is wrong with the values of a document that is valid otherwise.
#[must_use]
pub fn check(schema: &Schema, document: &ExecutableDocument, lines: &Lines) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for operation in document.operations.iter() {
        let seen = HashSet::new();
        let mut check = Check { schema, document, lines, operation, seen, faults: Vec::new() };
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                check.value(&variable.ty, default);
            }
        }
        check.selections(&operation.selection_set);
        // operations that share a fragment share its mistakes
        let new: Vec<Fault> = check.faults.into_iter().filter(|fault| !faults.contains(fault)).collect();
        faults.extend(new);
    }
    faults
}

impl<'a> Check<'a> {
    // as deep as admission lets selections be
    fn selections(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        if let Some(definition) = field.definition.argument_by_name(&argument.name) {
                            self.value(&definition.ty, &argument.value);
                        }
                    }
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.seen.insert(&fragment.name)
                    {
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    // as deep as admission lets values be
    fn value(&mut self, ty: &Type, value: &Node<Value>) {
        match value.as_ref() {
            Value::List(items) if ty.is_list() => {
                for item in items {
                    self.variable(ty.item_type(), false, item);
                    self.value(ty.item_type(), item);
                }
            }
            Value::Object(fields) => {
                let Some(input) = self.schema.get_input_object(ty.inner_named_type()) else {
                    return self.scalar(ty, value);
                };
                let mut seen = HashSet::new();
                for (name, inner) in fields {
                    if !seen.insert(name.as_str()) {
                        self.fault(inner, format!("The field `{name}` is given twice."));
                    }
                    if let Some(field) = input.fields.get(name) {
                        self.variable(&field.ty, field.default_value.is_some(), inner);
                        self.value(&field.ty, inner);
                    }
                }
                if is_one_of(input) {
                    match fields.as_slice() {
                        [(_, only)] if !only.is_null() => {}
                        _ => self.fault(
                            value,
                            format!("Exactly one field of `{}` must be given, and not null.", input.name),
                        ),
                    }
                }
            }
            Value::Variable(_) | Value::Null => {}
            _ => self.scalar(ty, value),
        }
    }

    /// A literal of one of the schema's own scalars; one item stands for a list of it.
    fn scalar(&mut self, ty: &Type, value: &Node<Value>) {
        if let Some(misfit) = misfit(ty.inner_named_type(), value.as_str()) {
            let message = format!("What stands here {}.", misfit.words);
            self.faults.push(Fault { message, at: self.at(value), reason: Some(misfit.reason) });
        }
    }

    /// A variable inside of a value: may it stand where this type is expected?
    fn variable(&mut self, expected: &Type, has_default: bool, value: &Node<Value>) {
        let Value::Variable(name) = value.as_ref() else { return };
        let Some(variable) = self.operation.variables.iter().find(|v| v.name == *name) else { return };
        let is_given =
            has_default || variable.default_value.as_ref().is_some_and(|default| !default.is_null());
        let fits = if expected.is_non_null() && is_given {
            variable.ty.is_assignable_to(&expected.clone().nullable())
        } else {
            variable.ty.is_assignable_to(expected)
        };
        if !fits {
            let given = &variable.ty;
            self.fault(value, format!("The variable `${name}` of `{given}` cannot stand for `{expected}`."));
        }
    }

    fn at(&self, value: &Node<Value>) -> Option<Pos> {
        value.location().map(|span| self.lines.at(span.offset()))
    }

    fn fault(&mut self, value: &Node<Value>, message: String) {
        let at = self.at(value);
        self.faults.push(Fault::new(message, at));
    }
}
