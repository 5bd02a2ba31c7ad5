-- What a checkpoint requires, and by whom a checkpoint is required. A binary that knows neither would delete what is required, by a
-- compaction too.

ALTER TABLE checkpoints ADD COLUMN requires TEXT
;

CREATE TABLE requirements (
    session_key       INTEGER NOT NULL,
    required_sequence INTEGER NOT NULL,
    sequence          INTEGER NOT NULL,
    PRIMARY KEY (session_key, required_sequence, sequence)
) STRICT, WITHOUT ROWID
;

-- In the order of sequences: a commit that writes many branches writes one page of the index, and not one for each.
DROP INDEX checkpoints_branch
;

CREATE INDEX checkpoints_branch ON checkpoints (session_key, sequence, branch) WHERE branch IS NOT NULL
;

UPDATE schema_level SET level = 15, oldest_level = 15
;
