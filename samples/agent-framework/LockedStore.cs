using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace AgentFrameworkSample;

/// <summary>One call at a time of a store that several workflows share and that is not made for that, as the framework's own store of files.</summary>
internal sealed class LockedStore(JsonCheckpointStore inner) : JsonCheckpointStore, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null) =>
        InTurnAsync(() => inner.CreateCheckpointAsync(sessionId, value, parent));

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) =>
        InTurnAsync(() => inner.RetrieveCheckpointAsync(sessionId, key));

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        InTurnAsync(() => inner.RetrieveIndexAsync(sessionId, withParent));

    public void Dispose() => _turn.Dispose();

    private async ValueTask<T> InTurnAsync<T>(Func<ValueTask<T>> call)
    {
        await _turn.WaitAsync();
        try
        {
            return await call();
        }
        finally
        {
            _turn.Release();
        }
    }
}
