namespace Forge.Grains.Tests.Timeline;

/// <summary>A session with all that the page shows: lines that were left, branches, effects, notes, tags and a claim.</summary>
internal static class TimelineStory
{
    /// <summary>
    /// Makes it: 1 to 4 on main, of which 3 and 4 are left behind for 5; 6 on a branch from 2; an effect of which nothing is known after 4, and a
    /// note on 2.
    /// </summary>
    public static async Task TellAsync(TimelineBrowser browser, string session)
    {
        var path = $"/v1/sessions/{session}";
        await browser.CreateAsync(session, "read the order", """{"goal":"find the price","notes":["a"],"spent":100}""");
        await browser.CreateAsync(
            session, "found the cause", """{"goal":"find the price","notes":["a","b"],"spent":200}""",
            """ "tags":["milestone"],"trigger":"hypothesisStatusChange" """);
        await browser.CreateAsync(session, "try a patch", """{"goal":"find the price","notes":["a","b","c"],"spent":300}""");
        await browser.CreateAsync(
            session, "two tests fail", """{"goal":"find the price","notes":["a","b","c","d"],"spent":400}""", "\"trigger\":\"error\"");
        await browser.SendAsync(HttpMethod.Post, $"{path}/effects/open-pr/begin", """{"class":"write","request":"open it","lease":"PT1S"}""");
        await browser.SendAsync(HttpMethod.Post, $"{path}/checkpoints/2/restore", "{}");
        await browser.CreateAsync(session, "patch the key alone", """{"goal":"find the price","notes":["a","b","e"],"spent":350,"done":true}""");
        await browser.CreateAsync(
            session, "another way", """{"goal":"find the price","notes":["a","b"],"spent":250}""", "\"branch\":\"try it\",\"parent\":2");
        await browser.SendAsync(
            HttpMethod.Post, $"{path}/checkpoints/2/annotations", """{"severity":"warning","text":"look at the currency"}""");
        await browser.SendAsync(HttpMethod.Put, path, """{"labels":{"team":"red"}}""");
    }
}
