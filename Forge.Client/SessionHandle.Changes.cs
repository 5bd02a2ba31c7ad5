using Forge.Checkpoints;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>Makes a checkpoint the current one of the handle's branch, records that, and answers it with its bytes.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="BranchNotFoundException">The branch is not there.</exception>
    /// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
    /// <exception cref="EffectsAfterException">It was to be refused for effects that came later, and not each of them is acknowledged.</exception>
    public Task<RestoreResult> RestoreAsync(
        CheckpointReference checkpoint, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RestoreAsync(With(new RestoreCheckpoint(Own(checkpoint), _branch), options), options, cancellationToken);

    /// <summary>As <see cref="RestoreAsync(CheckpointReference, ChangeOptions?, CancellationToken)"/>, and saves a state first, in the same step.</summary>
    /// <param name="checkpoint">Which one to restore.</param>
    /// <param name="save">What to save as the newest checkpoint of the handle's branch; it is what an undo goes back to.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun still ends.</param>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="BranchNotFoundException">The branch is not there.</exception>
    /// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
    public Task<RestoreResult> RestoreAsync(
        CheckpointReference checkpoint, PresentState save, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(save);
        var own = save with { State = save.State.ToArray(), Tags = save.Tags?.ToArray() ?? [] };
        return RestoreAsync(With(new RestoreCheckpoint(Own(checkpoint), _branch, own), options), options, cancellationToken);
    }

    /// <summary>
    /// What a restore would make current on the handle's branch, and what is current now (<see cref="RestoreResult.Undo"/>); nothing is
    /// changed. <see cref="DiffAsync(CheckpointReference, CheckpointReference, string?, CancellationToken)"/> of both tells what it would come to.
    /// </summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="BranchNotFoundException">The branch is not there.</exception>
    public Task<RestoreResult> TryRestoreAsync(CheckpointReference checkpoint, CancellationToken cancellationToken = default) =>
        RunAsync((Operation<RestoreResult>)new RestoreCheckpoint(Own(checkpoint), _branch, DryRun: true), cancellationToken);

    /// <summary>Makes a checkpoint the current one of the handle's branch, records that, and answers it with its state.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="BranchNotFoundException">The branch is not there.</exception>
    /// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
    /// <exception cref="StateFormatException">The checkpoint is current now, but its state is no <typeparamref name="T"/>.</exception>
    public async Task<RestoreResult<T>> RestoreAsync<T>(
        CheckpointReference checkpoint, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        var restored = await RestoreAsync(checkpoint, options, cancellationToken);
        return new RestoreResult<T>(restored.Checkpoint is { } made ? Read<T>(made) : null, restored.Undo)
        {
            EffectsAfter = restored.EffectsAfter,
        };
    }

    /// <summary>
    /// Deletes a checkpoint. If it was the head, the newest one left becomes the head; if it was current, its nearest ancestor that is
    /// there becomes current. Its sequence is not given out again. False if it is not there.
    /// </summary>
    /// <exception cref="CheckpointRequiredException">Others require it; nothing was changed.</exception>
    public Task<bool> DeleteAsync(
        CheckpointReference checkpoint, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new DeleteCheckpoint(Own(checkpoint)), options, cancellationToken);

    /// <summary>Attaches a note to a checkpoint.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidRequestException">The text is empty or holds a NUL.</exception>
    /// <exception cref="OverLimitException">The text is longer than 16 KiB of UTF-8 (by default).</exception>
    public Task<Annotation> AnnotateAsync(
        CheckpointReference checkpoint,
        AnnotationSeverity severity,
        string text,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return RunAsync(new AnnotateCheckpoint(Own(checkpoint), severity, text), options, cancellationToken);
    }

    /// <summary>
    /// Replaces the tags of a checkpoint and answers it as it is then. In the answer to a repeat the message is empty if the
    /// checkpoint was removed since.
    /// </summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidRequestException">A tag is empty or holds a NUL.</exception>
    /// <exception cref="OverLimitException">There are too many tags, or one is too long.</exception>
    public Task<CheckpointSummary> SetTagsAsync(
        CheckpointReference checkpoint,
        IReadOnlyList<string> tags,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return RunAsync(new SetTags(Own(checkpoint), tags.ToArray()), options, cancellationToken);
    }

    /// <summary>
    /// Removes what the policy does not keep, at one instant; creates beside it go on. The head, the current checkpoint and
    /// the tips of branches always stay, and so does all that is required by what stays.
    /// </summary>
    /// <param name="policy">What to keep; null for the session's own retention, then its tenant's, then the silo's.</param>
    /// <param name="dryRun">True to be told what would go, with nothing changed.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun still ends.</param>
    /// <exception cref="InvalidRequestException">The policy has no part or a bad one, or there is none.</exception>
    public Task<CompactResult> CompactAsync(
        RetentionPolicy? policy = null,
        bool dryRun = false,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default) => dryRun
        ? RunAsync(new CompactSession(Copy(policy), DryRun: true), cancellationToken)
        : RunAsync(new CompactSession(Copy(policy)), options, cancellationToken);

    /// <summary>
    /// Removes all checkpoints of the session, on all branches, at one instant. Its name, settings and claim stay, and numbers go on.
    /// </summary>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    public Task<ClearResult> ClearAsync(ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new ClearSession(), options, cancellationToken);

    /// <summary>Replaces the session's settings, making the session if it does not exist.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">There are too many labels, or one is too long.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Task<SessionInfo> SetSettingsAsync(
        SessionSettings settings, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var own = settings with
        {
            Labels = settings.Labels is { } labels ? new Dictionary<string, string>(labels) : settings.Labels!,
            Retention = Copy(settings.Retention),
        };
        return RunAsync(new SetSettings(own), options, cancellationToken);
    }

    /// <summary>
    /// Deletes the session, if it is not deleted yet, and removes its rows before it answers, as far as that takes some
    /// seconds; while it is <see cref="ErasureStatus.UnderWay"/>, call again to ask. Its name alone stays, which is taken
    /// until it is revived.
    /// </summary>
    /// <param name="options">
    /// The request id, the same one to ask again: a session that was revived meanwhile is not deleted once more. Null to have one made.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; what was begun still ends.</param>
    public Task<ErasureStatus> EraseSessionAsync(ChangeOptions? options = null, CancellationToken cancellationToken = default) => RunAsync(
        new EraseSession { Epoch = Epoch, Deletion = new ChangeRequest(options?.RequestId ?? Guid.CreateVersion7(_time.GetUtcNow()), FirstAttempt: false) },
        cancellationToken);

    /// <summary>
    /// Deletes the session with all it holds, for good; its name stays taken until it is revived. False if nothing was ever saved in it, or
    /// it is deleted already.
    /// </summary>
    public Task<bool> DeleteSessionAsync(ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new DeleteSession(), options, cancellationToken);

    /// <summary>
    /// Lets the deleted session live again, with nothing of what it was but its numbers, which go on. Waits some seconds until its rows
    /// are gone.
    /// </summary>
    /// <exception cref="SessionExistsException">The session lives.</exception>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="BusyException">Its rows are still being removed; try again.</exception>
    public Task<ReviveResult> ReviveAsync(ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new ReviveSession(), options, cancellationToken);

    private static RestoreCheckpoint With(RestoreCheckpoint restore, ChangeOptions? options) => options is null ? restore : restore with
    {
        Effects = options.Effects,
        Acknowledge = [.. options.Acknowledge],
    };

    /// <summary>A copy that stays what it is if the caller goes on with a list that it gave.</summary>
    private static RetentionPolicy? Copy(RetentionPolicy? policy) =>
        policy is null ? null : policy with { KeepTags = policy.KeepTags?.ToArray() };
}
