using System.Text;
using Forge.Differences;
using Forge.Differences.Json;

namespace Forge.Grains.Tests.Differences;

public sealed class JsonDifferenceTests
{
    private static readonly string Long = new('x', 40);

    [Theory]
    [InlineData("""{"a/b":1}""", """{"a/b":2}""", """[{"op":"replace","path":"/a~1b","value":2}]""")]
    [InlineData("""{"m~n":1}""", """{"m~n":2}""", """[{"op":"replace","path":"/m~0n","value":2}]""")]
    [InlineData("""{"~1":1}""", """{"~1":2}""", """[{"op":"replace","path":"/~01","value":2}]""")]
    [InlineData("""{"":1,"z":{"":{"":1,"y":"a long text that stays, so that it is not replaced"}}}""", """{"":2,"z":{"":{"":3,"y":"a long text that stays, so that it is not replaced"}}}""", """[{"op":"replace","path":"/","value":2},{"op":"replace","path":"/z//","value":3}]""")]
    [InlineData("""{"\u002f\u007e":1}""", """{"/~":2}""", """[{"op":"replace","path":"/~1~0","value":2}]""")]
    [InlineData("""{"\"\\\n\u0001é":1}""", """{"\"\\\n\u0001é":2}""", """[{"op":"replace","path":"/\"\\\n\u0001é","value":2}]""")]
    [InlineData("""{"\ud834\udd1e":1}""", """{"𝄞":2}""", """[{"op":"replace","path":"/𝄞","value":2}]""")]
    [InlineData("""{"\uD834":1,"\udd1e":1}""", """{"\ud834":2,"\udd1e":1}""", """[{"op":"replace","path":"/\ud834","value":2}]""")]
    public void Compare_NamesOfAllKinds_AreEscapedInPointers(string from, string to, string patch) =>
        Assert.Equal(patch, TestPatch.Make(With(from), With(to)).Text());

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("100", "1e2")]
    [InlineData("1e2", "1E2")]
    [InlineData("0", "-0")]
    [InlineData("12345678901234567890", "12345678901234567891")]
    [InlineData("\"\\ud800\"", "\"\\udc00\"")]
    [InlineData("\"\\ud800\"", "\"\\ufffd\"")]
    [InlineData("null", "false")]
    [InlineData("[]", "{}")]
    public void Compare_WhatIsWrittenInAnotherWayAndMayDiffer_IsReplacedAsItIsWritten(string from, string to)
    {
        var patch = TestPatch.Make($"[{from},{{\"x\":\"{Long}\"}}]", $"[{to},{{\"x\":\"{Long}\"}}]");

        Assert.Equal($$"""[{"op":"replace","path":"/0","value":{{to}}}]""", patch.Text());
    }

    [Theory]
    [InlineData("""{"a":1,"b":2}""", """ { "b" : 2 , "a" : 1 } """)]
    [InlineData("\"\\u0041\\/\\u00e9\\ud834\\udd1e\\t\"", "\"A/é𝄞\\u0009\"")]
    [InlineData("[1.50]", "[ 1.50\n]")]
    [InlineData("\"\\ud800\"", "\"\\uD800\"")]
    public void Compare_TheSameWrittenInAnotherWay_IsEmpty(string from, string to)
    {
        var patch = TestPatch.Make(from, to);

        Assert.Equal(("[]", false), (patch.Text(), patch.IsCoarse));
        Assert.Equal((0, 0, 0, 0, 0), (patch.Summary.Added, patch.Summary.Removed, patch.Summary.Changed, patch.Summary.Moved, patch.Summary.Rest));
    }

    [Fact]
    public void Compare_InsertedAndRemovedElements_AreFoundAsSuch()
    {
        var patch = TestPatch.Make(Messages("a", "b", "c", "d", "e"), Messages("a", "x", "b", "d", "e", "f"));

        Assert.Equal(
            $$"""[{"op":"add","path":"/m/1","value":{{Message("x")}}},{"op":"remove","path":"/m/3"},{"op":"add","path":"/m/5","value":{{Message("f")}}}]""",
            patch.Text());
        Assert.Equal(
            [
                new DifferenceEntry(DifferenceKind.Added, "/m/1", null, null, Message("x").Length),
                new DifferenceEntry(DifferenceKind.Removed, "/m/2", null, Message("c").Length, null),
                new DifferenceEntry(DifferenceKind.Added, "/m/5", null, null, Message("f").Length),
            ],
            patch.Summary.Entries);
    }

    [Fact]
    public void Compare_ChangedElementBetweenAddedOnes_IsComparedWithWhatItWas()
    {
        var patch = TestPatch.Make(
            $$"""{"m":[{{Message("a")}},{"role":"user","content":"what is it that {{Long}}?"},{{Message("b")}}]}""",
            $$"""{"m":[{{Message("a")}},{{Message("new")}},{"role":"user","content":"what is it that {{Long}}!"},{{Message("b")}}]}""");

        Assert.Equal(
            $$"""[{"op":"add","path":"/m/1","value":{{Message("new")}}},{"op":"replace","path":"/m/2/content","value":"what is it that {{Long}}!"}]""",
            patch.Text());
    }

    [Fact]
    public void Compare_ValueThatWasRemovedAndIsElsewhere_IsMoved()
    {
        var stays = $"\"stays\":\"{Long}{Long}{Long}\"";
        var within = TestPatch.Make(Messages("a", "b", "c", "d"), Messages("d", "a", "b", "c"));
        var across = TestPatch.Make(
            $$"""{"open":[0,{{Message("a")}},{{Message("b")}}],"done":[0,1],{{stays}}}""",
            $$"""{"open":[0,{{Message("b")}}],"done":[0,{{Message("a")}},1],{{stays}}}""");
        var renamed = TestPatch.Make($$"""{"old":{{Message("a")}},{{stays}}}""", $$"""{"new":{{Message("a")}},{{stays}}}""");

        Assert.Equal("""[{"op":"move","from":"/m/3","path":"/m/0"}]""", within.Text());
        Assert.Equal("""[{"op":"move","from":"/open/1","path":"/done/1"}]""", across.Text());
        Assert.Equal("""[{"op":"move","from":"/old","path":"/new"}]""", renamed.Text());
        Assert.Equal(
            new DifferenceEntry(DifferenceKind.Moved, "/done/1", "/open/1", Message("a").Length, Message("a").Length),
            Assert.Single(across.Summary.Entries));
    }

    [Fact]
    public void Compare_MoveIntoAnElementBehind_SaysWhereAfterItHasGone()
    {
        var (list, filled) = ($$"""{"kept":"{{Long}}{{Long}}","list":[]}""", $$"""{"kept":"{{Long}}{{Long}}","list":[{{Message("a")}}]}""");

        var next = TestPatch.Make($"[{Message("a")},{list}]", $"[{filled}]");
        var behind = TestPatch.Make($"[{Message("a")},0,{list}]", $"[0,{filled}]");

        // A move must not go into a place that has its own pointer.
        Assert.Equal($$"""[{"op":"remove","path":"/0"},{"op":"add","path":"/0/list/0","value":{{Message("a")}}}]""", next.Text());
        Assert.Equal((1, 1, 0), (next.Summary.Added, next.Summary.Removed, next.Summary.Moved));
        Assert.Equal("""[{"op":"move","from":"/0","path":"/1/list/0"}]""", behind.Text());
    }

    [Fact]
    public void Compare_ReversedArray_IsMovesAlone()
    {
        string[] names = [.. Enumerable.Range(0, 200).Select(number => $"message {number}")];

        var patch = TestPatch.Make(Messages(names), Messages([.. names.Reverse()]));

        Assert.Equal(199, patch.Summary.Moved);
        Assert.Equal(0, patch.Summary.Added + patch.Summary.Removed + patch.Summary.Changed);
    }

    [Fact]
    public void Compare_SoMuchDiffersThatItTakesFarMore_IsReplacedWhole()
    {
        static string Numbers(int first, int count) => $"[{string.Join(',', Enumerable.Range(first, count))}]";

        var few = TestPatch.Make(With("""{"a":[1,2,3]}"""), With("""{"a":[4,2,5]}"""));
        var many = TestPatch.Make(With($$"""{"a":{{Numbers(0, 50)}}}"""), With($$"""{"a":{{Numbers(100, 50)}}}"""));

        Assert.Equal("""[{"op":"replace","path":"/a/0","value":4},{"op":"replace","path":"/a/2","value":5}]""", few.Text());
        Assert.Equal($$"""[{"op":"replace","path":"/a","value":{{Numbers(100, 50)}}}]""", many.Text());
        Assert.False(many.IsCoarse);
    }

    [Fact]
    public void Compare_BudgetUsedUp_ReplacesTheArrayAndSaysSo()
    {
        var random = new Random(7);
        string Bits() => string.Join(',', Enumerable.Range(0, 3000).Select(_ => random.Next(2)));
        var (from, to) = (With($$"""{"bits":[{{Bits()}}],"step":1}"""), With($$"""{"bits":[{{Bits()}}],"step":2}"""));

        var coarse = TestPatch.Make(from, to, new JsonDifferenceLimits { Steps = 10_000 });
        var exact = TestPatch.Make(from, to);

        Assert.True(coarse.IsCoarse);
        Assert.Equal((0, 0, 2), (coarse.Summary.Added, coarse.Summary.Removed, coarse.Summary.Changed));
        Assert.False(exact.IsCoarse);
    }

    [Fact]
    public void Compare_NoStepsAtAll_StillFindsWhatWasAppended()
    {
        var patch = TestPatch.Make(Messages("a", "b"), Messages("a", "b", "c"), new JsonDifferenceLimits { Steps = 0 });

        Assert.Equal($$"""[{"op":"add","path":"/m/2","value":{{Message("c")}}}]""", patch.Text());
        Assert.False(patch.IsCoarse);
    }

    [Fact]
    public void Compare_NestedDeeperThanTheLevels_IsReplacedOnTheLast()
    {
        string Nested(int levels, string inside) =>
            string.Concat(Enumerable.Repeat($"{{\"p\":\"{Long}{Long}\",\"n\":", levels)) + inside + new string('}', levels);

        var within = TestPatch.Make(Nested(100, "1"), Nested(100, "2"));
        var beyond = TestPatch.Make(Nested(300, "1"), Nested(300, "2"));

        Assert.Equal(string.Concat(Enumerable.Repeat("/n", 100)), Assert.Single(within.Summary.Entries).Path);
        Assert.True(beyond.IsCoarse);
        Assert.Equal(string.Concat(Enumerable.Repeat("/n", 128)), Assert.Single(beyond.Summary.Entries).Path);
    }

    [Fact]
    public void Compare_NestedAsDeepAsThereAreValues_TakesNoStack()
    {
        var (from, to) = (new string('[', 200_000) + new string(']', 200_000), new string('[', 200_000) + " " + new string(']', 200_000));

        Assert.IsType<JsonPatch>(JsonDifference.Compare(
            Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to), null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", NotComparableReason.DuplicateName, "has a name twice in one object, at byte 7")]
    [InlineData("""[{"a":1,"b":2,"\u0061":2}]""", NotComparableReason.DuplicateName, "has a name twice in one object, at byte 14")]
    [InlineData("""{"0":0,"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":{"3":0},"3":0}""", NotComparableReason.DuplicateName, "has a name twice in one object, at byte 67")]
    [InlineData("""{"a":1""", NotComparableReason.NotJson, "is not JSON in line 1, byte 6")]
    [InlineData("", NotComparableReason.NotJson, "is not JSON in line 1, byte 0")]
    [InlineData("1 2", NotComparableReason.NotJson, "is not JSON in line 1, byte 2")]
    [InlineData("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]", NotComparableReason.TooManyValues, "has more than 20 values")]
    public void Compare_WhatIsNotComparable_SaysWhichAndWhy(string json, NotComparableReason reason, string problem)
    {
        var limits = new JsonDifferenceLimits { Values = 20 };
        var bytes = Encoding.UTF8.GetBytes(json);

        Assert.Equal(new NotComparable(DifferenceSide.From, reason, problem), JsonDifference.Compare(bytes, "1"u8.ToArray(), limits, TestContext.Current.CancellationToken));
        Assert.Equal(new NotComparable(DifferenceSide.To, reason, problem), JsonDifference.Compare("1"u8.ToArray(), bytes, limits, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Compare_BrokenUtf8_IsNotComparable() => Assert.Equal(
        new NotComparable(DifferenceSide.To, NotComparableReason.NotJson, "is not UTF-8"),
        JsonDifference.Compare("\"\""u8.ToArray(), new byte[] { (byte)'"', 0xC3, (byte)'"' }, null, TestContext.Current.CancellationToken));

    [Fact]
    public void Compare_PatchBeyondItsLimit_IsTooLarge()
    {
        var limits = new JsonDifferenceLimits { PatchBytes = 100 };
        var large = Encoding.UTF8.GetBytes($"\"{new string('y', 200)}\"");

        var outcome = Assert.IsType<PatchTooLarge>(JsonDifference.Compare("1"u8.ToArray(), large, limits, TestContext.Current.CancellationToken));

        Assert.Equal(100, outcome.Limit);
        Assert.True(outcome.Reached > 200);
        Assert.IsType<JsonPatch>(JsonDifference.Compare(large, large, limits, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Compare_ManyDifferences_SummaryHasTheFirstAndCountsTheRest()
    {
        var from = $"[{string.Join(',', Enumerable.Range(0, 50).Select(i => $"{i},\"{Long}\""))}]";
        var to = $"[{string.Join(',', Enumerable.Range(100, 50).Select(i => $"{i},\"{Long}\""))}]";

        var summary = TestPatch.Make(from, to, new JsonDifferenceLimits { Entries = 3 }).Summary;

        Assert.Equal((50, 3, 47), (summary.Changed, summary.Entries.Count, summary.Rest));
        Assert.Equal("/4", summary.Entries[2].Path);
    }

    [Fact]
    public void Compare_VeryLongName_IsCutInTheSummaryAlone()
    {
        var name = new string('n', 2000);

        var patch = TestPatch.Make($$"""{"{{name}}":1,"z":"{{name}}{{name}}"}""", $$"""{"{{name}}":2,"z":"{{name}}{{name}}"}""");

        Assert.Contains(name, patch.Text(), StringComparison.Ordinal);
        Assert.Equal($"/{new string('n', 511)}…", Assert.Single(patch.Summary.Entries).Path);
    }

    [Fact]
    public void Compare_Cancelled_Ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => JsonDifference.Compare("1"u8.ToArray(), "2"u8.ToArray(), null, cancelled.Token));
    }

    [Fact]
    public void Compare_LimitsOutOfBounds_AreRefused()
    {
        foreach (var limits in new JsonDifferenceLimits[] { new() { Steps = -1 }, new() { Values = 0 }, new() { PatchBytes = 1 }, new() { Entries = -1 } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => JsonDifference.Compare("1"u8.ToArray(), "2"u8.ToArray(), limits, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("abc", "abc", null)]
    [InlineData("abc", "abd", 2)]
    [InlineData("abc", "abcd", 3)]
    [InlineData("", "a", 0)]
    public void FirstDifference_OfBytes_IsWhereTheyPart(string from, string to, int? offset) =>
        Assert.Equal(offset, ByteDifference.FirstDifference(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to)));

    /// <summary>An object with a long member that stays, so that it is not replaced whole.</summary>
    private static string With(string json) => $$"""{{json[..^1]}},"stays":"{{Long}}"}""";

    private static string Message(string text) => $$"""{"role":"tool","content":"{{text}} {{Long}}"}""";

    private static string Messages(params string[] texts) => $$"""{"m":[{{string.Join(',', texts.Select(Message))}}]}""";
}
