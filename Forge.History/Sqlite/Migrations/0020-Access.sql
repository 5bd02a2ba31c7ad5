-- The keys by which callers come in, and the audit. Nothing of a session depends on them: an earlier binary may go on, and asks for no keys.

CREATE TABLE access_keys (
    key_id     INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    scopes     INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at    INTEGER,
    revoked_at INTEGER,
    used_at    INTEGER
) STRICT
;

CREATE INDEX access_keys_of_tenant ON access_keys (tenant, created_at, key_id)
;

CREATE TABLE audit_log (
    tenant   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    act      TEXT    NOT NULL,
    who      TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    PRIMARY KEY (tenant, position)
) STRICT, WITHOUT ROWID
;

CREATE INDEX audit_log_by_age ON audit_log (at)
;

CREATE TABLE audit_positions (
    tenant        TEXT    NOT NULL PRIMARY KEY,
    last_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID
;

UPDATE schema_level SET level = 20
;
