use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::coordination_group::Model;
use entity::{operation, place};
use uuid::Uuid;

use super::rules::Step;
use super::store;
use super::types::{Group, GroupKind};
use crate::auth::{Action, Target};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Date, Front, Id, Sensitivity, StepInput, Visibility, answer, change_day, change_reference, change_text,
    new_id, payloads, referenced, step_inputs,
};
use crate::id::Kind;
use crate::text;

/// Another name.
#[derive(InputObject)]
pub struct AliasInput {
    /// The name.
    pub name: String,
    /// Its language (BCP 47).
    pub language: Option<String>,
}

impl AliasInput {
    /// As stores take them.
    #[must_use]
    pub fn pairs(list: &[Self]) -> Vec<(String, Option<String>)> {
        list.iter().map(|a| (a.name.clone(), a.language.clone())).collect()
    }
}

/// What a new group starts with.
#[derive(InputObject)]
pub struct GroupCreateInput {
    /// An id of your own (`grp_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The operation it belongs to; for a sub-group the parent's if left out.
    pub operation: Option<Id>,
    /// The group of which it is a sub-group.
    pub parent: Option<Id>,
    /// What kind of forum it is.
    pub kind: GroupKind,
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: Option<String>,
    /// A slug, unique; made from the name if left out.
    pub slug: Option<String>,
    /// Other names, in any language.
    pub aliases: Option<Vec<AliasInput>>,
    /// The forum to which it reports.
    pub reports_to: Option<Id>,
    /// The codes of the sectors it covers.
    pub sectors: Option<Vec<String>>,
    /// The area it is responsible for.
    pub place: Option<Id>,
    /// What it was set up for.
    pub mandate: Option<String>,
    /// Who may see it, and by default what belongs to it; GROUP if left out.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, by default also of what belongs to it; MODERATE if left out.
    pub sensitivity: Option<Sensitivity>,
    /// Whether it is only proposed; else it is active.
    #[graphql(default)]
    pub is_proposed: bool,
    /// Since when it has been at work, if known.
    pub activated_on: Option<Date>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct GroupUpdateInput {
    /// The group.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What kind of forum it is.
    pub kind: Option<GroupKind>,
    /// Its name.
    pub name: Option<String>,
    /// Its acronym.
    pub acronym: MaybeUndefined<String>,
    /// Other names, the whole list.
    pub aliases: Option<Vec<AliasInput>>,
    /// The group of which it is a sub-group.
    pub parent: MaybeUndefined<Id>,
    /// The forum to which it reports.
    pub reports_to: MaybeUndefined<Id>,
    /// The codes of the sectors it covers, the whole list.
    pub sectors: Option<Vec<String>>,
    /// The area it is responsible for.
    pub place: MaybeUndefined<Id>,
    /// What it was set up for.
    pub mandate: MaybeUndefined<String>,
    /// Who may see it. Rows that exist keep their own value.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be. Rows that exist keep their own value.
    pub sensitivity: Option<Sensitivity>,
    /// Since when it has been at work.
    pub activated_on: MaybeUndefined<Date>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

step_inputs! {
    /// Which group takes up work.
    GroupActivateInput;
    /// Which group rests.
    GroupSuspendInput;
    /// Which group ends.
    GroupDeactivateInput;
}

payloads! {
    /// The group that was entered.
    GroupCreatePayload => group ("group"): Group;
    /// The group as it is now.
    GroupUpdatePayload => group ("group"): Group;
    /// The group, now active.
    GroupActivatePayload => group ("group"): Group;
    /// The group, now dormant.
    GroupSuspendPayload => group ("group"): Group;
    /// The group, now deactivated.
    GroupDeactivatePayload => group ("group"): Group;
}

/// Changes to groups.
#[derive(Default)]
pub struct GroupMutation;

#[Object]
impl GroupMutation {
    /// Enters a group. Operation managers; coordinators enter sub-groups of their own group.
    async fn group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it starts with.")] input: GroupCreateInput,
    ) -> Result<GroupCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let parent = seen_group(&tx, input.parent).await.at("parent")?;
            let operation = match (input.operation, &parent) {
                (Some(id), _) => id.of(Kind::Operation).at("operation")?,
                (None, Some(parent)) => parent.operation_id,
                (None, None) => return Err(Error::refused(crate::error::Why::Required).at("operation")),
            };
            let operation: Seen<operation::Model> =
                tx.seen(Kind::Operation, operation).await.at("operation")?;
            if parent.as_ref().is_some_and(|p| p.operation_id != operation.id) {
                return Err(Error::rule(Rule::OtherGroup).at("parent"));
            }
            let groups = parent.iter().map(|p| p.id).collect();
            let target = Target { groups, operation: Some(operation.id), ..Target::default() };
            let permit = tx.permit(Action::GroupCreate, &target)?;
            let name = text::required(&input.name, text::LONGEST_NAME).at("name")?;
            let now = tx.now();
            let row = Model {
                id: new_id(input.id, Kind::Group)?,
                operation_id: operation.id,
                kind: input.kind.into(),
                name_folded: String::new(),
                acronym: text::optional(input.acronym.as_deref(), 60).at("acronym")?,
                slug: text::slug(&input.slug.unwrap_or_else(|| text::slug_from(&name))).at("slug")?,
                name,
                parent_id: parent.map(|p| p.id),
                reports_to_id: referenced::<Model>(&tx, Kind::Group, input.reports_to, "reportsTo").await?,
                place_id: referenced::<place::Model>(&tx, Kind::Place, input.place, "place").await?,
                mandate: text::optional(input.mandate.as_deref(), text::LONGEST).at("mandate")?,
                visibility: input.visibility.unwrap_or(Visibility::Group).into(),
                sensitivity: input.sensitivity.unwrap_or(Sensitivity::Moderate).into(),
                status: if input.is_proposed {
                    entity::enums::GroupStatus::Proposed
                } else {
                    entity::enums::GroupStatus::Active
                },
                activated_on: input.activated_on.map(|d| d.0),
                deactivated_on: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let change = store::create(&tx, &permit, row).await?;
            let id = change.entity();
            store::set_aliases(&tx, id, &AliasInput::pairs(&input.aliases.unwrap_or_default())).await?;
            store::set_sectors(&tx, id, &input.sectors.unwrap_or_default()).await?;
            let references = ExternalReferenceInput::pairs(&input.external_references.unwrap_or_default());
            external::replace(&tx, Owner(Kind::Group, id), &references).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes a group. Its coordinators, operation managers, administrators.
    async fn group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: GroupUpdateInput,
    ) -> Result<GroupUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen: Seen<Model> =
                tx.seen(Kind::Group, input.id.of(Kind::Group).at("id")?).await.at("id")?;
            let permit = tx.permit(Action::GroupUpdate, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(aliases) = &input.aliases {
                store::set_aliases(&tx, seen.id, &AliasInput::pairs(aliases)).await?;
            }
            if let Some(sectors) = &input.sectors {
                store::set_sectors(&tx, seen.id, sectors).await?;
            }
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Group, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// A proposed, dormant or deactivated group takes up work. Its coordinators, operation managers, administrators.
    async fn group_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which group.")] input: GroupActivateInput,
    ) -> Result<GroupActivatePayload> {
        answer(ctx, step(ctx, input.into(), Step::Activate, Action::GroupUpdate)).await
    }

    /// An active group rests. Its coordinators, operation managers, administrators.
    async fn group_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which group.")] input: GroupSuspendInput,
    ) -> Result<GroupSuspendPayload> {
        answer(ctx, step(ctx, input.into(), Step::Suspend, Action::GroupUpdate)).await
    }

