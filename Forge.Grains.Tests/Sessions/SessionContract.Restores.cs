using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Restores that save the present state, and such as are only tried.</summary>
public abstract partial class SessionContract
{
    [Theory]
    [InlineData(null)]
    [InlineData("b")]
    public async Task Restore_ThatSaves_KeepsThePresentStateInTheSameStep(string? branch)
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync(Make.Checkpoint("2") with { Branch = branch });
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        var present = new PresentState { Message = "present", State = Make.State("now"), Tags = ["t", "t"] };

        var result = await session.RunAsync(new RestoreCheckpoint(1, branch, present) { Request = request });

        var saved = result.Saved!;
        Assert.Equal((3L, 2L, branch ?? "main", "present"), (saved.Sequence, saved.Parent, saved.Branch, saved.Message));
        Assert.Equal(["t"], saved.Tags);
        Assert.Equal((1L, new CheckpointPointer(3, saved.Id)), (result.Checkpoint!.Summary.Sequence, result.Undo!.Value));
        Assert.Equal(saved.Position + 1, result.Anchor!.Value.Position);
        Assert.Equal(Make.State("now"), (await session.GetAsync(3))!.State.ToArray());
        Assert.Equal((3L, 1L), Of((await session.BranchesAsync())[branch ?? "main"]));
        Assert.True((await session.VerifyOnceAsync(result.Anchor.Value)).IsIntact);

        // A repeat saves nothing more, and one that saves something else is another request.
        var again = await session.RunAsync(new RestoreCheckpoint(1, branch, present with { State = Make.State("now") }) { Request = request });
        Assert.Equivalent(saved, again.Saved, strict: true);
        Assert.Equal((result.Undo, result.Anchor), (again.Undo, again.Anchor));
        await Assert.ThrowsAsync<RequestConflictException>(
            () => session.RunAsync(new RestoreCheckpoint(1, branch, present with { State = Make.State("other") }) { Request = request }));
        Assert.Equal(3, (await session.GetInfoAsync())!.LastSequence);

        var next = (await session.CreateAsync(Make.Checkpoint("4") with { Branch = branch })).Checkpoint!;
        Assert.Equal((4L, 1L), (next.Sequence, next.Parent));
        var back = await session.RunAsync(new RestoreCheckpoint(result.Undo.Value.Sequence, branch));
        Assert.Equal(Make.State("now"), back.Checkpoint!.State.ToArray());

        static (long, long) Of((long? Head, long? Current, long Count) line) => (line.Head!.Value, line.Current!.Value);
    }

    [Fact]
    public async Task Restore_ThatSavesWhatMayNotBe_ChangesNothing()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var present = new PresentState { Message = "present", State = Make.State("now") };

        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new RestoreCheckpoint(1, Save: present with { State = default })));
        Assert.Equal("save.state", error.Field);
        error = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new RestoreCheckpoint(1, Save: present with { Message = "" })));
        Assert.Equal("save.message", error.Field);
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.RunAsync(new RestoreCheckpoint(9, Save: present)));
        await Assert.ThrowsAsync<BranchNotFoundException>(() => session.RunAsync(new RestoreCheckpoint(1, "b", present)));

        var info = (await session.GetInfoAsync())!;
        Assert.Equal((2L, 2L, 2L), (info.LastSequence, info.Current!.Value.Sequence, info.LastPosition));
    }

    [Fact]
    public async Task Restore_DryRun_TellsAndChangesNothing()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 3; i++)
        {
            await session.CreateAsync($"{i}");
        }

        await session.RunAsync(new ClaimSession("a"));
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);
        var present = new PresentState { Message = "present", State = Make.State("now") };
        var before = await session.GetInfoAsync();

        var told = await session.RunAsync(new RestoreCheckpoint(1, Save: present, DryRun: true) { Request = request });

        Assert.Equal((1L, 3L), (told.Checkpoint!.Summary.Sequence, told.Undo!.Value.Sequence));
        Assert.Null(told.Anchor);
        Assert.Null(told.Saved);
        Assert.Equivalent(before, await session.GetInfoAsync(), strict: true);
        await Assert.ThrowsAsync<BranchNotFoundException>(() => session.RunAsync(new RestoreCheckpoint(1, "b", DryRun: true)));

        // It was not remembered.
        var made = await session.RunAsync(new RestoreCheckpoint(2) { Request = request, Epoch = 1 });
        Assert.Equal(3, made.Undo!.Value.Sequence);
    }
}
