-- States as differences from others. The table is written anew, since the state has to stay the last column: what comes
-- after it could only be read by walking its overflow pages.

CREATE TABLE checkpoints_with_groups (
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
    group_sequence  INTEGER,
    stored_size     INTEGER NOT NULL,
    trunk           INTEGER NOT NULL,
    removed         INTEGER NOT NULL DEFAULT 0,
    chain           BLOB,
    stored          BLOB    NOT NULL,
    PRIMARY KEY (session_key, sequence),
    UNIQUE (id, session_key)
) STRICT
;

INSERT INTO checkpoints_with_groups (session_key, sequence, id, created_at, position, parent_sequence, message, tags,
    first_tags, trigger_kind, content_type, size, checksum, codec, base_sequence, stored_size, trunk, chain, stored)
SELECT session_key, sequence, id, created_at, position, parent_sequence, message, tags,
    first_tags, trigger_kind, content_type, size, checksum, codec, base_sequence, stored_size, trunk, chain, stored
FROM checkpoints ORDER BY session_key, sequence
;

DROP TABLE checkpoints
;

ALTER TABLE checkpoints_with_groups RENAME TO checkpoints
;

-- A silo that does not know the columns would remove rows that others stand on.
UPDATE schema_level SET level = 2, oldest_level = 2
;
