using System.Buffers.Text;
using System.Text;
using Forge.Catalog;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Catalog;
using Forge.Grains.Rules;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Catalog;

public sealed class SearchRulesTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2));

    private static readonly SessionQuery Sessions = new()
    {
        Prefix = "run",
        Labels = new Dictionary<string, string> { ["team"] = "red", ["env"] = "prod" },
        Order = SessionOrder.Activity,
        ActiveAfter = At,
        ActiveBefore = At.AddDays(1),
    };

    private static readonly CheckpointSearchQuery Checkpoints = new()
    {
        Tag = "t",
        Trigger = CheckpointTrigger.Error,
        SessionPrefix = "run",
        From = At,
        To = At.AddDays(1),
    };

    private readonly SearchRules _rules = new(new SessionRules(new LimitsOptions()));

    public static TheoryData<string, SessionQuery> OtherSessions => new()
    {
        { "prefix", Sessions with { Prefix = "ru" } },
        { "order", Sessions with { Order = SessionOrder.Name } },
        { "after", Sessions with { ActiveAfter = At.AddSeconds(1) } },
        { "no after", Sessions with { ActiveAfter = null } },
        { "before", Sessions with { ActiveBefore = At.AddDays(2) } },
        { "branch", Sessions with { Branch = "b" } },
        { "claim", Sessions with { ClaimOwner = "b" } },
        { "fewer labels", Sessions with { Labels = new Dictionary<string, string> { ["team"] = "red" } } },
        { "another value", Sessions with { Labels = new Dictionary<string, string> { ["team"] = "red", ["env"] = "Prod" } } },
        { "labels changed about", Sessions with { Labels = new Dictionary<string, string> { ["team"] = "prod", ["env"] = "red" } } },
    };

    public static TheoryData<string, CheckpointSearchQuery> OtherCheckpoints => new()
    {
        { "tag", Checkpoints with { Tag = "u" } },
        { "no tag", Checkpoints with { Tag = null } },
        { "trigger", Checkpoints with { Trigger = CheckpointTrigger.ToolCall } },
        { "no trigger", Checkpoints with { Trigger = null } },
        { "prefix", Checkpoints with { SessionPrefix = "" } },
        { "from", Checkpoints with { From = null } },
        { "to", Checkpoints with { To = At.AddDays(2) } },
        { "order", Checkpoints with { Order = ListOrder.OldestFirst } },
    };

    [Fact]
    public void Check_CursorOfTheSameConditions_GoesOnBehindIt()
    {
        var place = new SessionPlace("", At.ToUniversalTime().AddTicks(10), 7);
        var cursor = _rules.Check(Sessions).Cursors.Make(place);

        // The limit, the order of labels and the offset of a time are none of the conditions.
        var again = Sessions with
        {
            Labels = Sessions.Labels.Reverse().ToDictionary(),
            ActiveAfter = At.ToUniversalTime(),
            Limit = 7,
            Cursor = cursor,
        };
        Assert.Equal(place, _rules.Check(again).Filter.After);

        var named = new SessionQuery { Prefix = "run" };
        cursor = _rules.Check(named).Cursors.Make(new SessionPlace("run-~!"));
        Assert.Equal(new SessionPlace("run-~!"), _rules.Check(named with { Cursor = cursor }).Filter.After);

        var found = new CheckpointPlace(At.ToUniversalTime(), 3, 9);
        cursor = _rules.Check(Checkpoints).Cursors.Make(found);
        Assert.Equal(found, _rules.Check(Checkpoints with { Cursor = cursor }).Filter.After);
    }

    [Theory]
    [MemberData(nameof(OtherSessions))]
    public void Check_CursorOfOtherConditionsOfSessions_IsRefused(string condition, SessionQuery other)
    {
        Assert.NotEmpty(condition);
        var place = new SessionPlace("", At.ToUniversalTime(), 7);
        AssertRefused("cursor", () => _rules.Check(other with { Cursor = _rules.Check(Sessions).Cursors.Make(place) }));
        AssertRefused("cursor", () => _rules.Check(Sessions with { Cursor = _rules.Check(other).Cursors.Make(place) }));
    }

    [Theory]
    [MemberData(nameof(OtherCheckpoints))]
    public void Check_CursorOfOtherConditionsOfCheckpoints_IsRefused(string condition, CheckpointSearchQuery other)
    {
        Assert.NotEmpty(condition);
        var place = new CheckpointPlace(At.ToUniversalTime(), 3, 9);
        AssertRefused("cursor", () => _rules.Check(Checkpoints with { Cursor = _rules.Check(other).Cursors.Make(place) }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!!")]
    [InlineData("bjU\ud800")]
    [InlineData("cw")]
    public void Check_CursorThatNoPageGave_IsRefused(string cursor)
    {
        AssertRefused("cursor", () => _rules.Check(Sessions with { Cursor = cursor }));
        AssertRefused("cursor", () => _rules.Check(Checkpoints with { Cursor = cursor }));
    }

    [Theory]
    [InlineData(" x 1")]
    [InlineData(" 1")]
    [InlineData(" 1 1 1")]
    [InlineData(" -1 1")]
    [InlineData(" 1 99999999999999999999")]
    [InlineData(" 9223372036854775807 1")]
    [InlineData(" 01 1")]
    [InlineData("a b")]
    [InlineData("..")]
    public void Check_CursorWhosePlaceIsNone_IsRefused(string place)
    {
        var sound = _rules.Check(Sessions).Cursors.Make(new SessionPlace("", At, 7));
        var mark = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(sound)).Split(' ')[0];
        var cursor = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{mark} {place}"));

        AssertRefused("cursor", () => _rules.Check(Sessions with { Cursor = cursor }));
    }

    [Fact]
    public void Check_BadConditions_AreRefusedByField()
    {
        AssertRefused("limit", () => _rules.Check(Sessions with { Limit = 0 }));
        AssertRefused("prefix", () => _rules.Check(Sessions with { Prefix = "a b" }));
        AssertRefused("prefix", () => _rules.Check(Sessions with { Prefix = new string('p', 201) }));
        AssertRefused("order", () => _rules.Check(Sessions with { Order = (SessionOrder)2 }));
        AssertRefused("label", () => _rules.Check(Labelled("", "x")));
        AssertRefused("label", () => _rules.Check(Labelled("team", "")));
        AssertRefused("label", () => _rules.Check(Labelled("te\0am", "x")));
        AssertRefused("label", () => _rules.Check(Labelled("team", "\ud800")));
        AssertRefused("limit", () => _rules.Check(Checkpoints with { Limit = -1 }));
        AssertRefused("session", () => _rules.Check(Checkpoints with { SessionPrefix = "ü" }));
        AssertRefused("tag", () => _rules.Check(new CheckpointSearchQuery()));
        AssertRefused("tag", () => _rules.Check(new CheckpointSearchQuery { From = At, To = At, SessionPrefix = "run" }));
        AssertRefused("tag", () => _rules.Check(new CheckpointSearchQuery { Trigger = CheckpointTrigger.Manual }));
        AssertRefused("tag", () => _rules.Check(Checkpoints with { Tag = "" }));
        AssertRefused("tag", () => _rules.Check(Checkpoints with { Tag = "a\0" }));
        AssertRefused("order", () => _rules.Check(Checkpoints with { Order = (ListOrder)2 }));
        AssertRefused("trigger", () => _rules.Check(Checkpoints with { Trigger = (CheckpointTrigger)99 }));
        AssertOver("limit", 1000, () => _rules.Check(Sessions with { Limit = 1001 }));
        AssertOver("label", 128, () => _rules.Check(Labelled(new string('n', 129), "x")));
        AssertOver("label", 256, () => _rules.Check(Labelled("n", new string('v', 257))));
        AssertOver("label", 16, () => _rules.Check(
            Sessions with { Labels = Enumerable.Range(0, 17).ToDictionary(i => $"l{i}", _ => "x") }));
        AssertOver("tag", 128, () => _rules.Check(Checkpoints with { Tag = new string('t', 129) }));
        var wide = new SearchRules(new SessionRules(new LimitsOptions { TagCharacters = 512 }));
        AssertOver("label", 2048, () => wide.Check(Labelled(new string('語', 512), new string('語', 256))));
    }

    [Fact]
    public void Check_TimesWithinAMicrosecond_BoundWhatIsStoredInWholeOnes()
    {
        var (filter, _) = _rules.Check(new SessionQuery { ActiveAfter = At.AddTicks(11), ActiveBefore = At.AddTicks(19) });

        Assert.Equal((At.AddTicks(20), At.AddTicks(10)), (filter.ActiveAfter!.Value, filter.ActiveBefore!.Value));
        Assert.Equal(At, _rules.Check(new SessionQuery { ActiveAfter = At }).Filter.ActiveAfter);
        Assert.NotNull(_rules.Check(new SessionQuery { ActiveAfter = DateTimeOffset.MaxValue }).Filter.ActiveAfter);
    }

    private static SessionQuery Labelled(string name, string value) => new() { Labels = new Dictionary<string, string> { [name] = value } };

    private static void AssertRefused(string field, Func<object> check) =>
        Assert.Equal(field, Assert.Throws<InvalidRequestException>(() => check()).Field);

    private static void AssertOver(string field, long limit, Func<object> check)
    {
        var error = Assert.Throws<OverLimitException>(() => check());
        Assert.Equal((field, limit), (error.Field, error.Limit));
    }
}
