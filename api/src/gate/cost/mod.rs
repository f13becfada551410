//! What an operation costs at most, counted before anything runs, as the schema says it in `@cost` and `@listSize`
//! (see `graphql/cost.rs`): 1 for each object, of answers and of input, as often as it may come, and what is declared
//! dearer. Pages in pages multiply.
//!
//! What two fragments ask for alike is read once and counts once. Admission bounds what fragments expand to, so that
//! the walk, which visits each selection once, needs no memory of fragments; sums and products saturate.

mod declared;

use apollo_compiler::Schema;
use apollo_compiler::ast::{DirectiveList, InputValueDefinition, Type, Value as Literal};
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value, Variables, value};

use super::document::Document;
use crate::graphql::connection::LARGEST_PAGE;
use declared::{ListSize, weight};

/// The most that an operation may cost: a hundred meetings with all that came of them, and some more. What asks for
/// more objects than this is better asked for in pages.
pub const MOST: u64 = 100_000;
/// How many paths are told.
const TOLD: usize = 3;

/// What an operation costs at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// All together.
    pub requested: u64,
    /// Where most of it arises, the dearest first.
    pub dearest: Vec<Dear>,
}

/// What a field costs itself, without what is selected below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dear {
    /// Its path, as in errors but for the places in lists.
    pub path: Vec<String>,
    /// What it costs.
    pub cost: u64,
}

impl Cost {
    /// As `extensions.cost` tells it.
    #[must_use]
    pub fn told(&self) -> Value {
        let dear = |one: &Dear| {
            let path: Vec<Value> = one.path.iter().map(|step| Value::from(step.as_str())).collect();
            value!({ "path": path, "cost": one.cost })
        };
        let dearest: Vec<Value> = self.dearest.iter().map(dear).collect();
        value!({ "requested": self.requested, "limit": MOST, "dearest": dearest })
    }
}

/// What an operation costs with these variables.
#[must_use]
pub fn count(schema: &Schema, document: &Document, operation: &Operation, variables: &Variables) -> Cost {
    let mut count = Count { schema, document, variables, path: Vec::new(), cost: Cost::default() };
    let fields = count.collect([&operation.selection_set]);
    count.level(fields, 1, None);
    count.cost
}

/// The fields of one level, merged: those of one key and name are one field.
type Fields<'a> = IndexMap<(&'a str, &'a str), Vec<&'a Field>>;

/// Lists whose length a field above them says.
struct Paged<'a> {
    fields: Vec<&'a str>,
    length: u64,
}

struct Count<'a> {
    schema: &'a Schema,
    document: &'a Document,
    variables: &'a Variables,
    path: Vec<&'a str>,
    cost: Cost,
}

