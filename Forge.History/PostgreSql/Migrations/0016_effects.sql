-- Effects: acts on the outside world that were run under a key. A binary that knows none would erase the tokens of a deleted session, and
-- would leave the counts out of the check over the head row.

SELECT raise_level(16, 16);

ALTER TABLE sessions ADD COLUMN effect_count bigint, ADD COLUMN token_count bigint;

CREATE TABLE effects (
    session_key    bigint NOT NULL,
    effect_key     text COLLATE "C" NOT NULL,
    class          smallint NOT NULL,
    state          smallint NOT NULL,
    epoch          bigint NOT NULL,
    first_after    bigint NOT NULL,
    after_sequence bigint NOT NULL,
    begun_at       timestamptz NOT NULL,
    until          timestamptz,
    changed_at     timestamptz NOT NULL,
    position       bigint NOT NULL,
    request        bytea NOT NULL,
    target_key     text COLLATE "C" NOT NULL,
    digest         bytea NOT NULL,
    seal           bigint NOT NULL,
    request_text   text COLLATE "C",
    content_type   text COLLATE "C",
    result         bytea,
    reason         text COLLATE "C",
    resolved_by    text COLLATE "C",
    evidence       text COLLATE "C",
    PRIMARY KEY (session_key, effect_key)
) WITH (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);

CREATE INDEX effects_after ON effects (session_key, after_sequence, effect_key);
