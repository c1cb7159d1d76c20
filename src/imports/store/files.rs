//! Files in pieces: what was sent, and the rows of it that are not imported.

use crate::error::{Error, Result};
use crate::schema::import_pieces;
use diesel::prelude::*;
use std::io::{Read, Write};
use uuid::Uuid;

/// Bytes of a piece.
const PIECE: u64 = 1 << 20;

/// Which of an import's files is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What was sent.
    File,
    /// The rows that are not imported, with their reasons.
    BadRows,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::BadRows => "bad_rows",
        }
    }
}

/// Keeps what `file` gives, in the place of what was there; answers how many bytes it is.
pub fn keep(conn: &mut PgConnection, id: Uuid, part: Part, file: &mut dyn Read) -> Result<i64> {
    remove(conn, id, part)?;
    let mut total = 0;
    for number in 0.. {
        let mut piece = Vec::new();
        file.take(PIECE).read_to_end(&mut piece).map_err(Error::internal)?;
        if piece.is_empty() {
            break;
        }
        total += i64::try_from(piece.len()).unwrap_or_default();
        diesel::insert_into(import_pieces::table)
            .values((
                import_pieces::import_id.eq(id),
                import_pieces::part.eq(part.name()),
                import_pieces::number.eq(number),
                import_pieces::bytes.eq(piece),
            ))
            .execute(conn)?;
    }
    Ok(total)
}

/// One piece; `None` behind the last one.
pub fn piece(conn: &mut PgConnection, id: Uuid, part: Part, number: i32) -> Result<Option<Vec<u8>>> {
    Ok(import_pieces::table.find((id, part.name(), number)).select(import_pieces::bytes).first(conn).optional()?)
}

/// Writes all pieces into `out`.
pub fn copy(conn: &mut PgConnection, id: Uuid, part: Part, out: &mut dyn Write) -> Result<()> {
    let mut number = 0;
    while let Some(bytes) = piece(conn, id, part, number)? {
        out.write_all(&bytes).map_err(Error::internal)?;
        number += 1;
    }
    Ok(())
}

/// Forgets a file.
pub fn remove(conn: &mut PgConnection, id: Uuid, part: Part) -> Result<()> {
    diesel::delete(
        import_pieces::table.filter(import_pieces::import_id.eq(id)).filter(import_pieces::part.eq(part.name())),
    )
    .execute(conn)?;
    Ok(())
}