impl<'a> Count<'a> {
    /// What is selected of each of so many objects. As deep as admission lets fields be.
    fn level(&mut self, fields: Fields<'a>, times: u64, paged: Option<&Paged<'a>>) {
        for ((key, name), alike) in fields {
            // introspection is free
            if name.starts_with("__") {
                continue;
            }
            let inner = self.collect(alike.iter().map(|field| &field.selection_set));
            let largest =
                |of: &dyn Fn(&'a Field) -> u64| alike.iter().map(|field| of(field)).max().unwrap_or(0);
            let objects = largest(&|field| self.objects(field, paged));
            let mut own = largest(&|field| each(field).saturating_mul(objects))
                .saturating_add(largest(&|field| self.arguments(field)));
            let below = alike.iter().filter_map(|field| self.pages(field)).max_by_key(|below| below.length);
            if let Some(page) = &below {
                // rows are read although only `pageInfo` shows of them
                let shown = inner.keys().any(|(_, name)| page.fields.contains(name));
                own = own.saturating_add(if shown { 0 } else { page.length });
            }
            self.path.push(key);
            self.add(times.saturating_mul(own));
            self.level(inner, times.saturating_mul(objects), below.as_ref());
            self.path.pop();
        }
    }

    fn add(&mut self, cost: u64) {
        self.cost.requested = self.cost.requested.saturating_add(cost);
        let dearest = &mut self.cost.dearest;
        let place = dearest.partition_point(|one| one.cost >= cost);
        if cost > 0 && place < TOLD {
            let path = self.path.iter().map(|step| (*step).to_owned()).collect();
            dearest.insert(place, Dear { path, cost });
            dearest.truncate(TOLD);
        }
    }

    /// How many objects a field answers for each that it stands in.
    fn objects(&self, field: &Field, paged: Option<&Paged<'_>>) -> u64 {
        if !field.ty().is_list() {
            return 1;
        }
        if let Some(paged) = paged.filter(|paged| paged.fields.contains(&field.name.as_str())) {
            return paged.length;
        }
        ListSize::of(&field.definition).map_or(1, |list| self.length(field, &list))
    }

    /// The lists below a field whose length it says.
    fn pages(&self, field: &'a Field) -> Option<Paged<'a>> {
        let list = ListSize::of(&field.definition)?;
        let length = self.length(field, &list);
        (!list.sized.is_empty()).then_some(Paged { fields: list.sized, length })
    }

    fn length(&self, field: &Field, list: &ListSize<'_>) -> u64 {
        let asked =
            list.slicing.iter().filter_map(|name| self.number(field.specified_argument_by_name(name)?));
        // a larger page is refused by the field itself, and says why
        let length = asked.max().map_or(list.assumed, |asked| asked.min(LARGEST_PAGE));
        // what is asked for by ids is no longer than these
        let ids = field.specified_argument_by_name("ids").and_then(|given| self.items(given));
        ids.map_or(length, |ids| ids.min(length))
    }

    fn items(&self, given: &Literal) -> Option<u64> {
        let items = match given {
            Literal::List(items) => items.len(),
            Literal::Variable(name) => match self.variable(name)? {
                Value::List(items) => items.len(),
                _ => return None,
            },
            _ => return None,
        };
        u64::try_from(items).ok()
    }

    fn number(&self, value: &Literal) -> Option<u64> {
        match value {
            Literal::Int(number) => number.as_str().parse().ok(),
            Literal::Variable(name) => match self.variable(name)? {
                Value::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn variable(&self, name: &str) -> Option<&'a Value> {
        self.variables.get(&Name::new(name))
    }

    fn arguments(&self, field: &Field) -> u64 {
        sum(field.arguments.iter().filter_map(|given| {
            let argument = field.definition.argument_by_name(&given.name)?;
            Some(self.literal(argument, &argument.ty, &given.value))
        }))
    }

    // as deep as a literal may be
    fn literal(&self, declared: &InputValueDefinition, ty: &Type, given: &Literal) -> u64 {
        match given {
            Literal::Null => 0,
            Literal::Variable(name) => self.variable(name).map_or(0, |given| self.value(declared, ty, given)),
            Literal::List(items) => {
                sum(items.iter().map(|item| self.literal(declared, ty.item_type(), item)))
            }
            Literal::Object(fields) => {
                let fields = fields.iter().filter_map(|(name, given)| {
                    let field = self.input_field(ty, name)?;
                    Some(self.literal(field, &field.ty, given))
                });
                weight(&declared.directives).unwrap_or(1).saturating_add(sum(fields))
            }
            _ => weight(&declared.directives).unwrap_or(0),
        }
    }

    // as deep as a variable may be
    fn value(&self, declared: &InputValueDefinition, ty: &Type, given: &Value) -> u64 {
        match given {
            Value::Null => 0,
            Value::List(items) => sum(items.iter().map(|item| self.value(declared, ty.item_type(), item))),
            Value::Object(fields) => {
                let fields = fields.iter().filter_map(|(name, given)| {
                    let field = self.input_field(ty, name)?;
                    Some(self.value(field, &field.ty, given))
                });
                weight(&declared.directives).unwrap_or(1).saturating_add(sum(fields))
            }
            _ => weight(&declared.directives).unwrap_or(0),
        }
    }

    fn input_field(&self, ty: &Type, name: &str) -> Option<&'a InputValueDefinition> {
        let input = self.schema.get_input_object(ty.inner_named_type())?;
        input.fields.get(name).map(|field| field.node.as_ref())
    }

    /// What is selected in these places, fragments in place, without what is skipped.
    fn collect(&self, sets: impl IntoIterator<Item = &'a SelectionSet>) -> Fields<'a> {
        let mut fields = Fields::new();
        for set in sets {
            self.collect_into(set, &mut fields);
        }
        fields
    }

    // as deep as admission lets selections be, fragments included
    fn collect_into(&self, set: &'a SelectionSet, fields: &mut Fields<'a>) {
        for selection in &set.selections {
            if self.is_left_out(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let key = (field.response_key().as_str(), field.name.as_str());
                    fields.entry(key).or_default().push(field);
                }
                Selection::InlineFragment(fragment) => self.collect_into(&fragment.selection_set, fields),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.executable.fragments.get(&spread.fragment_name) {
                        self.collect_into(&fragment.selection_set, fields);
                    }
                }
            }
        }
    }

    fn is_left_out(&self, directives: &DirectiveList) -> bool {
        let says = |name: &str, left_out: bool| {
            let given = directives.get(name).and_then(|given| given.specified_argument_by_name("if"));
            given.is_some_and(|given| match given.as_ref() {
                Literal::Boolean(says) => *says == left_out,
                Literal::Variable(name) => self.variable(name) == Some(&Value::Boolean(left_out)),
                _ => false,
            })
        };
        says("skip", true) || says("include", false)
    }
}

/// What each object costs that a field answers; nothing, if it answers none, unless it is declared.
fn each(field: &Field) -> u64 {
    let is_object = !field.selection_set.is_empty();
    weight(&field.definition.directives).unwrap_or(u64::from(is_object))
}

fn sum(costs: impl Iterator<Item = u64>) -> u64 {
    costs.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
