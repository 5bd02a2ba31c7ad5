using System.Collections.Immutable;
using System.Net.Mime;
using System.Runtime.InteropServices;
using System.Text.Json;
using Forge.AgentFramework.Names;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.Workflows;

/// <summary>
/// Keeps the checkpoints of workflows in Forge: those of one workflow session in one session of Forge, each there before the superstep
/// after it begins. Safe for concurrent use, by any number of sessions.
/// </summary>
/// <remarks>
/// <para>
/// A checkpoint comes back byte for byte, with its properties in the order in which they were written, so that <c>$type</c> stays first.
/// </para>
/// <para>
/// The same state after the same parent is the same checkpoint, under one claim: to create it again, by another process too, makes no second one and is
/// answered as the first time. A run that goes back to an earlier checkpoint on purpose, and may come by the same states, is told apart by a new
/// claim (<see cref="Under"/>), or begins in a fork of the session.
/// </para>
/// <para>
/// No <see cref="OperationCanceledException"/> leaves <see cref="CreateCheckpointAsync"/>, <see cref="RetrieveCheckpointAsync"/> and
/// <see cref="RetrieveIndexAsync"/>: the framework's runner takes one for its own end, says nothing, and goes on as if the checkpoint were there.
/// What would be one is an <see cref="OutcomeUnknownException"/> or an <see cref="UnavailableException"/>, which the runner tells as a
/// <see cref="WorkflowErrorEvent"/>.
/// </para>
/// </remarks>
public sealed class ForgeCheckpointStore : JsonCheckpointStore
{
    private readonly IForgeClient _client;
    private readonly ForgeCheckpointStoreOptions _options;
    private readonly TenantId _tenant;
    private readonly ImmutableDictionary<SessionId, long> _epochs;

    /// <summary>Makes a store.</summary>
    /// <param name="client">Where the sessions are reached.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">A setting is bad; the message names it.</exception>
    public ForgeCheckpointStore(IForgeClient client, ForgeCheckpointStoreOptions? options = null)
        : this(client, StoreRules.Checked(options ?? new(), new ForgeCheckpointStoreOptionsValidator()), ImmutableDictionary<SessionId, long>.Empty)
    {
    }

    private ForgeCheckpointStore(IForgeClient client, ForgeCheckpointStoreOptions options, ImmutableDictionary<SessionId, long> epochs)
    {
        ArgumentNullException.ThrowIfNull(client);
        (_client, _options, _tenant, _epochs) = (client, options, TenantId.Parse(options.Tenant), epochs);
    }

    /// <summary>
    /// The session of Forge that the checkpoints of a workflow session are in, to look at its history, annotate it, fork it, compact it or
    /// claim it. Makes no call: it need not exist.
    /// </summary>
    /// <param name="sessionId">The workflow session; any text but the empty one.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode.</exception>
    public SessionHandle Session(string sessionId) => Session(Name(sessionId));

    /// <summary>
    /// A store like this whose changes of one session are made under the claim of a handle. If somebody claims the session later, they are
    /// refused (<see cref="ClaimSupersededException"/>), and the run ends with a <see cref="WorkflowErrorEvent"/>.
    /// </summary>
    /// <param name="claimed">What <see cref="SessionHandle.ClaimAsync"/> of <see cref="Session(string)"/> answered with.</param>
    /// <exception cref="InvalidRequestException">The handle has no claim, or is of another tenant.</exception>
    public ForgeCheckpointStore Under(SessionHandle claimed)
    {
        ArgumentNullException.ThrowIfNull(claimed);
        if (claimed.Address.Tenant != _tenant)
        {
            throw new InvalidRequestException("claimed", $"is of tenant {claimed.Address.Tenant}, and the store of tenant {_tenant}");
        }

        return claimed.Epoch is { } epoch
            ? new ForgeCheckpointStore(_client, _options, _epochs.SetItem(claimed.Address.Session, epoch))
            : throw new InvalidRequestException("claimed", "has no claim");
    }

    /// <summary>The newest checkpoint of a workflow session, to resume it from; null if it has none. Reads no index.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="InvalidRequestException">The session's name is empty, or no Unicode.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<CheckpointInfo?> GetLatestAsync(string sessionId, CancellationToken cancellationToken = default) =>
        await Session(sessionId).GetSummaryAsync(CheckpointReference.Latest, cancellationToken) is { } newest
            ? CheckpointRules.ToInfo(sessionId, newest.Id)
            : null;

