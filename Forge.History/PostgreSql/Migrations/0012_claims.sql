-- The claim of a session: the right of one worker to change it. An earlier binary would let any worker write, and would leave the claim out
-- of the check over the head row.

SELECT raise_level(12, 12);

ALTER TABLE sessions
    ADD COLUMN claim_epoch bigint,
    ADD COLUMN claim_owner text COLLATE "C",
    ADD COLUMN claim_until timestamptz;
