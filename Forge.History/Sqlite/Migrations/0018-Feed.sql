-- The feed of each tenant: a row for each batch that was committed and tenant, with the positions that its sessions were given in it. An
-- earlier binary would commit without such rows, and whoever follows a feed would miss what it did. There is one writer, so that tx, by
-- which PostgreSQL orders transactions, is always 0, and id counts for each tenant.

CREATE TABLE feed (
    tenant     TEXT    NOT NULL,
    tx         INTEGER NOT NULL DEFAULT 0,
    id         INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    entries    BLOB    NOT NULL,
    PRIMARY KEY (tenant, tx, id)
) STRICT, WITHOUT ROWID
;

CREATE TABLE feed_marks (
    tenant TEXT    NOT NULL PRIMARY KEY,
    tx     INTEGER NOT NULL,
    id     INTEGER NOT NULL
) STRICT, WITHOUT ROWID
;

CREATE TABLE feed_state (
    epoch INTEGER NOT NULL
) STRICT
;

INSERT INTO feed_state (epoch) VALUES (1)
;

UPDATE schema_level SET level = 18, oldest_level = 18
;
