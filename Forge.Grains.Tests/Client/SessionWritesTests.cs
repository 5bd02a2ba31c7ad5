using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Tests.Client;

public class SessionWritesTests
{
    private readonly FakeCluster _cluster = new();

    [Fact]
    public async Task PutWritesAsync_ValueChangedWhileItIsSent_IsTheOneThatWasGiven()
    {
        _cluster.On(nameof(PutWrites), _ => new WritesResult(new CheckpointPointer(1, default), [WriteOutcome.Written], null, null));
        var session = _cluster.Session();
        var value = "1"u8.ToArray();

        var put = session.PutWritesAsync(1, [session.NewWrite("t", 2, "n", 7), session.NewWrite("t", 3, "n", 8) with { Value = value }]);
        value[0] = 0;
        await put;

        var sent = Assert.Single(_cluster.Calls).Argument<PutWrites>();
        Assert.Equal([("t", 2, "7"), ("t", 3, "1")], sent.Writes.Select(w => (w.Task, w.Index, System.Text.Encoding.UTF8.GetString(w.Value.Span))));
        Assert.NotEqual(Guid.Empty, sent.Request.Id);
    }

    [Fact]
    public async Task WritesAsync_OfTheLatest_GoesOnWithTheCheckpointOfTheFirstPage()
    {
        _cluster.On(nameof(ListWrites), a => ((ListWrites)a[0]!).Cursor is null
            ? new WritePage(new CheckpointPointer(5, default), [Write("a")], "next")
            : new WritePage(new CheckpointPointer(5, default), [Write("b")], null));

        var tasks = new List<string>();
        await foreach (var write in _cluster.Session().WritesAsync(CheckpointReference.Latest, 1, TestContext.Current.CancellationToken))
        {
            tasks.Add(write.Task);
        }

        Assert.Equal(["a", "b"], tasks);
        Assert.Equal(
            [(CheckpointReference.Latest, null), (5, "next")],
            _cluster.Calls.Select(c => c.Argument<ListWrites>()).Select(list => (list.Checkpoint, list.Cursor)));
    }

    [Fact]
    public async Task WritesAsync_OfACheckpointThatIsNotThere_SaysSo()
    {
        _cluster.On(nameof(ListWrites), _ => (WritePage?)null);

        await Assert.ThrowsAsync<CheckpointNotFoundException>(
            async () => await _cluster.Session().WritesAsync(9).GetAsyncEnumerator().MoveNextAsync());
    }

    private static PendingWrite Write(string task) => new()
    {
        Task = task,
        Index = 0,
        Name = "n",
        Value = default,
        ContentType = "a/b",
        At = DateTimeOffset.UnixEpoch,
    };
}
