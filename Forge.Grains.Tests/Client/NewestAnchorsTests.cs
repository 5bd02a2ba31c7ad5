using Forge.Client.Anchors;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.Grains.Tests.Client;

public class NewestAnchorsTests
{
    [Fact]
    public void Note_AnOlderOne_KeepsTheNewer()
    {
        var anchors = new NewestAnchors(2);
        anchors.Note(Of("a"), new Anchor(2, "two"));
        anchors.Note(Of("a"), new Anchor(1, "one"));
        anchors.Note(Of("a"), new Anchor(2, "other"));

        Assert.Equal(new Anchor(2, "two"), anchors.Find(Of("a")));
        Assert.Null(anchors.Find(new SessionAddress(TenantId.Parse("acme"), SessionId.Parse("a"))));
    }

    [Fact]
    public void Note_OfMoreSessionsThanItMay_LetsGoOfThoseUsedLongestAgo()
    {
        var anchors = new NewestAnchors(3);
        for (var i = 1; i <= 3; i++)
        {
            anchors.Note(Of($"{i}"), new Anchor(i, "c"));
        }

        anchors.Find(Of("1"));
        anchors.Note(Of("4"), new Anchor(4, "c"));
        anchors.Note(Of("2"), new Anchor(2, "c"));

        Assert.Equal([1, null, null, 4], Positions("1", "2a", "3", "4"));
        Assert.Equal([1, 2, null, 4], Positions("1", "2", "3", "4"));

        IEnumerable<long?> Positions(params string[] sessions) => sessions.Select(session => anchors.Find(Of(session))?.Position);
    }

    [Fact]
    public void Forget_ThenNote_TakesAnOlderOne()
    {
        var anchors = new NewestAnchors(1);
        anchors.Note(Of("a"), new Anchor(5, "c"));
        anchors.Forget(Of("a"));
        anchors.Forget(Of("b"));
        Assert.Null(anchors.Find(Of("a")));

        anchors.Note(Of("a"), new Anchor(2, "d"));
        anchors.Note(Of("b"), new Anchor(1, "e"));

        Assert.Equal((null, 1L), (anchors.Find(Of("a"))?.Position, anchors.Find(Of("b"))?.Position));
    }

    private static SessionAddress Of(string session) => new(TenantId.Default, SessionId.Parse(session));
}
