// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "xid8", schema = "pg_catalog"))]
    pub struct Xid8;
}

diesel::table! {
    audit_events (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        subject_name -> Text,
        group_id -> Nullable<Uuid>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    campaign_promotions (campaign_id, promotion_id) {
        campaign_id -> Uuid,
        promotion_id -> Uuid,
    }
}

diesel::table! {
    campaign_segments (campaign_id, segment_id) {
        campaign_id -> Uuid,
        segment_id -> Uuid,
    }
}

diesel::table! {
    campaigns (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        status -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

diesel::table! {
    customer_other_orders (customer_id) {
        customer_id -> Uuid,
        orders -> Int4,
    }
}

diesel::table! {
    customer_purchases (customer_id) {
        customer_id -> Uuid,
        net -> Int8,
        gross -> Int8,
        cost -> Int8,
        orders -> Int4,
        first_order_on -> Nullable<Date>,
        last_order_on -> Nullable<Date>,
    }
}

diesel::table! {
    customer_running_totals (customer_id) {
        customer_id -> Uuid,
        days -> Array<Nullable<Date>>,
        net -> Array<Nullable<Int8>>,
        gross -> Array<Nullable<Int8>>,
        cost -> Array<Nullable<Int8>>,
        orders -> Array<Nullable<Int4>>,
    }
}

diesel::table! {
    customers (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        email -> Nullable<Text>,
        status -> Text,
        country -> Nullable<Text>,
        region -> Nullable<Text>,
        customer_since -> Nullable<Date>,
        payment_history -> Nullable<Text>,
        organization_id -> Nullable<Uuid>,
        tags -> Array<Nullable<Text>>,
        metadata -> Jsonb,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Xid8;

    group_edits (id) {
        id -> Int8,
        transaction -> Xid8,
        group_id -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    group_payment_terms (group_id) {
        group_id -> Uuid,
        methods -> Nullable<Array<Nullable<Text>>>,
        net_days -> Nullable<Int4>,
        credit_limit -> Nullable<Int8>,
        auto_approve_under -> Nullable<Int8>,
        require_po -> Nullable<Bool>,
        early_percent -> Nullable<Numeric>,
        early_days -> Nullable<Int4>,
        explicit_none -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    group_portal (group_id) {
        group_id -> Uuid,
        login -> Nullable<Bool>,
        shop -> Nullable<Text>,
        quotes -> Nullable<Bool>,
        orders -> Nullable<Bool>,
        invoices -> Nullable<Text>,
    }
}

diesel::table! {
    group_price_lists (group_id, price_list_id) {
        group_id -> Uuid,
        price_list_id -> Uuid,
        priority -> Int4,
    }
}

diesel::table! {
    group_price_uses (group_id, day) {
        group_id -> Uuid,
        day -> Date,
        prices -> Int8,
    }
}

diesel::table! {
    group_pricing (group_id) {
        group_id -> Uuid,
        method -> Nullable<Text>,
        percent -> Nullable<Numeric>,
        fixed_amount -> Nullable<Int8>,
        adds_to_inherited -> Bool,
        scope -> Text,
        stack_with_promotions -> Nullable<Bool>,
        minimum_order_amount -> Nullable<Int8>,
        minimum_order_quantity -> Nullable<Int4>,
        no_minimum_order -> Bool,
        notes -> Text,
    }
}

diesel::table! {
    group_pricing_categories (group_id, category) {
        group_id -> Uuid,
        category -> Text,
    }
}

diesel::table! {
    group_pricing_products (group_id, product_id) {
        group_id -> Uuid,
        product_id -> Uuid,
    }
}

diesel::table! {
    group_visibility (group_id) {
        group_id -> Uuid,
        access -> Nullable<Text>,
    }
}

diesel::table! {
    group_visibility_groups (group_id, visibility_group_id) {
        group_id -> Uuid,
        visibility_group_id -> Uuid,
    }
}

diesel::table! {
    group_visibility_products (group_id, product_id) {
        group_id -> Uuid,
        product_id -> Uuid,
        mode -> Text,
    }
}

diesel::table! {
    groups (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        description -> Text,
        status -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        parent_id -> Nullable<Uuid>,
        capacity -> Nullable<Int4>,
        metadata -> Jsonb,
        rule -> Nullable<Jsonb>,
        inherit_pricing -> Bool,
        inherit_visibility -> Bool,
        inherit_portal -> Bool,
        inherit_payment_terms -> Bool,
        origin -> Text,
        member_count -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        last_reviewed_at -> Nullable<Timestamptz>,
        last_reviewed_by -> Nullable<Text>,
        search -> Text,
    }
}

diesel::table! {
    idempotency_keys (token_id, key) {
        token_id -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Text,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    import_mappings (kind, header) {
        kind -> Text,
        header -> Text,
        mapping -> Jsonb,
        used_at -> Timestamptz,
    }
}

diesel::table! {
    import_pieces (import_id, part, number) {
        import_id -> Uuid,
        part -> Text,
        number -> Int4,
        bytes -> Bytea,
    }
}

diesel::table! {
    imports (id) {
        id -> Uuid,
        kind -> Text,
        file_name -> Text,
        file_bytes -> Int8,
        stage -> Text,
        dry_run -> Bool,
        options -> Jsonb,
        header -> Jsonb,
        samples -> Jsonb,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        actor_role -> Text,
        request_id -> Nullable<Text>,
        phase -> Text,
        rows_read -> Int8,
        bytes_read -> Int8,
        report -> Nullable<Jsonb>,
        fault -> Nullable<Text>,
        bad_rows_bytes -> Int8,
        created_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    membership_batch_steps (id) {
        id -> Int8,
        batch_id -> Uuid,
        group_id -> Uuid,
        customer_id -> Uuid,
        was_since -> Nullable<Timestamptz>,
        was_by_hand -> Bool,
        was_by_rule -> Bool,
        was_primary -> Bool,
        is_since -> Nullable<Timestamptz>,
        is_by_hand -> Bool,
        is_by_rule -> Bool,
        is_primary -> Bool,
    }
}

diesel::table! {
    membership_batches (id) {
        id -> Uuid,
        at -> Timestamptz,
        group_id -> Uuid,
        kind -> Text,
        outcome -> Jsonb,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    membership_events (id) {
        id -> Uuid,
        at -> Timestamptz,
        group_id -> Uuid,
        customer_id -> Uuid,
        kind -> Text,
        assignment -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        reason -> Text,
        batch_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    membership_exclusions (group_id, customer_id) {
        group_id -> Uuid,
        customer_id -> Uuid,
        since -> Timestamptz,
        reason -> Text,
        batch_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    memberships (group_id, customer_id) {
        group_id -> Uuid,
        customer_id -> Uuid,
        since -> Timestamptz,
        by_hand -> Bool,
        by_rule -> Bool,
        is_primary -> Bool,
    }
}

diesel::table! {
    order_lines (order_id, line) {
        order_id -> Uuid,
        line -> Int4,
        product_id -> Uuid,
        quantity -> Int4,
        unit_price -> Int8,
        list_price -> Int8,
        unit_cost -> Int8,
    }
}

diesel::table! {
    order_pricing (order_id) {
        order_id -> Uuid,
        taken_at -> Timestamptz,
        snapshot -> Jsonb,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        order_number -> Text,
        customer_id -> Uuid,
        placed_at -> Timestamptz,
        day -> Date,
        status -> Text,
        currency -> Text,
        net -> Int8,
        gross -> Int8,
        cost -> Int8,
        is_credit_note -> Bool,
        paid_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        parent_id -> Nullable<Uuid>,
        group_id -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

diesel::table! {
    outbox_events (id) {
        id -> Uuid,
        kind -> Text,
        occurred_at -> Timestamptz,
        actor -> Jsonb,
        data -> Jsonb,
        group_id -> Nullable<Uuid>,
        batch_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    price_list_entries (price_list_id, product_id, min_quantity) {
        price_list_id -> Uuid,
        product_id -> Uuid,
        min_quantity -> Int4,
        price -> Int8,
    }
}

diesel::table! {
    price_list_uses (price_list_id, day) {
        price_list_id -> Uuid,
        day -> Date,
        prices -> Int8,
    }
}

diesel::table! {
    price_lists (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        currency -> Text,
        status -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
        entry_count -> Int4,
    }
}

diesel::table! {
    products (id) {
        id -> Uuid,
        sku -> Text,
        name -> Text,
        category -> Text,
        base_price -> Int8,
        cost -> Nullable<Int8>,
        currency -> Text,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

diesel::table! {
    promotion_targets (promotion_id, group_id) {
        promotion_id -> Uuid,
        group_id -> Uuid,
        is_in -> Bool,
    }
}

diesel::table! {
    promotions (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        status -> Text,
        kind -> Text,
        percent -> Nullable<Numeric>,
        amount -> Nullable<Int8>,
        free_product_id -> Nullable<Uuid>,
        free_quantity -> Nullable<Int4>,
        buy_quantity -> Nullable<Int4>,
        get_quantity -> Nullable<Int4>,
        minimum_purchase -> Nullable<Int8>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        stacks -> Bool,
        combinable -> Bool,
        priority -> Int4,
        reaches_everyone -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

diesel::table! {
    rule_batches (id) {
        id -> Uuid,
        made_at -> Timestamptz,
        cause -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        everybody -> Bool,
    }
}

diesel::table! {
    rule_changes (batch_id, customer_id) {
        batch_id -> Uuid,
        customer_id -> Uuid,
    }
}

diesel::table! {
    rule_run_leaves (run_id, customer_id) {
        run_id -> Uuid,
        customer_id -> Uuid,
    }
}

diesel::table! {
    rule_runs (id) {
        id -> Uuid,
        group_id -> Uuid,
        started_at -> Timestamptz,
        cause -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Text,
        is_full -> Bool,
        matched -> Int8,
        joined -> Int8,
        left -> Int8,
        refused_capacity -> Int8,
        refused_status -> Int8,
        excluded -> Int8,
        duration_ms -> Int8,
        outcome -> Text,
        failure -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    rule_schedules (group_id) {
        group_id -> Uuid,
        every -> Text,
        next_run_at -> Nullable<Timestamptz>,
        evaluated_at -> Nullable<Timestamptz>,
        failures -> Int4,
    }
}

diesel::table! {
    segment_groups (segment_id, group_id) {
        segment_id -> Uuid,
        group_id -> Uuid,
        is_in -> Bool,
    }
}

diesel::table! {
    segments (id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        rule -> Nullable<Jsonb>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Bytea,
        user_id -> Nullable<Uuid>,
        state -> Jsonb,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Xid8;

    settings_changes (id) {
        id -> Int8,
        transaction -> Xid8,
        group_id -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_failures (id) {
        id -> Uuid,
        subject -> Bytea,
        at -> Timestamptz,
    }
}

diesel::table! {
    store_days (day) {
        day -> Date,
        net -> Int8,
        gross -> Int8,
        cost -> Int8,
        orders -> Int8,
    }
}

diesel::table! {
    store_returns (day, previous) {
        day -> Date,
        previous -> Date,
        customers -> Int8,
    }
}

diesel::table! {
    store_settings (id) {
        id -> Bool,
        currency -> Text,
        time_zone -> Text,
        default_group_id -> Nullable<Uuid>,
        flat_shipping -> Int8,
        version -> Int4,
        updated_at -> Timestamptz,
        rule_guard_percent -> Int4,
        create_missing_groups -> Bool,
    }
}

diesel::table! {
    store_totals (id) {
        id -> Bool,
        customers -> Int8,
        grouped_customers -> Int8,
    }
}

diesel::table! {
    tokens (id) {
        id -> Uuid,
        name -> Text,
        role -> Text,
        token_hash -> Bytea,
        created_by -> Text,
        created_at -> Timestamptz,
        last_used_on -> Nullable<Date>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        disabled_at -> Nullable<Timestamptz>,
        last_sign_in_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    visibility_group_products (visibility_group_id, product_id) {
        visibility_group_id -> Uuid,
        product_id -> Uuid,
    }
}

diesel::table! {
    visibility_groups (id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        product_count -> Int4,
    }
}

diesel::table! {
    webhook_attempts (delivery_id, number) {
        delivery_id -> Uuid,
        number -> Int4,
        at -> Timestamptz,
        status -> Nullable<Int4>,
        error -> Text,
        answer -> Text,
        duration_ms -> Int4,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Uuid,
        event_id -> Uuid,
        endpoint_id -> Uuid,
        kind -> Text,
        state -> Text,
        attempts -> Int4,
        next_at -> Nullable<Timestamptz>,
        lease -> Nullable<Uuid>,
        last_status -> Nullable<Int4>,
        last_error -> Text,
        last_ms -> Nullable<Int4>,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_endpoints (id) {
        id -> Uuid,
        url -> Text,
        description -> Text,
        kinds -> Array<Nullable<Text>>,
        active -> Bool,
        paused_because -> Text,
        secret -> Bytea,
        previous_secret -> Nullable<Bytea>,
        previous_until -> Nullable<Timestamptz>,
        created_by -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

diesel::joinable!(campaign_promotions -> campaigns (campaign_id));
diesel::joinable!(campaign_promotions -> promotions (promotion_id));
diesel::joinable!(campaign_segments -> campaigns (campaign_id));
diesel::joinable!(campaign_segments -> segments (segment_id));
diesel::joinable!(customer_other_orders -> customers (customer_id));
diesel::joinable!(customer_purchases -> customers (customer_id));
diesel::joinable!(customer_running_totals -> customers (customer_id));
diesel::joinable!(customers -> organizations (organization_id));
diesel::joinable!(group_payment_terms -> groups (group_id));
diesel::joinable!(group_portal -> groups (group_id));
diesel::joinable!(group_price_lists -> groups (group_id));
diesel::joinable!(group_price_lists -> price_lists (price_list_id));
diesel::joinable!(group_price_uses -> groups (group_id));
diesel::joinable!(group_pricing -> groups (group_id));
diesel::joinable!(group_pricing_categories -> group_pricing (group_id));
diesel::joinable!(group_pricing_products -> group_pricing (group_id));
diesel::joinable!(group_pricing_products -> products (product_id));
diesel::joinable!(group_visibility -> groups (group_id));
diesel::joinable!(group_visibility_groups -> group_visibility (group_id));
diesel::joinable!(group_visibility_groups -> visibility_groups (visibility_group_id));
diesel::joinable!(group_visibility_products -> group_visibility (group_id));
diesel::joinable!(group_visibility_products -> products (product_id));
diesel::joinable!(idempotency_keys -> tokens (token_id));
diesel::joinable!(import_pieces -> imports (import_id));
diesel::joinable!(membership_batches -> groups (group_id));
diesel::joinable!(membership_events -> customers (customer_id));
diesel::joinable!(membership_events -> groups (group_id));
diesel::joinable!(membership_exclusions -> customers (customer_id));
diesel::joinable!(membership_exclusions -> groups (group_id));
diesel::joinable!(memberships -> customers (customer_id));
diesel::joinable!(memberships -> groups (group_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(order_lines -> products (product_id));
diesel::joinable!(order_pricing -> orders (order_id));
diesel::joinable!(orders -> customers (customer_id));
diesel::joinable!(organizations -> groups (group_id));
diesel::joinable!(price_list_entries -> price_lists (price_list_id));
diesel::joinable!(price_list_entries -> products (product_id));
diesel::joinable!(price_list_uses -> price_lists (price_list_id));
diesel::joinable!(promotion_targets -> groups (group_id));
diesel::joinable!(promotion_targets -> promotions (promotion_id));
diesel::joinable!(promotions -> products (free_product_id));
diesel::joinable!(rule_changes -> rule_batches (batch_id));
diesel::joinable!(rule_run_leaves -> rule_runs (run_id));
diesel::joinable!(rule_runs -> groups (group_id));
diesel::joinable!(rule_schedules -> groups (group_id));
diesel::joinable!(segment_groups -> groups (group_id));
diesel::joinable!(segment_groups -> segments (segment_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(store_settings -> groups (default_group_id));
diesel::joinable!(visibility_group_products -> products (product_id));
diesel::joinable!(visibility_group_products -> visibility_groups (visibility_group_id));
diesel::joinable!(webhook_attempts -> webhook_deliveries (delivery_id));
diesel::joinable!(webhook_deliveries -> outbox_events (event_id));
diesel::joinable!(webhook_deliveries -> webhook_endpoints (endpoint_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_events,
    campaign_promotions,
    campaign_segments,
    campaigns,
    customer_other_orders,
    customer_purchases,
    customer_running_totals,
    customers,
    group_edits,
    group_payment_terms,
    group_portal,
    group_price_lists,
    group_price_uses,
    group_pricing,
    group_pricing_categories,
    group_pricing_products,
    group_visibility,
    group_visibility_groups,
    group_visibility_products,
    groups,
    idempotency_keys,
    import_mappings,
    import_pieces,
    imports,
    membership_batch_steps,
    membership_batches,
    membership_events,
    membership_exclusions,
    memberships,
    order_lines,
    order_pricing,
    orders,
    organizations,
    outbox_events,
    price_list_entries,
    price_list_uses,
    price_lists,
    products,
    promotion_targets,
    promotions,
    rule_batches,
    rule_changes,
    rule_run_leaves,
    rule_runs,
    rule_schedules,
    segment_groups,
    segments,
    sessions,
    settings_changes,
    sign_in_failures,
    store_days,
    store_returns,
    store_settings,
    store_totals,
    tokens,
    users,
    visibility_group_products,
    visibility_groups,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
);
