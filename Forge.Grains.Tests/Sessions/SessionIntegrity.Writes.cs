using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pending writes that were changed behind the service's back.</summary>
public abstract partial class SessionIntegrity
{
    [Theory]
    [InlineData("a bit")]
    [InlineData("longer")]
    [InlineData("empty")]
    [InlineData("name = 'other'")]
    [InlineData("content_type = 'a/c'")]
    [InlineData("size = 3")]
    [InlineData("seal = 7")]
    [InlineData("write_index = 5")]
    [InlineData("task = 'c'")]
    [InlineData("task = ''")]
    [InlineData("sequence = 1")]
    [InlineData("checksum")]
    public async Task ListWrites_OfATamperedRow_NamesItAndVerifyFindsIt(string damage)
    {
        var session = await MakeWritesAsync();
        var change = damage switch
        {
            "a bit" => $"value = {Bytes("3"u8.ToArray())}",
            "longer" => $"value = {Bytes("22"u8.ToArray())}",
            "empty" => $"value = {Bytes([])}",
            "checksum" => $"checksum = {Bytes(new byte[32])}",
            _ => damage,
        };

        await ExecuteAsync($"UPDATE pending_writes SET {change} WHERE task = 'b' AND sequence = 2 AND {OfSession(session)}");

        var at = damage == "sequence = 1" ? 1L : 2L;
        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => session.ListWritesAsync(at));
        Assert.Equal(at, error.Sequence);
        Assert.Contains("pending write", error.Problem, StringComparison.Ordinal);
        Assert.Equal(["x/0=1"], await session.WritesOfAsync(3));
        var verified = await session.VerifyOnceAsync();
        Assert.Contains(verified.Damages, d => d.Kind == DamageKind.Write && d.Sequence == at);
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ExportAllAsync());
    }

    [Fact]
    public async Task Verify_WriteWithItsOwnSealOfAnotherValue_IsFoundByItsSessionOnly()
    {
        var session = await MakeWritesAsync();
        var other = fixture.Cluster.Session(Make.Id());
        await other.CreateAsync("1");
        await other.CreateAsync("2");
        await other.WriteAsync(2, [WriteCalls.Make("b", 0, "7")]);

        // A whole row of another session is none of this one's.
        await ExecuteAsync($"DELETE FROM pending_writes WHERE task = 'b' AND sequence = 2 AND {OfSession(session)}");
        await ExecuteAsync($"UPDATE pending_writes SET {OfSession(session)} WHERE task = 'b' AND sequence = 2 AND {OfSession(other)}");

        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ListWritesAsync(2));
        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d is { Kind: DamageKind.Write, Sequence: 2 });
        Assert.Contains((await other.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Head);
    }

    [Fact]
    public async Task Verify_WritesOfWhatIsNotThere_AreFoundFromTheLeastKeyOn()
    {
        var session = await MakeWritesAsync();
        await session.DeleteAsync(3);
        await fixture.Cluster.SweepUntilGoneAsync(session.GetPrimaryKeyString().Split('/')[2]);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        foreach (var (sequence, task, index) in new[] { (long.MinValue, "''", int.MinValue), (-3, "'x'", 0), (0, "''", 0), (3, "'late'", 0), (99, "'x'", 0) })
        {
            await ExecuteAsync($"""
                INSERT INTO pending_writes (session_key, sequence, task, write_index, name, content_type, at, size, checksum, seal, value)
                SELECT session_key, {sequence}, {task}, {index}, name, content_type, at, size, checksum, seal, value FROM pending_writes
                WHERE task = 'b' AND sequence = 2 AND {OfSession(session)}
                """);
        }

        var damages = (await session.VerifyOnceAsync()).Damages;

        Assert.Equal([long.MinValue, -3, 0, 3, 99], damages.Where(d => d.Kind == DamageKind.Write).Select(d => d.Sequence));
        Assert.Equal(5, damages.Count);
        Assert.Equal(["a/0=1", "b/0=2"], await session.WritesOfAsync(2));
    }

    [Theory]
    [InlineData("DELETE FROM pending_writes WHERE task = 'a' AND sequence = 2 AND ")]
    [InlineData("UPDATE sessions SET write_count = 2 WHERE ")]
    [InlineData("UPDATE sessions SET write_bytes = 9 WHERE ")]
    [InlineData("UPDATE sessions SET write_count = NULL, write_bytes = NULL WHERE ")]
    public async Task Verify_CountOfWritesIsWrong_IsFound(string damage)
    {
        var session = await MakeWritesAsync();

        await ExecuteAsync(damage + OfSession(session));

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Head);
    }

    [Fact]
    public async Task ExportSound_WriteIsDamaged_IsLeftOutAndTold()
    {
        var (session, copy) = (await MakeWritesAsync(), fixture.Cluster.Session(Make.Id()));
        await fixture.Cluster.EndActivationsAsync();
        await ExecuteAsync($"UPDATE pending_writes SET value = {Bytes("3"u8.ToArray())} WHERE task = 'b' AND sequence = 2 AND {OfSession(session)}");
        await DamageAsync(session, 3, "codec");

        var document = await ExportSoundAsync(session);
        var header = Encoding.UTF8.GetString(document).Split('\n')[0];
        Assert.Contains("\"writes\":1,", header, StringComparison.Ordinal);
        Assert.Contains("],\"writes\":2}", header, StringComparison.Ordinal);
        await copy.ImportAllAsync(document);
        Assert.Equal(["a/0=1"], await copy.WritesOfAsync(2));
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    private protected static async Task<byte[]> ExportSoundAsync(ISessionGrain session)
    {
        var document = new MemoryStream();
        await foreach (var piece in session.ExportSoundAsync(TestContext.Current.CancellationToken))
        {
            document.Write(piece);
        }

        return document.ToArray();
    }

    /// <summary>Three roots, of which the second has two writes and the third one.</summary>
    private protected async Task<ISessionGrain> MakeWritesAsync()
    {
        var session = fixture.Cluster.Session(Make.Id());
        for (var i = 1; i <= 3; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Parent = CheckpointReference.None });
        }

        await session.WriteAsync(2, [WriteCalls.Make("a", 0, "1"), WriteCalls.Make("b", 0, "2")]);
        await session.WriteAsync(3, "x");
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        return session;
    }
}
