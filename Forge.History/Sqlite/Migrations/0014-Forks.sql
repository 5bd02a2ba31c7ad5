-- Which session was forked from which checkpoint of which: what is left of the link when the origin is gone. Earlier binaries go on as
-- ever: they make no forks, and leave the row of one that they erase.

CREATE TABLE forks (
    session_key        INTEGER NOT NULL PRIMARY KEY,
    origin_key         INTEGER,
    origin_incarnation INTEGER NOT NULL,
    origin_session     TEXT NOT NULL,
    origin_sequence    INTEGER NOT NULL,
    origin_id          BLOB NOT NULL,
    origin_chain       BLOB,
    forked_at          INTEGER NOT NULL
) STRICT
;

CREATE INDEX forks_origin ON forks (origin_key, session_key) WHERE origin_key IS NOT NULL
;

UPDATE schema_level SET level = 14
;
