//! The load: 32 connections, each of which asks as soon as it was answered.
//!
//! Hyper without a client on top: what the driver costs is taken from the servers, which run on the same machine.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What goes wrong on the way.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Where to ask, and what.
#[derive(Clone, Debug)]
pub struct Load {
    /// The port on this machine.
    pub port: u16,
    /// Sent as `Authorization`.
    pub bearer: Option<String>,
    /// Paths and bodies; without a body it is a GET.
    pub asks: Arc<Vec<(String, Option<Bytes>)>>,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Served {
    /// How long each answer took, in microseconds, the shortest first.
    pub micros: Vec<u32>,
    /// How many answers were none.
    pub failed: usize,
    /// For how long.
    pub seconds: f64,
    /// How long the answers were, in bytes, altogether.
    pub bytes: usize,
}

impl Served {
    /// Answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        real(self.micros.len()) / self.seconds
    }

    /// How long it takes for so many in a thousand answers, in milliseconds.
    #[must_use]
    pub fn within(&self, of_thousand: usize) -> f64 {
        let place = (self.micros.len() * of_thousand / 1000).min(self.micros.len().saturating_sub(1));
        self.micros.get(place).map_or(0.0, |m| f64::from(*m) / 1000.0)
    }
}

/// A count as a real number.
#[must_use]
pub fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Asks for so long over so many connections.
///
/// # Errors
/// A connection cannot be made, or breaks off.
pub async fn drive(load: &Load, connections: usize, time: Duration) -> Result<Served, Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut sender = connect(load.port).await?;
        let (load, next) = (load.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            let mut served = Served::default();
            while begin.elapsed() < time {
                let (path, body) = &load.asks[next.fetch_add(1, Ordering::Relaxed) % load.asks.len()];
                let asked = Instant::now();
                let (status, answer) = ask(&mut sender, &load, path, body.as_ref()).await?;
                let micros = u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX);
                served.bytes += answer.len();
                if status == StatusCode::OK && is_answer(&answer) {
                    served.micros.push(micros);
                } else {
                    served.failed += 1;
                }
            }
            Ok::<Served, Failure>(served)
        }));
    }
    let mut all = Served::default();
    for task in tasks {
        let served = task.await??;
        all.micros.extend(served.micros);
        all.failed += served.failed;
        all.bytes += served.bytes;
    }
    all.seconds = begin.elapsed().as_secs_f64();
    all.micros.sort_unstable();
    Ok(all)
}

/// Servers say at the beginning when they have no answer.
fn is_answer(body: &[u8]) -> bool {
    let head = &body[..body.len().min(24)];
    let says = |word: &[u8]| head.windows(word.len()).any(|w| w == word);
    !says(b"\"errors\"") && !says(b"\"data\":null") && !head.is_empty()
}

/// Asks once.
///
/// # Errors
/// The connection cannot be made, or breaks off.
pub async fn once(load: &Load, number: usize) -> Result<(u16, hyper::HeaderMap, Bytes), Failure> {
    let mut sender = connect(load.port).await?;
    let (path, body) = &load.asks[number % load.asks.len()];
    let response = sender.send_request(request(load, path, body.as_ref())?).await?;
    let (head, body) = response.into_parts();
    Ok((head.status.as_u16(), head.headers, body.collect().await?.to_bytes()))
}

async fn connect(port: u16) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    load: &Load,
    path: &str,
    body: Option<&Bytes>,
) -> Result<(StatusCode, Bytes), Failure> {
    sender.ready().await?;
    let response = sender.send_request(request(load, path, body)?).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

fn request(load: &Load, path: &str, body: Option<&Bytes>) -> Result<Request<Full<Bytes>>, Failure> {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
    if body.is_some() {
        request = request.header("content-type", "application/json").header("accept", "application/json");
    }
    if let Some(token) = &load.bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    Ok(request.body(Full::new(body.cloned().unwrap_or_default()))?)
}
