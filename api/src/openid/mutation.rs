use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::store::{self, Linked};
use super::types::OpenidIdentity;
use super::{Browser, OpenId, rules};
use crate::account::{Tokens, open_by_openid};
use crate::auth::{Action, Target};
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{DateTime, Front, Id, UserError, admitted, answer, outcome, payloads};
use crate::id::Kind;

/// A code that a browser brought back.
#[derive(InputObject)]
pub struct OpenidFinishInput {
    /// What stands behind `#openid=` in the address. It holds once, for two minutes, in the browser in which
    /// the sign-in began: send the request with the cookies of this server.
    #[graphql(secret)]
    pub code: String,
}

/// A code that a browser brought back.
#[derive(InputObject)]
pub struct OpenidLinkFinishInput {
    /// What stands behind `#openid-link=` in the address. It holds once, for two minutes, in the browser in
    /// which the link began: send the request with the cookies of this server.
    #[graphql(secret)]
    pub code: String,
}

/// An issuer to be linked to.
#[derive(InputObject)]
pub struct OpenidLinkStartInput {
    /// The identifier of the issuer, one of `openidIssuers`.
    pub issuer: String,
    /// The path on this server to which the browser comes back, with `#openid-link=` and a code for
    /// `openidLinkFinish`; `/` if left out. `INVALID_URL` for anything but a path.
    pub return_to: Option<String>,
}

/// A link that is to go.
#[derive(InputObject)]
pub struct OpenidUnlinkInput {
    /// Which one.
    pub id: Id,
}

/// The tokens of a sign-in.
#[derive(SimpleObject)]
pub struct OpenidFinishPayload {
    /// Send it as `Authorization: Bearer …`; it holds ten minutes.
    access_token: Option<String>,
    /// Until when the access token holds, UTC.
    expires_at: Option<DateTime>,
    /// Gives the next pair by `sessionRefresh`; holds once.
    refresh_token: Option<String>,
    /// Why there are none.
    user_errors: Vec<UserError>,
}

/// The way to the issuer.
#[derive(SimpleObject)]
pub struct OpenidLinkStartPayload {
    /// Where to send the browser, within ten minutes, once.
    url: Option<String>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// The end of a link.
#[derive(SimpleObject)]
pub struct OpenidUnlinkPayload {
    /// The id of the link that is gone.
    identity: Option<Id>,
    /// Why nothing was changed; empty if it was.
    user_errors: Vec<UserError>,
}

payloads! {
    /// The link that was made.
    OpenidLinkFinishPayload => identity ("identity"): OpenidIdentity;
}

/// Signing in through OpenID Connect.
#[derive(Default)]
pub struct OpenidMutation;

#[Object]
impl OpenidMutation {
    /// Exchanges the code with which a browser came back from the issuer for the tokens of a sign-in.
    async fn openid_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: OpenidFinishInput,
    ) -> Result<OpenidFinishPayload> {
        let (tokens, user_errors) = admitted(ctx, finish(ctx, &input.code).await)?;
        let (access_token, expires_at, refresh_token) = tokens
            .map_or((None, None, None), |t| (Some(t.access), Some(DateTime(t.expires)), Some(t.refresh)));
        Ok(OpenidFinishPayload { access_token, expires_at, refresh_token, user_errors })
    }

    /// Begins to link your account to who you are at an issuer: the way there. Needs a sign-in of your own, not
    /// an API token (`PERMISSION_DENIED`). `UNKNOWN_CODE`: no such issuer.
    async fn openid_link_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The issuer.")] input: OpenidLinkStartInput,
    ) -> Result<OpenidLinkStartPayload> {
        let (url, user_errors) = outcome(ctx, link_start(ctx, input).await)?;
        Ok(OpenidLinkStartPayload { url, user_errors })
    }

    /// Links your account to the identity with which a browser came back from the issuer. You must be signed in
    /// to the account that began it. `DUPLICATE`: the identity is linked to another account.
    async fn openid_link_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: OpenidLinkFinishInput,
    ) -> Result<OpenidLinkFinishPayload> {
        answer(ctx, link_finish(ctx, input)).await
    }

    /// Takes a link away; your other sign-ins through OpenID Connect end. `LAST_WAY_IN`: you have no password
    /// and no other link.
    async fn openid_unlink(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: OpenidUnlinkInput,
    ) -> Result<OpenidUnlinkPayload> {
        let (gone, user_errors) = outcome(ctx, unlink(ctx, input).await)?;
        Ok(OpenidUnlinkPayload { identity: gone.map(|id| Id(Kind::OpenidIdentity, id)), user_errors })
    }
}

