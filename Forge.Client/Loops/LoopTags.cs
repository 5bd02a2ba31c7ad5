using System.Globalization;

namespace Forge.Client.Loops;

/// <summary>
/// How a checkpoint says what it is the state of: by a tag with the number of steps that were made, and one for the last. The state itself
/// stays the agent's alone.
/// </summary>
internal static class LoopTags
{
    /// <summary>The agent was done.</summary>
    public const string Finished = "agent-finished";

    private const string Steps = "agent-steps:";

    public static IReadOnlyList<string> Of(long steps, bool isFinished)
    {
        var tag = Steps + steps.ToString(CultureInfo.InvariantCulture);
        return isFinished ? [tag, Finished] : [tag];
    }

    /// <summary>The number of steps; null if the tags do not say.</summary>
    public static long? StepsOf(IReadOnlyList<string> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.StartsWith(Steps, StringComparison.Ordinal)
                && long.TryParse(tag.AsSpan(Steps.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
            {
                return steps;
            }
        }

        return null;
    }
}
