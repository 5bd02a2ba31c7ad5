using System.Buffers;
using System.Text;
using Forge.Differences;
using Forge.Differences.Json;
using Forge.Differences.Patches;
using Forge.Differences.Plans;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Grains.Tests.Differences;

/// <summary>What a comparison takes: steps, memory, and how soon it ends when it is cancelled.</summary>
public sealed class JsonDifferenceBoundsTests
{
    private const int Seed = 4712;

    private static readonly string Long = new('x', 40);

    [Fact]
    public void Compare_ManyEqualValuesThatMove_StepsGrowWithTheirNumber()
    {
        static (DifferenceSummary Summary, long Steps) Move(int count)
        {
            var values = string.Join(',', Enumerable.Repeat($"\"{Long}{Long}\"", count));
            return Compare($$"""{"a":[{{values}}],"b":[]}""", $$"""{"a":[],"b":[{{values}}]}""");
        }

        var (few, many) = (Move(2000), Move(4000));

        Assert.Equal((2000, 4000), (few.Summary.Moved, many.Summary.Moved));
        Assert.True(many.Steps < 3 * few.Steps, $"{few.Steps}, {many.Steps}");
    }

    [Fact]
    public void Compare_TheSameDeeperThanAnyStack_IsEmptyWithinStepsForEachValue()
    {
        const int Depth = 200_000;
        var (open, close) = (new string('[', Depth), new string(']', Depth));
        var budget = NewBudget();

        var patch = Assert.IsType<JsonPatch>(JsonDifference.Compare(
            Bytes($"{open}1 {close}"), Bytes($"{open} 1{close}"), new JsonDifferenceLimits(), budget));

        Assert.Equal("[]", patch.Text());
        Assert.True(budget.Done < 8 * Depth, $"{budget.Done}");
    }

    [Theory]
    [InlineData("""[{"a":[1, {"b":"c","d":{}}],"e":null}]""", """[{"e":null,"a":[1,{"d":{},"\u0062":"\u0063"}]}]""", true)]
    [InlineData("""[[],[[]]]""", """[ [],[[]]]""", true)]
    [InlineData("""[[],[[]]]""", """[[[]],[]]""", false)]
    [InlineData("""[1,1 ]""", """[1,1,1]""", false)]
    [InlineData("""{"a":"x","b":"y"}""", """{"a":"y","b":"x"}""", false)]
    public void AreSame_InsideOfContainers_IsWhatIsMeant(string left, string right, bool areSame) =>
        Assert.Equal(areSame, JsonPart.AreSame(Read(left).Root, Read(right).Root, NewBudget()));

