using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

/// <summary>A page of a list with the states of its checkpoints, which is of the instant that they were listed at.</summary>
internal static class StatePage
{
    /// <summary>
    /// How often a page is listed anew because a row of it was gone when its state was read. Rows go a while after their checkpoints,
    /// so that it takes a removal between the two, and the sweep at once behind it, each time.
    /// </summary>
    private const int Tries = 5;

    /// <exception cref="UnavailableException">Checkpoints of the page were removed whenever it was read.</exception>
    public static async Task<CheckpointPage> ReadAsync(
        LiveSession session, CheckpointQuery query, ListFilter filter, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var listed = await session.Reads.ListAsync(session.Address, filter, cancellationToken);
            session.NoteVersion(listed.Version);
            var rows = Fitting(listed.Value, query.Limit, session.Services.Limits.PageStateBytes);
            if (await StatesAsync(session, rows, cancellationToken) is { } states)
            {
                var goesOnAfter = rows.Count < listed.Value.Count ? rows[^1].Sequence : listed.Value.GoesOnAfter;
                return new CheckpointPage(
                    await session.ShowAsync([.. rows.Select(r => r.ToSummary())], listed.Version, cancellationToken),
                    goesOnAfter is { } last ? PageCursor.Make(query.Order, last) : null)
                {
                    States = [.. rows.Select(r => states[r.Sequence])],
                };
            }
        }

        throw new UnavailableException($"Checkpoints of session {session.Address} were removed while a page of them was read.");
    }

    /// <summary>As many as a page takes: up to the one that brings it to the bytes, without that unless it is the first.</summary>
    private static List<StoredCheckpoint> Fitting(IReadOnlyList<StoredCheckpoint> found, int limit, long mostBytes)
    {
        var (rows, bytes) = (new List<StoredCheckpoint>(), 0L);
        foreach (var row in found.Take(limit))
        {
            bytes += row.Size;
            if (rows.Count > 0 && bytes > mostBytes)
            {
                break;
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The states by sequence; null if a row is gone.</summary>
    private static async Task<Dictionary<long, ListedState>?> StatesAsync(
        LiveSession session, List<StoredCheckpoint> rows, CancellationToken cancellationToken)
    {
        var states = new Dictionary<long, ListedState>();

        // One group after another: what its states are decoded on is read and held once, and let go of before the next.
        foreach (var group in rows.GroupBy(r => r.Group ?? r.Sequence))
        {
            var wanted = group.Select(r => r.Sequence).ToArray();
            var read = await session.Reads.ReadStatesAsync(session.Address, wanted, cancellationToken);
            session.NoteVersion(read.Version);
            if (read.Value.Count < wanted.Length)
            {
                return null;
            }

            var decoder = new SnapshotDecoder(session.Address);
            foreach (var stored in read.Value)
            {
                states[stored.Row.Sequence] = TryDecode(decoder, stored) ?? await RescueAsync(session, stored.Row.Sequence, cancellationToken);
            }
        }

        return states;
    }

    /// <summary>The state; null if it is not what was saved.</summary>
    private static ListedState? TryDecode(SnapshotDecoder decoder, StoredState stored)
    {
        try
        {
            var state = decoder.Decode(stored).Stored;
            return SHA256.HashData(state.Span).AsSpan().SequenceEqual(stored.Row.Checksum) ? new ListedState(state) : null;
        }
        catch (StateCorruptedException)
        {
            return null;
        }
    }

    /// <summary>
    /// What a read of that checkpoint by itself makes of it: its row may be told damaged for what it was decoded behind, or the silo may
    /// hold the state that the database does not.
    /// </summary>
    private static async Task<ListedState> RescueAsync(LiveSession session, long sequence, CancellationToken cancellationToken)
    {
        try
        {
            return await session.ReadAsync(CheckpointReference.BySequence(sequence), CheckpointParts.State, cancellationToken) is { } read
                ? new ListedState((await session.Rescue.ToCheckpointAsync(read)).State)
                : new ListedState(null, "it was damaged, and removed while the page was read");
        }
        catch (StateCorruptedException damage)
        {
            return new ListedState(null, damage.Problem);
        }
    }
}
