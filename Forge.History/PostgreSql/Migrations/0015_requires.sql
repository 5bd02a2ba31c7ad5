-- What a checkpoint requires, and by whom a checkpoint is required. A binary that knows neither would delete what is required, by a
-- compaction too.

SELECT raise_level(15, 15);

ALTER TABLE checkpoints ADD COLUMN requires text COLLATE "C";

CREATE TABLE requirements (
    session_key       bigint NOT NULL,
    required_sequence bigint NOT NULL,
    sequence          bigint NOT NULL,
    PRIMARY KEY (session_key, required_sequence, sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);
