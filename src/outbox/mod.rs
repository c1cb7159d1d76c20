//! What other systems are told of: events, written in the transaction of the change that they tell of, each with a
//! delivery to every webhook that wants its kind (docs/adr/0026).

pub mod kind;
pub mod store;
