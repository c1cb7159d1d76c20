//! The staging tables as diesel knows them, to copy into. [`super::staging`] makes them.

diesel::table! {
    import_problems (row) {
        row -> Int8,
        natural_key -> Nullable<Text>,
        column_name -> Text,
        cause -> Text,
        message -> Text,
    }
}

diesel::table! {
    import_organizations (row) {
        row -> Int8,
        code -> Text,
        name -> Text,
        parent_code -> Nullable<Text>,
        group_code -> Nullable<Text>,
    }
}

diesel::table! {
    import_groups (row) {
        row -> Int8,
        code -> Text,
        name -> Text,
        parent_code -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        status -> Nullable<Text>,
        description -> Nullable<Text>,
    }
}

diesel::table! {
    import_customers (row) {
        row -> Int8,
        code -> Text,
        name -> Text,
        email -> Nullable<Text>,
        status -> Nullable<Text>,
        country -> Nullable<Text>,
        region -> Nullable<Text>,
        customer_since -> Nullable<Date>,
        payment_history -> Nullable<Text>,
        organization_code -> Nullable<Text>,
        groups -> Array<Text>,
        tags -> Array<Text>,
    }
}

diesel::table! {
    import_products (row) {
        row -> Int8,
        sku -> Text,
        name -> Text,
        base_price -> Int8,
        category -> Nullable<Text>,
        cost -> Nullable<Int8>,
        currency -> Text,
        status -> Nullable<Text>,
    }
}

diesel::table! {
    import_orders (row) {
        row -> Int8,
        order_number -> Text,
        placed_at -> Timestamptz,
        day -> Date,
        customer_code -> Text,
        sku -> Text,
        quantity -> Int4,
        unit_price -> Int8,
        status -> Nullable<Text>,
        currency -> Text,
        list_price -> Nullable<Int8>,
        unit_cost -> Nullable<Int8>,
        paid_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        product_name -> Nullable<Text>,
        customer_name -> Nullable<Text>,
        customer_country -> Nullable<Text>,
    }
}

diesel::table! {
    import_price_lists (row) {
        row -> Int8,
        code -> Text,
        name -> Text,
        currency -> Nullable<Text>,
        status -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    import_price_list_entries (row) {
        row -> Int8,
        price_list_code -> Text,
        sku -> Text,
        min_quantity -> Int4,
        price -> Numeric,
    }
}

diesel::table! {
    import_group_price_lists (row) {
        row -> Int8,
        group_code -> Text,
        price_list_code -> Text,
        priority -> Nullable<Int4>,
    }
}

diesel::table! {
    import_memberships (row) {
        row -> Int8,
        group_code -> Text,
        customer_code -> Text,
        since -> Nullable<Timestamptz>,
        is_primary -> Nullable<Bool>,
    }
}
