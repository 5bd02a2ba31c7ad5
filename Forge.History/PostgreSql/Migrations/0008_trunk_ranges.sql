-- What a compaction marks as trunks is told by ranges, which it writes at once however many checkpoints stay. A binary that
-- does not know them would trim the events that they are held against.

SELECT raise_level(8, 8);

CREATE TABLE trunk_ranges (
    session_key    bigint NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence  bigint NOT NULL,
    PRIMARY KEY (session_key, first_sequence, last_sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);
