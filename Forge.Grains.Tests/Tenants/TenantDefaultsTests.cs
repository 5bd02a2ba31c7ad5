using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Tenants;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Tenants;

public sealed class TenantDefaultsTests : IDisposable
{
    private static readonly TenantId Tenant = TenantId.Parse("t");

    private readonly FakeTimeProvider _time = new();
    private readonly Queue<TaskCompletionSource<TenantSettings>> _answers = [];
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _failed = new(0);
    private int _reads;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _asked.Dispose();
        _failed.Dispose();
    }

    [Fact]
    public async Task Get_OldValueAndReadThatHangs_GivesWhatIsKnownAtOnceAndReadsOnce()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        _time.Advance(TimeSpan.FromMinutes(2));
        var next = Answer();

        for (var i = 0; i < 100; i++)
        {
            var known = defaults.GetAsync(Tenant).AsTask();
            Assert.True(known.IsCompletedSuccessfully);
            Assert.Equal(1, (await known).MaxStateBytes);
        }

        await _asked.WaitAsync(Cancel);
        next.SetResult(Settings(2));
        await UntilAsync(defaults, 2);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Get_FirstCallersAtOnce_ShareOneRead()
    {
        var (defaults, answer) = (Defaults(), Answer());
        var waiting = Enumerable.Range(0, 20).Select(_ => defaults.GetAsync(Tenant).AsTask()).ToList();

        answer.SetResult(Settings(3));

        Assert.All(await Task.WhenAll(waiting), settings => Assert.Equal(3, settings.MaxStateBytes));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Get_NeverReadAndReadThatHangs_IsRefusedInTime()
    {
        var (defaults, answer) = (Defaults(), Answer());
        var waiting = defaults.GetAsync(Tenant).AsTask();
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<UnavailableException>(() => waiting);
        answer.SetResult(Settings(4));
        await UntilAsync(defaults, 4);
    }

    [Fact]
    public async Task Get_ReadFails_GoesOnWithWhatIsKnownAndTriesAgainAfterAPause()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        _time.Advance(TimeSpan.FromMinutes(2));
        Answer().SetException(new TimeoutException("no answer"));
        Assert.Equal(1, (await defaults.GetAsync(Tenant)).MaxStateBytes);
        await _failed.WaitAsync(Cancel);
        Assert.Equal(1, (await defaults.GetAsync(Tenant)).MaxStateBytes);
        Assert.Equal(2, _reads);

        Answer().SetResult(Settings(2));
        _time.Advance(TimeSpan.FromSeconds(5));
        await UntilAsync(defaults, 2);
        Assert.Equal(3, _reads);
    }

    [Fact]
    public async Task Get_LongAfterTheLastCall_WaitsForWhatIsStoredNow()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        _time.Advance(TimeSpan.FromMinutes(10));
        Answer().SetResult(Settings(2));

        Assert.Equal(2, (await defaults.GetAsync(Tenant)).MaxStateBytes);
    }

    [Fact]
    public async Task Get_LongAfterTheLastCallAndReadThatHangs_IsWaitedForOnceAndThenNotForAPause()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        _time.Advance(TimeSpan.FromMinutes(10));
        var answer = Answer();
        var waiting = defaults.GetAsync(Tenant).AsTask();
        await _asked.WaitAsync(Cancel);
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await waiting).MaxStateBytes);

        Assert.True(defaults.GetAsync(Tenant).AsTask().IsCompletedSuccessfully);
        Assert.Equal(2, _reads);
        answer.SetResult(Settings(2));
        await UntilAsync(defaults, 2);
    }

    [Fact]
    public async Task GetFresh_KnownForAMinute_IsReadAnew()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        Assert.Equal(1, (await defaults.GetFreshAsync(Tenant)).MaxStateBytes);
        Assert.Equal(1, _reads);
        _time.Advance(TimeSpan.FromMinutes(1));
        Answer().SetResult(Settings(2));

        Assert.Equal(2, (await defaults.GetFreshAsync(Tenant)).MaxStateBytes);
    }

    [Fact]
    public async Task GetFresh_KnownForAMinuteAndReadFails_IsRefused()
    {
        var defaults = await ReadOnceAsync(Settings(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        Answer().SetException(new TimeoutException("no answer"));

        await Assert.ThrowsAsync<UnavailableException>(() => defaults.GetFreshAsync(Tenant).AsTask());
    }

    [Fact]
    public async Task Get_MoreTenantsThanAreKept_ForgetsThoseReadTheLongestAgo()
    {
        var defaults = new TenantDefaults(_ => Task.FromResult(Settings(1)), _time, NullLogger<TenantDefaults>.Instance);
        for (var i = 0; i <= TenantDefaults.Capacity; i++)
        {
            await defaults.GetAsync(TenantId.Parse($"t{i}"));
            _time.Advance(TimeSpan.FromTicks(1));
        }

        Assert.InRange(defaults.Count, TenantDefaults.Capacity / 2, TenantDefaults.Capacity);
        Assert.True(defaults.GetAsync(TenantId.Parse($"t{TenantDefaults.Capacity}")).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Create_TenantsGrainHangs_IsAcknowledgedUnderItsSettings()
    {
        var held = new HeldTenants();
        await using var forge = await ForgeCluster.StartAsync(new ClusterSetup(1, options => options.Database = ForgeDatabase.Memory)
        {
            Services = services => services.AddSingleton<IIncomingGrainCallFilter>(held),
        });
        await forge.Tenant("t").SetSettingsAsync(new TenantSettings { MaxStateBytes = 100 });
        held.Release = new TaskCompletionSource();

        Assert.Equal(1, (await forge.Session("s", "t").CreateAsync("x")).Sequence);
        await Assert.ThrowsAsync<OverLimitException>(() => forge.Session("s", "t").CreateAsync(new string('x', 200)));

        held.Release.SetResult();
    }

    [Fact]
    public async Task Create_SettingsYetToCome_CountsInTheWritersBounds()
    {
        var settings = Answer();
        await using var forge = await ForgeCluster.StartAsync(new ClusterSetup(1, options =>
        {
            options.Database = ForgeDatabase.Memory;
            options.Writer.QueueRecords = 1;
        })
        {
            Services = services => services.AddSingleton(Defaults()),
        });
        var waiting = forge.Session("one").CreateAsync("x");
        await _asked.WaitAsync(Cancel);

        await Assert.ThrowsAsync<BusyException>(() => forge.Session("two").CreateAsync("x"));

        settings.SetResult(new TenantSettings());
        Assert.Equal(1, (await waiting).Sequence);
    }

    private static TenantSettings Settings(int bytes) => new() { MaxStateBytes = bytes };

    private TaskCompletionSource<TenantSettings> Answer()
    {
        var answer = new TaskCompletionSource<TenantSettings>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers.Enqueue(answer);
        return answer;
    }

    private async Task<TenantDefaults> ReadOnceAsync(TenantSettings settings)
    {
        var defaults = Defaults();
        Answer().SetResult(settings);
        await defaults.GetAsync(Tenant);
        await _asked.WaitAsync(Cancel);
        return defaults;
    }

    private TenantDefaults Defaults() => new(
        _ =>
        {
            Interlocked.Increment(ref _reads);
            var answer = _answers.Dequeue().Task;
            _asked.Release();
            return answer;
        },
        _time,
        new FailureLog(_failed));

    /// <summary>Asks until the read in the background has ended.</summary>
    private static async Task UntilAsync(TenantDefaults defaults, int bytes)
    {
        while ((await defaults.GetAsync(Tenant)).MaxStateBytes != bytes)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Signals each failure that is told of.</summary>
    private sealed class FailureLog(SemaphoreSlim failed) : ILogger<TenantDefaults>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => failed.Release();
    }

    /// <summary>Lets no call of a tenant's grain through until it is released.</summary>
    private sealed class HeldTenants : IIncomingGrainCallFilter
    {
        public TaskCompletionSource? Release { get; set; }

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType == typeof(ITenantGrain) && Release is { } release)
            {
                await release.Task;
            }

            await context.Invoke();
        }
    }
}
