using System.Net;
using Forge.Errors;
using Forge.Identity;

namespace Forge.AgentFramework.Http;

/// <summary>
/// Speaks to a silo by HTTP. What is not answered, or by a silo that is busy or moving, is asked again with growing waits, for a minute. All calls
/// are such that a repeat takes effect once. No <see cref="OperationCanceledException"/> leaves it but one that its caller asked for.
/// </summary>
internal sealed class HttpCalls(HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>The root of all paths, without a slash at its end.</summary>
    public string Root { get; } = http.BaseAddress?.AbsoluteUri.TrimEnd('/')
        ?? throw new InvalidRequestException("http", "must have a base address: that of a silo, or of what stands before several");

    /// <summary>Reads.</summary>
    /// <param name="make">Makes the request of an attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnavailableException">No attempt was answered.</exception>
    public Task<HttpAnswer> ReadAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken) => SendAsync(make, null, cancellationToken);

    /// <summary>Changes a session.</summary>
    /// <param name="make">Makes the request of an attempt.</param>
    /// <param name="session">The session.</param>
    /// <exception cref="UnavailableException">No attempt was answered; nothing was changed.</exception>
    /// <exception cref="OutcomeUnknownException">It may have been changed.</exception>
    public Task<HttpAnswer> ChangeAsync(Func<HttpRequestMessage> make, SessionAddress session) => SendAsync(make, session, CancellationToken.None);

    private async Task<HttpAnswer> SendAsync(Func<HttpRequestMessage> make, SessionAddress? changed, CancellationToken cancellationToken)
    {
        var (began, pause, mayHaveHappened) = (time.GetTimestamp(), FirstPause, false);
        while (true)
        {
            Exception failure;
            var wait = pause;
            using (var limit = new CancellationTokenSource(AttemptLimit, time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
            {
                try
                {
                    using var request = make();
                    using var response = await http.SendAsync(request, either.Token);
                    var answer = new HttpAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(either.Token));
                    if (!IsTransient(answer.Status))
                    {
                        // An earlier attempt may have been taken, and whoever refuses this one may not know of it: a proxy, or a key that was revoked meanwhile.
                        return changed is { } doubtful && mayHaveHappened && !answer.IsGood && SaysNothing(answer)
                            ? throw new OutcomeUnknownException(doubtful, answer.ToException())
                            : answer;
                    }

                    failure = answer.ToException();
                    mayHaveHappened |= answer.Code is null or "outcome_unknown";
                    wait = response.Headers.RetryAfter?.Delta is { } asked && asked > wait ? asked : wait;
                }
                catch (Exception exception) when (IsLost(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    failure = exception;
                    mayHaveHappened |= !WasNotSent(exception);
                }
            }

            if (time.GetElapsedTime(began) + wait > Patience)
            {
                throw changed is { } session && mayHaveHappened
                    ? new OutcomeUnknownException(session, failure)
                    : new UnavailableException($"{Root} did not answer: {failure.Message}", failure);
            }

            await Task.Delay(wait, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // A proxy that does not reach a silo says so by two of them, and may have handed the request on before.
    private static bool IsTransient(HttpStatusCode status) => status
        is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static bool SaysNothing(HttpAnswer answer) => answer.Code is null or "unauthenticated" or "forbidden";

    private static bool IsLost(Exception exception) => exception is HttpRequestException or IOException;

    private static bool WasNotSent(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };
}
