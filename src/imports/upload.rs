//! Files on their way in: written to a temporary file piece by piece, whatever their size, never held in memory.

use super::actions::tasks::{Sent, too_large};
use super::task::MOST_BYTES;
use crate::error::{Error, Result};
use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

/// The most bytes of a field that is no file.
const MOST_OF_A_FIELD: usize = 16 * 1024;
/// The most fields.
const MOST_FIELDS: usize = 64;
/// Bytes that are gathered before they go to the disk.
const BATCH: usize = 1 << 20;

/// A form with a file.
#[derive(Debug, Default)]
pub struct Form {
    /// What its other fields say.
    pub fields: Vec<(String, String)>,
    /// The file, and its name; `None` where none was chosen.
    pub file: Option<(File, String)>,
}

impl Form {
    /// What a field says, `""` where there is none.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The file, and what it was sent as.
    ///
    /// # Errors
    /// At `file`, where none was chosen; at `kind`, where that is none.
    pub fn sent(&mut self) -> Result<(File, Sent)> {
        let kind = Some(self.value("kind")).filter(|kind| !kind.is_empty()).map(str::to_owned);
        let (file, name) = self.file.take().ok_or_else(|| Error::field("file", "Choose a file."))?;
        let kind = kind.map(|kind| kind.parse().map_err(|text: String| Error::field("kind", text))).transpose()?;
        Ok((file, Sent { name, kind, ..Sent::default() }))
    }
}

/// Reads a form. Its fields stand before its file, and `admit` looks at them before the file is taken in.
///
/// # Errors
/// What `admit` says, a body that is none, and at `file` one that is too large.
pub async fn form(request: &HttpRequest, body: web::Payload, admit: impl Fn(&Form) -> Result<()>) -> Result<Form> {
    let unreadable = |_| Error::Malformed("The form can't be read. Send the file again.".into());
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut form = Form::default();
    if !kind.starts_with("multipart/form-data") {
        // A form of another kind brings no file along.
        return Ok(form);
    }
    let mut body = Multipart::new(request.headers(), body);
    let mut admitted = false;
    while let Some(field) = body.next().await {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.content_disposition().and_then(|head| head.get_filename()).map(str::to_owned);
        match file {
            None => {
                let text = field.bytes(MOST_OF_A_FIELD).await;
                let text = text.map_err(|_| Error::TooLarge(format!("The field {name} is too long.")))?;
                let text = text.map_err(|_| Error::Malformed("The form can't be read. Send the file again.".into()))?;
                form.fields.push((name, String::from_utf8_lossy(&text).into_owned()));
                if form.fields.len() > MOST_FIELDS {
                    return Err(Error::TooLarge("The form has too many fields.".into()));
                }
            }
            Some(file_name) => {
                if !admitted {
                    admit(&form)?;
                    admitted = true;
                }
                let bytes = kept(of_field(field)).await?;
                // A browser sends a field without a file as one without a name.
                if name == "file" && form.file.is_none() && (!file_name.is_empty() || length(&bytes)? > 0) {
                    form.file = Some((bytes, file_name));
                }
            }
        }
    }
    if !admitted {
        admit(&form)?;
    }
    Ok(form)
}

fn length(file: &File) -> Result<u64> {
    Ok(file.metadata().map_err(Error::internal)?.len())
}

fn of_field(field: Field) -> impl Stream<Item = Result<Bytes>> {
    field.map(|piece| piece.map_err(|_| cut_off()))
}

fn cut_off() -> Error {
    Error::Malformed("The file didn't come in whole. Send it again.".into())
}

/// A body that is the file itself.
///
/// # Errors
/// As [`form`].
pub async fn raw(body: web::Payload) -> Result<File> {
    kept(body.map(|piece| piece.map_err(|_| cut_off()))).await
}

/// The file again, with the SHA-256 of what was sent: the same for the same file, name and fields, however a client
/// divides the form's parts, which is chosen anew for each request.
///
/// # Errors
/// Where the file can't be read.
pub async fn digest(mut file: File, fields: Vec<(String, String)>, name: String) -> Result<(File, Vec<u8>)> {
    let work = move || -> std::io::Result<(File, Vec<u8>)> {
        let mut digest = Sha256::new();
        for text in fields.iter().flat_map(|(name, value)| [name, value]).chain([&name]) {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        file.seek(SeekFrom::Start(0))?;
        let mut piece = vec![0; 1 << 16];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok((file, digest.finalize().to_vec())),
                length => digest.update(&piece[..length]),
            }
        }
    };
    web::block(work).await.map_err(|_| Error::Busy)?.map_err(Error::internal)
}

/// Writes what comes to a temporary file, off the async threads. What is too large is read to its end, so that the
/// browser listens to the answer, and forgotten.
async fn kept(body: impl Stream<Item = Result<Bytes>>) -> Result<File> {
    let mut body = std::pin::pin!(body);
    let mut file = write(None, Vec::new()).await?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut length = 0u64;
    while let Some(piece) = body.next().await {
        let piece = piece?;
        length += piece.len() as u64;
        if length > MOST_BYTES * 4 {
            return Err(too_large());
        }
        if length <= MOST_BYTES {
            batch.extend_from_slice(&piece);
        }
        if batch.len() >= BATCH {
            file = write(Some(file), std::mem::take(&mut batch)).await?;
        }
    }
    if length > MOST_BYTES {
        return Err(too_large());
    }
    write(Some(file), batch).await
}

async fn write(file: Option<File>, bytes: Vec<u8>) -> Result<File> {
    let work = move || -> std::io::Result<File> {
        let mut file = match file {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        file.write_all(&bytes)?;
        Ok(file)
    };
    web::block(work).await.map_err(|_| Error::Busy)?.map_err(Error::internal)
}
