using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.InMemory;

/// <summary>
/// A history that is gone when the process ends, for tests and trials. Writers take turns; readers see the last whole
/// history without waiting.
/// </summary>
internal sealed partial class InMemoryHistoryStore : IHistoryStore
{
    private readonly Lock _writing = new();
    private volatile InMemoryHistory _history = InMemoryHistory.Empty;
    private long _lastKey;

    public bool HasOneWriter => false;

    /// <summary>How many checkpoint rows there are, hidden and staged ones too.</summary>
    public int Rows => _history.Sessions.Values.Sum(rows => rows.Checkpoints.Count);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    public Task PingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Interlocked.Increment(ref _lastKey));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(HeadOf(_history.Rows(address)));
    }

    public Task<Versioned<RememberedRequest?>> ReadRequestAsync(
        SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        var found = rows.Head is { DeletedAt: null } && rows.Requests.TryGetValue(id, out var request) && request.At >= since
            ? request
            : (RememberedRequest?)null;
        return Task.FromResult(Seen(rows, found));
    }

    public Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        return Task.FromResult(Seen(rows, Survey(rows, policy, now)));
    }

    private static Versioned<T> Seen<T>(SessionRows rows, T value) => new(rows.Head?.Version ?? 0, value);

    private static HeadRead? HeadOf(SessionRows rows) =>
        rows.Head is { } head ? new HeadRead(head, IdOf(rows, head.Head), IdOf(rows, head.Current)) : null;

    private static CheckpointId IdOf(SessionRows rows, long sequence) =>
        rows.Checkpoints.TryGetValue(sequence, out var row) ? row.Id : default;

    private static CompactionSurvey Survey(SessionRows rows, RetentionPolicy policy, DateTimeOffset now)
    {
        var tags = policy.KeepTags?.ToHashSet(StringComparer.Ordinal) ?? [];
        var survey = new Surveyor(policy, now, rows.Head?.Head ?? 0, rows.Head?.Current ?? 0);
        foreach (var row in rows.Visible())
        {
            survey.Add(new Surveyed(
                row.Sequence, row.Parent, row.Size, row.StoredSize, row.CreatedAt, row.Trunk, row.Tags.Any(tags.Contains)));
        }

        return survey.Finish(rows.Head?.LastSequence ?? 0);
    }
}
