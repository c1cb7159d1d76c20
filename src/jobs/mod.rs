//! What the program does by itself while it serves.

pub mod scheduler;
