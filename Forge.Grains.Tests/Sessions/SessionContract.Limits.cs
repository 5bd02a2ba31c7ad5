using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    public static TheoryData<string, string> BadCreates => new()
    {
        { "message empty", "message" },
        { "message NUL", "message" },
        { "message long", "message" },
        { "tag empty", "tags" },
        { "tag NUL", "tags" },
        { "tag long", "tags" },
        { "tags many", "tags" },
        { "state empty", "state" },
        { "state large", "state" },
        { "content type empty", "contentType" },
        { "content type bad", "contentType" },
        { "trigger unknown", "trigger" },
        { "head negative", "expectedHead" },
        { "key and id", "idempotencyKey" },
        { "key empty", "idempotencyKey" },
        { "key long", "idempotencyKey" },
    };

    [Theory]
    [MemberData(nameof(BadCreates))]
    public async Task Create_BadValue_NamesTheFieldAndChangesNothing(string defect, string field)
    {
        var good = Make.Checkpoint();
        var bad = defect switch
        {
            "message empty" => good with { Message = "" },
            "message NUL" => good with { Message = "a\0b" },
            "message long" => good with { Message = new string('ü', 2049) },
            "tag empty" => good with { Tags = ["a", ""] },
            "tag NUL" => good with { Tags = ["\0"] },
            "tag long" => good with { Tags = [new string('t', 129)] },
            "tags many" => good with { Tags = [.. Enumerable.Range(0, 65).Select(i => $"{i}")] },
            "state empty" => good with { State = default },
            "state large" => good with { State = new byte[(16 * 1024 * 1024) + 1] },
            "content type empty" => good with { ContentType = "" },
            "content type bad" => good with { ContentType = "text/plain\n" },
            "trigger unknown" => good with { Trigger = (CheckpointTrigger)99 },
            "head negative" => good with { ExpectedHead = -1 },
            "key and id" => good with { IdempotencyKey = "k", Id = new CheckpointId(Guid.NewGuid()) },
            "key empty" => good with { IdempotencyKey = "" },
            _ => good with { IdempotencyKey = new string('k', 201) },
        };
        var session = Forge.Session(Make.Id());

        var error = await Assert.ThrowsAnyAsync<ForgeException>(() => session.CreateAsync(bad));

        Assert.Equal(field, error is OverLimitException limit ? limit.Field : Assert.IsType<InvalidRequestException>(error).Field);
        Assert.Null(await session.GetInfoAsync());
    }

    [Fact]
    public async Task Create_AtEachLimit_IsTaken()
    {
        var session = Forge.Session(Make.Id());
        var result = await session.CreateAsync(new NewCheckpoint
        {
            Message = new string('ü', 2048),
            Tags = [.. Enumerable.Range(0, 64).Select(i => $"{i}".PadLeft(128, 't'))],
            State = new byte[16 * 1024 * 1024],
            ContentType = "application/octet-stream",
        });

        Assert.Equal(CreateOutcome.Created, result.Outcome);
        Assert.Equal(16 * 1024 * 1024, (await session.GetAsync(1))!.State.Length);
        await session.AnnotateAsync(1, AnnotationSeverity.Info, new string('n', 16 * 1024));
    }

    [Fact]
    public async Task Calls_OverALimit_AreRefusedAndChangeNothing()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var before = await session.GetInfoAsync();

        await RefusedAsync(1000, () => session.ListAsync(new CheckpointQuery { Limit = 1001 }));
        await RefusedAsync(1000, () => session.CreateBatchAsync([.. Enumerable.Range(0, 1001).Select(_ => Make.Checkpoint())]));
        await RefusedAsync(16 * 1024 * 1024, () => session.CreateBatchAsync(
            [.. Enumerable.Range(0, 2).Select(_ => Make.Checkpoint() with { State = new byte[9 * 1024 * 1024] })]));
        await RefusedAsync(16 * 1024, () => session.AnnotateAsync(1, AnnotationSeverity.Info, new string('n', (16 * 1024) + 1)));
        await RefusedAsync(64, () => session.SetTagsAsync(1, [.. Enumerable.Range(0, 65).Select(i => $"{i}")]));
        await RefusedAsync(64, () => session.SetSettingsAsync(new SessionSettings
        {
            Labels = Enumerable.Range(0, 65).ToDictionary(i => $"{i}", i => "v"),
        }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ListAsync(new CheckpointQuery { Limit = 0 }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ListAsync(new CheckpointQuery { After = -1 }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.AnnotateAsync(1, AnnotationSeverity.Info, ""));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.AnnotateAsync(1, (AnnotationSeverity)7, "x"));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CompactAsync(new RetentionPolicy()));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CompactAsync(new RetentionPolicy { KeepRecent = -1 }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.CompactAsync(new RetentionPolicy { KeepYoungerThan = TimeSpan.Zero }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.SetSettingsAsync(new SessionSettings { AutomaticInterval = TimeSpan.FromSeconds(-1) }));

        Assert.Equivalent(before, await session.GetInfoAsync(), strict: true);
    }

    private static async Task RefusedAsync(long limit, Func<Task> call) =>
        Assert.Equal(limit, (await Assert.ThrowsAsync<OverLimitException>(call)).Limit);
}

public sealed class MemorySessionContract(MemoryClusterFixture fixture)
    : SessionContract(fixture), IClassFixture<MemoryClusterFixture>;
