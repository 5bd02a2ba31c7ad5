using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Portability;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>
/// Requests to every route that were changed at random: none is answered with an error of the service's own, none is left without
/// an answer, and one that is refused has changed nothing.
/// </summary>
[Collection(HttpTests.Name)]
public sealed class RequestFuzzTests(SiloServer server)
{
    private const int Callers = 4;

    /// <summary>How long an answer may take before it counts as none.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<(string Route, int Status), int> _answers = [];

    private static int Cases => FuzzSettings.Cases / 5;

    [Fact]
    public async Task AnyRoute_AnyRequest_IsAnsweredAndARefusedOneChangesNothing()
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {FuzzSettings.Seed}, {Cases} cases");
        var routes = await FuzzRoute.AllAsync(server);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(routes, caller))));

        foreach (var answers in _answers.OrderBy(answer => answer.Key).GroupBy(answer => answer.Key.Route))
        {
            output.WriteLine($"{answers.Key}: {string.Join(", ", answers.Select(answer => $"{answer.Value} x {answer.Key.Status}"))}");
        }

        // Each route has to be reached, or its handler was not tried; and most have to be refused somewhere.
        // While security is off, that of a key answers 409 itself.
        Assert.All(routes, route => Assert.Contains(
            _answers.Keys,
            answer => answer.Route == Name(route) && (answer.Status is >= 200 and < 300 || (answer.Status == 409 && route.Path.StartsWith("/v1/keys", StringComparison.Ordinal)))));
        Assert.All(routes, route => Assert.Contains(_answers.Keys, answer => answer.Route == Name(route) && answer.Status is >= 400));
    }

    private async Task CallAsync(IReadOnlyList<FuzzRoute> routes, int caller)
    {
        var (session, known) = ("", "");
        for (var number = caller; number < Cases; number += Callers)
        {
            var random = FuzzSettings.Case(number);
            if (session.Length == 0 || random.Next(100) == 0)
            {
                (session, known) = await NewSessionAsync(caller, number);
            }

            var route = routes[random.Next(routes.Count)];
            if (route.Path.EndsWith("/revive", StringComparison.Ordinal) && random.Next(2) == 0)
            {
                await new SessionHttp(server.Client, session).DeleteAsync();
                known = await LookAsync(session);
            }

            if (route.Path.Contains("/effects/{key}/", StringComparison.Ordinal) && random.Next(2) == 0)
            {
                // One that runs, and for whoever resolves one that has failed.
                var effects = new SessionHttp(server.Client, session);
                await effects.PostAsync("/effects/k1/begin", """{"class":"write","lease":"PT1H","request":"r"}""");
                if (route.Path.EndsWith("/resolve", StringComparison.Ordinal))
                {
                    await effects.PostAsync("/effects/k1/fail", """{"epoch":1,"reason":"no"}""");
                }

                known = await LookAsync(session);
            }

            if (route.Path.EndsWith("/claim", StringComparison.Ordinal) && route.Method != "POST" && random.Next(2) == 0)
            {
                await new SessionHttp(server.Client, session).PostAsync("/claim", """{"owner":"fuzz"}""");
                known = await LookAsync(session);
            }

            var request = FuzzRequest.Make(route, session, EpochOf(known), random);
            try
            {
                var others = await OthersAsync(route, session);
                var answer = await SendAsync(request);
                _answers.AddOrUpdate((Name(route), (int)answer.Status), 1, (_, count) => count + 1);
                MustBeAnAnswer(answer);
                var now = await LookAsync(session);
                if ((int)answer.Status >= 400)
                {
                    // What comes too late of an effect is refused, and kept as evidence.
                    if (answer.Status != HttpStatusCode.Conflict || !route.Path.Contains("/effects/", StringComparison.Ordinal))
                    {
                        Assert.Equal(known, now);
                    }

                    Assert.Equal(others, (await OthersAsync(route, session)).Except(Reported(answer)));
                }

                (session, known) = now.Length == 0 ? ("", "") : (session, now);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {FuzzSettings.Seed}, case {number}: {exception.Message}\n{request}", exception);
            }
        }
    }

    private async Task<(string Session, string Known)> NewSessionAsync(int caller, int number)
    {
        var session = $"fuzz-{Guid.NewGuid():N}-{caller}-{number}";
        for (var i = 0; i < 3; i++)
        {
            await new SessionHttp(server.Client, session).CreateAsync($"m{i}");
        }

        return (session, await LookAsync(session));
    }

    private async Task<HttpAnswer> SendAsync(FuzzRequest request)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await request.SendAsync(server.Client, patience.Token);
    }

    /// <summary>What a change would show in: the session as it is, version and all; empty once it is deleted.</summary>
    private async Task<string> LookAsync(string session)
    {
        var answer = await new SessionHttp(server.Client, session).GetAsync("");
        return answer.Status == HttpStatusCode.OK ? answer.Text : "";
    }

    /// <summary>The epoch under which the session is changed; null for none.</summary>
    private static long? EpochOf(string known) =>
        known.Length > 0 && JsonDocument.Parse(known).RootElement.GetProperty("claim") is { ValueKind: JsonValueKind.Object } claim
        && claim.GetProperty("owner").ValueKind == JsonValueKind.String ? claim.GetProperty("epoch").GetInt64() : null;

    /// <summary>The sessions that documents have made so far; one of many sessions that is refused says which came in before it was.</summary>
    private async Task<IReadOnlyList<string>> OthersAsync(FuzzRoute route, string session) => !FuzzRequest.IsImport(route)
        ? []
        : [.. (await new TenantHttp(server.Client).GetAsync($"/sessions?limit=1000&prefix={session}-")).Json
            .GetProperty("items").EnumerateArray().Select(item => item.GetProperty("session").GetString()!)];

    private static IEnumerable<string> Reported(HttpAnswer answer) =>
        answer.Body.Length > 0 && answer.Json.TryGetProperty("report", out var report)
            ? report.GetProperty("sessions").EnumerateArray().Select(item => item.GetProperty("session").GetString()!)
            : [];

    private static void MustBeAnAnswer(HttpAnswer answer)
    {
        Assert.True((int)answer.Status < 500, $"{answer.Status}: {answer.Text}");

        // The server itself refuses without a body what is no HTTP at all.
        if ((int)answer.Status >= 400 && !(answer.Status == HttpStatusCode.BadRequest && answer.Body.Length == 0))
        {
            Assert.Equal("application/problem+json", answer.ContentType);
            Assert.NotEmpty(answer.Code!);
        }
    }

    private static string Name(FuzzRoute route) => $"{route.Method} {route.Path}";
}
