//! What differs between two schemas.

use std::collections::BTreeSet;

use apollo_compiler::ast::{DirectiveDefinition, DirectiveList, InputValueDefinition, Type};
use apollo_compiler::collections::{IndexMap, IndexSet};
use apollo_compiler::schema::{
    Component, ComponentName, EnumType, EnumValueDefinition, ExtendedType, FieldDefinition, InputObjectType,
    ScalarType,
};
use apollo_compiler::{Name, Node, Schema};

/// What a change does to a client of the old schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// A document that was valid is not any more, or an answer does not fit the types that were made of the schema.
    Breaking,
    /// Documents stay valid, and a client that does not expect the change may stumble over it.
    Dangerous,
    /// No client notices.
    Safe,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does to clients.
    pub effect: Effect,
    /// What kind of difference.
    pub code: &'static str,
    /// Of what: `Group.meetings(first)`, `@oneOf`.
    pub path: String,
    /// What it is, in words.
    pub message: String,
}

/// Every difference, the worst first, then by path.
#[must_use]
pub fn compare(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut found = Found::default();
    found.roots(old, new);
    found.types(old, new);
    found.directives(old, new);
    found.0.sort_by(|a, b| (a.effect, &a.path, a.code).cmp(&(b.effect, &b.path, b.code)));
    found.0
}

/// The codes of what happens to arguments and input fields.
struct Codes {
    removed: &'static str,
    required: &'static str,
    optional: &'static str,
    changed: &'static str,
    default: &'static str,
}

const ARGUMENT: Codes = Codes {
    removed: "ARG_REMOVED",
    required: "REQUIRED_ARG_ADDED",
    optional: "OPTIONAL_ARG_ADDED",
    changed: "ARG_CHANGED_KIND",
    default: "ARG_DEFAULT_VALUE_CHANGE",
};
const INPUT_FIELD: Codes = Codes {
    removed: "FIELD_REMOVED",
    required: "REQUIRED_INPUT_FIELD_ADDED",
    optional: "OPTIONAL_INPUT_FIELD_ADDED",
    changed: "FIELD_CHANGED_KIND",
    default: "INPUT_FIELD_DEFAULT_VALUE_CHANGE",
};
const DIRECTIVE_ARGUMENT: Codes = Codes {
    removed: "DIRECTIVE_ARG_REMOVED",
    required: "REQUIRED_DIRECTIVE_ARG_ADDED",
    optional: "OPTIONAL_DIRECTIVE_ARG_ADDED",
    changed: "DIRECTIVE_ARG_CHANGED_KIND",
    default: "DIRECTIVE_ARG_DEFAULT_VALUE_CHANGE",
};

#[derive(Default)]
struct Found(Vec<Change>);

impl Found {
    fn note(&mut self, effect: Effect, code: &'static str, path: &str, message: impl Into<String>) {
        self.0.push(Change { effect, code, path: path.to_owned(), message: message.into() });
    }

    fn breaking(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        self.note(Effect::Breaking, code, path, message);
    }

    fn dangerous(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        self.note(Effect::Dangerous, code, path, message);
    }

    fn safe(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        self.note(Effect::Safe, code, path, message);
    }

    fn roots(&mut self, old: &Schema, new: &Schema) {
        let (old, new) = (&old.schema_definition, &new.schema_definition);
        for (operation, old, new) in [
            ("query", &old.query, &new.query),
            ("mutation", &old.mutation, &new.mutation),
            ("subscription", &old.subscription, &new.subscription),
        ] {
            let path = format!("schema.{operation}");
            match (old, new) {
                (Some(old), Some(new)) if old.name == new.name => {}
                (None, None) => {}
                (None, Some(new)) => self.safe("ROOT_TYPE_ADDED", &path, format!("is now `{}`", new.name)),
                (Some(old), Some(new)) => {
                    self.breaking(
                        "ROOT_TYPE_CHANGED",
                        &path,
                        format!("was `{}`, is `{}`", old.name, new.name),
                    );
                }
                (Some(_), None) => self.breaking("ROOT_TYPE_REMOVED", &path, "is gone"),
            }
        }
    }

    fn types(&mut self, old: &Schema, new: &Schema) {
        let own = |ty: &ExtendedType| !ty.is_built_in() && !ty.name().starts_with("__");
        for (name, before) in old.types.iter().filter(|(_, ty)| own(ty)) {
            match new.types.get(name) {
                Some(after) => self.a_type(name, before, after),
                None => self.breaking("TYPE_REMOVED", name, "is gone"),
            }
        }
        for (name, _) in new.types.iter().filter(|(name, ty)| own(ty) && !old.types.contains_key(*name)) {
            self.safe("TYPE_ADDED", name, "is new");
        }
    }

