using System.Text;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Integrity;
using Forge.Portability;
using Forge.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Client;

public class RealSiloTests
{
    [Fact]
    public async Task Handles_OverRealSockets_DoWhatTheySay()
    {
        await using var silo = RealSilo.Prepare();
        using var host = silo.PrepareClient();

        // The client is started first: it waits for the silo.
        var connected = host.StartAsync(TestContext.Current.CancellationToken);
        await silo.StartAsync();
        await connected;
        var forge = host.Services.GetRequiredService<IForgeClient>();
        var session = forge.Tenant("acme").Session("agent-1");

        var first = await session.CheckpointAsync(new Agent("ann", 1), "one", ["start"]);
        await session.CheckpointBatchAsync([.. Enumerable.Range(2, 6).Select(n => session.NewCheckpoint(new Agent("ann", n), $"m{n}"))]);
        Assert.Equal((CreateOutcome.Created, 1L), (first.Outcome, first.Checkpoint?.Sequence));
        Assert.Equal(new Agent("ann", 7), (await session.LatestAsync<Agent>())?.State);
        Assert.Equal(
            [7, 6, 5, 4, 3, 2, 1], await session.ListAsync(new() { Limit = 2 }).Select(s => s.Sequence).ToListAsync());

        var restored = await session.RestoreAsync<Agent>(first.Checkpoint!.Id);
        Assert.Equal((new Agent("ann", 1), 7L), (restored.Checkpoint!.State, restored.Undo?.Sequence));
        await session.AnnotateAsync(1, AnnotationSeverity.Warning, "look here");
        Assert.Equal(["a"], (await session.SetTagsAsync(2, ["a"])).Tags);
        Assert.Equal("look here", Assert.Single((await session.GetAsync(1))!.Annotations).Text);

        var fork = await session.ForkAsync(3, "agent-2", withHistory: true);
        Assert.Equal((3L, 3L, "agent-1"), (fork.Count, fork.Head?.Sequence, fork.Origin.Session.Value));
        Assert.Equal(new Agent("ann", 3), (await forge.Tenant("acme").Session("agent-2").LatestAsync<Agent>())?.State);
        Assert.Equal(fork.Origin, (await forge.Tenant("acme").Session("agent-2").InfoAsync())?.Origin);
        Assert.Equal((1L, null), ((await session.ForkAsync(3, "agent-3", dryRun: true)).Count, await forge.Tenant("acme").Session("agent-3").InfoAsync()));
        await Assert.ThrowsAsync<SessionExistsException>(() => session.ForkAsync(1, "agent-2"));
        await session.ForkAsync(CheckpointReference.Latest, "agent-3");
        var branch = forge.Tenant("acme").Session("branched").OnBranch("b");
        await branch.CheckpointAsync(new Agent("ann", 9), "of the branch");
        await branch.ForkAsync(CheckpointReference.Latest, "of-the-branch");
        Assert.Equal(new Agent("ann", 9), (await forge.Tenant("acme").Session("of-the-branch").LatestAsync<Agent>())?.State);
        Assert.Equal(["agent-3", "agent-2"], await session.ForksAsync(1).Select(f => f.Session.Value).ToListAsync());

        Assert.Null(await forge.Session("agent-1").InfoAsync());
        var error = await Assert.ThrowsAsync<Forge.Errors.OverLimitException>(
            () => session.CheckpointAsync(1, new string('x', 5000)));
        Assert.Equal(("message", 4096L, 5000L, "bytes"), (error.Field, error.Limit, error.Actual, error.Unit));

        var compacted = await session.CompactAsync(new RetentionPolicy { KeepRecent = 2 });
        Assert.Equal(7, compacted.Deleted + compacted.Remaining);
        Assert.True(await session.DeleteAsync(7));
        Assert.Equal(compacted.Remaining - 1, (await session.InfoAsync())?.Count);

        Assert.True(await session.DeleteSessionAsync());
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.CheckpointAsync(1, "late"));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task States_OverRealSockets_AreWhatWasSavedHoweverTheyCome()
    {
        await using var silo = RealSilo.Prepare();
        await silo.StartAsync();
        using var host = silo.PrepareClient();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var session = host.Services.GetRequiredService<IForgeClient>().Session("growing");
        List<byte[]> states = [Bytes(0, 60_000)];
        for (var n = 1; n < 30; n++)
        {
            // Most are appended to, before their last two bytes; some are changed in the middle.
            var last = states[^1];
            states.Add(n % 7 == 0 ? [.. last[..(n * 1000)], .. Bytes(n, 300), .. last[((n * 1000) + 10)..]] : [.. last[..^2], .. Bytes(n, 600), .. last[^2..]]);
        }

        foreach (var state in states)
        {
            var made = (await session.CheckpointAsync(state, "bytes")).Checkpoint!;
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(state)), made.Checksum);
        }

        for (var n = 0; n < states.Count; n++)
        {
            Assert.Equal(states[n], (await session.GetAsync(n + 1))!.State.ToArray());
        }

        foreach (var n in new[] { 3, 29, 0, 17 })
        {
            var restored = (await session.RestoreAsync(n + 1)).Checkpoint!;
            Assert.Equal(states[n], restored.State.ToArray());
            Assert.Null(restored.Difference);
            await session.CheckpointAsync((byte[])[.. states[n], 1], "behind it");
            Assert.Equal((byte[])[.. states[n], 1], (await session.GetAsync())!.State.ToArray());
        }

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ExportAndImport_OverRealSockets_CarryASessionByteForByte()
    {
        await using var silo = RealSilo.Prepare();
        await silo.StartAsync();
        using var host = silo.PrepareClient();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var forge = host.Services.GetRequiredService<IForgeClient>();
        var source = forge.Session("source");
        var states = Enumerable.Range(0, 5).Select(n => Bytes(n, 100_000 * n + 1)).ToList();
        foreach (var state in states)
        {
            await source.CheckpointAsync(state, "bytes");
        }

        using var document = new MemoryStream();
        await source.ExportAsync(document);
        var lines = await source.ExportAsync().Select(line => Encoding.UTF8.GetString(line.Span)).ToListAsync();
        document.Position = 0;
        var imported = await forge.Session("target").ImportAsync(document);

        // The header says when the export was made.
        Assert.Equal(6, lines.Count);
        Assert.Equal(Encoding.UTF8.GetString(document.ToArray()).Split('\n').Skip(1), lines.Skip(1).Append(""));
        Assert.Equal(new ImportResult(5, 0), imported with { Anchor = null });
        for (var n = 0; n < states.Count; n++)
        {
            Assert.Equal(states[n], (await forge.Session("target").GetAsync(n + 1))!.State.ToArray());
        }

        await Assert.ThrowsAsync<SessionNotFoundException>(() => forge.Session("nothing").ExportAsync(document));
        await Assert.ThrowsAsync<ImportRejectedException>(
            () => forge.Session("broken").ImportAsync(new MemoryStream("{}\n"u8.ToArray())));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private sealed record Agent(string Name, int Steps);
}
