//! The only SQL for organisations, their aliases and identifiers.

mod directory;

use entity::enums::{MembershipRole, Sensitivity, Visibility};
use entity::organisation::{Column, Entity, Model};
use entity::{organisation_alias, organisation_identifier};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

pub use directory::{Known, directory};

use super::rules::{self, Name};
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{active, col, when_one_is_related, when_related, with_parent};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule, Why};
use crate::id::{self, Kind};
use crate::merge::{self, Holder};
use crate::text::{self, fold};

table!(organisation, visible, versioned, merged: merged_into_id);

/// Aliases, reached through their organisation.
pub mod alias {
    crate::db::table!(organisation_alias, crate::db::visible::with_parent);
}

/// Identifiers, reached through their organisation.
pub mod identifier {
    crate::db::table!(organisation_identifier, super::with_parent);
}

/// Every organisation for whoever is signed in; for the others those that appear in what is public:
/// the leads of PUBLIC groups, and whoever published recommendations and follow-ups name.
fn visible(scope: &Scope, alias: &str) -> Condition {
    if scope.actor().is_signed_in() {
        return Condition::all();
    }
    let lead = [MembershipRole::Lead, MembershipRole::CoLead].map(MembershipRole::word);
    let public_group = Condition::all().add(col("og", "visibility").eq(Visibility::Public.word()));
    let leads = active(scope, "om").add(col("om", "role").is_in(lead)).add(when_related(
        "coordination_group",
        "og",
        "id",
        "om",
        "group_id",
        public_group,
    ));
    let published = |alias: &str| {
        Condition::all()
            .add(col(alias, "visibility").eq(Visibility::Public.word()))
            .add(col(alias, "sensitivity").eq(Sensitivity::Low.word()))
            .add(col(alias, "published_at").is_not_null())
    };
    let follow_up = when_related("follow_up", "of", "id", "oa", "follow_up_id", published("of"));
    let recommendation =
        when_related("recommendation", "orc", "id", "od", "recommendation_id", published("orc"));
    let named = |table: &str, inner: &str, condition: Condition| {
        when_one_is_related(table, inner, "organisation_id", alias, "id", condition)
    };
    Condition::any()
        .add(named("membership", "om", leads))
        .add(named("assignment", "oa", Condition::all().add(follow_up)))
        .add(named("addressee", "od", Condition::all().add(recommendation)))
}

/// What a write about an organisation is about: no group, only itself.
#[must_use]
pub fn target(organisation: Uuid) -> Target {
    Target { organisations: vec![organisation], ..Target::default() }
}

/// By name, without case and accents.
pub const NAME: SortColumn = SortColumn { name: "name_folded", kind: SortKind::Text };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// By name.
pub fn by_name() -> Order {
    Order(vec![(NAME, Direction::Ascending)])
}

/// The organisation with this id, or the one into which it was merged.
pub fn with_id(organisation: Uuid) -> Where {
    Where::standing_for("organisation", Condition::all().add(col("x", "id").eq(organisation)))
}

/// The organisation with this slug, or the one into which it was merged.
pub fn with_slug(slug: &str) -> Where {
    Where::standing_for("organisation", Condition::all().add(col("x", "slug").eq(slug)))
}

/// The organisation that a register knows by this value.
pub fn with_identifier(scheme: &str, value: &str) -> Where {
    let known = Condition::all().add(col("x", "scheme").eq(scheme)).add(col("x", "value").eq(value));
    Where::exists("organisation_identifier", "organisation_id", "id", known)
}

/// Organisations that go by exactly this name, acronym, native name or alias; case and accents do not
/// matter.
pub fn called(name: &str) -> Where {
    let folded = fold(name);
    let alias = Condition::all().add(col("x", "folded").eq(folded.as_str()));
    Where::any([
        Where::eq("name_folded", folded.as_str()),
        Where::eq("acronym_folded", folded.as_str()),
        Where::eq("native_name_folded", folded.as_str()),
        Where::exists("organisation_alias", "organisation_id", "id", alias),
    ])
}

/// A row with its folded columns.
fn folded(row: Model) -> Model {
    Model {
        name_folded: fold(&row.name),
        acronym_folded: row.acronym.as_deref().map(fold),
        native_name_folded: row.native_name.as_deref().map(fold),
        ..row
    }
}

/// Enters an organisation.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::OrganisationCreate, None)?;
    if Entity::find().filter(Column::Slug.eq(&row.slug)).one(tx.conn()).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("slug"));
    }
    let id = row.id;
    tx.insert(folded(row)).await.at("id")?;
    Ok(Change::new("organisationCreate", Kind::Organisation, id))
}

/// Changes an organisation.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::OrganisationUpdate, None)?;
    merge::standing(seen.merged_into_id).at("id")?;
    above_is_sound(tx, seen.id, row.parent_id).await.at("parent")?;
    tx.save(seen, folded(row)).await?;
    Ok(Change::new("organisationUpdate", Kind::Organisation, seen.id))
}

