using Forge.Checkpoints;
using Forge.Errors;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>What the queries of lists of checkpoints have in common.</summary>
internal static class CheckpointParameters
{
    /// <exception cref="InvalidRequestException">There is no such trigger.</exception>
    public static CheckpointTrigger? Trigger(this QueryReader query, string name) =>
        query.String(name) is { } trigger ? CheckpointTriggerNames.Parse(trigger) : null;

    /// <exception cref="InvalidRequestException">There is no such order.</exception>
    public static ListOrder Order(this QueryReader query, string name) => query.String(name) switch
    {
        null or "newest" => ListOrder.NewestFirst,
        "oldest" => ListOrder.OldestFirst,
        _ => throw new InvalidRequestException(name, "must be newest or oldest"),
    };

    /// <summary>True if states are asked for.</summary>
    /// <exception cref="InvalidRequestException">Something else is.</exception>
    public static bool IncludesStates(this QueryReader query, string name) => query.String(name) switch
    {
        null => false,
        "state" => true,
        _ => throw new InvalidRequestException(name, "must be state"),
    };
}
