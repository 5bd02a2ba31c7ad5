using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>A checkpoint with its bytes, the latest if none is named; null if it is not there.</summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    public Task<Checkpoint?> GetAsync(
        CheckpointReference checkpoint = default, CancellationToken cancellationToken = default) =>
        ReadAsync(Own(checkpoint), cancellationToken);

    /// <summary>A checkpoint with its state, the latest if none is named; null if it is not there.</summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    /// <exception cref="StateFormatException">The state is no <typeparamref name="T"/>.</exception>
    public async Task<Checkpoint<T>?> GetAsync<T>(
        CheckpointReference checkpoint = default, CancellationToken cancellationToken = default) =>
        await GetAsync(checkpoint, cancellationToken) is { } found ? Read<T>(found) : null;

    /// <summary>The newest surviving checkpoint with its state; null if there is none.</summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    /// <exception cref="StateFormatException">The state is no <typeparamref name="T"/>.</exception>
    public Task<Checkpoint<T>?> LatestAsync<T>(CancellationToken cancellationToken = default) =>
        GetAsync<T>(CheckpointReference.Latest, cancellationToken);

    /// <summary>
    /// The current checkpoint with its state, which the next one follows unless it names another; null if there is none.
    /// </summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    /// <exception cref="StateFormatException">The state is no <typeparamref name="T"/>.</exception>
    public Task<Checkpoint<T>?> CurrentAsync<T>(CancellationToken cancellationToken = default) =>
        GetAsync<T>(CheckpointReference.Current, cancellationToken);

    /// <summary>A checkpoint without its state; null if it is not there.</summary>
    public Task<CheckpointSummary?> GetSummaryAsync(
        CheckpointReference checkpoint = default, CancellationToken cancellationToken = default) =>
        RunAsync(new GetSummary(Own(checkpoint)), cancellationToken);

    /// <summary>
    /// Summaries of all checkpoints that meet the query, the newest first if it does not say otherwise. Reads a page at a
    /// time, of <see cref="CheckpointQuery.Limit"/> each; every page is a consistent read of its own instant.
    /// </summary>
    /// <param name="query">What to list, from its cursor on; null for everything.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="InvalidRequestException">The cursor, a bound or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the page limit.</exception>
    public async IAsyncEnumerable<CheckpointSummary> ListAsync(
        CheckpointQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new CheckpointQuery();
        CheckpointPage page;
        do
        {
            page = await ListPageAsync(query, cancellationToken);
            foreach (var summary in page.Items)
            {
                yield return summary;
            }

            query = query with { Cursor = page.Next };
        }
        while (page.Next is not null);
    }

    /// <summary>
    /// The same with their states, of which a page holds as many as the silo allows (16 MiB by default). One that is damaged says so in its
    /// place, and the others come as they were saved.
    /// </summary>
    /// <param name="query">What to list, from its cursor on; null for everything.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="InvalidRequestException">The cursor, a bound or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the page limit.</exception>
    public async IAsyncEnumerable<(CheckpointSummary Summary, ListedState State)> ListWithStatesAsync(
        CheckpointQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query = (query ?? new CheckpointQuery()) with { IncludeStates = true };
        CheckpointPage page;
        do
        {
            page = await ListPageAsync(query, cancellationToken);
            foreach (var item in page.Items.Zip(page.States ?? []))
            {
                yield return item;
            }

            query = query with { Cursor = page.Next };
        }
        while (page.Next is not null);
    }

    /// <summary>One page of summaries, with the cursor of the next; empty for a session that does not exist.</summary>
    /// <exception cref="InvalidRequestException">The cursor, a bound or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the page limit.</exception>
    public Task<CheckpointPage> ListPageAsync(CheckpointQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return RunAsync(new ListCheckpoints(query with { Branch = query.Branch ?? _branch }), cancellationToken);
    }

    /// <summary>
    /// The newest checkpoint of the handle's branch that was created at a time or before it, of those that are there now, without its
    /// state; null for none.
    /// </summary>
    public Task<CheckpointSummary?> AtAsync(DateTimeOffset time, CancellationToken cancellationToken = default) =>
        RunAsync(new GetCheckpointAt(time, _branch), cancellationToken);

    /// <summary>
    /// The ancestors of a checkpoint that are there, without their states, the nearest first. Reads a page at a time, each of its own instant.
    /// </summary>
    /// <param name="checkpoint">Whose ancestors, of the latest if none is named.</param>
    /// <param name="pageItems">The most of a page; the silo allows 1,000 by default.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async IAsyncEnumerable<CheckpointSummary> AncestorsAsync(
        CheckpointReference checkpoint = default, int pageItems = 100, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await RunAsync(new ListAncestors(Own(checkpoint), pageItems, cursor), cancellationToken);
            foreach (var ancestor in page.Items)
            {
                yield return ancestor;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    /// <summary>The branches of the session: main first, the others by their names, compared ordinally.</summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Task<IReadOnlyList<BranchInfo>> BranchesAsync(CancellationToken cancellationToken = default) => BranchesAsync(0, cancellationToken);

    /// <inheritdoc cref="BranchesAsync(CancellationToken)"/>
    /// <param name="tips">How many tips of each are told, the newest first; 0 for none. With any the whole session is looked over.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="OverLimitException">More tips are asked for than <see cref="ListBranches.MaxTips"/>.</exception>
    /// <exception cref="BusyException">The silo looks over as many sessions at once as it may.</exception>
    public Task<IReadOnlyList<BranchInfo>> BranchesAsync(int tips, CancellationToken cancellationToken = default) =>
        RunAsync(new ListBranches { Tips = tips }, cancellationToken);

    /// <summary>
    /// What makes the state of one checkpoint of that of another, as a JSON Patch if both are JSON. Two of one session are looked up at one
    /// instant.
    /// </summary>
    /// <param name="from">The checkpoint of this session that a patch is applied to.</param>
    /// <param name="to">The checkpoint whose state it makes, the latest if none is named.</param>
    /// <param name="session">The session of <paramref name="to"/>, of the same tenant; null for this one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidRequestException">The session's name is none.</exception>
    /// <exception cref="CheckpointNotFoundException">A checkpoint is not there.</exception>
    /// <exception cref="SessionDeletedException">A session was deleted.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved.</exception>
    /// <exception cref="OverLimitException">The patch is longer, or it took longer, than the silo allows.</exception>
    /// <exception cref="BusyException">At each attempt the silo had as many comparisons as it allows.</exception>
    public Task<CheckpointDifference> DiffAsync(
        CheckpointReference from, CheckpointReference to = default, string? session = null, CancellationToken cancellationToken = default) =>
        DiffAsync(new DiffCheckpoints(Own(from), Own(to), session is null ? null : SessionId.Parse(session)), cancellationToken);

    private Task<CheckpointDifference> DiffAsync(DiffCheckpoints operation, CancellationToken cancellationToken) =>
        _retrier.RunAsync(Reading, (_, token) => Differences.DiffAsync(operation, token), cancellationToken);

    /// <summary>What the session is now; null if nothing was ever saved in it.</summary>
    public Task<SessionInfo?> InfoAsync(CancellationToken cancellationToken = default) =>
        RunAsync(new GetSession(), cancellationToken);
}
