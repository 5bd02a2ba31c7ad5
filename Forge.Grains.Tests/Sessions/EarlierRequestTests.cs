using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What the version before digests wrote, byte for byte, must be known for as long as it may be repeated.</summary>
public sealed class EarlierRequestTests
{
    private const string Restore2 = """{"Arguments":"2","Answer":"{\u0022Sequence\u0022:2,\u0022Undo\u0022:{\u0022Sequence\u0022:8,\u0022Id\u0022:{\u0022Value\u0022:\u002201a21565-8f92-7fc6-ac55-70af0dde086e\u0022,\u0022IsEmpty\u0022:false}},\u0022Anchor\u0022:{\u0022Position\u0022:9,\u0022Chain\u0022:\u0022f0383e89b8028f38a42248c9a8c0c66ed08d78053a1aa4072cb6b817b1bbc0bc\u0022}}"}""";
    private const string RestoreById = """{"Arguments":"0198a000-0000-7000-8000-000000000001","Answer":"{\u0022Sequence\u0022:1,\u0022Undo\u0022:{\u0022Sequence\u0022:2,\u0022Id\u0022:{\u0022Value\u0022:\u002201a21565-8f41-747e-8612-480efe147892\u0022,\u0022IsEmpty\u0022:false}},\u0022Anchor\u0022:{\u0022Position\u0022:10,\u0022Chain\u0022:\u0022fb6f3fc8e85b41fd337dea6ddf9e23909cb10df8f2645d6069ecf4f94af08c19\u0022}}"}""";
    private const string RestoreLatest = """{"Arguments":"latest","Answer":"{\u0022Sequence\u0022:8,\u0022Undo\u0022:null,\u0022Anchor\u0022:null}"}""";
    private const string Annotate = """{"Arguments":"{\u0022checkpoint\u0022:\u00222\u0022,\u0022severity\u0022:1,\u0022text\u0022:\u0022look \\u0022again\\u0022 \\u00E9 \\u003Cb\\u003E\u0022}","Answer":"{\u0022Position\u0022:12,\u0022At\u0022:\u00222026-11-26T01:08:27.75532\u002B00:00\u0022,\u0022Severity\u0022:1,\u0022Text\u0022:\u0022look \\u0022again\\u0022 \\u00E9 \\u003Cb\\u003E\u0022,\u0022Chain\u0022:\u002283b4dae794132b1f78a834b8e37088f5f0f12519bf3ed57c0655732626ac28f4\u0022}"}""";
    private const string Tag = """{"Arguments":"{\u0022checkpoint\u0022:\u00222\u0022,\u0022tags\u0022:[\u0022\\u00E9\u0022,\u0022b\u0022,\u0022\\u003Ca\\u003E\u0022]}","Answer":"2"}""";
    private const string TagNone = """{"Arguments":"{\u0022checkpoint\u0022:\u00220198a000-0000-7000-8000-000000000001\u0022,\u0022tags\u0022:[]}","Answer":"1"}""";
    private const string Delete = """{"Arguments":"3","Answer":"{\u0022Deleted\u0022:true}"}""";
    private const string NoSettings = """{"Arguments":"{\u0022labels\u0022:{},\u0022automaticInterval\u0022:null,\u0022retention\u0022:null,\u0022timeToLive\u0022:null}","Answer":"true"}""";
    private const string AllSettings = """{"Arguments":"{\u0022labels\u0022:{\u0022team\u0022:\u0022r\\u00E9d\u0022,\u0022a\u0022:\u0022b\u0022},\u0022automaticInterval\u0022:\u002200:01:30\u0022,\u0022retention\u0022:{\u0022keepRecent\u0022:5,\u0022keepTags\u0022:[\u0022x\u0022],\u0022keepYoungerThan\u0022:\u00221.02:30:00\u0022},\u0022timeToLive\u0022:\u002230.00:00:00\u0022}","Answer":"true"}""";
    private const string CompactRecent = """{"Arguments":"{\u0022KeepRecent\u0022:2,\u0022KeepTags\u0022:[],\u0022KeepYoungerThan\u0022:null}","Answer":"{\u0022Deleted\u0022:3,\u0022Remaining\u0022:3,\u0022FreedBytes\u0022:36,\u0022Anchor\u0022:{\u0022Position\u0022:17,\u0022Chain\u0022:\u0022b6881c84fbde6d5e77344177b2c02ac6d6307d169a7d368bddeadf76e0809099\u0022}}"}""";
    private const string CompactDefault = """{"Arguments":"null","Answer":"{\u0022Deleted\u0022:0,\u0022Remaining\u0022:3,\u0022FreedBytes\u0022:0,\u0022Anchor\u0022:{\u0022Position\u0022:18,\u0022Chain\u0022:\u00222130dbcfc82b70d0bb91b2f666183e20d4256148de33d93766dd42a6c66db95c\u0022}}"}""";
    private const string CompactTags = """{"Arguments":"{\u0022KeepRecent\u0022:null,\u0022KeepTags\u0022:[\u0022\\u00E9\u0022],\u0022KeepYoungerThan\u0022:\u00221.00:00:00\u0022}","Answer":"{\u0022Deleted\u0022:0,\u0022Remaining\u0022:3,\u0022FreedBytes\u0022:0}"}""";

    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));
    private static readonly CheckpointId Id = new(Guid.Parse("0198a000-0000-7000-8000-000000000001"));

    public static TheoryData<IOperation, string, string> Written => new()
    {
        { new RestoreCheckpoint(2), "restore", Restore2 },
        { new RestoreCheckpoint(Id), "restore", RestoreById },
        { new RestoreCheckpoint(CheckpointReference.Latest), "restore", RestoreLatest },
        { new AnnotateCheckpoint(2, AnnotationSeverity.Warning, "look \"again\" é <b>"), "annotate", Annotate },
        { new SetTags(2, ["é", "b", "<a>"]), "tag", Tag },
        { new SetTags(Id, []), "tag", TagNone },
        { new DeleteCheckpoint(3), "delete", Delete },
        { new SetSettings(new SessionSettings()), "settings", NoSettings },
        {
            new SetSettings(new SessionSettings
            {
                Labels = new Dictionary<string, string> { ["team"] = "réd", ["a"] = "b" },
                AutomaticInterval = TimeSpan.FromSeconds(90),
                Retention = new RetentionPolicy { KeepRecent = 5, KeepTags = ["x"], KeepYoungerThan = TimeSpan.FromHours(26.5) },
                TimeToLive = TimeSpan.FromDays(30),
            }),
            "settings", AllSettings
        },
        { new CompactSession(new RetentionPolicy { KeepRecent = 2, KeepTags = [] }), "compact", CompactRecent },
        { new CompactSession(null), "compact", CompactDefault },
        { new CompactSession(new RetentionPolicy { KeepTags = ["é"], KeepYoungerThan = TimeSpan.FromDays(1) }), "compact", CompactTags },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void AnswerOf_TheSameArguments_IsKnown(IOperation input, string kind, string outcome)
    {
        var earlier = EarlierRequest.Of(input)!;

        Assert.Equal(kind, earlier.Kind);
        Assert.NotNull(earlier.AnswerOf(outcome));
        Assert.All(
            Written.Select(row => row.Data).Where(other => other.Item2 == kind && other.Item3 != outcome),
            other => Assert.Null(earlier.AnswerOf(other.Item3)));
    }

    [Fact]
    public void Recall_RequestsOfBefore_AnswerAsTheyDid()
    {
        Assert.Equal((12L, "look \"again\" é <b>"), Recall(
            new AnnotateCheckpoint(2, AnnotationSeverity.Warning, "look \"again\" é <b>"), "annotate", Annotate,
            memory => (memory.Answer<Annotation>().Position, memory.Answer<Annotation>().Text)));
        Assert.True(Recall(new DeleteCheckpoint(3), "delete", Delete, memory => memory.Answer<bool>()));
        Assert.Equal(2, Recall(new SetTags(2, ["é", "b", "<a>"]), "tag", Tag, memory => memory.Answer<long>()));
        Assert.Equal(new CompactResult(3, 3, 36)
        {
            Anchor = new Anchor(17, "b6881c84fbde6d5e77344177b2c02ac6d6307d169a7d368bddeadf76e0809099"),
        }, Recall(
            new CompactSession(new RetentionPolicy { KeepRecent = 2, KeepTags = [] }), "compact", CompactRecent,
            memory => memory.Answer<CompactResult>()));
    }

    [Fact]
    public void Recall_RequestOfBeforeWithOtherArgumentsOrAnotherKind_IsRefused()
    {
        foreach (var (input, kind, outcome, difference) in new (IOperation, string, string, string)[]
        {
            (new DeleteCheckpoint(2), "delete", Delete, "argument"),
            (new DeleteCheckpoint(2), "restore", Restore2, "operation"),
            (new DeleteSession(), "delete", Delete, "operation"),
        })
        {
            var error = Assert.Throws<RequestConflictException>(
                () => Recall(input, kind, outcome, _ => true));
            Assert.Equal(difference, error.Difference);
        }
    }

    private static T Recall<T>(IOperation input, string kind, string outcome, Func<RequestMemory, T> answer)
    {
        var memory = RequestMemory.Of(Address, input, new ChangeRequest(Guid.NewGuid(), false));
        memory.Recall(new RememberedRequest(memory.Id, DateTimeOffset.UnixEpoch, kind, outcome));
        return answer(memory);
    }
}