    fn a_type(&mut self, name: &str, old: &ExtendedType, new: &ExtendedType) {
        self.description(name, old.description(), new.description());
        match (old, new) {
            (ExtendedType::Object(old), ExtendedType::Object(new)) => {
                self.interfaces(name, &old.implements_interfaces, &new.implements_interfaces);
                self.fields(name, &old.fields, &new.fields);
            }
            (ExtendedType::Interface(old), ExtendedType::Interface(new)) => {
                self.interfaces(name, &old.implements_interfaces, &new.implements_interfaces);
                self.fields(name, &old.fields, &new.fields);
            }
            (ExtendedType::Union(old), ExtendedType::Union(new)) => {
                for gone in old.members.difference(&new.members) {
                    let message = format!("may not be `{gone}` any more");
                    self.breaking("TYPE_REMOVED_FROM_UNION", name, message);
                }
                for added in new.members.difference(&old.members) {
                    self.dangerous("TYPE_ADDED_TO_UNION", name, format!("may be `{added}`, too"));
                }
            }
            (ExtendedType::Enum(old), ExtendedType::Enum(new)) => self.an_enum(name, old, new),
            (ExtendedType::InputObject(old), ExtendedType::InputObject(new)) => self.an_input(name, old, new),
            (ExtendedType::Scalar(old), ExtendedType::Scalar(new)) => {
                let url = |scalar: &ScalarType| {
                    scalar.directives.get("specifiedBy").map(|found| found.node.to_string())
                };
                if url(old) != url(new) {
                    self.dangerous("SCALAR_SPECIFICATION_CHANGED", name, "is specified elsewhere");
                }
            }
            _ => self.breaking("TYPE_CHANGED_KIND", name, format!("was {}, is {}", kind(old), kind(new))),
        }
    }

    fn interfaces(&mut self, name: &str, old: &IndexSet<ComponentName>, new: &IndexSet<ComponentName>) {
        for gone in old.difference(new) {
            let message = format!("does not implement `{gone}` any more");
            self.breaking("IMPLEMENTED_INTERFACE_REMOVED", name, message);
        }
        for added in new.difference(old) {
            self.dangerous("IMPLEMENTED_INTERFACE_ADDED", name, format!("implements `{added}`"));
        }
    }

