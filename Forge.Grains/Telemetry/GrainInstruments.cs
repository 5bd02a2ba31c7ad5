using System.Diagnostics;
using System.Diagnostics.Metrics;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Telemetry;

/// <summary>What the sessions of a silo tell of themselves: the meter <c>Forge.Grains</c>. Nothing is measured that nobody listens to.</summary>
internal sealed class GrainInstruments
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

    /// <param name="meters">Makes the meter; null for one that no host owns.</param>
    public GrainInstruments(IMeterFactory? meters)
    {
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _operations = _meter.CreateHistogram(
            "forge.operation.duration", "s", "How long operations of sessions took, by operation and outcome: the code of the error if there was one.", advice: Times);
        _reads = _meter.CreateCounter<long>("forge.reads", "{read}", "Reads of checkpoints and lists, by what answered them.");
        _steppedDown = _meter.CreateCounter<long>(
            "forge.sessions.stepped_down", "{session}", "Activations that ended because the database had gone on without them.");
    }

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
    public void NoteRead(bool isFromMemory) => _reads.Add(1, new KeyValuePair<string, object?>("forge.source", isFromMemory ? "memory" : "database"));

    /// <summary>Notes that an activation steps down.</summary>
    public void NoteStepDown() => _steppedDown.Add(1);

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
            _operations.Record(
                Stopwatch.GetElapsedTime(start).TotalSeconds,
                new KeyValuePair<string, object?>("forge.operation", operation),
                new KeyValuePair<string, object?>("forge.outcome", outcome));
        }
    }
}
