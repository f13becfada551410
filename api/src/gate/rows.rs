//! How many rows an operation asks for at most, from the sizes of its pages: pages in pages multiply.

use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use super::document::Document;

/// The most rows that may be asked for.
pub const MOST: u64 = 100_000;
/// The size of a page unless it is said, and the largest.
const PAGE: u64 = 20;
const LARGEST_PAGE: u64 = 100;

struct Count<'a> {
    document: &'a Document,
    variables: &'a Variables,
}

/// The rows of connections, those in rows of others counted for each of these.
#[must_use]
pub fn count(document: &Document, operation: &Operation, variables: &Variables) -> u64 {
    Count { document, variables }.selections(&operation.selection_set)
}

impl Count<'_> {
    // as wide and as deep as admission lets selections be, fragments included
    fn selections(&self, set: &SelectionSet) -> u64 {
        let rows = set.selections.iter().map(|selection| match selection {
            Selection::Field(field) => {
                let inner = self.selections(&field.selection_set);
                match self.page(field) {
                    Some(page) => page.saturating_mul(inner.saturating_add(1)),
                    None => inner,
                }
            }
            Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.executable.fragments.get(&spread.fragment_name);
                fragment.map_or(0, |fragment| self.selections(&fragment.selection_set))
            }
        });
        rows.fold(0, u64::saturating_add)
    }

    /// How many rows a field asks for, if it has pages.
    fn page(&self, field: &Field) -> Option<u64> {
        field.definition.argument_by_name("first")?;
        let asked = |name| field.specified_argument_by_name(name).and_then(|value| self.number(value));
        Some(asked("first").or_else(|| asked("last")).unwrap_or(PAGE).min(LARGEST_PAGE))
    }

    fn number(&self, value: &Literal) -> Option<u64> {
        match value {
            Literal::Int(number) => number.as_str().parse().ok(),
            Literal::Variable(name) => match self.variables.get(&Name::new(name.as_str())) {
                Some(Value::Number(number)) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }
}
