-- What fails again and again is put off longer and longer, and a session that cannot be read does not hold up the
-- verification of the others. Earlier binaries go on as ever: they leave the new columns as they are.

ALTER TABLE due_work ADD COLUMN failures INTEGER NOT NULL DEFAULT 0
;

ALTER TABLE verification ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0
;

ALTER TABLE verification ADD COLUMN done_unreadable INTEGER NOT NULL DEFAULT 0
;

UPDATE schema_level SET level = 5
;
