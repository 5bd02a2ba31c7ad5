using System.Diagnostics;
using System.Globalization;
using System.Net;
using Forge.Grains.Tests.Http;
using Forge.Silo.Security.Callers;

namespace Forge.Grains.Tests.Security;

/// <summary>
/// Whether the time of an answer tells that another tenant has a session. It measures, so that it runs only if it is asked for:
/// <c>-explicit on</c>, on a machine that does nothing else.
/// </summary>
public sealed class TenantTimingTests(ITestOutputHelper output)
{
    private static readonly int Tries = int.Parse(Environment.GetEnvironmentVariable("FORGE_TIMING_TRIES") ?? "10000", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Answers_OnASessionOfAnotherAndOnNobodys_TakeAsLong()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var owner = await silo.CallerAsync("owner");
        await new SessionHttp(owner, "session-a").CreateAsync("one");
        using var other = await silo.CallerAsync("other", GivenScopes.Read);
        string[] paths = ["/v1/sessions/session-a", "/v1/sessions/session-b"];
        var times = paths.Select(_ => new List<double>(Tries)).ToArray();
        for (var i = 0; i < Tries; i++)
        {
            // By turns, and each first as often as the other.
            foreach (var which in (int[])(i % 2 == 0 ? [0, 1] : [1, 0]))
            {
                var begun = Stopwatch.GetTimestamp();
                using var response = await other.GetAsync(paths[which], TestContext.Current.CancellationToken);
                times[which].Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            }
        }

        var (foreign, unknown) = (times[0].Order().ToList(), times[1].Order().ToList());
        foreach (var (name, all) in (ReadOnlySpan<(string, List<double>)>)[("foreign", foreign), ("unknown", unknown)])
        {
            output.WriteLine($"{name}: median {all[Tries / 2]:0} µs, quarters {all[Tries / 4]:0} and {all[Tries * 3 / 4]:0} µs");
        }

        // The medians of so many tries are known to a small part of what lies between the quarters.
        var noise = (unknown[Tries * 3 / 4] - unknown[Tries / 4]) / 10;
        Assert.InRange(foreign[Tries / 2] - unknown[Tries / 2], -noise, noise);
    }
}
