//! Access: services and their tokens, sign-ins, invitations, requests, break-glass, erasures.

use sea_orm_migration::prelude::*;

/// See `m0002_access.sql`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = crate::dialect(include_str!("m0002_access.sql"), manager.get_database_backend());
        manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
    }
}
