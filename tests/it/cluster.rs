//! The embedded PostgreSQL, as the program runs it.
