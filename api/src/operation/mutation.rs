use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::operation::Model;

use super::store;
use super::types::Operation;
use crate::auth::Action;
use crate::db::{Seen, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Front, Id, answer, new_id, payloads};
use crate::id::Kind;
use crate::reference;
use crate::text;

/// What a new operation starts with.
#[derive(InputObject)]
pub struct OperationCreateInput {
    /// An id of your own (`opn_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// A short code, unique, usually the country's, e.g. `MLI`.
    pub code: String,
    /// A slug, unique; made from the name if left out.
    pub slug: Option<String>,
    /// Its name.
    pub name: String,
    /// The country (ISO 3166-1 alpha-3).
    pub country: Option<String>,
    /// The time zone in which its days begin (IANA), e.g. `Africa/Bamako`.
    pub time_zone: String,
    /// The language of its texts if nobody says (BCP 47), e.g. `fr`.
    pub default_language: String,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// What changes; what is left out stays.
#[derive(InputObject)]
pub struct OperationUpdateInput {
    /// The operation.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// Its name.
    pub name: Option<String>,
    /// The country (ISO 3166-1 alpha-3); null clears.
    pub country: MaybeUndefined<String>,
    /// The time zone in which its days begin (IANA).
    pub time_zone: Option<String>,
    /// The language of its texts if nobody says (BCP 47).
    pub default_language: Option<String>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

payloads! {
    /// The operation that was opened.
    OperationCreatePayload => operation ("operation"): Operation;
    /// The operation as it is now.
    OperationUpdatePayload => operation ("operation"): Operation;
}

/// Changes to operations.
#[derive(Default)]
pub struct OperationMutation;

#[Object]
impl OperationMutation {
    /// Opens an operation. Administrators only.
    async fn operation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it starts with.")] input: OperationCreateInput,
    ) -> Result<OperationCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            // a new operation has no manager yet: only the administrator's column can say yes
            let permit = tx.permit(Action::OperationWrite, &store::target(uuid::Uuid::nil()))?;
            let name = text::required(&input.name, text::LONGEST_NAME).at("name")?;
            let new = store::New {
                id: new_id(input.id, Kind::Operation)?,
                code: text::required(&input.code, 40).at("code")?,
                slug: text::slug(&input.slug.unwrap_or_else(|| text::slug_from(&name))).at("slug")?,
                country: reference::country(&tx, input.country).await.at("country")?,
                time_zone: time_zone(&input.time_zone).at("timeZone")?,
                default_language: text::language(&input.default_language).at("defaultLanguage")?,
                name,
            };
            let change = store::create(&tx, &permit, new).await?;
            let references = ExternalReferenceInput::pairs(&input.external_references.unwrap_or_default());
            external::replace(&tx, Owner(Kind::Operation, change.entity()), &references).await?;
            let id = tx.commit(change).await?;
            Front::of(ctx).reader().db().refresh_zones().await?;
            Ok(id)
        })
        .await
    }

    /// Changes an operation. Its managers and administrators.
    async fn operation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: OperationUpdateInput,
    ) -> Result<OperationUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen: Seen<Model> =
                tx.seen(Kind::Operation, input.id.of(Kind::Operation).at("id")?).await.at("id")?;
            let permit = tx.permit(Action::OperationWrite, &store::target(seen.id))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let mut row = Model::clone(&seen);
            if let Some(name) = &input.name {
                row.name = text::required(name, text::LONGEST_NAME).at("name")?;
            }
            if let Some(zone) = &input.time_zone {
                row.time_zone = time_zone(zone).at("timeZone")?;
            }
            if let Some(language) = &input.default_language {
                row.default_language = text::language(language).at("defaultLanguage")?;
            }
            if !input.country.is_undefined() {
                row.country = reference::country(&tx, input.country.take()).await.at("country")?;
            }
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(list) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(list);
                external::replace(&tx, Owner(Kind::Operation, seen.id), &pairs).await?;
            }
            let id = tx.commit(change).await?;
            Front::of(ctx).reader().db().refresh_zones().await?;
            Ok(id)
        })
        .await
    }
}

/// An IANA time zone.
pub fn time_zone(name: &str) -> Result<String> {
    name.parse::<chrono_tz::Tz>().map(|zone| zone.name().to_owned()).map_err(|_| Error::rule(Rule::TimeZone))
}
