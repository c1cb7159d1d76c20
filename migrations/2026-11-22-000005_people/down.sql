DROP TABLE import_mappings, audit_events, sign_in_failures, tokens, sessions, users;
DROP FUNCTION audit_is_append_only();
