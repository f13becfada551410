//! The limit: the same answers from statements written by hand, through a bare handler. No rights, no GraphQL.

mod postgres;
mod rows;
mod sqlite;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::drive::Failure;

/// Serves on a port until it is stopped.
///
/// # Errors
/// The database cannot be opened, the port is taken.
pub async fn serve(url: &str, port: u16) -> Result<(), Failure> {
    let router = if let Some(path) = url.strip_prefix("sqlite://") {
        let options = SqliteConnectOptions::new()
            .filename(path)
            // as Kafo
            .row_buffer_size(1024)
            .pragma("query_only", "ON")
            .pragma("mmap_size", "67108864");
        let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
        let router = Router::new().route("/{query}/{id}", get(lite)).route("/json/{query}/{id}", get(json));
        router.with_state(pool.connect_with(options).await?)
    } else {
        let pool = PgPoolOptions::new().max_connections(8).test_before_acquire(false);
        Router::new().route("/{query}/{id}", get(full)).with_state(pool.connect(url).await?)
    };
    Ok(axum::serve(TcpListener::bind(("127.0.0.1", port)).await?, router).await?)
}

async fn full(State(pool): State<PgPool>, Path((query, id)): Path<(String, Uuid)>) -> Response {
    answer(postgres::answer(&pool, &query, id).await)
}

async fn lite(State(pool): State<SqlitePool>, Path((query, id)): Path<(String, Uuid)>) -> Response {
    answer(sqlite::answer(&pool, &query, id).await)
}

async fn json(State(pool): State<SqlitePool>, Path((query, id)): Path<(String, Uuid)>) -> Response {
    answer(sqlite::json(&pool, &query, id).await)
}

fn answer(json: Result<String, Failure>) -> Response {
    match json {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(failure) => {
            eprintln!("limit: {failure}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
