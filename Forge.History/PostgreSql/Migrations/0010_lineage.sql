-- What the nearest ancestor of removed checkpoints is, so that it is known when their rows are gone. Earlier binaries go on as ever:
-- of what they remove it is not known.

CREATE TABLE lineage (
    session_key       bigint NOT NULL,
    first_sequence    bigint NOT NULL,
    last_sequence     bigint NOT NULL,
    ancestor_sequence bigint NOT NULL,
    seal              bigint NOT NULL,
    PRIMARY KEY (session_key, first_sequence)
) WITH (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);

CREATE INDEX lineage_ancestor ON lineage (session_key, ancestor_sequence);

UPDATE schema_level SET level = 10;
