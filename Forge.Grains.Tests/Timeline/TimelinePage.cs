using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Forge.Grains.Tests.Timeline;

/// <summary>The page in a browser, with what went wrong in it.</summary>
internal sealed class TimelinePage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _problems = new();

    private TimelinePage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>The rows of the log.</summary>
    public ILocator Rows => Page.Locator("#log .row");

    /// <summary>What is open beside the log.</summary>
    public ILocator Detail => Page.Locator(".side-pane");

    public ILocator Dialog => Page.Locator("dialog[open]");

    /// <summary>What is said of what was done.</summary>
    public ILocator Toasts => Page.Locator(".toast");

    /// <summary>What a dialog says that it would do.</summary>
    public ILocator Preview => Dialog.Locator(".preview");

    /// <summary>What went wrong in the page: errors of its scripts, and what its policy refused.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public static async Task<TimelinePage> OpenAsync(IBrowserContext context, Func<IPage, Task>? prepare)
    {
        var page = await context.NewPageAsync();
        var opened = new TimelinePage(context, page);
        page.PageError += (_, error) => opened._problems.Enqueue(error);
        page.Console += (_, message) =>
        {
            // A request that is refused is told of by the page itself, where a person sees it.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                opened._problems.Enqueue(message.Text);
            }
        };
        page.Dialog += (_, dialog) =>
        {
            opened._problems.Enqueue($"A script opened a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        if (prepare is not null)
        {
            await prepare(page);
        }

        return opened;
    }

    public async Task GoAsync(Uri address)
    {
        await Page.GotoAsync(address.ToString());
        await Page.Locator(".top .stream").WaitForAsync();
    }

    /// <summary>The row of a checkpoint.</summary>
    public ILocator Row(long sequence) => Rows.Filter(new LocatorFilterOptions
    {
        Has = Page.Locator(".sequence", new PageLocatorOptions { HasTextRegex = new($"^{sequence}$") }),
    });

    public Task PressAsync(string key) => Page.Keyboard.PressAsync(key);

    /// <summary>Over once a checkpoint is open, with its state.</summary>
    public Task UntilOpenAsync(long sequence) => Assertions.Expect(Detail.Locator("h2").First).ToHaveTextAsync($"#{sequence}");

    /// <summary>Does what a dialog was opened for, once it has said what that is.</summary>
    public async Task ConfirmAsync()
    {
        await Assertions.Expect(Dialog.Locator("button[type=submit]")).ToBeEnabledAsync();
        await Dialog.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(Dialog).ToHaveCountAsync(0);
    }

    public Task UndoAsync() => Toasts.Locator("button.undo").Last.ClickAsync();

    /// <summary>What was copied last.</summary>
    public Task<string> CopiedAsync() => Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");

    /// <summary>The rows that are there, as a person reads them.</summary>
    public async Task<IReadOnlyList<string>> MessagesAsync() => await Rows.Locator(".what").AllInnerTextsAsync();

    public void AssertNothingWentWrong() => Assert.Empty(_problems);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
