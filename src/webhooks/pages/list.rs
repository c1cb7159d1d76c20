//! All webhooks: where they lead, what they are sent, how they do.

use super::super::delivery::State;
use super::super::endpoint::MOST;
use super::super::store::{self, Endpoint, Standing};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;

/// How many events a row names.
const NAMED: usize = 3;

struct Row {
    endpoint: Endpoint,
    standing: Standing,
}

impl Row {
    fn events(&self) -> String {
        let kinds = self.endpoint.kinds();
        let named: Vec<&str> = kinds.iter().take(NAMED).map(|kind| kind.name()).collect();
        match kinds.len().checked_sub(NAMED).filter(|more| *more > 0) {
            Some(more) => format!("{} and {more} more", named.join(", ")),
            None => named.join(", "),
        }
    }

    fn last(&self) -> Option<State> {
        State::from_name(self.standing.last_state.as_deref()?)
    }
}

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    store: StoreSettings,
}

impl ListPage {
    fn has_room(&self) -> bool {
        i64::try_from(self.rows.len()).is_ok_and(|rows| rows < MOST)
    }
}

/// `GET /settings/webhooks`.
pub async fn list(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let page = db
        .read(move |conn| {
            let endpoints = store::all(conn)?;
            let ids: Vec<_> = endpoints.iter().map(|endpoint| endpoint.id).collect();
            let mut standings = store::standings(conn, &ids)?;
            let row =
                |endpoint: Endpoint| Row { standing: standings.remove(&endpoint.id).unwrap_or_default(), endpoint };
            let rows = endpoints.into_iter().map(row).collect();
            Ok(ListPage { shell, rows, store: store_settings::load(conn)? })
        })
        .await?;
    Ok(respond::page(&page)?)
}
