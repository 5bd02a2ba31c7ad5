using System.Net.Mime;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Forge.AgentFramework.Names;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.AgentSessions;

/// <summary>
/// Keeps the sessions of agents in Forge: each in a session of Forge of its own, and every save a checkpoint of that, so that what it was
/// before can be listed, compared and gone back to. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>
/// Which session of Forge that is follows from the agent's name and the key with all of its partitions, encoded so that keys that differ in
/// any part never meet. A name that would be too long is hashed. The originals of its parts are labels of the session: <c>agent-framework.session</c>,
/// <c>agent-framework.agent</c>, and <c>agent-framework.partition:NAME</c> for each partition.
/// </para>
/// <para>
/// A save follows what its session was read from. If somebody has saved since, it is refused (<see cref="HeadMismatchException"/>), with nothing changed: get the
/// session again. A session that was not read from here is taken for a new one, and refused if there is one. To save the same state again
/// after a failure whose outcome is unknown is safe.
/// </para>
/// <para>
/// To rewind, restore a checkpoint of <see cref="Session"/>: the next <see cref="GetSessionAsync"/> answers with what was current then.
/// </para>
/// </remarks>
public sealed class ForgeSessionStore : AgentSessionStore
{
    private const string Saved = "session saved";

    private readonly IForgeClient _client;
    private readonly ForgeSessionStoreOptions _options;

    /// <summary>Makes a store.</summary>
    /// <param name="client">Where the sessions are reached.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">A setting is bad; the message names it.</exception>
    public ForgeSessionStore(IForgeClient client, ForgeSessionStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        (_client, _options) = (client, StoreRules.Checked(options ?? new(), new ForgeSessionStoreOptionsValidator()));
    }

    /// <summary>The session of Forge that an agent's session is in, for its history. Makes no call: it need not exist.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidRequestException">A part of the key is no Unicode, or the partition that is the tenant is missing or names none.</exception>
    /// <exception cref="OverLimitException">The name of a partition has more than 96 characters.</exception>
    public SessionHandle Session(AIAgent agent, AgentSessionStoreKey key) => Open(agent, key).Session;

    /// <summary>Saves a session as the next checkpoint, durable when it is answered.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="key">The key.</param>
    /// <param name="session">The session; remembers what it was saved as, to be saved again.</param>
    /// <param name="cancellationToken">Gives up waiting; it may have been saved all the same.</param>
    /// <exception cref="HeadMismatchException">It was saved since this one was read; nothing was changed.</exception>
    /// <exception cref="SessionDeletedException">It was deleted since this one was read; nothing was changed.</exception>
    /// <exception cref="InvalidRequestException">A part of the key is no Unicode, or the partition that is the tenant is missing or names none.</exception>
    /// <exception cref="OverLimitException">The state or a part of the key is larger than a limit allows.</exception>
    /// <exception cref="UnavailableException">No attempt was answered; nothing was saved.</exception>
    /// <exception cref="OutcomeUnknownException">It may have been saved. To save it again is safe.</exception>
    public override async ValueTask SaveSessionAsync(
        AIAgent agent, AgentSessionStoreKey key, AgentSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (forge, name) = Open(agent, key);
        var place = SavedPlace.Of(session, forge.Address);
        var element = await agent.SerializeSessionAsync(session, _options.SerializerOptions, cancellationToken);
        var state = JsonMarshal.GetRawUtf8Value(element).ToArray();
        CheckpointSummary saved;
        if (place is not null)
        {
            saved = await SaveAsync(forge, state, place, cancellationToken);
        }
        else
        {
            try
            {
                saved = await SaveFirstAsync(forge, state, name, cancellationToken);
            }
            catch (SessionDeletedException)
            {
                await ReviveAsync(forge, cancellationToken);
                saved = await SaveFirstAsync(forge, state, name, cancellationToken);
            }
        }

        new SavedPlace(forge.Address.ToString(), saved.Sequence, saved.Id.Value).KeepIn(session);
    }

