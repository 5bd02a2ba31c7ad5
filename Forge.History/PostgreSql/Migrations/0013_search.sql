-- What sessions and checkpoints of a tenant are found by: labels as rows, when sessions were active, and tags with the tenant and time
-- that they are searched by. An earlier binary would change settings and tags without them, so none may write any more.

SELECT raise_level(level + 1, level + 1) FROM schema_level;

CREATE TABLE session_labels (
    session_key bigint      NOT NULL,
    name        text        COLLATE "C" NOT NULL,
    value       text        COLLATE "C" NOT NULL,
    tenant      text        COLLATE "C" NOT NULL,
    session     text        COLLATE "C" NOT NULL,
    active_at   timestamptz NOT NULL,
    PRIMARY KEY (session_key, name)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);

CREATE TABLE session_activity (
    session_key bigint      NOT NULL PRIMARY KEY,
    tenant      text        COLLATE "C" NOT NULL,
    active_at   timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);

INSERT INTO session_activity (session_key, tenant, active_at)
SELECT session_key, tenant, CASE WHEN last_created_at > created_at THEN last_created_at ELSE created_at END FROM sessions WHERE deleted_at IS NULL;

-- All at once; one by one only if some cannot be read, which then are found by no label.
DO $do$
DECLARE
    damaged record;
BEGIN
    INSERT INTO session_labels (session_key, name, value, tenant, session, active_at)
    SELECT s.session_key, l.key, l.value, s.tenant, s.session, CASE WHEN s.last_created_at > s.created_at THEN s.last_created_at ELSE s.created_at END
    FROM sessions s, jsonb_each_text(s.settings::jsonb -> 'labels') l
    WHERE s.deleted_at IS NULL AND s.settings IS NOT NULL AND octet_length(l.key) + octet_length(l.value) <= 2048;
EXCEPTION WHEN data_exception THEN
    FOR damaged IN SELECT session_key FROM sessions WHERE deleted_at IS NULL AND settings IS NOT NULL LOOP
        BEGIN
            INSERT INTO session_labels (session_key, name, value, tenant, session, active_at)
            SELECT s.session_key, l.key, l.value, s.tenant, s.session, CASE WHEN s.last_created_at > s.created_at THEN s.last_created_at ELSE s.created_at END
            FROM sessions s, jsonb_each_text(s.settings::jsonb -> 'labels') l
            WHERE s.session_key = damaged.session_key AND octet_length(l.key) + octet_length(l.value) <= 2048;
        EXCEPTION WHEN data_exception THEN
            NULL;
        END;
    END LOOP;
END $do$;

CREATE INDEX session_labels_session ON session_labels (tenant, name, value, session);

CREATE INDEX session_labels_active ON session_labels (tenant, name, value, active_at, session_key);

CREATE INDEX session_activity_active ON session_activity (tenant, active_at, session_key);

-- Written anew, since each row of it changes.
CREATE TABLE tags (
    session_key bigint      NOT NULL,
    tag         text        COLLATE "C" NOT NULL,
    sequence    bigint      NOT NULL,
    tenant      text        COLLATE "C" NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT '-infinity'
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);

INSERT INTO tags (session_key, tag, sequence, tenant, created_at)
SELECT t.session_key, t.tag, t.sequence, coalesce(s.tenant, ''), coalesce(c.created_at, '-infinity')
FROM checkpoint_tags t
LEFT JOIN sessions s ON s.session_key = t.session_key
LEFT JOIN checkpoints c ON c.session_key = t.session_key AND c.sequence = t.sequence;

DROP TABLE checkpoint_tags;

ALTER TABLE tags RENAME TO checkpoint_tags;

ALTER TABLE checkpoint_tags ADD CONSTRAINT checkpoint_tags_pkey PRIMARY KEY (session_key, tag, sequence);

CREATE INDEX checkpoint_tags_created ON checkpoint_tags (tenant, tag, created_at, session_key, sequence);

-- Nothing that a create with the manual trigger pays for.
CREATE INDEX checkpoints_triggered ON checkpoints (trigger_kind, created_at, session_key, sequence) WHERE trigger_kind <> 0;
