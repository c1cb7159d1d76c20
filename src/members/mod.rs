//! Members of groups: joining and leaving by hand and by rule, refusals, history, undoing (SPEC 4).

pub mod refusal;
pub mod store;
