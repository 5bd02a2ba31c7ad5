using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Watching;

/// <summary>Server-sent events that go on behind the last one whenever the connection ends, until somebody has enough.</summary>
/// <param name="call">The call.</param>
/// <param name="query">The stream.</param>
/// <param name="after">Where to begin; null for the beginning.</param>
internal sealed class EventStream(Call call, Query query, string? after)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Several of the signs of life that a silo gives every 15 seconds.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private string? _lastId = after;
    private TimeSpan _retry = TimeSpan.FromSeconds(1);
    private bool _isAway;

    /// <summary>The events, each once.</summary>
    /// <exception cref="CliException">The silo refuses to go on, as when what is asked for is not kept any more.</exception>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failures = 0;
        var isBegun = false;
        while (true)
        {
            HttpResponseMessage? response = null;
            string? problem = null;
            try
            {
                response = await OpenAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || ForgeHttp.IsTimeout(exception, cancellationToken))
            {
                problem = exception.Message;
            }

            if (response is not null)
            {
                using (response)
                {
                    if (IsBusy(response.StatusCode))
                    {
                        problem = $"it answers {(int)response.StatusCode}";
                    }
                    else if (!response.IsSuccessStatusCode)
                    {
                        throw ProblemException.Of(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
                    }
                    else
                    {
                        (failures, isBegun) = (0, true);
                        SayBack();
                        await foreach (var item in ItemsAsync(response, cancellationToken))
                        {
                            yield return item;
                        }
                    }
                }
            }

            // Who was never there is not waited for.
            if (!isBegun && response is null)
            {
                throw new CliException(
                    ExitCode.Unavailable, $"No silo answers at {call.Http.Url}: {problem}", "Start one with `forge serve`, or say where it is: --url, FORGE_URL or `forge login`.");
            }

            SayAway(problem ?? "the stream ended");
            var pause = _retry * Math.Pow(2, Math.Min(failures++, 5));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, call.Surroundings.Time, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(query.ToString(), UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (_lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastId);
        }

        return await call.Http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = new LivelyStream(await response.Content.ReadAsStreamAsync(cancellationToken), LongestSilence, call.Surroundings.Time);
        var parser = SseParser.Create(body);
        await using var items = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                // The silo went away in the middle; it is gone on behind the last event.
                yield break;
            }
            finally
            {
                // An id that comes without an event is where to go on, too.
                _lastId = parser.LastEventId is { Length: > 0 } id ? id : _lastId;
                _retry = parser.ReconnectionInterval is { Ticks: > 0 } interval ? interval : _retry;
            }

            if (items.Current.EventType == "error")
            {
                var problem = Encoding.UTF8.GetBytes(items.Current.Data);
                var refusal = ProblemException.Of(StatusOf(items.Current.Data), problem);
                if (refusal.Code is not (ExitCode.Unavailable or ExitCode.OutcomeUnknown))
                {
                    throw refusal;
                }

                yield break;
            }

            yield return items.Current;
        }
    }

    private static HttpStatusCode StatusOf(string problem)
    {
        using var json = System.Text.Json.JsonDocument.Parse(problem);
        return (HttpStatusCode)json.RootElement.GetProperty("status").GetInt32();
    }

    private static bool IsBusy(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    private void SayAway(string problem)
    {
        if (!_isAway)
        {
            _isAway = true;
            call.Screen.Note($"The silo went away ({Harmless.Line(problem)}); waiting for it.");
        }
    }

    private void SayBack()
    {
        if (_isAway)
        {
            _isAway = false;
            call.Screen.Note("The silo is back.");
        }
    }
}
