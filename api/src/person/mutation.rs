mod depart;

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::person::Model;
use entity::{coordination_group, organisation};

pub use depart::DepartMutation;

use super::rules::{self, Point};
use super::store;
use super::types::{ContactKind, Person};
use crate::auth::{Action, Target};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Result};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Front, Id, answer, change_reference, change_text, new_id, payloads, referenced};
use crate::id::Kind;
use crate::text;

/// A way to reach somebody.
#[derive(InputObject)]
pub struct ContactPointInput {
    /// What it is.
    pub kind: ContactKind,
    /// The address or number.
    pub value: String,
    /// What it is for, e.g. `bureau`.
    pub label: Option<String>,
    /// The groups whose members may see it; none if left out. Officers of the person's groups see it anyway.
    pub shared_with: Option<Vec<Id>>,
}

/// What a new person starts with.
#[derive(InputObject)]
pub struct PersonCreateInput {
    /// An id of your own (`per_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The name, as it is written; never taken apart.
    pub display_name: String,
    /// The organisation they work for.
    pub organisation: Option<Id>,
    /// What they do there.
    pub job_title: Option<String>,
    /// How to reach them, at most 20.
    pub contact_points: Option<Vec<ContactPointInput>>,
    /// Their codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct PersonUpdateInput {
    /// The person.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// The name, as it is written.
    pub display_name: Option<String>,
    /// The organisation they work for. It gives rights: moving somebody to another one, oneself too, needs the
    /// right to change the people of that one.
    pub organisation: MaybeUndefined<Id>,
    /// What they do there.
    pub job_title: MaybeUndefined<String>,
    /// How to reach them, at most 20: the whole list that you may see. What you may not see stays.
    pub contact_points: Option<Vec<ContactPointInput>>,
    /// Their codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// Who is the same as whom.
#[derive(InputObject)]
pub struct PersonMergeInput {
    /// The one who goes. Their id keeps leading on.
    pub from: Id,
    /// The one who stays.
    pub into: Id,
    /// Why, for the record.
    pub reason: Option<String>,
}

payloads! {
    /// The person who was entered.
    PersonCreatePayload => person ("person"): Person;
    /// The person as they are now.
    PersonUpdatePayload => person ("person"): Person;
    /// The person who stands for both now.
    PersonMergePayload => person ("person"): Person;
}

/// Changes to people.
#[derive(Default)]
pub struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Enters a person. Officers of any group, focal points people of their own organisation, operation managers,
    /// administrators.
    async fn person_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they start with.")] input: PersonCreateInput,
    ) -> Result<PersonCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let organisation_id = referenced::<organisation::Model>(
                &tx,
                Kind::Organisation,
                input.organisation,
                "organisation",
            )
            .await?;
            let target = Target { organisations: organisation_id.into_iter().collect(), ..Target::default() };
            let permit = tx.permit(Action::PersonCreate, &target)?;
            let now = tx.now();
            let row = Model {
                id: new_id(input.id, Kind::Person)?,
                display_name: text::required(&input.display_name, text::LONGEST_NAME).at("displayName")?,
                name_folded: String::new(),
                organisation_id,
                job_title: text::optional(input.job_title.as_deref(), text::LONGEST_NAME).at("jobTitle")?,
                merged_into_id: None,
                erased_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let change = store::create(&tx, &permit, row).await?;
            let id = change.entity();
            let points = points(&tx, &input.contact_points.unwrap_or_default()).await?;
            store::set_contact_points(&tx, id, &points).await?;
            let references = ExternalReferenceInput::pairs(&input.external_references.unwrap_or_default());
            external::replace(&tx, Owner(Kind::Person, id), &references).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes a person. Oneself; information managers and coordinators of any group, focal points people of their
    /// own organisation, operation managers, administrators.
    async fn person_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: PersonUpdateInput,
    ) -> Result<PersonUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = person(&tx, input.id, "id").await?;
            let permit = tx.permit(Action::PersonUpdate, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(list) = &input.contact_points {
                let points = points(&tx, list).await?;
                store::set_contact_points(&tx, seen.id, &points).await?;
            }
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Person, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Two people turn out to be the same: whatever names the one names the other from now on, contact points and
    /// account included. Open seats that both hold end today; of two responses to the same assignment the later one
    /// stays. Operation managers, administrators; never of oneself (`OWN_ROLE`).
    ///
    /// `CIRCULAR` at `into`: it is the same one, or was merged into `from`. `DUPLICATE` at `from`: both have an
    /// account. `STATE`: one of the two was merged or erased before.
    async fn person_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which two.")] input: PersonMergeInput,
    ) -> Result<PersonMergePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let from = person(&tx, input.from, "from").await?;
            let into = person(&tx, input.into, "into").await?;
            let permit = tx.permit(Action::PersonMerge, &Target::default())?;
            let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
            let change = store::merge_into(&tx, &permit, &from, &into, reason).await?;
            tx.commit(change).await?;
            Ok(into.id)
        })
        .await
    }
}

async fn person(tx: &Tx, id: Id, field: &str) -> Result<Seen<Model>> {
    tx.seen(Kind::Person, id.of(Kind::Person).at(field)?).await.at(field)
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &PersonUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(name) = &input.display_name {
        row.display_name = text::required(name, text::LONGEST_NAME).at("displayName")?;
    }
    change_text(&mut row.job_title, &input.job_title, text::LONGEST_NAME, "jobTitle")?;
    change_reference::<organisation::Model>(
        tx,
        Kind::Organisation,
        &mut row.organisation_id,
        &input.organisation,
        "organisation",
    )
    .await?;
    if let Some(organisation) = row.organisation_id.filter(|_| row.organisation_id != seen.organisation_id) {
        // whoever works for an organisation speaks for it: nobody gives that to themselves
        let target = Target { organisations: vec![organisation], ..Target::default() };
        tx.permit(Action::PersonUpdate, &target).at("organisation")?;
    }
    Ok(row)
}

/// Contact points as the store takes them; the groups must be seen.
async fn points(tx: &Tx, list: &[ContactPointInput]) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for (number, input) in list.iter().enumerate() {
        let path = format!("contactPoints.{number}");
        let kind = input.kind.into();
        let mut groups = Vec::new();
        for (number, id) in input.shared_with.iter().flatten().enumerate() {
            let field = format!("sharedWith.{number}");
            let group = referenced::<coordination_group::Model>(tx, Kind::Group, Some(*id), &field);
            groups.extend(group.await.at(&path)?);
        }
        points.push(Point {
            kind,
            value: rules::value(kind, &input.value).at("value").at(&path)?,
            label: text::optional(input.label.as_deref(), text::LONGEST_NAME).at("label").at(&path)?,
            groups,
        });
    }
    Ok(points)
}
