-- Effects: acts on the outside world that were run under a key. A binary that knows none would erase the tokens of a deleted session, and
-- would leave the counts out of the check over the head row.

ALTER TABLE sessions ADD COLUMN effect_count INTEGER
;

ALTER TABLE sessions ADD COLUMN token_count INTEGER
;

CREATE TABLE effects (
    session_key    INTEGER NOT NULL,
    effect_key     TEXT NOT NULL,
    class          INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    epoch          INTEGER NOT NULL,
    first_after    INTEGER NOT NULL,
    after_sequence INTEGER NOT NULL,
    begun_at       INTEGER NOT NULL,
    until          INTEGER,
    changed_at     INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    request        BLOB NOT NULL,
    target_key     TEXT NOT NULL,
    digest         BLOB NOT NULL,
    seal           INTEGER NOT NULL,
    request_text   TEXT,
    content_type   TEXT,
    result         BLOB,
    reason         TEXT,
    resolved_by    TEXT,
    evidence       TEXT,
    PRIMARY KEY (session_key, effect_key)
) STRICT
;

CREATE INDEX effects_after ON effects (session_key, after_sequence, effect_key)
;

UPDATE schema_level SET level = 16, oldest_level = 16
;
