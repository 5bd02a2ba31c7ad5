using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Tests.Client;

public sealed class GatheredWritesTests : IDisposable
{
    private readonly List<(CheckpointReference Checkpoint, IReadOnlyList<NewWrite> Writes)> _sent = [];
    private readonly SemaphoreSlim _pauses = new(0);
    private readonly GatheredWrites _gathered;
    private Func<CheckpointReference, IReadOnlyList<NewWrite>, Task<WritesResult>> _answer = (_, writes) => Task.FromResult(Answer(writes));

    public GatheredWritesTests() => _gathered = new(
        (checkpoint, writes, _) =>
        {
            lock (_sent)
            {
                _sent.Add((checkpoint, writes));
            }

            return _answer(checkpoint, writes);
        },
        () => _pauses.WaitAsync(TestContext.Current.CancellationToken));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _pauses.Dispose();

    [Fact]
    public async Task PutAsync_TasksOfOneMoment_GoTogetherAndEachIsToldOfItsOwn()
    {
        _answer = (_, writes) => Task.FromResult(Answer(writes, write => write.Task == "2" ? WriteOutcome.Kept : WriteOutcome.Written));

        var puts = Enumerable.Range(1, 20).Select(i => _gathered.PutAsync(7, [Write($"{i}"), Write($"{i}", 1)], Cancel)).ToList();
        _pauses.Release(100);
        var results = await Task.WhenAll(puts);

        var (checkpoint, sent) = Assert.Single(_sent);
        Assert.Equal(7, checkpoint);
        Assert.Equal(Enumerable.Range(1, 20).SelectMany(i => new[] { ($"{i}", 0), ($"{i}", 1) }), sent.Select(w => (w.Task, w.Index)));
        Assert.All(results.Where((_, i) => i != 1), result =>
        {
            Assert.Equal([WriteOutcome.Written, WriteOutcome.Written], result.Outcomes);
            Assert.Equal((9L, "c"), (result.Position, result.Chain));
        });
        Assert.Equal([WriteOutcome.Kept, WriteOutcome.Kept], results[1].Outcomes);
        Assert.Equal((null, null), (results[1].Position, results[1].Chain));
    }

    [Fact]
    public async Task PutAsync_OthersComeInEachPause_IsSentWhenNoneDoes()
    {
        var first = _gathered.PutAsync(1, [Write("1")], Cancel);
        _pauses.Release();
        var second = _gathered.PutAsync(1, [Write("2")], Cancel);
        Assert.Empty(_sent);
        _pauses.Release(100);
        await Task.WhenAll(first, second);
        var later = _gathered.PutAsync(1, [Write("3")], Cancel);
        await later;

        Assert.Equal([["1", "2"], ["3"]], _sent.Select(call => call.Writes.Select(w => w.Task)));
    }

    [Fact]
    public async Task PutAsync_SameKeyOtherCheckpointOrTooMuch_GoesByAnotherCall()
    {
        Task[] puts =
        [
            _gathered.PutAsync(1, [Write("a")], Cancel),
            _gathered.PutAsync(1, [Write("a")], Cancel),
            _gathered.PutAsync(2, [Write("b")], Cancel),
            _gathered.PutAsync(2, [Write("c") with { Value = new byte[GatheredWrites.MostBytes] }], Cancel),
            _gathered.PutAsync(2, [Write("d")], Cancel),
            _gathered.PutAsync(2, [.. Enumerable.Range(0, GatheredWrites.MostWrites).Select(i => Write("e", i))], Cancel),
        ];
        _pauses.Release(100);
        await Task.WhenAll(puts);

        Assert.Equal([(1, 1), (1, 1), (2, 1), (2, 1), (2, 1), (2, 200)], _sent.Select(c => (c.Checkpoint.Sequence, c.Writes.Count)).Order());
    }

    [Fact]
    public async Task PutAsync_NoneOrANullOne_IsLeftToTheSiloToRefuse()
    {
        await _gathered.PutAsync(1, [], Cancel);
        await _gathered.PutAsync(1, [null!], Cancel);

        Assert.Equal([0, 1], _sent.Select(call => call.Writes.Count));
    }

