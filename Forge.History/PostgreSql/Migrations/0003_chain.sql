-- The chain over a session's log: its value at each event, a check over the head row, and what stays of positions whose
-- rows are gone.

ALTER TABLE events ADD COLUMN chain bytea;

-- What is there has no chain values; from here on every position has one.
ALTER TABLE sessions
    ADD COLUMN seal          bigint,
    ADD COLUMN chained_after bigint NOT NULL DEFAULT 0;

UPDATE sessions SET chained_after = last_position;

CREATE TABLE removed_runs (
    session_key    bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL,
    creates        bigint NOT NULL,
    bytes          bigint NOT NULL,
    last_sequence  bigint NOT NULL,
    chain          bytea,
    seal           bigint NOT NULL,
    PRIMARY KEY (session_key, first_position)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- How far the background verification has come, and what its last round found.
CREATE TABLE verification (
    only_row         boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    claimed_by       text,
    claimed_until    timestamptz,
    next_at          timestamptz NOT NULL,
    after_tenant     text        COLLATE "C" NOT NULL,
    after_session    text        COLLATE "C" NOT NULL,
    started_at       timestamptz,
    sessions         bigint      NOT NULL,
    damaged          bigint      NOT NULL,
    done_at          timestamptz,
    done_sessions    bigint      NOT NULL,
    done_damaged     bigint      NOT NULL,
    damaged_sessions text        NOT NULL
) WITH (fillfactor = 50);

INSERT INTO verification (next_at, after_tenant, after_session, sessions, damaged, done_sessions, done_damaged, damaged_sessions)
VALUES ('-infinity', '', '', 0, 0, 0, 0, '[]');

-- A binary that knows no chain would leave links without values.
UPDATE schema_level SET level = 3, oldest_level = 3;
