//! `kafo serve`.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Failure, open_current_with};
use crate::app::App;
use crate::config::{Config, Options};
use crate::http;
use crate::openid::OpenId;

pub async fn serve(options: &Options) -> Result<(), Failure> {
    let config = options.read().map_err(Failure)?;
    let db = open_current_with(config.database_url.expose_secret(), config.database_connections).await?;
    let app = App::new(db).await?;
    let app = app.limited(config.limits).with_openid(OpenId::new(config.openid.clone()));
    let app = app.with_manifest(config.manifest.clone(), config.only_manifest).map_err(Failure)?;
    listen(&config, Arc::new(app), |_| {}).await
}

/// Serves until SIGTERM or Ctrl-C, then lets the requests under way finish.
pub async fn listen(config: &Config, app: Arc<App>, ready: impl FnOnce(&str)) -> Result<(), Failure> {
    let listener = http::bind(config.listen)
        .map_err(|e| Failure::new(format!("cannot listen on {}: {e}", config.listen)))?;
    let address = listener.local_addr().map_err(|e| Failure::new(format!("cannot listen: {e}")))?;
    let url = format!("http://{address}");
    println!("Kafo listens on {url}");
    ready(&url);
    let upkeep = tokio::spawn(keep_up(app.clone()));
    let router = http::router(app, &config.http);
    http::serve(listener, router, config.http.connections, stop_signal()).await;
    upkeep.abort();
    Ok(())
}

/// Every half minute: other processes may change operations, whose time zones are read anew, and
/// rotate the signing keys; failures and sign-ins of long ago are forgotten.
async fn keep_up(app: Arc<App>) {
    let mut tick = tokio::time::interval(Duration::from_secs(30));
    loop {
        tick.tick().await;
        // what fails is logged where it fails; the next tick tries again
        let _ = app.db().refresh_zones().await;
        let _ = app.refresh_keys().await;
        let _ = app.tidy_up().await;
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
