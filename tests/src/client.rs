//! A client of the API, and what it is answered.

use std::time::Duration;

use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// The header in which the server counts its statements when asked to.
const STATEMENTS: &str = "x-kafo-statements";

/// Someone who asks the server. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    access_token: Option<String>,
    refresh_token: Option<String>,
    language: Option<String>,
}

impl Client {
    /// A client of the server at this address who has not signed in.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("an HTTP client");
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            access_token: None,
            refresh_token: None,
            language: None,
        }
    }

    /// The same client, with these tokens.
    #[must_use]
    pub fn with_tokens(&self, access: &str, refresh: Option<&str>) -> Self {
        Self {
            access_token: Some(access.to_owned()),
            refresh_token: refresh.map(str::to_owned),
            ..self.clone()
        }
    }

    /// The same client, who asks for this language: `fr`, or all that
    /// `Accept-Language` takes.
    #[must_use]
    pub fn language(&self, language: &str) -> Self {
        Self { language: Some(language.to_owned()), ..self.clone() }
    }

    /// The same client, on another server.
    #[must_use]
    pub fn on(&self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// The access token of a client who has signed in.
    pub fn access_token(&self) -> Option<&str> {
        self.access_token.as_deref()
    }

    /// The refresh token of a client who has signed in.
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// A request to a path of the server, with the token and the language of
    /// this client, for what [`Client::ask`] cannot ask.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.access_token {
            request = request.bearer_auth(token);
        }
        if let Some(language) = &self.language {
            request = request.header(ACCEPT_LANGUAGE, language);
        }
        request
    }

    /// Asks `/graphql`, with variables: `json!({})` when there are none.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.send(self.request(Method::POST, "/graphql").json(&body)).await
    }

    /// Sends a request made by [`Client::request`].
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response =
            request.send().await.unwrap_or_else(|error| panic!("the server gave no answer: {error:?}"));
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap_or_else(|error| panic!("the answer broke off: {error:?}"));
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The body; a string when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The data. Panics when there are errors; see [`Answer::partial_data`].
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(
            self.errors().is_empty() && self.body["data"].is_object(),
            "not an answer without errors ({}): {:#}",
            self.status,
            self.body
        );
        &self.body["data"]
    }

    /// The data, be there errors or not; null when there is none.
    pub fn partial_data(&self) -> &Value {
        &self.body["data"]
    }

    /// A part of the data: `/openActions/nodes/0/text`. Panics when there are
    /// errors, and when there is no such part.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &Value {
        let data = self.data();
        match data.pointer(pointer) {
            Some(value) => value,
            None => panic!("no {pointer} in {data:#}"),
        }
    }

    /// The text at a part of the data. Panics when there is none.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        let value = self.at(pointer);
        match value.as_str() {
            Some(text) => text,
            None => panic!("{pointer} is no string: {value:#}"),
        }
    }

    /// The list at a part of the data. Panics when there is none.
    #[track_caller]
    pub fn list(&self, pointer: &str) -> &[Value] {
        let value = self.at(pointer);
        match value.as_array() {
            Some(list) => list,
            None => panic!("{pointer} is no list: {value:#}"),
        }
    }

    /// The errors of the request; those of the user are in the data.
    pub fn errors(&self) -> &[Value] {
        self.body["errors"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The `extensions.code` of the first error.
    pub fn error_code(&self) -> Option<&str> {
        self.body.pointer("/errors/0/extensions/code")?.as_str()
    }

    /// The `extensions.reason` of the first error.
    pub fn error_reason(&self) -> Option<&str> {
        self.body.pointer("/errors/0/extensions/reason")?.as_str()
    }

    /// The first of the user errors of a mutation. Panics when there is none.
    #[track_caller]
    pub fn user_error(&self, mutation: &str) -> &Value {
        let payload = self.payload(mutation);
        match self.user_errors(mutation).first() {
            Some(error) => error,
            None => panic!("{mutation} has no userErrors: {payload:#}"),
        }
    }

    /// All user errors of a mutation.
    #[track_caller]
    pub fn user_errors(&self, mutation: &str) -> &[Value] {
        let payload = self.payload(mutation);
        match payload["userErrors"].as_array() {
            Some(errors) => errors,
            None => panic!("the query does not ask {mutation} for userErrors: {payload:#}"),
        }
    }

    /// What a mutation gave. Panics when it has user errors.
    #[track_caller]
    pub fn ok(&self, mutation: &str) -> &Value {
        let errors = self.user_errors(mutation);
        assert!(errors.is_empty(), "{mutation} has userErrors: {errors:#?}");
        self.payload(mutation)
    }

    #[track_caller]
    fn payload(&self, mutation: &str) -> &Value {
        match self.data().get(mutation) {
            Some(payload) => payload,
            None => panic!("no {mutation} in {:#}", self.data()),
        }
    }

    /// The value of a header. Panics when it is not ASCII text.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// How many statements the server ran for this request. Panics when it
    /// did not count them.
    #[track_caller]
    pub fn statements(&self) -> u64 {
        let count = self.header(STATEMENTS);
        match count.and_then(|count| count.parse().ok()) {
            Some(count) => count,
            None => panic!("{STATEMENTS}: {count:?}"),
        }
    }
}
