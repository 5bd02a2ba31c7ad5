-- The row stays, without its state, so that the version goes on counting.
WITH cleared AS (
    UPDATE orleansstorage
    SET payloadbinary = NULL, modifiedon = now(), version = version + 1
    WHERE version = @GrainStateVersion
        AND grainidhash = @GrainIdHash
        AND graintypehash = @GrainTypeHash
        AND grainidn0 = @GrainIdN0
        AND grainidn1 = @GrainIdN1
        AND graintypestring = @GrainTypeString
        AND serviceid = @ServiceId
        AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
    RETURNING version
)
SELECT coalesce((SELECT version FROM cleared), @GrainStateVersion) AS NewGrainStateVersion
