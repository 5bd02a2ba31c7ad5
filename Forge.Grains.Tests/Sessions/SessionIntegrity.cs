using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What happens when the database's rows are changed behind the service's back.</summary>
public abstract class SessionIntegrity(ClusterFixture fixture)
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
        Assert.Equal(2, (await Assert.ThrowsAsync<StateCorruptedException>(() => session.DiffAsync(1, 2))).Sequence);
        Assert.Equal("[]"u8.ToArray(), (await session.DiffAsync(1, 1)).Patch!.Value.ToArray());
        var info = await session.GetInfoAsync();
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.RestoreAsync(two.Id));
        Assert.Equivalent(info, await session.GetInfoAsync(), strict: true);
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ExportAllAsync());
        Assert.Equal(Make.State("1"), (await session.GetAsync(one.Id))!.State.ToArray());
        Assert.Equal(Make.State("3"), (await session.RestoreAsync(three.Id)).Checkpoint!.State.ToArray());
        Assert.Equal([1, 2, 3], (await session.AllAsync()).Select(c => c.Sequence));
        Assert.Equal(4, (await session.CreateAsync("4")).Sequence);
    }
}
