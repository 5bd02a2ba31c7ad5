-- Times are Unix microseconds, ids are UUIDs as 16 bytes in big-endian order, lists of tags are JSON arrays.
-- There are no foreign keys: staged rows have no session yet, and every write would pay for them.

CREATE TABLE schema_level (
    level        INTEGER NOT NULL,
    oldest_level INTEGER NOT NULL
) STRICT
;

INSERT INTO schema_level (level, oldest_level) VALUES (1, 1)
;

-- The first session key that was never handed out; silos take them in blocks.
CREATE TABLE session_keys (
    next INTEGER NOT NULL
) STRICT
;

INSERT INTO session_keys (next) VALUES (1)
;

CREATE TABLE sessions (
    session_key      INTEGER PRIMARY KEY,
    tenant           TEXT    NOT NULL,
    session          TEXT    NOT NULL,
    incarnation      INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    last_batch       BLOB    NOT NULL,
    created_at       INTEGER NOT NULL,
    last_created_at  INTEGER,
    last_sequence    INTEGER NOT NULL,
    head_sequence    INTEGER NOT NULL,
    current_sequence INTEGER NOT NULL,
    last_position    INTEGER NOT NULL,
    checkpoint_count INTEGER NOT NULL,
    checkpoint_bytes INTEGER NOT NULL,
    settings         TEXT,
    origin_key       INTEGER,
    origin_sequence  INTEGER,
    chain            BLOB,
    deleted_at       INTEGER,
    UNIQUE (tenant, session)
) STRICT
;

-- The state comes last, so that reading the columns before it never reads its overflow pages. The index of ids leads with
-- the id: ids rise with time, so the creates of many sessions touch one page of it and not one each.
CREATE TABLE checkpoints (
    session_key     INTEGER NOT NULL,
    sequence        INTEGER NOT NULL,
    id              BLOB    NOT NULL,
    created_at      INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    parent_sequence INTEGER NOT NULL,
    message         TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    first_tags      TEXT,
    trigger_kind    INTEGER NOT NULL,
    content_type    TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    checksum        BLOB    NOT NULL,
    codec           INTEGER NOT NULL,
    base_sequence   INTEGER,
    stored_size     INTEGER NOT NULL,
    trunk           INTEGER NOT NULL,
    chain           BLOB,
    stored          BLOB    NOT NULL,
    PRIMARY KEY (session_key, sequence),
    UNIQUE (id, session_key)
) STRICT
;

-- The current tags of checkpoints that have any.
CREATE TABLE checkpoint_tags (
    session_key INTEGER NOT NULL,
    tag         TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    PRIMARY KEY (session_key, tag, sequence)
) STRICT, WITHOUT ROWID
;

CREATE TABLE annotations (
    session_key INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    severity    INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    PRIMARY KEY (session_key, sequence, position)
) STRICT
;

-- Nothing in these ranges is visible, whether or not its rows are gone yet.
CREATE TABLE removed_ranges (
    session_key    INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence  INTEGER NOT NULL,
    PRIMARY KEY (session_key, first_sequence, last_sequence)
) STRICT, WITHOUT ROWID
;

-- Events other than creates: a checkpoint's row is its own created event.
CREATE TABLE events (
    session_key   INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    detail        TEXT,
    PRIMARY KEY (session_key, position)
) STRICT
;

CREATE TABLE requests (
    session_key INTEGER NOT NULL,
    id          BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    PRIMARY KEY (session_key, id)
) STRICT
;

CREATE INDEX requests_at ON requests (at)
;

-- Work ids are never used again, so that a claim that has run out cannot be mistaken for a later one.
CREATE TABLE due_work (
    work_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          INTEGER NOT NULL,
    session_key   INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    claimed_by    TEXT,
    claimed_until INTEGER,
    UNIQUE (kind, session_key)
) STRICT
;

CREATE INDEX due_work_due_at ON due_work (due_at)
;
