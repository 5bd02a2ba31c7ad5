-- One row with the version at the least, also where no silo is there.
SELECT
    silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.siloname AS SiloName,
    silo.hostname AS HostName, silo.status AS Status, silo.proxyport AS ProxyPort, silo.suspecttimes AS SuspectTimes,
    silo.starttime AS StartTime, silo.iamalivetime AS IAmAliveTime, cluster.version AS Version
FROM orleansmembershipversiontable AS cluster
LEFT JOIN orleansmembershiptable AS silo ON silo.deploymentid = cluster.deploymentid
WHERE cluster.deploymentid = @DeploymentId
