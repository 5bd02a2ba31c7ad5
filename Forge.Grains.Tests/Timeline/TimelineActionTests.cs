using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>Changes by the page: each says first what it would do, and offers what takes it back.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineActionTests(TimelineBrowser browser)
{
    [Fact]
    public async Task Restore_ShowsTheDifferenceAndTheEffectsSince_AndIsUndone()
    {
        await using var page = await OpenAsync("act-restore", 1);
        await page.PressAsync("r");
        await Expect(page.Preview).ToContainTextAsync("in place of #5");
        await Expect(page.Preview.Locator(".paths").First).ToContainTextAsync("/done");
        await Expect(page.Preview).ToContainTextAsync("1 effect was begun since");
        await Expect(page.Preview).ToContainTextAsync("open-pr");
        Assert.Equal(5, await CurrentAsync("act-restore"));

        await page.ConfirmAsync();
        await Expect(page.Row(1).Locator(".branch-chip.hollow")).ToContainTextAsync("main");
        await Expect(page.Row(5).Locator(".left-chip")).ToBeVisibleAsync();
        Assert.Equal(1, await CurrentAsync("act-restore"));

        await page.PressAsync("u");
        await Expect(page.Toasts.Last).ToContainTextAsync("Undone");
        await Expect(page.Row(5).Locator(".left-chip")).ToHaveCountAsync(0);
        Assert.Equal(5, await CurrentAsync("act-restore"));
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Fork_ShowsWhatItWouldHave_AndIsUndone()
    {
        await using var page = await OpenAsync("act-fork", 5);
        await page.PressAsync("o");
        await Expect(page.Preview).ToContainTextAsync("with 1 checkpoint,");
        await page.Dialog.GetByText("With the history").ClickAsync();
        await Expect(page.Preview).ToContainTextAsync("with 3 checkpoints,");

        await page.ConfirmAsync();
        await Expect(page.Page.Locator(".top-session")).ToHaveTextAsync("act-fork-fork-5");
        await Expect(page.Rows.Locator(".sequence")).ToHaveTextAsync(["5", "2", "1"]);
        await page.UndoAsync();
        await Expect(page.Page.Locator(".top-session")).ToHaveTextAsync("act-fork");

        using var gone = await browser.Client.GetAsync("/v1/sessions/act-fork-fork-5", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Gone, gone.StatusCode);
    }

    [Fact]
    public async Task Branch_BeginsWithTheSameState_AndIsUndone()
    {
        await using var page = await OpenAsync("act-branch", 2);
        await page.PressAsync("b");
        await Expect(page.Preview).ToContainTextAsync("Fill in");
        await page.Dialog.GetByLabel("Name of the branch").FillAsync("try it");
        await Expect(page.Preview).ToContainTextAsync("There is a branch of this name");
        await Expect(page.Dialog.Locator("button[type=submit]")).ToBeDisabledAsync();
        await page.Dialog.GetByLabel("Name of the branch").FillAsync("a third way");
        await Expect(page.Preview).ToContainTextAsync("a child of #2");

        await page.ConfirmAsync();
        await page.UntilOpenAsync(7);
        var made = await browser.SendAsync(HttpMethod.Get, "/v1/sessions/act-branch/checkpoints/7");
        var from = await browser.SendAsync(HttpMethod.Get, "/v1/sessions/act-branch/checkpoints/2");
        Assert.Equal("a third way", made.GetProperty("branch").GetString());
        Assert.Equal(2, made.GetProperty("parent").GetInt64());
        Assert.Equal(from.GetProperty("state").GetRawText(), made.GetProperty("state").GetRawText());

        await page.UndoAsync();
        await Expect(page.Row(7)).ToHaveCountAsync(0);
        await page.UntilOpenAsync(2);
    }

    [Fact]
    public async Task Tags_AreSetAsShown_AndUndone()
    {
        await using var page = await OpenAsync("act-tag", 2);
        await page.PressAsync("t");
        await Expect(page.Preview).ToContainTextAsync("stay as they are");
        await page.Dialog.GetByLabel("A tag to add").FillAsync("ready");
        await Expect(page.Preview.Locator(".added + .tag")).ToHaveTextAsync("ready");
        await page.Dialog.Locator(".tags-edit .tag").Filter(new LocatorFilterOptions { HasText = "milestone" }).ClickAsync();
        await Expect(page.Preview.Locator(".removed + .tag")).ToHaveTextAsync("milestone");

        await page.ConfirmAsync();
        await Expect(page.Row(2).Locator(".tag")).ToHaveTextAsync(["ready"]);
        await Expect(page.Detail.Locator(".detail-title .tag")).ToHaveTextAsync(["ready"]);
        await page.UndoAsync();
        await Expect(page.Row(2).Locator(".tag")).ToHaveTextAsync(["milestone"]);
    }

    [Fact]
    public async Task Note_IsShownAsItWillBe_AndTakenBackByAnother()
    {
        await using var page = await OpenAsync("act-note", 5);
        await page.PressAsync("a");
        await page.Dialog.GetByLabel("Note").FillAsync("not yet\nlook again");
        await page.Dialog.GetByLabel("Severity").SelectOptionAsync("critical");
        await Expect(page.Preview.Locator(".note.critical")).ToContainTextAsync("look again");

        await page.ConfirmAsync();
        await Expect(page.Detail.Locator(".note.critical")).ToContainTextAsync("look again");
        await Expect(page.Rows.Locator(".note-text").First).ToContainTextAsync("not yet");
        await page.UndoAsync();
        await Expect(page.Detail.Locator(".note.info")).ToContainTextAsync("is taken back");
    }

    [Fact]
    public async Task Compaction_SaysHowMuchGoes_AndAllCanBeHadAgain()
    {
        await using var page = await OpenAsync("act-compact", 5);
        await page.PressAsync("x");
        await Expect(page.Preview).ToContainTextAsync("Nothing would go");
        await page.Dialog.GetByLabel("Keep the newest").FillAsync("1");
        await Expect(page.Preview).ToContainTextAsync("would go");
        Assert.Equal(6, await CountAsync("act-compact"));

        await page.ConfirmAsync();
        await Expect(page.Row(1)).ToHaveCountAsync(0);
        Assert.True(await CountAsync("act-compact") < 6);
        await page.UndoAsync();
        await Expect(page.Page.Locator(".top-session")).ToContainTextAsync("act-compact-before-");
        await Expect(page.Rows.Locator(".sequence")).ToHaveTextAsync(["6", "5", "4", "3", "2", "1"]);
    }

    [Fact]
    public async Task Effect_OfWhichNothingIsKnown_IsResolved()
    {
        await TimelineStory.TellAsync(browser, "act-resolve");
        await using var page = await browser.OpenAsync("#/act-resolve/effects/open-pr");
        await Expect(page.Detail.Locator(".detail-title .status")).ToHaveTextAsync("unknown");
        await page.PressAsync("e");
        await page.Dialog.GetByLabel("What became of it").SelectOptionAsync("failed");
        await page.Dialog.GetByLabel("Who says so").FillAsync("ada");
        await page.Dialog.GetByLabel("Why").FillAsync("the target does not know it");
        await Expect(page.Preview).ToContainTextAsync("failed for run");

        await page.ConfirmAsync();
        await Expect(page.Detail.Locator(".detail-title .status")).ToHaveTextAsync("failed");
        await Expect(page.Detail.Locator(".evidence")).ToContainTextAsync("by ada: the target does not know it");
        await Expect(page.Rows.Locator(".status")).ToHaveTextAsync(["failed"]);
        await page.UndoAsync();
        await Expect(page.Detail.Locator(".detail-title .status")).ToHaveTextAsync("retry");
    }

    [Fact]
    public async Task Change_OfAClaimedSession_IsMadeUnderItsEpochAlone()
    {
        await using var page = await OpenAsync("act-claimed", 2);
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/act-claimed/claim", """{"owner":"worker-7"}""");
        await Expect(page.Page.Locator(".claim-chip")).ToBeVisibleAsync();
        await page.PressAsync("r");
        await Expect(page.Dialog.Locator("button[type=submit]")).ToBeDisabledAsync();
        await page.Dialog.Locator(".claim-choice input").CheckAsync();
        await Expect(page.Preview).ToContainTextAsync("in place of #5");

        await page.ConfirmAsync();
        Assert.Equal(2, await CurrentAsync("act-claimed"));
    }

    [Fact]
    public async Task Change_ThatIsRefused_SaysWhyAndStaysOpen()
    {
        await using var page = await OpenAsync("act-refused", 2);
        await page.PressAsync("o");
        await page.Dialog.GetByLabel("Name of the session").FillAsync("not a name");

        await Expect(page.Preview.Locator("[role=alert]")).ToBeVisibleAsync();
        await Expect(page.Dialog.Locator("button[type=submit]")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Copies_OfAChange_MakeIt()
    {
        await using var page = await OpenAsync("act-copy", 2);
        await page.PressAsync("r");
        await page.Dialog.GetByText("Copy as curl").ClickAsync();
        Assert.Equal(
            $"curl {browser.Root}v1/sessions/act-copy/checkpoints/2/restore -H 'Content-Type: application/json' -d '{{\"branch\":\"main\"}}'", await page.CopiedAsync());
        await page.Dialog.GetByText("Copy as forge").ClickAsync();
        await Expect(page.Toasts.Last).ToContainTextAsync("as forge");
        Assert.Equal("forge checkpoint restore act-copy 2", await page.CopiedAsync());
    }

    private async Task<TimelinePage> OpenAsync(string session, long sequence)
    {
        await TimelineStory.TellAsync(browser, session);
        var page = await browser.OpenAsync($"#/{session}/{sequence}");
        await page.UntilOpenAsync(sequence);
        await Expect(page.Row(sequence)).ToBeVisibleAsync();
        await Expect(page.Detail.Locator(".actions").First).ToBeVisibleAsync();
        return page;
    }

    private async Task<long> CurrentAsync(string session) =>
        (await browser.SendAsync(HttpMethod.Get, $"/v1/sessions/{session}")).GetProperty("current").GetProperty("sequence").GetInt64();

    private async Task<long> CountAsync(string session) =>
        (await browser.SendAsync(HttpMethod.Get, $"/v1/sessions/{session}")).GetProperty("count").GetInt64();
}
