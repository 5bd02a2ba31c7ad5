using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Forge.Cli.Hosting;

namespace Forge.Cli.Http;

/// <summary>Speaks to a silo. Calls that can be repeated are tried again while it is busy or away.</summary>
internal sealed class ForgeHttp : IDisposable
{
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly Connection _connection;
    private readonly TimeProvider _time;
    private readonly bool _holdsThread;

    public ForgeHttp(Connection connection, Surroundings surroundings)
    {
        _connection = connection;
        _time = surroundings.Time;
        _holdsThread = surroundings.IsAlone;

        // A path of an address is kept: a silo may stand behind one.
        var address = connection.Url.AbsoluteUri;
        _http = new HttpClient(surroundings.Connect()) { BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (connection.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Where the silo is.</summary>
    public Uri Url => _connection.Url;

    /// <summary>What speaks to it, for calls that go on in ways of their own.</summary>
    public HttpClient Client => _http;

    /// <summary>Reads.</summary>
    /// <exception cref="CliException">It is not there, was refused, or no silo answers.</exception>
    public Task<Answer<T>> GetAsync<T>(object path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, null, type, cancellationToken);

    /// <summary>Changes something, or asks for something that has a body.</summary>
    /// <exception cref="CliException">It was refused, or no silo answers.</exception>
    public async Task<Answer<T>> SendAsync<T>(
        HttpMethod method, object path, Body? body, Change? change, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(
            () => Request(method, path, body, change), method == HttpMethod.Get || ReferenceEquals(change, Change.None) ? Repeats.OfRead : Repeats.Of(change),
            HttpCompletionOption.ResponseContentRead, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var json = bytes.Length == 0 ? EmptyObject() : Parse(bytes);
        return new Answer<T>(Read(json, type), json, response.StatusCode);
    }

    /// <summary>The items of a list, page by page, until there are as many as wanted.</summary>
    /// <param name="query">The list for a cursor, which is null at first, and the size of a page.</param>
    /// <param name="type">What an item is read as.</param>
    /// <param name="most">How many are wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<Item<T>> ListAsync<T>(
        Func<string?, int, Query> query, JsonTypeInfo<T> type, long most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = (await GetAsync(query(cursor, (int)Math.Min(most, 1_000)), ShapesJson.Default.NothingShape, cancellationToken)).Json;
            cursor = page.ValueKind == JsonValueKind.Object && page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            if (page.ValueKind != JsonValueKind.Object || !page.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array)
            {
                throw NoSilo("its answer is no list.", null);
            }

            foreach (var item in items.EnumerateArray())
            {
                if (most-- <= 0)
                {
                    yield break;
                }

                yield return new Item<T>(Read(item, type), item, cursor);
            }
        }
        while (cursor is not null && most > 0);
    }

    /// <summary>An answer whose body is read as it comes.</summary>
    public Task<HttpResponseMessage> OpenAsync(object path, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken) => OpenAsync(
        () =>
        {
            var request = Request(HttpMethod.Get, path, null, null);
            prepare?.Invoke(request);
            return request;
        },
        Repeats.OfRead,
        HttpCompletionOption.ResponseHeadersRead,
        cancellationToken);

    /// <summary>Sends a body that can be read once. It is not tried again.</summary>
    /// <param name="make">Makes the request.</param>
    /// <param name="isChange">True if it may change something.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, bool isChange, CancellationToken cancellationToken) =>
        OpenAsync(make, isChange ? Repeats.None : Repeats.None with { IsChange = false }, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <summary>The document of an answer whose head came already.</summary>
    public async Task<JsonElement> ReadAsync(HttpResponseMessage response, Repeats repeats, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw repeats.IsChange ? new OutcomeUnknownException(Away(exception, repeats), repeats) : Away(exception, repeats);
        }
        catch (OperationCanceledException exception) when (repeats.IsChange)
        {
            throw new OutcomeUnknownException(Interrupted(exception), repeats);
        }
    }

    /// <summary>What is wrong if an answer is none that a silo gives.</summary>
    public CliException NoSilo(string why, Exception? exception) => new(
        ExitCode.Failed, $"What answers at {Url} is no silo of Forge: {why}", "Look at the address: `forge login --list`, FORGE_URL or --url.", exception);

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, object path, Body? body, Change? change)
    {
        var request = new HttpRequestMessage(method, new Uri(path.ToString()!, UriKind.Relative)) { Content = body?.ToContent() };
        change?.AddTo(request);
        return request;
    }

    private static JsonElement EmptyObject()
    {
        using var document = JsonDocument.Parse("{}");
        return document.RootElement.Clone();
    }

    private JsonElement Parse(byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 1_000 }).RootElement;
        }
        catch (JsonException exception)
        {
            throw NoSilo("its answer is not JSON.", exception);
        }
    }

    private T Read<T>(JsonElement json, JsonTypeInfo<T> type)
    {
        try
        {
            return json.Deserialize(type) ?? throw NoSilo("its answer is null.", null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or NotSupportedException)
        {
            throw NoSilo("its answer is of another shape.", exception);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(
        Func<HttpRequestMessage> make, Repeats repeats, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();

        // An attempt of a change that may have taken effect stays one, whatever becomes of those behind it.
        var isUnknown = false;
        while (true)
        {
            CliException failure;
            TimeSpan pause;
            try
            {
                using var request = make();

                // What can be sent again is in memory, and so can be sent by a thread that does nothing else.
                var response = _holdsThread && repeats.AreSafe
                    ? _http.Send(request, completion, cancellationToken)
                    : await _http.SendAsync(request, completion, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                ProblemException problem;
                using (response)
                {
                    failure = problem = ProblemException.Of(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
                    pause = response.Headers.RetryAfter?.Delta ?? Pause;
                }

                isUnknown |= repeats.IsChange && (problem.Code == ExitCode.OutcomeUnknown || problem.IsOfAGateway);
                if (problem.Code is not (ExitCode.Unavailable or ExitCode.OutcomeUnknown))
                {
                    // What the silo says of a repeat holds for the change. Who was not let in, or met something else, heard nothing of it.
                    throw isUnknown && (problem.Problem.Length == 0 || problem.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) ? new OutcomeUnknownException(problem, repeats) : problem;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || IsTimeout(exception, cancellationToken))
            {
                (failure, pause) = (Away(exception, repeats), Pause);
                isUnknown |= failure.Code == ExitCode.OutcomeUnknown;
                if (!isUnknown && NothingListens(exception) && _connection.Patience is null)
                {
                    throw failure;
                }
            }
            catch (OperationCanceledException exception) when (repeats.IsChange)
            {
                throw new OutcomeUnknownException(Interrupted(exception), repeats);
            }

            pause = pause < Pause ? Pause : pause > LongestPause ? LongestPause : pause;
            if (!repeats.AreSafe || _time.GetElapsedTime(began) + pause > (_connection.Patience ?? UsualPatience))
            {
                throw isUnknown ? new OutcomeUnknownException(failure, repeats) : failure;
            }

            try
            {
                await Task.Delay(pause, _time, cancellationToken);
            }
            catch (OperationCanceledException exception) when (isUnknown)
            {
                throw new OutcomeUnknownException(Interrupted(exception), repeats);
            }
        }
    }

    private static CliException Interrupted(OperationCanceledException exception) =>
        new(ExitCode.Interrupted, "Interrupted before the answer came.", innerException: exception);

    private CliException Away(Exception exception, Repeats repeats) => NothingListens(exception)
        ? new CliException(
            ExitCode.Unavailable, $"No silo answers at {Url}: {exception.Message}",
            "Start one with `forge serve`, or say where it is: --url, FORGE_URL or `forge login`.", exception)
        : new CliException(
            repeats.IsChange ? ExitCode.OutcomeUnknown : ExitCode.Unavailable, $"The connection to {Url} broke off: {exception.Message}",
            "Try again, or wait longer with --wait SECONDS.", exception);

    /// <summary>True if it took too long to connect: that is told as a cancellation that nobody asked for.</summary>
    internal static bool IsTimeout(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    private static bool NothingListens(Exception exception) => exception is OperationCanceledException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };
}

/// <summary>An item of a list.</summary>
/// <param name="Value">What was read of it.</param>
/// <param name="Json">All of it.</param>
/// <param name="Next">The cursor behind the page that it is on; null for none.</param>
internal sealed record Item<T>(T Value, JsonElement Json, string? Next);
