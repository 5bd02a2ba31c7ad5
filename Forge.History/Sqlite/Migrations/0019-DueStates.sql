-- What is due by the schedule of a session. An earlier binary would leave it out of the check over the head row.

ALTER TABLE sessions ADD COLUMN due_state TEXT
;

UPDATE schema_level SET level = 19, oldest_level = 19
;
