-- Pending writes: small records of single tasks of a step, under the checkpoint that the step began from, and how many a session has. An
-- earlier binary would leave the counts out of the check over the head row, and the rows where their checkpoint goes.

ALTER TABLE sessions ADD COLUMN write_count INTEGER
;

ALTER TABLE sessions ADD COLUMN write_bytes INTEGER
;

CREATE TABLE pending_writes (
    session_key  INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    task         TEXT NOT NULL,
    write_index  INTEGER NOT NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    at           INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    checksum     BLOB NOT NULL,
    seal         INTEGER NOT NULL,
    value        BLOB NOT NULL,
    PRIMARY KEY (session_key, sequence, task, write_index)
) STRICT
;

UPDATE schema_level SET level = 17, oldest_level = 17
;
