-- 3 is an active silo: its entry stays however long it has been silent, until the others have declared it dead.
DELETE FROM orleansmembershiptable
WHERE deploymentid = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3
