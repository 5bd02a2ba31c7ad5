using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Grains.Tests.History.Deltas;
using Forge.Grains.Tests.Portability;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What happens when the database's rows are changed behind the service's back.</summary>
public abstract partial class SessionIntegrity(ClusterFixture fixture)
{
    /// <summary>Runs a statement on the database, past the service.</summary>
    protected abstract Task ExecuteAsync(string sql);

    /// <summary>Bytes as a literal of the database's SQL.</summary>
    protected abstract string Bytes(byte[] bytes);

    [Theory]
    [InlineData("a bit")]
    [InlineData("shorter")]
    [InlineData("longer")]
    [InlineData("checksum")]
    [InlineData("codec")]
    public async Task Get_OfATamperedRow_NamesItWhileItsNeighboursStayReadable(string damage)
    {
        var session = fixture.Cluster.Session(Make.Id());
        var (one, two, three) = (await session.CreateAsync("1"), await session.CreateAsync("2"), await session.CreateAsync("3"));
        var state = Make.State("2");
        byte[] flipped = [.. state[..5], (byte)(state[5] ^ 1), .. state[6..]];
        var change = damage switch
        {
            "a bit" => $"stored = {Bytes(flipped)}",
            "shorter" => $"stored = {Bytes(state[..^1])}",
            "longer" => $"stored = {Bytes([.. state, 0])}",
            "checksum" => $"checksum = {Bytes(new byte[32])}",
            _ => "codec = 77",
        };
        await ExecuteAsync($"UPDATE checkpoints SET {change} WHERE sequence = 2 AND session_key = " +
            $"(SELECT session_key FROM sessions WHERE session = '{session.GetPrimaryKeyString().Split('/')[2]}')");

        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => session.GetAsync(2));