    /// <summary>Reads the session as it was saved last, or as it was at the checkpoint that was restored since; null if there is none.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>One of its own for each call.</returns>
    /// <exception cref="StateCorruptedException">What is stored is not what was saved.</exception>
    /// <exception cref="StateFormatException">It was saved by something else, and is no JSON.</exception>
    /// <exception cref="InvalidRequestException">A part of the key is no Unicode, or the partition that is the tenant is missing or names none.</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public override async ValueTask<AgentSession?> GetSessionAsync(
        AIAgent agent, AgentSessionStoreKey key, CancellationToken cancellationToken = default)
    {
        var (forge, _) = Open(agent, key);
        try
        {
            // The head is read first: who saves between the two has a later one, and the save of what is read here is refused.
            while (await forge.InfoAsync(cancellationToken) is { Current: { } current } info)
            {
                if (await forge.GetAsync(current.Id, cancellationToken) is { } found)
                {
                    var session = await agent.DeserializeSessionAsync(Read(forge, found), _options.SerializerOptions, cancellationToken);
                    new SavedPlace(forge.Address.ToString(), info.Head?.Sequence ?? 0, current.Id.Value).KeepIn(session);
                    return session;
                }
            }
        }
        catch (SessionDeletedException)
        {
            return null;
        }

        return null;
    }

    /// <summary>Deletes a session with its whole history. Nothing, if it is not there. It can be saved anew.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting; it may have been deleted all the same.</param>
    /// <exception cref="InvalidRequestException">A part of the key is no Unicode, or the partition that is the tenant is missing or names none.</exception>
    /// <exception cref="UnavailableException">No attempt was answered; nothing was deleted.</exception>
    /// <exception cref="OutcomeUnknownException">It may have been deleted. To delete it again is safe.</exception>
    public override async ValueTask DeleteSessionAsync(AIAgent agent, AgentSessionStoreKey key, CancellationToken cancellationToken = default) =>
        await Session(agent, key).DeleteSessionAsync(cancellationToken: cancellationToken);

    private (SessionHandle Session, SessionName Name) Open(AIAgent agent, AgentSessionStoreKey key)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(key);
        var (tenant, name) = AgentSessionName.Of(agent, key, _options);
        return (_client.Session(name.Session, tenant), name);
    }

    private static async Task<CheckpointSummary> SaveFirstAsync(
        SessionHandle forge, byte[] state, SessionName name, CancellationToken cancellationToken)
    {
        await SessionLabels.EnsureAsync(forge, name.Labels, cancellationToken);
        return await SaveAsync(forge, state, null, cancellationToken);
    }

    /// <summary>Saves behind a place, or as the first of a session. The id follows from what is saved and where, so that a repeat is one.</summary>
    private static async Task<CheckpointSummary> SaveAsync(SessionHandle forge, byte[] state, SavedPlace? place, CancellationToken cancellationToken)
    {
        var parent = place is null ? CheckpointReference.None : new CheckpointId(place.Checkpoint);
        var head = place?.Head ?? 0;
        for (var life = 1; ; life++)
        {
            var id = CheckpointId.FromIdempotencyKey(
                forge.Address, FormattableString.Invariant($"agent-framework/{head}/{parent}/{Convert.ToHexStringLower(SHA256.HashData(state))}/{life}"));
            var options = new CheckpointOptions { Id = id, Parent = parent, ExpectedHead = head, ContentType = MediaTypeNames.Application.Json };
            var result = await forge.CheckpointAsync(state, Saved, options: options, cancellationToken: cancellationToken);

            if (result.Outcome == CreateOutcome.Created)
            {
                return result.Checkpoint!;
            }

            // One that was saved before and has been removed is remembered, and not there. One that is there may have been followed since, by
            // what this would be saved over.
            if (await forge.GetSummaryAsync(id, cancellationToken) is { Sequence: var sequence } saved)
            {
                return (await forge.InfoAsync(cancellationToken))?.Head?.Sequence is { } newest && newest > sequence
                    ? throw new HeadMismatchException(forge.Address, head, newest)
                    : saved;
            }
        }
    }

    private static async Task ReviveAsync(SessionHandle forge, CancellationToken cancellationToken)
    {
        try
        {
            await forge.ReviveAsync(cancellationToken: cancellationToken);
        }
        catch (SessionExistsException)
        {
            // Somebody else was first; which of the two saves is, the head decides.
        }
    }

    private static JsonElement Read(SessionHandle forge, Checkpoint checkpoint)
    {
        try
        {
            return JsonElement.Parse(checkpoint.State.Span, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        }
        catch (JsonException exception)
        {
            var summary = checkpoint.Summary;
            throw new StateFormatException(forge.Address, summary.Sequence, summary.ContentType, typeof(JsonElement), exception);
        }
    }
}
