-- What fails again and again is put off longer and longer, and a session that cannot be read does not hold up the
-- verification of the others. Earlier binaries go on as ever: they leave the new columns as they are.

ALTER TABLE due_work ADD COLUMN failures integer NOT NULL DEFAULT 0;

ALTER TABLE verification
    ADD COLUMN unreadable      bigint NOT NULL DEFAULT 0,
    ADD COLUMN done_unreadable bigint NOT NULL DEFAULT 0;

UPDATE schema_level SET level = 5;
