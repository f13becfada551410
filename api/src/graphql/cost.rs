//! What things cost, as the published schema says it in the directives of the GraphQL Cost Directives
//! specification (<https://ibm.github.io/graphql-specs/cost-spec.html>). The gate reads them from the same schema: a
//! client that counts by what is published comes to the same number.

use async_graphql::Value;
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{
    __DirectiveLocation as Location, MetaDirective, MetaDirectiveInvocation, MetaField, MetaInputValue,
    MetaType, Registry,
};

use super::connection::DEFAULT_PAGE;

/// A mutation: a transaction and a record of it.
const MUTATION: u32 = 10;
/// Counting reads every row that meets the filter.
const TOTAL_COUNT: u32 = 5;

/// What costs more than the objects that it answers, and why: type, field, weight.
const WEIGHTS: &[(&str, &str, u32)] = &[
    // a password is hashed, which is slow by design
    ("Mutation", "accountEmailChange", 500),
    ("Mutation", "invitationAccept", 500),
    ("Mutation", "passwordChange", 500),
    ("Mutation", "passwordReset", 500),
    ("Mutation", "recoveryCodesRenew", 500),
    ("Mutation", "secondFactorRemove", 500),
    ("Mutation", "secondFactorStart", 500),
    ("Mutation", "signIn", 500),
    // a whole meeting, a whole list, everything about somebody
    ("Mutation", "meetingRecord", 200),
    ("Mutation", "membershipsSync", 500),
    ("Mutation", "organisationMerge", 200),
    ("Mutation", "personDepart", 100),
    ("Mutation", "personErase", 200),
    ("Mutation", "personMerge", 200),
    // no index finds what lies inside of a text
    ("TextFilter", "contains", 20),
    // counts over every follow-up that meets the filter
    ("Query", "actionSummary", 50),
];

/// How long lists without pages usually are, generously: length, and the fields.
const LENGTHS: &[(u32, &[&str])] = &[
    (
        1,
        &[
            "Announcement.externalReferences",
            "Document.externalReferences",
            "FollowUp.externalReferences",
            "Group.externalReferences",
            "Meeting.externalReferences",
            "Membership.externalReferences",
            "Operation.externalReferences",
            "Organisation.externalReferences",
            "Person.externalReferences",
            "Recommendation.externalReferences",
            "AgendaItem.continuedBy",
            "Meeting.otherGroups",
            "Recommendation.derived",
        ],
    ),
    (
        2,
        &[
            "Account.identities",
            "AgendaItem.announcements",
            "AgendaItem.documents",
            "AgendaItem.presenters",
            "ApiToken.limits",
            "Assignment.responses",
            "FollowUp.deliverables",
            "FollowUp.referrals",
            "FollowUp.reviews",
            "Group.aliases",
            "Group.leads",
            "Group.sectors",
            "Minutes.contributors",
            "Organisation.aliases",
            "Organisation.identifiers",
            "Recommendation.referrals",
            "Recommendation.reviews",
            "ServiceAccount.apiTokens",
            "ServiceAccount.seats",
        ],
    ),
    (
        3,
        &[
            "AgendaItem.followUps",
            "AgendaItem.recommendations",
            "AgendaItem.reviews",
            "FollowUp.assignments",
            "FollowUp.updates",
            "Meeting.minutesRevisions",
            "MembershipSyncRow.candidates",
            "MembershipSyncRow.changes",
            "Person.contactPoints",
            "Person.memberships",
            "Query.meetingSeriesOf",
            "Query.openidIssuers",
            "Recommendation.addressees",
            "Recommendation.followUps",
            "Viewer.seats",
        ],
    ),
    (
        10,
        &[
            "Account.apiTokens",
            "Account.sessions",
            "Group.subGroups",
            "Meeting.agendaAsInvited",
            "Meeting.agendaItems",
            "Meeting.announcements",
            "Meeting.documents",
            "Meeting.followUps",
            "Meeting.recommendations",
            "Meeting.reviews",
            "Organisation.units",
            "PersonDepartPayload.endedMemberships",
            "PersonDepartPayload.openFollowUps",
            "Query.operations",
        ],
    ),
    (30, &["ActionSummary.rows", "Meeting.attendance", "Query.organisationTypes", "Query.sectors"]),
    (
        100,
        &["MembershipsSyncPayload.missing", "MembershipsSyncPayload.rows", "Query.enumLabels", "Query.nodes"],
    ),
    (250, &["Query.countries"]),
];

