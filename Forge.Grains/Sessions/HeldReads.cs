using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>
/// Reads that are answered with what this silo holds of the session, if the database says that its version is the one of which that is
/// held (ADR 0032). What is not held whole has to be read, and so has whatever is not there.
/// </summary>
internal sealed class HeldReads(LiveSession session, KnownStates.Owner states)
{
    /// <summary>How many destroyed data keys of the tenant what is held is of: taken before a read, and given with what it read.</summary>
    public int DestroyedKeys => states.DestroyedKeys;

    /// <summary>A checkpoint without its state; null if it has to be read.</summary>
    /// <exception cref="UnavailableException">The database did not say the version.</exception>
    public async ValueTask<CheckpointSummary?> FindSummaryAsync(CheckpointReference checkpoint, CancellationToken cancellationToken) =>
        Note(await FindAsync(() => session.Engine.FindShown(checkpoint), cancellationToken) is { Value: var shown } ? shown.ToSummary() : null);

    /// <summary>What a list shows, as many as its filter asks for at the most; null if it has to be read.</summary>
    /// <exception cref="UnavailableException">The database did not say the version.</exception>
    public async ValueTask<IReadOnlyList<ShownCheckpoint>?> ListAsync(ListFilter filter, CancellationToken cancellationToken) =>
        Note((await FindAsync(() => session.Engine.FindShown(filter), cancellationToken))?.Value);

    /// <summary>A checkpoint with its state, whose SHA-256 is checked; null if it has to be read.</summary>
    /// <exception cref="UnavailableException">The database did not say the version.</exception>
    public async ValueTask<Checkpoint?> FindAsync(CheckpointReference checkpoint, CancellationToken cancellationToken) =>
        Note(await FindWholeAsync(checkpoint, cancellationToken));

    private async ValueTask<Checkpoint?> FindWholeAsync(CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        await session.ForgetDestroyedAsync(cancellationToken);
        if (Hold(checkpoint) is not { } held)
        {
            return null;
        }

        var isGiven = false;
        try
        {
            // Sent first, so that the state is gone over while the database answers.
            var asked = ReadVersionAsync(cancellationToken);
            var isWhole = await IsWholeAsync(held);
            var version = await asked;
            var known = held.Version;
            if (version > known && Hold(checkpoint) is { } now)
            {
                // As for a summary.
                held.State.LetGo();
                held = now;
                isWhole = await IsWholeAsync(held);
            }

            if (!Shows(held.Version, version, known) || !isWhole)
            {
                return null;
            }

            isGiven = true;
            return new Checkpoint
            {
                Summary = held.Shown.ToSummary(),
                State = held.State.Give(),
                Annotations = held.Shown.Annotations!,
            };
        }
        finally
        {
            if (!isGiven)
            {
                held.State.LetGo();
            }
        }
    }

    /// <summary>
    /// Keeps a checkpoint that had to be read, for the next one who reads it, if it is the newest or the current one of its branch. A large
    /// state is kept only by the create that saved it: the copy would hold up the turn.
    /// </summary>
    /// <param name="read">What was read.</param>
    /// <param name="summary">What was answered.</param>
    /// <param name="annotations">Its annotations; null if they were not read.</param>
    /// <param name="state">Its state; null if that was not read.</param>
    /// <param name="destroyedKeys">What <see cref="DestroyedKeys"/> was before it was read: if more are destroyed by now, it is not kept.</param>
    public void Note(
        Versioned<CheckpointRead> read, CheckpointSummary summary, IReadOnlyList<Annotation>? annotations, ReadOnlyMemory<byte>? state,
        int destroyedKeys)
    {
        if (destroyedKeys != DestroyedKeys)
        {
            return;
        }

        var (known, row) = (session.Services.KnownStates, read.Value.Row);
        if (!session.Engine.NoteShown(read.With(new ShownCheckpoint(row, summary.KeptParent ?? 0, annotations)))
            || state is not { Length: >= StateEncoder.LeastSize and < LargeStates.LeastSize } whole)
        {
            return;
        }

        if (!known.MayPutSpare(states, row.Sequence, whole.Length))
        {
            return;
        }

        known.PutSpare(states, new KnownState(ChainEnd.Of(read.Value.State), SharedState.CopyOf(whole.Span)));
    }

    /// <summary>Tells of a read, and what answers it.</summary>
    private T? Note<T>(T? answer)
        where T : class
    {
        session.Services.Instruments.NoteRead(answer is not null);
        return answer;
    }

    /// <summary>What is found now, or else once the version is known, if that is its own; null if it is not.</summary>
    private async ValueTask<Versioned<T>?> FindAsync<T>(Func<Versioned<T>?> find, CancellationToken cancellationToken)
    {
        await session.ForgetDestroyedAsync(cancellationToken);
        if (find() is not { } found)
        {
            return null;
        }

        var known = found.Version;
        var version = await ReadVersionAsync(cancellationToken);
        if (version > known && find() is { } now)
        {
            // A commit of this activation ended meanwhile, and the answer may be of after it.
            found = now;
        }

        return Shows(found.Version, version, known) ? found : null;
    }

    /// <summary>
    /// True if what is held may be answered. A commit of this activation may have ended after the database said its version: then what is
    /// held became true at an instant of the read as well. A database that is behind what was known as the read began was put back, and
    /// what is held is not what it has.
    /// </summary>
    /// <param name="held">The version of what is held.</param>
    /// <param name="said">The version that the database said.</param>
    /// <param name="known">The committed version as the read began.</param>
    private static bool Shows(long held, long said, long known) => said >= known && held >= said;

    private Held? Hold(CheckpointReference checkpoint) =>
        session.Engine.FindShown(checkpoint) is { Version: var version, Value: { Annotations: not null } shown }
        && session.Services.KnownStates.Hold(states, shown.Row.Sequence) is { } state
            ? new Held(version, shown, state)
            : null;

    private Task<long> ReadVersionAsync(CancellationToken cancellationToken) =>
        session.Services.Versions.ReadAsync(session.Engine.Committed!.Head.Key, cancellationToken);

    /// <summary>False if what is held is not what was saved; nothing is held of the session any more then.</summary>
    private async ValueTask<bool> IsWholeAsync(Held held)
    {
        var isWhole = await LargeStates.RunAsync(
            held.State.Memory.Length, () => SHA256.HashData(held.State.GetSpan()).AsSpan().SequenceEqual(held.Shown.Row.Checksum));
        if (!isWhole)
        {
            session.Services.KnownStates.Drop(states);
        }

        return isWhole;
    }

    /// <summary>What is held of a checkpoint in a version, its state by the caller too.</summary>
    private readonly record struct Held(long Version, ShownCheckpoint Shown, SharedState State);
}
