-- What the nearest ancestor of removed checkpoints is, so that it is known when their rows are gone. Earlier binaries go on as ever:
-- of what they remove it is not known.

CREATE TABLE lineage (
    session_key       INTEGER NOT NULL,
    first_sequence    INTEGER NOT NULL,
    last_sequence     INTEGER NOT NULL,
    ancestor_sequence INTEGER NOT NULL,
    seal              INTEGER NOT NULL,
    PRIMARY KEY (session_key, first_sequence)
) STRICT, WITHOUT ROWID
;

CREATE INDEX lineage_ancestor ON lineage (session_key, ancestor_sequence)
;

UPDATE schema_level SET level = 10
;