/// Describes the arguments of the directives in an exported schema too, which the library leaves out there.
#[must_use]
pub fn with_descriptions(mut sdl: String) -> String {
    for directive in [cost_directive(), list_size_directive()] {
        let head = format!("\ndirective @{}(", directive.name);
        let Some(start) = sdl.find(&head).map(|at| at + head.len()) else { continue };
        let Some(end) = sdl[start..].find(") on ").map(|length| start + length) else { continue };
        let described = |arg: &MetaInputValue| {
            let description = arg.description.as_deref().unwrap_or_default();
            let default = arg.default_value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
            format!("\n\t\"\"\"\n\t{description}\n\t\"\"\"\n\t{}: {}{default}", arg.name, arg.ty)
        };
        let arguments: Vec<String> = directive.args.values().map(described).collect();
        sdl.replace_range(start..end, &(arguments.join(",") + "\n"));
    }
    sdl
}

/// Declares the directives, and what each type says of itself with them. May be repeated.
pub fn declare(registry: &mut Registry) {
    registry.add_directive(cost_directive());
    registry.add_directive(list_size_directive());
    for ty in registry.types.values_mut() {
        match ty {
            MetaType::Object { name, fields, .. } => {
                for field in fields.values_mut() {
                    field.directive_invocations = of_field(name, field);
                }
            }
            MetaType::InputObject { name, input_fields, .. } => {
                for field in input_fields.values_mut() {
                    field.directive_invocations = weight(name, &field.name).map(cost).into_iter().collect();
                }
            }
            _ => {}
        }
    }
}

fn of_field(ty: &str, field: &MetaField) -> Vec<MetaDirectiveInvocation> {
    let lengthy = if field.args.contains_key("first") {
        Some(page())
    } else {
        length(ty, &field.name).map(|length| list_size([("assumedSize", Value::from(length))]))
    };
    weight(ty, &field.name).map(cost).into_iter().chain(lengthy).collect()
}

fn weight(ty: &str, field: &str) -> Option<u32> {
    let listed = WEIGHTS.iter().find(|(t, f, _)| (*t, *f) == (ty, field)).map(|(_, _, weight)| *weight);
    match (ty, field) {
        _ if listed.is_some() => listed,
        ("Mutation", _) => Some(MUTATION),
        (_, "totalCount") => Some(TOTAL_COUNT),
        _ => None,
    }
}

fn length(ty: &str, field: &str) -> Option<u32> {
    if field == "userErrors" {
        return Some(1);
    }
    let named = |path: &&str| path.split_once('.') == Some((ty, field));
    LENGTHS.iter().find(|(_, fields)| fields.iter().any(named)).map(|(length, _)| *length)
}

fn cost(weight: u32) -> MetaDirectiveInvocation {
    // the specification has it as a text, so that it may become a formula one day
    let weight = Value::from(weight.to_string());
    MetaDirectiveInvocation { name: "cost".to_owned(), args: arguments([("weight", weight)]) }
}

fn list_size<const N: usize>(args: [(&str, Value); N]) -> MetaDirectiveInvocation {
    MetaDirectiveInvocation { name: "listSize".to_owned(), args: arguments(args) }
}

/// A connection: as many rows as it is asked for.
fn page() -> MetaDirectiveInvocation {
    let names = |names: [&str; 2]| Value::List(names.map(Value::from).to_vec());
    list_size([
        ("assumedSize", Value::from(DEFAULT_PAGE)),
        ("slicingArguments", names(["first", "last"])),
        ("sizedFields", names(["edges", "nodes"])),
        ("requireOneSlicingArgument", Value::from(false)),
    ])
}

