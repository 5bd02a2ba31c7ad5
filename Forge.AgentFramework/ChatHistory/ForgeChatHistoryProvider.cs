using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Forge.AgentFramework.Names;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.ChatHistory;

/// <summary>
/// Keeps the messages of conversations in Forge: those of one conversation in a session of Forge of its own, each message a checkpoint. What a
/// run adds is there as a whole or not at all, and a run is given the newest messages, within bounds. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>
/// A session of the agent remembers the name of its conversation alone, so that what is saved of it does not grow with the conversation.
/// </para>
/// <para>
/// To go back to an earlier message, restore its checkpoint of <see cref="Session"/>: the next run is given what was said up to it, and adds
/// behind it. A conversation forks as its session does.
/// </para>
/// <para>
/// Where the bounds cut a conversation, results of tools whose calls are cut off are left out too, since a model would refuse them.
/// </para>
/// </remarks>
public sealed class ForgeChatHistoryProvider : ChatHistoryProvider
{
    private const int PageItems = 100;

    /// <summary>How many messages that are not wanted may be read between two that are, in place of one more call.</summary>
    private const int MostBetween = 32;

    private readonly IForgeClient _client;
    private readonly ForgeChatHistoryOptions _options;
    private readonly TenantId _tenant;
    private readonly JsonTypeInfo<ChatMessage> _message;
    private readonly ProviderSessionState<KeptConversation> _kept;

