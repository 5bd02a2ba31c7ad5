using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Runtime.InteropServices;
using System.Text.Json;
using Forge.AgentFramework.Http;
using Forge.AgentFramework.Names;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.Workflows;

/// <summary>
/// Keeps the checkpoints of workflows in Forge as <see cref="ForgeCheckpointStore"/> does, by HTTP: for a host that is no client of the cluster.
/// Safe for concurrent use, by any number of sessions, and beside a <see cref="ForgeCheckpointStore"/> of the same settings.
/// </summary>
/// <remarks>
/// <para>
/// A checkpoint comes back byte for byte. The same state after the same parent is the same checkpoint, under one claim. No
/// <see cref="OperationCanceledException"/> leaves it: see <see cref="ForgeCheckpointStore"/>.
/// </para>
/// <para>
/// A call that is not answered is made again for a minute. What a silo refuses is a <see cref="ForgeHttpException"/> with the stable code of the refusal.
/// </para>
/// </remarks>
public sealed class ForgeHttpCheckpointStore : JsonCheckpointStore
{
    /// <summary>How deep a state may be in a request; a deeper one is sent in base 64.</summary>
    private const int MostDepth = 60;

    private readonly HttpClient _http;
    private readonly ForgeCheckpointStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpCalls _calls;
    private readonly TenantId _tenant;
    private readonly ImmutableDictionary<SessionId, long> _epochs;

    /// <summary>Makes a store.</summary>
    /// <param name="http">
    /// What sends the requests. Its base address is that of a silo, or of what stands before several; its headers have the key, if the silo wants one
    /// (<c>Authorization: Bearer …</c>). It stays the caller's.
    /// </param>
    /// <param name="options">The settings; null for the defaults. The tenant is what the key says; it must be the same here, as ids follow from it.</param>
    /// <exception cref="InvalidRequestException">There is no base address.</exception>
    /// <exception cref="OptionsValidationException">A setting is bad; the message names it.</exception>
    public ForgeHttpCheckpointStore(HttpClient http, ForgeCheckpointStoreOptions? options = null)
        : this(http, options, TimeProvider.System)
    {
    }

    /// <summary>Makes a store whose waits go by a clock.</summary>
    internal ForgeHttpCheckpointStore(HttpClient http, ForgeCheckpointStoreOptions? options, TimeProvider time)
        : this(
            http, StoreRules.Checked(options ?? new(), new ForgeCheckpointStoreOptionsValidator()), time, ImmutableDictionary<SessionId, long>.Empty)
    {
    }

    private ForgeHttpCheckpointStore(
        HttpClient http, ForgeCheckpointStoreOptions options, TimeProvider time, ImmutableDictionary<SessionId, long> epochs)
    {
        ArgumentNullException.ThrowIfNull(http);
        (_http, _options, _time, _epochs) = (http, options, time, epochs);
        (_calls, _tenant) = (new HttpCalls(http, time), TenantId.Parse(options.Tenant));
    }

    /// <summary>The name of the session of Forge that the checkpoints of a workflow session are in.</summary>
    /// <param name="sessionId">The workflow session; any text but the empty one.</param>
    /// <exception cref="InvalidRequestException">It is empty, or no Unicode.</exception>
    public SessionId Session(string sessionId) => Name(sessionId).Session;

    /// <summary>
    /// A store like this whose changes of one session are made under a claim. If somebody claims the session later, they are refused
    /// (<c>superseded</c>), and the run ends with a <see cref="WorkflowErrorEvent"/>.
    /// </summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="epoch">What <c>POST /v1/sessions/{session}/claim</c> answered with.</param>
    /// <exception cref="InvalidRequestException">The session's name is empty, or no Unicode.</exception>
    public ForgeHttpCheckpointStore Under(string sessionId, long epoch) => new(_http, _options, _time, _epochs.SetItem(Name(sessionId).Session, epoch));

    /// <summary>The newest checkpoint of a workflow session, to resume it from; null if it has none. Reads no index.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="InvalidRequestException">The session's name is empty, or no Unicode.</exception>
    /// <exception cref="ForgeHttpException">It was refused, as if the session was deleted (<c>session_deleted</c>).</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public async Task<CheckpointInfo?> GetLatestAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        var path = PathOf(Name(sessionId).Session) + "/checkpoints?branch=main&limit=1";
        var answer = await _calls.ReadAsync(() => Request(HttpMethod.Get, path), cancellationToken);
        if (IsMissing(answer))
        {
            return null;
        }

