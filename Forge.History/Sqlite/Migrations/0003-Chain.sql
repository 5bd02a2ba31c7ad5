-- The chain over a session's log: its value at each event, a check over the head row, and what stays of positions whose
-- rows are gone.

ALTER TABLE events ADD COLUMN chain BLOB
;

ALTER TABLE sessions ADD COLUMN seal INTEGER
;

-- What is there has no chain values; from here on every position has one.
ALTER TABLE sessions ADD COLUMN chained_after INTEGER NOT NULL DEFAULT 0
;

UPDATE sessions SET chained_after = last_position
;

CREATE TABLE removed_runs (
    session_key    INTEGER NOT NULL,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    creates        INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    last_sequence  INTEGER NOT NULL,
    chain          BLOB,
    seal           INTEGER NOT NULL,
    PRIMARY KEY (session_key, first_position)
) STRICT, WITHOUT ROWID
;

-- How far the background verification has come, and what its last round found. One row.
CREATE TABLE verification (
    only_row         INTEGER PRIMARY KEY CHECK (only_row = 1),
    claimed_by       TEXT,
    claimed_until    INTEGER,
    next_at          INTEGER NOT NULL,
    after_tenant     TEXT    NOT NULL,
    after_session    TEXT    NOT NULL,
    started_at       INTEGER,
    sessions         INTEGER NOT NULL,
    damaged          INTEGER NOT NULL,
    done_at          INTEGER,
    done_sessions    INTEGER NOT NULL,
    done_damaged     INTEGER NOT NULL,
    damaged_sessions TEXT    NOT NULL
) STRICT
;

INSERT INTO verification (only_row, next_at, after_tenant, after_session, sessions, damaged, done_sessions, done_damaged, damaged_sessions)
VALUES (1, 0, '', '', 0, 0, 0, 0, '[]')
;

-- A binary that knows no chain would leave links without values.
UPDATE schema_level SET level = 3, oldest_level = 3
;
