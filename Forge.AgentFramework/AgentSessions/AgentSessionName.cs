using Forge.AgentFramework.Names;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI;

namespace Forge.AgentFramework.AgentSessions;

/// <summary>
/// Where the session of an agent is kept: <c>prefix:agent:name=value;name=value:session</c>, each part encoded, the partitions by rising name.
/// </summary>
internal static class AgentSessionName
{
    private const int PartitionNameCharacters = 96;

    /// <exception cref="InvalidRequestException">A part is no Unicode, or the partition that is the tenant is missing or names none.</exception>
    /// <exception cref="OverLimitException">The name of a partition is too long for a label.</exception>
    public static (TenantId Tenant, SessionName Name) Of(AIAgent agent, AgentSessionStoreKey key, ForgeSessionStoreOptions options)
    {
        var tenant = TenantId.Parse(options.Tenant);
        var labels = new SessionLabels().Add(SessionLabels.Session, key.SessionId);
        var agentName = "";
        if (options.AgentName(agent) is { Length: > 0 } name)
        {
            agentName = SessionName.Encode("agentName", name);
            labels.Add(SessionLabels.Agent, name);
        }

        var partitions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (partition, value) in key.Partitions ?? new Dictionary<string, string>())
        {
            if (partition.Length > PartitionNameCharacters)
            {
                throw new OverLimitException("partitions", PartitionNameCharacters, partition.Length, "characters of a name");
            }

            partitions.Add(partition, value);
            labels.Add(SessionLabels.Partition, value, partition);
        }

        if (options.TenantPartition is { } ofTenant)
        {
            tenant = partitions.Remove(ofTenant, out var named)
                ? TenantOf(ofTenant, named)
                : throw new InvalidRequestException("partitions", $"must have '{ofTenant}', which is the tenant");
        }

        var encoded = string.Join(';', partitions.Select(p => $"{SessionName.Encode("partitions", p.Key)}={SessionName.Encode("partitions", p.Value)}"));
        return (tenant, SessionName.Of(options.Prefix, $"{agentName}:{encoded}:{SessionName.Encode("sessionId", key.SessionId)}", labels));
    }

    private static TenantId TenantOf(string partition, string value) => TenantId.TryParse(value, out var tenant)
        ? tenant
        : throw new InvalidRequestException(
            "partitions", $"has '{value}' for '{partition}', which is the tenant and must have 1 to 200 printable ASCII characters, no space and no '/'");
}
