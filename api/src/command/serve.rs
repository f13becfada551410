//! `kafo serve`.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::{Failure, open_current};
use crate::app::App;
use crate::config::{Config, Options};
use crate::http;

pub async fn serve(options: &Options) -> Result<(), Failure> {
    let config = options.read().map_err(Failure)?;
    let app = Arc::new(App::new(open_current(config.database_url.expose_secret()).await?).await?);
    listen(&config, app, |_| {}).await
}

/// Serves until SIGTERM or Ctrl-C, then lets the requests under way finish.
pub async fn listen(config: &Config, app: Arc<App>, ready: impl FnOnce(&str)) -> Result<(), Failure> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|e| Failure::new(format!("cannot listen on {}: {e}", config.listen)))?;
    let address = listener.local_addr().map_err(|e| Failure::new(format!("cannot listen: {e}")))?;
    let url = format!("http://{address}");
    println!("Kafo listens on {url}");
    ready(&url);
    let zones = tokio::spawn(refresh_zones(app.clone()));
    let served = axum::serve(listener, http::router(app)).with_graceful_shutdown(stop_signal()).await;
    zones.abort();
    served.map_err(|e| Failure::new(format!("serving stopped: {e}")))
}

/// Other processes may change operations: their time zones are read anew every half minute.
async fn refresh_zones(app: Arc<App>) {
    let mut tick = tokio::time::interval(Duration::from_secs(30));
    loop {
        tick.tick().await;
        // what fails is logged where it fails; the next tick tries again
        let _ = app.db().refresh_zones().await;
    }
}

async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("stopping: requests under way may finish");
}
