using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>The pictures of the page that the README shows.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelinePictureTests(TimelineBrowser browser)
{
    /// <summary>Names the folder that pictures are put into, as <c>docs/images</c>; they are taken and looked at without it too.</summary>
    private const string Variable = "FORGE_PICTURES";

    private const int MostBytes = 220 * 1024;

    private static readonly (string Message, string More)[] Steps =
    [
        ("read the failing order", ""),
        ("reproduce it with two carts", ""),
        ("suspect the price cache", ""),
        ("trace the cache key", "\"trigger\":\"toolCall\""),
        ("the key lacks the currency", "\"trigger\":\"hypothesisStatusChange\",\"tags\":[\"found-cause\"]"),
        ("patch the key", "\"trigger\":\"codeModified\""),
        ("run the whole suite", "\"trigger\":\"toolCall\""),
        ("two tests fail on rounding", "\"trigger\":\"error\""),
    ];

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Picture_OfASession_IsSmall(ColorScheme theme)
    {
        // A silo of its own has nothing else in its list.
        await using var host = await Rpc.RpcHost.StartAsync();
        using var told = new TimelineTeller(host.Root);
        await TellAsync(told);
        await using var page = await browser.OpenAsync("#/checkout-bug/16?compare=5", theme, host.Root);
        await Expect(page.Detail.Locator(".side-row.added").First).ToBeVisibleAsync();
        await Expect(page.Rows.Locator(".note-text")).ToHaveCountAsync(2);
        await Expect(page.Rows.Locator(".status.unknown")).ToBeVisibleAsync();
        await Expect(page.Page.Locator(".pulse.live")).ToHaveCountAsync(0);
        await page.Page.SetViewportSizeAsync(1360, 760);

        var picture = await page.Page.ScreenshotAsync(new PageScreenshotOptions { Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });

        Assert.InRange(picture.Length, 10 * 1024, MostBytes);
        page.AssertNothingWentWrong();
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, $"timeline-{(theme == ColorScheme.Dark ? "dark" : "light")}.png"), picture, TestContext.Current.CancellationToken);
        }
    }

    private static async Task TellAsync(TimelineTeller told)
    {
        const string Session = "/v1/sessions/checkout-bug";
        foreach (var (name, team) in ((string, string)[])[("docs-sweep", "docs"), ("migrate-users", "platform"), ("nightly-report", "data"), ("price-watch", "shop"), ("support-triage-7", "care")])
        {
            await told.SendAsync(HttpMethod.Post, $"/v1/sessions/{name}/checkpoints", """{"message":"begin","state":{"at":0}}""");
            await told.SendAsync(HttpMethod.Put, $"/v1/sessions/{name}", $$$"""{"labels":{"team":"{{{team}}}"}}""");
        }

        var notes = new List<string>();
        foreach (var (message, more) in Steps)
        {
            notes.Add(message);
            await told.CreateAsync(Session, message, notes, more);
        }

        await told.SendAsync(HttpMethod.Post, $"{Session}/effects/open-pr-412/begin", """{"class":"write","request":"open it","lease":"PT1S"}""");
        await told.SendAsync(HttpMethod.Post, $"{Session}/checkpoints/8/annotations", """{"severity":"warning","text":"the rounding failures are older than the patch"}""");
        await told.SendAsync(HttpMethod.Post, $"{Session}/checkpoints/5/restore", "{}");
        notes.RemoveRange(5, 3);
        foreach (var (message, more) in ((string, string)[])[
            ("fix the key, leave the rounding", "\"trigger\":\"codeModified\""),
            ("the suite is green", "\"trigger\":\"verificationComplete\""),
            ("another way: shard the cache", "\"branch\":\"shard\",\"parent\":5,\"trigger\":\"branchSwitch\""),
            ("shards measured", "\"branch\":\"shard\"")])
        {
            notes.Add(message);
            await told.CreateAsync(Session, message, notes, more);
        }

        notes.RemoveRange(7, 2);
        var begun = await told.SendAsync(HttpMethod.Post, $"{Session}/effects/notify-team/begin", """{"class":"idempotent","request":"to the shop","lease":"PT10M"}""");
        await told.SendAsync(HttpMethod.Post, $"{Session}/effects/notify-team/complete", $$$"""{"epoch":{{{begun.GetProperty("epoch")}}},"result":{"posted":true}}""");
        foreach (var (message, more) in ((string, string)[])[
            ("write the changelog", "\"branch\":\"main\",\"tags\":[\"milestone\"]"),
            ("look for other callers", "\"branch\":\"sub/callers\",\"parent\":13,\"trigger\":\"toolCall\""),
            ("3 callers, all pass the currency", "\"branch\":\"sub/callers\",\"trigger\":\"toolCall\""),
            ("ship it", "\"branch\":\"main\",\"tags\":[\"shipped\"]")])
        {
            notes.Add(message);
            await told.CreateAsync(Session, message, notes, more);
        }

        await told.SendAsync(HttpMethod.Post, $"{Session}/checkpoints/13/annotations", """{"text":"reviewed by hand, fine to ship"}""");
        await told.SendAsync(HttpMethod.Post, $"{Session}/claim", """{"owner":"worker-7","lease":"PT30M"}""");
    }
}

/// <summary>Tells a silo what a picture shows.</summary>
internal sealed class TimelineTeller(Uri root) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = root };
    private int _spent;

    public async Task<System.Text.Json.JsonElement> SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : System.Text.Json.JsonDocument.Parse(text).RootElement;
    }

    public Task CreateAsync(string session, string message, IReadOnlyList<string> notes, string more)
    {
        _spent += 7_311;
        var state = System.Text.Json.JsonSerializer.Serialize(new
        {
            goal = "find why carts in EUR show prices in USD",
            hypotheses = new[] { new { text = "the price cache ignores the currency", confidence = notes.Count > 4 ? 0.92 : 0.3 } },
            notes,
            tokens = new { budget = 180_000, spent = _spent },
        });
        return SendAsync(
            HttpMethod.Post, $"{session}/checkpoints", $$"""{"message":"{{message}}","state":{{state}}{{(more.Length == 0 ? "" : $",{more}")}}}""");
    }

    public void Dispose() => _client.Dispose();
}
