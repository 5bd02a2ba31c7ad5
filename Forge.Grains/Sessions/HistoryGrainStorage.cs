using System.Globalization;
using Forge.Errors;
using Forge.Grains.Activity;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Usage;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Forge.Grains.Sessions;

/// <summary>
/// The history as an Orleans storage provider: reads a session's head row into its state, and writes the changes that the
/// state's engine has pending, with the head's version as ETag.
/// </summary>
/// <remarks>
/// Orleans runs the writes of a grain one after another, and lets calls that arrive meanwhile join the next one. A write
/// takes what is pending when it begins, a bounded part of it, and settles just that; a caller whose change is not settled
/// asks for another write. After a failure the engine has settled all that queued behind it as well, so a write that was
/// already asked for finds nothing of it.
/// </remarks>
internal sealed class HistoryGrainStorage(
    ISessionReads reads, IPendingWrites writes, IHistoryCommits commits, HistoryWriter writer, CommitEncoder encoder, ActivityNotes activity, UsageMeters usage,
    IOptions<RetentionOptions> retention, IOptions<LimitsOptions> limits, IOptions<WriterOptions> options)
    : IGrainStorage
{
    /// <summary>The provider's name.</summary>
    public const string Name = "history";

    /// <summary>How often a head row is read again because the session went on before what belongs to it was read.</summary>
    private const int MaxReads = 100;

    private readonly WriterOptions _options = options.Value;

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var address = SessionAddress.ParseGrainKey(grainId.Key.ToString()!);
        if (grainState.State is not SessionState)
        {
            grainState.State = (T)(object)new SessionState();
        }

        var state = Of(grainState);
        try
        {
            var head = await ReadHeadAsync(address);
            state.Usage = await usage.OpenAsync(address.Tenant);
            state.Engine = new SessionEngine(address, head, retention.Value.RequestWindow, limits.Value.Branches, state.Usage);
            grainState.RecordExists = head is not null;
            grainState.ETag = ToETag(head?.Head.Version);
        }
        catch (UnavailableException exception)
        {
            // An activation that fails answers its callers with an error of Orleans' own, and logs it at length. This one
            // comes to be, tells its callers what is the matter, and ends.
            state.LoadFailure = exception;
        }
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = Of(grainState);
        var engine = state.Engine ?? throw new InvalidOperationException("The state was never read.");
        if (commits.NoRoom is { } refusal && engine.NeedsRoom)
        {
            // What needs no room is decided again, and goes without them.
            engine.Fail(refusal);
            return;
        }

        if (engine.NeedsKey)
        {
            engine.AssignKey(await NextKeyAsync(engine));
        }

        // One session takes no more than its share of a batch, so that a hot one leaves room for its neighbours.
        var commit = engine.BeginCommit(
            Math.Max(1, _options.BatchRecords / _options.SessionShare),
            Math.Max(1, _options.BatchBytes / _options.SessionShare));
        if (commit is null)
        {
            return;
        }

        CommitOutcome outcome;
        var encoded = new CommitEncoder.EncodedCommit(commit, commit, null, default, default);
        try
        {
            // On this turn and not in the writer's lane, so that a session whose states are large, or whose keys are far, holds up itself alone.
            await commits.PrepareAsync(commit, CancellationToken.None);
            encoded = await encoder.EncodeAsync(state.KnownStates, commit);
            outcome = await writer.WriteAsync(encoded.Commit);
        }
        catch (Exception exception)
        {
            outcome = new CommitOutcome(CommitStatus.Unavailable, exception);
        }

        encoder.End(state.KnownStates, encoded, outcome.Status);
        if (engine.RenewShown(state.KnownStates.DestroyedKeys))
        {
            state.Feed?.Forget();
        }

        engine.EndCommit(encoded.Commit, outcome);
        if (outcome.Status is CommitStatus.Committed or CommitStatus.Unknown && commit.BringsCheckpoints)
        {
            activity.Note(commit.Head.Key);
        }

        if (outcome.Status == CommitStatus.Committed)
        {
            grainState.RecordExists = true;
            grainState.ETag = ToETag(commit.Head.Version);
            state.Feed?.Take(commit);
            if (commit.CreateCount > 0 && encoded.DestroyedKeys != state.KnownStates.DestroyedKeys)
            {
                // Sealed by a key whose destruction was seen while it was written.
                engine.ForgetShown();
                state.Feed?.Forget();
            }
        }
        else if (outcome.Status == CommitStatus.Conflict)
        {
            throw new InconsistentStateException(
                $"Session {commit.Address} was written by another activation.", "unknown", grainState.ETag ?? "none", outcome.Cause!);
        }
    }

    /// <summary>Not how a session ends: it is deleted by a change of its own, under the version of its head.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException("A session's state is not cleared; the session is deleted by a command.");

    /// <summary>The head row with the pending writes that it counts, of one version; null if there is none.</summary>
    private async Task<HeadRead?> ReadHeadAsync(SessionAddress address)
    {
        for (var round = 0; round < MaxReads; round++)
        {
            var head = await reads.ReadHeadAsync(address, CancellationToken.None);
            if (head is not { Head: { DeletedAt: null, WriteCount: > 0 } })
            {
                return head;
            }

            var index = await writes.ReadIndexAsync(address, CancellationToken.None);
            if (index.Version == head.Head.Version)
            {
                return head with { Writes = index.Value };
            }
        }

        throw new UnavailableException("The session is written by another activation faster than it can be read; nothing was changed.");
    }

    private async Task<long> NextKeyAsync(SessionEngine engine)
    {
        try
        {
            return await commits.NextSessionKeyAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            engine.Fail(new CommitOutcome(CommitStatus.Unavailable, exception));
            return 0;
        }
    }

    private static SessionState Of<T>(IGrainState<T> grainState) => grainState.State as SessionState
        ?? throw new NotSupportedException($"The history keeps {nameof(SessionState)} alone, not {typeof(T)}.");

    private static string? ToETag(long? version) => version?.ToString(CultureInfo.InvariantCulture);
}
