DROP INDEX membership_exclusions_since;
ALTER TABLE membership_exclusions DROP COLUMN batch_id;
DROP TABLE membership_batch_steps;
DROP TABLE membership_batches;
