WITH cluster AS (
    DELETE FROM orleansmembershipversiontable WHERE deploymentid = @DeploymentId
)
DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId
