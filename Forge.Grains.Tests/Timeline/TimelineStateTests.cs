using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>States as trees, and two of them side by side.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineStateTests(TimelineBrowser browser)
{
    private const string State = """{"a":{"b":[1.0,{"c/d":"needle"}]},"big":12345678901234567890,"e":[]}""";

    [Fact]
    public async Task State_Folded_ShowsNothingOfWhatIsInIt()
    {
        await browser.CreateAsync("state-fold", "one", State);
        await using var page = await browser.OpenAsync("#/state-fold/1");
        var values = page.Detail.Locator("[role=treeitem]");
        await Expect(values).ToHaveCountAsync(8);

        await page.PressAsync("s");
        await page.PressAsync("ArrowDown");
        await page.PressAsync("ArrowLeft");
        await Expect(values).ToHaveCountAsync(4);
        await Expect(values.Nth(1)).ToHaveAttributeAsync("aria-expanded", "false");
        await page.PressAsync("Shift+ArrowRight");
        await Expect(values).ToHaveCountAsync(8);

        // A number is shown as it was written.
        await Expect(page.Detail.Locator(".number")).ToHaveTextAsync(["1.0", "12345678901234567890"]);
    }

    [Fact]
    public async Task State_Searched_UnfoldsWhatIsFoundAndCopiesItsPointer()
    {
        await browser.CreateAsync("state-find", "one", State);
        await using var page = await browser.OpenAsync("#/state-find/1");
        await Expect(page.Detail.Locator("[role=treeitem]")).ToHaveCountAsync(8);
        await page.Page.GetByText("Fold all", new PageGetByTextOptions { Exact = true }).ClickAsync();

        await page.Page.Locator("#state-search").FillAsync("NEEDLE");
        await Expect(page.Detail.Locator(".value.active")).ToContainTextAsync("needle");
        await page.PressAsync("Escape");
        await page.PressAsync("p");
        await Expect(page.Toasts).ToContainTextAsync("Copied the JSON Pointer");

        Assert.Equal("/a/b/1/c~1d", await page.CopiedAsync());
    }

    [Fact]
    public async Task State_OfFiveMegabytes_IsShownByTheRowsInSight()
    {
        var rows = string.Join(',', Enumerable.Range(0, 60_000).Select(row => $$"""{"id":{{row}},"name":"row {{row}}","note":"some text that fills the row {{row}}"}"""));
        await browser.CreateAsync("state-large", "five megabytes", $$"""{"rows":[{{rows}}]}""");
        await using var page = await browser.OpenAsync("#/state-large/1");
        await Expect(page.Detail.Locator("[role=treeitem]").First).ToBeVisibleAsync();

        await page.PressAsync("s");
        await page.PressAsync("ArrowDown");
        await page.PressAsync("ArrowRight");
        await page.PressAsync("End");
        await Expect(page.Detail.Locator(".value.active")).ToContainTextAsync("59999");
        await page.PressAsync("Shift+ArrowRight");
        await page.Page.Locator("#state-search").FillAsync("row 31415\"");
        await page.PressAsync("Enter");
        await Expect(page.Detail.Locator(".value.active")).ToContainTextAsync("row 31415");

        Assert.InRange(await page.Page.EvaluateAsync<int>("() => document.querySelectorAll('*').length"), 1, 2_000);
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task State_ThatIsNoJson_IsShownAsText()
    {
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/state-text/checkpoints?message=plain", "just some text", "text/plain");
        await using var page = await browser.OpenAsync("#/state-text/1");

        await Expect(page.Detail.Locator("pre")).ToHaveTextAsync("just some text");
    }

    [Fact]
    public async Task Comparison_WithTheParent_MarksWhatDiffersOnItsSide()
    {
        await TimelineStory.TellAsync(browser, "state-diff");
        await using var page = await browser.OpenAsync("#/state-diff/5");
        await page.UntilOpenAsync(5);
        await Expect(page.Row(5)).ToBeVisibleAsync();
        await page.PressAsync("d");

        await Expect(page.Detail.Locator(".diff-heads")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("#2.*#5"));
        await Expect(page.Detail.Locator(".side-row.added .right .scalar")).ToHaveTextAsync(["e", "true"]);
        await Expect(page.Detail.Locator(".side-row.changed .left .scalar")).ToHaveTextAsync(["200"]);
        await Expect(page.Detail.Locator(".side-row.changed .right .scalar")).ToHaveTextAsync(["350"]);
        Assert.Contains("#/state-diff/5?compare=2", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Comparison_OfAnyTwo_GoesFromChangeToChangeByKeys()
    {
        await TimelineStory.TellAsync(browser, "state-steps");
        await using var page = await browser.OpenAsync("#/state-steps/4");
        await page.UntilOpenAsync(4);
        await Expect(page.Row(5)).ToBeVisibleAsync();
        await page.PressAsync("c");
        await Expect(page.Row(4).Locator(".base-chip")).ToBeVisibleAsync();
        await page.Row(5).ClickAsync();
        await page.UntilOpenAsync(5);
        await page.PressAsync("v");

        var hits = page.Detail.Locator(".hits");
        var active = page.Detail.Locator(".side-row.active");
        await Expect(hits).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^1 of [3-9]$"));
        var total = int.Parse((await hits.InnerTextAsync())[^1..], System.Globalization.CultureInfo.InvariantCulture);
        for (var step = 2; step <= total; step++)
        {
            await page.PressAsync("n");
            await Expect(hits).ToHaveTextAsync($"{step} of {total}");
            await Expect(active).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("added|removed|changed"));
        }

        await page.PressAsync("n");
        await Expect(hits).ToHaveTextAsync($"1 of {total}");
        await page.PressAsync("p");
        await Expect(hits).ToHaveTextAsync($"{total} of {total}");
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Copies_AsCurlAndAsForge_ReadWhatIsShown()
    {
        await TimelineStory.TellAsync(browser, "state-copy");
        await using var page = await browser.OpenAsync("#/state-copy/5?compare=2");
        await Expect(page.Detail.Locator(".diff-heads")).ToBeVisibleAsync();

        await page.PressAsync("y");
        await Expect(page.Toasts.Last).ToContainTextAsync("Copied as curl");
        Assert.Equal($"curl '{browser.Root}v1/sessions/state-copy/diff?from=2&to=5'", await page.CopiedAsync());
        await page.PressAsync("Shift+Y");
        await Expect(page.Toasts.Last).ToContainTextAsync("Copied as forge");
        Assert.Equal("forge checkpoint diff state-copy 2 5", await page.CopiedAsync());
    }
}
