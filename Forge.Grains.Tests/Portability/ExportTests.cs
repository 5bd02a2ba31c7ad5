using System.Text;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Documents;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Deltas;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Portability;

/// <summary>What an export holds while it is read slowly, and what it shows.</summary>
public sealed class ExportTests(ExportTests.Fixture fixture) : IClassFixture<ExportTests.Fixture>
{
    private const int StateBytes = 64 * 1024;

    private ForgeClient Client => new(fixture.Cluster.Grains, Options.Create(new ForgeClientOptions()), TimeProvider.System);

    private ScriptedHistoryStore Store => (ScriptedHistoryStore)fixture.Cluster.Service<IHistoryStore>();

    [Fact]
    public async Task Export_HeldOpenWhileWritesGoOn_IsOfOneInstantAndHoldsAFewPieces()
    {
        const int Rows = 200;
        var session = fixture.Cluster.Session(Make.Id());
        for (var i = 0; i < Rows; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { State = State(i) });
        }

        var before = DocumentSamples.Lines(Encoding.UTF8.GetString(await session.ExportAllAsync()));
        var counted = Count();
        await using var pieces = session.ExportAsync().WithBatchSize(4).GetAsyncEnumerator();
        Assert.True(await pieces.MoveNextAsync());

        // A piece holds three of these; one answer of the silo has four pieces, and one more may be on its way.
        Assert.InRange(counted.Rows, 1, 24);
        await session.CreateAsync("late");
        await session.SetTagsAsync(150, ["late"]);
        await session.AnnotateAsync(151, AnnotationSeverity.Info, "late");
        await session.DeleteAsync(152);
        await session.CompactAsync(new() { KeepRecent = 1 });
        Assert.InRange(counted.Rows, 1, 24);

        var document = new MemoryStream();
        document.Write(pieces.Current);
        while (await pieces.MoveNextAsync())
        {
            document.Write(pieces.Current);
        }

