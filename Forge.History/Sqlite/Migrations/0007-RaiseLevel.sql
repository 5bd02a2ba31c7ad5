-- Levels are the same for both databases; here one silo has the file to itself, and there is nothing to do.

UPDATE schema_level SET level = 7
;
