WITH deleted AS (
    DELETE FROM orleansstorage
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
SELECT coalesce((SELECT version + 1 FROM deleted), @GrainStateVersion) AS NewGrainStateVersion
