using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Differences;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Client;
using Forge.Grains.Tests.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Differences;

/// <summary>What bounds the comparisons of a silo, and where they run.</summary>
public sealed class StateDifferencesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_AsManyAsMay_TheNextIsBusyUntilOneHasEnded()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { Differences = 1 }), TimeProvider.System);
        var read = new TaskCompletionSource();
        var running = RunAsync(differences, read.Task);

        var error = await Assert.ThrowsAsync<BusyException>(() => RunAsync(differences, Task.CompletedTask));
        read.SetResult();
        await running;

        Assert.Equal("differences", error.Resource);
        Assert.Equal("[]"u8.ToArray(), (await RunAsync(differences, Task.CompletedTask)).Patch!.Value.ToArray());
    }

    [Theory]
    [InlineData(4, 1, 1)]
    [InlineData(4, 2, 1)]
    [InlineData(4, 4, 3)]
    [InlineData(4, 64, 4)]
    [InlineData(1, 64, 1)]
    public void AtOnce_LimitAndProcessors_LeavesOneProcessorToOthers(int limit, int processors, int expected) =>
        Assert.Equal(expected, StateDifferences.AtOnce(limit, processors));

    [Theory]
    [InlineData(0.5)]
    [InlineData(26.0)]
    public void Validate_DurationOutOfBounds_IsNamedWithItsLimits(double seconds)
    {
        var limits = new LimitsOptions { DifferenceDuration = TimeSpan.FromSeconds(seconds) };

        Assert.Equal(
            $"Forge:Limits:DifferenceDuration is {limits.DifferenceDuration:c}; it must be from 00:00:01 to 00:00:25.",
            Assert.Single(new LimitsOptionsValidator().Validate(null, limits).Failures!));
    }

    [Fact]
    public async Task Run_Comparison_TakesNoThreadOfThePool()
    {
        using var differences = new HeldDifferences(new LimitsOptions(), TimeProvider.System);
        differences.Go.Set();

        await RunAsync(differences, Task.CompletedTask);

        Assert.False(differences.IsOnThePool);
    }

    [Fact]
    public async Task Run_ReadFails_GivesItsPlaceBack()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { Differences = 1 }), TimeProvider.System);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(differences, Task.FromException(new InvalidOperationException("the database is down"))));

        Assert.NotNull((await RunAsync(differences, Task.CompletedTask)).Patch);
    }

    [Fact]
    public async Task Run_PatchBeyondTheLimit_IsRefusedByItsName()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { PatchBytes = 64 }), TimeProvider.System);

        var error = await Assert.ThrowsAsync<Forge.Errors.OverLimitException>(
            () => RunAsync(differences, Task.CompletedTask, "1", $"\"{new string('x', 100)}\""));

        Assert.Equal(("patch", 64L, "bytes"), (error.Field, error.Limit, error.Unit));
        Assert.True(error.Actual > 100);
    }

    [Fact]
    public async Task Run_ComparisonLongerThanItMay_IsRefusedByTheLimitAndGivesItsPlaceBack()
    {
        var time = new FakeTimeProvider();
        using var differences = new HeldDifferences(new LimitsOptions { Differences = 1 }, time);
        var running = RunAsync(differences, Task.CompletedTask);
        await differences.Begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromSeconds(10));

        await MustBeTooLongAsync(running);
        differences.Go.Set();
        Assert.NotNull((await RunAsync(differences, Task.CompletedTask)).Patch);
    }

    [Fact]
    public async Task Run_ReadsLongerThanItMay_IsRefusedByTheLimit()
    {
        var time = new FakeTimeProvider();
        using var differences = new StateDifferences(Options.Create(new LimitsOptions()), time);
        var running = RunAsync(differences, new TaskCompletionSource().Task);

        time.Advance(TimeSpan.FromSeconds(10));

        await MustBeTooLongAsync(running);
    }

    [Fact]
    public async Task Run_Cancelled_EndsAndGivesItsPlaceBack()
    {
        using var cancelled = new CancellationTokenSource();
        using var differences = new HeldDifferences(new LimitsOptions { Differences = 1 }, TimeProvider.System);
        var running = RunAsync(differences, Task.CompletedTask, cancellationToken: cancelled.Token);
        await differences.Begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => running.WaitAsync(Patience, TestContext.Current.CancellationToken));
        differences.Go.Set();
        Assert.NotNull((await RunAsync(differences, Task.CompletedTask)).Patch);
    }

    /// <summary>What compares JSON is told, so that it can end on its way.</summary>
    [Fact]
    public async Task Run_CancelledAsItBegins_IsNotComparedToTheEnd()
    {
        using var cancelled = new CancellationTokenSource();
        using var differences = new HeldDifferences(new LimitsOptions(), TimeProvider.System) { OnBegin = cancelled.Cancel };
        differences.Go.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RunAsync(differences, Task.CompletedTask, cancellationToken: cancelled.Token));
    }

    [Fact]
    public async Task Diff_ThatTakesLong_HoldsUpNothingOfItsSession()
    {
        await using var silo = await HeldSilo.StartAsync();
        var session = silo.Cluster.Session("s");
        await session.SaveAsync("1");
        await session.SaveAsync("2");

        var difference = silo.Cluster.DiffAsync(session, 1, 2);
        await silo.Differences.Begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        try
        {
            // An activation that steps down is followed by another one as soon as it has no calls.
            await session.AsReference<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
            Assert.Equal(3, (await session.SaveAsync("3").WaitAsync(Patience, TestContext.Current.CancellationToken)).Sequence);
            Assert.False(difference.IsCompleted);
        }
        finally
        {
            silo.Differences.Go.Set();
        }

        Assert.Equal(2, (await difference).To.Sequence);
    }

    [Fact]
    public async Task Diff_CallerGivesUp_EndsTheComparison()
    {
        await using var silo = await HeldSilo.StartAsync();
        var session = silo.Cluster.Session("s");
        await session.SaveAsync("1");
        using var cancelled = new CancellationTokenSource();
        var difference = silo.Cluster.DiffAsync(session, 1, 1, cancellationToken: cancelled.Token);
        await silo.Differences.Begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => difference);
        await silo.Differences.Cancelled.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static async Task MustBeTooLongAsync(Task running)
    {
        var error = await Assert.ThrowsAsync<Forge.Errors.OverLimitException>(
            () => running.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(("difference", 10L, 10L, "seconds"), (error.Field, error.Limit, error.Actual, error.Unit));
    }

    private static Task<CheckpointDifference> RunAsync(
        StateDifferences differences, Task read, string from = "1", string to = "1", CancellationToken? cancellationToken = null) =>
        differences.RunAsync(
            async token =>
            {
                await read.WaitAsync(token);
                return (Checkpoint(from), Checkpoint(to));
            },
            cancellationToken ?? TestContext.Current.CancellationToken);

    private static Checkpoint Checkpoint(string json) => ClientSamples.Checkpoint(Encoding.UTF8.GetBytes(json));

    /// <summary>Begins to compare, and goes on when it is let.</summary>
    private sealed class HeldDifferences(LimitsOptions limits, TimeProvider time) : StateDifferences(Options.Create(limits), time)
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Go { get; } = new();

        public Action? OnBegin { get; init; }

        public bool IsOnThePool { get; private set; }

        protected override CheckpointDifference Compare(Checkpoint from, Checkpoint to, CancellationToken cancellationToken)
        {
            IsOnThePool = Thread.CurrentThread.IsThreadPoolThread;
            Begun.TrySetResult();
            try
            {
                Go.Wait(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Cancelled.TrySetResult();
                throw;
            }

            OnBegin?.Invoke();
            return base.Compare(from, to, cancellationToken);
        }
    }

    /// <summary>A silo whose comparisons go on when they are let.</summary>
    private sealed class HeldSilo(ForgeCluster cluster, HeldDifferences differences) : IAsyncDisposable
    {
        public ForgeCluster Cluster => cluster;

        public HeldDifferences Differences => differences;

        public static async Task<HeldSilo> StartAsync()
        {
            var differences = new HeldDifferences(new LimitsOptions(), TimeProvider.System);
            return new HeldSilo(
                await ForgeCluster.StartAsync(new ClusterSetup(1, options => options.Database = Grains.Hosting.ForgeDatabase.Memory)
                {
                    Services = services => services.AddSingleton<StateDifferences>(differences),
                }),
                differences);
        }

        public async ValueTask DisposeAsync()
        {
            differences.Go.Set();
            await cluster.DisposeAsync();
            differences.Dispose();
        }
    }
}