    /// <summary>Makes a provider.</summary>
    /// <param name="client">Where the sessions are reached.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">A setting is bad; the message names it.</exception>
    public ForgeChatHistoryProvider(IForgeClient client, ForgeChatHistoryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        (_client, _options) = (client, StoreRules.Checked(options ?? new(), new ForgeChatHistoryOptionsValidator()));
        _tenant = TenantId.Parse(_options.Tenant);
        _message = (JsonTypeInfo<ChatMessage>)(_options.SerializerOptions ?? AIJsonUtilities.DefaultOptions).GetTypeInfo(typeof(ChatMessage));
        _kept = new ProviderSessionState<KeptConversation>(
            session => new KeptConversation(_options.Conversation?.Invoke(session) ?? Guid.NewGuid().ToString("N")),
            _options.StateKey,
            KeptConversationContext.Default.Options);
        StateKeys = [_options.StateKey];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> StateKeys { get; }

    /// <summary>The conversation of a session of an agent, which is given one if it has none.</summary>
    /// <param name="session">The session.</param>
    public string Conversation(AgentSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _kept.GetOrInitializeState(session).Conversation;
    }

    /// <summary>Has a session of an agent go on with a conversation.</summary>
    /// <param name="session">The session.</param>
    /// <param name="conversation">The name of the conversation, any text but the empty one; it need not exist.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode.</exception>
    public void GoOnWith(AgentSession session, string conversation)
    {
        ArgumentNullException.ThrowIfNull(session);
        _ = Name(conversation);
        _kept.SaveState(session, new KeptConversation(conversation));
    }

    /// <summary>The session of Forge that a conversation is in. Makes no call: it need not exist.</summary>
    /// <param name="conversation">The name of the conversation.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode.</exception>
    public SessionHandle Session(string conversation) => _client.Session(Name(conversation).Session, _tenant);

    /// <summary>The newest messages of a conversation, within the bounds, the oldest of them first.</summary>
    /// <param name="conversation">The name of the conversation; empty for one that does not exist.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StateCorruptedException">What is stored of a message is not what was saved.</exception>
    /// <exception cref="StateFormatException">A message was saved by something else, and is none.</exception>
    /// <exception cref="SessionDeletedException">The conversation was deleted.</exception>
    public async Task<IReadOnlyList<ChatMessage>> ReadAsync(string conversation, CancellationToken cancellationToken = default)
    {
        var session = Session(conversation);
        if (await session.GetSummaryAsync(CheckpointReference.Current, cancellationToken) is not { } current)
        {
            return [];
        }

        var wanted = await NewestAsync(session, current, cancellationToken);
        var messages = new List<ChatMessage>(wanted.Count);
        foreach (var (first, last) in RunsOf(wanted))
        {
            var query = new CheckpointQuery { Before = last + 1, After = first - 1, Order = ListOrder.OldestFirst, Limit = PageItems };
            await foreach (var (summary, state) in session.ListWithStatesAsync(query, cancellationToken))
            {
                if (wanted.Contains(summary.Sequence))
                {
                    messages.Add(Read(session, summary, state));
                }
            }
        }

        // What called may be beyond the bounds, or gone.
        return WithoutOrphans(messages);
    }

    /// <inheritdoc/>
    protected override async ValueTask<IEnumerable<ChatMessage>> ProvideChatHistoryAsync(
        InvokingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await ReadAsync(ConversationOf(context.Session), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask StoreChatHistoryAsync(InvokedContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var name = Name(ConversationOf(context.Session));
        List<NewCheckpoint> added = [.. context.RequestMessages.Concat(context.ResponseMessages ?? []).Select(ToCheckpoint)];
        if (added.Count == 0)
        {
            return;
        }

        var session = _client.Session(name.Session, _tenant);
        if (name.IsHashed)
        {
            await SessionLabels.EnsureAsync(session, name.Labels, cancellationToken);
        }

        await session.CheckpointBatchAsync(added, cancellationToken);
    }

    /// <summary>Which checkpoints are read: the current one and its nearest ancestors, as many as the bounds allow.</summary>
    private async Task<HashSet<long>> NewestAsync(
        SessionHandle session, CheckpointSummary current, CancellationToken cancellationToken)
    {
        var (wanted, bytes) = (new HashSet<long> { current.Sequence }, (long)current.Size);
        await foreach (var ancestor in session.AncestorsAsync(current.Id, PageItems, cancellationToken))
        {
            bytes += ancestor.Size;
            if (wanted.Count == _options.MaxMessages || bytes > _options.MaxBytes)
            {
                break;
            }

            wanted.Add(ancestor.Sequence);
        }

        return wanted;
    }

    /// <summary>
    /// The ranges that hold some sequences, the least first. Between two of them lie more than a few others, as after a restore: those are not read.
    /// </summary>
    private static IEnumerable<(long First, long Last)> RunsOf(IEnumerable<long> sequences)
    {
        (long First, long Last)? run = null;
        foreach (var sequence in sequences.Order())
        {
            if (run is { } ended && sequence - ended.Last > MostBetween)
            {
                yield return ended;
                run = null;
            }

            run = (run?.First ?? sequence, sequence);
        }

        if (run is { } last)
        {
            yield return last;
        }
    }

    private NewCheckpoint ToCheckpoint(ChatMessage message) => new()
    {
        Message = $"{message.Role.Value} message",
        State = JsonSerializer.SerializeToUtf8Bytes(message, _message),
        ContentType = MediaTypeNames.Application.Json,
    };

    private ChatMessage Read(SessionHandle session, CheckpointSummary summary, ListedState listed)
    {
        if (listed.State is not { } state)
        {
            throw new StateCorruptedException(session.Address, summary.Sequence, summary.Id, listed.Problem ?? "its state is not there");
        }

        try
        {
            return JsonSerializer.Deserialize(state.Span, _message) ?? throw new JsonException("A message is null.");
        }
        catch (JsonException exception)
        {
            throw new StateFormatException(session.Address, summary.Sequence, summary.ContentType, typeof(ChatMessage), exception);
        }
    }

    private static List<ChatMessage> WithoutOrphans(List<ChatMessage> messages)
    {
        var calls = new HashSet<string>(messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId), StringComparer.Ordinal);
        return messages.FindAll(message => message.Contents.OfType<FunctionResultContent>().All(result => calls.Contains(result.CallId)));
    }

    private string ConversationOf(AgentSession? session) => session is null
        ? throw new InvalidRequestException("session", "must be given: it is what remembers the conversation")
        : Conversation(session);

    private SessionName Name(string conversation) => SessionName.Of(_options.Prefix, "conversation", conversation);
}

/// <summary>What an agent's session remembers of its conversation.</summary>
/// <param name="Conversation">Its name.</param>
internal sealed record KeptConversation(string Conversation);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptConversation))]
internal sealed partial class KeptConversationContext : JsonSerializerContext;
