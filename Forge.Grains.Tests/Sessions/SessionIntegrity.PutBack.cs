using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Events;
using Forge.History.Tables;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What callers with anchors are told after an older copy of the database was put back, while silos run on it.</summary>
public abstract partial class SessionIntegrity
{
    [Theory]
    [InlineData("read")]
    [InlineData("list")]
    [InlineData("create")]
    [InlineData("change")]
    public async Task PutBack_UnderALiveActivation_IsToldToWhoHasAnAnchorOfWhatWent(string call)
    {
        var session = fixture.Cluster.Session(Make.Id());
        var kept = await session.CreateAsync("1");
        var back = await PutBackAsync(session);
        var lost = AnchorOf(await session.CreateAsync("2"));
        await back();

        // By what the activation knows the anchor is good; what it reads, or its commit, tells that it is not.
        var error = await Assert.ThrowsAsync<HistoryRewrittenException>(() => WithRetryAsync(() => CallAsync(call, lost)));

        Assert.Equal(lost.Position, error.Position);
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => WithRetryAsync(() => session.ConfirmAsync(lost)));

        // Who has none of what went goes on, and what comes in its place is not it.
        await WithRetryAsync(() => CallAsync(call, AnchorOf(kept)));
        Assert.Equal(call == "create" ? 3 : 2, (await session.CreateAsync("another")).Sequence);
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => CallAsync(call, lost));

        Task CallAsync(string kind, Anchor anchor) => kind switch
        {
            "read" => session.RunAsync(new GetCheckpoint(CheckpointReference.Latest) { Anchor = anchor }),
            "list" => session.RunAsync(new ListCheckpoints(new CheckpointQuery { Tag = "none" }) { Anchor = anchor }),
            "create" => session.CreateAsync(Make.Checkpoint() with { Anchor = anchor }),
            _ => session.RunAsync(new SetTags(1, ["a"]) { Anchor = anchor }),
        };
    }

    [Theory]
    [InlineData("effect")]
    [InlineData("events")]
    [InlineData("ancestors")]
    [InlineData("confirm")]
    [InlineData("delete")]
    [InlineData("dry run")]
    [InlineData("renew")]
    [InlineData("create")]
    public async Task PutBack_CallsThatFindNothingOrAreRefused_AreToldOfItAndOfNothingElse(string call)
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync("1");
        var back = await PutBackAsync(session);
        var lost = AnchorOf(await session.CreateAsync("2"));
        await back();

        var error = await Assert.ThrowsAsync<HistoryRewrittenException>(() => WithRetryAsync(CallAsync));

        Assert.Equal(lost.Position, error.Position);

        Task CallAsync() => call switch
        {
            "effect" => session.RunAsync(new GetEffect("none") { Anchor = lost }),
            "events" => session.RunAsync(new ListEvents(lost.Position) { Anchor = lost }),
            "ancestors" => session.RunAsync(new ListAncestors(2) { Anchor = lost }),
            "confirm" => session.ConfirmAsync(lost),
            "delete" => session.RunAsync(new DeleteCheckpoint(9) { Anchor = lost }),
            "dry run" => session.RunAsync(new CompactSession(new RetentionPolicy { KeepRecent = 1 }, DryRun: true) { Anchor = lost }),
            "renew" => session.RunAsync(new RenewEffect("none", 1, TimeSpan.FromMinutes(1)) { Anchor = lost }),
            _ => session.CreateAsync(Make.Checkpoint() with { ExpectedHead = 7, Anchor = lost }),
        };
    }

    [Theory]
    [InlineData("branches")]
    [InlineData("tips")]
    [InlineData("effect")]
    [InlineData("forks")]
    [InlineData("claim")]
    public async Task PutBack_ToBeforeTheSessionWas_IsToldToWhoReadsIt(string call)
    {
        var session = fixture.Cluster.Session(Make.Id());
        var lost = AnchorOf(await session.CreateAsync("1"));
        await ExecuteAsync($"DELETE FROM checkpoints WHERE {OfSession(session)}");
        await ExecuteAsync($"DELETE FROM sessions WHERE {OfSession(session)}");

        var error = await Assert.ThrowsAsync<HistoryRewrittenException>(CallAsync);

        Assert.Equal((lost.Position, "there is no such session"), (error.Position, error.Problem));

        Task CallAsync() => call switch
        {
            "branches" => session.RunAsync(new ListBranches { Anchor = lost }),
            "tips" => session.RunAsync(new ListBranches { Tips = 1, Anchor = lost }),
            "effect" => session.RunAsync(new GetEffect("none") { Anchor = lost }),
            "forks" => session.RunAsync(new ListForks { Anchor = lost }),
            _ => session.RunAsync(new GetClaim { Anchor = lost }),
        };
    }

    [Fact]
    public async Task PutBack_BesideReadsWithOlderAnchors_AnswersThemAsTheDatabaseIsNow()
    {
        var session = fixture.Cluster.Session(Make.Id());
        var kept = AnchorOf(await session.CreateAsync("1"));
        var back = await PutBackAsync(session);
        await session.CreateAsync("2");
        await back();

        var read = await session.RunAsync(new GetCheckpoint(CheckpointReference.Latest) { Anchor = kept });

        Assert.Equal("1", read!.Summary.Message);
    }

    /// <summary>What puts a session's rows back to what they are now, past the service, if checkpoints alone are created meanwhile.</summary>
    private async Task<Func<Task>> PutBackAsync(ISessionGrain session)
    {
        var copy = $"copy_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE TABLE {copy} AS SELECT * FROM sessions WHERE {OfSession(session)}");
        var columns = string.Join(", ", HistoryTables.Sessions.All.Names.Split(", ").Where(name => name != "session_key"));
        var sequence = (await session.GetInfoAsync())!.LastSequence;
        return async () =>
        {
            await ExecuteAsync($"DELETE FROM checkpoints WHERE sequence > {sequence} AND {OfSession(session)}");
            await ExecuteAsync($"UPDATE sessions SET ({columns}) = (SELECT {columns} FROM {copy}) WHERE {OfSession(session)}");
            await ExecuteAsync($"DROP TABLE {copy}");
        };
    }

    /// <summary>As clients do: an activation that the database has left behind says so, and the next one is asked.</summary>
    private static async Task WithRetryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (SessionMovedException)
        {
            await call();
        }
    }

    private static Anchor AnchorOf(CheckpointSummary checkpoint) => new(checkpoint.Position, checkpoint.Chain!);
}
