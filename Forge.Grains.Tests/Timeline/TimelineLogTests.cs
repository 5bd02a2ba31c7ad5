using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>The sessions, and the log of one as a graph.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineLogTests(TimelineBrowser browser)
{
    [Fact]
    public async Task Log_OfASessionWithAllThereIs_HasEachInItsPlace()
    {
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, "log-story");
        await page.GoAsync(new Uri(browser.Root, "/#/log-story"));
        await Expect(page.Row(1)).ToBeVisibleAsync();
        await Expect(page.Rows.Locator(".note-text")).ToContainTextAsync("look at the currency");

        var rows = await page.Rows.EvaluateAllAsync<string[]>(
            "rows => rows.map(row => row.classList[1] + ' ' + (row.querySelector('.sequence')?.textContent ?? row.querySelector('.what').innerText.split('\\n').at(-1)))");

        Assert.Equal(
            ["checkpoint 6", "checkpoint 5", "effect open-pr", "checkpoint 4", "checkpoint 3", "checkpoint 2", "note look at the currency", "checkpoint 1"],
            rows);
        await Expect(page.Row(6).Locator(".branch-chip")).ToHaveTextAsync("try it");
        await Expect(page.Row(5).Locator(".branch-chip")).ToHaveTextAsync("main");
        await Expect(page.Row(2).Locator(".tag")).ToHaveTextAsync("milestone");
        await Expect(page.Row(4).Locator(".trigger")).ToHaveTextAsync("error");
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Log_OfALineThatWasLeft_ShowsItDimmedInAColumnOfItsOwn()
    {
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, "log-left");
        await page.GoAsync(new Uri(browser.Root, "/#/log-left"));
        await Expect(page.Row(1)).ToBeVisibleAsync();

        foreach (var (sequence, isLeft) in ((long, bool)[])[(6, false), (5, false), (4, true), (3, true), (2, false), (1, false)])
        {
            await Expect(page.Row(sequence).Locator(".left-chip")).ToHaveCountAsync(isLeft ? 1 : 0);
            await Expect(page.Row(sequence).Locator(".dot.left")).ToHaveCountAsync(isLeft ? 1 : 0);
        }

        var columns = await page.Rows.Locator(".dot").EvaluateAllAsync<string[]>("dots => dots.map(dot => dot.getAttribute('cx'))");
        Assert.Equal(["24", "10", "38", "38", "10", "10"], columns);
    }

    [Theory]
    [InlineData("branch=try+it", new[] { "another way" })]
    [InlineData("tag=milestone", new[] { "found the cause" })]
    [InlineData("trigger=error", new[] { "two tests fail" })]
    [InlineData("text=PATCH", new[] { "patch the key alone", "try a patch" })]
    [InlineData("text=patch&branch=try+it", new string[0])]
    public async Task Log_WithConditions_ShowsWhatMeetsThem(string conditions, string[] messages)
    {
        var session = $"log-filter-{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(conditions))}";
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, session);
        await page.GoAsync(new Uri(browser.Root, $"/#/{session}?{conditions}"));

        await Expect(page.Page.Locator(".status-text")).ToHaveTextAsync($"{messages.Length} found");
        Assert.Equal(messages, await page.MessagesAsync());
    }

    [Fact]
    public async Task Filters_TypedByKeys_AreInTheAddress()
    {
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, "log-typed");
        await page.GoAsync(new Uri(browser.Root, "/#/log-typed"));
        await Expect(page.Row(1)).ToBeVisibleAsync();

        await page.PressAsync("f");
        await page.Page.Keyboard.TypeAsync("patch");

        await Expect(page.Page.Locator(".status-text")).ToHaveTextAsync("2 found");
        Assert.EndsWith("#/log-typed?text=patch", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_OfASession_IsShownWithItsOwnerAndEpoch()
    {
        await using var page = await browser.OpenAsync();
        await browser.CreateAsync("log-claimed", "one");
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/log-claimed/claim", """{"owner":"worker-7"}""");
        await page.GoAsync(new Uri(browser.Root, "/#/log-claimed"));

        await Expect(page.Page.Locator(".claim-chip")).ToHaveTextAsync("claimed by worker-7 epoch 1");
        await Expect(page.Detail).ToContainTextAsync("worker-7 holds it, epoch 1");
    }

    [Fact]
    public async Task Sessions_Searched_AreThoseThatAreMeant()
    {
        await using var page = await browser.OpenAsync();
        foreach (var (name, team) in ((string, string)[])[("find-a", "red"), ("find-b", "blue"), ("other-find", "red")])
        {
            await browser.CreateAsync(name, "one");
            await browser.SendAsync(HttpMethod.Put, $"/v1/sessions/{name}", $$$"""{"labels":{"team":"{{{team}}}"}}""");
        }

        var names = page.Page.Locator(".session-name");
        await page.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("find-");
        await Expect(names).ToHaveCountAsync(2);
        await page.Page.Keyboard.TypeAsync(" label:team:blue");
        await Expect(names).ToHaveTextAsync(["find-b"]);

        await page.PressAsync("Enter");
        await page.PressAsync("Enter");
        await Expect(page.Page.Locator(".top-session")).ToHaveTextAsync("find-b");
        Assert.Contains("#/find-b?search=find-", page.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_MoveThroughTheLogAndBack()
    {
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, "log-keys");
        await page.GoAsync(new Uri(browser.Root, "/#/log-keys"));
        await Expect(page.Row(1)).ToBeVisibleAsync();
        await page.PressAsync("l");

        await page.PressAsync("j");
        await page.UntilOpenAsync(6);
        await page.PressAsync("j");
        await page.UntilOpenAsync(5);
        await page.PressAsync("j");
        await Expect(page.Detail.Locator("h2")).ToHaveTextAsync("open-pr");
        await page.PressAsync("G");
        await page.UntilOpenAsync(1);
        await page.PressAsync("k");
        await page.UntilOpenAsync(2);
        await page.PressAsync("Escape");
        await Expect(page.Detail).ToContainTextAsync("Nobody holds it");
        await page.PressAsync("?");
        await Expect(page.Dialog).ToContainTextAsync("copy as curl");
        await page.PressAsync("Escape");
        await Expect(page.Dialog).ToHaveCountAsync(0);
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Links_LeadToWhatTheyName()
    {
        await using var page = await browser.OpenAsync();
        await TimelineStory.TellAsync(browser, "log-links");
        await page.GoAsync(new Uri(browser.Root, "/#/log-links/4"));
        await page.UntilOpenAsync(4);
        await Expect(page.Page.Locator(".row.active .sequence")).ToHaveTextAsync("4");

        await page.GoAsync(new Uri(browser.Root, "/#/log-links/5?compare=4"));
        await Expect(page.Detail.Locator(".diff-heads")).ToContainTextAsync("#4");
        await page.GoAsync(new Uri(browser.Root, "/#/log-links/effects/open-pr"));
        await Expect(page.Detail.Locator("h2")).ToHaveTextAsync("open-pr");
        await page.Page.GoBackAsync();
        await page.UntilOpenAsync(5);
    }

    [Fact]
    public async Task Page_WithoutSessions_SaysHowToMakeOne()
    {
        await using var host = await Rpc.RpcHost.StartAsync();
        await using var page = await browser.OpenAsync(root: host.Root);

        await Expect(page.Page.Locator(".welcome h1")).ToHaveTextAsync("No sessions yet");
        var command = await page.Page.Locator(".command pre").InnerTextAsync();

        Assert.StartsWith($"curl {host.Root}v1/sessions/demo/checkpoints", command, StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = host.Root };
        using var body = new StringContent(command[command.IndexOf('{', StringComparison.Ordinal)..^1], System.Text.Encoding.UTF8, "application/json");
        using var made = await client.PostAsync("/v1/sessions/demo/checkpoints", body, TestContext.Current.CancellationToken);
        Assert.True(made.IsSuccessStatusCode);
        await Expect(page.Page.Locator(".session-name")).ToHaveTextAsync(["demo"]);
    }
}
