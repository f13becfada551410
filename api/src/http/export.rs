//! Files to take away: everything about a person, and the lists of a group.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::graphql::failure;
use super::request;
use crate::app::App;
use crate::auth::Scope;
use crate::db::Reader;
use crate::error::{Error, Result, Why};
use crate::graphql::{Language, message};
use crate::id::Kind;
use crate::membership::export as lists;
use crate::person::export::{Format, of_person};
use crate::sheet::File;

#[derive(Deserialize)]
pub struct Asked {
    /// Why an administrator asks.
    reason: Option<String>,
}

/// `GET /export/person/{id}.json` and `.csv`.
pub async fn person(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    let work = async {
        let (id, format) = match file.rsplit_once('.') {
            Some((id, "json")) => (id, Format::Json),
            Some((id, "csv")) => (id, Format::Csv),
            _ => return Err(Error::not_found(Kind::Person)),
        };
        let scope = viewer(&app, &headers).await?;
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
    State(app): State<Arc<App>>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    let work = async {
        let scope = viewer(&app, &headers).await?;
        let reader = Reader::new(app.db().clone(), scope.clone(), 0);
        let tx = app.db().begin(scope, request::id(&headers)).await?;
        lists::contacts(&reader, tx, &group, language).await
    };
    respond(work.await, language)
}

/// `GET /export/group/{slug or id}/organisations.csv`.
pub async fn organisations(
    State(app): State<Arc<App>>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    let work = async {
        let reader = Reader::new(app.db().clone(), viewer(&app, &headers).await?, 0);
        lists::organisations(&reader, &group, language).await
    };
    respond(work.await, language)
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
        Error::BadArgument { .. } | Error::Internal => {
            return failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_SERVER_ERROR",
                "Something went wrong here.",
            );
        }
    };
    failure(status, message::code(why), &message::sentence(why, language))
}
