//! Connections: taken in, bounded in number and in patience, and closed one after the other when the server stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::patient::Patient;

/// The headers of a request must be there after so long; a connection without a request is closed then.
const HEADERS: Duration = Duration::from_secs(20);
/// How long nobody may read of an answer.
const READER: Duration = Duration::from_secs(15);
/// The most bytes of headers, and the most that is read ahead.
const BUFFER: usize = 64 * 1024;
/// What the system holds of an answer that was not read yet; left to itself, that grows to megabytes for each.
const UNREAD: u32 = 256 * 1024;
/// Connections that the system holds until they are taken in.
const BACKLOG: u32 = 1024;
/// How long requests under way may take once the server stops.
const FAREWELL: Duration = Duration::from_secs(30);
/// After a connection could not be taken in, because there are no more files for instance.
const BREATH: Duration = Duration::from_millis(100);

/// Listens on an address.
///
/// # Errors
/// What the system says.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // a server that is started again takes its port back at once
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(UNREAD)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop`, then lets the requests under way finish. More connections than `most` wait outside.
pub async fn serve(listener: TcpListener, router: Router, most: usize, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(most));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let taken = tokio::select! {
            taken = take_in(&listener, &places) => taken,
            () = &mut stop => break,
        };
        if let Some((stream, peer, place)) = taken {
            let connection = graceful.watch(connection(stream, peer, router.clone()));
            tokio::spawn(async move {
                // a connection that breaks off is the client's business
                let _ = connection.await;
                drop(place);
            });
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped before all requests were answered");
    }
}

/// The next connection, once there is a place for it.
async fn take_in(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be taken in");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<Patient<TcpStream>>,
    impl hyper::service::Service<
        Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    >,
> {
    // answers are written whole: waiting for more would only delay them
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Patient::new(stream, READER)), service)
}
