using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Forge.Benchmarks.Baselines;

/// <summary>Two writes for each state, one after the other: the payload, which nothing refers to yet, then the head.</summary>
internal sealed class TwoStateSession(
    [PersistentState("head", BaselineStorage.Name)] IPersistentState<TwoStateHead> head,
    [FromKeyedServices(BaselineStorage.Name)] IGrainStorage storage,
    TimeProvider time) : Grain, ITwoStateSession
{
    private const string PayloadName = "payload";

    public async Task<long> CreateAsync(string message, byte[] state)
    {
        var now = time.GetUtcNow();
        var payload = new SavedState
        {
            Id = Guid.CreateVersion7(now),
            Sequence = head.State.LastSequence + 1,
            CreatedAt = now,
            Message = message,
            Checksum = SHA256.HashData(state),
            State = state,
        };
        await storage.WriteStateAsync(PayloadName, PayloadOf(payload.Sequence), new GrainState<SavedState>(payload));
        (head.State.LastSequence, head.State.LastId) = (payload.Sequence, payload.Id);
        await head.WriteStateAsync();
        return payload.Sequence;
    }

    public Task<long> CountAsync() => Task.FromResult(head.State.LastSequence);

    public async Task<SavedState> GetAsync(long sequence)
    {
        var read = new GrainState<SavedState>(new SavedState());
        await storage.ReadStateAsync(PayloadName, PayloadOf(sequence), read);
        return read.State ?? new SavedState();
    }

    private GrainId PayloadOf(long sequence) => GrainId.Create(PayloadName, $"t/{this.GetPrimaryKeyString()}/{sequence}");
}

/// <summary>The head row.</summary>
[GenerateSerializer, Alias("forge.benchmarks.two-state-head")]
internal sealed class TwoStateHead
{
    [Id(0)]
    public long LastSequence { get; set; }

    [Id(1)]
    public Guid LastId { get; set; }
}
