//! The contract of the API: what was done once, for whoever asks again.

use sea_orm_migration::prelude::*;

/// See `m0003_contract.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = crate::dialect(include_str!("m0003_contract.sql"), manager.get_database_backend());
        manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }
}
