//! Hands a checked operation over to what executes it: the same document in its types, so that no second parser
//! reads it otherwise than the first.
//!
//! Variables that were not sent and have no default are left out here, with the argument or the input field
//! that they stand in: absent is not null, and what executes makes no difference.

use apollo_compiler::ast::{self, Argument, DirectiveList, Value as Literal};
use apollo_compiler::executable::{self, Operation};
use apollo_compiler::{Name as Given, Node};
use async_graphql::parser::types::{
    BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
    InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, Variables};
use async_graphql_value::Value;

use super::document::Document;
use super::lines::Lines;
use super::variables::constant;

struct Handover<'a> {
    lines: &'a Lines,
    variables: &'a Variables,
}

/// One operation of a document with its fragments, for these variables.
#[must_use]
pub fn hand_over(
    document: &Document,
    operation: &Node<Operation>,
    variables: &Variables,
) -> ExecutableDocument {
    let hand = Handover { lines: &document.lines, variables };
    let operation_type = match operation.operation_type {
        ast::OperationType::Query => OperationType::Query,
        ast::OperationType::Mutation => OperationType::Mutation,
        ast::OperationType::Subscription => OperationType::Subscription,
    };
    let definition = OperationDefinition {
        ty: operation_type,
        variable_definitions: operation.variables.iter().map(|variable| hand.variable(variable)).collect(),
        // none that may stand there means anything
        directives: Vec::new(),
        selection_set: hand.selections(&operation.selection_set, Pos::default()),
    };
    let fragment = |(name, fragment): (&Given, &Node<executable::Fragment>)| {
        let at = hand.at(fragment);
        let definition = FragmentDefinition {
            type_condition: hand.condition(&fragment.selection_set.ty, at),
            directives: Vec::new(),
            selection_set: hand.selections(&fragment.selection_set, at),
        };
        (self::name(name), Positioned::new(definition, at))
    };
    ExecutableDocument {
        operations: DocumentOperations::Single(Positioned::new(definition, hand.at(operation))),
        fragments: document.executable.fragments.iter().map(fragment).collect(),
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
        node.location().map(|span| self.lines.at(span.offset())).unwrap_or_default()
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

    fn condition(&self, on: &Given, at: Pos) -> Positioned<TypeCondition> {
        Positioned::new(TypeCondition { on: Positioned::new(name(on), at) }, at)
    }

    // as deep as admission lets selections be
    fn selections(&self, set: &executable::SelectionSet, at: Pos) -> Positioned<SelectionSet> {
        let items = set.selections.iter().map(|selection| self.selection(selection)).collect();
        Positioned::new(SelectionSet { items }, at)
    }

    fn selection(&self, selection: &executable::Selection) -> Positioned<Selection> {
        match selection {
            executable::Selection::Field(field) => {
                let at = self.at(field);
                let selected = Field {
                    alias: field.alias.as_ref().map(|alias| Positioned::new(name(alias), at)),
                    name: Positioned::new(name(&field.name), at),
                    arguments: self.arguments(&field.arguments),
                    directives: self.directives(&field.directives),
                    selection_set: self.selections(&field.selection_set, at),
                };
                Positioned::new(Selection::Field(Positioned::new(selected, at)), at)
            }
            executable::Selection::FragmentSpread(spread) => {
                let at = self.at(spread);
                let spread = FragmentSpread {
                    fragment_name: Positioned::new(name(&spread.fragment_name), at),
                    directives: self.directives(&spread.directives),
                };
                Positioned::new(Selection::FragmentSpread(Positioned::new(spread, at)), at)
            }
            executable::Selection::InlineFragment(fragment) => {
                let at = self.at(fragment);
                let fragment = InlineFragment {
                    type_condition: fragment.type_condition.as_ref().map(|on| self.condition(on, at)),
                    directives: self.directives(&fragment.directives),
                    selection_set: self.selections(&fragment.selection_set, at),
                };
                Positioned::new(Selection::InlineFragment(Positioned::new(fragment, at)), at)
            }
        }
    }

    fn directives(&self, directives: &DirectiveList) -> Vec<Positioned<Directive>> {
        let directive = |given: &Node<ast::Directive>| {
            let at = self.at(given);
            let arguments = self.arguments(&given.arguments);
            Positioned::new(Directive { name: Positioned::new(name(&given.name), at), arguments }, at)
        };
        directives.iter().map(directive).collect()
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
