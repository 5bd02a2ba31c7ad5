using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Forge.Grains.Tests.Timeline;

/// <summary>What agents save may be hostile: it is shown as text, and nothing of it runs or hides. And the page works with a key.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineSafetyTests(TimelineBrowser browser)
{
    private const string Script = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    private const string Turned = "\u202etxt.exe \u2066\u200b\u0007";

    [Fact]
    public async Task HostileTexts_Everywhere_AreShownAsText()
    {
        var hostile = JsonSerializer.Serialize($"{Script}{Turned}");
        await browser.SendAsync(
            HttpMethod.Post,
            "/v1/sessions/hostile/checkpoints",
            $$$"""{"message":{{{hostile}}},"branch":"<script>alert(3)</script>","tags":[{{{hostile}}}],"state":{"</script>":{{{hostile}}},{{{hostile}}}:1}}""");
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/hostile/checkpoints/1/annotations", $$"""{"text":{{hostile}}}""");
        await browser.SendAsync(
            HttpMethod.Post, "/v1/sessions/hostile/effects/%3Cscript%3Ealert(4)/begin", $$"""{"class":"write","request":{{hostile}},"lease":"PT1S"}""");
        await browser.SendAsync(HttpMethod.Post, "/v1/sessions/hostile/claim", $$"""{"owner":{{JsonSerializer.Serialize(Script)}}}""");
        await using var page = await browser.OpenAsync("#/hostile/1");
        await page.UntilOpenAsync(1);

        foreach (var place in (string[])[".row .what", ".row .tag", ".row .branch-chip", ".note p", ".message", ".claim-chip", "#state-tree .scalar", "#state-tree .key"])
        {
            await Expect(page.Page.Locator(place).First).ToContainTextAsync("<");
        }

        await Expect(page.Page.Locator(".message .hidden-char")).ToHaveTextAsync(["U+202E", "U+2066", "U+200B", "U+0007"]);
        await Expect(page.Page.Locator("#state-tree .string .hidden-char")).ToHaveTextAsync(["U+202E", "U+2066", "U+200B", "U+0007"]);
        await page.Rows.Locator("code").First.ClickAsync();
        await Expect(page.Detail.Locator(".block")).ToContainTextAsync(Script);

        Assert.Equal(0, await page.Page.Locator("img, #app script, iframe").CountAsync());
        page.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Policy_OfThePage_LetsNothingElseRun()
    {
        await using var page = await browser.OpenAsync();

        var refused = await page.Page.EvaluateAsync<string[]>(
            """
            async () => {
                const refused = [];
                addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                document.body.setAttribute("style", "color: red");
                await fetch("http://127.0.0.1:9/").catch(() => {});
                for (let turn = 0; turn < 200 && new Set(refused).size < 3; turn++) {
                    await new Promise((resolve) => setTimeout(resolve, 10));
                }

                return window.ran ? ["ran"] : refused;
            }
            """);

        Assert.Equal(["connect-src", "script-src-elem", "style-src-attr"], refused.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Key_ThatIsAskedFor_IsSentWithEverythingAndStaysInTheTab()
    {
        await browser.CreateAsync("keyed", "one");
        var sent = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        await using var page = await browser.OpenAsync("#/keyed", prepare: opened => opened.RouteAsync("**/v1/**", async route =>
        {
            var given = await route.Request.HeaderValueAsync("authorization");
            if (given == "Bearer forge_good")
            {
                // The silo of this test knows no keys; what is looked at is what it would be sent.
                sent[new Uri(route.Request.Url).AbsolutePath] = given;
                await route.ContinueAsync();
                return;
            }

            await route.FulfillAsync(new RouteFulfillOptions
            {
                Status = 401,
                ContentType = "application/problem+json",
                Body = """{"code":"unauthenticated","detail":"A key is needed.","status":401}""",
            });
        }));
        await Expect(page.Dialog).ToContainTextAsync("A key is needed");
        await page.Dialog.GetByLabel("Key").FillAsync("forge_bad");
        await page.PressAsync("Enter");
        await Expect(page.Dialog).ToContainTextAsync("is not taken");
        await page.Dialog.GetByLabel("Key").FillAsync("forge_good");
        await page.PressAsync("Enter");

        await Expect(page.Row(1)).ToBeVisibleAsync();
        await Expect(page.Page.Locator(".top .stream")).ToHaveTextAsync("Live");
        Assert.Contains("/v1/feed", sent.Keys);
        Assert.Contains("/v1/sessions/keyed/events", sent.Keys);
        Assert.Equal("forge_good", await page.Page.EvaluateAsync<string>("() => sessionStorage.getItem('forge-key')"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => localStorage.length"));
        await page.PressAsync("y");
        await Expect(page.Toasts.Last).ToContainTextAsync("Copied");
        Assert.Contains("$FORGE_KEY", await page.CopiedAsync(), StringComparison.Ordinal);
    }
}