    [Fact]
    public void Compare_LongTextsThatAreAlike_UseUpStepsByTheirLengths()
    {
        string Elements(string end) => string.Join(',', Enumerable.Range(0, 32).Select(element =>
            $"{{{string.Join(',', Enumerable.Range(0, 16).Select(member => $"\"m{member}\":\"{new string('x', 1000)}{element} {member} {end}\""))}}}"));
        var (from, to) = ($"[{Elements("a")}]", $"[{Elements("b")}]");

        Assert.True(TestPatch.Make(from, to, new JsonDifferenceLimits { Steps = 1_000_000 }).IsCoarse);
        Assert.False(TestPatch.Make(from, to).IsCoarse);
    }

    [Fact]
    public void Compare_ManyEditsFarDown_StepsDoNotGrowWithTheLevels()
    {
        static long StepsAt(int levels)
        {
            var (open, close) = (new string('[', levels), new string(']', levels));
            return Compare($"{open}{string.Join(',', Enumerable.Range(1, 20_000))}{close}", $"{open}0{close}").Steps;
        }

        var (near, far) = (StepsAt(1), StepsAt(120));

        Assert.True(2 * far < 3 * near, $"{near}, {far}");
    }

    [Fact]
    public void Read_Cancelled_Ends() =>
        Assert.Throws<OperationCanceledException>(() => JsonTreeReader.Read(Bytes(Numbered(0)), int.MaxValue, Cancelled()));

    [Fact]
    public void AreSame_Cancelled_Ends()
    {
        var (left, right) = (Read(Numbered(0)), Read(Numbered(0).Replace(",", " ,", StringComparison.Ordinal)));

        Assert.True(JsonPart.AreSame(left.Root, right.Root, NewBudget()));
        Assert.Throws<OperationCanceledException>(() => JsonPart.AreSame(left.Root, right.Root, Cancelled()));
    }

    [Fact]
    public void Plan_Cancelled_Ends()
    {
        var (left, right) = (Read(Numbered(0)), Read(Numbered(10_000)));

        Assert.Throws<OperationCanceledException>(() => new DifferencePlanner(Cancelled()).Plan(left.Root, right.Root));
    }

    [Fact]
    public void Plan_MembersAndCancelled_Ends()
    {
        static string Members(int value) => $"{{{string.Join(',', Enumerable.Range(0, 5000).Select(number => $"\"{number}\":{value}"))}}}";
        var (left, right) = (Read(Members(1)), Read(Members(2)));

        Assert.Throws<OperationCanceledException>(() => new DifferencePlanner(Cancelled()).Plan(left.Root, right.Root));
    }

    [Fact]
    public void LinkDecideWriteAndTell_Cancelled_End()
    {
        var root = new DifferencePlanner(NewBudget()).Plan(Read(Numbered(0)).Root, Read(Numbered(10_000)).Root)!;

        Assert.Throws<OperationCanceledException>(() => Moves.Link(root, Cancelled()));
        Assert.Throws<OperationCanceledException>(() => Costs.Decide(root, Cancelled()));
        Assert.Throws<OperationCanceledException>(() => SummaryMaker.Make(root, 10, Cancelled()));
        Assert.Throws<OperationCanceledException>(() => PatchWriter.Write(root, int.MaxValue, Cancelled(), out _));
    }

    [Fact]
    public void Compare_WhiteSpaceInTheSecond_ChangesNothing()
    {
        static string Numbers(int first, string between) => $"[{string.Join(between, Enumerable.Range(first, 50))}]";
        var from = $$"""{"a":{{Numbers(0, ",")}},"stays":"{{Long}}{{Long}}"}""";

        var compact = TestPatch.Make(from, $$"""{"a":{{Numbers(100, ",")}},"stays":"{{Long}}{{Long}}"}""");
        var spaced = TestPatch.Make(from, $$"""{"a":{{Numbers(100, "," + new string(' ', 100))}},"stays":"{{Long}}{{Long}}"}""");

        Assert.Equal($$"""[{"op":"replace","path":"/a","value":{{Numbers(100, ",")}}}]""", compact.Text());
        Assert.Equal(compact.Text(), spaced.Text());
    }

    [Fact]
    public void CompactLength_OfRandomDocuments_IsWhatIsWritten()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        for (var number = 0; number < 1000; number++)
        {
            var random = new Random(unchecked((Seed * 31) + number));
            var root = Read(new RandomJson(random).Value(4).Write(random)).Root;
            var written = new ArrayBufferWriter<byte>();
            JsonText.WriteCompact(written, root.Text);

            Assert.True(written.WrittenCount == root.CompactLength, $"seed {Seed}, document {number}: {Encoding.UTF8.GetString(root.Text)}");
        }
    }

    [Fact]
    public void Compare_LongTextBeyondTheLimitOfThePatch_TakesNoMemoryForIt()
    {
        var (from, to, limits) = (Bytes("1"), Bytes($"\"{new string(',', 4_000_000)}\""), new JsonDifferenceLimits { PatchBytes = 100 });
        var before = GC.GetAllocatedBytesForCurrentThread();

        var outcome = JsonDifference.Compare(from, to, limits, NewBudget());

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(Assert.IsType<PatchTooLarge>(outcome).Reached > 4_000_000);
        Assert.True(allocated < 1_000_000, $"{allocated}");
    }

    [Fact]
    public void AreSame_LongTextsWithEscapes_TakesNoMemoryForThem()
    {
        var rest = new string('x', 8_000_000);
        var (left, right) = (Bytes($"\\u0041{rest}\\/é\\ud834\\udd1e"), Bytes($"A{rest}/\\u00e9𝄞"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.True(JsonText.AreSame(left, right));
        Assert.False(JsonText.AreSame(left, right.AsSpan(1)));
        Assert.False(JsonText.AreSame(left, right.AsSpan(0, right.Length - 4)));

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 100_000, $"{allocated}");
    }

    [Fact]
    public void Compare_ManyElementsChangedAndOneInFront_ArePairedByTheirLongestPart()
    {
        var patch = TestPatch.Make(
            $"[{Messages(0, 200, 0, "same")}]",
            $$"""[{"id":-1,"content":"{{Long}}"},{{Messages(0, 200, 1000, "same")}}]""");

        Assert.False(patch.IsCoarse);
        Assert.Equal((1, 0, 200, 0), (patch.Summary.Added, patch.Summary.Removed, patch.Summary.Changed, patch.Summary.Moved));
    }

    [Fact]
    public void Compare_MoreElementsChangedThanAreCompared_SaysThatItIsCoarse()
    {
        var patch = TestPatch.Make($"[{Messages(0, 200, 0, "this")}]", $"[{Messages(0, 201, 1000, "that")}]");

        Assert.True(patch.IsCoarse);
    }

    [Fact]
    public void Compare_NoStepsToPairBy_SaysThatItIsCoarse()
    {
        var limits = new JsonDifferenceLimits { Steps = 50 };

        Assert.True(TestPatch.Make($"[{Messages(0, 3, 0, "this")}]", $"[{Messages(0, 4, 1000, "that")}]", limits).IsCoarse);
    }

    [Fact]
    public void Compare_MovesPartedByAReplacement_TheOtherContainerIsDecidedAgain()
    {
        var (name, stays) = (new string('n', 200), $"\"z\":\"{new string('z', 10_000)}\"");
        var values = string.Join(',', Enumerable.Repeat($"\"{Long}\"", 100));

        var patch = TestPatch.Make($$"""{"a":[{{values}}],"{{name}}":[],{{stays}}}""", $$"""{"a":[],"{{name}}":[{{values}}],{{stays}}}""");

        Assert.Equal(
            $$"""[{"op":"replace","path":"/a","value":[]},{"op":"replace","path":"/{{name}}","value":[{{values}}]}]""", patch.Text());
    }

    [Fact]
    public void Compare_SeveralNamesTwice_TellsTheFirst()
    {
        var names = Enumerable.Range(0, 40).Select(number => $"\"n{number}\":0").ToArray();
        var json = $"{{{string.Join(',', names.Concat(names.Reverse()))}}}";

        var problem = Assert.IsType<NotComparable>(
            JsonDifference.Compare(Bytes(json), Bytes("1"), null, TestContext.Current.CancellationToken));

        Assert.Equal($"has a name twice in one object, at byte {json.LastIndexOf("\"n39\"", StringComparison.Ordinal)}", problem.Problem);
    }

    [Fact]
    public void Compare_NameWithHalfASurrogatePair_IsShownWithReplacementsInTheSummary()
    {
        var patch = TestPatch.Make($$"""{"\ud834":1,"z":"{{Long}}"}""", $$"""{"\ud834":2,"z":"{{Long}}"}""");

        Assert.Equal("""[{"op":"replace","path":"/\ud834","value":2}]""", patch.Text());
        Assert.Equal("/\uFFFD\uFFFD\uFFFD", Assert.Single(patch.Summary.Entries).Path);
    }

    /// <summary>An array in which every other element is a number from the first one on.</summary>
    private static string Numbered(int first) => $"[{string.Join(',', Enumerable.Range(first, 5000).Select(number => $"{number},\"{Long}\""))}]";

    private static string Messages(int first, int count, int ids, string text) => string.Join(
        ',', Enumerable.Range(first, count).Select(number => $$"""{"id":{{ids + number}},"content":"{{text}} {{number}} {{new string('y', 500)}}"}"""));

    private static (DifferenceSummary Summary, long Steps) Compare(string from, string to)
    {
        var budget = NewBudget();
        var patch = Assert.IsType<JsonPatch>(JsonDifference.Compare(Bytes(from), Bytes(to), new JsonDifferenceLimits(), budget));
        return (patch.Summary, budget.Done);
    }

    private static JsonTree Read(string json) => JsonTreeReader.Read(Bytes(json), int.MaxValue, NewBudget());

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static Budget NewBudget() => new(long.MaxValue, TestContext.Current.CancellationToken);

    private static Budget Cancelled() => new(long.MaxValue, new CancellationToken(true));
}
