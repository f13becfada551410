use async_graphql::{Context, InputObject, Object};
use entity::break_glass::Model;
use entity::coordination_group;

use super::types::BreakGlass;
use super::{rules, store};
use crate::auth::{Action, Target};
use crate::db::Seen;
use crate::error::{At, Error, Result, Why};
use crate::graphql::{Front, Id, answer, payloads};
use crate::id::Kind;

/// Into which group, and why.
#[derive(InputObject)]
pub struct BreakGlassOpenInput {
    /// The group.
    pub group: Id,
    /// Why, in at least ten characters: for the record, and for the coordinators of the group.
    pub reason: String,
}

/// Which access ends.
#[derive(InputObject)]
pub struct BreakGlassCloseInput {
    /// The access.
    pub id: Id,
}

payloads! {
    /// The access that was opened.
    BreakGlassOpenPayload => break_glass ("breakGlass"): BreakGlass;
    /// The access, closed.
    BreakGlassClosePayload => break_glass ("breakGlass"): BreakGlass;
}

/// Opening groups by force, and closing them again.
#[derive(Default)]
pub struct BreakGlassMutation;

#[Object]
impl BreakGlassMutation {
    /// Opens a group in which one has no seat, for 60 minutes: to read, contacts included, not to write. Administrators, in
    /// person. It is recorded with the reason, and the coordinators of the group see it. It opens this group only, not its
    /// sub-groups, and ends with the administrator's grant.
    ///
    /// `TOO_SHORT` at `reason`; `DUPLICATE` at `group`: it is open already.
    async fn break_glass_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Into which group, and why.")] input: BreakGlassOpenInput,
    ) -> Result<BreakGlassOpenPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let permit = tx.permit(Action::AccessBreakGlass, &target(&group))?;
            let account = tx.actor().account_id.ok_or(Error::Unauthenticated)?;
            let reason = rules::reason(&input.reason)?;
            let change = store::open(&tx, &permit, account, &group, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Closes a group that one has opened, before the hour is over.
    async fn break_glass_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which access.")] input: BreakGlassCloseInput,
    ) -> Result<BreakGlassClosePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let id = input.id.of(Kind::BreakGlass).at("id")?;
            let seen: Seen<Model> = tx.seen(Kind::BreakGlass, id).await.at("id")?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, seen.group_id).await.at("id")?;
            let permit = tx.permit(Action::AccessBreakGlass, &target(&group))?;
            if tx.actor().account_id != Some(seen.account_id) {
                return Err(Error::refused(Why::Denied));
            }
            let change = store::close(&tx, &permit, &seen).await?;
            tx.commit(change).await
        })
        .await
    }
}

fn target(group: &coordination_group::Model) -> Target {
    Target::of(group.id, Some(group.operation_id), None)
}
