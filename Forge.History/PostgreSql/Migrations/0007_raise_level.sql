-- Called first of all by a script after which earlier binaries must not write any more. Their connections look at the level
-- when they are opened, and wait here until the script is committed; those that are open are ended, and what was begun on
-- them is over before the schema changes.

CREATE FUNCTION raise_level(new_level integer, new_oldest integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schema_level SET level = new_level, oldest_level = new_oldest;
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'forge %'
            AND application_name <> current_setting('application_name');
    LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE;
END $$;

UPDATE schema_level SET level = 7;
