//! The settings as they are now, kept in memory and looked after: whoever uses them asks the database first which groups
//! changed, and loads only those (docs/adr/0008).

use super::exactly;
use crate::db::statement::statement;
use crate::error::Result;
use crate::inheritance::book::Book;
use crate::schema::groups;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// The settings of all live groups, shared by all threads of a program. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct LiveSettings {
    kept: Arc<RwLock<Option<Kept>>>,
}

/// A book, and what its loader could see: PostgreSQL's own text of a snapshot, which tells later which transactions
/// were not yet finished then.
#[derive(Clone, Debug)]
struct Kept {
    book: Arc<Book>,
    seen: String,
}

/// What changed since a look at the settings.
#[derive(Clone, Debug, QueryableByName)]
pub struct News {
    #[diesel(sql_type = Text)]
    seen: String,
    #[diesel(sql_type = Bool)]
    writing: bool,
    #[diesel(sql_type = Nullable<Array<Nullable<SqlUuid>>>)]
    changed: Option<Vec<Option<Uuid>>>,
}

impl News {
    /// What the database showed, and which groups changed until then; nothing stands for any.
    pub fn told(self) -> (String, Vec<Option<Uuid>>) {
        (self.seen, self.changed.unwrap_or_default())
    }
}

/// A look at what is kept, whose news a statement of another purpose brings along.
#[derive(Clone, Debug)]
pub struct Look {
    kept: Option<Kept>,
}

impl Look {
    /// What the statement is given: the snapshot of the last look, if there was one.
    pub fn seen(&self) -> Option<&str> {
        self.kept.as_ref().map(|kept| kept.seen.as_str())
    }
}

impl LiveSettings {
    /// The settings as this connection sees them now. Within a transaction that has written something they are that
    /// transaction's own, and nobody else gets to see them.
    pub fn now(&self, conn: &mut PgConnection) -> Result<Arc<Book>> {
        let look = self.look();
        let news = news(conn, look.seen())?;
        self.after(conn, look, news)
    }

    /// What is kept now.
    pub fn look(&self) -> Look {
        Look { kept: self.kept.read().unwrap_or_else(PoisonError::into_inner).clone() }
    }

    /// The settings with the news that a statement on this connection brought of them.
    pub fn after(&self, conn: &mut PgConnection, look: Look, news: News) -> Result<Arc<Book>> {
        let book = match (look.kept, news.changed) {
            (Some(kept), None) => return Ok(kept.book),
            (Some(kept), Some(changed)) => match changed.into_iter().collect::<Option<Vec<Uuid>>>() {
                Some(changed) => refreshed(conn, &kept.book, &changed)?,
                None => whole(conn)?,
            },
            (None, _) => whole(conn)?,
        };
        let book = Arc::new(book);
        if !news.writing {
            let kept = Kept { book: Arc::clone(&book), seen: news.seen };
            *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        }
        Ok(book)
    }
}

/// The columns of [`News`] in a statement that has `last`, with the snapshot of the last look in `last.seen`: which groups
/// changed in transactions that it couldn't see. A change without a group stands for any. The upper bound, which no
/// transaction reaches, tells the planner that few rows are meant.
#[macro_export]
macro_rules! news_since_last {
    () => {
        "pg_current_snapshot()::text AS seen, pg_current_xact_id_if_assigned() IS NOT NULL AS writing,
         (SELECT array_agg(DISTINCT c.group_id) FROM settings_changes c
          WHERE c.transaction >= pg_snapshot_xmin(last.seen) AND c.transaction < '9223372036854775807'::xid8
            AND NOT pg_visible_in_snapshot(c.transaction, last.seen)
         ) AS changed"
    };
}

fn news(conn: &mut PgConnection, seen: Option<&str>) -> Result<News> {
    Ok(statement(concat!("SELECT ", crate::news_since_last!(), " FROM (SELECT ((SELECT "))
        .bind::<Nullable<Text>, _>(seen)
        .sql("))::pg_snapshot AS seen) last")
        .get_result(conn)?)
}

fn whole(conn: &mut PgConnection) -> Result<Book> {
    let ids: Vec<Uuid> = groups::table.filter(groups::deleted_at.is_null()).select(groups::id).load(conn)?;
    Ok(Book::new(exactly(conn, &ids)?.collect()))
}

fn refreshed(conn: &mut PgConnection, book: &Book, changed: &[Uuid]) -> Result<Book> {
    let live: Vec<Uuid> = groups::table
        .filter(groups::id.eq_any(changed))
        .filter(groups::deleted_at.is_null())
        .select(groups::id)
        .load(conn)?;
    let gone = changed.iter().filter(|id| !live.contains(id)).map(|id| (*id, None));
    let there = exactly(conn, &live)?.map(|(id, level)| (id, Some(level)));
    Ok(book.with(gone.chain(there)))
}

/// Forgets all changes: those of another server, whose transactions' numbers mean nothing here and may lie ahead.
///
/// # Errors
/// Where the database can't be written.
pub fn forget(conn: &mut PgConnection) -> Result<()> {
    Ok(conn.batch_execute("DELETE FROM settings_changes; DELETE FROM group_edits")?)
}

/// Forgets changes older than a week. Programs that have run since without looking load everything anew: they find a
/// change without a group.
pub fn tidy(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("DELETE FROM group_edits WHERE at < now() - interval '7 days'").execute(conn)?;
    diesel::sql_query(
        "WITH old AS (
             DELETE FROM settings_changes WHERE at < now() - interval '7 days' RETURNING 1
         )
         INSERT INTO settings_changes (group_id) SELECT NULL WHERE EXISTS (SELECT FROM old)",
    )
    .execute(conn)?;
    Ok(())
}
