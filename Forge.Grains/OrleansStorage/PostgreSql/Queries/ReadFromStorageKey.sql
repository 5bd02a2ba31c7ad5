SELECT payloadbinary AS PayloadBinary, version AS Version
FROM orleansstorage
WHERE grainidhash = @GrainIdHash
    AND graintypehash = @GrainTypeHash
    AND grainidn0 = @GrainIdN0
    AND grainidn1 = @GrainIdN1
    AND graintypestring = @GrainTypeString
    AND serviceid = @ServiceId
    AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
