using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>What tests need of the sample's workflow that counts.</summary>
internal static class CountingRuns
{
    /// <summary>A checkpoint manager that writes the numbers.</summary>
    public static CheckpointManager Manage(JsonCheckpointStore store) => CheckpointManager.CreateJson(store, JsonSerializerOptions.Default);

    /// <summary>The sum that both executors have in the end.</summary>
    public static string ResultOf(int steps) => $"{steps * (steps + 1) / 2}";
}