    fn fields(
        &mut self,
        ty: &str,
        old: &IndexMap<Name, Component<FieldDefinition>>,
        new: &IndexMap<Name, Component<FieldDefinition>>,
    ) {
        for (name, before) in old {
            let path = format!("{ty}.{name}");
            let Some(after) = new.get(name) else {
                self.breaking("FIELD_REMOVED", &path, "is gone");
                continue;
            };
            if before.ty != after.ty {
                let message = format!("was `{}`, is `{}`", before.ty, after.ty);
                if still_answers(&before.ty, &after.ty) {
                    self.safe("FIELD_CHANGED_KIND", &path, message);
                } else {
                    self.breaking("FIELD_CHANGED_KIND", &path, message);
                }
            }
            self.description(&path, before.description.as_ref(), after.description.as_ref());
            self.deprecation(&path, &before.directives, &after.directives);
            for directive in ["cost", "listSize"] {
                if applied(&before.directives, directive) != applied(&after.directives, directive) {
                    self.safe("COST_CHANGED", &path, format!("has another `@{directive}`"));
                }
            }
            let within = |argument: &str| format!("{path}({argument})");
            self.inputs(&ARGUMENT, within, &before.arguments, &after.arguments);
        }
        for (name, _) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.safe("FIELD_ADDED", &format!("{ty}.{name}"), "is new");
        }
    }

    fn an_enum(&mut self, ty: &str, old: &EnumType, new: &EnumType) {
        let path = |value: &EnumValueDefinition| format!("{ty}.{}", value.value);
        for (name, before) in &old.values {
            match new.values.get(name) {
                Some(after) => {
                    self.description(&path(before), before.description.as_ref(), after.description.as_ref());
                    self.deprecation(&path(before), &before.directives, &after.directives);
                }
                None => self.breaking("VALUE_REMOVED_FROM_ENUM", &path(before), "is gone"),
            }
        }
        for (_, added) in new.values.iter().filter(|(name, _)| !old.values.contains_key(*name)) {
            self.dangerous("VALUE_ADDED_TO_ENUM", &path(added), "is new");
        }
    }

    fn an_input(&mut self, ty: &str, old: &InputObjectType, new: &InputObjectType) {
        match (old.directives.has("oneOf"), new.directives.has("oneOf")) {
            (false, true) => self.breaking("ONE_OF_ADDED", ty, "takes exactly one of its fields now"),
            (true, false) => self.safe("ONE_OF_REMOVED", ty, "takes several of its fields now"),
            _ => {}
        }
        let of = |fields: &IndexMap<Name, Component<InputValueDefinition>>| {
            fields.values().map(|field| field.node.clone()).collect::<Vec<_>>()
        };
        self.inputs(&INPUT_FIELD, |field| format!("{ty}.{field}"), &of(&old.fields), &of(&new.fields));
    }

    /// Arguments, or the fields of an input.
    fn inputs(
        &mut self,
        codes: &Codes,
        path: impl Fn(&str) -> String,
        old: &[Node<InputValueDefinition>],
        new: &[Node<InputValueDefinition>],
    ) {
        for before in old {
            let path = path(&before.name);
            match new.iter().find(|after| after.name == before.name) {
                Some(after) => self.an_input_value(codes, &path, before, after),
                None => self.breaking(codes.removed, &path, "is gone"),
            }
        }
        for added in new.iter().filter(|after| old.iter().all(|before| before.name != after.name)) {
            if added.is_required() {
                self.breaking(codes.required, &path(&added.name), "is new and must be given");
            } else {
                self.dangerous(codes.optional, &path(&added.name), "is new and may be given");
            }
        }
    }

    fn an_input_value(
        &mut self,
        codes: &Codes,
        path: &str,
        old: &InputValueDefinition,
        new: &InputValueDefinition,
    ) {
        if old.ty != new.ty {
            let message = format!("was `{}`, is `{}`", old.ty, new.ty);
            if still_takes(&old.ty, &new.ty) {
                self.safe(codes.changed, path, message);
            } else {
                self.breaking(codes.changed, path, message);
            }
        }
        match (&old.default_value, &new.default_value) {
            (Some(_), None) if new.is_required() => {
                self.breaking(codes.required, path, "must be given, as it has no default any more");
            }
            (Some(before), Some(after)) if before == after => {}
            (Some(before), after) => {
                let after = after.as_ref().map_or("none".to_owned(), |value| format!("`{value}`"));
                self.dangerous(codes.default, path, format!("had the default `{before}`, has {after}"));
            }
            (None, _) => {}
        }
        self.description(path, old.description.as_ref(), new.description.as_ref());
        self.deprecation(path, &old.directives, &new.directives);
    }

    fn directives(&mut self, old: &Schema, new: &Schema) {
        for (name, before) in &old.directive_definitions {
            let path = format!("@{name}");
            match new.directive_definitions.get(name) {
                Some(after) => self.a_directive(&path, before, after),
                None => self.breaking("DIRECTIVE_REMOVED", &path, "is gone"),
            }
        }
        for name in
            new.directive_definitions.keys().filter(|name| !old.directive_definitions.contains_key(*name))
        {
            self.safe("DIRECTIVE_ADDED", &format!("@{name}"), "is new");
        }
    }

    fn a_directive(&mut self, path: &str, old: &DirectiveDefinition, new: &DirectiveDefinition) {
        let within = |argument: &str| format!("{path}({argument})");
        self.inputs(&DIRECTIVE_ARGUMENT, within, &old.arguments, &new.arguments);
        match (old.repeatable, new.repeatable) {
            (true, false) => self.breaking("DIRECTIVE_REPEATABLE_REMOVED", path, "may stand once only"),
            (false, true) => self.safe("DIRECTIVE_REPEATABLE_ADDED", path, "may be repeated"),
            _ => {}
        }
        let places = |directive: &DirectiveDefinition| {
            directive.locations.iter().map(|place| place.name()).collect::<BTreeSet<_>>()
        };
        let (before, after) = (places(old), places(new));
        for gone in before.difference(&after) {
            self.breaking("DIRECTIVE_LOCATION_REMOVED", path, format!("may not stand on {gone} any more"));
        }
        for added in after.difference(&before) {
            self.safe("DIRECTIVE_LOCATION_ADDED", path, format!("may stand on {added}"));
        }
        self.description(path, old.description.as_ref(), new.description.as_ref());
    }

    fn description(&mut self, path: &str, old: Option<&Node<str>>, new: Option<&Node<str>>) {
        if old != new {
            self.safe("DESCRIPTION_CHANGED", path, "is described otherwise");
        }
    }

    fn deprecation(&mut self, path: &str, old: &DirectiveList, new: &DirectiveList) {
        let (before, after) = (applied(old, "deprecated"), applied(new, "deprecated"));
        match (before, after) {
            (None, Some(_)) => self.safe("DEPRECATION_ADDED", path, "is deprecated"),
            (Some(_), None) => self.safe("DEPRECATION_REMOVED", path, "is not deprecated any more"),
            (before, after) if before != after => {
                self.safe("DEPRECATION_CHANGED", path, "is deprecated for another reason");
            }
            _ => {}
        }
    }
}

/// A directive as it is applied, as text.
fn applied(directives: &DirectiveList, name: &str) -> Option<String> {
    directives.get(name).map(ToString::to_string)
}

const fn kind(ty: &ExtendedType) -> &'static str {
    match ty {
        ExtendedType::Scalar(_) => "a scalar",
        ExtendedType::Object(_) => "an object",
        ExtendedType::Interface(_) => "an interface",
        ExtendedType::Union(_) => "a union",
        ExtendedType::Enum(_) => "an enum",
        ExtendedType::InputObject(_) => "an input",
    }
}

/// Whether every answer of the new type is one of the old. As deep as types are written.
fn still_answers(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Named(old) | Type::NonNullNamed(old), Type::NonNullNamed(new))
        | (Type::Named(old), Type::Named(new)) => old == new,
        (Type::List(old) | Type::NonNullList(old), Type::NonNullList(new))
        | (Type::List(old), Type::List(new)) => still_answers(old, new),
        _ => false,
    }
}

/// Whether every value that the old type took is one of the new: the same the other way round.
fn still_takes(old: &Type, new: &Type) -> bool {
    still_answers(new, old)
}
