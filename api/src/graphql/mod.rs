//! The front desk: schema assembly (one line per feature) and the plumbing that every resolver shares.

mod columns;
pub mod connection;
mod context;
mod cost;
mod direct;
pub mod errors;
pub mod filter;
mod labels;
mod language;
pub mod message;
pub(crate) mod node;
mod payload;
pub mod prefetch;
mod root;
mod scalar;
mod shared;
mod shown;
mod written;

use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions, SchemaBuilder, ValidationMode};

pub use columns::wanted;
pub use connection::{Connection, PageArguments};
pub use context::{Front, Moment, Origin};
pub use direct::{Direct, Json, Word};
pub use errors::{RequestId, UserError};
pub use filter::{
    Asking, CodeFilter, DateFilter, DateTimeFilter, FilterInput, IdFilter, OrderDirection, OrderInput,
    TextFilter, combine, one_of, uuids,
};
pub use language::Language;
pub use node::Node;
pub use payload::{Payload, StepInput, admitted, answer, outcome};
pub(crate) use payload::{own_inputs, payloads, step_inputs};
pub use prefetch::{Noun, Relation};
pub use scalar::{Date, DateTime, Id};
pub use shared::{
    DatePrecision, Sensitivity, Visibility, change_day, change_reference, change_text, new_id, referenced,
};
pub use shown::{Listed, Reads, SEAT, Shown};
pub use written::{Written, json};

use self::root::Root;
use crate::gate::admission;
use crate::reference::Lists;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    labels::LabelQuery,
    crate::account::AccountQuery,
    crate::audit::AuditQuery,
    crate::openid::OpenidQuery,
    crate::operation::OperationQuery,
    crate::reference::ReferenceQuery,
    crate::place::PlaceQuery,
    crate::group::GroupQuery,
    crate::organisation::OrganisationQuery,
    crate::person::PersonQuery,
    crate::membership::MembershipQuery,
    crate::meeting::MeetingQuery,
    crate::minutes::MinutesQuery,
    crate::recommendation::RecommendationQuery,
    crate::follow_up::FollowUpQuery,
    crate::referral::ReferralQuery,
    crate::announcement::AnnouncementQuery,
    crate::document::DocumentQuery,
    crate::service::ServiceQuery,
    crate::invitation::InvitationQuery,
    crate::membership_request::MembershipRequestQuery,
    crate::break_glass::BreakGlassQuery,
);

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    crate::account::AccountMutation,
    crate::openid::OpenidMutation,
    crate::operation::OperationMutation,
    crate::group::GroupMutation,
    crate::organisation::OrganisationMutation,
    crate::person::PersonMutation,
    crate::person::DepartMutation,
    crate::membership::MembershipMutation,
    crate::meeting::MeetingMutation,
    crate::agenda::AgendaMutation,
    crate::attendance::AttendanceMutation,
    crate::minutes::MinutesMutation,
    crate::recommendation::RecommendationMutation,
    crate::follow_up::FollowUpMutation,
    crate::review::ReviewMutation,
    crate::referral::ReferralMutation,
    crate::announcement::AnnouncementMutation,
    crate::document::DocumentMutation,
    crate::service::ServiceMutation,
    crate::invitation::InvitationMutation,
    crate::membership_request::MembershipRequestMutation,
    crate::break_glass::BreakGlassMutation,
);

/// The schema type.
pub type Schema = async_graphql::Schema<Root<Query>, Root<Mutation>, EmptySubscription>;

fn builder() -> SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription> {
    Schema::build(Root(Query::default()), Root(Mutation::default()), EmptySubscription)
}

/// The schema, ready to serve. What a request may see comes with the request, never from here.
#[must_use]
pub fn schema(lists: Lists) -> Schema {
    // the gate has validated what comes here; its limit on nesting is the narrower one
    let nesting = admission::Limit::Nesting.most() as usize;
    builder().validation_mode(ValidationMode::Fast).limit_recursive_depth(nesting).data(lists).finish()
}

/// The committed `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    sdl_of(&builder().finish())
}

/// The same, of a schema that stands already.
#[must_use]
pub fn sdl_of(schema: &Schema) -> String {
    let options =
        SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    described(cost::with_descriptions(without_built_in(schema.sdl_with_options(options))))
}

/// What async-graphql answers to `__schema { description }`, whatever the schema. Its export leaves it out.
const DESCRIPTION: &str = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available \
    types and directives on the server, as well as the entry points for query, mutation, and subscription operations.";

/// With the description that introspection gives, so that both tell the same schema.
fn described(mut sdl: String) -> String {
    if let Some(at) = sdl.rfind("\nschema {") {
        sdl.insert_str(at + 1, &format!("\"\"\"\n{DESCRIPTION}\n\"\"\"\n"));
    }
    sdl
}

/// Leaves out the directives that the specification itself defines.
fn without_built_in(mut sdl: String) -> String {
    for name in ["include", "skip", "specifiedBy", "deprecated"] {
        let Some(at) = sdl.find(&format!("\ndirective @{name}(")) else { continue };
        let end = sdl[at + 1..].find('\n').map_or(sdl.len(), |length| at + 1 + length);
        // with the description above it
        let above = sdl[..at].strip_suffix("\"\"\"").and_then(|text| text.rfind("\"\"\""));
        sdl.replace_range(above.unwrap_or(at + 1)..(end + 1).min(sdl.len()), "");
    }
    sdl
}
