using System.Threading.Channels;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

public class BackgroundSaverTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly Channel<Save> _saves = Channel.CreateUnbounded<Save>();
    private readonly FakeCluster _cluster = new();
    private readonly SessionHandle _session;

    public BackgroundSaverTests()
    {
        _cluster.Options.Retry.Attempts = 1;
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), a =>
        {
            var save = new Save((NewCheckpoint)a[0]!);
            _saves.Writer.TryWrite(save);
            return save.Answer.Task;
        });
        _session = _cluster.Session();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckpointLater_NothingUnsaved_ComesBackBeforeTheSaveIsAnswered()
    {
        await using var saver = _session.SaveLater();

        await saver.CheckpointLaterAsync(new { step = 1 }, "1", ["a"], cancellationToken: Cancel);

        var save = await NextAsync();
        Assert.Null(saver.Last);
        Assert.Equal("1", save.Checkpoint.Message);
        Assert.Equal(["a"], save.Checkpoint.Tags);
        save.Succeed();
        Assert.Equal("1", (await saver.FlushAsync(Cancel))!.Checkpoint!.Message);
    }

    [Fact]
    public async Task CheckpointLater_StatesComeFasterThanTheyAreSaved_NewestFollowsAndOvertakenOnesAreNotSaved()
    {
        await using var saver = _session.SaveLater();
        foreach (var i in Enumerable.Range(1, 5))
        {
            await saver.CheckpointLaterAsync(i, $"{i}", cancellationToken: Cancel);
        }

        var first = await NextAsync();
        await saver.CheckpointLaterAsync(6, "6", cancellationToken: Cancel);
        first.Succeed();
        var last = await NextAsync();
        last.Succeed();

        Assert.Equal("6", (await saver.FlushAsync(Cancel))!.Checkpoint!.Message);
        Assert.Equal("6", last.Checkpoint.Message);
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Fact]
    public async Task CheckpointLater_StateIsChangedAfterwards_IsSavedAsItWas()
    {
        var state = new List<int> { 1 };
        await using var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(state, "1", cancellationToken: Cancel);
        await saver.CheckpointLaterAsync(state, "2", cancellationToken: Cancel);

        state.Add(2);

        var save = await NextAsync();
        save.Succeed();
        Assert.Equal("[1]"u8.ToArray(), save.Checkpoint.State.ToArray());
        if (save.Checkpoint.Message == "1")
        {
            var second = await NextAsync();
            Assert.Equal("[1]"u8.ToArray(), second.Checkpoint.State.ToArray());
            second.Succeed();
        }
    }

    [Fact]
    public async Task CheckpointLater_UnsavedStateIsOlderThanItMayBe_WaitsUntilItIsSaved()
    {
        await using var saver = _session.SaveLater(new BackgroundSaverOptions { MaxAge = MaxAge });
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var first = await NextAsync();
        await saver.CheckpointLaterAsync(2, "2", cancellationToken: Cancel);
        _cluster.Time.Advance(MaxAge + TimeSpan.FromTicks(1));

        var third = saver.CheckpointLaterAsync(3, "3", cancellationToken: Cancel);

        Assert.False(third.IsCompleted);
        first.Succeed();
        // What waited with the first has waited as long.
        var second = await NextAsync();
        Assert.Equal("3", second.Checkpoint.Message);
        Assert.False(third.IsCompleted);
        second.Succeed();
        await third;
    }

    [Fact]
    public async Task CheckpointLater_GivenUpWhileItWaits_StateIsSavedAllTheSame()
    {
        await using var saver = _session.SaveLater(new BackgroundSaverOptions { MaxAge = TimeSpan.Zero });
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = saver.CheckpointLaterAsync(1, "1", cancellationToken: source.Token);
        var save = await NextAsync();
        _cluster.Time.Advance(TimeSpan.FromTicks(1));
        var late = saver.CheckpointLaterAsync(2, "2", cancellationToken: source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        save.Succeed();
        (await NextAsync()).Succeed();
        Assert.Equal("2", (await saver.FlushAsync(Cancel))!.Checkpoint!.Message);
        _ = await Record.ExceptionAsync(() => waiting);
    }

    [Fact]
    public async Task CheckpointLater_EarlierSaveWasRefused_RaisesThatOnceAndSavesTheNewState()
    {
        var refusal = ClientSamples.Definite("limit");
        var told = new List<Exception>();
        await using var saver = _session.SaveLater(new BackgroundSaverOptions { Failed = told.Add });
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        (await NextAsync()).Answer.SetException(refusal);
        Assert.Same(refusal, await Record.ExceptionAsync(() => FailureAsync(saver, 2)));

        // Of the states that were given while it came, more than one may be saved.
        var flush = saver.FlushAsync(Cancel);
        for (var next = NextAsync(); await Task.WhenAny(next, flush) == next; next = NextAsync())
        {
            Assert.Equal("2", (await next).Checkpoint.Message);
            (await next).Succeed();
        }

        Assert.Equal("2", (await flush)!.Checkpoint!.Message);
        Assert.Same(refusal, Assert.Single(told));
    }

    [Fact]
    public async Task CheckpointLater_SaveFailsInAWayThatMayPass_IsTriedAgainByItselfUnderTheSameId()
    {
        await using var saver = _session.SaveLater(new BackgroundSaverOptions { RetryAfter = TimeSpan.FromSeconds(2) });
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var first = await NextAsync();
        first.Answer.SetException(new UnavailableException("Down."));

        var again = await _cluster.Time.DriveAsync(NextAsync());
        var third = _cluster.Time.DriveAsync(NextAsync());
        again.Answer.SetException(new UnavailableException("Down."));
        (await third).Succeed();
        await saver.FlushAsync(Cancel);

        Assert.Equal(first.Checkpoint.Id, again.Checkpoint.Id);
        Assert.False(first.Checkpoint.Id.IsEmpty);
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)], _cluster.Time.Waits);
        Assert.Equal(3, _cluster.Calls.Count);
    }

    [Fact]
    public async Task Flush_NothingGiven_HasNothingToSay()
    {
        await using var saver = _session.SaveLater();

        Assert.Null(await saver.FlushAsync(Cancel));

        Assert.Empty(_cluster.Calls);
    }

    [Fact]
    public async Task Flush_SaveIsRefused_RaisesItAndTriesAgainNextTime()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var flush = saver.FlushAsync(Cancel);
        var refusal = ClientSamples.Definite("head");
        var first = await NextAsync();
        first.Answer.SetException(refusal);
        Assert.Same(refusal, await Record.ExceptionAsync(() => flush));

        var second = saver.FlushAsync(Cancel);
        var again = await NextAsync();
        again.Succeed();

        Assert.Equal(first.Checkpoint.Id, again.Checkpoint.Id);
        Assert.Equal("1", (await second)!.Checkpoint!.Message);
        await saver.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_StateIsUnsaved_SavesItAndTakesNoMore()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);

        var closing = saver.DisposeAsync().AsTask();

        Assert.False(closing.IsCompleted);
        (await NextAsync()).Succeed();
        await closing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => saver.CheckpointLaterAsync(2, "2", cancellationToken: Cancel));
        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task Dispose_LastStateCannotBeSaved_RaisesIt()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var closing = saver.DisposeAsync().AsTask();
        var failure = new UnavailableException("Down.");

        (await NextAsync()).Answer.SetException(failure);

        Assert.Same(failure, await Record.ExceptionAsync(() => closing));
    }

    [Fact]
    public async Task Dispose_AfterOneThatFailed_TriesAgainAndSaysSo()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var (first, second) = (new UnavailableException("Down."), ClientSamples.Definite("limit"));
        var closing = saver.DisposeAsync().AsTask();
        (await NextAsync()).Answer.SetException(first);
        Assert.Same(first, await Record.ExceptionAsync(() => closing));

        closing = saver.DisposeAsync().AsTask();
        (await NextAsync()).Answer.SetException(second);

        Assert.Same(second, await Record.ExceptionAsync(() => closing));
    }

    [Fact]
    public async Task Dispose_AnEarlierStateFails_SavesTheLastOne()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var first = await NextAsync();
        await saver.CheckpointLaterAsync(2, "2", cancellationToken: Cancel);
        var closing = saver.DisposeAsync().AsTask();

        first.Answer.SetException(new UnavailableException("Down."));
        var last = await NextAsync();
        last.Succeed();

        await closing;
        Assert.Equal("2", last.Checkpoint.Message);
    }

    [Fact]
    public async Task Flush_TwoWaitForASaveThatIsRefused_BothAreTold()
    {
        var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var (one, two) = (saver.FlushAsync(Cancel), saver.FlushAsync(Cancel));
        var refusal = ClientSamples.Definite("limit");

        (await NextAsync()).Answer.SetException(refusal);

        Assert.Same(refusal, await Record.ExceptionAsync(() => one));
        Assert.Same(refusal, await Record.ExceptionAsync(() => two));
    }

    [Fact]
    public async Task CheckpointLater_OutcomeUnknown_IsTriedUnderItsIdBeforeANewerOne()
    {
        await using var saver = _session.SaveLater();
        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);
        var first = await NextAsync();
        first.Answer.SetException(new OutcomeUnknownException(ClientSamples.Address, new TimeoutException()));
        var again = await _cluster.Time.DriveAsync(NextAsync());
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => saver.CheckpointLaterAsync(2, "2", cancellationToken: Cancel));
        again.Succeed();
        var newer = await NextAsync();
        newer.Succeed();

        Assert.Equal((first.Checkpoint.Id, "2"), (again.Checkpoint.Id, newer.Checkpoint.Message));
    }

    [Fact]
    public async Task CheckpointLater_Bytes_AreSavedAsTheyAre()
    {
        await using var saver = _session.SaveLater();
        byte[] state = [1, 2, 3];

        await saver.CheckpointLaterAsync(state, "1", cancellationToken: Cancel);
        state[0] = 9;

        var save = await NextAsync();
        save.Succeed();
        Assert.Equal([1, 2, 3], save.Checkpoint.State.ToArray());
        Assert.Equal("application/octet-stream", save.Checkpoint.ContentType);
    }

    [Fact]
    public async Task SaveLater_HandleHasBranchAndEpoch_SavesUnderThem()
    {
        await using var saver = _session.OnBranch("b").WithEpoch(7).SaveLater();

        await saver.CheckpointLaterAsync(1, "1", cancellationToken: Cancel);

        var save = await NextAsync();
        Assert.Equal(("b", 7), (save.Checkpoint.Branch, save.Checkpoint.Epoch));
        save.Succeed();
    }

    [Theory]
    [InlineData(-1, 1, "maxAge")]
    [InlineData(0, 0, "retryAfter")]
    [InlineData(0, -1, "retryAfter")]
    public void SaveLater_OptionOutOfBounds_IsRefusedByName(int maxAge, int retryAfter, string field)
    {
        var error = Assert.Throws<InvalidRequestException>(() => _session.SaveLater(new BackgroundSaverOptions
        {
            MaxAge = TimeSpan.FromSeconds(maxAge),
            RetryAfter = TimeSpan.FromSeconds(retryAfter),
        }));

        Assert.Equal(field, error.Field);
    }

    /// <summary>Gives states until the failure of an earlier one is raised.</summary>
    private static async Task FailureAsync(BackgroundSaver saver, int state)
    {
        // The failure comes on a thread of its own.
        while (true)
        {
            await saver.CheckpointLaterAsync(state, $"{state}", cancellationToken: Cancel);
            await Task.Yield();
        }
    }

    private Task<Save> NextAsync() => _saves.Reader.ReadAsync(Cancel).AsTask();

    private sealed record Save(NewCheckpoint Checkpoint)
    {
        public TaskCompletionSource<CreateResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Succeed() => Answer.SetResult(new CreateResult(CreateOutcome.Created, ClientSamples.Summary(Checkpoint)));
    }
}
