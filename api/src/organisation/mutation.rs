use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::organisation::Model;

use super::query::OrganisationIdentifierInput;
use super::store;
use super::types::Organisation;
use crate::auth::{Action, Target};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Result};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Front, Id, answer, change_reference, change_text, new_id, payloads, referenced};
use crate::group::AliasInput;
use crate::id::Kind;
use crate::{reference, text};

/// The longest acronym, in bytes of UTF-8.
const LONGEST_ACRONYM: usize = 60;

/// What a new organisation starts with.
#[derive(InputObject)]
pub struct OrganisationCreateInput {
    /// An id of your own (`org_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// Its name.
    pub name: String,
    /// Its acronym, e.g. `UNDP`.
    pub acronym: Option<String>,
    /// Its name in its own language.
    pub native_name: Option<String>,
    /// A slug, unique; made from the name if left out.
    pub slug: Option<String>,
    /// Other names, in any language.
    pub aliases: Option<Vec<AliasInput>>,
    /// What kind of organisation it is, by OCHA's code, e.g. `437`.
    #[graphql(name = "type")]
    pub type_code: Option<String>,
    /// The organisation of which it is a unit.
    pub parent: Option<Id>,
    /// Its codes in published registers.
    pub identifiers: Option<Vec<OrganisationIdentifierInput>>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct OrganisationUpdateInput {
    /// The organisation.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// Its name.
    pub name: Option<String>,
    /// Its acronym.
    pub acronym: MaybeUndefined<String>,
    /// Its name in its own language.
    pub native_name: MaybeUndefined<String>,
    /// Other names, the whole list.
    pub aliases: Option<Vec<AliasInput>>,
    /// What kind of organisation it is, by OCHA's code.
    #[graphql(name = "type")]
    pub type_code: MaybeUndefined<String>,
    /// The organisation of which it is a unit.
    pub parent: MaybeUndefined<Id>,
    /// Its codes in published registers, the whole list.
    pub identifiers: Option<Vec<OrganisationIdentifierInput>>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// Which organisation is the same as which.
#[derive(InputObject)]
pub struct OrganisationMergeInput {
    /// The one that goes. Its id and slug keep leading on.
    pub from: Id,
    /// The one that stays.
    pub into: Id,
    /// Why, for the record.
    pub reason: Option<String>,
}

payloads! {
    /// The organisation that was entered.
    OrganisationCreatePayload => organisation ("organisation"): Organisation;
    /// The organisation as it is now.
    OrganisationUpdatePayload => organisation ("organisation"): Organisation;
    /// The organisation that stands for both now.
    OrganisationMergePayload => organisation ("organisation"): Organisation;
}

/// Changes to organisations.
#[derive(Default)]
pub struct OrganisationMutation;

#[Object]
impl OrganisationMutation {
    /// Enters an organisation. Information managers and coordinators of any group, operation managers,
    /// administrators.
    async fn organisation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it starts with.")] input: OrganisationCreateInput,
    ) -> Result<OrganisationCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let permit = tx.permit(Action::OrganisationCreate, &Target::default())?;
            let id = new_id(input.id, Kind::Organisation)?;
            let name = text::required(&input.name, text::LONGEST_NAME).at("name")?;
            let now = tx.now();
            let row = Model {
                id,
                name_folded: String::new(),
                acronym: text::optional(input.acronym.as_deref(), LONGEST_ACRONYM).at("acronym")?,
                acronym_folded: None,
                native_name: text::optional(input.native_name.as_deref(), text::LONGEST_NAME)
                    .at("nativeName")?,
                native_name_folded: None,
                slug: text::slug(&input.slug.unwrap_or_else(|| slug_from(&name, id))).at("slug")?,
                name,
                type_code: reference::organisation_type(&tx, input.type_code).await.at("type")?,
                parent_id: referenced::<Model>(&tx, Kind::Organisation, input.parent, "parent").await?,
                merged_into_id: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let change = store::create(&tx, &permit, row).await?;
            store::set_aliases(&tx, id, &AliasInput::pairs(&input.aliases.unwrap_or_default())).await?;
            let identifiers = OrganisationIdentifierInput::pairs(&input.identifiers.unwrap_or_default());
            store::set_identifiers(&tx, id, &identifiers).await?;
            let references = ExternalReferenceInput::pairs(&input.external_references.unwrap_or_default());
            external::replace(&tx, Owner(Kind::Organisation, id), &references).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes an organisation. Information managers and coordinators of any group, focal points their own
    /// organisation, operation managers, administrators.
    async fn organisation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: OrganisationUpdateInput,
    ) -> Result<OrganisationUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = organisation(&tx, input.id, "id").await?;
            let permit = tx.permit(Action::OrganisationUpdate, &store::target(seen.id))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(aliases) = &input.aliases {
                store::set_aliases(&tx, seen.id, &AliasInput::pairs(aliases)).await?;
            }
            if let Some(identifiers) = &input.identifiers {
                let pairs = OrganisationIdentifierInput::pairs(identifiers);
                store::set_identifiers(&tx, seen.id, &pairs).await?;
            }
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Organisation, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Two organisations turn out to be the same: whatever names the one names the other from now on, and the
    /// names of the one become aliases of the other. Open seats that both hold end today; of two responses to the
    /// same assignment the later one stays. Operation managers, administrators.
    ///
    /// `CIRCULAR` at `into`: it is the same one, was merged into `from`, or is a unit of it. `STATE`: one of
    /// the two was merged before.
    async fn organisation_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which two.")] input: OrganisationMergeInput,
    ) -> Result<OrganisationMergePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let from = organisation(&tx, input.from, "from").await?;
            let into = organisation(&tx, input.into, "into").await?;
            let permit = tx.permit(Action::OrganisationMerge, &Target::default())?;
            let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
            let change = store::merge_into(&tx, &permit, &from, &into, reason).await?;
            tx.commit(change).await?;
            Ok(into.id)
        })
        .await
    }
}

async fn organisation(tx: &Tx, id: Id, field: &str) -> Result<Seen<Model>> {
    tx.seen(Kind::Organisation, id.of(Kind::Organisation).at(field)?).await.at(field)
}

/// A slug from the name; from the id if the name is in a script that leaves none.
fn slug_from(name: &str, id: uuid::Uuid) -> String {
    let slug = text::slug_from(name);
    if slug.len() > 1 { slug } else { Kind::Organisation.id(id).replace('_', "-") }
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &OrganisationUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(name) = &input.name {
        row.name = text::required(name, text::LONGEST_NAME).at("name")?;
    }
    change_text(&mut row.acronym, &input.acronym, LONGEST_ACRONYM, "acronym")?;
    change_text(&mut row.native_name, &input.native_name, text::LONGEST_NAME, "nativeName")?;
    if !input.type_code.is_undefined() {
        let code = input.type_code.value().cloned();
        row.type_code = reference::organisation_type(tx, code).await.at("type")?;
    }
    change_reference::<Model>(tx, Kind::Organisation, &mut row.parent_id, &input.parent, "parent").await?;
    Ok(row)
}
