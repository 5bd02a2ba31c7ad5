using Forge.Checkpoints;
using Forge.Differences;
using Forge.Differences.Json;
using Forge.Documents.Json;
using Forge.Errors;
using Forge.Grains.Rules;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Differences;

/// <summary>
/// Compares states, each pair on a thread of its own and so many at once as a silo may: each holds two states, what is known of their
/// values, and the patch.
/// </summary>
internal class StateDifferences(IOptions<LimitsOptions> options, TimeProvider time) : IDisposable
{
    private const int Entries = 100;

    private readonly SemaphoreSlim _slots = new(AtOnce(options.Value.Differences, Environment.ProcessorCount));

    /// <summary>How many run at once: one processor is left to the calls that are short.</summary>
    /// <param name="limit">What the options allow.</param>
    /// <param name="processors">How many processors the silo has.</param>
    public static int AtOnce(int limit, int processors) => Math.Min(limit, Math.Max(1, processors - 1));

    /// <summary>Runs a comparison apart from the scheduler of the grain that asks for it, which goes on with its calls meanwhile.</summary>
    /// <param name="readAsync">Reads the two checkpoints, on the caller's scheduler; it is told when the time is over.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="BusyException">As many run as may.</exception>
    /// <exception cref="OverLimitException">The patch is longer than its limit, or it takes longer than it may.</exception>
    public async Task<CheckpointDifference> RunAsync(
        Func<CancellationToken, Task<(Checkpoint From, Checkpoint To)>> readAsync, CancellationToken cancellationToken)
    {
        if (!_slots.Wait(0, CancellationToken.None))
        {
            throw new BusyException("differences", "are being made, as many at once as this silo allows");
        }

        try
        {
            var (limit, started) = (options.Value.DifferenceDuration, time.GetTimestamp());
            using var deadline = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                return await ReadAndCompareAsync(readAsync, either.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                var elapsed = time.GetElapsedTime(started);
                throw new OverLimitException("difference", (long)limit.TotalSeconds, (long)Math.Ceiling(elapsed.TotalSeconds), "seconds");
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Compares two states.</summary>
    protected virtual CheckpointDifference Compare(Checkpoint from, Checkpoint to, CancellationToken cancellationToken)
    {
        var difference = new CheckpointDifference
        {
            From = from.Summary with { KeptParent = null },
            To = to.Summary with { KeptParent = null },
            FirstDifference = ByteDifference.FirstDifference(from.State.Span, to.State.Span),
        };
        if ((OtherThanJson("from", from) ?? OtherThanJson("to", to)) is { } other)
        {
            return difference with { NotCompared = other };
        }

        var limits = new JsonDifferenceLimits { PatchBytes = options.Value.PatchBytes, Entries = Entries };
        return JsonDifference.Compare(from.State, to.State, limits, cancellationToken) switch
        {
            JsonPatch patch => difference with { Patch = patch.Bytes, IsCoarse = patch.IsCoarse, Summary = SummaryOf(patch.Summary) },
            NotComparable problem => difference with { NotCompared = NotComparedOf(problem) },
            PatchTooLarge patch => throw new OverLimitException("patch", patch.Limit, patch.Reached, "bytes"),
            _ => throw new InvalidOperationException("This comparison has an outcome that is not known."),
        };
    }

    private async Task<CheckpointDifference> ReadAndCompareAsync(
        Func<CancellationToken, Task<(Checkpoint From, Checkpoint To)>> readAsync, CancellationToken cancellationToken)
    {
        var (from, to) = await readAsync(cancellationToken);

        // Seconds on a thread of the pool would be seconds that all else in the silo may wait for one.
        return await Task.Factory.StartNew(
            () => Compare(from, to, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
    }

    private static NotCompared? OtherThanJson(string side, Checkpoint checkpoint) =>
        JsonMediaType.Includes(checkpoint.Summary.ContentType)
            ? null
            : new NotCompared(NotComparedReason.ContentType, $"The state of '{side}' is {checkpoint.Summary.ContentType}.");

    private static NotCompared NotComparedOf(NotComparable problem) => new(
        problem.Reason switch
        {
            NotComparableReason.DuplicateName => NotComparedReason.DuplicateName,
            NotComparableReason.TooManyValues => NotComparedReason.TooManyValues,
            _ => NotComparedReason.NotJson,
        },
        $"The state of '{(problem.Side == DifferenceSide.From ? "from" : "to")}' {problem.Problem}.");

    private static PatchSummary SummaryOf(DifferenceSummary summary) => new(
        summary.Added,
        summary.Removed,
        summary.Changed,
        summary.Moved,
        [.. summary.Entries.Select(entry => new PatchedPath(KindOf(entry.Kind), entry.Path, entry.From, entry.FromBytes, entry.ToBytes))],
        summary.Rest);

    private static PatchedPathKind KindOf(DifferenceKind kind) => kind switch
    {
        DifferenceKind.Added => PatchedPathKind.Added,
        DifferenceKind.Removed => PatchedPathKind.Removed,
        DifferenceKind.Moved => PatchedPathKind.Moved,
        _ => PatchedPathKind.Changed,
    };
}
