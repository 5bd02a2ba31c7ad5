-- The claim of a session: the right of one worker to change it. An earlier binary would let any worker write, and would leave the claim out
-- of the check over the head row.

ALTER TABLE sessions ADD COLUMN claim_epoch INTEGER
;

ALTER TABLE sessions ADD COLUMN claim_owner TEXT
;

ALTER TABLE sessions ADD COLUMN claim_until INTEGER
;

UPDATE schema_level SET level = 12, oldest_level = 12
;