/// Merges one organisation into another. The merged row stays, empty: its id and slug lead on.
pub async fn merge_into(
    tx: &Tx,
    permit: &Permit,
    from: &Seen<Model>,
    into: &Seen<Model>,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::OrganisationMerge, None)?;
    if from.id == into.id || into.merged_into_id == Some(from.id) {
        return Err(Error::rule(Rule::Circular).at("into"));
    }
    merge::standing(from.merged_into_id).at("from")?;
    merge::standing(into.merged_into_id).at("into")?;
    // the units of `from` become units of `into`, which must not be one of them
    above_is_sound(tx, from.id, into.parent_id).await.at("into")?;
    let ended = merge::store::end_doubled_seats(tx, Holder::Organisation, from.id, into.id).await?;
    let dropped = merge::store::drop_doubled_answers(tx, Holder::Organisation, from.id, into.id).await?;
    let names = take_names(tx, from, into).await?;
    let moved = merge::store::repoint(tx, merge::TO_ORGANISATIONS, from.id, into.id).await?;
    tx.save(into, Model::clone(into)).await?;
    tx.save(from, Model { merged_into_id: Some(into.id), ..Model::clone(from) }).await?;
    let detail = json!({
        "into": Kind::Organisation.id(into.id),
        "moved": moved,
        "namesTaken": names,
        "membershipsEnded": ended,
        "responsesDropped": dropped,
    });
    Ok(Change::new("organisationMerge", Kind::Organisation, from.id)
        .step(None, "MERGED".to_owned())
        .because(reason)
        .detail(detail))
}

/// The names of the one become aliases of the other; how many.
async fn take_names(tx: &Tx, from: &Model, into: &Model) -> Result<usize> {
    let (theirs, ours) = (aliases(tx, from.id).await?, aliases(tx, into.id).await?);
    let named = |row: &Model| {
        let names = [Some(row.name.clone()), row.acronym.clone(), row.native_name.clone()];
        names.into_iter().flatten().collect::<Vec<_>>()
    };
    let mut merged: Vec<Name> = theirs;
    merged.extend(named(from).into_iter().map(|name| (name, None)));
    let known: Vec<String> = named(into).into_iter().chain(ours.into_iter().map(|(name, _)| name)).collect();
    let taken = rules::names_to_take(merged, &known);
    tx.clear::<organisation_alias::Entity>(organisation_alias::Column::OrganisationId, from.id).await?;
    let rows = taken.into_iter().map(|name| alias_of(into.id, name)).collect::<Vec<_>>();
    let count = rows.len();
    tx.insert_all(rows).await?;
    Ok(count)
}

async fn aliases(tx: &Tx, organisation: Uuid) -> Result<Vec<Name>> {
    let rows = organisation_alias::Entity::find()
        .filter(organisation_alias::Column::OrganisationId.eq(organisation))
        .order_by_asc(organisation_alias::Column::Folded)
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|r| (r.name, r.language)).collect())
}

fn alias_of(organisation: Uuid, (name, language): Name) -> organisation_alias::Model {
    let folded = fold(&name);
    organisation_alias::Model { id: id::new(), organisation_id: organisation, name, folded, language }
}

/// Writes the aliases of an organisation anew: name and language.
pub async fn set_aliases(tx: &Tx, organisation: Uuid, aliases: &[Name]) -> Result<()> {
    tx.clear::<organisation_alias::Entity>(organisation_alias::Column::OrganisationId, organisation).await?;
    let mut rows: Vec<organisation_alias::Model> = Vec::new();
    for (number, (name, language)) in aliases.iter().enumerate() {
        let path = format!("aliases.{number}");
        let name = text::required(name, text::LONGEST_NAME).at("name").at(&path)?;
        let language = language.as_deref().map(text::language).transpose().at("language").at(&path)?;
        let row = alias_of(organisation, (name, language));
        if rows.iter().any(|r| r.folded == row.folded) {
            return Err(Error::refused(Why::Duplicate).at(&path));
        }
        rows.push(row);
    }
    tx.insert_all(rows).await
}

/// Writes the identifiers of an organisation anew: scheme and value.
pub async fn set_identifiers(tx: &Tx, organisation: Uuid, pairs: &[(String, String)]) -> Result<()> {
    use organisation_identifier::{Column, Entity, Model};
    tx.clear::<Entity>(Column::OrganisationId, organisation).await?;
    let mut rows: Vec<Model> = Vec::new();
    for (number, (scheme, value)) in pairs.iter().enumerate() {
        let path = format!("identifiers.{number}");
        let scheme = text::required(scheme, text::LONGEST_NAME).at("scheme").at(&path)?;
        let value = text::required(value, text::LONGEST_NAME).at("value").at(&path)?;
        let taken = Entity::find().filter(Column::Scheme.eq(&scheme)).filter(Column::Value.eq(&value));
        if taken.one(tx.conn()).await?.is_some()
            || rows.iter().any(|r| r.scheme == scheme && r.value == value)
        {
            return Err(Error::refused(Why::Duplicate).at(&path));
        }
        rows.push(Model { id: id::new(), organisation_id: organisation, scheme, value });
    }
    tx.insert_all(rows).await
}

/// Refuses a parent that is the organisation itself or one of its own units.
async fn above_is_sound(tx: &Tx, organisation: Uuid, parent: Option<Uuid>) -> Result<()> {
    let mut above = parent;
    for _ in 0..32 {
        match above {
            None => return Ok(()),
            Some(id) if id == organisation => break,
            Some(id) => above = Entity::find_by_id(id).one(tx.conn()).await?.and_then(|o| o.parent_id),
        }
    }
    Err(Error::rule(Rule::Circular))
}
