-- What is due by the schedule of a session. An earlier binary would leave it out of the check over the head row.

SELECT raise_level(19, 19);

ALTER TABLE sessions ADD COLUMN due_state text COLLATE "C";
