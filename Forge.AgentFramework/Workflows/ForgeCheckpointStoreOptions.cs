using System.Text.Json;
using Forge.AgentFramework.Names;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.Workflows;

/// <summary>The settings of a <see cref="ForgeCheckpointStore"/>; section <c>Forge:AgentFramework:Checkpoints</c>.</summary>
public sealed class ForgeCheckpointStoreOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = StoreRules.Section + ":Checkpoints";

    /// <summary>The tenant that the sessions belong to; <c>default</c> if nothing is said.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary>
    /// What the names of the sessions begin with, before a colon: 1 to 32 letters, digits, <c>-</c>, <c>.</c> and <c>_</c>; <c>workflow</c> by
    /// default. Stores with different ones share no session.
    /// </summary>
    public string Prefix { get; set; } = "workflow";

    /// <summary>
    /// How many checkpoints the index is read by at a time: 1 to 10,000, 1,000 by default; not more than the silos allow
    /// (<c>Forge:Limits:PageItems</c>).
    /// </summary>
    public int PageItems { get; set; } = 1000;

    /// <summary>
    /// Of the checkpoint manager that is registered with the store: how messages and states of types of the workflow's own are written and
    /// read. Null for none, which is enough for types that the framework knows.
    /// </summary>
    public JsonSerializerOptions? SerializerOptions { get; set; }
}

/// <summary>Refuses settings that no store can work with, and names each of them.</summary>
internal sealed class ForgeCheckpointStoreOptionsValidator : IValidateOptions<ForgeCheckpointStoreOptions>
{
    private const int MostPageItems = 10_000;

    public ValidateOptionsResult Validate(string? name, ForgeCheckpointStoreOptions options) => StoreRules.Result(
    [
        .. StoreRules.Problems(ForgeCheckpointStoreOptions.Section, options.Tenant, options.Prefix),
        .. StoreRules.Between($"{ForgeCheckpointStoreOptions.Section}:PageItems", options.PageItems, 1, MostPageItems),
    ]);
}