async fn finish(ctx: &Context<'_>, code: &str) -> Result<Tokens> {
    let front = Front::of(ctx);
    let tx = front.begin_apart().await?;
    let flow = store::redeem_code(&tx, code, browser(ctx)).await?;
    let subject = flow.subject.as_deref().ok_or(Error::Unauthenticated)?;
    // a code that links signs nobody in
    if flow.account_id.is_some() {
        return Err(Error::Unauthenticated);
    }
    let account = match store::account_of(&tx, &flow.issuer, subject).await? {
        Linked::Active(account) => account,
        Linked::Inactive(account) => {
            store::record_failure(tx, &flow.issuer, account).await?;
            return Err(Error::Unauthenticated);
        }
        Linked::Nobody => return Err(Error::Unauthenticated),
    };
    store::used(&tx, &flow.issuer, subject).await?;
    let tokens = open_by_openid(&front, &tx, account).await?;
    let detail = serde_json::json!({ "by": "openid" });
    tx.commit(Change::new("openidFinish", Kind::Account, account).by(account).detail(detail)).await?;
    crate::invitation::redeem(front.reader().db(), account, front.now()).await;
    Ok(tokens)
}

async fn link_start(ctx: &Context<'_>, input: OpenidLinkStartInput) -> Result<String> {
    let front = Front::of(ctx);
    let openid = ctx.data_unchecked::<Arc<OpenId>>();
    let account = own_account(&front)?;
    let start = openid.link_address(&input.issuer).ok_or(Error::rule(Rule::UnknownCode)).at("issuer")?;
    let return_to = input.return_to.as_deref().unwrap_or("/");
    let return_to = rules::path(return_to).ok_or(Error::rule(Rule::Url)).at("returnTo")?;
    let tx = front.begin_apart().await?;
    let ticket = store::ticket(&tx, account, &input.issuer, return_to).await?;
    tx.commit_unrecorded().await?;
    Ok(format!("{start}{ticket}"))
}

async fn link_finish(ctx: &Context<'_>, input: OpenidLinkFinishInput) -> Result<Uuid> {
    let front = Front::of(ctx);
    let account = own_account(&front)?;
    let tx = front.begin_apart().await?;
    let permit = tx.permit(Action::TokenManageOwn, &Target::default())?;
    let gone = |e| match e {
        Error::Unauthenticated => Error::not_found(Kind::OpenidIdentity).at("code"),
        other => other,
    };
    let flow = store::redeem_code(&tx, &input.code, browser(ctx)).await.map_err(gone)?;
    // who was talked into coming back from the issuer for somebody else does not finish it
    if flow.account_id != Some(account) {
        return Err(Error::not_found(Kind::OpenidIdentity).at("code"));
    }
    let (link, is_new) = store::link(&tx, &permit, account, &flow).await.at("code")?;
    if is_new {
        tx.commit(Change::new("openidLinkFinish", Kind::OpenidIdentity, link)).await
    } else {
        tx.nothing_to_do(link).await
    }
}

async fn unlink(ctx: &Context<'_>, input: OpenidUnlinkInput) -> Result<Uuid> {
    let front = Front::of(ctx);
    own_account(&front)?;
    let tx: Tx = front.begin_apart().await?;
    let id = input.id.of(Kind::OpenidIdentity).at("id")?;
    let link = tx.seen(Kind::OpenidIdentity, id).await.at("id")?;
    let permit = tx.permit(Action::TokenManageOwn, &Target::default())?;
    store::unlink(tx, &permit, &link).await.at("id")
}

/// The viewer's account, if they signed in themselves: whoever holds a token only must not open another way in.
fn own_account(front: &Front<'_>) -> Result<Uuid> {
    let actor = front.actor();
    let account = actor.account_id.ok_or(Error::Unauthenticated)?;
    if actor.session_id.is_some() { Ok(account) } else { Err(Error::refused(Why::Denied)) }
}

fn browser<'a>(ctx: &'a Context<'_>) -> Option<&'a str> {
    ctx.data_unchecked::<Browser>().0.as_deref()
}
