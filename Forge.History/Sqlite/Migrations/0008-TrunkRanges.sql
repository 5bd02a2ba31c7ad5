-- What a compaction marks as trunks is told by ranges, which it writes at once however many checkpoints stay. A binary that
-- does not know them would trim the events that they are held against.

CREATE TABLE trunk_ranges (
    session_key    INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence  INTEGER NOT NULL,
    PRIMARY KEY (session_key, first_sequence, last_sequence)
) STRICT, WITHOUT ROWID
;

UPDATE schema_level SET level = 8, oldest_level = 8
;