fn arguments<const N: usize>(args: [(&str, Value); N]) -> IndexMap<String, Value> {
    args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn cost_directive() -> MetaDirective {
    let locations = vec![
        Location::ARGUMENT_DEFINITION,
        Location::ENUM,
        Location::FIELD_DEFINITION,
        Location::INPUT_FIELD_DEFINITION,
        Location::OBJECT,
        Location::SCALAR,
    ];
    let weight = described("weight", "String!", "A whole number, as text.");
    directive(
        "cost",
        "What this costs, in place of what it costs otherwise: 1 for each object, in answers and in input; nothing for \
         anything else.",
        locations,
        [weight],
    )
}

fn list_size_directive() -> MetaDirective {
    let require = MetaInputValue {
        default_value: Some("true".to_owned()),
        ..described(
            "requireOneSlicingArgument",
            "Boolean",
            "Whether exactly one of these arguments must be given.",
        )
    };
    directive(
        "listSize",
        "How long a list is taken to be when costs are counted.",
        vec![Location::FIELD_DEFINITION],
        [
            described("assumedSize", "Int", "So long, if no argument says it."),
            described("slicingArguments", "[String!]", "As long as the largest of these arguments says."),
            described(
                "sizedFields",
                "[String!]",
                "It is not this field that is so long, but these of its object.",
            ),
            require,
        ],
    )
}

fn described(name: &str, ty: &str, description: &str) -> MetaInputValue {
    MetaInputValue { description: Some(description.to_owned()), ..MetaInputValue::new(name, ty) }
}

fn directive<const N: usize>(
    name: &str,
    description: &str,
    locations: Vec<Location>,
    args: [MetaInputValue; N],
) -> MetaDirective {
    MetaDirective {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        locations,
        args: args.into_iter().map(|arg| (arg.name.clone(), arg)).collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::Schema;
    use apollo_compiler::schema::ExtendedType;

    use super::*;
    use crate::graphql::sdl;

    fn published() -> Schema {
        Schema::parse(sdl(), "schema.graphql").expect("a schema")
    }

    /// A list that nobody measured would count as one object, however long it is.
    #[test]
    fn every_list_of_objects_says_how_long_it_is() {
        let schema = published();
        let mut missing = Vec::new();
        for (name, ty) in schema.types.iter().filter(|(name, _)| !name.starts_with("__")) {
            let Some(object) = ty.as_object() else { continue };
            for (field, definition) in &object.fields {
                let inner = schema.types.get(definition.ty.inner_named_type());
                let composite = inner.is_some_and(|ty| {
                    matches!(
                        ty,
                        ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_)
                    )
                });
                let paged = name.ends_with("Connection") && ["edges", "nodes"].contains(&field.as_str());
                if definition.ty.is_list() && composite && !paged && !definition.directives.has("listSize") {
                    missing.push(format!("{name}.{field}"));
                }
            }
        }
        assert!(missing.is_empty(), "no length in LENGTHS: {missing:?}");
    }

    #[test]
    fn the_tables_name_what_is_there_once() {
        let schema = published();
        let mut all: Vec<String> = LENGTHS
            .iter()
            .flat_map(|(_, fields)| fields.iter().map(|path| (*path).to_owned()))
            .chain(WEIGHTS.iter().map(|(ty, field, _)| format!("{ty}.{field}")))
            .collect();
        for path in &all {
            let (ty, field) = path.split_once('.').expect("a type and a field");
            let (listed, weighs) = match schema.types.get(ty) {
                Some(ExtendedType::Object(ty)) => {
                    let field = ty.fields.get(field).unwrap_or_else(|| panic!("{path} is gone"));
                    (field.directives.has("listSize"), field.directives.has("cost"))
                }
                Some(ExtendedType::InputObject(ty)) => {
                    let field = ty.fields.get(field).unwrap_or_else(|| panic!("{path} is gone"));
                    (false, field.directives.has("cost"))
                }
                _ => panic!("{path} is gone"),
            };
            assert!(listed || weighs, "{path}");
            // the specification counts such a weight once, others for each item
            assert!(!(listed && weighs), "{path}: a list has no weight");
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "something is listed twice");
    }
}
