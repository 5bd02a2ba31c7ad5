-- Retention. A binary that does not know the new kinds of work must not claim them.

ALTER TABLE due_work ADD COLUMN noted INTEGER NOT NULL DEFAULT 0
;

ALTER TABLE due_work ADD COLUMN cursor INTEGER NOT NULL DEFAULT 0
;

DROP INDEX due_work_due_at
;

CREATE INDEX due_work_kind_due ON due_work (kind, due_at)
;

UPDATE schema_level SET level = 4, oldest_level = 4
;
