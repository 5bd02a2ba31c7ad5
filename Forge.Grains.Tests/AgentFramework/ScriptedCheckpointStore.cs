using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>A store that fails as a test says, and else keeps nothing but its names.</summary>
/// <param name="failureOf">What the create of a number, from 1, fails with; null for none.</param>
internal sealed class ScriptedCheckpointStore(Func<int, Exception?> failureOf) : JsonCheckpointStore
{
    private int _creates;

    /// <summary>How many creates there were, those that failed too.</summary>
    public int Creates => _creates;

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null) =>
        failureOf(Interlocked.Increment(ref _creates)) is { } failure
            ? ValueTask.FromException<CheckpointInfo>(failure)
            : new(new CheckpointInfo(sessionId, $"{_creates}"));

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) => throw new KeyNotFoundException();

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) => new([]);
}
