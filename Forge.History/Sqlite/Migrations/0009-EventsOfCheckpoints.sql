-- Finds what the log says of some checkpoints, and its compactions, without a walk through it. Creates that have become events
-- are in neither.

CREATE INDEX events_checkpoints ON events (session_key, sequence, position) WHERE kind NOT IN (0, 3, 7)
;

CREATE INDEX events_compactions ON events (session_key, position) WHERE kind = 3
;

UPDATE schema_level SET level = 9
;
