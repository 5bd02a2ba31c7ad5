using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>What happens is shown as it happens, through the death of a silo too.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineLiveTests(TimelineBrowser browser)
{
    [Fact]
    public async Task Log_WhileAnAgentWorks_ShowsEachStepAsItComes()
    {
        await browser.CreateAsync("live-log", "one");
        await using var page = await browser.OpenAsync("#/live-log");
        await Expect(page.Row(1)).ToBeVisibleAsync();
        await Expect(page.Page.Locator(".top .stream")).ToHaveTextAsync("Live");

        await browser.CreateAsync("live-log", "two");
        await Expect(page.Row(2).Locator(".branch-chip")).ToHaveTextAsync("main");
        await browser.CreateAsync("live-log", "three", more: "\"branch\":\"side\",\"parent\":1");
        await Expect(page.Row(3).Locator(".branch-chip")).ToHaveTextAsync("side");
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/live-log/checkpoints/1/annotations", """{"text":"a note that comes"}""");
        await Expect(page.Rows.Locator(".note-text")).ToContainTextAsync("a note that comes");
        await browser.SendAsync(HttpMethod.Put, "/v1/sessions/live-log/checkpoints/2/tags", """{"tags":["late"]}""");
        await Expect(page.Row(2).Locator(".tag")).ToHaveTextAsync("late");
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/live-log/effects/mail/begin", """{"class":"write","request":"x"}""");
        await Expect(page.Rows.Locator(".status")).ToHaveTextAsync("running");
        await browser.SendAsync(HttpMethod.Delete, "/v1/sessions/live-log/checkpoints/2");
        await Expect(page.Row(2)).ToHaveCountAsync(0);
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/live-log/claim", """{"owner":"worker-1"}""");
        await Expect(page.Page.Locator(".claim-chip")).ToContainTextAsync("worker-1");
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Session_ThatIsNotThereYet_AppearsWhenItIsMade()
    {
        await using var page = await browser.OpenAsync("#/live-later");
        await Expect(page.Page.Locator(".main .problem")).ToBeVisibleAsync();

        await browser.CreateAsync("live-later", "at last");

        await Expect(page.Row(1).Locator(".what")).ToHaveTextAsync("at last");
        await Expect(page.Page.Locator(".session-name").Filter(new LocatorFilterOptions { HasText = "live-later" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Log_WhatIsReadFurtherDown_StaysWhereItIsWhenMoreComes()
    {
        await AddAsync("live-still", 1, 200);
        await using var page = await browser.OpenAsync("#/live-still/100");
        await Expect(page.Row(100)).ToBeVisibleAsync();
        var before = await page.Row(100).EvaluateAsync<double>("row => row.getBoundingClientRect().top");

        await AddAsync("live-still", 201, 50);
        await Expect(page.Page.Locator(".status-text")).ToHaveTextAsync("250 checkpoints");

        Assert.Equal(before, await page.Row(100).EvaluateAsync<double>("row => row.getBoundingClientRect().top"));
    }

    [Fact]
    public async Task Page_WhoseSiloDies_ComesBackAndMissesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        async Task CreateAsync(string message)
        {
            using var body = new StringContent($$"""{"message":"{{message}}","state":1}""", System.Text.Encoding.UTF8, "application/json");
            using var made = await silo.Client.PostAsync("/v1/sessions/live-death/checkpoints", body, TestContext.Current.CancellationToken);
            Assert.True(made.IsSuccessStatusCode);
        }

        await CreateAsync("before");
        await using var page = await browser.OpenAsync("#/live-death", root: silo.Client.BaseAddress);
        await Expect(page.Row(1)).ToBeVisibleAsync();
        await Expect(page.Page.Locator(".top .stream")).ToHaveTextAsync("Live");

        await silo.KillAsync();
        await Expect(page.Page.Locator(".top .stream")).ToHaveTextAsync("Reconnecting");
        await silo.StartAgainAsync();
        await CreateAsync("while it was away");
        await Expect(page.Page.Locator(".top .stream")).ToHaveTextAsync("Live");
        await Expect(page.Row(2)).ToBeVisibleAsync();
        await CreateAsync("afterwards");

        await Expect(page.Row(3)).ToBeVisibleAsync();
        Assert.Equal(["afterwards", "while it was away", "before"], await page.MessagesAsync());
    }

    private Task<System.Text.Json.JsonElement> AddAsync(string session, int first, int count) => browser.SendAsync(
        HttpMethod.Post,
        $"/v1/sessions/{session}/checkpoints/batch",
        string.Join('\n', Enumerable.Range(first, count).Select(step => $$"""{"message":"step {{step}}","state":{{step}}}""")),
        "application/x-ndjson");
}
