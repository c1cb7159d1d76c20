//! The map of the code is true: which kind of file may use what, in which direction features depend on each other,
//! and what has no place in the repository at all.
