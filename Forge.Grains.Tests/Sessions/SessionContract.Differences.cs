using System.Text;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Grains.Tests.Differences;
using Forge.Sessions;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    [Fact]
    public async Task Diff_TwoCheckpoints_PatchMakesTheSecondOfTheFirst()
    {
        var session = Forge.Session(Make.Id());
        var one = await session.SaveAsync("""{"step":1,"notes":["a","c"],"plan":"a long plan that stays as it is"}""");
        var two = await session.SaveAsync("""{"step":2.0,"notes":["a","b","c"],"plan":"a long plan that stays as it is"}""");

        var difference = await Forge.DiffAsync(session, 1, CheckpointReference.Latest);

        Assert.Equivalent(one with { KeptParent = null }, difference.From, strict: true);
        Assert.Equivalent(two with { KeptParent = null }, difference.To, strict: true);
        Assert.Equal(
            """[{"op":"replace","path":"/step","value":2.0},{"op":"add","path":"/notes/1","value":"b"}]""",
            Encoding.UTF8.GetString(difference.Patch!.Value.Span));
        Assert.Equal((8, false, null), (difference.FirstDifference, difference.IsCoarse, difference.NotCompared));
        Assert.Equivalent(
            new PatchSummary(
                1, 0, 1, 0,
                [new(PatchedPathKind.Changed, "/step", null, 1, 3), new(PatchedPathKind.Added, "/notes/1", null, null, 3)],
                0),
            difference.Summary,
            strict: true);
    }

    [Fact]
    public async Task Diff_ToAnotherSession_LooksTheSecondUpThere()
    {
        var (first, other) = (Make.Id(), Make.Id());
        await Forge.Session(first).SaveAsync("""{"a":1}""");
        await Forge.Session(other).SaveAsync("""{"a":1,"only":"here"}""");
        await Forge.Session(other).SaveAsync("""{"a":2,"only":"here"}""");
        var client = new ForgeClient(Forge.Grains, Options.Create(new ForgeClientOptions()), TimeProvider.System);

        var difference = await client.Session(first).DiffAsync(CheckpointReference.Latest, 2, other);

        Assert.Equal((1, 2), (difference.From.Sequence, difference.To.Sequence));
        var patched = TestPatch.Apply(TestJson.Parse("""{"a":1}"""), difference.Patch!.Value.Span);
        Assert.Equal("""{"a":2,"only":"here"}""", patched.Canonical());

        // What another tenant has under the same names is out of reach.
        await Forge.Session(first, "other").SaveAsync("""{"a":1}""");
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(
            () => client.Tenant("other").Session(first).DiffAsync(1, 2, other));
        Assert.Equal(("other", other, "to"), (error.Session.Tenant.Value, error.Session.Session.Value, error.Field));
    }

    [Fact]
    public async Task Diff_TheSame_IsEmptyAndSaysIfTheBytesAreTheSameToo()
    {
        var session = Forge.Session(Make.Id());
        await session.SaveAsync("""{"a":1,"b":2}""");
        await session.SaveAsync("""{ "b": 2, "a": 1 }""", "application/vnd.agent+json; v=1");

        var (itself, rewritten) = (await Forge.DiffAsync(session, 1, 1), await Forge.DiffAsync(session, 1, 2));

        Assert.Equal(("[]", null), (Encoding.UTF8.GetString(itself.Patch!.Value.Span), itself.FirstDifference));
        Assert.Equal(("[]", 1), (Encoding.UTF8.GetString(rewritten.Patch!.Value.Span), rewritten.FirstDifference));
        Assert.Equal(0, rewritten.Summary!.Added + rewritten.Summary.Changed + rewritten.Summary.Removed + rewritten.Summary.Moved);
    }

    [Theory]
    [InlineData("""{"a":1}""", "text/plain", NotComparedReason.ContentType, "The state of 'to' is text/plain.")]
    [InlineData("""{"a":1""", "application/json", NotComparedReason.NotJson, "The state of 'to' is not JSON in line 1, byte 6.")]
    [InlineData("""{"a":1,"a":1}""", "application/json", NotComparedReason.DuplicateName, "The state of 'to' has a name twice in one object, at byte 7.")]
    public async Task Diff_WhatIsNoComparableJson_TellsSizesChecksumsAndFirstDifference(
        string state, string contentType, NotComparedReason reason, string problem)
    {
        var session = Forge.Session(Make.Id());
        await session.SaveAsync("""{"a":2}""");
        await session.SaveAsync(state, contentType);

        var difference = await Forge.DiffAsync(session, 1, 2);

        Assert.Equal(new NotCompared(reason, problem), difference.NotCompared);
        Assert.Null(difference.Patch);
        Assert.Null(difference.Summary);
        Assert.Equal((5, 7, state.Length), (difference.FirstDifference, difference.From.Size, difference.To.Size));
        Assert.NotEqual(difference.From.Checksum, difference.To.Checksum);
    }

    [Fact]
    public async Task Diff_WhatIsNotThere_IsRefusedByTheSessionThatLacksIt()
    {
        var (first, other, gone) = (Make.Id(), Make.Id(), Make.Id());
        var session = Forge.Session(first);
        await session.SaveAsync("1");
        await Forge.Session(gone).SaveAsync("2");
        await Forge.Session(gone).DeleteSessionAsync();

        Assert.Equal((first, "7", "from"), await MissingAsync(Forge.DiffAsync(session, 7, 1)));
        Assert.Equal((first, "8", "to"), await MissingAsync(Forge.DiffAsync(session, 1, 8)));
        Assert.Equal((first, "none", "to"), await MissingAsync(Forge.DiffAsync(session, 1, CheckpointReference.None)));
        Assert.Equal((other, "latest", "to"), await MissingAsync(Forge.DiffAsync(session, 1, CheckpointReference.Latest, other)));
        Assert.Equal(gone, (await Assert.ThrowsAsync<SessionDeletedException>(() => Forge.DiffAsync(session, 1, 1, gone))).Session.Session.Value);
        Assert.Equal(gone, (await Assert.ThrowsAsync<SessionDeletedException>(() => Forge.DiffAsync(Forge.Session(gone), 1, 1, first))).Session.Session.Value);

        static async Task<(string, string, string?)> MissingAsync(Task difference)
        {
            var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => difference);
            return (error.Session.Session.Value, error.Checkpoint, error.Field);
        }
    }

    [Fact]
    public async Task Diff_OfACheckpointThatWasDeleted_IsNotFound()
    {
        var session = Forge.Session(Make.Id());
        await session.SaveAsync("""{"a":1}""");
        await session.SaveAsync("""{"a":2}""");
        await session.SaveAsync("""{"a":3}""");
        await session.DeleteAsync(2);

        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => Forge.DiffAsync(session, 1, 2));
        Assert.Equal((3, 5), ((await Forge.DiffAsync(session, 1, 3)).To.Sequence, (await Forge.DiffAsync(session, 1, 3)).FirstDifference));
    }
}
