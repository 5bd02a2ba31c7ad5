using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Tips_OfBranches_AreThoseWithoutAVisibleChild()
    {
        // 1 - 2 - 3, 2 - 4 (b) - 5 (b), 6 (b) on 2; 5 went, and 3 is marked as one whose children went.
        var session = Session("s");
        var last = HistoryRows.Checkpoint(7) with { Parent = 1 };
        await session.CreateAsync(
            HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3), On("b", 4, 2), On("b", 5, 4), On("b", 6, 2), last);
        await session.CommitAsync(c => c with { Changes = [new Removed(5), new TrunksMarked(new SequenceRange(3, 3))] });

        var read = await Store.Reads.ReadTipsAsync(session.Address, 1, Cancel);

        Assert.Equal(["b", "main"], read!.Tips.Keys.Order());
        Assert.Equal((2, 6), (read.Tips["b"].Count, Assert.Single(read.Tips["b"].Newest).Sequence));
        var main = Assert.Single(read.Tips["main"].Newest);
        Assert.Equal((1, 7, last.Id), (read.Tips["main"].Count, main.Sequence, main.Id));
        Assert.Equal(2, read.Head.Head.Version);
    }

    [Fact]
    public async Task Tips_OfNothingOrADeletedSession_AreNone()
    {
        var session = Session("s");
        Assert.Null(await Store.Reads.ReadTipsAsync(session.Address, 1, Cancel));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        Assert.Null(await Store.Reads.ReadTipsAsync(session.Address, 1, Cancel));
    }

    private static StoredCheckpoint On(string branch, long sequence, long parent) =>
        HistoryRows.Checkpoint(sequence) with { Branch = branch, Parent = parent };
}
