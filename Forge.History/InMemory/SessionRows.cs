using System.Collections.Immutable;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.InMemory;

/// <summary>All rows under one session key. Immutable: a change makes the next one.</summary>
internal sealed record SessionRows
{
    public static SessionRows Empty { get; } = new();

    /// <summary>The head row; null where rows are staged alone.</summary>
    public SessionHead? Head { get; init; }

    /// <summary>The checkpoints with their annotations.</summary>
    public ImmutableSortedDictionary<long, StoredCheckpoint> Checkpoints { get; init; } = ImmutableSortedDictionary<long, StoredCheckpoint>.Empty;

    public ImmutableDictionary<Guid, long> Ids { get; init; } = ImmutableDictionary<Guid, long>.Empty;

    public ImmutableHashSet<SequenceRange> Removed { get; init; } = [];

    public ImmutableSortedDictionary<long, SessionEvent> Events { get; init; } = ImmutableSortedDictionary<long, SessionEvent>.Empty;

    /// <summary>What stays of removed positions, by the first of each.</summary>
    public ImmutableSortedDictionary<long, RemovedRun> Runs { get; init; } = ImmutableSortedDictionary<long, RemovedRun>.Empty;

    public ImmutableDictionary<Guid, RememberedRequest> Requests { get; init; } = ImmutableDictionary<Guid, RememberedRequest>.Empty;

    public bool IsVisible(long sequence) =>
        Head is { DeletedAt: null } && !IsRemoved(sequence) && Checkpoints.TryGetValue(sequence, out var row) && !row.Removed;

    /// <summary>True where a removed range covers a sequence.</summary>
    public bool IsRemoved(long sequence)
    {
        foreach (var range in Removed)
        {
            if (sequence >= range.First && sequence <= range.Last)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The visible checkpoints by rising sequence.</summary>
    public IEnumerable<StoredCheckpoint> Visible() =>
        Head is { DeletedAt: null } ? Checkpoints.Values.Where(row => !row.Removed && !IsRemoved(row.Sequence)) : [];

    /// <summary>A checkpoint with the rows that its state is decoded on.</summary>
    public StoredCheckpoint WithBases(StoredCheckpoint row) => row.Base is null ? row : row with
    {
        Bases = BasePath.Follow(
            row, sequence => Checkpoints.TryGetValue(sequence, out var found) ? new EncodedState(found) : null),
    };

    /// <summary>Adds checkpoints.</summary>
    /// <exception cref="BatchRejectedException">A sequence or id is there already.</exception>
    public SessionRows Add(IEnumerable<StoredCheckpoint> checkpoints)
    {
        var (rows, ids) = (Checkpoints.ToBuilder(), Ids.ToBuilder());
        foreach (var row in checkpoints)
        {
            if (!rows.TryAdd(row.Sequence, row) || !ids.TryAdd(row.Id.Value, row.Sequence))
            {
                throw Duplicate($"checkpoint {row.Sequence} ({row.Id})");
            }
        }

        return this with { Checkpoints = rows.ToImmutable(), Ids = ids.ToImmutable() };
    }

    /// <summary>Removes checkpoints, leaving runs; those that are not there are no error.</summary>
    public SessionRows Remove(IEnumerable<long> sequences)
    {
        var links = new List<RemovedLink>();
        var (rows, ids) = (Checkpoints.ToBuilder(), Ids.ToBuilder());
        foreach (var sequence in sequences)
        {
            if (rows.Remove(sequence, out var row))
            {
                ids.Remove(row.Id.Value);
                links.Add(RemovedLink.Of(row));
            }
        }

        var left = Head is not null && links.Count > 0 ? LeaveRuns(links) : this;
        return left with { Checkpoints = rows.ToImmutable(), Ids = ids.ToImmutable() };
    }

    /// <summary>Notes positions whose rows go, as runs of which neighbours are one.</summary>
    public SessionRows LeaveRuns(IEnumerable<RemovedLink> links)
    {
        var runs = RemovedRun.Merge(Runs.Values, links);
        return this with { Runs = runs.ToImmutableSortedDictionary(run => run.FirstPosition, run => run) };
    }

    /// <summary>Changes one checkpoint where it is there.</summary>
    public SessionRows Change(long sequence, Func<StoredCheckpoint, StoredCheckpoint> change) =>
        Checkpoints.TryGetValue(sequence, out var row)
            ? this with { Checkpoints = Checkpoints.SetItem(sequence, change(row)) }
            : this;

    /// <summary>Remembers a request.</summary>
    /// <exception cref="BatchRejectedException">Its id is there already.</exception>
    public SessionRows Remember(RememberedRequest request) =>
        Requests.ContainsKey(request.Id)
            ? throw Duplicate($"request {request.Id}")
            : this with { Requests = Requests.Add(request.Id, request) };

    public static BatchRejectedException Duplicate(string what) =>
        new(CommitStatus.Duplicate, new InvalidOperationException($"There is a {what} already."));
}
