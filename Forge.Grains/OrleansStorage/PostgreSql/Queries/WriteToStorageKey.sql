-- Either half writes or neither does: a state that was read is replaced where it still has the version that was read, one
-- that was not there is added where nobody else added it meanwhile. Answers the new version, else the old one, which
-- the provider takes for a conflict.
WITH replaced AS (
    UPDATE orleansstorage
    SET payloadbinary = @PayloadBinary, modifiedon = now(), version = version + 1
    WHERE version = @GrainStateVersion
        AND grainidhash = @GrainIdHash
        AND graintypehash = @GrainTypeHash
        AND grainidn0 = @GrainIdN0
        AND grainidn1 = @GrainIdN1
        AND graintypestring = @GrainTypeString
        AND serviceid = @ServiceId
        AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
    RETURNING version
), added AS (
    INSERT INTO orleansstorage (
        grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, serviceid, grainidextensionstring,
        payloadbinary, modifiedon, version)
    SELECT
        @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, @ServiceId, @GrainIdExtensionString,
        @PayloadBinary, now(), 1
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version
)
SELECT coalesce((SELECT version FROM replaced), (SELECT version FROM added), @GrainStateVersion) AS NewGrainStateVersion
