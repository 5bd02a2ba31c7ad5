using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Forge.History.Telemetry;

/// <summary>
/// What the history of a silo tells of itself: the meter and the activity source <c>Forge.History</c>. Nothing is measured that nobody
/// listens to.
/// </summary>
internal sealed class HistoryInstruments
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Forge.History";

    /// <summary>The span of one batch, from its being taken until its outcome is known.</summary>
    public const string BatchSpan = "forge.batch";

    private static readonly ActivitySource Source = new(Name);

    // A commit is a fraction of a millisecond to some seconds, and the boundaries that instruments have by default begin at five.
    private static readonly InstrumentAdvice<double> Times = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    };

    private static readonly InstrumentAdvice<long> Sizes = new()
    {
        HistogramBucketBoundaries = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
    };

    private static readonly InstrumentAdvice<int> Counts = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] };

    private readonly Histogram<double> _batchTime;
    private readonly Histogram<int> _batchCommits;
    private readonly Histogram<int> _batchRecords;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _states;
    private readonly Counter<long> _given;
    private readonly Counter<long> _stored;

    /// <param name="meters">Makes the meter; null for one that no host owns.</param>
    public HistoryInstruments(IMeterFactory? meters)
    {
        Meter = meters?.Create(Name) ?? new Meter(Name);
        _batchTime = Meter.CreateHistogram("forge.writer.batch.duration", "s", "How long a batch took, by outcome.", advice: Times);
        _batchCommits = Meter.CreateHistogram("forge.writer.batch.commits", "{commit}", "The commits of a batch, one of each session.", advice: Counts);
        _batchRecords = Meter.CreateHistogram("forge.writer.batch.records", "{record}", "The records of a batch.", advice: Counts);
        _batchSize = Meter.CreateHistogram("forge.writer.batch.size", "By", "About the bytes of a batch.", advice: Sizes);
        _wait = Meter.CreateHistogram("forge.writer.wait.duration", "s", "How long a commit waited for its batch to be taken.", advice: Times);
        _states = Meter.CreateCounter<long>("forge.deltas.states", "{state}", "States that were stored, by what they were encoded on.");
        _given = Meter.CreateCounter<long>("forge.deltas.given.size", "By", "The bytes of states as they were given.");
        _stored = Meter.CreateCounter<long>("forge.deltas.stored.size", "By", "The bytes of the same states as they were stored.");
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; }

    /// <summary>True if somebody wants to know how long commits wait.</summary>
    public bool MeasuresWaits => _wait.Enabled;

    /// <summary>Tells of what waits to be written, whenever it is asked for.</summary>
    /// <param name="read">What waits now.</param>
    public void ObserveWriter(Func<WriterLoad> read)
    {
        Meter.CreateObservableGauge("forge.writer.waiting.commits", () => read().Commits, "{commit}", "Commits that wait for a batch.");
        Meter.CreateObservableGauge("forge.writer.waiting.size", () => read().Bytes, "By", "About the bytes of the commits that wait for a batch.");
        Meter.CreateObservableGauge("forge.writer.waiting.age", () => read().Age.TotalSeconds, "s", "How long the oldest of them has waited.");
        Meter.CreateObservableGauge("forge.writer.lanes", () => read().Lanes, "{lane}", "Batches that are being written.");
    }

    /// <summary>Notes how long a commit waited.</summary>
    public void NoteWait(TimeSpan waited) => _wait.Record(waited.TotalSeconds);

    /// <summary>Notes a state that is stored.</summary>
    /// <param name="given">Its bytes as it was given.</param>
    /// <param name="stored">Its bytes as they are stored.</param>
    /// <param name="basis">What it was encoded on.</param>
    public void NoteState(int given, int stored, StateBasis basis)
    {
        if (!_states.Enabled)
        {
            return;
        }

        _states.Add(1, new KeyValuePair<string, object?>("forge.basis", NameOf(basis)));
        _given.Add(given);
        _stored.Add(stored);
    }

    /// <summary>
    /// Begins the span of a batch: a trace of its own, linked to the calls whose changes are in it, since it is the work of all of them. Null
    /// if nobody listens.
    /// </summary>
    /// <param name="calls">Where those calls are in their traces.</param>
    public static Activity? BeginBatch(IEnumerable<ActivityContext> calls)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // A lane was started by some call, and is not a part of it.
        Activity.Current = null;
        return Source.StartActivity(ActivityKind.Internal, default(ActivityContext), links: calls.Select(call => new ActivityLink(call)), name: BatchSpan);
    }

    /// <summary>Notes a batch whose outcome is known.</summary>
    /// <param name="span">Its span; null for none.</param>
    /// <param name="time">How long it took.</param>
    /// <param name="commits">Its commits.</param>
    /// <param name="records">Its records.</param>
    /// <param name="bytes">About its bytes.</param>
    /// <param name="outcome">What became of it.</param>
    public void EndBatch(Activity? span, TimeSpan time, int commits, int records, long bytes, BatchOutcome outcome)
    {
        var name = NameOf(outcome);
        _batchTime.Record(time.TotalSeconds, new KeyValuePair<string, object?>("forge.outcome", name));
        _batchCommits.Record(commits);
        _batchRecords.Record(records);
        _batchSize.Record(bytes);
        if (span is not null)
        {
            span.SetTag("forge.outcome", name);
            span.SetTag("forge.batch.commits", commits);
            span.SetTag("forge.batch.records", records);
            span.SetTag("forge.batch.size", bytes);
            if (outcome is not BatchOutcome.Written)
            {
                span.SetStatus(ActivityStatusCode.Error, name);
            }
        }
    }

    private static string NameOf(StateBasis basis) => basis switch
    {
        StateBasis.Held => "held",
        StateBasis.Read => "read",
        _ => "none",
    };

    private static string NameOf(BatchOutcome outcome) => outcome switch
    {
        BatchOutcome.Written => "written",
        BatchOutcome.Rejected => "rejected",
        BatchOutcome.Unavailable => "unavailable",
        BatchOutcome.InDoubt => "in_doubt",
        _ => "fault",
    };
}

/// <summary>What waits in a writer, and what it is writing.</summary>
/// <param name="Commits">The commits that wait.</param>
/// <param name="Bytes">About their bytes.</param>
/// <param name="Age">How long the oldest of them has waited.</param>
/// <param name="Lanes">The batches that are being written.</param>
internal readonly record struct WriterLoad(int Commits, long Bytes, TimeSpan Age, int Lanes);

/// <summary>What a state was encoded on.</summary>
internal enum StateBasis
{
    /// <summary>Nothing: it is stored whole.</summary>
    None,

    /// <summary>Its parent, of which the silo held the state.</summary>
    Held,

    /// <summary>Its parent, which was read for it.</summary>
    Read,
}

/// <summary>What became of a batch: the greater, the worse.</summary>
internal enum BatchOutcome
{
    /// <summary>It was written; single sessions of it may have been refused by their heads.</summary>
    Written,

    /// <summary>It was rolled back for the sake of a session in it, and its halves were written, or rejected too.</summary>
    Rejected,

    /// <summary>The database was not there, and nothing was changed.</summary>
    Unavailable,

    /// <summary>Its answer never came, and it was looked up.</summary>
    InDoubt,

    /// <summary>It met a fault of the service.</summary>
    Fault,
}
