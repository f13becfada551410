//! A connection whose other end must read: one that does not is cut off, however much it asked for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// This many bytes must be taken before patience ends.
const MOUTHFUL: usize = 16 * 1024;

/// A connection with a limit on the patience with its reader.
pub struct Patient<S> {
    connection: S,
    patience: Duration,
    /// When patience ends; only while something waits to be read.
    until: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl<S> Patient<S> {
    /// Around a connection, with so much patience.
    pub const fn new(connection: S, patience: Duration) -> Self {
        Self { connection, patience, until: None, taken: 0 }
    }

    fn content(&mut self) {
        self.until = None;
        self.taken = 0;
    }

    /// After an attempt to write: did it get anywhere?
    fn after(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(count)) => {
                self.taken += count;
                if self.taken >= MOUTHFUL {
                    self.content();
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let patience = self.patience;
                let until = self.until.get_or_insert_with(|| Box::pin(sleep(patience)));
                ready!(until.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_write(cx, buf);
        this.after(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_write_vectored(cx, bufs);
        this.after(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    // called when all is written: patience begins anew with the next answer
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let done = ready!(Pin::new(&mut this.connection).poll_flush(cx));
        this.content();
        Poll::Ready(done)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn who_does_not_read_is_cut_off() {
        let (near, _far) = tokio::io::duplex(64);
        let error = Patient::new(near, PATIENCE).write_all(&[0; 1000]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_reads_slowly_but_surely_is_served() {
        // Each mouthful well in time, even on a machine that stalls; all of them not.
        const MOUTHFULS: usize = 15;
        let (near, mut far) = tokio::io::duplex(MOUTHFUL);
        let reader = tokio::spawn(async move {
            let mut mouthful = vec![0; MOUTHFUL];
            for _ in 0..MOUTHFULS {
                sleep(PATIENCE / 10).await;
                far.read_exact(&mut mouthful).await.expect("it comes");
            }
        });
        Patient::new(near, PATIENCE).write_all(&vec![0; MOUTHFULS * MOUTHFUL]).await.expect("somebody reads");
        reader.await.expect("it ends");
    }
}
