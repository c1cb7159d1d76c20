//! Long answers, written to a file by who makes them and read from it by who sends them. So one statement can give all rows,
//! memory stays flat, and the connection to the database is free again however slowly the other side reads.

use crate::error::{Error, Result};
use actix_web::rt;
use actix_web::web::{self, Bytes};
use futures_util::stream::{self, Stream};
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Write};
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// Bytes that are written and sent at a time.
const CHUNK: usize = 256 * 1024;

/// How far the writing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Written {
    bytes: u64,
    end: Option<bool>,
}

/// What an answer is written with. It fails once nobody reads any more.
#[derive(Debug)]
pub struct Pen {
    file: File,
    waiting: Vec<u8>,
    told: watch::Sender<Written>,
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.waiting)?;
        if self.told.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let more = u64::try_from(self.waiting.len()).unwrap_or_default();
        self.told.send_modify(|written| written.bytes += more);
        self.waiting.clear();
        Ok(())
    }
}

/// What is read, and how far.
struct Reading {
    file: File,
    at: u64,
    told: watch::Receiver<Written>,
}

/// Begins to make an answer, and gives what is there of it. `make` writes, flushes at the end, and fails where it can't go on:
/// then what is sent breaks off.
///
/// # Errors
/// No temporary file can be made.
pub fn spooled<M, F>(make: M) -> Result<impl Stream<Item = Result<Bytes>> + use<M, F>>
where
    M: FnOnce(Pen) -> F,
    F: Future<Output = Result<()>> + 'static,
{
    let kept = NamedTempFile::new().map_err(Error::internal)?;
    let file = kept.reopen().map_err(Error::internal)?;
    let (tell, told) = watch::channel(Written::default());
    let work = make(Pen { file: kept.reopen().map_err(Error::internal)?, waiting: Vec::new(), told: tell.clone() });
    rt::spawn(async move {
        let done = work.await;
        if let (Err(fault), false) = (&done, tell.is_closed()) {
            tracing::warn!(%fault, "an answer breaks off");
        }
        tell.send_modify(|written| written.end = Some(done.is_ok()));
        drop(kept);
    });
    Ok(stream::try_unfold(Reading { file, at: 0, told }, next))
}

async fn next(mut reading: Reading) -> Result<Option<(Bytes, Reading)>> {
    let at = reading.at;
    let gone = |_| Error::internal("an answer that nobody writes");
    let written = *reading.told.wait_for(|written| written.bytes > at || written.end.is_some()).await.map_err(gone)?;
    if written.bytes == at {
        let whole = written.end == Some(true);
        return if whole { Ok(None) } else { Err(Error::internal("an answer that broke off")) };
    }
    let length = (written.bytes - at).min(u64::try_from(CHUNK).unwrap_or(u64::MAX));
    let read = move || -> io::Result<_> {
        let mut chunk = Vec::with_capacity(usize::try_from(length).unwrap_or(CHUNK));
        Read::by_ref(&mut reading.file).take(length).read_to_end(&mut chunk)?;
        reading.at += length;
        Ok((chunk, reading))
    };
    let (chunk, reading) = web::block(read).await.map_err(|_| Error::Busy)?.map_err(Error::internal)?;
    Ok(Some((Bytes::from(chunk), reading)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    #[actix_web::test]
    async fn what_is_written_is_what_is_read() {
        let rows: Vec<u8> = (0..200_000u32).flat_map(u32::to_be_bytes).collect();
        let written = rows.clone();
        let pieces = spooled(move |mut pen: Pen| async move {
            written.chunks(1_000).try_for_each(|piece| pen.write_all(piece)).map_err(Error::internal)?;
            pen.flush().map_err(Error::internal)
        });
        let pieces: Vec<Result<Bytes>> = pieces.unwrap().collect().await;
        assert!(pieces.len() > 3 && pieces.iter().flatten().all(|piece| piece.len() <= CHUNK));
        let read: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.unwrap()).collect();
        assert!(read == rows);
    }

    #[actix_web::test]
    async fn a_fault_breaks_it_off_after_what_was_there() {
        let pieces = spooled(|mut pen: Pen| async move {
            pen.write_all(b"so far").and_then(|()| pen.flush()).map_err(Error::internal)?;
            Err(Error::Busy)
        });
        let pieces: Vec<Result<Bytes>> = pieces.unwrap().collect().await;
        assert!(matches!(&pieces[..], [Ok(first), Err(_)] if first == "so far"));
    }

    #[actix_web::test]
    async fn nobody_writes_for_nobody() {
        let (tell, told) = tokio::sync::oneshot::channel();
        let pieces = spooled(|mut pen: Pen| async move {
            // As the other side goes away.
            pen.told.closed().await;
            let _ = tell.send(pen.flush().map_err(|fault| fault.kind()));
            Ok(())
        });
        drop(pieces.unwrap());
        assert_eq!(told.await.unwrap(), Err(io::ErrorKind::BrokenPipe));
    }
}
