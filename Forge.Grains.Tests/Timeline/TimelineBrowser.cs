using System.Text.Json;
using Forge.Grains.Tests.Rpc;
using Microsoft.Playwright;

namespace Forge.Grains.Tests.Timeline;

/// <summary>
/// A Chromium that is installed here, and a silo whose page it opens. Tests share both, and keep to sessions of their own. No browser is
/// ever downloaded.
/// </summary>
public sealed class TimelineBrowser : IAsyncLifetime
{
    /// <summary>Names the program if it is none of those that are looked for.</summary>
    private const string Variable = "FORGE_TEST_CHROMIUM";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RpcHost? _host;

    /// <summary>The address of the silo.</summary>
    public Uri Root => _host!.Root;

    /// <summary>Speaks to the silo as its callers do.</summary>
    public HttpClient Client { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } program)
        {
            return;
        }

        _host = await RpcHost.StartAsync();
        Client.BaseAddress = _host.Root;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,

            // Whoever is root has no sandbox. What is opened comes from here alone.
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });

        // A machine that runs all tests at once is slow; nothing here is about time.
        Assertions.SetDefaultExpectTimeout(60_000);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        Client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>Opens the page in a browser that knows nothing yet. Skips the test if there is no Chromium, which test.sh installs if it may.</summary>
    /// <param name="place">Where, as the address has it behind the slash: <c>#/demo/3</c>.</param>
    /// <param name="theme">What the system of the reader has.</param>
    /// <param name="root">The silo; the shared one by default.</param>
    /// <param name="prepare">Told of the page before it is opened.</param>
    internal async Task<TimelinePage> OpenAsync(
        string place = "", ColorScheme theme = ColorScheme.Light, Uri? root = null, Func<IPage, Task>? prepare = null)
    {
        Assert.SkipWhen(_browser is null, "Chromium is not installed.");
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = theme,
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(60_000);
        var page = await TimelinePage.OpenAsync(context, prepare);
        await page.GoAsync(new Uri(root ?? Root, $"/{place}"));
        return page;
    }

    /// <summary>Makes a change of the silo, or reads of it.</summary>
    internal async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, type);
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Creates a checkpoint, and answers its sequence.</summary>
    internal async Task<long> CreateAsync(string session, string message, string state = "{}", string? more = null)
    {
        var made = await SendAsync(
            HttpMethod.Post,
            $"/v1/sessions/{session}/checkpoints",
            $$"""{"message":{{JsonSerializer.Serialize(message)}},"state":{{state}}{{(more is null ? "" : $",{more}")}}}""");
        return made.GetProperty("sequence").GetInt64();
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        return (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                from name in Names
                let program = Path.Combine(folder, name)
                where File.Exists(program)
                select program).FirstOrDefault();
    }
}

/// <summary>One browser for all tests of the timeline.</summary>
[CollectionDefinition(Name)]
public sealed class TimelineTests : ICollectionFixture<TimelineBrowser>
{
    public const string Name = "timeline";
}
