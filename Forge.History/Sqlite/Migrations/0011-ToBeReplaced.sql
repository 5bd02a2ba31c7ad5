-- Holds the place of another branch's migration, so that levels are what they will be.

UPDATE schema_level SET level = 11
;
