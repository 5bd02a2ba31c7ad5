-- States as differences from others. Why it looks as it does is said in docs/schema.md.

ALTER TABLE checkpoints
    ADD COLUMN group_sequence bigint,
    ADD COLUMN removed        boolean NOT NULL DEFAULT false;

-- A silo that does not know the columns would remove rows that others stand on.
UPDATE schema_level SET level = 2, oldest_level = 2;
