//! What an event says of a thing: fields of the API's answers, by the names they have there. A test holds them against
//! those answers; whoever needs more asks the API.

/// An instant as JSON has it: RFC 3339, UTC.
macro_rules! instant {
    ($column:literal) => {
        concat!("to_char(", $column, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    };
}

/// A row `g` of `groups`.
pub(super) const GROUP: &str = concat!(
    "jsonb_build_object('id', g.id, 'code', g.code, 'name', g.name, 'description', g.description,
        'isActive', g.status = 'active', 'type', g.type, 'parentId', g.parent_id, 'capacity', g.capacity,
        'memberCount', CASE WHEN g.parent_id IS NULL THEN (SELECT customers FROM store_totals) ELSE g.member_count END,
        'metadata', g.metadata, 'version', g.version, 'createdAt', ",
    instant!("g.created_at"),
    ", 'updatedAt', ",
    instant!("g.updated_at"),
    ")"
);

/// A row `l` of `price_lists`.
pub(super) const PRICE_LIST: &str = "jsonb_build_object('id', l.id, 'code', l.code, 'name', l.name,
    'currency', l.currency, 'status', l.status, 'validFrom', l.valid_from, 'validTo', l.valid_to, 'version', l.version)";

/// A row `p` of `promotions`.
pub(super) const PROMOTION: &str = concat!(
    "jsonb_build_object('id', p.id, 'code', p.code, 'name', p.name, 'status', p.status, 'validFrom', p.valid_from,
        'validTo', p.valid_to, 'stackWithGroupDiscount', p.stacks, 'combinable', p.combinable, 'priority', p.priority,
        'version', p.version, 'createdAt', ",
    instant!("p.created_at"),
    ", 'updatedAt', ",
    instant!("p.updated_at"),
    ")"
);

/// A row `g` of `groups` beside what is told of its members.
pub const GROUP_IN_SHORT: &str = "jsonb_build_object('id', g.id, 'code', g.code, 'name', g.name,
    'memberCount', g.member_count, 'version', g.version)";
