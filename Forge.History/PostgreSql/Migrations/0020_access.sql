-- The keys by which callers come in, and the audit. Nothing of a session depends on them: an earlier binary may go on, and asks for no keys.

CREATE TABLE access_keys (
    key_id     bigint      NOT NULL PRIMARY KEY,
    tenant     text        COLLATE "C" NOT NULL,
    name       text        COLLATE "C" NOT NULL,
    scopes     smallint    NOT NULL,
    hash       bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at    timestamptz,
    revoked_at timestamptz,
    used_at    timestamptz
);

CREATE INDEX access_keys_of_tenant ON access_keys (tenant, created_at, key_id);

CREATE TABLE audit_log (
    tenant   text        COLLATE "C" NOT NULL,
    position bigint      NOT NULL,
    at       timestamptz NOT NULL,
    act      text        COLLATE "C" NOT NULL,
    who      text        COLLATE "C" NOT NULL,
    target   text        COLLATE "C" NOT NULL,
    outcome  text        COLLATE "C" NOT NULL,
    detail   text        COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, position)
);

CREATE INDEX audit_log_by_age ON audit_log (at);

-- What the next entry of a tenant is numbered behind; it stays when old entries go.
CREATE TABLE audit_positions (
    tenant        text   COLLATE "C" NOT NULL PRIMARY KEY,
    last_position bigint NOT NULL
);

UPDATE schema_level SET level = 20;
