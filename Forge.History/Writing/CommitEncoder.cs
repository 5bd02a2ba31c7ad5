using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.Identity;
using Microsoft.Extensions.Logging;

namespace Forge.History.Writing;

/// <summary>
/// Encodes what a commit creates, on the turn of its session: each state as the difference from its parent's if that is at
/// hand, created in the same commit or known from before; after an activation, and for a branch, the parent is read once.
/// </summary>
/// <remarks>
/// The parent is visible, since the engine saw to that when the create was decided, and by the head's fence it still is when
/// the create is committed: what stands on it keeps it stored.
/// </remarks>
internal sealed partial class CommitEncoder(
    ISessionReads reads, KnownStates known, HistoryInstruments instruments, ILogger<CommitEncoder> logger)
{
    /// <summary>States below this are not worth a read: a full copy of one costs little more than the row around it.</summary>
    private const int LeastFetched = 4 * 1024;

    /// <summary>So many of the creates of a commit are remembered at the most, if their states have no more bytes than that.</summary>
    private const int MostEarlier = 32;

    private const int MostEarlierSize = 8 * 1024;

    /// <summary>The commit as it is stored, for the writer, and what follows from it once it is.</summary>
    public async ValueTask<EncodedCommit> EncodeAsync(KnownStates.Owner owner, SessionCommit commit)
    {
        if (commit.CreateCount == 0)
        {
            return new EncodedCommit(commit, commit, null, default, default);
        }

        // What is known of before a destruction is sealed by a key that is gone: a difference from it could never be read.
        var destroyed = await reads.CountDestroyedKeysAsync(commit.Address.Tenant, CancellationToken.None);
        known.Renew(owner, destroyed);
        SessionChange[]? encoded = null;
        var ends = commit.CreateCount > 1 ? new ChainEnd[commit.Changes.Count] : null;
        var (last, weight, state) = (default(ChainEnd), commit.Weight, ReadOnlyMemory<byte>.Empty);
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            if (commit.Changes[i] is not Created { Row: var row })
            {
                continue;
            }

            (var next, last) = await EncodeAsync(owner, commit, i, row, ends);
            state = row.Stored;
            if (ends is not null)
            {
                ends[i] = last;
            }

            if (!ReferenceEquals(next, row))
            {
                encoded ??= [.. commit.Changes];
                encoded[i] = new Created(next);
                weight -= row.StoredSize - next.StoredSize;
            }
        }

        if (owner.DestroyedKeys != destroyed)
        {
            // Others saw a destruction while a parent was read, which was put in behind it.
            known.Drop(owner);
        }

        var stored = encoded is null ? commit : commit with { Changes = encoded, Weight = weight, DestroyedKeys = destroyed };
        return new EncodedCommit(stored, commit, ends, last, state) { DestroyedKeys = destroyed };
    }

    /// <summary>
    /// Says how the commit ended. What it created last is remembered while its caller's memory still holds it, of more creates the small
    /// ones among the last too. Where nothing was written, what was known before is so still; where another wrote, or may have, nothing is
    /// known any more. What was encoded before data keys were destroyed is not remembered behind that.
    /// </summary>
    public void End(KnownStates.Owner owner, in EncodedCommit commit, CommitStatus status)
    {
        if (status is CommitStatus.Conflict or CommitStatus.Unknown)
        {
            known.Drop(owner);
        }
        else if (status == CommitStatus.Committed && commit.DestroyedKeys == owner.DestroyedKeys)
        {
            if (commit.Ends is { } ends)
            {
                KeepEarlier(owner, commit.Given, ends, commit.LastEnd.Sequence);
            }

            if (commit.LastState.Length >= StateEncoder.LeastSize && known.MayKeep(commit.LastState.Length)
                && SharedState.HoldOrCopy(commit.LastState) is { } state)
            {
                known.Put(owner, new KnownState(commit.LastEnd, state));
            }
        }
    }

    private void KeepEarlier(KnownStates.Owner owner, SessionCommit commit, ChainEnd[] ends, long last)
    {
        var left = MostEarlier;
        var first = ends.Length;
        while (first > 0 && left > 0)
        {
            first--;
            if (commit.Changes[first] is Created)
            {
                left--;
            }
        }

        for (var i = first; i < ends.Length; i++)
        {
            if (commit.Changes[i] is Created { Row: var row } && row.Sequence != last
                && row.Stored.Length is >= StateEncoder.LeastSize and <= MostEarlierSize
                && known.MayPutSpare(owner, row.Sequence, row.Stored.Length) && SharedState.HoldOrCopy(row.Stored) is { } shared)
            {
                known.PutSpare(owner, new KnownState(ends[i], shared));
            }
        }
    }

    private async ValueTask<(StoredCheckpoint Row, ChainEnd End)> EncodeAsync(
        KnownStates.Owner owner, SessionCommit commit, int index, StoredCheckpoint row, ChainEnd[]? ends)
    {
        if (row.Size < StateEncoder.LeastSize || row.Parent == 0)
        {
            return (Note(StateBasis.None, StateEncoder.Encode(row, null, default, out var alone)), alone);
        }

        for (var i = index - 1; i >= 0; i--)
        {
            if (commit.Changes[i] is Created { Row: var before } && before.Sequence == row.Parent)
            {
                return (Note(StateBasis.Held, StateEncoder.Encode(row, ends![i], before.Stored.Span, out var next)), next);
            }
        }

        var parent = known.Take(owner, row.Parent);
        var isHeld = parent is not null;
        if (parent is null && row.Size >= LeastFetched && Compressibility.IsLikely(row.Stored.Span))
        {
            parent = await FetchAsync(commit.Address, row.Parent);
        }

        if (parent is null)
        {
            return (Note(StateBasis.None, StateEncoder.Encode(row, null, default, out var alone)), alone);
        }

        var encoded = StateEncoder.Encode(row, parent.End, parent.Bytes, out var end);
        known.Put(owner, parent);
        return (Note(isHeld ? StateBasis.Held : StateBasis.Read, encoded), end);
    }

    private StoredCheckpoint Note(StateBasis basis, StoredCheckpoint row)
    {
        instruments.NoteState(row.Size, row.StoredSize, row.Base is null ? StateBasis.None : basis);
        return row;
    }

    /// <summary>The state of a parent that is not at hand; null if it can't be had, which costs a full copy and no create.</summary>
    private async Task<KnownState?> FetchAsync(SessionAddress address, long sequence)
    {
        try
        {
            var read = await reads.ReadCheckpointAsync(
                address, CheckpointReference.BySequence(sequence), CheckpointParts.State, CancellationToken.None);
            return read.Value is { Row.Size: >= StateEncoder.LeastSize, State: var stored }
                ? new KnownState(ChainEnd.Of(stored), SharedState.CopyOf(CheckpointReader.ToState(address, stored).Span))
                : null;
        }
        catch (Exception exception)
        {
            LogNoBase(address, sequence, exception);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The parent {Sequence} of a checkpoint of {Session} could not be read; a full copy is stored")]
    private partial void LogNoBase(SessionAddress session, long sequence, Exception exception);

    /// <summary>A commit as it is stored.</summary>
    /// <param name="Commit">What is written.</param>
    /// <param name="Given">The same with its states whole, in memory of whoever gave them.</param>
    /// <param name="Ends">The chains that its checkpoints end, each at the index of its change; null if it creates no more than one.</param>
    /// <param name="LastEnd">The chain that the checkpoint created last ends.</param>
    /// <param name="LastState">The state of that checkpoint, in memory of whoever gave it.</param>
    public readonly record struct EncodedCommit(
        SessionCommit Commit, SessionCommit Given, ChainEnd[]? Ends, ChainEnd LastEnd, ReadOnlyMemory<byte> LastState)
    {
        /// <summary>How many data keys of the tenant were destroyed when it was encoded; 0 if it creates nothing.</summary>
        public int DestroyedKeys { get; init; }
    }
}
