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

    public ForgeHttp(Connection connection, Func<HttpMessageHandler> connect, TimeProvider time)
    {
        _connection = connection;
        _time = time;

        // A path of an address is kept: a silo may stand behind one.
        var address = connection.Url.AbsoluteUri;
        _http = new HttpClient(connect()) { BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/"), Timeout = Timeout.InfiniteTimeSpan };
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
        return new Answer<T>(json.Deserialize(type)!, json, response.StatusCode);
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
            cursor = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                if (most-- <= 0)
                {
                    yield break;
                }

                yield return new Item<T>(item.Deserialize(type)!, item, cursor);
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
    public Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken) =>
        OpenAsync(make, Repeats.None, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

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
            throw new CliException(
                ExitCode.Failed, $"What answers at {Url} is no silo of Forge: its answer is not JSON.",
                "Look at the address: `forge login --list`, FORGE_URL or --url.", exception);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(
        Func<HttpRequestMessage> make, Repeats repeats, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            CliException failure;
            TimeSpan pause;
            try
            {
                using var request = make();
                var response = await _http.SendAsync(request, completion, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    failure = ProblemException.Of(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
                    pause = response.Headers.RetryAfter?.Delta ?? Pause;
                }

                if (failure.Code is not (ExitCode.Unavailable or ExitCode.OutcomeUnknown))
                {
                    throw failure;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                (failure, pause) = (Away(exception, repeats), Pause);
                if (NothingListens(exception) && _connection.Patience is null)
                {
                    throw failure;
                }
            }

            pause = pause < Pause ? Pause : pause > LongestPause ? LongestPause : pause;
            if (!repeats.AreSafe || _time.GetElapsedTime(began) + pause > (_connection.Patience ?? UsualPatience))
            {
                throw failure;
            }

            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    private CliException Away(Exception exception, Repeats repeats) => NothingListens(exception)
        ? new CliException(
            ExitCode.Unavailable, $"No silo answers at {Url}: {exception.Message}",
            "Start one with `forge serve`, or say where it is: --url, FORGE_URL or `forge login`.", exception)
        : new CliException(
            repeats == Repeats.OfRead ? ExitCode.Unavailable : ExitCode.OutcomeUnknown, $"The connection to {Url} broke off: {exception.Message}",
            repeats switch
            {
                { Key: { } key } => $"The change may have taken effect. Give the same command again with --idempotency-key {key} to find out.",
                { AreSafe: true } => "Try again, or wait longer with --wait SECONDS.",
                _ => "Look at what is there before you try again.",
            },
            exception);

    private static bool NothingListens(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };
}

/// <summary>An item of a list.</summary>
/// <param name="Value">What was read of it.</param>
/// <param name="Json">All of it.</param>
/// <param name="Next">The cursor behind the page that it is on; null for none.</param>
internal sealed record Item<T>(T Value, JsonElement Json, string? Next);

/// <summary>If a request can be sent again when its answer is lost.</summary>
/// <param name="AreSafe">True if it can.</param>
/// <param name="Key">The key that makes a change safe.</param>
internal sealed record Repeats(bool AreSafe, string? Key)
{
    public static Repeats OfRead { get; } = new(true, null);

    public static Repeats None { get; } = new(false, null);

    public static Repeats Of(Change? change) => change?.IdempotencyKey is { } key ? new Repeats(true, key) : None;
}
