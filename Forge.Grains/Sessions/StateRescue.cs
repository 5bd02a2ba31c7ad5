using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Sessions;

/// <summary>
/// Reads states. One that the database does not hold any more as it was saved is served from what this silo still holds whole of
/// the session, and its row is put right: by a change of the session, under the fence of its head. That a checkpoint is there, and
/// the SHA-256 that its state has to have, the database says at each read; what is in memory is but its bytes.
/// </summary>
internal sealed partial class StateRescue(LiveSession session, KnownStates.Owner held)
{
    private readonly HashSet<long> _mending = [];

    /// <summary>What was read, with the state that was saved.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, is damaged, and nothing that is held helps.</exception>
    public async ValueTask<Checkpoint> ToCheckpointAsync(CheckpointRead read) => (await ReadAsync(read)).Checkpoint;

    /// <summary>The same, and whether the database held it as it was saved.</summary>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, is damaged, and nothing that is held helps.</exception>
    public async ValueTask<(Checkpoint Checkpoint, bool IsSound)> ReadAsync(CheckpointRead read)
    {
        try
        {
            return (await CheckpointReader.ToCheckpointAsync(session.Address, read), true);
        }
        catch (StateCorruptedException damage)
        {
            await session.ForgetDestroyedAsync(CancellationToken.None);
            if (RescuedState.Of(read.State, sequence => session.Services.KnownStates.Find(held, sequence)) is not { } rescued)
            {
                throw;
            }

            await MendAsync(rescued.Held, damage);
            return (new Checkpoint { Summary = read.Row.ToSummary(), State = rescued.State, Annotations = read.Annotations }, false);
        }
    }

    /// <summary>Puts right what is damaged of that which is held, so that a snapshot that is opened behind it finds it sound.</summary>
    public async Task MendHeldAsync(CancellationToken cancellationToken)
    {
        foreach (var sequence in session.Services.KnownStates.SequencesOf(held))
        {
            if (await session.ReadAsync(sequence, CheckpointParts.State, cancellationToken) is not { } read)
            {
                continue;
            }

            try
            {
                await ToCheckpointAsync(read);
            }
            catch (StateCorruptedException)
            {
                // Whoever reads the snapshot comes upon it.
            }
        }
    }

    /// <summary>Writes a full copy over a row. If that cannot be done now, the next read tries again: this one has its answer.</summary>
    private async Task MendAsync(EncodedState row, StateCorruptedException damage)
    {
        if (!_mending.Add(row.Sequence))
        {
            return;
        }

        try
        {
            // What was read may be older than a mend that came in between.
            if (await IsSoundAsync(row.Sequence))
            {
                return;
            }

            var change = new Mended(StateEncoder.EncodeFull(row));
            using var admission = session.Services.Budget.Enter(session.Load, 1, ChangeRunner.ChangeWeight + change.Weight);
            await ChangeRunner.RunAsync(
                session,
                new Repeats<bool>(session, [], isFirst: true, _ => Task.FromResult(default(Recalled<bool>))),
                Authority.AboveClaims,
                () => ValueTask.FromResult(new Step<bool>(session.Engine.Mend(change), () => true)));
            session.Services.Mended.Add();
            LogMended(session.Logger, session.Address, damage.Sequence, damage.Problem, row.Sequence);
        }
        catch (ForgeException exception)
        {
            LogNotMended(session.Logger, session.Address, damage.Sequence, damage.Problem, row.Sequence, exception);
        }
        finally
        {
            _mending.Remove(row.Sequence);
        }
    }

    /// <summary>False if the database does not hold the state as it was saved now.</summary>
    private async Task<bool> IsSoundAsync(long sequence)
    {
        try
        {
            if (await session.ReadAsync(sequence, CheckpointParts.State, CancellationToken.None) is { } read)
            {
                _ = await CheckpointReader.ToCheckpointAsync(session.Address, read);
            }

            return true;
        }
        catch (StateCorruptedException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "Checkpoint {Damaged} of session {Session} is damaged: {Problem}. " +
        "The silo held the state of checkpoint {Sequence}, and has written it anew")]
    private static partial void LogMended(ILogger logger, SessionAddress session, long damaged, string problem, long sequence);

    [LoggerMessage(LogLevel.Warning,
        "Checkpoint {Damaged} of session {Session} is damaged: {Problem}. " +
        "The silo holds the state of checkpoint {Sequence}, and could not write it anew yet")]
    private static partial void LogNotMended(
        ILogger logger, SessionAddress session, long damaged, string problem, long sequence, Exception exception);
}
