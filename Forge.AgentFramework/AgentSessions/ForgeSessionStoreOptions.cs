using System.Text.Json;
using Forge.AgentFramework.Names;
using Microsoft.Agents.AI;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.AgentSessions;

/// <summary>The settings of a <see cref="ForgeSessionStore"/>; section <c>Forge:AgentFramework:Sessions</c>.</summary>
public sealed class ForgeSessionStoreOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = StoreRules.Section + ":Sessions";

    /// <summary>The tenant that the sessions belong to, if no partition says so; <c>default</c> if nothing is said.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary>
    /// The name of the partition of a key whose value is the tenant, compared ordinally; null for none. A key without that partition is refused then.
    /// </summary>
    public string? TenantPartition { get; set; }

    /// <summary>
    /// What the names of the sessions begin with, before a colon: 1 to 32 letters, digits, <c>-</c>, <c>.</c> and <c>_</c>; <c>agent</c> by
    /// default. Stores with different ones share no session.
    /// </summary>
    public string Prefix { get; set; } = "agent";

    /// <summary>
    /// What tells the sessions of one agent from those of another that have the same key: its name by default. Null or an empty text for
    /// nothing. Not its id, unless that is given: the framework makes a new one with each agent.
    /// </summary>
    public Func<AIAgent, string?> AgentName { get; set; } = agent => agent.Name;

    /// <summary>How the agents write and read their sessions; null for their own way.</summary>
    public JsonSerializerOptions? SerializerOptions { get; set; }
}

/// <summary>Refuses settings that no store can work with, and names each of them.</summary>
internal sealed class ForgeSessionStoreOptionsValidator : IValidateOptions<ForgeSessionStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, ForgeSessionStoreOptions options) => StoreRules.Result(
    [
        .. StoreRules.Problems(ForgeSessionStoreOptions.Section, options.Tenant, options.Prefix),
        .. options.TenantPartition is { } partition && string.IsNullOrWhiteSpace(partition)
            ? [$"{ForgeSessionStoreOptions.Section}:TenantPartition is empty; leave it out if no partition is the tenant."]
            : Array.Empty<string>(),
        .. options.AgentName is null
            ? [$"{ForgeSessionStoreOptions.Section}:AgentName is null; let it answer null if agents are not told apart."]
            : Array.Empty<string>(),
    ]);
}
