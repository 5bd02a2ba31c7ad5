using Forge.History.PostgreSql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class BatchesInDoubtTests
{
    private readonly BatchesInDoubt _batches = new();

    [Fact]
    public void Add_MoreThanItHolds_ForgetsWhatWasNotAskedAboutForLongest()
    {
        var batches = Enumerable.Range(0, BatchesInDoubt.Capacity).Select(_ => Guid.NewGuid()).ToArray();
        for (var i = 0; i < batches.Length; i++)
        {
            _batches.Add(batches[i], i);
        }

        Assert.True(_batches.TryFind(batches[0], out var first));
        Assert.Equal(0, first);
        _batches.Add(Guid.NewGuid(), 1);
        _batches.Add(Guid.NewGuid(), 2);

        Assert.True(_batches.TryFind(batches[0], out _));
        Assert.False(_batches.TryFind(batches[1], out _));
        Assert.False(_batches.TryFind(batches[2], out _));
        Assert.True(_batches.TryFind(batches[3], out var process));
        Assert.Equal(3, process);
    }

    [Fact]
    public void Remove_FoundOut_IsNotKnownAnyMore()
    {
        var batch = Guid.NewGuid();
        _batches.Add(batch, 7);

        _batches.Remove(batch);

        Assert.False(_batches.TryFind(batch, out _));
    }
}