    /// A group ends. Operation managers, administrators.
    async fn group_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which group.")] input: GroupDeactivateInput,
    ) -> Result<GroupDeactivatePayload> {
        answer(ctx, step(ctx, input.into(), Step::Deactivate, Action::GroupDeactivate)).await
    }
}

async fn step(ctx: &Context<'_>, input: StepInput, step: Step, action: Action) -> Result<Uuid> {
    let tx = Front::of(ctx).begin().await?;
    let seen: Seen<Model> = tx.seen(Kind::Group, input.id.of(Kind::Group).at("id")?).await.at("id")?;
    let permit = tx.permit(action, &store::target(&seen))?;
    expect_version(input.expected_version, seen.version)?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    let change = store::step(&tx, &permit, action, &seen, step, reason).await?;
    tx.commit(change).await
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &GroupUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if let Some(name) = &input.name {
        row.name = text::required(name, text::LONGEST_NAME).at("name")?;
    }
    change_text(&mut row.acronym, &input.acronym, 60, "acronym")?;
    change_text(&mut row.mandate, &input.mandate, text::LONGEST, "mandate")?;
    change_reference::<Model>(tx, Kind::Group, &mut row.parent_id, &input.parent, "parent").await?;
    change_reference::<Model>(tx, Kind::Group, &mut row.reports_to_id, &input.reports_to, "reportsTo")
        .await?;
    change_reference::<place::Model>(tx, Kind::Place, &mut row.place_id, &input.place, "place").await?;
    change_day(&mut row.activated_on, &input.activated_on);
    if let Some(visibility) = input.visibility {
        row.visibility = visibility.into();
    }
    if let Some(sensitivity) = input.sensitivity {
        row.sensitivity = sensitivity.into();
    }
    Ok(row)
}

async fn seen_group(tx: &Tx, id: Option<Id>) -> Result<Option<Seen<Model>>> {
    tx.seen_if(Kind::Group, id.map(|id| id.of(Kind::Group)).transpose()?).await
}