        Assert.Equal((2, two.Id), (error.Sequence, error.Checkpoint));
        Assert.Equal(2, (await Assert.ThrowsAsync<StateCorruptedException>(() => fixture.Cluster.DiffAsync(session, 1, 2))).Sequence);
        Assert.Equal("[]"u8.ToArray(), (await fixture.Cluster.DiffAsync(session, 1, 1)).Patch!.Value.ToArray());
        var info = await session.GetInfoAsync();
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.RestoreAsync(two.Id));
        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ExportAllAsync());
        Assert.Equal(Make.State("1"), (await session.GetAsync(one.Id))!.State.ToArray());
        Assert.Equal(Make.State("3"), (await session.RestoreAsync(three.Id)).Checkpoint!.State.ToArray());
        Assert.Equal([1, 2, 3], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal(4, (await session.CreateAsync("4")).Sequence);
    }

    [Fact]
    public async Task List_OfASessionWhoseHeadIsTampered_IsOfTheRows()
    {
        var session = fixture.Cluster.Session(Make.Id());
        for (var i = 1; i <= 4; i++)
        {
            await session.CreateAsync($"{i}");
        }

        await fixture.Cluster.EndActivationsAsync();
        await ExecuteAsync($"UPDATE sessions SET last_sequence = 2, checkpoint_count = 0 WHERE {OfSession(session)}");

        // An activation that believed the row would say from memory that nothing comes after it.
        Assert.Equal([4, 3], (await session.ListAsync(new CheckpointQuery { After = 2 })).Items.Select(c => c.Sequence));
        Assert.Equal([4, 3, 2, 1], (await session.AllAsync()).Select(c => c.Sequence).OrderDescending());
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("codec")]
    [InlineData("checksum")]
    public async Task List_WithStatesOfATamperedRow_SaysSoOnThatItemAlone(string damage)
    {
        var session = fixture.Cluster.Session(Make.Id());
        for (var i = 1; i <= 4; i++)
        {
            await session.CreateAsync($"{i}");
        }

        // The silo holds nothing of a session that it is done with, by which it could mend the row.
        await fixture.Cluster.EndActivationsAsync();
        await (damage == "checksum"
            ? ExecuteAsync($"UPDATE checkpoints SET checksum = {Bytes(new byte[32])} WHERE sequence = 2 AND {OfSession(session)}")
            : DamageAsync(session, 2, damage));

        var page = await session.ListAsync(new CheckpointQuery { IncludeStates = true, Order = ListOrder.OldestFirst });

        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => session.GetAsync(2));
        Assert.Equal([1, 2, 3, 4], page.Items.Select(c => c.Sequence));
        Assert.Null(page.States![1].State);
        Assert.Equal(error.Problem, page.States[1].Problem);
        foreach (var i in new[] { 0, 2, 3 })
        {
            Assert.Null(page.States[i].Problem);
            Assert.Equal(Make.State($"{i + 1}"), page.States[i].State!.Value.ToArray());
        }
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("codec")]
    [InlineData("base")]
    [InlineData("group")]
    public async Task Get_OfARowThatTheSiloHolds_ServesItAndMendsItForAllThatStandsOnIt(string damage)
    {
        var session = fixture.Cluster.Session(Make.Id());
        var states = await MakeBranchesAsync(session);
        await DamageAsync(session, 2, damage);

        // The state of 3 is not held; it is decoded on that of 2, which is.
        Assert.Equal(states[2], (await session.GetAsync(3))!.State.ToArray());
        await fixture.Cluster.EndActivationsAsync();

        for (var sequence = 1; sequence <= 4; sequence++)
        {
            Assert.Equal(states[sequence - 1], (await session.GetAsync(sequence))!.State.ToArray());
        }

        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        Assert.Equal(5, (await session.CreateAsync("5")).Sequence);
    }

    [Fact]
    public async Task Get_OfARowThatIsGoneAndHeld_ServesAndMendsWhatStandsOnIt()
    {
        var session = fixture.Cluster.Session(Make.Id());
        var states = await MakeBranchesAsync(session);
        await ExecuteAsync($"DELETE FROM checkpoints WHERE sequence = 2 AND {OfSession(session)}");

        Assert.Equal(states[2], (await session.GetAsync(3))!.State.ToArray());
        await fixture.Cluster.EndActivationsAsync();

        Assert.Null(await session.GetAsync(2));
        Assert.Equal(states[2], (await session.GetAsync(3))!.State.ToArray());
    }

    [Fact]
    public async Task Restore_OfARowThatTheSiloHolds_AnswersItAndMendsIt()
    {
        var session = fixture.Cluster.Session(Make.Id());
        var states = await MakeBranchesAsync(session);
        await DamageAsync(session, 4, "stored");

        Assert.Equal(states[3], (await session.RestoreAsync(4)).Checkpoint!.State.ToArray());
        await fixture.Cluster.EndActivationsAsync();

        Assert.Equal(states[3], (await session.GetAsync(4))!.State.ToArray());
    }

    [Fact]
    public async Task Export_OfASessionWhoseDamageTheSiloHolds_IsWhole()
    {
        var session = fixture.Cluster.Session(Make.Id());
        await MakeBranchesAsync(session);
        var whole = DocumentSamples.Lines(System.Text.Encoding.UTF8.GetString(await session.ExportAllAsync()));
        await DamageAsync(session, 2, "stored");
        await DamageAsync(session, 4, "codec");

        var document = DocumentSamples.Lines(System.Text.Encoding.UTF8.GetString(await session.ExportAllAsync()));

        Assert.Equal(whole[1..], document[1..]);
    }

    [Fact]
    public async Task Diff_OfARowThatTheSiloHolds_ComparesWhatWasSaved()
    {
        var session = fixture.Cluster.Session(Make.Id());
        var states = await MakeBranchesAsync(session);
        await DamageAsync(session, 2, "stored");

        var difference = await fixture.Cluster.DiffAsync(session, 2, 3);

        Assert.Equal(states[1].Length, difference.FirstDifference);
    }

    [Fact]
    public async Task Get_OfARowWithAnotherChecksumThanWhatTheSiloHolds_IsDamagedAndStaysSo()
    {
        var session = fixture.Cluster.Session(Make.Id());
        await MakeBranchesAsync(session);
        await ExecuteAsync(
            $"UPDATE checkpoints SET checksum = {Bytes(new byte[32])}, codec = 77 WHERE sequence = 4 AND {OfSession(session)}");
        var info = await session.GetInfoAsync();

        // A read of it may be answered from memory, as what was saved. A restore goes to the row.
        Assert.Equal(4, (await Assert.ThrowsAsync<StateCorruptedException>(() => session.RestoreAsync(4))).Sequence);
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ExportAllAsync());

        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        Assert.Single((await session.VerifyOnceAsync()).Damages, d => d.Kind == Forge.Integrity.DamageKind.State);
    }

    [Theory]
    [InlineData("chained_after = 0")]
    [InlineData("chained_after = chained_after + 1")]
    [InlineData("chained_after = chained_after - 1")]
    [InlineData("incarnation = 1")]
    [InlineData("incarnation = 3")]
    public async Task Verify_OfATamperedLife_FindsIt(string change)
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync();
        await session.DeleteSessionAsync();
        await session.RunAsync(new ReviveSession());
        await session.CreateAsync();
        Assert.True((await session.VerifyOnceAsync()).IsIntact);

        await ExecuteAsync($"UPDATE sessions SET {change} WHERE {OfSession(session)}");

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == Forge.Integrity.DamageKind.Head);
    }

    [Theory]
    [InlineData("events", "kind = 10")]
    [InlineData("checkpoints", "sequence = 3")]
    public async Task Verify_OfALifeThatLostARow_FindsIt(string table, string row)
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync();
        await session.DeleteSessionAsync();
        await session.RunAsync(new ReviveSession());
        await session.CreateAsync();
        await session.CreateAsync();

        await ExecuteAsync($"DELETE FROM {table} WHERE {row} AND {OfSession(session)}");

        Assert.False((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData("claim_epoch = 1")]
    [InlineData("claim_epoch = claim_epoch + 1")]
    [InlineData("claim_owner = 'a'")]
    [InlineData("claim_owner = NULL")]
    [InlineData("claim_until = NULL")]
    [InlineData("claim_owner = NULL, claim_until = NULL")]
    [InlineData("claim_epoch = NULL, claim_owner = NULL, claim_until = NULL")]
    public async Task Verify_OfATamperedClaim_FindsItInTheHead(string change)
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync();
        await session.RunAsync(new ClaimSession("a"));
        await session.RunAsync(new ClaimSession("b", TimeSpan.FromHours(1)));
        await session.CreateAsync(Make.Checkpoint() with { Epoch = 2 });
        Assert.True((await session.VerifyOnceAsync()).IsIntact);

        await ExecuteAsync($"UPDATE sessions SET {change} WHERE {OfSession(session)}");

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == Forge.Integrity.DamageKind.Head);
    }

    [Theory]
    [InlineData("claim_epoch = 1")]
    [InlineData("claim_owner = 'a'")]
    public async Task Verify_OfAClaimInASessionThatWasNeverClaimed_FindsItInTheHead(string change)
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync();

        await ExecuteAsync($"UPDATE sessions SET {change} WHERE {OfSession(session)}");

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == Forge.Integrity.DamageKind.Head);
    }
    [Theory]
    [InlineData("origin_session = 'another'")]
    [InlineData("origin_sequence = 1")]
    [InlineData("origin_id = (SELECT id FROM checkpoints c WHERE c.session_key = forks.session_key LIMIT 1)")]
    [InlineData("origin_chain = NULL")]
    [InlineData("origin_key = NULL")]
    [InlineData("origin_key = origin_key + 1")]
    [InlineData("origin_incarnation = 2")]
    [InlineData("forked_at = (SELECT created_at FROM sessions o WHERE o.session_key = forks.origin_key)")]
    [InlineData("")]
    public async Task Verify_TamperedLinkToTheOrigin_IsFound(string change)
    {
        foreach (var withHistory in new[] { false, true })
        {
            var (origin, fork) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
            await MakeBranchesAsync(origin);
            await fork.RunAsync(new ForkSession(NameOf(origin), 4, withHistory));
            Assert.True((await fork.VerifyOnceAsync()).IsIntact);

            await ExecuteAsync(change.Length == 0
                ? $"DELETE FROM forks WHERE {OfSession(fork)}"
                : $"UPDATE forks SET {change} WHERE {OfSession(fork)}");

            var result = await fork.VerifyOnceAsync();
            var damage = Assert.Single(result.Damages, d => d.Kind == Forge.Integrity.DamageKind.Origin);
            Assert.Equal(await PositionOfForkAsync(fork), damage.Position);
            Assert.Equal((withHistory ? 3 : 1, 1), (result.Valid, result.Invalid));
        }
    }

    [Fact]
    public async Task Verify_LinkThatWasNeverMade_IsFound()
    {
        var (origin, other) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
        await MakeBranchesAsync(origin);
        await other.CreateAsync("mine");
        Assert.True((await other.VerifyOnceAsync()).IsIntact);

        await ExecuteAsync(
            "INSERT INTO forks (session_key, origin_key, origin_incarnation, origin_session, origin_sequence, origin_id, forked_at) " +
            $"SELECT (SELECT session_key FROM sessions WHERE session = '{NameOf(other)}'), c.session_key, 1, '{NameOf(origin)}', c.sequence, c.id, c.created_at " +
            $"FROM checkpoints c WHERE c.sequence = 4 AND c.{OfSession(origin)}");

        Assert.Equal(Forge.Integrity.DamageKind.Origin, Assert.Single((await other.VerifyOnceAsync()).Damages).Kind);
        Assert.Null((await other.GetInfoAsync())!.Origin);
    }

    [Fact]
    public async Task Get_AnotherLifeOfTheOriginsName_IsNotTheOrigin()
    {
        var (origin, fork) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
        await MakeBranchesAsync(origin);
        await fork.RunAsync(new ForkSession(NameOf(origin), 4));

        await ExecuteAsync($"UPDATE sessions SET incarnation = 2 WHERE {OfSession(origin)}");

        Assert.True((await fork.GetInfoAsync())!.Origin!.Gone);
        Assert.Equal(0, (await origin.GetInfoAsync())!.ForkCount);
        Assert.Empty((await origin.RunAsync(new ListForks())).Items);
        Assert.True((await fork.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Fork_OfADamagedCheckpoint_IsRefusedAndLeavesNothing()
    {
        var (origin, fork) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
        await MakeBranchesAsync(origin);
        await DamageAsync(origin, 2, "stored");

        foreach (var withHistory in new[] { false, true })
        {
            var error = await Assert.ThrowsAsync<StateCorruptedException>(() => fork.RunAsync(new ForkSession(NameOf(origin), 3, withHistory)));
            Assert.Equal((2, NameOf(origin)), (error.Sequence, error.Session.Session));
        }

        Assert.Null(await fork.GetInfoAsync());
        Assert.Equal(1, (await fork.RunAsync(new ForkSession(NameOf(origin), 1, WithHistory: true))).Count);
    }

    private static async Task<long> PositionOfForkAsync(ISessionGrain fork) => (await fork.GetInfoAsync())!.LastPosition;

    private static SessionId NameOf(ISessionGrain session) => SessionId.Parse(session.GetPrimaryKeyString().Split('/')[2]);

    /// <summary>Four checkpoints: 3 and 4 stand on 2, which stands on 1. The silo holds the states of 2 and 4, as they are too large for more.</summary>
    private static async Task<List<byte[]>> MakeBranchesAsync(ISessionGrain session)
    {
        var script = new StateScript(new Random(7));
        var first = script.Text(9000);
        List<byte[]> states = [first, [.. first, .. script.Text(200)]];
        states.Add([.. states[1], .. script.Text(200)]);
        states.Add([.. states[1], .. script.Text(300)]);
        for (var i = 0; i < states.Count; i++)
        {
            CheckpointReference? parent = i == 0 ? null : CheckpointReference.BySequence(Math.Min(i, 2));
            await session.CreateAsync(Make.Checkpoint($"{i + 1}") with { State = states[i], Parent = parent });
        }

        return states;
    }

    private Task DamageAsync(ISessionGrain session, long sequence, string what)
    {
        var change = what switch
        {
            "stored" => $"stored = {Bytes([1, 2, 3, 4, 5, 6, 7, 8, 9])}, stored_size = 9",
            "codec" => "codec = 77",
            "base" => "base_sequence = NULL",
            _ => "group_sequence = 7777",
        };
        return ExecuteAsync($"UPDATE checkpoints SET {change} WHERE sequence = {sequence} AND {OfSession(session)}");
    }

    private static string OfSession(ISessionGrain session) =>
        $"session_key = (SELECT session_key FROM sessions WHERE session = '{session.GetPrimaryKeyString().Split('/')[2]}')";
}
