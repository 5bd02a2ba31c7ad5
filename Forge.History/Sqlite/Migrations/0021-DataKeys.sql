-- The wrapped data keys by which what is stored of tenants is encrypted. Without any nothing is, and an earlier binary may go on.

CREATE TABLE data_keys (
    tenant       TEXT    NOT NULL,
    key_number   INTEGER NOT NULL,
    wrapping_key TEXT    NOT NULL,
    wrapped      BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    destroyed_at INTEGER,
    PRIMARY KEY (tenant, key_number)
) STRICT, WITHOUT ROWID
;

UPDATE schema_level SET level = 21
;
