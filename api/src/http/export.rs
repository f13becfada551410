//! Files to take away: everything about a person, and the lists of a group.

use axum::extract::{Path, Query, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::graphql::{RATE_LIMITED, TOO_MUCH, failure};
use super::quota::Payer;
use super::{Hall, client, request};
use crate::app::App;
use crate::auth::Scope;
use crate::db::Reader;
use crate::error::{Error, Result, Why};
use crate::graphql::{Language, message};
use crate::id::Kind;
use crate::membership::export as lists;
use crate::person::export::{Format, of_person};
use crate::sheet::File;

/// What a file costs: it holds all that there is of something.
const COST: u64 = 500;

#[derive(Deserialize)]
pub struct Asked {
    /// Why an administrator asks.
    reason: Option<String>,
}

/// `GET /export/person/{id}.json` and `.csv`.
pub async fn person(
    State(hall): State<Hall>,
    extensions: Extensions,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Some(refused) = charge(&hall, &extensions, &headers).await {
        return refused;
    }
    let app = &hall.app;
    let language = request::language(&headers);
    let work = async {
        let (id, format) = match file.rsplit_once('.') {
            Some((id, "json")) => (id, Format::Json),
            Some((id, "csv")) => (id, Format::Csv),
            _ => return Err(Error::not_found(Kind::Person)),
        };
        let scope = viewer(app, &headers).await?;
        let id = match Kind::parse(id) {
            Some((Kind::Person, id)) => id,
            _ => return Err(Error::not_found(Kind::Person)),
        };
        let tx = app.db().begin(scope, request::id(&headers)).await?;
        of_person(tx, id, asked.reason.as_deref(), format, language).await
    };
    respond(work.await, language)
}

/// `GET /export/group/{slug or id}/contacts.csv`.
pub async fn contacts(
    State(hall): State<Hall>,
    extensions: Extensions,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refused) = charge(&hall, &extensions, &headers).await {
        return refused;
    }
    let app = &hall.app;
    let language = request::language(&headers);
    let work = async {
        let scope = viewer(app, &headers).await?;
        let reader = Reader::new(app.db().clone(), scope.clone(), 0);
        let tx = app.db().begin(scope, request::id(&headers)).await?;
        lists::contacts(&reader, tx, &group, language).await
    };
    respond(work.await, language)
}

/// `GET /export/group/{slug or id}/organisations.csv`.
pub async fn organisations(
    State(hall): State<Hall>,
    extensions: Extensions,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refused) = charge(&hall, &extensions, &headers).await {
        return refused;
    }
    let app = &hall.app;
    let language = request::language(&headers);
    let work = async {
        let reader = Reader::new(app.db().clone(), viewer(app, &headers).await?, 0);
        lists::organisations(&reader, &group, language).await
    };
    respond(work.await, language)
}

/// Charges whoever sent the request; the answer, if they have asked for too much lately. One whose token cannot hold is
/// told so by what comes next.
async fn charge(hall: &Hall, extensions: &Extensions, headers: &HeaderMap) -> Option<Response> {
    let who = match request::bearer(headers).ok()? {
        Some(token) => Some(hall.app.credential(token).await.ok()?),
        None => None,
    };
    let payer = Payer::of(who.as_ref(), client::address_of(extensions));
    let standing = hall.quotas.charge(&payer, COST).filter(|standing| standing.wait.is_some())?;
    let mut response = failure(StatusCode::TOO_MANY_REQUESTS, RATE_LIMITED, TOO_MUCH);
    standing.tell(response.headers_mut());
    Some(response)
}

/// What whoever sent the request may read.
async fn viewer(app: &App, headers: &HeaderMap) -> Result<Scope> {
    let who = match request::bearer(headers)? {
        Some(token) => Some(app.credential(token).await?),
        None => None,
    };
    app.scope(who.as_ref()).await
}

fn respond(outcome: Result<File>, language: Language) -> Response {
    let mut response = match outcome {
        Ok(file) => {
            let disposition = format!("attachment; filename=\"{}\"", file.name);
            let headers =
                [(header::CONTENT_TYPE, file.content_type), (header::CONTENT_DISPOSITION, &disposition)];
            (headers, file.body).into_response()
        }
        Err(error) => refusal(&error, language),
    };
    for (name, value) in
        [(header::CACHE_CONTROL, "no-store"), (header::VARY, "authorization, accept-language")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(error: &Error, language: Language) -> Response {
    let (status, why) = match error {
        Error::Refused(refusal) => {
            let status = match refusal.why {
                Why::NotFound(_) => StatusCode::NOT_FOUND,
                Why::Denied => StatusCode::FORBIDDEN,
                Why::State { .. } => StatusCode::CONFLICT,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, &refusal.why)
        }
        Error::Unauthenticated => return super::graphql::unauthenticated(),
        Error::BadArgument { .. } | Error::Done(_) | Error::OtherRequest | Error::Internal => {
            return failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVER_ERROR",
                "Something went wrong here.",
            );
        }
    };
    failure(status, message::code(why), &message::sentence(why, language))
}
