using Forge.Errors;

namespace Forge.Checkpoints;

/// <summary>The names of triggers in JSON, exports and queries: the camel case of their members, <c>codeModified</c>.</summary>
public static class CheckpointTriggerNames
{
    private static readonly Dictionary<CheckpointTrigger, string> Names =
        Enum.GetValues<CheckpointTrigger>().ToDictionary(t => t, t => char.ToLowerInvariant(t.ToString()[0]) + t.ToString()[1..]);

    private static readonly Dictionary<string, CheckpointTrigger> Values =
        Names.ToDictionary(p => p.Value, p => p.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>True if the trigger is one of the automatic reasons.</summary>
    public static bool IsAutomatic(this CheckpointTrigger trigger) => trigger >= CheckpointTrigger.HypothesisStatusChange;

    /// <summary>The name of a trigger.</summary>
    /// <exception cref="InvalidRequestException">The trigger is none of the defined ones.</exception>
    public static string ToName(this CheckpointTrigger trigger) =>
        Names.TryGetValue(trigger, out var name) ? name : throw new InvalidRequestException("trigger", "is not a known trigger");

    /// <summary>The trigger of a name, in any case of its letters.</summary>
    /// <exception cref="InvalidRequestException">There is no such trigger.</exception>
    public static CheckpointTrigger Parse(string name) =>
        name is not null && Values.TryGetValue(name, out var trigger)
            ? trigger
            : throw new InvalidRequestException("trigger", $"must be one of {string.Join(", ", Names.Values)}");
}
