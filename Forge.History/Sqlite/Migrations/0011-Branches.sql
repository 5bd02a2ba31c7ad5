-- Branches: each checkpoint is on one, which null says for main, and each branch but main has its head and its current checkpoint in
-- a row of its own. A binary that knows none would move the head of main on for what it finds of them.

ALTER TABLE checkpoints ADD COLUMN branch TEXT
;

CREATE INDEX checkpoints_branch ON checkpoints (session_key, branch, sequence) WHERE branch IS NOT NULL
;

CREATE TABLE branches (
    session_key      INTEGER NOT NULL,
    branch           TEXT NOT NULL,
    head_sequence    INTEGER NOT NULL,
    current_sequence INTEGER NOT NULL,
    checkpoint_count INTEGER NOT NULL,
    seal             INTEGER NOT NULL,
    PRIMARY KEY (session_key, branch)
) STRICT, WITHOUT ROWID
;

UPDATE schema_level SET level = 11, oldest_level = 11
;
