-- What Orleans' ADO.NET providers need on PostgreSQL 15 or later. Every statement can be run again.

-- The providers read the texts of their queries here. Name and columns are theirs.
CREATE TABLE IF NOT EXISTS orleansquery (
    querykey  text NOT NULL PRIMARY KEY,
    querytext text NOT NULL
);

-- Grain states, one row each.
CREATE TABLE IF NOT EXISTS orleansstorage (
    grainidhash            integer     NOT NULL,
    grainidn0              bigint      NOT NULL,
    grainidn1              bigint      NOT NULL,
    graintypehash          integer     NOT NULL,
    graintypestring        text        COLLATE "C" NOT NULL,
    grainidextensionstring text        COLLATE "C",
    serviceid              text        COLLATE "C" NOT NULL,
    payloadbinary          bytea,
    modifiedon             timestamptz NOT NULL,
    version                integer     NOT NULL
);

-- One row a grain, whatever races: without it two first writes of a grain both succeed. A grain without an extension
-- has a null there, which has to count as equal to another null.
CREATE UNIQUE INDEX IF NOT EXISTS orleansstorage_key ON orleansstorage (
    grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, serviceid, grainidextensionstring
) NULLS NOT DISTINCT;

-- The cluster's version: every change of who is in it goes through a compare-and-set of this row.
CREATE TABLE IF NOT EXISTS orleansmembershipversiontable (
    deploymentid text        NOT NULL PRIMARY KEY,
    "timestamp"  timestamptz NOT NULL DEFAULT now(),
    version      integer     NOT NULL DEFAULT 0
);

-- The silos of a cluster, dead ones too until they are cleaned up.
CREATE TABLE IF NOT EXISTS orleansmembershiptable (
    deploymentid text        NOT NULL,
    address      text        NOT NULL,
    port         integer     NOT NULL,
    generation   integer     NOT NULL,
    siloname     text        NOT NULL,
    hostname     text        NOT NULL,
    status       integer     NOT NULL,
    proxyport    integer,
    suspecttimes text,
    starttime    timestamptz NOT NULL,
    iamalivetime timestamptz NOT NULL,
    PRIMARY KEY (deploymentid, address, port, generation)
);

-- Whether a silo has held its lock of presence since it joined. The providers know nothing of this column. Looked for
-- first, so that a silo that starts does not lock the table for nothing.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = 'orleansmembershiptable'::regclass AND attname = 'haspresence')
    THEN
        ALTER TABLE orleansmembershiptable ADD COLUMN haspresence boolean NOT NULL DEFAULT false;
    END IF;
END $$;
