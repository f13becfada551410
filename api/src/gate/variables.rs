//! Variables, coerced before anything runs: each to its declared type, with defaults filled in.
//!
//! The validator's own coercion stops at the first mistake, quotes values and knows no `@oneOf`; hence this one.

use apollo_compiler::ast::{Type, Value as Literal};
use apollo_compiler::executable::Operation;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Node, Schema};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Number, Value, Variables};
use serde_json::Value as Json;

use super::admission::Limit;
use super::input_rules::is_one_of;
use super::lines::Lines;
use super::own_scalars::misfit;
use super::refusal::{Fault, Refused, Stage, shorten};

/// Variables as they were sent.
pub type Sent = serde_json::Map<String, Json>;

/// Lists that may be longer than others: the mutation itself says how long, row by row in its payload. What is
/// beyond this many is not even looked at.
pub const LONG_LISTS: &[(&str, &str)] = &[("MembershipsSyncInput", "rows")];
/// The most items of such a list.
pub const LONGEST_LIST: usize = 10_000;

struct Coercion<'a> {
    schema: &'a Schema,
    /// Where in the variables we are: `input`, `rows`, `3`.
    path: Vec<String>,
    faults: Vec<Fault>,
    over: Option<Limit>,
}

/// The variables of an operation.
///
/// # Errors
/// Every mistake, up to a few; too long lists and too deep values.
pub fn coerce(
    schema: &Schema,
    operation: &Operation,
    sent: &Sent,
    lines: &Lines,
) -> Result<Variables, Refused> {
    let mut coercion = Coercion { schema, path: Vec::new(), faults: Vec::new(), over: None };
    let mut variables = Variables::default();
    for variable in &operation.variables {
        let name = variable.name.as_str();
        coercion.path = vec![name.to_owned()];
        let value = match (sent.get(name), &variable.default_value) {
            (Some(value), _) => coercion.value(&variable.ty, value, Limit::List.most() as usize),
            (None, Some(default)) => coercion.default(&variable.ty, default),
            (None, None) if variable.ty.is_non_null() => {
                let at = variable.location().map(|span| lines.at(span.offset()));
                coercion.faults.push(Fault::new(format!("The variable `${name}` is required."), at));
                continue;
            }
            // absent is not null: an argument that is left out keeps what it would change
            (None, None) => continue,
        };
        variables.insert(Name::new(name), value);
    }
    match (coercion.over, coercion.faults.is_empty()) {
        (Some(limit), _) => Err(Refused::over(limit, None)),
        (None, true) => Ok(variables),
        (None, false) => Err(Refused::of(Stage::Variables, coercion.faults)),
    }
}

