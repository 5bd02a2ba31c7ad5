using System.Net;
using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Replay;

/// <summary>
/// Calls to the silo. Once it has answered, a silo that goes away is waited for as long as the patience says; every call
/// made here can be repeated.
/// </summary>
internal sealed class SiloCalls(HttpClient http, TimeSpan patience, TimeProvider time, Action<string> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private bool _hasAnswered;

    /// <summary>The body of an answer; null if nothing is there.</summary>
    /// <param name="make">Makes the request anew for each attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CliException">The silo refused the call, was never there, or stayed away.</exception>
    public async Task<byte[]?> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        long? since = null;
        while (true)
        {
            Exception? failure = null;
            string problem;
            try
            {
                using var request = make();
                using var answer = await http.SendAsync(request, cancellationToken);
                var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
                    || ProblemException.Of(answer.StatusCode, body).Code == ExitCode.Refused)
                {
                    return Take(request, answer, body, since);
                }

                _hasAnswered = true;
                problem = $"it answers {(int)answer.StatusCode}";
            }
            catch (Exception exception) when (IsConnection(exception) && !cancellationToken.IsCancellationRequested)
            {
                (failure, problem) = (exception, exception.Message);
            }

            if (!_hasAnswered)
            {
                throw new CliException(
                    ExitCode.Unavailable, $"No silo answers at {http.BaseAddress}: {problem}", "Start one with `forge serve`, or say where it is: --url or FORGE_URL.", failure);
            }

            if (since is null)
            {
                since = time.GetTimestamp();
                say($"The silo went away ({problem}); waiting for it.");
            }
            else if (time.GetElapsedTime(since.Value) >= patience)
            {
                throw new CliException(
                    ExitCode.Unavailable, $"The silo at {http.BaseAddress} did not come back: {problem}", "The same command goes on from here; --wait SECONDS waits longer.", failure);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private byte[]? Take(HttpRequestMessage request, HttpResponseMessage answer, byte[] body, long? since)
    {
        _hasAnswered = true;
        if (since is not null)
        {
            say("The silo is back; going on.");
        }

        return answer.IsSuccessStatusCode ? body
            : answer.StatusCode == HttpStatusCode.NotFound && request.Method == HttpMethod.Get ? null
            : throw ProblemException.Of(answer.StatusCode, body);
    }

    /// <summary>A connection refused, broken off within an answer, or silent for longer than the client waits.</summary>
    private static bool IsConnection(Exception exception) =>
        exception is HttpRequestException or IOException or TaskCanceledException;
}
