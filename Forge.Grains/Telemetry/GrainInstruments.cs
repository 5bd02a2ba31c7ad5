using System.Diagnostics;
using System.Diagnostics.Metrics;
using Forge.Effects;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Telemetry;

/// <summary>What the sessions of a silo tell of themselves: the meter <c>Forge.Grains</c>. Nothing is measured that nobody listens to.</summary>
internal sealed partial class GrainInstruments
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Forge.Grains";

    private const string Succeeded = "ok";

    // As in the conventions of OpenTelemetry for what is no error of Forge's own.
    private const string Other = "_OTHER";

    private static readonly InstrumentAdvice<double> Times = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Histogram<double> _operations;
    private readonly Counter<long> _reads;
    private readonly Counter<long> _steppedDown;
    private readonly Instrument[] _census;
    private readonly ILogger<GrainInstruments> _logger;

    /// <param name="meters">Makes the meter; null for one that no host owns.</param>
    /// <param name="logger">Is told if somebody who listens fails.</param>
    public GrainInstruments(IMeterFactory? meters, ILogger<GrainInstruments> logger)
    {
        (_meter, _logger) = (meters?.Create(Name) ?? new Meter(Name), logger);
        _operations = _meter.CreateHistogram(
            "forge.operation.duration", "s", "How long operations of sessions took, by operation and outcome: the code of the error if there was one.", advice: Times);
        _reads = _meter.CreateCounter<long>("forge.reads", "{read}", "Reads of checkpoints and lists, by what answered them.");
        _steppedDown = _meter.CreateCounter<long>(
            "forge.sessions.stepped_down", "{session}", "Activations that ended because the database had gone on without them.");
        _census =
        [
            _meter.CreateObservableGauge(
                "forge.due.works", () => Due.Select(due => new Measurement<long>(due.Count, Kind(due.Kind))), "{work}", "Work that is due, by kind."),
            _meter.CreateObservableGauge(
                "forge.due.age", () => Due.Select(due => new Measurement<double>(due.Age.TotalSeconds, Kind(due.Kind))), "s",
                "For how long the oldest of it has been due, by kind."),
            _meter.CreateObservableGauge(
                "forge.effects",
                () => Effects.Select(use => new Measurement<long>(use.Count, new KeyValuePair<string, object?>("forge.effect.status", use.Status.ToName()))),
                "{effect}", "Effects, by how they stand."),
            _meter.CreateObservableGauge(
                "forge.tenant.sessions", () => Tenants.Select(use => new Measurement<long>(use.Sessions, Tenant(use))), "{session}",
                "Living sessions of the tenants with the most bytes."),
            _meter.CreateObservableGauge(
                "forge.tenant.stored", () => Tenants.Select(use => new Measurement<long>(use.Bytes, Tenant(use))), "By",
                "The bytes of states and pending writes, as they were given, of the tenants with the most."),
        ];

        static KeyValuePair<string, object?> Kind(DueWorkKind kind) => new("forge.due.kind", char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..]);

        static KeyValuePair<string, object?> Tenant(TenantUse use) => new("forge.tenant", use.Tenant.Value);
    }

    /// <summary>True for an instrument of this meter, and of no other one of its name.</summary>
    internal bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>True if somebody listens to what the database has to be asked for.</summary>
    public bool WantsCensus => Array.Exists(_census, instrument => instrument.Enabled);

    /// <summary>The work that was due when the database was asked last; empty before.</summary>
    public IReadOnlyList<DueCount> Due { get; set; } = [];

    /// <summary>The effects that there were when the database was asked last; empty before.</summary>
    public IReadOnlyList<EffectUse> Effects { get; set; } = [];

    /// <summary>What tenants had when the database was asked last; empty before.</summary>
    public IReadOnlyList<TenantUse> Tenants { get; set; } = [];

    /// <summary>Tells of what is watched, whenever it is asked for.</summary>
    /// <param name="sessions">How many sessions of this silo somebody watches.</param>
    public void ObserveStreams(Func<int> sessions) =>
        _meter.CreateObservableGauge("forge.streams.sessions", sessions, "{session}", "Sessions of this silo that somebody watches.");

    /// <summary>Tells of what changes count until they are answered, whenever it is asked for.</summary>
    /// <param name="records">The records.</param>
    /// <param name="bytes">About their bytes.</param>
    public void ObserveQueue(Func<int> records, Func<long> bytes)
    {
        _meter.CreateObservableGauge("forge.writer.queue.records", records, "{record}", "Records of changes that are not answered yet.");
        _meter.CreateObservableGauge("forge.writer.queue.size", bytes, "By", "About the bytes of changes that are not answered yet.");
    }

    /// <summary>True if somebody listens: else <see cref="RunAsync"/> does nothing but run, and need not be called.</summary>
    public bool IsListened => _operations.Enabled || System.Diagnostics.Activity.Current is not null;

    /// <summary>Runs an operation, notes how it ended and how long it took, and marks the span of the call with its session.</summary>
    /// <param name="operation">Its name.</param>
    /// <param name="address">Its session.</param>
    /// <param name="run">Runs it.</param>
    public Task<T> RunAsync<T>(string operation, SessionAddress address, Func<Task<T>> run)
    {
        if (System.Diagnostics.Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("forge.operation", operation);
            span.SetTag("forge.tenant", address.Tenant.Value);
            span.SetTag("gen_ai.conversation.id", address.Session.Value);
        }

        return _operations.Enabled ? MeasureAsync(operation, run) : run();
    }

    /// <summary>Notes a read.</summary>
    /// <param name="isFromMemory">True if it was answered with what the silo holds, behind the fence.</param>
    public void NoteRead(bool isFromMemory)
    {
        try
        {
            _reads.Add(1, new KeyValuePair<string, object?>("forge.source", isFromMemory ? "memory" : "database"));
        }
        catch (Exception exception)
        {
            LogListenerFault(exception);
        }
    }

    /// <summary>Notes that an activation steps down.</summary>
    public void NoteStepDown()
    {
        try
        {
            _steppedDown.Add(1);
        }
        catch (Exception exception)
        {
            LogListenerFault(exception);
        }
    }

    private async Task<T> MeasureAsync<T>(string operation, Func<Task<T>> run)
    {
        var (start, outcome) = (Stopwatch.GetTimestamp(), Other);
        try
        {
            var result = await run();
            outcome = Succeeded;
            return result;
        }
        catch (ForgeException error)
        {
            outcome = error.Code;
            throw;
        }
        finally
        {
            NoteOperation(operation, outcome, Stopwatch.GetElapsedTime(start));
        }
    }

    // Who listens is not of this service, and what it does must hide no answer and fail no operation.
    private void NoteOperation(string operation, string outcome, TimeSpan time)
    {
        try
        {
            _operations.Record(
                time.TotalSeconds,
                new KeyValuePair<string, object?>("forge.operation", operation),
                new KeyValuePair<string, object?>("forge.outcome", outcome));
        }
        catch (Exception exception)
        {
            LogListenerFault(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Somebody who listens to the meters of the grains failed")]
    private partial void LogListenerFault(Exception exception);
}

/// <summary>Work of a kind that was due.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Count">How much.</param>
/// <param name="Age">For how long the oldest had been due; nothing if there was none.</param>
internal readonly record struct DueCount(DueWorkKind Kind, long Count, TimeSpan Age);
