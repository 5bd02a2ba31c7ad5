using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Differences;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Client;
using Forge.Grains.Tests.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Differences;

/// <summary>What bounds the comparisons of a silo, and where they run.</summary>
public sealed class StateDifferencesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_AsManyAsMay_TheNextIsBusyUntilOneHasEnded()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { Differences = 2 }));
        var read = new TaskCompletionSource();
        var running = new[] { RunAsync(differences, read.Task), RunAsync(differences, read.Task) };

        var error = await Assert.ThrowsAsync<BusyException>(() => RunAsync(differences, Task.CompletedTask));
        read.SetResult();
        await Task.WhenAll(running);

        Assert.Equal("differences", error.Resource);
        Assert.Equal("[]"u8.ToArray(), (await RunAsync(differences, Task.CompletedTask)).Patch!.Value.ToArray());
    }

    [Fact]
    public async Task Run_ReadFails_GivesItsPlaceBack()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { Differences = 1 }));

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(differences, Task.FromException(new InvalidOperationException("the database is down"))));

        Assert.NotNull((await RunAsync(differences, Task.CompletedTask)).Patch);
    }

    [Fact]
    public async Task Run_PatchBeyondTheLimit_IsRefusedByItsName()
    {
        using var differences = new StateDifferences(Options.Create(new LimitsOptions { PatchBytes = 64 }));

        var error = await Assert.ThrowsAsync<Forge.Errors.OverLimitException>(
            () => RunAsync(differences, Task.CompletedTask, "1", $"\"{new string('x', 100)}\""));

        Assert.Equal(("patch", 64L, "bytes"), (error.Field, error.Limit, error.Unit));
        Assert.True(error.Actual > 100);
    }

    [Fact]
    public async Task Diff_ThatTakesLong_HoldsUpNoCreateOfItsSession()
    {
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        await using var cluster = await ForgeCluster.StartAsync(new ClusterSetup(1, options => options.Database = Grains.Hosting.ForgeDatabase.Memory)
        {
            Services = services => services.AddSingleton<StateDifferences>(provider =>
                new GatedDifferences(provider.GetRequiredService<IOptions<LimitsOptions>>(), begun, gate)),
        });
        var session = cluster.Session("s");
        await session.SaveAsync("1");
        await session.SaveAsync("2");

        var difference = session.DiffAsync(1, 2);
        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal(3, (await session.SaveAsync("3").WaitAsync(Patience, TestContext.Current.CancellationToken)).Sequence);
            Assert.False(difference.IsCompleted);
        }
        finally
        {
            gate.Set();
        }

        Assert.Equal(2, (await difference).To.Sequence);
    }

    private static Task<CheckpointDifference> RunAsync(StateDifferences differences, Task read, string from = "1", string to = "1") =>
        differences.RunAsync(
            async () =>
            {
                await read;
                return () => (Checkpoint(from), Checkpoint(to));
            },
            TestContext.Current.CancellationToken);

    private static Checkpoint Checkpoint(string json) => ClientSamples.Checkpoint(Encoding.UTF8.GetBytes(json));

    /// <summary>Begins to compare, and goes on when it is let.</summary>
    private sealed class GatedDifferences(IOptions<LimitsOptions> options, TaskCompletionSource begun, ManualResetEventSlim gate)
        : StateDifferences(options)
    {
        protected override CheckpointDifference Compare(Checkpoint from, Checkpoint to, CancellationToken cancellationToken)
        {
            begun.TrySetResult();
            gate.Wait(cancellationToken);
            return base.Compare(from, to, cancellationToken);
        }
    }
}