    /// <summary>Saves a checkpoint, durable when it is answered, or answers that it was saved before.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="value">The state.</param>
    /// <param name="parent">The checkpoint that it follows; null for a root, of which there may be several.</param>
    /// <exception cref="InvalidRequestException">The session's name is empty or no Unicode, the value is none, or the parent is of another session.</exception>
    /// <exception cref="CheckpointNotFoundException">The parent is not there.</exception>
    /// <exception cref="OverLimitException">The state is larger than the silo allows (16 MiB by default).</exception>
    /// <exception cref="SessionClaimedException">The session is claimed, and not by this store.</exception>
    /// <exception cref="ClaimSupersededException">The claim of this store is over.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="UnavailableException">No attempt was answered; nothing was saved.</exception>
    /// <exception cref="OutcomeUnknownException">It may have been saved. To create it again is safe.</exception>
    public override async ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        var name = Name(sessionId);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new InvalidRequestException("value", "must be given");
        }

        try
        {
            var session = Session(name);
            var follows = CheckpointRules.ParentOf(session.Address, sessionId, parent);
            if (name.IsHashed && parent is null)
            {
                await SessionLabels.EnsureAsync(session, name.Labels, CancellationToken.None);
            }

            return CheckpointRules.ToInfo(sessionId, await CreateAsync(session, JsonMarshal.GetRawUtf8Value(value).ToArray(), CheckpointRules.MessageOf(value), follows));
        }
        catch (OperationCanceledException cancelled)
        {
            throw new OutcomeUnknownException(new SessionAddress(_tenant, name.Session), cancelled);
        }
    }

    /// <summary>Reads a checkpoint as it was saved.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="key">The checkpoint.</param>
    /// <exception cref="KeyNotFoundException">It is not there, or of another session.</exception>
    /// <exception cref="StateCorruptedException">What is stored is not what was saved.</exception>
    /// <exception cref="StateFormatException">It was saved by something else, and is no JSON.</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public override async ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var name = Name(sessionId);
        if (key.SessionId != sessionId || !CheckpointId.TryParse(key.CheckpointId, out var id))
        {
            throw CheckpointRules.NotFound(sessionId, key);
        }

        try
        {
            var session = Session(name);
            var found = await session.GetAsync(id) ?? throw CheckpointRules.NotFound(sessionId, key);
            return Read(session, found);
        }
        catch (SessionDeletedException deleted)
        {
            throw CheckpointRules.NotFound(sessionId, key, deleted);
        }
        catch (OperationCanceledException cancelled)
        {
            throw Unanswered(name, cancelled);
        }
    }

    /// <summary>The checkpoints of a workflow session, in the order in which they were saved, the newest last.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="withParent">
    /// Only those that follow this one; null for all. A checkpoint that is not there (any more), or of another session, is followed by none.
    /// </param>
    /// <returns>An array; empty for a session that does not exist.</returns>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public override async ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null)
    {
        var name = Name(sessionId);
        if (withParent is not null && (withParent.SessionId != sessionId || !CheckpointId.TryParse(withParent.CheckpointId, out _)))
        {
            return Array.Empty<CheckpointInfo>();
        }

        try
        {
            return await ReadIndexAsync(Session(name), sessionId, withParent);
        }
        catch (OperationCanceledException cancelled)
        {
            throw Unanswered(name, cancelled);
        }
    }

    private async Task<CheckpointInfo[]> ReadIndexAsync(SessionHandle session, string sessionId, CheckpointInfo? withParent)
    {
        var query = new CheckpointQuery { Order = ListOrder.OldestFirst, Branch = BranchNames.Main, Limit = _options.PageItems };
        if (withParent is not null)
        {
            // What follows a checkpoint comes after it.
            var parent = await session.GetSummaryAsync(CheckpointId.Parse(withParent.CheckpointId));
            return parent is null
                ? []
                : await session.ListAsync(query with { After = parent.Sequence })
                    .Where(summary => summary.Parent == parent.Sequence).Select(summary => CheckpointRules.ToInfo(sessionId, summary.Id)).ToArrayAsync();
        }

        return await session.ListAsync(query).Select(summary => CheckpointRules.ToInfo(sessionId, summary.Id)).ToArrayAsync();
    }

    /// <summary>Creates a checkpoint whose id follows from what it is.</summary>
    private static async Task<CheckpointId> CreateAsync(SessionHandle session, byte[] state, string message, CheckpointReference parent)
    {
        for (var life = 1; ; life++)
        {
            var id = CheckpointRules.IdOf(session.Address, session.Epoch, parent, state, life);
            var options = new CheckpointOptions { Id = id, Parent = parent, ContentType = MediaTypeNames.Application.Json };
            var result = await session.CheckpointAsync(state, message, options: options);

            // One that was saved before and has been removed is remembered, and not there: without a new one, the run would go on without it.
            if (result.Outcome == CreateOutcome.Created || await session.GetSummaryAsync(id) is not null)
            {
                return id;
            }
        }
    }

    private SessionName Name(string sessionId) => SessionName.Of(_options.Prefix, "sessionId", sessionId);

    private SessionHandle Session(SessionName name)
    {
        var session = _client.Session(name.Session, _tenant);
        return _epochs.TryGetValue(name.Session, out var epoch) ? session.WithEpoch(epoch) : session;
    }

    private static JsonElement Read(SessionHandle session, Checkpoint checkpoint)
    {
        try
        {
            return JsonElement.Parse(checkpoint.State.Span, CheckpointRules.Reading);
        }
        catch (JsonException exception)
        {
            var summary = checkpoint.Summary;
            throw new StateFormatException(session.Address, summary.Sequence, summary.ContentType, typeof(JsonElement), exception);
        }
    }

    private UnavailableException Unanswered(SessionName name, Exception cause) =>
        new($"There was no answer from session {new SessionAddress(_tenant, name.Session)}: {cause.Message}", cause);
}
