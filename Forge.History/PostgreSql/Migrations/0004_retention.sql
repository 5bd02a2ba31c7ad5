-- Retention. A binary that does not know the new kinds of work must not claim them.

ALTER TABLE due_work
    ADD COLUMN noted  bigint NOT NULL DEFAULT 0,
    ADD COLUMN cursor bigint NOT NULL DEFAULT 0;

DROP INDEX due_work_due;

CREATE INDEX due_work_kind_due ON due_work (kind, due_at);

-- Autovacuum is to come after a fixed number of dead rows as much as after a share of them: a share of a table that holds
-- the history of years is too much to wait for, and a queue's dead rows are in the way of each claim.
ALTER TABLE sessions SET (autovacuum_vacuum_cost_delay = 1);
ALTER TABLE checkpoints SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_threshold = 1000);
ALTER TABLE checkpoint_tags SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE annotations SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1,
    toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_threshold = 1000);
ALTER TABLE removed_ranges SET (autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);
ALTER TABLE events SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1,
    autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE requests SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 1,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_threshold = 1000);
ALTER TABLE due_work SET (autovacuum_vacuum_cost_delay = 0);

UPDATE schema_level SET level = 4, oldest_level = 4;
