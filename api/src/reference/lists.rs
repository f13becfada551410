//! The lists in memory, and how they get into the tables.

use std::sync::Arc;

use entity::{country, organisation_type, sector};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};
use serde::Deserialize;

use crate::db::{Db, Tx};
use crate::error::{Error, Result, Rule};
use crate::text::fold;

/// The lists as they stand in the tables.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Countries by ISO 3166-1 alpha-3.
    pub countries: Vec<Arc<country::Model>>,
    /// OCHA's organisation types, by code.
    pub organisation_types: Vec<Arc<organisation_type::Model>>,
    /// Sectors, by code.
    pub sectors: Vec<Arc<sector::Model>>,
}

impl Lists {
    /// Reads the lists.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn load(db: &Db) -> Result<Self> {
        let connection = db.unscoped();
        Ok(Self {
            countries: shared(
                country::Entity::find().order_by_asc(country::Column::Iso3).all(connection).await?,
            ),
            organisation_types: shared(
                organisation_type::Entity::find()
                    .order_by_asc(organisation_type::Column::Code)
                    .all(connection)
                    .await?,
            ),
            sectors: shared(sector::Entity::find().order_by_asc(sector::Column::Code).all(connection).await?),
        })
    }
}

fn shared<T>(rows: Vec<T>) -> Vec<Arc<T>> {
    rows.into_iter().map(Arc::new).collect()
}

#[derive(Deserialize)]
struct CountryLine {
    iso3: String,
    iso2: String,
    name_en: String,
    name_fr: String,
}

#[derive(Deserialize)]
struct CodeLine {
    code: String,
    name_en: String,
    name_fr: String,
    aliases: String,
}

fn lines<T: serde::de::DeserializeOwned>(csv: &str) -> Vec<T> {
    // The files are part of the binary and tested: a line that cannot be read does not get here.
    csv::Reader::from_reader(csv.as_bytes()).deserialize().filter_map(std::result::Result::ok).collect()
}

/// Writes the lists that this release carries into the tables; rows that stand there are brought up
/// to date, codes that a site added stay.
///
/// # Errors
/// `Internal`, logged.
pub async fn seed(tx: &Tx) -> Result<()> {
    use country::Column as C;
    use organisation_type::Column as T;
    use sector::Column as S;
    let countries =
        lines::<CountryLine>(include_str!("../../reference/countries.csv")).into_iter().map(|l| {
            let row = country::Model { iso3: l.iso3, iso2: l.iso2, name_en: l.name_en, name_fr: l.name_fr };
            row.into_active_model()
        });
    country::Entity::insert_many(countries)
        .on_conflict(OnConflict::column(C::Iso3).update_columns([C::Iso2, C::NameEn, C::NameFr]).to_owned())
        .exec_without_returning(tx.conn())
        .await?;
    let types =
        lines::<CodeLine>(include_str!("../../reference/organisation_types.csv")).into_iter().map(|l| {
            let row = organisation_type::Model {
                code: l.code,
                name_en: l.name_en,
                name_fr: l.name_fr,
                aliases: fold(&l.aliases),
            };
            row.into_active_model()
        });
    organisation_type::Entity::insert_many(types)
        .on_conflict(
            OnConflict::column(T::Code).update_columns([T::NameEn, T::NameFr, T::Aliases]).to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    let sectors = lines::<CodeLine>(include_str!("../../reference/sectors.csv")).into_iter().map(|l| {
        let row = sector::Model {
            code_folded: fold(&l.code),
            code: l.code,
            name_en: l.name_en,
            name_fr: l.name_fr,
            aliases: fold(&l.aliases),
        };
        row.into_active_model()
    });
    sector::Entity::insert_many(sectors)
        .on_conflict(
            OnConflict::column(S::Code).update_columns([S::NameEn, S::NameFr, S::Aliases]).to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// A country's code as the list writes it.
///
/// # Errors
/// `UNKNOWN_CODE`.
pub async fn country(tx: &Tx, code: Option<String>) -> Result<Option<String>> {
    let Some(code) = code else { return Ok(None) };
    let row = country::Entity::find_by_id(code.to_uppercase()).one(tx.conn()).await?;
    Ok(Some(row.ok_or_else(|| Error::rule(Rule::UnknownCode))?.iso3))
}

/// An organisation type's code as the list writes it.
///
/// # Errors
/// `UNKNOWN_CODE`.
pub async fn organisation_type(tx: &Tx, code: Option<String>) -> Result<Option<String>> {
    let Some(code) = code else { return Ok(None) };
    let row = organisation_type::Entity::find_by_id(code).one(tx.conn()).await?;
    Ok(Some(row.ok_or_else(|| Error::rule(Rule::UnknownCode))?.code))
}

/// A sector's code as the list writes it; case does not matter.
///
/// # Errors
/// `UNKNOWN_CODE`.
pub async fn sector(tx: &Tx, code: &str) -> Result<String> {
    use sea_orm::{ColumnTrait, QueryFilter};
    let row = sector::Entity::find().filter(sector::Column::CodeFolded.eq(fold(code))).one(tx.conn()).await?;
    Ok(row.ok_or_else(|| Error::rule(Rule::UnknownCode))?.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_files_can_be_read() {
        let count = |csv: &str| csv.lines().count() - 1;
        let countries = include_str!("../../reference/countries.csv");
        assert_eq!(lines::<CountryLine>(countries).len(), count(countries));
        for csv in [
            include_str!("../../reference/organisation_types.csv"),
            include_str!("../../reference/sectors.csv"),
        ] {
            assert_eq!(lines::<CodeLine>(csv).len(), count(csv));
        }
    }
}
