-- Where the create of a checkpoint was in its caller's trace. An earlier binary may go on: it neither writes nor reads it.

ALTER TABLE checkpoints ADD COLUMN trace bytea;

UPDATE schema_level SET level = 22;
