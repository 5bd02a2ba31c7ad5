-- One statement is one transaction: there is none to leave open when the database is busy. It answers the new version,
-- and no row where somebody else wrote meanwhile, which the provider takes for a conflict. A state that was read and is
-- gone by now is not added again.
INSERT INTO OrleansStorage (
    GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, ServiceId, GrainIdExtensionString,
    PayloadBinary, ModifiedOn, Version)
SELECT
    @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, @ServiceId, ifnull(@GrainIdExtensionString, ''),
    @PayloadBinary, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 1
WHERE @GrainStateVersion IS NULL OR EXISTS (
    SELECT 1
    FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash
        AND GrainTypeHash = @GrainTypeHash
        AND GrainIdN0 = @GrainIdN0
        AND GrainIdN1 = @GrainIdN1
        AND GrainTypeString = @GrainTypeString
        AND ServiceId = @ServiceId
        AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, ''))
ON CONFLICT DO UPDATE
SET PayloadBinary = excluded.PayloadBinary, ModifiedOn = excluded.ModifiedOn, Version = Version + 1
WHERE Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion
