using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    [Fact]
    public async Task Import_IntoAnUnusedSession_KeepsEverything()
    {
        var origin = await MakeOriginAsync();
        var document = await origin.ExportAllAsync();
        var copy = Forge.Session(Make.Id());

        var result = await copy.ImportAllAsync(document, 777);

        Assert.Equal(4, result.Imported);
        var (before, after) = (await origin.AllAsync(), await copy.AllAsync());
        Assert.Equivalent(before.Select(Unchained), after.Select(Unchained), strict: true);
        foreach (var summary in before)
        {
            var (left, right) = (await origin.GetAsync(summary.Id), await copy.GetAsync(summary.Id));
            Assert.Equal(left!.State.ToArray(), right!.State.ToArray());
            Assert.Equal(left.Annotations, right.Annotations);
        }

        var (one, two) = (await origin.GetInfoAsync(), await copy.GetInfoAsync());
        Assert.Equal(
            (one!.Count, one.Bytes, one.Head, one.Current, one.LastSequence, one.CreatedAt),
            (two!.Count, two.Bytes, two.Head, two.Current, two.LastSequence, two.CreatedAt));
        Assert.Equal("v", two.Settings.Labels["l"]);
        Assert.Equal(6, (await copy.CreateAsync("next")).Sequence);
    }

    [Fact]
    public async Task Import_ThenAnnotations_GoOnAfterTheImportedOnes()
    {
        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(await (await MakeOriginAsync()).ExportAllAsync());
        for (var i = 0; i < 12; i++)
        {
            await copy.AnnotateAsync(2, AnnotationSeverity.Info, $"{i}");
        }

        Assert.Equal(["note", .. Enumerable.Range(0, 12).Select(i => $"{i}")], (await copy.GetAsync(2))!.Annotations.Select(n => n.Text));
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("deep")]
    [InlineData(" {}")]
    [InlineData("not json")]
    public async Task Import_OfAnyStateThatWasExported_IsTaken(string state)
    {
        var bytes = Encoding.UTF8.GetBytes(state == "deep" ? new string('[', 64) + new string(']', 64) : state);
        var (origin, copy) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await origin.CreateAsync(Make.Checkpoint() with { State = bytes });
        await copy.ImportAllAsync(await origin.ExportAllAsync());
        Assert.Equal(bytes, (await copy.GetAsync(1))!.State.ToArray());
    }

    [Fact]
    public async Task Import_OfRowsFarApart_ComparesThemAll()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 0; i < 3; i++)
        {
            await session.CreateBatchAsync([.. Enumerable.Range(0, 1000).Select(n => Make.Checkpoint($"{i} {n}"))]);
        }

        var lines = Lines(await session.ExportAllAsync());
        string[] few = [lines[0].Replace("\"count\":3000", "\"count\":3", StringComparison.Ordinal), lines[1], lines[1500], lines[3000]];
        Assert.Equal((0, 3), await CountsAsync(session, Encoding.UTF8.GetBytes(string.Join('\n', few))));
    }

    /// <summary>A checkpoint has another place in another session's log.</summary>
    private static CheckpointSummary Unchained(CheckpointSummary summary) => summary with { Position = 0, Chain = null, KeptParent = null };

    [Fact]
    public async Task Import_Twice_SkipsWhatIsThereAndAddsWhatIsNew()
    {
        var origin = await MakeOriginAsync();
        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(await origin.ExportAllAsync());
        await origin.CreateAsync("more");
        var document = await origin.ExportAllAsync();

        Assert.Equal((1, 4), await CountsAsync(copy, document));
        Assert.Equal((0, 5), await CountsAsync(copy, document));
        Assert.Equivalent(
            (await origin.AllAsync()).Select(Unchained), (await copy.AllAsync()).Select(Unchained), strict: true);
    }

    [Fact]
    public async Task Import_WithADifferentRow_RefusesTheWhole()
    {
        var origin = await MakeOriginAsync();
        var document = await origin.ExportAllAsync();
        var other = Forge.Session(Make.Id());
        await other.CreateAsync("mine");
        var before = await other.ExportAllAsync();

        await Assert.ThrowsAsync<ImportRejectedException>(() => other.ImportAllAsync(document));

        Assert.Equal(Lines(before)[1..], Lines(await other.ExportAllAsync())[1..]);
        var gone = Forge.Session(Make.Id());
        await gone.ImportAllAsync(document);
        await gone.DeleteAsync(2);
        await Assert.ThrowsAsync<ImportRejectedException>(() => gone.ImportAllAsync(document));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("truncated")]
    [InlineData("shortened")]
    [InlineData("longer")]
    [InlineData("version")]
    [InlineData("future")]
    [InlineData("state")]
    [InlineData("twice")]
    [InlineData("unknown")]
    [InlineData("garbage")]
    [InlineData("deep")]
    public async Task Import_Broken_ChangesNothing(string defect)
    {
        var lines = Lines(await (await MakeOriginAsync()).ExportAllAsync());
        string[] broken = defect switch
        {
            "empty" => [],
            "truncated" => [.. lines[..^1], lines[^1][..^20]],
            "shortened" => lines[..^1],
            "longer" => [.. lines, lines[^1].Replace("\"sequence\":5", "\"sequence\":6", StringComparison.Ordinal)],
            "version" => [lines[0].Replace("\"version\":1", "\"version\":4", StringComparison.Ordinal), .. lines[1..]],
            "future" => [.. lines[..^1], System.Text.RegularExpressions.Regex.Replace(lines[^1], "\"createdAt\":\"20\\d\\d", "\"createdAt\":\"2999")],
            "state" => [.. lines[..^1], lines[^1].Replace("\"text\":", "\"texT\":", StringComparison.Ordinal)],
            "twice" => [.. lines[..^1], lines[^2]],
            "unknown" => [.. lines[..^1], lines[^1].Replace("{\"sequence\"", "{\"x\":1,\"sequence\"", StringComparison.Ordinal)],
            "garbage" => ["\0\u0001\u0002", .. lines],
            _ => [lines[0], new string('[', 10_000)],
        };
        Assert.NotEqual(lines, broken);
        var target = Forge.Session(Make.Id());

        await Assert.ThrowsAsync<ImportRejectedException>(
            () => target.ImportAllAsync(Encoding.UTF8.GetBytes(string.Join('\n', broken)), 4096));

        Assert.Null(await target.GetInfoAsync());
        Assert.Equal(1, (await target.CreateAsync()).Sequence);
    }

    [Fact]
    public async Task Import_NotCompleted_IsSeenByNobody()
    {
        var document = await (await MakeOriginAsync()).ExportAllAsync();
        var target = Forge.Session(Make.Id());
        var ticket = await target.BeginImportAsync();
        await target.AppendImportAsync(ticket, 0, document);

        Assert.Null(await target.GetInfoAsync());
        Assert.Empty(await target.AllAsync());
        await Assert.ThrowsAsync<ImportRejectedException>(() => target.AppendImportAsync(ticket, 5, document));
        await Assert.ThrowsAsync<ImportRejectedException>(() => target.CompleteImportAsync(ticket));
        Assert.Null(await target.GetInfoAsync());
    }

    [Fact]
    public async Task Import_TheSessionWasUsedMeanwhile_IsRefused()
    {
        var document = await (await MakeOriginAsync()).ExportAllAsync();
        var target = Forge.Session(Make.Id());
        var ticket = await target.BeginImportAsync();
        await target.AppendImportAsync(ticket, 0, document);
        await target.CreateAsync("mine");

        await Assert.ThrowsAsync<ImportRejectedException>(() => target.CompleteImportAsync(ticket));

        Assert.Equal("mine", Assert.Single(await target.AllAsync()).Message);
    }

    [Fact]
    public async Task Import_OfAnIdThatSomethingIsRememberedUnder_CanBeDeleted()
    {
        var (session, other) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await session.CreateAsync("1");
        var request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: true);
        var restored = await session.RunAsync(new RestoreCheckpoint(1) { Request = request }, default);
        await other.CreateAsync("1");
        await other.CreateAsync("2");
        var id = new CheckpointId(request.Id);
        await other.CreateAsync(Make.Checkpoint("3") with { Id = id });
        var lines = Lines(await other.ExportAllAsync());
        lines[0] = lines[0].Replace("\"count\":3", "\"count\":1", StringComparison.Ordinal);

        // By hand: the id of a request comes back as that of a checkpoint.
        Assert.Equal((1, 0), await CountsAsync(session, Encoding.UTF8.GetBytes(string.Join('\n', [lines[0], lines[^1]]))));

        Assert.True(await session.DeleteAsync(id));
        var again = await session.RunAsync(new RestoreCheckpoint(1) { Request = request with { FirstAttempt = false } }, default);
        Assert.Equal(restored.Anchor, again.Anchor);
    }

    [Fact]
    public async Task Export_Unknown_IsRefused() =>
        await Assert.ThrowsAsync<SessionNotFoundException>(() => Forge.Session(Make.Id()).ExportAllAsync());

    private async Task<ISessionGrain> MakeOriginAsync()
    {
        var session = Forge.Session(Make.Id());
        await session.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["l"] = "v" } });
        await session.CreateAsync("1", "a", "ü");
        await session.CreateAsync(Make.Checkpoint("2") with { State = new byte[] { 0, 10, 13, 255 }, ContentType = "image/png" });
        await session.CreateAsync("3");
        await session.CreateAsync(Make.Checkpoint("4") with { State = "{\n \"spaced\" : 1.0 }\n"u8.ToArray() });
        await session.DeleteAsync(3);
        await session.CreateAsync("5");
        await session.SetTagsAsync(1, ["b"]);
        await session.AnnotateAsync(2, AnnotationSeverity.Warning, "note");
        await session.RestoreAsync(2);
        return session;
    }

    private static async Task<(long, long)> CountsAsync(ISessionGrain session, byte[] document)
    {
        var result = await session.ImportAllAsync(document);
        return (result.Imported, result.Skipped);
    }

    private static string[] Lines(byte[] document) => Encoding.UTF8.GetString(document).TrimEnd('\n').Split('\n');
}
