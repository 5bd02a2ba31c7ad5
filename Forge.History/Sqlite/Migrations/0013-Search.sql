-- What sessions and checkpoints of a tenant are found by: labels as rows, when sessions were active, and tags with the tenant and time
-- that they are searched by. An earlier binary would change settings and tags without them, so none may write any more.

CREATE TABLE session_labels (
    session_key INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    tenant      TEXT    NOT NULL,
    session     TEXT    NOT NULL,
    active_at   INTEGER NOT NULL,
    PRIMARY KEY (session_key, name)
) STRICT, WITHOUT ROWID
;

CREATE TABLE session_activity (
    session_key INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    active_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID
;

INSERT INTO session_activity (session_key, tenant, active_at)
SELECT session_key, tenant, CASE WHEN last_created_at > created_at THEN last_created_at ELSE created_at END FROM sessions WHERE deleted_at IS NULL
;

INSERT OR REPLACE INTO session_labels (session_key, name, value, tenant, session, active_at)
SELECT s.session_key, l.key, l.value, s.tenant, s.session, CASE WHEN s.last_created_at > s.created_at THEN s.last_created_at ELSE s.created_at END
FROM sessions s, json_each(CASE WHEN json_valid(s.settings) THEN s.settings -> 'labels' END) l
WHERE s.deleted_at IS NULL AND s.settings IS NOT NULL AND l.type = 'text'
    AND octet_length(l.key) + octet_length(l.value) <= 2048
;

CREATE INDEX session_labels_session ON session_labels (tenant, name, value, session)
;

CREATE INDEX session_labels_active ON session_labels (tenant, name, value, active_at, session_key)
;

CREATE INDEX session_activity_active ON session_activity (tenant, active_at, session_key)
;

CREATE TABLE tags (
    session_key INTEGER NOT NULL,
    tag         TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    tenant      TEXT    NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session_key, tag, sequence)
) STRICT, WITHOUT ROWID
;

INSERT INTO tags (session_key, tag, sequence, tenant, created_at)
SELECT t.session_key, t.tag, t.sequence, coalesce(s.tenant, ''), coalesce(c.created_at, 0)
FROM checkpoint_tags t
LEFT JOIN sessions s ON s.session_key = t.session_key
LEFT JOIN checkpoints c ON c.session_key = t.session_key AND c.sequence = t.sequence
ORDER BY t.session_key, t.tag, t.sequence
;

DROP TABLE checkpoint_tags
;

ALTER TABLE tags RENAME TO checkpoint_tags
;

CREATE INDEX checkpoint_tags_created ON checkpoint_tags (tenant, tag, created_at, session_key, sequence)
;

-- Nothing that a create with the manual trigger pays for.
CREATE INDEX checkpoints_triggered ON checkpoints (trigger_kind, created_at, session_key, sequence) WHERE trigger_kind <> 0
;

UPDATE schema_level SET level = level + 1, oldest_level = level + 1
;
