using System.Collections.Concurrent;
using Forge.Grains.Tests.Streams;
using Forge.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Rpc;

/// <summary>A silo of a test's own, with settings of its own, whose sessions can be held up.</summary>
internal sealed class RpcHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RpcHost(WebApplication app, HeldSessions held, LogLines log) => (_app, Held, Log) = (app, held, log);

    /// <summary>The calls of sessions whose names begin with <c>held</c>.</summary>
    public HeldSessions Held { get; }

    public LogLines Log { get; }

    public Uri Root => new(_app.Urls.Single());

    public IServiceProvider Services => _app.Services;

    public static async Task<RpcHost> StartAsync(Action<IServiceCollection>? configure, params string[] settings)
    {
        var (held, log) = (new HeldSessions(), new LogLines());
        var app = ForgeHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0",
                .. settings.SelectMany(setting => setting.Split('=', 2) is [var name, var value] ? new[] { $"--{name}", value } : []),
            ],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Logging.AddProvider(log);
                builder.Services.AddSingleton<IIncomingGrainCallFilter>(held);
                configure?.Invoke(builder.Services);
            });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RpcHost(app, held, log);
    }

    public static Task<RpcHost> StartAsync(params string[] settings) => StartAsync(null, settings);

    public Task<RpcClient> ConnectAsync(string? origin = null, bool reads = true) => RpcClient.ConnectAsync(Root, origin, reads);

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Held.Release();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Holds up the calls of sessions whose names begin with <c>held</c>, until they are let go.</summary>
internal sealed class HeldSessions : IIncomingGrainCallFilter
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>How many are held.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Release() => _released.TrySetResult();

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.TargetId.Key.ToString()?.Contains("/held", StringComparison.Ordinal) is true)
        {
            Interlocked.Increment(ref _count);
            await _released.Task;
        }

        await context.Invoke();
    }

    public async Task UntilAsync(int count)
    {
        // A call that is refused on its way never comes: then the test fails, and does not hang.
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Watching.Patience);
        while (Count < count)
        {
            Assert.False(bound.IsCancellationRequested, $"{Count} calls of {count} came");
            await Task.Yield();
        }
    }
}

/// <summary>What was logged.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public bool Has(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Logger(LogLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines._lines.Enqueue(formatter(state, exception));
    }
}
