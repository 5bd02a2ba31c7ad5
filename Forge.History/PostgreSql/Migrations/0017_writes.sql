-- 0017_writes
-- Pending writes: small records of single tasks of a step, under the checkpoint that the step began from, and how many a session has. An
-- earlier binary would leave the counts out of the check over the head row, and the rows where their checkpoint goes.

SELECT raise_level(17, 17);

ALTER TABLE sessions
    ADD COLUMN write_count bigint,
    ADD COLUMN write_bytes bigint;

CREATE TABLE pending_writes (
    session_key  bigint NOT NULL,
    sequence     bigint NOT NULL,
    task         text COLLATE "C" NOT NULL,
    write_index  integer NOT NULL,
    name         text COLLATE "C" NOT NULL,
    content_type text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    size         integer NOT NULL,
    checksum     bytea NOT NULL,
    seal         bigint NOT NULL,
    value        bytea NOT NULL,
    PRIMARY KEY (session_key, sequence, task, write_index)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);
