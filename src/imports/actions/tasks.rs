//! What people and callers do with files that they sent: check them, let them in, put them aside.

use crate::auth::role::{Actor, ActorKind, Permission};
use crate::error::{Error, FieldError, Result};
use crate::imports::kind::Kind;
use crate::imports::mapping::{as_far_as_it_goes, match_header, signature};
use crate::imports::peek::{Beginning, beginning};
use crate::imports::recognize;
use crate::imports::store::files::{self, Part};
use crate::imports::store::tasks::{self as store, Received};
use crate::imports::store::{remembered, running};
use crate::imports::task::{MOST_BYTES, Options, Stage, Task};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use uuid::Uuid;

/// The most characters of a file's name that are kept.
const NAME: usize = 200;

/// What a file was sent with.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The file's name.
    pub name: String,
    /// What the rows are; told by the columns where it isn't said.
    pub kind: Option<Kind>,
    /// What is asked for.
    pub options: Options,
}

/// Takes in a file. What its columns are is seen at once; nothing of it is imported yet.
///
/// # Errors
/// [`Error::TooLarge`]; [`Error::Invalid`] at `file` or `kind`: a file that can't be read, or is of no kind that is known.
pub fn receive<R: Read + Seek>(
    conn: &mut PgConnection,
    file: &mut R,
    sent: Sent,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Task> {
    actor.require(Permission::Import)?;
    let length = file.seek(SeekFrom::End(0)).map_err(Error::internal)?;
    if length > MOST_BYTES {
        return Err(too_large());
    }
    let beginning = beginning(file).map_err(|error| match error {
        Error::Malformed(text) => Error::field("file", text),
        error => error,
    })?;
    let name = file_name(&sent.name);
    let kind = kind_of(&beginning, sent.kind, &name)?;
    let mut options = sent.options;
    if beginning.exported.is_some() && options.create.is_empty() {
        // Another shop's orders come with customers and products that are not known here.
        options.create = kind.can_create().iter().map(|missing| missing.name().to_owned()).collect();
    }
    options.creates(kind)?;
    let id = Uuid::now_v7();
    store::insert(conn, &Received { id, kind, file: &name, beginning: &beginning, options: &options, actor, now })?;
    file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    let bytes = files::keep(conn, id, Part::File, file)?;
    store::set_bytes(conn, id, bytes)?;
    store::get(conn, id)
}

/// How a file that is too large is refused.
pub fn too_large() -> Error {
    Error::TooLarge(format!(
        "The file is larger than {} MB. Pack it with gzip, split it, or import it with the command line: clientele import \
         KIND FILE.",
        MOST_BYTES >> 20
    ))
}

/// A file's name as it is kept: without folders, of some length.
pub(super) fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    if name.trim().is_empty() { "file.csv".into() } else { name.trim().to_owned() }
}

fn kind_of(beginning: &Beginning, said: Option<Kind>, name: &str) -> Result<Kind> {
    match (said, beginning.exported) {
        (Some(said), Some(exported)) if said != exported => Err(Error::field(
            "kind",
            format!(
                "This is Shopify's export of {}, not of {}. Choose {}.",
                exported.noun(),
                said.noun(),
                exported.noun()
            ),
        )),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => recognize::kind(&beginning.header, name).ok_or_else(|| {
            Error::field("kind", "What the rows are can't be told by the columns alone. Choose what they are.")
        }),
    }
}

/// Whether columns are read as the last time. What a program sends means the same every time, whatever others sent.
pub(super) fn remembers(actor: &Actor) -> bool {
    actor.kind != ActorKind::Token
}

/// What the columns of a file are read as, by what is asked for, remembered and guessed; and what is wrong about that.
pub fn columns(
    conn: &mut PgConnection,
    task: &Task,
    actor: &Actor,
) -> Result<(BTreeMap<String, String>, Vec<FieldError>)> {
    let remembered = match remembers(actor) {
        true => remembered::load(conn, task.kind, &signature(&task.header))?,
        false => None,
    };
    let (wishes, remembered) = (task.options.wishes(), remembered.as_ref());
    Ok(match match_header(task.kind, &task.header, &wishes, remembered) {
        Ok(mapping) => (mapping.pairs, Vec::new()),
        Err(errors) => (as_far_as_it_goes(task.kind, &task.header, &wishes, remembered), errors),
    })
}

/// Lets the worker check a file, or import it.
///
/// # Errors
/// [`Error::Invalid`] where the columns can't be read so, [`Error::Conflict`] where the import is over or under way.
pub fn begin(
    conn: &mut PgConnection,
    id: Uuid,
    options: Option<Options>,
    dry_run: bool,
    actor: &Actor,
) -> Result<Task> {
    actor.require(Permission::Import)?;
    let mut task = store::lock(conn, id)?;
    if task.stage.is_under_way() {
        return Err(Error::Conflict("This import is under way. Wait until it has ended.".into()));
    }
    if task.stage.is_closed() || !store::has_file(conn, id)? {
        return Err(Error::Conflict("This import is over. Send the file again to import it again.".into()));
    }
    if let Some(options) = options {
        task.options = options;
    }
    task.options.creates(task.kind)?;
    let (_, errors) = columns(conn, &task, actor)?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    store::queue(conn, id, &task.options, dry_run, actor)?;
    store::get(conn, id)
}

/// Puts an import aside; one that runs is stopped, and undone.
///
/// # Errors
/// [`Error::Conflict`] where it is in already.
pub fn discard(conn: &mut PgConnection, id: Uuid, actor: &Actor, now: DateTime<Utc>) -> Result<Task> {
    actor.require(Permission::Import)?;
    // A running one holds no lock on its row but when it ends.
    let task = store::lock(conn, id)?;
    match task.stage {
        Stage::Imported => {
            Err(Error::Conflict("This import is through. What it changed can't be taken back by discarding it.".into()))
        }
        Stage::Running => {
            running::stop(conn, id)?;
            Ok(task)
        }
        _ => {
            store::discard(conn, id, now)?;
            store::get(conn, id)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_file() {
        for (sent, kept) in [
            ("orders.csv", "orders.csv"),
            ("C:\\Users\\Ann\\orders.csv", "orders.csv"),
            ("../../etc/passwd", "passwd"),
            (" \n", "file.csv"),
            ("", "file.csv"),
        ] {
            assert_eq!(file_name(sent), kept);
        }
        assert_eq!(file_name(&"ü".repeat(500)).chars().count(), NAME);
    }
}