impl Coercion<'_> {
    // as deep as a literal may be
    fn value(&mut self, ty: &Type, value: &Json, longest: usize) -> Value {
        if self.over.is_some() {
            return Value::Null;
        }
        if self.path.len() > Limit::Literal.most() as usize {
            self.over = Some(Limit::Literal);
            return Value::Null;
        }
        if value.is_null() {
            if ty.is_non_null() {
                self.fault("must not be null");
            }
            return Value::Null;
        }
        match ty {
            Type::List(_) | Type::NonNullList(_) => self.list(ty.item_type(), value, longest),
            Type::Named(name) | Type::NonNullNamed(name) => match self.schema.types.get(name) {
                Some(ExtendedType::Enum(found)) => match value.as_str() {
                    Some(text) if found.values.contains_key(text) => Value::Enum(Name::new(text)),
                    _ => self.wrong(name),
                },
                Some(ExtendedType::InputObject(input)) => match value {
                    Json::Object(fields) => self.object(input, fields),
                    _ => self.wrong(name),
                },
                _ => self.scalar(name, value),
            },
        }
    }

    fn list(&mut self, item: &Type, value: &Json, longest: usize) -> Value {
        let Json::Array(items) = value else {
            // one item stands for a list of it
            return Value::List(vec![self.value(item, value, Limit::List.most() as usize)]);
        };
        if items.len() > longest {
            self.over = Some(Limit::List);
            return Value::Null;
        }
        let mut coerced = Vec::with_capacity(items.len());
        for (at, one) in items.iter().enumerate() {
            coerced
                .push(self.at(&at.to_string(), |inner| inner.value(item, one, Limit::List.most() as usize)));
        }
        Value::List(coerced)
    }

    fn object(&mut self, input: &InputObjectType, sent: &Sent) -> Value {
        for name in sent.keys().filter(|name| !input.fields.contains_key(name.as_str())) {
            self.at(&shorten(name, 60), |inner| inner.fault(&format!("is no field of `{}`", input.name)));
        }
        if is_one_of(input) && (sent.len() != 1 || sent.values().any(Json::is_null)) {
            self.fault(&format!("must have exactly one field of `{}`, and not null", input.name));
            return Value::Null;
        }
        let mut coerced = IndexMap::new();
        for (name, field) in &input.fields {
            let longest = if LONG_LISTS.contains(&(input.name.as_str(), name.as_str())) {
                LONGEST_LIST
            } else {
                Limit::List.most() as usize
            };
            let value = match (sent.get(name.as_str()), &field.default_value) {
                (Some(value), _) => self.at(name, |inner| inner.value(&field.ty, value, longest)),
                (None, Some(default)) => self.default(&field.ty, default),
                (None, None) => {
                    if field.ty.is_non_null() {
                        self.at(name, |inner| inner.fault("is required"));
                    }
                    continue;
                }
            };
            coerced.insert(Name::new(name.as_str()), value);
        }
        Value::Object(coerced)
    }

    fn scalar(&mut self, name: &str, value: &Json) -> Value {
        if let Some(misfit) = misfit(name, value.as_str()) {
            self.fault_because(misfit.words, Some(misfit.reason));
            return Value::Null;
        }
        let coerced = match (name, value) {
            ("Int", Json::Number(number)) => whole(number).map(Value::from),
            ("Float", Json::Number(number)) => Some(Value::Number(number.clone())),
            ("String" | "ID", Json::String(text)) => Some(Value::String(text.clone())),
            // an id may be written as a whole number; it is a text all the same
            ("ID", Json::Number(number)) if !number.is_f64() => Some(Value::String(number.to_string())),
            ("Boolean", Json::Bool(is)) => Some(Value::Boolean(*is)),
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => None,
            _ => Value::from_json(value.clone()).ok(),
        };
        coerced.unwrap_or_else(|| self.wrong(name))
    }

    /// A default is valid; what one item stands for still becomes a list, and inner defaults are filled in.
    fn default(&mut self, ty: &Type, literal: &Node<Literal>) -> Value {
        match (ty, literal.as_ref()) {
            (_, Literal::Null) => Value::Null,
            (Type::List(item) | Type::NonNullList(item), Literal::List(items)) => {
                Value::List(items.iter().map(|one| self.default(item, one)).collect())
            }
            (Type::List(item) | Type::NonNullList(item), _) => Value::List(vec![self.default(item, literal)]),
            (Type::Named(name) | Type::NonNullNamed(name), Literal::Object(given)) => {
                let Some(input) = self.schema.get_input_object(name) else { return constant(literal) };
                let mut filled = IndexMap::new();
                for (name, field) in &input.fields {
                    let given = given.iter().find(|(given, _)| given == name).map(|(_, value)| value);
                    if let Some(value) = given.or(field.default_value.as_ref()) {
                        filled.insert(Name::new(name.as_str()), self.default(&field.ty, value));
                    }
                }
                Value::Object(filled)
            }
            _ => constant(literal),
        }
    }

    fn at<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let done = work(self);
        self.path.pop();
        done
    }

    fn wrong(&mut self, ty: &str) -> Value {
        self.fault(&format!("is no `{ty}`"));
        Value::Null
    }

    fn fault(&mut self, what: &str) {
        self.fault_because(what, None);
    }

    fn fault_because(&mut self, what: &str, reason: Option<&'static str>) {
        // more would not be told
        if self.faults.len() < 20 {
            let message = format!("The variable `${}` {what}.", self.path.join("."));
            self.faults.push(Fault { message, at: None, reason });
        }
    }
}

/// A number without a fraction in 32 bits, however it is written.
fn whole(number: &Number) -> Option<i32> {
    let exact = number.as_i64().and_then(|n| i32::try_from(n).ok());
    exact.or_else(|| {
        let float = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX))?;
        format!("{float}").parse().ok()
    })
}

/// A literal without variables.
#[must_use]
pub fn constant(literal: &Literal) -> Value {
    match literal {
        Literal::Null | Literal::Variable(_) => Value::Null,
        Literal::Enum(name) => Value::Enum(Name::new(name.as_str())),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Boolean(is) => Value::Boolean(*is),
        Literal::Int(number) => number.as_str().parse().map(Value::Number).unwrap_or_default(),
        Literal::Float(number) => number.as_str().parse().map(Value::Number).unwrap_or_default(),
        Literal::List(items) => Value::List(items.iter().map(|one| constant(one)).collect()),
        Literal::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (Name::new(name.as_str()), constant(value))).collect(),
        ),
    }
}
