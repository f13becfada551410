//! Hands a checked operation over to what executes it: the same document in its types, so that no second parser
//! reads it otherwise than the first.
//!
//! What is handed over is unfolded (the specification's CollectFields, done once and not for each object): fragments
//! are replaced by what they select, what is selected twice under a key is merged, what is skipped is gone. What is
//! selected of an object is then a list of fields with different keys; of an interface, one such list for each type
//! that it may be.
//!
//! Variables that were not sent and have no default are left out here, with the argument or the input field
//! that they stand in: absent is not null, and what executes makes no difference.

use std::collections::HashMap;

use apollo_compiler::ast::{self, Argument, DirectiveList, Value as Literal};
use apollo_compiler::executable::{self, Operation};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name as Given, Node, Schema};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, InlineFragment, OperationDefinition,
    OperationType, Selection, SelectionSet, Type, TypeCondition, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::Value;

use super::document::{Document, objects};
use super::variables::constant;

struct Handover<'a> {
    schema: &'a Schema,
    document: &'a Document,
    variables: &'a Variables,
}

/// The fields that are selected of an object, by their keys, in the order in which they are met.
type Fields<'a> = IndexMap<&'a str, Vec<&'a Node<executable::Field>>>;

/// One operation of a document, unfolded for these variables.
#[must_use]
pub fn hand_over(
    schema: &Valid<Schema>,
    document: &Document,
    operation: &Node<Operation>,
    variables: &Variables,
) -> ExecutableDocument {
    let hand = Handover { schema, document, variables };
    let operation_type = match operation.operation_type {
        ast::OperationType::Query => OperationType::Query,
        ast::OperationType::Mutation => OperationType::Mutation,
        ast::OperationType::Subscription => OperationType::Subscription,
    };
    let root = &operation.selection_set;
    let definition = OperationDefinition {
        ty: operation_type,
        variable_definitions: operation.variables.iter().map(|variable| hand.variable(variable)).collect(),
        // none that may stand there means anything
        directives: Vec::new(),
        selection_set: hand.object(&root.ty, &[root], Pos::default()),
    };
    ExecutableDocument {
        operations: DocumentOperations::Single(Positioned::new(definition, hand.at(operation))),
        fragments: HashMap::default(),
    }
}

fn name(given: &Given) -> Name {
    Name::new(given.as_str())
}

fn type_of(given: &ast::Type) -> Type {
    let base = match given {
        ast::Type::Named(named) | ast::Type::NonNullNamed(named) => BaseType::Named(name(named)),
        ast::Type::List(item) | ast::Type::NonNullList(item) => BaseType::List(Box::new(type_of(item))),
    };
    Type { base, nullable: !given.is_non_null() }
}

