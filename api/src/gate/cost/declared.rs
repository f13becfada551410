//! What definitions of the schema say of their cost.

use apollo_compiler::ast::{DirectiveList, FieldDefinition, Value as Literal};

/// The weight that `@cost` declares. What is no whole number counts as nothing: the schema is our own, and tested.
pub fn weight(directives: &DirectiveList) -> Option<u64> {
    directives.get("cost")?.specified_argument_by_name("weight")?.as_str()?.parse().ok()
}

/// What `@listSize` declares.
pub struct ListSize<'a> {
    /// The length, if no argument says it.
    pub assumed: u64,
    /// The arguments that say it.
    pub slicing: Vec<&'a str>,
    /// The fields below that are so long; none, if it is the field itself.
    pub sized: Vec<&'a str>,
}

impl<'a> ListSize<'a> {
    /// Of a field, if it says it.
    pub fn of(definition: &'a FieldDefinition) -> Option<Self> {
        let directive = definition.directives.get("listSize")?;
        let names = |argument: &str| {
            let given = directive.specified_argument_by_name(argument).and_then(|names| names.as_list());
            given.unwrap_or_default().iter().filter_map(|name| name.as_str()).collect()
        };
        let assumed = match directive.specified_argument_by_name("assumedSize").map(AsRef::as_ref) {
            Some(Literal::Int(number)) => number.as_str().parse().ok(),
            _ => None,
        };
        Some(Self {
            assumed: assumed.unwrap_or(1),
            slicing: names("slicingArguments"),
            sized: names("sizedFields"),
        })
    }
}
