//! PostgreSQL's own functions that queries name.

use diesel::sql_types::Text;

diesel::define_sql_function! {
    /// The text in small letters, as the indexes of names and addresses have it.
    fn lower(text: Text) -> Text;
}