        using var page = answer.Require().ToJson();
        return ItemsOf(answer, page).Select(item => CheckpointRules.ToInfo(sessionId, IdOf(item))).FirstOrDefault();
    }

    /// <summary>Saves a checkpoint, durable when it is answered, or answers that it was saved before.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="value">The state.</param>
    /// <param name="parent">The checkpoint that it follows; null for a root, of which there may be several.</param>
    /// <exception cref="InvalidRequestException">The session's name is empty or no Unicode, the value is none, or the parent is of another session.</exception>
    /// <exception cref="CheckpointNotFoundException">The parent is not there.</exception>
    /// <exception cref="ForgeHttpException">
    /// It was refused: the state is too large (<c>limit_exceeded</c>), the session is claimed (<c>claimed</c>, <c>superseded</c>) or was deleted
    /// (<c>session_deleted</c>), or the key does not do (<c>unauthenticated</c>, <c>forbidden</c>).
    /// </exception>
    /// <exception cref="UnavailableException">No attempt was answered; nothing was saved.</exception>
    /// <exception cref="OutcomeUnknownException">It may have been saved. To create it again is safe.</exception>
    public override async ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        var name = Name(sessionId);
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new InvalidRequestException("value", "must be given");
        }

        var session = new SessionAddress(_tenant, name.Session);
        var follows = CheckpointRules.ParentOf(session, sessionId, parent);
        if (name.IsHashed && parent is null)
        {
            await EnsureLabelsAsync(session, name.Labels);
        }

        var state = JsonMarshal.GetRawUtf8Value(value).ToArray();
        return CheckpointRules.ToInfo(sessionId, await CreateAsync(session, state, CheckpointRules.MessageOf(value), follows));
    }

    /// <summary>Reads a checkpoint as it was saved.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="key">The checkpoint.</param>
    /// <exception cref="KeyNotFoundException">It is not there, or of another session.</exception>
    /// <exception cref="ForgeHttpException">
    /// It was refused, what is stored is not what was saved (<c>state_corrupted</c>), or it was saved by something else and is no JSON (<c>state_format</c>).
    /// </exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public override async ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var name = Name(sessionId);
        if (key.SessionId != sessionId || !CheckpointId.TryParse(key.CheckpointId, out var id))
        {
            throw CheckpointRules.NotFound(sessionId, key);
        }

        var answer = await ReadAsync($"{PathOf(name.Session)}/checkpoints/{id}/state");
        if (IsMissing(answer) || answer.Code == "session_deleted")
        {
            throw CheckpointRules.NotFound(sessionId, key, answer.ToException());
        }

        try
        {
            return JsonElement.Parse(answer.Require().Body, CheckpointRules.Reading);
        }
        catch (JsonException exception)
        {
            throw new ForgeHttpException(answer.Status, "state_format", $"The state of checkpoint {id} of session {name.Session} is no JSON.", exception);
        }
    }

    /// <summary>The checkpoints of a workflow session, in the order in which they were saved, the newest last.</summary>
    /// <param name="sessionId">The workflow session.</param>
    /// <param name="withParent">
    /// Only those that follow this one; null for all. A checkpoint that is not there (any more), or of another session, is followed by none.
    /// </param>
    /// <returns>An array; empty for a session that does not exist.</returns>
    /// <exception cref="ForgeHttpException">It was refused, as if the session was deleted (<c>session_deleted</c>).</exception>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public override async ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null)
    {
        var path = PathOf(Name(sessionId).Session);
        var wanted = default(CheckpointId);
        if (withParent is not null && (withParent.SessionId != sessionId || !CheckpointId.TryParse(withParent.CheckpointId, out wanted)))
        {
            return Array.Empty<CheckpointInfo>();
        }

        var parent = (long?)null;
        if (withParent is not null)
        {
            // On whatever branch it is.
            var read = await ReadAsync($"{path}/checkpoints/{wanted}");
            if (IsMissing(read))
            {
                return Array.Empty<CheckpointInfo>();
            }

            using var summary = read.Require().ToJson();
            RequireSaved(read, wanted);
            parent = summary.RootElement.GetProperty("sequence").GetInt64();
        }

        var (found, cursor) = (new List<CheckpointInfo>(), (string?)null);
        do
        {
            var behind = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            var answer = await ReadAsync(
                string.Create(CultureInfo.InvariantCulture, $"{path}/checkpoints?branch=main&order=oldest&limit={_options.PageItems}{behind}"));
            if (IsMissing(answer))
            {
                break;
            }

            using var page = answer.Require().ToJson();
            foreach (var item in ItemsOf(answer, page))
            {
                var id = IdOf(item);
                if (parent is null || ParentOf(item) == parent)
                {
                    found.Add(CheckpointRules.ToInfo(sessionId, id));
                }
            }

            cursor = page.RootElement.GetProperty("next").GetString();
        }
        while (cursor is not null);

        return found.ToArray();
    }

    /// <summary>Creates a checkpoint whose id follows from what it is.</summary>
    private async Task<CheckpointId> CreateAsync(SessionAddress session, byte[] state, string message, CheckpointReference parent)
    {
        var epoch = _epochs.TryGetValue(session.Session, out var own) ? own : (long?)null;
        for (var life = 1; ; life++)
        {
            var id = CheckpointRules.IdOf(session, epoch, parent, state, life);
            var body = BodyOf(id, parent, message, state);
            var answer = await _calls.ChangeAsync(
                () => Request(HttpMethod.Post, $"{PathOf(session.Session)}/checkpoints", body, epoch), session);
            if (answer.Code == "checkpoint_not_found" && !parent.IsNone)
            {
                throw new CheckpointNotFoundException(session, parent.ToString(), "parent");
            }

            RequireSaved(answer.Require(), id);

            // One that was saved before and has been removed is remembered, and not there: without a new one, the run would go on without it.
            if (answer.Status == HttpStatusCode.Created || await IsThereAsync(session, id))
            {
                return id;
            }
        }
    }

    private async Task<bool> IsThereAsync(SessionAddress session, CheckpointId id)
    {
        var answer = await _calls.ReadAsync(
            () =>
            {
                // Whatever it has is not wanted.
                var request = Request(HttpMethod.Get, $"{PathOf(session.Session)}/checkpoints/{id}/state");
                request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
                return request;
            },
            CancellationToken.None);
        return !IsMissing(answer) && answer.Require().Status is HttpStatusCode.NotModified or HttpStatusCode.OK;
    }

    /// <summary>Has a session the labels, beside those and the settings that it has; makes the session if it does not exist.</summary>
    private async Task EnsureLabelsAsync(SessionAddress session, IReadOnlyDictionary<string, string> labels)
    {
        var path = PathOf(session.Session);
        var answer = await _calls.ReadAsync(() => Request(HttpMethod.Get, path), CancellationToken.None);
        if (SessionDocument.WithLabels(IsMissing(answer) ? null : answer.Require().Body, labels) is { } settings)
        {
            var epoch = _epochs.TryGetValue(session.Session, out var own) ? own : (long?)null;
            var key = Guid.NewGuid();
            var changed = await _calls.ChangeAsync(
                () =>
                {
                    // Settings that somebody changes between two attempts stay.
                    var request = Request(HttpMethod.Put, path, settings, epoch);
                    request.Headers.Add("Idempotency-Key", key.ToString());
                    return request;
                },
                session);
            changed.Require();
        }
    }

    private Task<HttpAnswer> ReadAsync(string path) => _calls.ReadAsync(() => Request(HttpMethod.Get, path), CancellationToken.None);

    private HttpRequestMessage Request(HttpMethod method, string path, ReadOnlyMemory<byte> body = default, long? epoch = null)
    {
        var request = new HttpRequestMessage(method, _calls.Root + path);
        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } };
        }

        if (epoch is { } own)
        {
            request.Headers.Add("Forge-Epoch", own.ToString(CultureInfo.InvariantCulture));
        }

        return request;
    }

    private static ReadOnlyMemory<byte> BodyOf(CheckpointId id, CheckpointReference parent, string message, byte[] state)
    {
        var buffer = new ArrayBufferWriter<byte>(state.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id", id.ToString());
            writer.WriteString("parent", parent.ToString());
            writer.WriteString("message", message);
            if (IsDeep(state))
            {
                writer.WriteString("contentType", MediaTypeNames.Application.Json);
                writer.WriteBase64String("stateBase64", state);
            }
            else
            {
                writer.WritePropertyName("state");
                writer.WriteRawValue(state, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static bool IsDeep(byte[] state)
    {
        var reader = new Utf8JsonReader(state, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.CurrentDepth > MostDepth)
            {
                return true;
            }
        }

        return false;
    }

    /// <exception cref="ForgeHttpException">The answer is no page of a list.</exception>
    private static JsonElement.ArrayEnumerator ItemsOf(HttpAnswer answer, JsonDocument page) =>
        page.RootElement.ValueKind == JsonValueKind.Object && page.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : throw new ForgeHttpException(answer.Status, "no_silo", "What answered is no silo of Forge: its answer is no list.");

    /// <exception cref="ForgeHttpException">The answer is none of a silo that has the checkpoint: a page of a proxy, as a rule.</exception>
    private static void RequireSaved(HttpAnswer answer, CheckpointId id)
    {
        if (answer.IdOrNull() != id.ToString())
        {
            throw new ForgeHttpException(answer.Status, "no_silo", "What answered is no silo of Forge: its answer is not that of a checkpoint.");
        }
    }

    private static long? ParentOf(JsonElement item) => item.GetProperty("parent") is { ValueKind: JsonValueKind.Number } parent ? parent.GetInt64() : null;

    private static CheckpointId IdOf(JsonElement item) => CheckpointId.Parse(item.GetProperty("id").GetString()!);

    private static bool IsMissing(HttpAnswer answer) => answer.Code is "checkpoint_not_found" or "session_not_found" or "branch_not_found";

    private static string PathOf(SessionId session) => $"/v1/sessions/{Uri.EscapeDataString(session.Value)}";

    private SessionName Name(string sessionId) => SessionName.Of(_options.Prefix, "sessionId", sessionId);
}