impl Handover<'_> {
    fn at<T>(&self, node: &Node<T>) -> Pos {
        node.location().map(|span| self.document.lines.at(span.offset())).unwrap_or_default()
    }

    fn variable(&self, variable: &Node<ast::VariableDefinition>) -> Positioned<VariableDefinition> {
        let at = self.at(variable);
        let definition = VariableDefinition {
            name: Positioned::new(name(&variable.name), at),
            var_type: Positioned::new(type_of(&variable.ty), at),
            directives: Vec::new(),
            // defaults are among the variables by now
            default_value: variable.default_value.as_ref().map(|value| Positioned::new(constant(value), at)),
        };
        Positioned::new(definition, at)
    }

    /// What is selected under a field of this type.
    fn selected(&self, of: &Given, sets: &[&executable::SelectionSet], at: Pos) -> Positioned<SelectionSet> {
        let kind = self.schema.types.get(of);
        if !matches!(kind, Some(ExtendedType::Interface(_) | ExtendedType::Union(_))) {
            return self.object(of, sets, at);
        }
        let one = |object: &&Given| {
            let on = TypeCondition { on: Positioned::new(name(object), at) };
            let fragment = InlineFragment {
                type_condition: Some(Positioned::new(on, at)),
                directives: Vec::new(),
                selection_set: self.object(object, sets, at),
            };
            Positioned::new(Selection::InlineFragment(Positioned::new(fragment, at)), at)
        };
        Positioned::new(SelectionSet { items: objects(self.schema, of).iter().map(one).collect() }, at)
    }

    /// What is selected of an object of this type.
    fn object(
        &self,
        object: &Given,
        sets: &[&executable::SelectionSet],
        at: Pos,
    ) -> Positioned<SelectionSet> {
        let mut fields = Fields::default();
        for set in sets {
            self.collect(object, set, &mut fields);
        }
        let items = fields.values().filter_map(|merged| self.field(merged)).collect();
        Positioned::new(SelectionSet { items }, at)
    }

    // as wide and as deep as admission lets selections be, fragments included
    fn collect<'a>(&'a self, object: &str, set: &'a executable::SelectionSet, fields: &mut Fields<'a>) {
        for selection in &set.selections {
            if self.is_skipped(selection.directives()) {
                continue;
            }
            match selection {
                executable::Selection::Field(field) => {
                    fields.entry(field.response_key().as_str()).or_default().push(field);
                }
                executable::Selection::InlineFragment(fragment) => {
                    if fragment.type_condition.as_ref().is_none_or(|on| self.is_a(object, on)) {
                        self.collect(object, &fragment.selection_set, fields);
                    }
                }
                executable::Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.executable.fragments;
                    let fragment = fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment.filter(|f| self.is_a(object, f.type_condition())) {
                        self.collect(object, &fragment.selection_set, fields);
                    }
                }
            }
        }
    }

    fn is_a(&self, object: &str, condition: &str) -> bool {
        object == condition || self.schema.is_subtype(condition, object)
    }

    fn is_skipped(&self, directives: &DirectiveList) -> bool {
        let says = |directive: &str| {
            let given = directives.get(directive)?.specified_argument_by_name("if")?;
            match &**given {
                Literal::Boolean(literal) => Some(*literal),
                Literal::Variable(variable) => match self.variables.get(&name(variable)) {
                    Some(async_graphql::Value::Boolean(sent)) => Some(*sent),
                    _ => None,
                },
                _ => None,
            }
        };
        says("skip") == Some(true) || says("include") == Some(false)
    }

    /// Fields of one key as one: validation saw to it that they are the same but for what is selected in them.
    fn field(&self, merged: &[&Node<executable::Field>]) -> Option<Positioned<Selection>> {
        let first = merged.first()?;
        let at = self.at(first);
        let sets: Vec<&executable::SelectionSet> = merged.iter().map(|field| &field.selection_set).collect();
        let selected = Field {
            alias: first.alias.as_ref().map(|alias| Positioned::new(name(alias), at)),
            name: Positioned::new(name(&first.name), at),
            arguments: self.arguments(&first.arguments),
            directives: Vec::new(),
            selection_set: self.selected(first.ty().inner_named_type(), &sets, at),
        };
        Some(Positioned::new(Selection::Field(Positioned::new(selected, at)), at))
    }

    fn arguments(&self, arguments: &[Node<Argument>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let argument = |given: &Node<Argument>| {
            let at = self.at(given);
            let value = self.value(&given.value)?;
            Some((Positioned::new(name(&given.name), at), Positioned::new(value, self.at(&given.value))))
        };
        arguments.iter().filter_map(argument).collect()
    }

    /// A value; none for a variable without one.
    fn value(&self, literal: &Literal) -> Option<Value> {
        Some(match literal {
            Literal::Variable(variable) => {
                let variable = name(variable);
                self.variables.get(&variable)?;
                Value::Variable(variable)
            }
            Literal::List(items) => {
                Value::List(items.iter().map(|one| self.value(one).unwrap_or(Value::Null)).collect())
            }
            Literal::Object(fields) => Value::Object(
                fields.iter().filter_map(|(field, value)| Some((name(field), self.value(value)?))).collect(),
            ),
            plain => constant(plain).into_value(),
        })
    }
}
