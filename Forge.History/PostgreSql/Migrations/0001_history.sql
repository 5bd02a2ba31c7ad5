-- The history of all sessions. Why it looks as it does is said in docs/schema.md.

CREATE SEQUENCE session_keys AS bigint INCREMENT BY 64;

CREATE TABLE sessions (
    session_key      bigint      NOT NULL PRIMARY KEY,
    tenant           text        COLLATE "C" NOT NULL,
    session          text        COLLATE "C" NOT NULL,
    incarnation      integer     NOT NULL,
    version          bigint      NOT NULL,
    last_batch       uuid        NOT NULL,
    created_at       timestamptz NOT NULL,
    last_created_at  timestamptz,
    last_sequence    bigint      NOT NULL,
    head_sequence    bigint      NOT NULL,
    current_sequence bigint      NOT NULL,
    last_position    bigint      NOT NULL,
    checkpoint_count bigint      NOT NULL,
    checkpoint_bytes bigint      NOT NULL,
    settings         text,
    origin_key       bigint,
    origin_sequence  bigint,
    chain            bytea,
    deleted_at       timestamptz,
    CONSTRAINT sessions_name UNIQUE (tenant, session)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);

CREATE TABLE checkpoints (
    session_key     bigint      NOT NULL,
    sequence        bigint      NOT NULL,
    id              uuid        NOT NULL,
    created_at      timestamptz NOT NULL,
    position        bigint      NOT NULL,
    parent_sequence bigint      NOT NULL,
    message         text        NOT NULL,
    tags            text[]      NOT NULL,
    first_tags      text[],
    trigger_kind    smallint    NOT NULL,
    content_type    text        NOT NULL,
    size            integer     NOT NULL,
    checksum        bytea       NOT NULL,
    codec           smallint    NOT NULL,
    base_sequence   bigint,
    stored_size     integer     NOT NULL,
    trunk           boolean     NOT NULL,
    chain           bytea,
    stored          bytea       NOT NULL,
    PRIMARY KEY (session_key, sequence),
    CONSTRAINT checkpoints_id UNIQUE (id, session_key)
) WITH (
    toast_tuple_target = 4096,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 1,
    toast.autovacuum_vacuum_scale_factor = 0.05,
    toast.autovacuum_vacuum_cost_delay = 1
);

ALTER TABLE checkpoints ALTER COLUMN stored SET STORAGE EXTERNAL;

CREATE TABLE checkpoint_tags (
    session_key bigint NOT NULL,
    tag         text   COLLATE "C" NOT NULL,
    sequence    bigint NOT NULL,
    PRIMARY KEY (session_key, tag, sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE annotations (
    session_key bigint      NOT NULL,
    sequence    bigint      NOT NULL,
    position    bigint      NOT NULL,
    at          timestamptz NOT NULL,
    severity    smallint    NOT NULL,
    text        text        NOT NULL,
    PRIMARY KEY (session_key, sequence, position)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE removed_ranges (
    session_key    bigint NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence  bigint NOT NULL,
    PRIMARY KEY (session_key, first_sequence, last_sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE events (
    session_key   bigint      NOT NULL,
    position      bigint      NOT NULL,
    kind          smallint    NOT NULL,
    at            timestamptz NOT NULL,
    sequence      bigint      NOT NULL,
    last_sequence bigint      NOT NULL,
    detail        text,
    PRIMARY KEY (session_key, position)
);

CREATE TABLE requests (
    session_key bigint      NOT NULL,
    id          uuid        NOT NULL,
    at          timestamptz NOT NULL,
    kind        text        NOT NULL,
    outcome     text        NOT NULL,
    PRIMARY KEY (session_key, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX requests_at ON requests (at);

CREATE TABLE due_work (
    work_id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          smallint    NOT NULL,
    session_key   bigint      NOT NULL,
    due_at        timestamptz NOT NULL,
    claimed_by    text,
    claimed_until timestamptz,
    CONSTRAINT due_work_once UNIQUE (kind, session_key)
) WITH (autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX due_work_due ON due_work (due_at);

CREATE TABLE schema_level (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    level        integer NOT NULL,
    oldest_level integer NOT NULL
);

INSERT INTO schema_level (level, oldest_level) VALUES (1, 1);
