//! Joining and leaving as a set: the one way in which memberships are written by actions, rule runs and the customers'
//! sync.
//!
//! A caller says what it *wishes*, the plan decides what of it can be, and only that is written:
//!
//! 1. [`plan::begin`] waits for other writers of memberships and holds them off until the transaction ends. What is
//!    read afterwards about memberships stays so.
//! 2. [`plan::wish`] (a few, from the program) or [`plan::wish_all`] (any number, from a query) say what is wished: a
//!    [`Wish`](wish::Wish) sets or clears the marks *by hand* and *by rule* of one membership. Who has neither mark any
//!    more, leaves; who gets the first, joins. So "a rule run never removes who was put there by hand" needs no case of
//!    its own: it clears the mark *by rule*, and the membership stays while *by hand* is set. A (group, customer) is
//!    wished for at most once.
//! 3. [`plan::make`] locks what is touched (groups, then customers, by id) and finds what SPEC 4 refuses. Wishes with
//!    the same *bundle* stand or fall together: who can't join the new group doesn't leave the old one. Wishes compete
//!    for the free places of a group with a capacity in the order of their bundles; by rule the longest-standing
//!    customers come first (customer since, then code).
//! 4. [`refused::refused`] and [`refused::refused_by_cause`] tell who was refused and why.
//! 5. [`write::write`] writes what is left: memberships, exclusions, primary groups (SPEC 4: the first one joined; when
//!    it is left, the longest-standing other live one, ties by group name), history, and the steps to undo.
//!
//! The lock order is: tree (where an action takes it), store totals, group rows, customers by id. An action that locks
//! a group itself therefore calls [`plan::begin`] first.

pub mod activity;
pub mod batch;
pub mod candidates;
pub mod choose;
pub mod explain;
pub mod list;
pub mod outside;
pub mod plan;
pub mod refused;
pub mod undo;
pub mod whole;
pub mod wish;
pub mod write;
