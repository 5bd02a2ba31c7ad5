using System.Text;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Tests.Portability;
using Forge.Identity;
using Forge.Portability;
using Forge.Sessions;
using Forge.Silo.Http;
using Forge.Silo.Portability;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Client;

public class PortabilityTests
{
    private static readonly ImportTicket Ticket = new(Guid.Parse("0198b1f2-0000-7000-8000-000000000001"), DateTimeOffset.UnixEpoch);
    private static readonly byte[] Document = "{\"forge\":\"session\"}"u8.ToArray();

    private readonly FakeCluster _cluster = new FakeCluster()
        .On(nameof(ISessionGrain.BeginImportAsync), _ => Ticket)
        .OnRaw(nameof(ISessionGrain.AppendImportAsync), _ => Task.CompletedTask)
        .On(nameof(ISessionGrain.CompleteImportAsync), _ => new ImportResult(3, 0))
        .OnRaw(nameof(ISessionGrain.AbandonImportAsync), _ => Task.CompletedTask);

    [Fact]
    public async Task ExportAsync_CutAnywhere_GivesWholeLines()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var lines = Enumerable.Range(0, random.Next(6)).Select(_ => new string('x', random.Next(40))).ToArray();
            var document = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
            _cluster.OnRaw(nameof(ISessionGrain.ExportAsync), _ => Cut(document, random).ToAsyncEnumerable());

            var read = await _cluster.Session().ExportAsync().Select(l => Encoding.UTF8.GetString(l.Span)).ToListAsync();

