-- Begins a change of members: the tables in which it is planned are there and empty, and other writers of memberships wait
-- until this transaction ends.
--
-- The tables live as long as the connection: making new ones for every change would fill the catalogue. They are emptied
-- here and not when a transaction ends, because that would throw away the plans of all statements that use them, which
-- take longer to make than a few memberships take to change. A large change leaves tables that are worth a new beginning,
-- and new plans. No column is of a type that would need a second table for long values. In the plan, `act` is j(oins),
-- l(eaves), m(arks change) or -, and `since` is when a membership begins, if not now.
CREATE FUNCTION begin_membership_plan() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('work_mem', '64MB', true);
    IF to_regclass('pg_temp.membership_plan') IS NULL THEN
        CREATE TEMP TABLE membership_wishes (
            bundle bigint, group_id uuid NOT NULL, customer_id uuid NOT NULL, by_hand boolean, by_rule boolean,
            as_primary boolean NOT NULL, exclude boolean NOT NULL
        );
        CREATE TEMP TABLE membership_plan (
            bundle bigint, group_id uuid NOT NULL, customer_id uuid NOT NULL,
            was_since timestamptz, was_by_hand boolean NOT NULL, was_by_rule boolean NOT NULL,
            was_primary boolean NOT NULL, by_hand boolean NOT NULL, by_rule boolean NOT NULL, as_primary boolean NOT NULL,
            exclude boolean NOT NULL, has_primary boolean NOT NULL, act "char" NOT NULL, cause smallint, since timestamptz
        );
    ELSIF pg_relation_size('pg_temp.membership_wishes') + pg_relation_size('pg_temp.membership_plan') > 65536 THEN
        TRUNCATE pg_temp.membership_wishes, pg_temp.membership_plan;
    ELSE
        DELETE FROM pg_temp.membership_wishes;
        DELETE FROM pg_temp.membership_plan;
    END IF;
    PERFORM 1 FROM store_totals FOR NO KEY UPDATE;
END $$;
