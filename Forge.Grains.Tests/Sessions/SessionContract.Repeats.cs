using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    [Fact]
    public async Task Create_Repeated_AnswersAsTheFirst()
    {
        var session = Forge.Session(Make.Id());
        var request = Make.Checkpoint("once", "t") with { Id = new CheckpointId(Guid.NewGuid()) };
        var first = await session.CreateAsync(request);
        await session.CreateAsync();
        await session.SetTagsAsync(1, ["other"]);

        var repeat = await session.CreateAsync(request with { ExpectedHead = 0 });

        Assert.Equal(CreateOutcome.Repeated, repeat.Outcome);
        Assert.Equivalent(first.Checkpoint, repeat.Checkpoint, strict: true);
        await AssertOthersAreRefusedAsync(session, request);
        Assert.Equal(2, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Create_RepeatedAsFirstAttempt_TheIndexIsTheLastLine()
    {
        var session = Forge.Session(Make.Id());
        var request = Make.Checkpoint("once") with { Id = new CheckpointId(Guid.NewGuid()), FirstAttempt = true };
        var first = await session.CreateAsync(request);

        var others = Enumerable.Range(0, 5).Select(i => session.CreateAsync($"{i}")).ToArray();
        var repeat = await session.CreateAsync(request);
        await Task.WhenAll(others);

        Assert.Equal((CreateOutcome.Repeated, first.Checkpoint!.Sequence), (repeat.Outcome, repeat.Checkpoint!.Sequence));
        Assert.Equal(Enumerable.Range(1, 6).Select(i => (long)i), (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Create_RepeatedAfterItsCheckpointWent_TakesEffectOnceAndAnswersAsTheFirst()
    {
        var name = Make.Id();
        var session = Forge.Session(name);
        var deleted = Make.Checkpoint("deleted ☃", "b", "a") with
        {
            IdempotencyKey = "k1",
            Trigger = CheckpointTrigger.ToolCall,
            ContentType = "text/plain",
        };
        var compacted = Make.Checkpoint("compacted") with { IdempotencyKey = "k2" };
        var first = new[] { await session.CreateAsync(deleted), await session.CreateAsync(compacted) };
        await session.CreateAsync();
        await session.SetTagsAsync(1, ["later"]);
        await session.SetTagsAsync(2, ["later"]);
        await session.DeleteAsync(1);
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await Forge.SweepUntilGoneAsync(name);

        foreach (var (request, created) in new[] { deleted, compacted }.Zip(first))
        {
            var repeat = await session.CreateAsync(request);
            Assert.Equal((CreateOutcome.Created, CreateOutcome.Repeated), (created.Outcome, repeat.Outcome));
            Assert.Equivalent(created.Checkpoint, repeat.Checkpoint, strict: true);
            await AssertOthersAreRefusedAsync(session, request);
        }

        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    /// <summary>Uses the id of a request that took effect for others, each with one thing different.</summary>
    private static async Task AssertOthersAreRefusedAsync(ISessionGrain session, NewCheckpoint request)
    {
        foreach (var (other, difference) in new[]
        {
            (request with { State = Make.State("y") }, "state"),
            (request with { Message = request.Message + " " }, "message"),
            (request with { ContentType = "image/png" }, "contentType"),
            (request with { Trigger = CheckpointTrigger.Error }, "trigger"),
            (request with { Tags = [.. request.Tags.Reverse(), "c"] }, "tags"),
            (request with { Tags = ["later"] }, "tags"),
            (request with { Parent = 7 }, "parent"),
        })
        {
            var error = await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(other));
            Assert.Equal(difference, error.Difference);
        }
    }

    [Fact]
    public async Task CreateBatch_RepeatedWhole_AnswersAsTheFirst_InPart_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        NewCheckpoint[] batch = [.. Enumerable.Range(0, 3).Select(i => Make.Checkpoint($"{i}") with { IdempotencyKey = $"k{i}" })];
        var first = await session.CreateBatchAsync(batch);
        var repeat = await session.CreateBatchAsync(batch);

        Assert.All(repeat, r => Assert.Equal(CreateOutcome.Repeated, r.Outcome));
        Assert.Equal(first.Select(f => f.Checkpoint!.Sequence), repeat.Select(r => r.Checkpoint!.Sequence));
        await Assert.ThrowsAsync<RequestConflictException>(
            () => session.CreateBatchAsync([batch[0], Make.Checkpoint("new") with { IdempotencyKey = "k9" }]));
        Assert.Equal(3, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Changes_Repeated_TakeEffectOnceAndAnswerAsTheFirst()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 0; i < 6; i++)
        {
            await session.CreateAsync($"{i}");
        }

        ChangeRequest New() => new(Guid.NewGuid(), true);
        var (restore, delete, annotate, compact) = (New(), New(), New(), New());
        var restored = await session.RestoreAsync(2, restore);
        await session.DeleteAsync(CheckpointReference.Latest, delete);
        var note = await session.AnnotateAsync(2, AnnotationSeverity.Warning, "look", annotate);
        var compaction = await session.CompactAsync(new RetentionPolicy { KeepRecent = 2 }, false, compact);
        await session.CreateAsync("after");
        var info = await session.GetInfoAsync();

        ChangeRequest Again(ChangeRequest request, bool first) => request with { FirstAttempt = first };
        foreach (var first in new[] { false, true })
        {
            Assert.Equal(restored.Undo, (await session.RestoreAsync(2, Again(restore, first))).Undo);
            Assert.True(await session.DeleteAsync(CheckpointReference.Latest, Again(delete, first)));
            Assert.Equal(note, await session.AnnotateAsync(2, AnnotationSeverity.Warning, "look", Again(annotate, first)));
            Assert.Equal(compaction, await session.CompactAsync(new RetentionPolicy { KeepRecent = 2 }, false, Again(compact, first)));
        }

        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        Assert.Single((await session.GetAsync(2))!.Annotations);
        await Assert.ThrowsAsync<RequestConflictException>(() => session.RestoreAsync(1, Again(restore, false)));
        await Assert.ThrowsAsync<RequestConflictException>(() => session.DeleteAsync(2, Again(restore, false)));
    }

    [Fact]
    public async Task Changes_RepeatedAfterTheirCheckpointWent_AnswerFromMemory()
    {
        var name = Make.Id();
        var session = Forge.Session(name);
        var created = await session.CreateAsync(Make.Checkpoint("1", "a"));
        await session.CreateAsync("2");
        var (restore, tag) = (new ChangeRequest(Guid.NewGuid(), true), new ChangeRequest(Guid.NewGuid(), true));
        var restored = await session.RestoreAsync(1, restore);
        var tagged = await session.SetTagsAsync(1, ["b", "c"], tag);
        await session.SetTagsAsync(1, ["later"]);
        await session.DeleteAsync(1);
        foreach (var isSwept in new[] { false, true })
        {
            if (isSwept)
            {
                await Forge.SweepUntilGoneAsync(name);
            }

            var info = await session.GetInfoAsync();

            // What was removed is not told again: a restore has no state to give, and a tag change no texts.
            Assert.Equal(restored with { Checkpoint = null }, await session.RestoreAsync(1, restore with { FirstAttempt = false }));
            Assert.Equivalent(
                tagged with { Message = "", ContentType = "" },
                await session.SetTagsAsync(1, ["b", "c"], tag with { FirstAttempt = false }),
                strict: true);

            Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        }

        Assert.Equal(created.Checkpoint!.Id, tagged.Id);
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RestoreAsync(1, new ChangeRequest(Guid.NewGuid(), false)));
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.SetTagsAsync(1, [], new ChangeRequest(Guid.NewGuid(), false)));
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task Create_FirstAttemptThatComesLate_IsLookedUp(int seconds)
    {
        var name = Make.Id();
        var session = Forge.Session(name);
        await session.CreateAsync();

        // By its own id it was made a while ago; so it was if its maker's clock is ahead.
        var late = Make.Checkpoint("once") with { Id = CheckpointId.Create(TimeProvider.System.GetUtcNow().AddSeconds(seconds)), FirstAttempt = true };
        var created = await session.CreateAsync(late with { FirstAttempt = false });
        await session.DeleteAsync(2);
        await Forge.SweepUntilGoneAsync(name);

        var repeat = await session.CreateAsync(late);

        Assert.Equal((CreateOutcome.Created, CreateOutcome.Repeated), (created.Outcome, repeat.Outcome));
        Assert.Equivalent(created.Checkpoint, repeat.Checkpoint, strict: true);
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task RequestId_OfACreateAndAnotherChange_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        var id = Guid.NewGuid();
        var create = Make.Checkpoint("1") with { Id = new CheckpointId(id) };
        await session.CreateAsync(create);
        foreach (var first in new[] { false, true })
        {
            await Assert.ThrowsAnyAsync<ForgeException>(() => session.DeleteAsync(1, new ChangeRequest(id, first)));
        }

        var other = Guid.NewGuid();
        await session.SetTagsAsync(1, ["t"], new ChangeRequest(other, true));
        await Assert.ThrowsAsync<RequestConflictException>(
            () => session.CreateAsync(Make.Checkpoint("2") with { Id = new CheckpointId(other) }));
        Assert.Equal(1, (await session.GetInfoAsync())!.Count);
        Assert.True(await session.DeleteAsync(1));
    }

    [Fact]
    public async Task DeleteSession_Repeated_AnswersAsTheFirst()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var request = new ChangeRequest(Guid.NewGuid(), true);
        Assert.True(await session.DeleteSessionAsync(request));
        Assert.True(await session.DeleteSessionAsync(request with { FirstAttempt = false }));
        Assert.False(await session.DeleteSessionAsync());
    }
}
