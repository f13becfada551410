//! Bodies: whole, not too large, and not for ever.

use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use tokio::time::{Instant, timeout_at};

use super::LARGEST_BODY;

/// A body may come as slowly as this many bytes a second.
const SLOWEST: u32 = 4 * 1024;
/// How much of a body that is too large is read and thrown away, so that a client that is still sending gets to
/// read the answer.
const DISCARDED: usize = 4 * LARGEST_BODY;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// More bytes than are allowed.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It broke off.
    Broken,
}

/// The whole body, of at most this many bytes. For a while nothing need come; then it must keep a certain pace.
pub async fn whole(mut body: Body, most: usize, patience: Duration) -> Result<Vec<u8>, Trouble> {
    let start = Instant::now();
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    loop {
        let earned = Duration::from_secs(1) * u32::try_from(length).unwrap_or(u32::MAX) / SLOWEST;
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let frame = timeout_at(start + patience + earned, next).await.map_err(|_| Trouble::TooSlow)?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|_| Trouble::Broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= most {
            bytes.extend_from_slice(&data);
        } else if length > DISCARDED {
            break;
        }
    }
    if length <= most { Ok(bytes) } else { Err(Trouble::TooLarge) }
}

#[cfg(test)]
mod tests {
    use async_graphql::futures_util::stream;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn a_body_is_whole_or_refused() {
        assert_eq!(whole(Body::from("abc"), 3, PATIENCE).await, Ok(b"abc".to_vec()));
        assert_eq!(whole(Body::from("abcd"), 3, PATIENCE).await, Err(Trouble::TooLarge));
        assert_eq!(whole(Body::from(vec![0; 100]), 3, PATIENCE).await, Err(Trouble::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = Body::from_stream(stream::pending::<Result<Vec<u8>, std::io::Error>>());
        assert_eq!(whole(never, 3, PATIENCE).await, Err(Trouble::TooSlow));
    }
}