    [Fact]
    public async Task PutAsync_OneIsRefused_TheOthersAreWritten()
    {
        _answer = (_, writes) => writes.Any(write => write.Task == "bad")
            ? Task.FromException<WritesResult>(new InvalidRequestException($"writes[{writes.Index().First(w => w.Item.Task == "bad").Index}]", "is bad"))
            : Task.FromResult(Answer(writes));

        var (good, bad, other) = (_gathered.PutAsync(1, [Write("good")], Cancel), _gathered.PutAsync(1, [Write("bad")], Cancel), _gathered.PutAsync(1, [Write("other")], Cancel));
        _pauses.Release(100);

        Assert.Equal([WriteOutcome.Written], (await good).Outcomes);
        Assert.Equal([WriteOutcome.Written], (await other).Outcomes);
        Assert.StartsWith("writes[0]", (await Assert.ThrowsAsync<InvalidRequestException>(() => bad)).Message, StringComparison.Ordinal);
        Assert.Equal(4, _sent.Count);
    }

    [Fact]
    public async Task PutAsync_OneIsRefusedAfterAnAttemptInDoubt_TheOthersAreWritten()
    {
        _answer = (_, writes) => writes.Any(write => write.Task == "bad")
            ? Task.FromException<WritesResult>(new OutcomeUnknownException(
                new SessionAddress(TenantId.Default, SessionId.Parse("s")), new InvalidRequestException("writes[1]", "is bad")))
            : Task.FromResult(Answer(writes));

        var (good, bad) = (_gathered.PutAsync(1, [Write("good")], Cancel), _gathered.PutAsync(1, [Write("bad")], Cancel));
        _pauses.Release(100);

        Assert.Equal([WriteOutcome.Written], (await good).Outcomes);
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => bad);
    }

    [Fact]
    public async Task PutAsync_OneGivesUpBeforeItIsSent_TheOthersGoWithoutIt()
    {
        using var giveUp = new CancellationTokenSource();
        var (kept, gone) = (_gathered.PutAsync(1, [Write("kept")], Cancel), _gathered.PutAsync(1, [Write("gone")], giveUp.Token));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _pauses.Release(100);

        await kept;
        Assert.Equal(["kept"], Assert.Single(_sent).Writes.Select(write => write.Task));
    }

    [Fact]
    public async Task PutAsync_SameKeyAgain_GoesWhenTheFirstHasItsAnswer()
    {
        var answered = new TaskCompletionSource();
        _answer = async (_, writes) =>
        {
            await answered.Task;
            return Answer(writes);
        };
        var first = _gathered.PutAsync(1, [Write("a")], Cancel);
        var again = _gathered.PutAsync(1, [Write("a") with { Mode = WriteMode.Replace }], Cancel);
        var large = _gathered.PutAsync(1, [Write("a"), Write("b") with { Value = new byte[GatheredWrites.MostBytes] }], Cancel);
        _pauses.Release(100);
        answered.SetResult();
        await Task.WhenAll(first, again, large);

        Assert.Equal([(WriteMode.First, 1), (WriteMode.Replace, 1), (WriteMode.First, 2)], _sent.Select(call => (call.Writes[0].Mode, call.Writes.Count)));
    }

    [Fact]
    public async Task PutAsync_NobodyAnswers_IsTheFailureOfAll()
    {
        _answer = (_, _) => Task.FromException<WritesResult>(new UnavailableException("gone"));

        var puts = Enumerable.Range(1, 3).Select(i => _gathered.PutAsync(1, [Write($"{i}")], Cancel)).ToList();
        _pauses.Release(100);

        foreach (var put in puts)
        {
            await Assert.ThrowsAsync<UnavailableException>(() => put);
        }

        Assert.Single(_sent);
    }

    private static NewWrite Write(string task, int index = 0) =>
        new() { Task = task, Index = index, Name = "n", Value = "1"u8.ToArray(), ContentType = "a/b" };

    private static WritesResult Answer(IReadOnlyList<NewWrite> writes, Func<NewWrite, WriteOutcome>? outcome = null) =>
        new(new CheckpointPointer(7, default), [.. writes.Select(w => outcome?.Invoke(w) ?? WriteOutcome.Written)], 9, "c");
}
