using System.Text.Json;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>A session of a hundred thousand checkpoints is scrolled from end to end.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineLengthTests(TimelineBrowser browser)
{
    /// <summary>Says that frames are held against the clock too, on a machine that does nothing else.</summary>
    private const string Timed = "FORGE_TEST_TIMED";

    private const int Checkpoints = 100_000;
    private const int Batch = 1_000;

    /// <summary>How many elements the page may have, however long a session is.</summary>
    private const int MostElements = 1_500;

    [Fact]
    public async Task Log_OfAHundredThousand_IsScrolledThroughWithFewElements()
    {
        await using var page = await browser.OpenAsync();
        for (var first = 1; first <= Checkpoints; first += Batch)
        {
            await browser.SendAsync(
                HttpMethod.Post,
                "/v1/sessions/length/checkpoints/batch",
                string.Join('\n', Enumerable.Range(first, Batch).Select(step =>
                    $$"""{"message":"step {{step}}","state":{{step}}{{(step % 97 == 0 ? $",\"branch\":\"side {step / 97 % 5}\"" : "")}}}""")),
                "application/x-ndjson");
        }

        await page.GoAsync(new Uri(browser.Root, "/#/length"));
        await Expect(page.Row(Checkpoints)).ToBeVisibleAsync();

        var told = await page.Page.EvaluateAsync<JsonElement>(
            """
            async () => {
                const log = document.getElementById("log");
                const end = log.scrollHeight - log.clientHeight;
                const begun = performance.now();
                let frames = 0;
                let elements = 0;
                await new Promise((done) => {
                    const step = () => {
                        const now = performance.now();
                        frames++;
                        log.scrollTop = Math.min(end, (now - begun) / 20_000 * end);
                        elements = Math.max(elements, document.querySelectorAll("*").length);
                        if (log.scrollTop >= end - 1) { done(); } else { requestAnimationFrame(step); }
                    };
                    requestAnimationFrame(step);
                });
                return { frames, elements, seconds: (performance.now() - begun) / 1000, rows: log.scrollHeight / 30 };
            }
            """);

        var perSecond = told.GetProperty("frames").GetInt32() / told.GetProperty("seconds").GetDouble();
        TestContext.Current.TestOutputHelper?.WriteLine($"{perSecond:N1} frames a second, {told}");
        Assert.InRange(told.GetProperty("elements").GetInt32(), 1, MostElements);
        Assert.Equal(Checkpoints, told.GetProperty("rows").GetDouble());
        await Expect(page.Row(1)).ToBeVisibleAsync();
        if (Environment.GetEnvironmentVariable(Timed) == "true")
        {
            Assert.True(perSecond >= 50, $"{perSecond:N1} frames a second");
        }

        // And a link into the middle of it leads there.
        await page.GoAsync(new Uri(browser.Root, "/#/length/50000"));
        await Expect(page.Row(50_000)).ToBeVisibleAsync();
        page.AssertNothingWentWrong();
    }

    /// <summary>Each time by a browser that has nothing of the page; the first time it has opened nothing at all.</summary>
    [Fact]
    public async Task Page_OpenedFirst_IsPainted()
    {
        var times = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            await using var page = await browser.OpenAsync();
            times.Add(await page.Page.EvaluateAsync<double>(
                "async () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? await new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({ type: 'paint', buffered: true }))"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"painted after {string.Join(", ", times.Select(time => $"{time:N0}"))} ms");
        Assert.All(times, time => Assert.True(time > 0));
        if (Environment.GetEnvironmentVariable(Timed) == "true")
        {
            var median = times.Skip(1).Order().ElementAt(2);
            Assert.True(median < 300, $"painted after {median:N0} ms, by the median of five");
        }
    }
}
