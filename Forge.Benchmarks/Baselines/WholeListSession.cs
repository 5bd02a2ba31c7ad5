using System.Security.Cryptography;

namespace Forge.Benchmarks.Baselines;

/// <summary>Every create writes the whole list anew.</summary>
internal sealed class WholeListSession(
    [PersistentState("list", BaselineStorage.Name)] IPersistentState<WholeList> list, TimeProvider time) : Grain, IWholeListSession
{
    public async Task<long> CreateAsync(string message, byte[] state)
    {
        var now = time.GetUtcNow();
        list.State.Items.Add(new SavedState
        {
            Id = Guid.CreateVersion7(now),
            Sequence = list.State.Items.Count + 1,
            CreatedAt = now,
            Message = message,
            Checksum = SHA256.HashData(state),
            State = state,
        });
        await list.WriteStateAsync();
        return list.State.Items.Count;
    }

    public Task<long> CountAsync() => Task.FromResult((long)list.State.Items.Count);

    public Task<SavedState> GetAsync(long sequence) => Task.FromResult(list.State.Items[(int)sequence - 1]);
}

/// <summary>The one row.</summary>
[GenerateSerializer, Alias("forge.benchmarks.whole-list")]
internal sealed class WholeList
{
    [Id(0)]
    public List<SavedState> Items { get; set; } = [];
}
