//! `/sign-in/openid`: browsers on their way to an issuer and back.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{Extensions, HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::quota::Payer;
use super::{Hall, client, request};
use crate::app::App;
use crate::graphql::Language;
use crate::openid::Browser;
use crate::openid::flow::{self, Callback, LIFE, Started, Trouble};

/// The pages here are a sentence and a way back: they load nothing.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What starts a sign-in (`issuer`, `return_to`) or goes on with a link (`link`).
#[derive(Default, Deserialize)]
pub struct Asked {
    issuer: Option<String>,
    return_to: Option<String>,
    link: Option<String>,
}

/// What the start of a sign-in costs the network that it comes from: each leaves a row behind for some minutes.
const START_COST: u64 = 500;

pub async fn start(
    State(Hall { app, quotas }): State<Hall>,
    extensions: Extensions,
    headers: HeaderMap,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let payer = Payer::of(None, client::address_of(&extensions));
    if let Some(standing) = quotas.charge(&payer, START_COST).filter(|standing| standing.wait.is_some()) {
        let mut response = note(TOO_MANY, &headers);
        standing.tell(response.headers_mut());
        return response;
    }
    let Ok(Query(asked)) = asked else { return page(Trouble::Lost, &headers) };
    let started = match &asked.link {
        Some(ticket) => flow::start_link(&app, ticket).await,
        None => flow::start(&app, asked.issuer.as_deref(), asked.return_to.as_deref()).await,
    };
    match started {
        Ok(Started { location, browser }) => {
            let openid = app.openid();
            // Lax: the cookie must come along when the issuer sends the browser back
            let cookie = format!(
                "{}={browser}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}",
                openid.cookie(),
                LIFE.num_seconds(),
                if openid.is_secure() { "; Secure" } else { "" }
            );
            let mut response = redirect(&location);
            if let Ok(cookie) = cookie.parse() {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(trouble) => page(trouble, &headers),
    }
}

pub async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    callback: Result<Query<Callback>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(callback)) = callback else { return page(Trouble::Lost, &headers) };
    match flow::finish(&app, &browser(&app, &headers), &callback).await {
        Ok(location) => redirect(&location),
        Err(trouble) => page(trouble, &headers),
    }
}

/// What the cookie of a sign-in says.
pub fn browser(app: &App, headers: &HeaderMap) -> Browser {
    let name = app.openid().cookie();
    let values = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = values.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
    Browser(pairs.find(|(n, _)| *n == name).map(|(_, value)| value.to_owned()))
}

fn redirect(location: &str) -> Response {
    (StatusCode::SEE_OTHER, security_headers(), [(header::LOCATION, location)]).into_response()
}

fn page(trouble: Trouble, headers: &HeaderMap) -> Response {
    note(sentence(trouble), headers)
}

/// A status with a sentence in English and in French.
type Note = (StatusCode, &'static str, &'static str);

const TOO_MANY: Note = (
    StatusCode::TOO_MANY_REQUESTS,
    "Many sign-ins have begun from your network within a minute. Wait a moment and try again.",
    "Beaucoup de connexions ont commencé depuis votre réseau en une minute. Attendez un instant et réessayez.",
);

fn note((status, english, french): Note, headers: &HeaderMap) -> Response {
    let language = request::language(headers);
    let (tag, sentence, back) = match language {
        Language::English => ("en", english, "Back"),
        Language::French => ("fr", french, "Retour"),
    };
    let body = format!(
        "<!doctype html>\n<html lang=\"{tag}\"><meta charset=\"utf-8\"><title>Kafo</title>\n<p>{sentence}</p>\n<p><a href=\"/\">{back}</a></p>\n</html>\n"
    );
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::VARY, "accept-language")];
    (status, security_headers(), kind, body).into_response()
}

const fn sentence(trouble: Trouble) -> Note {
    match trouble {
        Trouble::NoIssuer => (
            StatusCode::NOT_FOUND,
            "There is no such way to sign in here.",
            "Il n'y a pas ici de telle façon de se connecter.",
        ),
        Trouble::BadReturn => (
            StatusCode::BAD_REQUEST,
            "The page to come back to must be a path on this server.",
            "La page de retour doit être un chemin sur ce serveur.",
        ),
        Trouble::Unreachable => (
            StatusCode::BAD_GATEWAY,
            "The service through which you sign in does not answer. Try again in a minute.",
            "Le service par lequel vous vous connectez ne répond pas. Réessayez dans une minute.",
        ),
        Trouble::Lost => (
            StatusCode::BAD_REQUEST,
            "This sign-in cannot go on: it took too long, was used already, or began in another browser. Start again.",
            "Cette connexion ne peut pas continuer : trop de temps a passé, elle a déjà servi ou a commencé dans un autre navigateur. Recommencez.",
        ),
        Trouble::Declined => (
            StatusCode::FORBIDDEN,
            "The service through which you sign in did not let you in, or you stopped there. Start again.",
            "Le service par lequel vous vous connectez ne vous a pas laissé entrer, ou vous y avez renoncé. Recommencez.",
        ),
        Trouble::Untrusted => (
            StatusCode::BAD_GATEWAY,
            "What the service through which you sign in answered does not hold. Start again; if it happens again, tell your administrator.",
            "La réponse du service par lequel vous vous connectez n'est pas valable. Recommencez ; si cela se répète, prévenez votre administrateur.",
        ),
        Trouble::NotLinked | Trouble::Inactive(_) => (
            StatusCode::FORBIDDEN,
            "This identity opens no account here. Sign in with your password and link it under your account; without an account, ask a coordinator for an invitation.",
            "Cette identité n'ouvre aucun compte ici. Connectez-vous avec votre mot de passe et liez-la depuis votre compte ; sans compte, demandez une invitation à qui coordonne votre groupe.",
        ),
        Trouble::Internal => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here. Try again.",
            "Une erreur s'est produite ici. Réessayez.",
        ),
    }
}

/// What these pages say of themselves beside what every answer says.
fn security_headers() -> [(HeaderName, &'static str); 2] {
    [(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY), (header::CACHE_CONTROL, "no-store")]
}
