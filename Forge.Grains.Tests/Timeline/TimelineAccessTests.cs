using System.Text.Json;
using Forge.Grains.Tests.Node;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>The page has no findings of axe, in both themes, wherever one may stand in it.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineAccessTests(TimelineBrowser browser)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "clients", "timeline");

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_LookedAtByAxe_HasNoFindings(ColorScheme theme)
    {
        await NodePrograms.RequirePackagesAsync(Folder);
        var session = $"access-{theme}";
        await using var page = await browser.OpenAsync(theme: theme, prepare: opened => opened.AddInitScriptAsync(scriptPath: Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js")));
        await AssertAsync(page, "no session is open");
        await TimelineStory.TellAsync(browser, session);
        await browser.SendAsync(HttpMethod.Post, $"/v1/sessions/{session}/claim", """{"owner":"worker-7"}""");

        await GoAsync(page, $"#/{session}", page.Rows.Locator(".note-text"));
        await AssertAsync(page, "a session is open");
        await GoAsync(page, $"#/{session}/2", page.Detail.Locator(".tree, .note").First);
        await AssertAsync(page, "a checkpoint is open");
        foreach (var (key, title) in ((string, string)[])[("r", "Restore"), ("o", "Fork"), ("b", "Branch"), ("t", "Tag"), ("a", "Annotate"), ("x", "Compact"), ("?", "Keys")])
        {
            await OpenDialogAsync(page, key, title);
        }

        await GoAsync(page, $"#/{session}/5?compare=4", page.Detail.Locator(".diff-heads"));
        await AssertAsync(page, "two checkpoints are compared");
        await GoAsync(page, $"#/{session}/effects/open-pr", page.Detail.Locator(".evidence, .muted").First);
        await AssertAsync(page, "an effect is open");
        await OpenDialogAsync(page, "e", "Resolve");
        await GoAsync(page, $"#/{session}?text=nothing+has+this", page.Page.Locator(".empty"));
        await AssertAsync(page, "nothing is found");
        await GoAsync(page, "#/there-is-none", page.Page.Locator(".main .problem"));
        await AssertAsync(page, "there is no such session");
        page.AssertNothingWentWrong();
    }

    private static async Task OpenDialogAsync(TimelinePage page, string key, string title)
    {
        await page.PressAsync(key);
        await Expect(page.Dialog.Locator("h2")).ToContainTextAsync(title);
        await Expect(page.Dialog.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
        await AssertAsync(page, $"the dialog {title} is open");
        await page.PressAsync("Escape");
        await Expect(page.Dialog).ToHaveCountAsync(0);
    }

    private async Task GoAsync(TimelinePage page, string place, ILocator until)
    {
        await page.GoAsync(new Uri(browser.Root, $"/{place}"));
        await Expect(until.First).ToBeVisibleAsync();
    }

    private static async Task AssertAsync(TimelinePage page, string where)
    {
        var found = await page.Page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations");
        Assert.True(
            found.GetArrayLength() == 0,
            $"{where}: {string.Join('\n', found.EnumerateArray().Select(one => $"{one.GetProperty("id")}: {one.GetProperty("nodes")[0].GetProperty("html")} {one.GetProperty("nodes")[0].GetProperty("failureSummary")}"))}");
    }
}
