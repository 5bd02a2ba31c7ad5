using System.Security.Cryptography;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI.Workflows;

namespace Forge.AgentFramework.Workflows;

/// <summary>What the checkpoints of workflows are in Forge, whichever way they are sent.</summary>
internal static class CheckpointRules
{
    private const string StepNumber = "stepNumber";

    /// <summary>What was written is read, however deep it is; a state has a bound in bytes.</summary>
    public static JsonDocumentOptions Reading { get; } = new() { MaxDepth = int.MaxValue };

    /// <summary>The id of a checkpoint, which follows from what it is.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="epoch">The claim that it is created under; null for none.</param>
    /// <param name="parent">What it follows.</param>
    /// <param name="state">Its state.</param>
    /// <param name="life">Which of the same, from 1: the next one if that before was removed.</param>
    public static CheckpointId IdOf(SessionAddress session, long? epoch, CheckpointReference parent, byte[] state, int life) => CheckpointId.FromIdempotencyKey(
        session, FormattableString.Invariant($"agent-framework/{parent}/{Convert.ToHexStringLower(SHA256.HashData(state))}/{epoch}/{life}"));

    /// <summary>What a checkpoint follows.</summary>
    /// <exception cref="InvalidRequestException">The parent is of another session.</exception>
    /// <exception cref="CheckpointNotFoundException">Its id is none.</exception>
    public static CheckpointReference ParentOf(SessionAddress session, string sessionId, CheckpointInfo? parent) =>
        parent is null ? CheckpointReference.None
        : parent.SessionId != sessionId
            ? throw new InvalidRequestException("parent", $"is of session '{parent.SessionId}', and not of '{sessionId}'")
        : CheckpointId.TryParse(parent.CheckpointId, out var id) ? id
        : throw new CheckpointNotFoundException(session, parent.CheckpointId, "parent");

    public static CheckpointInfo ToInfo(string sessionId, CheckpointId id) => new(sessionId, id.ToString());

    /// <summary>What a person sees of it in a list. A repeat must have the same, so it follows from the state.</summary>
    public static string MessageOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(StepNumber, out var step)
        && step.ValueKind == JsonValueKind.Number && step.TryGetInt32(out var number)
            ? FormattableString.Invariant($"superstep {number}")
            : "checkpoint";

    public static KeyNotFoundException NotFound(string sessionId, CheckpointInfo key, Exception? cause = null) =>
        new($"Workflow session '{sessionId}' has no checkpoint '{key.CheckpointId}'{(key.SessionId == sessionId ? "" : $" of session '{key.SessionId}'")}.", cause);
}
