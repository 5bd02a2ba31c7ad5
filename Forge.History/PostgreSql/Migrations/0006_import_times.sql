-- Finds the imports of a session, from which the age of what they brought is counted, and its compactions, without a walk
-- through its log.

CREATE INDEX events_structure ON events (session_key, position) WHERE kind IN (3, 7);

UPDATE schema_level SET level = 6;
