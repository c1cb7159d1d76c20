DROP TRIGGER group_edited ON groups;
DROP FUNCTION group_edited();
DROP TABLE group_edits;
