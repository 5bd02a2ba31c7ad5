-- The version is the lock: whoever changes it from what was read adds its silo in the same statement. A silo that is
-- there already leaves the version as it is. There is no ON CONFLICT, so that a version is never used up for nothing.
WITH turned AS (
    UPDATE orleansmembershipversiontable AS cluster
    SET "timestamp" = now(), version = cluster.version + 1
    WHERE cluster.deploymentid = @DeploymentId
        AND cluster.version = @Version
        AND NOT EXISTS (
            SELECT FROM orleansmembershiptable AS silo
            WHERE silo.deploymentid = @DeploymentId
                AND silo.address = @Address
                AND silo.port = @Port
                AND silo.generation = @Generation)
    RETURNING cluster.deploymentid
), added AS (
    INSERT INTO orleansmembershiptable (
        deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
    SELECT
        turned.deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM turned
    RETURNING 1
)
SELECT count(*)::integer FROM added
