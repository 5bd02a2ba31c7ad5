-- The wrapped data keys by which what is stored of tenants is encrypted. Without any nothing is, and an earlier binary may go on.

CREATE TABLE data_keys (
    tenant       text        COLLATE "C" NOT NULL,
    key_number   integer     NOT NULL,
    wrapping_key text        COLLATE "C" NOT NULL,
    wrapped      bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    destroyed_at timestamptz,
    PRIMARY KEY (tenant, key_number)
);

UPDATE schema_level SET level = 21;
