mod depart;

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::person::Model;
use entity::{coordination_group, organisation};
use uuid::Uuid;

pub use depart::DepartMutation;

use super::rules::{self, Point};
use super::store;
use super::types::{ContactKind, Person};
use crate::auth::{Action, Target};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Why};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Front, Id, Payload, UserError, answer, change_reference, change_text, new_id, payloads, referenced,
};
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
    /// The groups whose members may see it. Left out, it stays as it is; a new one is shared with nobody. Only the
    /// person shares with more groups (`PERMISSION_DENIED` for others, who may take some away). Officers of the
    /// person's groups see it anyway.
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

/// A contact point, by what it is and its value.
#[derive(InputObject)]
pub struct ContactPointKeyInput {
    /// What it is.
    pub kind: ContactKind,
    /// The address or number, as `contactPoints` shows it.
    pub value: String,
}

/// What you share with a group.
#[derive(InputObject)]
pub struct ContactSharingSetInput {
    /// The group.
    pub group: Id,
    /// Which of your contact points its members may see from now on, at most 20; they see no other. Empty: none.
    pub contact_points: Vec<ContactPointKeyInput>,
}

/// Who is erased.
#[derive(InputObject)]
pub struct PersonEraseInput {
    /// The person.
    pub id: Id,
    /// Why, for the record. It is kept: name nobody in it.
    pub reason: String,
    /// The person's name as it is shown, so that a wrong id is not enough.
    pub confirm: String,
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
    /// You, with what you share now.
    ContactSharingSetPayload => person ("person"): Person;
    /// The person who stands for both now.
    PersonMergePayload => person ("person"): Person;
}

/// What is left of a person.
#[derive(Debug)]
pub struct PersonErasePayload {
    person: Option<Person>,
    groups_without_coordinator: Vec<Uuid>,
    user_errors: Vec<UserError>,
}

/// What is left of a person.
#[Object]
impl PersonErasePayload {
    /// What is left, as you may see it now; null if nothing changed.
    async fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// The ids of the groups in which the person was the last coordinator: name another one.
    async fn groups_without_coordinator(&self) -> Vec<Id> {
        self.groups_without_coordinator.iter().map(|id| Id(Kind::Group, *id)).collect()
    }

    /// Why nothing was changed; empty if it was.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

impl Payload for PersonErasePayload {
    type Node = Person;
    const FIELD: &'static str = "person";
    fn new(person: Option<Person>, user_errors: Vec<UserError>) -> Self {
        Self { person, groups_without_coordinator: Vec::new(), user_errors }
    }
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
            let id = new_id(input.id, Kind::Person)?;
            let name = text::required(&input.display_name, text::LONGEST_NAME).at("displayName")?;
            let row = Model {
                job_title: text::optional(input.job_title.as_deref(), text::LONGEST_NAME).at("jobTitle")?,
                ..store::new_row(tx.now(), id, name, organisation_id)
            };
            let change = store::create(&tx, &permit, row).await?;
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

    /// Says which of your own contact points the members of a group may see. Nobody does it for somebody else.
    ///
    /// `UNKNOWN_CONTACT_POINT` at `contactPoints.N`: you have no such contact point. `PERMISSION_DENIED`: your account is nobody's.
    async fn contact_sharing_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you share with a group.")] input: ContactSharingSetInput,
    ) -> Result<ContactSharingSetPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let me = tx.actor().person_id.unwrap_or_default();
            let permit =
                tx.permit(Action::PersonUpdate, &Target { people: vec![me], ..Target::default() })?;
            if tx.actor().person_id.is_none() {
                return Err(Error::refused(Why::Denied));
            }
            let seen = tx.seen(Kind::Person, me).await?;
            let id = input.group.of(Kind::Group).at("group")?;
            let group = tx.seen::<coordination_group::Model>(Kind::Group, id).await.at("group")?;
            let keys = keys(&input.contact_points)?;
            let change = store::share(&tx, &permit, &seen, &group, &keys).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Erases a person: name, contact details and account go for good, also from the snapshots of adopted minutes,
    /// whose seals still hold; what they took part in stays counted for their organisation. Seats end at once, also
    /// that of the last coordinator of a group (`groupsWithoutCoordinator`). Free text that names them stays: see
    /// `docs/data-protection.md`. Oneself, administrators; never by API token.
    ///
    /// `NAME_NOT_CONFIRMED` at `confirm`. `STATE`: merged into another one, or erased before.
    async fn person_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and why.")] input: PersonEraseInput,
    ) -> Result<PersonErasePayload> {
        let mut alone = Vec::new();
        let work = async {
            let tx = Front::of(ctx).begin().await?;
            let seen = person(&tx, input.id, "id").await?;
            let permit = tx.permit(Action::PersonErase, &store::target(&seen))?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            rules::not_erased(seen.erased_at.is_some()).at("id")?;
            rules::confirmed(&seen.display_name, &input.confirm)?;
            let (change, groups) = store::erase(&tx, &permit, &seen, reason).await?;
            alone = groups;
            tx.commit(change).await
        };
        let payload: PersonErasePayload = answer(ctx, work).await?;
        Ok(PersonErasePayload { groups_without_coordinator: alone, ..payload })
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

/// Contact points as they are named.
fn keys(list: &[ContactPointKeyInput]) -> Result<Vec<(entity::enums::ContactKind, String)>> {
    if list.len() > rules::MOST_CONTACT_POINTS {
        return Err(Error::refused(Why::TooMany { limit: rules::MOST_CONTACT_POINTS }).at("contactPoints"));
    }
    let key = |(number, input): (usize, &ContactPointKeyInput)| {
        let kind = input.kind.into();
        let path = format!("contactPoints.{number}");
        Ok((kind, rules::value(kind, &input.value).at("value").at(&path)?))
    };
    list.iter().enumerate().map(key).collect()
}

/// Contact points as the store takes them; the groups must be seen.
async fn points(tx: &Tx, list: &[ContactPointInput]) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for (number, input) in list.iter().enumerate() {
        let path = format!("contactPoints.{number}");
        let kind = input.kind.into();
        let mut groups = input.shared_with.as_ref().map(|_| Vec::new());
        for (number, id) in input.shared_with.iter().flatten().enumerate() {
            let field = format!("sharedWith.{number}");
            let group = referenced::<coordination_group::Model>(tx, Kind::Group, Some(*id), &field);
            let group = group.await.at(&path)?;
            groups.iter_mut().for_each(|all| all.extend(group));
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
