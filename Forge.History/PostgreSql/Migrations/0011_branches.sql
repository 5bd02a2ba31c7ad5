-- Branches: each checkpoint is on one, which null says for main, and each branch but main has its head and its current checkpoint in
-- a row of its own. A binary that knows none would move the head of main on for what it finds of them.

SELECT raise_level(11, 11);

ALTER TABLE checkpoints ADD COLUMN branch text COLLATE "C";

CREATE INDEX checkpoints_branch ON checkpoints (session_key, branch, sequence) WHERE branch IS NOT NULL;

CREATE TABLE branches (
    session_key      bigint NOT NULL,
    branch           text COLLATE "C" NOT NULL,
    head_sequence    bigint NOT NULL,
    current_sequence bigint NOT NULL,
    checkpoint_count bigint NOT NULL,
    seal             bigint NOT NULL,
    PRIMARY KEY (session_key, branch)
) WITH (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 1);
