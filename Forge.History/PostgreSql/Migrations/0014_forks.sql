-- Which session was forked from which checkpoint of which: what is left of the link when the origin is gone. Earlier binaries go on as
-- ever: they make no forks, and leave the row of one that they erase.

CREATE TABLE forks (
    session_key        bigint PRIMARY KEY,
    origin_key         bigint,
    origin_incarnation integer NOT NULL,
    origin_session     text COLLATE "C" NOT NULL,
    origin_sequence    bigint NOT NULL,
    origin_id          uuid NOT NULL,
    origin_chain       bytea,
    forked_at          timestamptz NOT NULL
);

CREATE INDEX forks_origin ON forks (origin_key, session_key) WHERE origin_key IS NOT NULL;

UPDATE schema_level SET level = 14;