            Assert.True(lines.SequenceEqual(read), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public async Task ExportAsync_NoLineFeedAtTheEnd_GivesTheLastLineToo()
    {
        _cluster.OnRaw(nameof(ISessionGrain.ExportAsync), _ => new[] { "a\nb"u8.ToArray(), "c"u8.ToArray() }.ToAsyncEnumerable());

        var read = await _cluster.Session().ExportAsync().Select(l => Encoding.UTF8.GetString(l.Span)).ToListAsync();

        Assert.Equal(["a", "bc"], read);
    }

    [Fact]
    public async Task ExportAsync_ToAStream_WritesTheVeryBytes()
    {
        _cluster.OnRaw(nameof(ISessionGrain.ExportAsync), _ => new[] { "a\r\nb"u8.ToArray(), "\n\n"u8.ToArray() }.ToAsyncEnumerable());
        using var stream = new MemoryStream();

        await _cluster.Session().ExportAsync(stream);

        Assert.Equal("a\r\nb\n\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task ExportAsync_FailsBeforeItsFirstPiece_BeginsAgain()
    {
        var begun = 0;
        _cluster.OnRaw(nameof(ISessionGrain.ExportAsync), _ => Broken(++begun == 1 ? 0 : 2, new EnumerationAbortedException()));

        var pieces = new List<string>();
        var error = await Record.ExceptionAsync(() => _cluster.Time.DriveAsync(CollectAsync(pieces)));

        Assert.Equal(2, begun);
        Assert.Equal(["0", "1"], pieces);
        Assert.IsType<EnumerationAbortedException>(Assert.IsType<UnavailableException>(error).InnerException);
    }

    [Fact]
    public async Task ExportAsync_DamagedState_ComesThroughAsItIs()
    {
        var expected = ClientSamples.Definite("corrupted");
        _cluster.OnRaw(nameof(ISessionGrain.ExportAsync), _ => Broken(1, expected));

        Assert.Same(expected, await Record.ExceptionAsync(() => CollectAsync([])));
        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task ImportAsync_LargeDocument_IsSentInNumberedPieces()
    {
        var document = new byte[(2 * SessionDocument.PieceBytes) + 5];
        new Random(1).NextBytes(document);
        Document.CopyTo(document, 0);

        var result = await _cluster.Session().ImportAsync(new MemoryStream(document));

        Assert.Equal(new ImportResult(3, 0), result);
        var pieces = _cluster.Calls.Where(c => c.Method == nameof(ISessionGrain.AppendImportAsync)).ToList();
        Assert.Equal([0, 1, 2], pieces.Select(p => p.Argument<int>()));
        Assert.All(pieces, p => Assert.Equal(Ticket, p.Argument<ImportTicket>()));
        Assert.Equal(document, pieces.SelectMany(p => p.Argument<ReadOnlyMemory<byte>>().ToArray()));
        Assert.Equal(nameof(ISessionGrain.CompleteImportAsync), _cluster.Calls[^1].Method);
    }

    [Fact]
    public async Task ImportAsync_BrokenDocument_AbandonsAndRaisesItsError()
    {
        var expected = new ImportRejectedException(2, "is no JSON");
        _cluster.Fail(null, expected, new TimeoutException("abandon fails too"));

        var actual = await Record.ExceptionAsync(() => _cluster.Session().ImportAsync(new MemoryStream(Document)));

        Assert.Same(expected, actual);
        Assert.Equal(["Begin", "Append", "Abandon"], Steps());
    }

    public static TheoryData<Exception> FailuresAtTheEnd { get; } =
        [new SiloUnavailableException("gone"), new InvalidOperationException("a fault"), new TimeoutException("no answer")];

    [Theory]
    [MemberData(nameof(FailuresAtTheEnd))]
    public async Task ImportAsync_EndFailsWhateverByWhat_IsAbandoned(Exception failure)
    {
        _cluster.Fail(null, null, failure);

        await Assert.ThrowsAnyAsync<Exception>(() => _cluster.Session().ImportAsync(new OneWay(Document)));

        Assert.Equal(["Begin", "Append", "Complete", "Abandon"], Steps());
    }

    [Theory]
    [MemberData(nameof(FailuresAtTheEnd))]
    public async Task GrainImport_EndFailsWhateverByWhat_IsAbandoned(Exception failure)
    {
        var import = new GrainImport(
            new SessionAddress(TenantId.Default, SessionId.Parse("s")), new SessionCalls(_cluster.Grains), _cluster.Time,
            NullLogger<GrainImport>.Instance);
        await import.BeginAsync(TestContext.Current.CancellationToken);
        _cluster.Fail(failure);

        Assert.Same(failure, await Record.ExceptionAsync(() => import.CompleteAsync(TestContext.Current.CancellationToken)));

        Assert.Equal(["Begin", "Complete", "Abandon"], Steps());
    }

    [Fact]
    public async Task GrainImport_CallerGoesAwayWhileTheSiloIsBusy_IsAbandoned()
    {
        using var gone = new CancellationTokenSource();
        var import = new GrainImport(
            new SessionAddress(TenantId.Default, SessionId.Parse("s")), new SessionCalls(_cluster.Grains), _cluster.Time,
            NullLogger<GrainImport>.Instance);
        await import.BeginAsync(gone.Token);
        _cluster.Fail(ClientSamples.Unchanged("busy"));
        var completing = import.CompleteAsync(gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        Assert.Equal(["Begin", "Complete", "Abandon"], Steps());
    }

    [Fact]
    public async Task ImportAsync_SiloGoesAwayMeanwhile_BeginsAgainFromWhereTheStreamWas()
    {
        _cluster.Fail(null, new SiloUnavailableException("gone"));
        var stream = new MemoryStream([9, .. Document]) { Position = 1 };

        await _cluster.Time.DriveAsync(_cluster.Session().ImportAsync(stream));

        Assert.Equal(["Begin", "Append", "Abandon", "Begin", "Append", "Complete"], Steps());
        Assert.Equal(Document, _cluster.Calls[4].Argument<ReadOnlyMemory<byte>>().ToArray());
    }

    [Fact]
    public async Task ImportAsync_SiloLostWhileItBegins_AbandonsWhatTheAttemptLeftAloneHasBegun()
    {
        var left = new ImportTicket(Guid.Parse("0198b1f2-0000-7000-8000-000000000002"), DateTimeOffset.UnixEpoch);
        var called = new TaskCompletionSource();
        var late = new TaskCompletionSource<ImportTicket>();
        var abandoned = new TaskCompletionSource<ImportTicket>();
        _cluster
            .OnRaw(nameof(ISessionGrain.BeginImportAsync), _ => called.TrySetResult() ? late.Task : Task.FromResult(Ticket))
            .OnRaw(nameof(ISessionGrain.AbandonImportAsync), a =>
            {
                abandoned.SetResult((ImportTicket)a[0]!);
                return Task.CompletedTask;
            });

        var import = _cluster.Session().ImportAsync(new MemoryStream(Document));
        await called.Task;
        _cluster.Losses.Report();
        await _cluster.Time.DriveAsync(import);
        late.SetResult(left);

        Assert.Equal(left, await abandoned.Task.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["Begin", "Begin", "Append", "Complete", "Abandon"], Steps());
        Assert.All(_cluster.Calls.Take(2), call => Assert.False(call.Argument<CancellationToken>().CanBeCanceled));
    }

    [Fact]
    public async Task ImportAsync_StreamThatCannotGoBack_IsNotBegunAgain()
    {
        _cluster.Fail(null, new SiloUnavailableException("gone"));

        await Assert.ThrowsAsync<UnavailableException>(() => _cluster.Session().ImportAsync(new OneWay(Document)));

        Assert.Equal(["Begin", "Append", "Abandon"], Steps());
    }

    [Fact]
    public async Task ImportAsync_BusySilo_SendsTheSamePieceAgain()
    {
        _cluster.Fail(ClientSamples.Unchanged("busy"), null, ClientSamples.Unchanged("busy"));

        await _cluster.Time.DriveAsync(_cluster.Session().ImportAsync(new OneWay(Document)));

        Assert.Equal(["Begin", "Begin", "Append", "Append", "Complete"], Steps());
        Assert.Equal(0, _cluster.Calls[3].Argument<int>());
        Assert.Equal(Document, _cluster.Calls[3].Argument<ReadOnlyMemory<byte>>().ToArray());
    }

    [Fact]
    public async Task ImportAsync_LastStepInDoubt_IsNotMadeAgain()
    {
        _cluster.Fail(null, null, new TimeoutException());

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => _cluster.Session().ImportAsync(new MemoryStream(Document)));

        Assert.Equal(["Begin", "Append", "Complete", "Abandon"], Steps());
    }

    [Fact]
    public async Task ImportAsync_EarlierDocument_IsSentInTheFormatThatSessionsKnow()
    {
        var result = await _cluster.Session().ImportAsync(new MemoryStream(DocumentSamples.Bytes(DocumentSamples.Golden("earlier-1.0.json"))));

        Assert.Equal(4, result.Earlier!.Renumbered);
        Assert.Equal(["Begin", "Append", "Complete"], Steps());
        var lines = DocumentSamples.Lines(Encoding.UTF8.GetString(_cluster.Calls[1].Argument<ReadOnlyMemory<byte>>().Span));
        Assert.StartsWith("{\"forge\":\"session\",\"version\":1,", lines[0], StringComparison.Ordinal);
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public async Task ImportAsync_EarlierDocumentRefusedAtALine_NamesTheCheckpointOfTheDocument()
    {
        _cluster.Fail(null, new ImportRejectedException(3, "message is bad"));

        var error = await Assert.ThrowsAsync<ImportRejectedException>(() => _cluster.Session().ImportAsync(
            new MemoryStream("""
                {"version":"1.0","session_id":"s","checkpoints":[
                {"sequence_number":2,"timestamp":"2025-01-01T00:00:03Z","state":{}},
                {"sequence_number":0,"timestamp":"2025-01-01T00:00:01Z","state":{}},
                {"sequence_number":1,"timestamp":"2025-01-01T00:00:02Z","state":{}}]}
                """u8.ToArray())));

        Assert.Equal((0, "checkpoint 2 of it: message is bad"), (error.Line, error.Problem));
        Assert.Equal(["Begin", "Append", "Abandon"], Steps());
    }

    private async Task<bool> CollectAsync(List<string> pieces)
    {
        await foreach (var line in _cluster.Session().ExportAsync())
        {
            pieces.Add(Encoding.UTF8.GetString(line.Span));
        }

        return true;
    }

    private IEnumerable<string> Steps() => _cluster.Calls.Select(c => c.Method.Replace("ImportAsync", ""));

    private static async IAsyncEnumerable<byte[]> Broken(int pieces, Exception failure)
    {
        for (var piece = 0; piece < pieces; piece++)
        {
            await Task.Yield();
            yield return Encoding.UTF8.GetBytes($"{piece}\n");
        }

        throw failure;
    }

    private static List<byte[]> Cut(byte[] document, Random random)
    {
        var pieces = new List<byte[]>();
        for (var at = 0; at < document.Length;)
        {
            var length = Math.Min(random.Next(0, 25), document.Length - at);
            pieces.Add(document[at..(at + length)]);
            at += length;
        }

        return pieces;
    }

    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
