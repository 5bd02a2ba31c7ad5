-- The feed of each tenant: a row for each batch that was committed and tenant, with the positions that its sessions were given in it. An
-- earlier binary would commit without such rows, and whoever follows a feed would miss what it did.

SELECT raise_level(18, 18);

CREATE TABLE feed (
    tenant     text        COLLATE "C" NOT NULL,
    tx         bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    written_at timestamptz NOT NULL DEFAULT now(),
    entries    bytea       NOT NULL,
    PRIMARY KEY (tenant, tx, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);

-- Up to where a tenant's rows were removed because of their age.
CREATE TABLE feed_marks (
    tenant text   COLLATE "C" NOT NULL PRIMARY KEY,
    tx     bigint NOT NULL,
    id     bigint NOT NULL
);

-- Raised when the rows are another database cluster's, whose transactions have other numbers.
CREATE TABLE feed_state (
    epoch bigint NOT NULL
);

INSERT INTO feed_state (epoch) VALUES (1);