        Assert.Equal(before[1..], DocumentSamples.Lines(Encoding.UTF8.GetString(document.ToArray()))[1..]);
        Assert.Equal(Rows, counted.Rows);
        Assert.Equal(1, (await session.GetInfoAsync())!.Count - 1);
    }

    [Theory]
    [InlineData("damaged", "SHA-256")]
    [InlineData("odd", "InvalidOperationException")]
    public async Task ExportAll_OneSessionIsDamagedOrOdd_CarriesTheOthersAndSaysSo(string how, string problem)
    {
        var name = Make.Id("many");
        var tenant = Client.Tenant(how);
        foreach (var suffix in new[] { "a", "b", "c" })
        {
            await tenant.Session($"{name}-{suffix}").CheckpointAsync(suffix, suffix);
            await tenant.Session($"{name}-{suffix}").CheckpointAsync(suffix, suffix);
        }

        Store.OnSnapshot = snapshot => new WrappedSnapshot(snapshot, row =>
            row.Message != "b" || row.Sequence != 2 ? row
            : how == "damaged" ? row with { Checksum = new byte[32] }
            : throw new InvalidOperationException("nobody foresaw it"));
        var document = new MemoryStream();
        await tenant.ExportAsync(document, DocumentCompression.Zstd);
        Store.OnSnapshot = null;
        document.Position = 0;
        var into = Client.Tenant($"{how}-mended");
        var result = await into.ImportAsync(document);

        Assert.Null(result.Problem);
        Assert.Equal((2, 1), (result.Imported, result.Refused));
        var refused = Assert.Single(result.Refusals);
        Assert.Equal($"{name}-b", refused.Session);
        Assert.Contains(problem, refused.Problem, StringComparison.Ordinal);
        Assert.Equal([$"{name}-a", $"{name}-c"], await into.ListSessionsAsync(name).Select(s => s.Session.Value).ToListAsync());
        Assert.Equal("c", await into.Session($"{name}-c").LatestAsync<string>() is { } latest ? latest.State : null);
    }

    [Fact]
    public async Task ExportSound_RowsDamagedAndMissing_LeavesThemOutSaysSoAndComesIn()
    {
        var (source, target) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
        for (var i = 1; i <= 9; i++)
        {
            // They share nothing, so that none stands on another.
            await source.CreateAsync(Make.Checkpoint($"{i}") with { State = State(i) });
        }

        var key = (await Store.ReadHeadAsync(
            SessionAddress.ParseGrainKey(source.GetPrimaryKeyString()), TestContext.Current.CancellationToken))!.Head.Key;
        var database = (SqliteHistoryStore)Store.Inner;

        // What the silo holds would be put right.
        await fixture.Cluster.EndActivationsAsync();
        database.Execute($"UPDATE checkpoints SET stored = zeroblob(stored_size) WHERE session_key = {key} AND sequence IN (3, 9)");
        database.Execute($"UPDATE checkpoints SET checksum = zeroblob(32) WHERE session_key = {key} AND sequence = 5");
        database.Execute($"DELETE FROM checkpoints WHERE session_key = {key} AND sequence = 7");
        await Assert.ThrowsAsync<StateCorruptedException>(() => source.ExportAllAsync());

        var document = new MemoryStream();
        await foreach (var piece in source.ExportSoundAsync(TestContext.Current.CancellationToken))
        {
            document.Write(piece);
        }

        var header = JsonDocument.Parse(DocumentSamples.Lines(Encoding.UTF8.GetString(document.ToArray()))[0]).RootElement;
        Assert.Equal((5, 8), (header.GetProperty("count").GetInt64(), header.GetProperty("current").GetInt64()));
        Assert.Equal(4, header.GetProperty("leftOut").GetProperty("count").GetInt64());
        Assert.Equal(
            [3, 5, 9], header.GetProperty("leftOut").GetProperty("checkpoints").EnumerateArray().Select(c => c.GetProperty("sequence").GetInt64()));
        Assert.Equal(5, (await target.ImportAllAsync(document.ToArray())).Imported);
        Assert.Equal([1, 2, 4, 6, 8], (await target.AllAsync()).Select(c => c.Sequence));
        Assert.Equal(State(8), (await target.GetAsync(8))!.State.ToArray());
    }

    [Fact]
    public async Task ExportSound_SoundSession_IsTheWholeDocument()
    {
        var source = fixture.Cluster.Session(Make.Id());
        await source.CreateAsync("1");
        await source.CreateAsync("2");
        await source.RestoreAsync(1);

        var pieces = await source.ExportSoundAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        var lines = DocumentSamples.Lines(Encoding.UTF8.GetString(pieces.SelectMany(piece => piece).ToArray()));
        Assert.Contains("\"leftOut\":{\"count\":0,\"checkpoints\":[]}", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"current\":1", lines[0], StringComparison.Ordinal);
        Assert.Equal(DocumentSamples.Lines(Encoding.UTF8.GetString(await source.ExportAllAsync()))[1..], lines[1..]);
    }

    [Fact]
    public async Task Client_SkipDamaged_TellsWhatWasLeftOut()
    {
        var (name, tenant) = (Make.Id("skip"), Client.Tenant("skip"));
        foreach (var suffix in new[] { "a", "b", "c" })
        {
            await tenant.Session($"{name}-{suffix}").CheckpointAsync(suffix, suffix);
            await tenant.Session($"{name}-{suffix}").CheckpointAsync(suffix, suffix);
        }

        Store.OnSnapshot = snapshot => new WrappedSnapshot(snapshot, row =>
            row.Message == "b" && row.Sequence == 2 ? row with { Checksum = new byte[32] } : row);
        var (all, one, plain) = (new MemoryStream(), new MemoryStream(), new MemoryStream());
        var result = await tenant.ExportAsync(all, DocumentCompression.Zstd, name, skipDamaged: true);
        var leftOut = await tenant.Session($"{name}-b").ExportAsync(one, DocumentCompression.Gzip, skipDamaged: true);
        var nothing = await tenant.Session($"{name}-a").ExportAsync(new MemoryStream(), DocumentCompression.None, skipDamaged: true);
        var lines = await tenant.Session($"{name}-b").ExportAsync(skipDamaged: true).CountAsync();
        var whole = await tenant.ExportAsync(plain, prefix: name);
        Store.OnSnapshot = null;

        Assert.Equal((3, 5, 0, 1), (result.Sessions, result.Checkpoints, result.Incomplete, result.LeftOut));
        var partial = Assert.Single(result.Partial);
        Assert.Equal(($"{name}-b", null, 1), (partial.Session, partial.Problem, partial.LeftOut.Count));
        Assert.Equal(2, Assert.Single(partial.LeftOut.Checkpoints).Sequence);
        Assert.Equal(partial.LeftOut.Checkpoints, leftOut.Checkpoints);
        Assert.Contains("SHA-256", leftOut.Checkpoints[0].Problem, StringComparison.Ordinal);
        Assert.Equal((0, 2), (nothing.Count, lines));
        Assert.Equal((3, 4, 1, 0), (whole.Sessions, whole.Checkpoints, whole.Incomplete, whole.LeftOut));
        Assert.Contains("SHA-256", Assert.Single(whole.Partial).Problem, StringComparison.Ordinal);
        all.Position = 0;
        var taken = await Client.Tenant("skipped").ImportAsync(all);
        Assert.Equal((3, 0), (taken.Imported, taken.Refused));
        one.Position = 0;
        Assert.Equal(1, (await Client.Session(Make.Id()).ImportAsync(one)).Imported);
    }

    [Theory]
    [InlineData(DocumentCompression.Gzip)]
    [InlineData(DocumentCompression.Zstd)]
    public async Task Client_CompressedSession_ComesInAgain(DocumentCompression compression)
    {
        var (source, target) = (Client.Session(Make.Id()), Client.Session(Make.Id()));
        await source.CheckpointAsync("state", "one");
        var document = new MemoryStream();

        await source.ExportAsync(document, compression);
        document.Position = 0;

        Assert.Equal(1, (await target.ImportAsync(document)).Imported);
        Assert.Equal("state", (await target.LatestAsync<string>())!.State);
    }

    private static byte[] State(int seed)
    {
        var state = new byte[StateBytes];
        new Random(seed).NextBytes(state);
        return state;
    }

    private WrappedSnapshot Count()
    {
        // Made here, so that it is at hand before the export begins; it takes the first snapshot that is opened.
        var counted = new WrappedSnapshot(null!, row => row);
        Store.OnSnapshot = snapshot =>
        {
            Store.OnSnapshot = null;
            counted.Inner = snapshot;
            return counted;
        };
        return counted;
    }

    public sealed class Fixture : ClusterFixture
    {
        internal override Task<ClusterSetup> PrepareAsync() =>
            Task.FromResult(new ClusterSetup(1, options => options.Database = ForgeDatabase.Memory)
            {
                Decorate = store => new ScriptedHistoryStore(store),
            });
    }
}
