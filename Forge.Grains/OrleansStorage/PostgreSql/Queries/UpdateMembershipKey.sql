WITH turned AS (
    UPDATE orleansmembershipversiontable AS cluster
    SET "timestamp" = now(), version = cluster.version + 1
    WHERE cluster.deploymentid = @DeploymentId
        AND cluster.version = @Version
        AND EXISTS (
            SELECT FROM orleansmembershiptable AS silo
            WHERE silo.deploymentid = @DeploymentId
                AND silo.address = @Address
                AND silo.port = @Port
                AND silo.generation = @Generation)
    RETURNING cluster.deploymentid
), changed AS (
    UPDATE orleansmembershiptable AS silo
    SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
    FROM turned
    WHERE silo.deploymentid = turned.deploymentid
        AND silo.address = @Address
        AND silo.port = @Port
        AND silo.generation = @Generation
    RETURNING 1
)
SELECT count(*)::integer FROM changed
