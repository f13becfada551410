use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::enums::InvitationStatus;
use entity::invitation::Model;
use entity::{coordination_group, organisation, person};
use uuid::Uuid;

use super::redeem::{Guest, accept};
use super::types::Invitation;
use super::{rules, store};
use crate::account as accounts;
use crate::auth::{Action, Permit, password, token};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{
    Date, Front, Id, Payload, StepInput, UserError, answer, new_id, outcome, payloads, prefetch, referenced,
    step_inputs,
};
use crate::id::Kind;
use crate::membership::{Membership, MembershipRole, grant};
use crate::text::{self, fold};

/// Whom to invite to what.
#[derive(InputObject)]
pub struct InvitationCreateInput {
    /// An id of your own (`inv_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The group.
    pub group: Id,
    /// The organisation for which the seat is.
    pub organisation: Option<Id>,
    /// The person who is meant, if they are entered already; left out, they are entered when they accept.
    pub person: Option<Id>,
    /// The role: one that people hold, and that you may give.
    pub role: MembershipRole,
    /// The address. Not your own.
    pub email: String,
    /// The name of whoever is invited; left out, the person's. One of the two must be given.
    pub display_name: Option<String>,
    /// The first day on which the seat holds; left out, the day it is accepted.
    pub since: Option<Date>,
    /// The first day on which it holds no more; left out: open.
    pub until: Option<Date>,
}

/// The token of a link, and what makes an account.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// The token of the link.
    #[graphql(secret)]
    pub token: String,
    /// The password of the new account; at least 15 characters. Left out by whoever is signed in.
    #[graphql(secret)]
    pub password: Option<String>,
    /// The name of the new account; left out, the invitation's. Left out by whoever is signed in.
    pub display_name: Option<String>,
}

step_inputs! {
    /// Which invitation gets another link.
    InvitationRenewInput;
    /// Which invitation is taken back.
    InvitationWithdrawInput;
}

/// The invitation that was made.
#[derive(SimpleObject)]
pub struct InvitationCreatePayload {
    /// The invitation; null if nothing changed.
    invitation: Option<Invitation>,
    /// The token of its link, for `invitationAccept`. Shown now and never again; give it to nobody but whoever is invited.
    token: Option<String>,
    /// Why nothing was changed; empty if it was.
    user_errors: Vec<UserError>,
}

/// The invitation with another link.
#[derive(SimpleObject)]
pub struct InvitationRenewPayload {
    /// The invitation; null if nothing changed.
    invitation: Option<Invitation>,
    /// The token of its new link; the old one is dead. Shown now and never again.
    token: Option<String>,
    /// Why nothing was changed; empty if it was.
    user_errors: Vec<UserError>,
}

impl Payload for InvitationCreatePayload {
    type Node = Invitation;
    const FIELD: &'static str = "invitation";

    fn new(invitation: Option<Invitation>, user_errors: Vec<UserError>) -> Self {
        Self { invitation, token: None, user_errors }
    }
}

impl Payload for InvitationRenewPayload {
    type Node = Invitation;
    const FIELD: &'static str = "invitation";

    fn new(invitation: Option<Invitation>, user_errors: Vec<UserError>) -> Self {
        Self { invitation, token: None, user_errors }
    }
}

payloads! {
    /// The invitation that was taken back.
    InvitationWithdrawPayload => invitation ("invitation"): Invitation;
}

/// The seat that was taken.
#[derive(SimpleObject)]
pub struct InvitationAcceptPayload {
    /// Whether it was accepted.
    is_accepted: bool,
    /// The seat, as you may see it; null for whoever has to sign in first.
    membership: Option<Membership>,
    /// Why nothing was changed; empty if it was.
    user_errors: Vec<UserError>,
}

/// Inviting, and accepting.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites somebody to a role in a group, by e-mail address. Information managers and coordinators of the group,
    /// focal points for their own organisation, operation managers, administrators; each only to roles that they may give.
    /// The link is good for 14 days, and once.
    ///
    /// Whether there is an account of that address is answered to nobody. `DUPLICATE` at `email`: the same invitation waits
    /// already; `OWN_ROLE`: nobody invites themselves.
    async fn invitation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, to what.")] input: InvitationCreateInput,
    ) -> Result<InvitationCreatePayload> {
        let mut shown = None;
        let payload: InvitationCreatePayload = answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let token = token::random();
            let row = row(&tx, &group, &input, &token).await?;
            let permit = permit(&tx, &group, &row).await?;
            let change = store::create(&tx, &permit, row).await?;
            let id = tx.commit(change).await?;
            shown = Some(token);
            Ok(id)
        })
        .await?;
        Ok(InvitationCreatePayload { token: shown, ..payload })
    }

    /// Makes another link for an open invitation, good for 14 days; the old one is dead. Whoever may give the role: from
    /// now on it is their invitation.
    async fn invitation_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: InvitationRenewInput,
    ) -> Result<InvitationRenewPayload> {
        let mut shown = None;
        let payload: InvitationRenewPayload = answer(ctx, async {
            let (tx, seen, permit, reason) = step(ctx, input.into(), true).await?;
            not_oneself(&tx, &seen)?;
            let token = token::random();
            let change = store::renew(&tx, &permit, &seen, &token).await?;
            let id = tx.commit(change.because(reason)).await?;
            shown = Some(token);
            Ok(id)
        })
        .await?;
        Ok(InvitationRenewPayload { token: shown, ..payload })
    }

    /// Takes an open invitation back. Whoever may invite.
    async fn invitation_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: InvitationWithdrawInput,
    ) -> Result<InvitationWithdrawPayload> {
        answer(ctx, async {
            let (tx, seen, permit, reason) = step(ctx, input.into(), false).await?;
            let change = store::withdraw(&tx, &permit, &seen, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Accepts an invitation. Whoever has no account yet gets one, with the address of the invitation and this password,
    /// and an entry among the people if none was named; sign in afterwards. Whoever has an account signs in with that
    /// address first (`UNAUTHENTICATED`), and needs no password. A seat that one holds already stays: no second one.
    ///
    /// `NOT_FOUND` at `token`: no link has it, or not any more. `STATE` from `ACCEPTED`, `WITHDRAWN`, `EXPIRED`,
    /// `INVITER_WITHOUT_RIGHT` (whoever invited may not give the role any more), `PERSON_HAS_ACCOUNT` (somebody else signs
    /// in as the person who is meant), `ENDED` (the seat would have ended). `PERMISSION_DENIED`: it is for another address.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token, and what makes an account.")] input: InvitationAcceptInput,
    ) -> Result<InvitationAcceptPayload> {
        let front = Front::of(ctx);
        let (seat, user_errors) = outcome(ctx, Box::pin(accepted(&front, input)).await)?;
        let field = ctx.field();
        let selections: Vec<_> = field.selection_set().filter(|f| f.name() == "membership").collect();
        let membership = match seat.flatten() {
            Some(id) if !selections.is_empty() => prefetch::by_id(&front, id, &selections).await?,
            _ => None,
        };
        Ok(InvitationAcceptPayload { is_accepted: seat.is_some(), membership, user_errors })
    }
}

type Step = (Tx, Seen<Model>, Permit, Option<String>);

/// What every step of an invitation needs: the row, the right to invite for such a seat (and to give its role,
/// where it becomes the viewer's invitation), the version.
async fn step(ctx: &Context<'_>, input: StepInput, gives: bool) -> Result<Step> {
    let tx = Front::of(ctx).begin().await?;
    let id = input.id.of(Kind::Invitation).at("id")?;
    let seen: Seen<Model> = tx.seen(Kind::Invitation, id).await.at("id")?;
    let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, seen.group_id).await.at("id")?;
    let organisations = organisations(&tx, &seen).await?;
    let permit = grant::permit_of(tx.actor(), Action::InvitationCreate, &group, &[], &organisations)?;
    if gives {
        grant::permit_to_give(tx.actor(), seen.role, &group, &organisations).at("id")?;
    }
    expect_version(input.expected_version, seen.version)?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    Ok((tx, seen, permit, reason))
}

async fn organisations(tx: &Tx, row: &Model) -> Result<Vec<Uuid>> {
    let own = match row.person_id {
        Some(person) => crate::person::organisation_of(tx, person).await?,
        None => None,
    };
    let mut organisations: Vec<Uuid> = row.organisation_id.into_iter().chain(own).collect();
    organisations.dedup();
    Ok(organisations)
}

/// The right to invite, and to give the role.
async fn permit(tx: &Tx, group: &coordination_group::Model, row: &Model) -> Result<Permit> {
    let organisations = organisations(tx, row).await?;
    let permit = grant::permit_of(tx.actor(), Action::InvitationCreate, group, &[], &organisations)?;
    grant::permit_to_give(tx.actor(), row.role, group, &organisations).at("role")?;
    Ok(permit)
}

/// Nobody gives a role to themselves.
fn not_oneself(tx: &Tx, row: &Model) -> Result<()> {
    if row.person_id.is_some() && row.person_id == tx.actor().person_id {
        return Err(Error::rule(Rule::OwnRole).at("person"));
    }
    if fold(&row.email) == fold(&tx.actor().email) {
        return Err(Error::rule(Rule::OwnRole).at("email"));
    }
    Ok(())
}

/// The row of a new invitation.
async fn row(
    tx: &Tx,
    group: &coordination_group::Model,
    input: &InvitationCreateInput,
    token: &str,
) -> Result<Model> {
    let now = tx.now();
    let person: Option<Uuid> = referenced::<person::Model>(tx, Kind::Person, input.person, "person").await?;
    let named: Option<Seen<person::Model>> = tx.seen_if(Kind::Person, person).await.at("person")?;
    if named.as_ref().is_some_and(|p| p.erased_at.is_some()) {
        return Err(Error::not_found(Kind::Person).at("person"));
    }
    let display_name = match (&input.display_name, &named) {
        (Some(name), _) => text::required(name, text::LONGEST_NAME).at("displayName")?,
        (None, Some(person)) => person.display_name.clone(),
        (None, None) => return Err(Error::refused(Why::Required).at("displayName")),
    };
    let (since, until) = (input.since.map(|d| d.0), input.until.map(|d| d.0));
    grant::sound(input.role.into(), since, until)?;
    let row = Model {
        id: new_id(input.id, Kind::Invitation)?,
        group_id: group.id,
        operation_id: group.operation_id,
        organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            input.organisation,
            "organisation",
        )
        .await?,
        person_id: person,
        role: input.role.into(),
        email: text::email(&input.email).at("email")?,
        email_folded: String::new(),
        display_name,
        since,
        until,
        status: InvitationStatus::Open,
        digest: token::digest(token),
        invited_by_id: tx.actor().account_id,
        accepted_at: None,
        membership_id: None,
        expires_at: now + rules::LIFE,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    not_oneself(tx, &row)?;
    Ok(row)
}

/// Accepts; answers the seat to whoever is signed in.
async fn accepted(front: &Front<'_>, input: InvitationAcceptInput) -> Result<Option<Uuid>> {
    if front.actor().is_signed_in() {
        return signed_in(front, &input.token).await.map(Some);
    }
    // the password is hashed between two transactions: it takes long, and on SQLite others wait
    let tx = front.begin_apart().await?;
    let row = store::by_token(&tx, &input.token).await.at("token")?;
    rules::acceptable(row.status, row.expires_at, tx.now())?;
    drop(tx);
    let chosen = input.password.as_deref().ok_or_else(|| Error::refused(Why::Required).at("password"))?;
    password::check(chosen, &[&row.email, &row.display_name]).at("password")?;
    let display_name = text::optional(input.display_name.as_deref(), text::LONGEST_NAME).at("displayName")?;
    let hash = password::hash(chosen).await?;
    let tx = front.begin_apart().await?;
    let row = store::by_token(&tx, &input.token).await.at("token")?;
    if accounts::of_address(&tx, &row.email).await?.is_some() {
        return Err(Error::Unauthenticated);
    }
    let (change, _) = accept(&tx, &row, Guest::Newcomer { hash, display_name }).await?;
    tx.commit(change).await?;
    Ok(None)
}

/// Whoever is signed in, in person, with the invitation's address.
async fn signed_in(front: &Front<'_>, token: &str) -> Result<Uuid> {
    let tx = front.begin_apart().await?;
    let row = store::by_token(&tx, token).await.at("token")?;
    let actor = tx.actor();
    let account = match actor.account_id.filter(|_| actor.token.is_none()) {
        Some(account) => accounts::of_person(&tx, account).await?,
        None => None,
    };
    let account = account.filter(|a| a.email_folded == row.email_folded);
    let account = account.ok_or_else(|| Error::refused(Why::Denied))?;
    let (change, membership) = accept(&tx, &row, Guest::Account(Box::new(account))).await?;
    tx.commit(change).await?;
    Ok(membership)
}
