using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Grains.Sessions;
using Forge.Identity;
using Forge.Operations;
using Forge.Schedules;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public sealed class InputDigestTests
{
    private static readonly CheckpointId Id = new(Guid.Parse("0198a000-0000-7000-8000-000000000001"));

    private static readonly RetentionPolicy Policy = new()
    {
        KeepRecent = 5,
        KeepTags = ["x", "é"],
        KeepYoungerThan = TimeSpan.FromHours(26.5),
    };

    private static readonly CheckpointSchedule Schedule = new()
    {
        Every = TimeSpan.FromMinutes(5),
        OnError = true,
        OnToolCall = true,
        AnswerWithin = TimeSpan.FromSeconds(7),
    };

    private static readonly SessionSettings Settings = new()
    {
        Labels = new Dictionary<string, string> { ["team"] = "réd", ["a"] = "b" },
        AutomaticInterval = TimeSpan.FromSeconds(90),
        Retention = Policy,
        TimeToLive = TimeSpan.FromDays(30),
    };

    /// <summary>One of each change, with every property said, and what its digest is for ever.</summary>
    public static TheoryData<IOperation, string> Goldens => new()
    {
        { new RestoreCheckpoint(CheckpointReference.Latest), "6376fbc5b090b912c55af21714fe1f8b" },
        { new RestoreCheckpoint(CheckpointReference.Current), "1f48df7bbb949c97caeadeaae247c02d" },
        { new RestoreCheckpoint(2), "bbdcfdebb1af318b5024cf50ec3dfecb" },
        { new RestoreCheckpoint(Id), "f1f6bbad8588009d042c0ab9042a0a3d" },
        { new DeleteCheckpoint(2), "c79ac24d0f54f9c392450a5381ad710b" },
        { new AnnotateCheckpoint(2, AnnotationSeverity.Warning, "look \"again\" é"), "63b097f7409456bd51f86a3367e32e44" },
        { new SetTags(2, []), "399c7d43a0f2f723e3a5e8902844b236" },
        { new SetTags(2, ["é", "b"]), "981ec6670f22f4414a1ce2664a0e4cdd" },
        { new SetSettings(new SessionSettings()), "ab63ec0f227ae0f795e2b8cf57c0f5ae" },
        { new SetSettings(Settings), "08b2e0a39ee3414b743f929e19947497" },
        { new SetSettings(Settings with { Schedule = Schedule }), "2ba2374a6e4df583868fbbc2fbb5eed9" },
        { new CompactSession(null), "5d46a1a7c9c1dec1695746444305f50c" },
        { new CompactSession(new RetentionPolicy { KeepRecent = 0 }), "264e4918a248227f5d963d8b40ac078b" },
        { new CompactSession(Policy), "023c477f8be1a77d689830b9d5c9310b" },
        { new ForkSession(SessionId.Parse("origin"), 7), "51736e9e7058a035c58c26e5e0061273" },
        { new ForkSession(SessionId.Parse("origin"), CheckpointReference.Latest, WithHistory: true, DryRun: true), "0009968033455509b364d35365e26081" },
        { new PutWrites(2, [new NewWrite { Task = "t", Name = "n", Value = "1"u8.ToArray() }]), "4bd6e7915d6607bbc8b785f1716bdcad" },
        { new PutWrites(2, [new NewWrite { Task = "é", Index = -1, Name = "n", Value = new byte[] { 0, 1 }, ContentType = "a/b", Mode = WriteMode.Replace }]), "957843da48c54a9b16a861d227d284d2" },
        { new ClearSession(), "9e3a919bc2f8b7d3a028f545e3ed4c6e" },
        { new ReviveSession(), "1d397c74a243ca49c108232fbccf1f64" },
        { new RestoreCheckpoint(2, "b", new PresentState { Message = "m", State = "{}"u8.ToArray(), ContentType = "a/b", Tags = ["t"] }, DryRun: true), "b69f8af9cdfd068b21635799b1783d64" },
        { new DeleteSession(), "a1881665daa7302f51cf23f287d98fe8" },
        { new ClaimSession("a"), "fefecea58d00a358ae6ac9dd7eb447f0" },
        { new ClaimSession("é", TimeSpan.FromMinutes(5), IfFree: true), "067b83459025079727bd903f3f752ad4" },
        { new RenewClaim(TimeSpan.FromMinutes(5)), "0da7a9b93755b127373746864d04966c" },
        { new ReleaseClaim(), "956d0fbed512dea1a7aae14b7366bf2a" },
        { new RestoreCheckpoint(2) { Effects = EffectsRule.Refuse, Acknowledge = ["k"] }, "9e4c7496715db18e63accd89da81f162" },
        { new ForkSession(SessionId.Parse("origin"), 7) { Effects = EffectsRule.Refuse, Acknowledge = ["k"] }, "492a18f3c4b2310fa9d9aa75e12e5886" },
        { new BeginEffect("k", EffectClass.Write, "r", "a", TimeSpan.FromMinutes(5), "t"), "4fbda241a52b53c9da3c75295d816bf1" },
        { new RenewEffect("k", 1, TimeSpan.FromMinutes(5)), "723746242b8ae94011af6d5bd9a17485" },
        { new CompleteEffect("k", 1, "{}"u8.ToArray(), "a/b"), "654e45a30ef29008d53d1a473a5eee2c" },
        { new FailEffect("k", 1, "r"), "39a69c22e9e8dec53ebbb99bebbba5a8" },
        { new ResolveEffect("k", 1, EffectVerdict.Retry, "b", "w", "{}"u8.ToArray(), "a/b"), "4018b997c502c3da45b55446d4a53b8d" },
    };

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Of_EachChange_IsWhatItWas(IOperation input, string digest) => Assert.Equal(digest, InputDigest.Of(input));

    [Fact]
    public void Goldens_CoverEveryChange() => Assert.Equal(
        typeof(IOperation).Assembly.GetTypes().Where(IsChange).Select(type => type.Name).Order(),
        Goldens.Select(row => row.Data.Item1.GetType().Name).Distinct().Order());

    [Fact]
    public void Of_APropertyWithItsDefaultMore_IsTheSame()
    {
        var first = new Before.Sample(7, "x") { Keep = 0 };

        Assert.Equal(InputDigest.Of(first), InputDigest.Of(new After.Sample(7, "x") { Keep = 0, Tags = [], Note = "", Inner = null }));
        Assert.NotEqual(InputDigest.Of(first), InputDigest.Of(new After.Sample(7, "x") { Keep = 0, Force = true }));
        Assert.NotEqual(InputDigest.Of(first), InputDigest.Of(new After.Sample(7, "x")));
        Assert.NotEqual(InputDigest.Of(first), InputDigest.Of(new After.Sample(7, "x") { Keep = 0, Tags = ["t"] }));
        Assert.NotEqual(
            InputDigest.Of(first), InputDigest.Of(new After.Sample(7, "x") { Keep = 0, Inner = new RetentionPolicy { KeepRecent = 0 } }));
    }

    [Fact]
    public void Of_TheSameWithAnotherRequest_IsTheSame() => Assert.Equal(
        InputDigest.Of(new DeleteCheckpoint(2)),
        InputDigest.Of(new DeleteCheckpoint(2) { Request = new ChangeRequest(Guid.NewGuid(), true) }));

    [Fact]
    public void Of_TheSameUnderAnotherEpoch_IsTheSame() => Assert.Equal(
        InputDigest.Of(new DeleteCheckpoint(2)), InputDigest.Of(new DeleteCheckpoint(2) { Epoch = 7 }));

    [Fact]
    public void Of_LabelsInAnotherOrder_IsTheSame() => Assert.Equal(
        InputDigest.Of(new SetSettings(Settings)),
        InputDigest.Of(new SetSettings(Settings with { Labels = Settings.Labels.Reverse().ToDictionary() })));

    [Fact]
    public void Of_WhatDiffersInOneThing_Differs()
    {
        IOperation[] inputs =
        [
            new SetTags(2, ["a", "b"]), new SetTags(2, ["b", "a"]), new SetTags(2, ["ab"]), new SetTags(3, ["a", "b"]), new SetTags(Id, ["a", "b"]),
            new DeleteCheckpoint(2), new RestoreCheckpoint(2),
            new AnnotateCheckpoint(2, AnnotationSeverity.Info, "a"), new AnnotateCheckpoint(2, AnnotationSeverity.Critical, "a"),
            new CompactSession(Policy), new CompactSession(Policy with { KeepRecent = null }), new CompactSession(Policy with { KeepTags = null }),
            new SetSettings(Settings), new SetSettings(Settings with { TimeToLive = null }), new SetSettings(Settings with { Retention = null }),
            new SetSettings(Settings with { Schedule = Schedule }),
            new SetSettings(Settings with { Schedule = Schedule with { OnError = false } }),
            new SetSettings(Settings with { Schedule = Schedule with { Every = null } }),
            new SetSettings(Settings with { Labels = new Dictionary<string, string> { ["team"] = "réda", ["b"] = "" } }),
        ];

        Assert.Equal(inputs.Length, inputs.Select(InputDigest.Of).Distinct().Count());
    }

    private static bool IsChange(Type type) => type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(Change<>);

    private static class Before
    {
        public sealed record Sample([property: Id(0)] long Number, [property: Id(1)] string Text) : Change<bool>
        {
            [Id(2)]
            public int? Keep { get; init; }
        }
    }

    private static class After
    {
        public sealed record Sample([property: Id(0)] long Number, [property: Id(1)] string Text) : Change<bool>
        {
            [Id(3)]
            public bool Force { get; init; }

            [Id(4)]
            public IReadOnlyList<string> Tags { get; init; } = [];

            [Id(5)]
            public string Note { get; init; } = "";

            [Id(2)]
            public int? Keep { get; init; }

            [Id(6)]
            public RetentionPolicy? Inner { get; init; }
        }
    }
}
