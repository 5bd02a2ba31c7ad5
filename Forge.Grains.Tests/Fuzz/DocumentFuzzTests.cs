using System.Buffers;
using System.Text;
using Forge.Documents.Earlier;
using Forge.Documents.Imports;
using Forge.Documents.Sessions;
using Forge.Documents.Tenants;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Portability;
using Forge.Identity;
using Forge.Portability;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>
/// Documents changed at random, given to what reads them without a silo: each is taken or refused by a typed error, and what was taken
/// can be written and taken again.
/// </summary>
public sealed class DocumentFuzzTests
{
    private static readonly SessionRules Rules = new(new LimitsOptions());
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("fuzz"));
    private static readonly DateTimeOffset Now = HistoryRows.Start.AddYears(1);

    private static readonly JsonPart[] Session = Lines("session-v1.ndjson");
    private static readonly JsonPart[] Tenant = Lines("tenant-v1.ndjson");
    private static readonly JsonPart[] Earlier = [JsonPart.Parse(DocumentSamples.Golden("earlier-1.0.json"))];

    /// <summary>Of all cases these are the larger part: they cost least.</summary>
    private static int Cases => FuzzSettings.Cases / 5 * 4;

    [Fact]
    public async Task Read_AnyDocument_IsTakenOrRefusedByATypedError()
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {FuzzSettings.Seed}, {Cases} cases");
        int[] taken = [0, 0, 0];
        for (var number = 0; number < Cases; number++)
        {
            var random = FuzzSettings.Case(number);
            var kind = number % 3;
            var document = ByteChanges.Document(kind switch { 0 => Session, 1 => Tenant, _ => Earlier }, random);
            try
            {
                await (kind switch
                {
                    0 => ReadSessionAsync(document, random),
                    1 => ReadTenantAsync(document),
                    _ => ReadEarlierAsync(document, random),
                });
                taken[kind]++;
            }
            catch (ForgeException exception) when (exception is ImportRejectedException or OverLimitException)
            {
                // What is wrong has been said.
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {FuzzSettings.Seed}, case {number}: {exception}\n{Convert.ToBase64String(document)}");
            }
        }

        output.WriteLine($"taken: {taken[0]} of one session, {taken[1]} of many, {taken[2]} of the earlier tool");

        // Or the changes are too small or too great to tell anything.
        Assert.All(taken, each => Assert.InRange(each, Cases / 300, Cases / 4));
    }

    private static async Task ReadSessionAsync(byte[] document, Random random)
    {
        var rows = await TakeAsync(document, random);

        // What was taken is what an export can hold.
        var written = new ArrayBufferWriter<byte>();
        var writer = new SessionDocumentWriter(written);
        writer.Write(rows.Header);
        rows.Checkpoints.ForEach(writer.Write);
        var again = await TakeAsync(written.WrittenSpan.ToArray(), random);
        Assert.Equal(rows.Checkpoints.Count, again.Checkpoints.Count);
        Assert.All(rows.Checkpoints, (checkpoint, i) => Assert.Equal(checkpoint.State.ToArray(), again.Checkpoints[i].State.ToArray()));
    }

    /// <summary>As a session's grain takes it, but for the database.</summary>
    private static async Task<(DocumentHeader Header, List<DocumentCheckpoint> Checkpoints)> TakeAsync(byte[] bytes, Random random)
    {
        _ = DocumentFormats.Of(bytes);
        var import = new CheckedImport();
        var at = 0;
        while (at < bytes.Length)
        {
            var length = Math.Min(bytes.Length - at, random.Next(1, 2_000));
            await import.AppendAsync(bytes.AsMemory(at, length), default);
            at += length;
        }

        await import.CompleteAsync(default);
        return (import.Header, import.Taken);
    }

    private static async Task ReadTenantAsync(byte[] document)
    {
        var result = await new TenantImport(_ => new CheckedImport()).RunAsync(new MemoryStream(document), default);
        if (result.Problem is { } problem)
        {
            throw new ImportRejectedException(problem.Line, problem.Problem);
        }
    }

    private static async Task ReadEarlierAsync(byte[] document, Random random)
    {
        using var earlier = new EarlierDocument(Rules.ToEarlier());
        for (var at = 0; at < document.Length;)
        {
            var length = Math.Min(document.Length - at, random.Next(1, 5_000));
            await earlier.ReadAsync(document.AsMemory(at, length), default);
            at += length;
        }

        await earlier.EndAsync(default);
        var written = new ArrayBufferWriter<byte>();
        await foreach (var _ in earlier.WriteAsync(Address, Now, written, default))
        {
            // All of it is written.
        }

        await TakeAsync(written.WrittenSpan.ToArray(), random);
    }

    private static JsonPart[] Lines(string golden) => [.. DocumentSamples.Lines(DocumentSamples.Golden(golden)).Select(JsonPart.Parse)];

    /// <summary>An import that checks what it is given as a grain does, and keeps it.</summary>
    private sealed class CheckedImport : ISessionImport
    {
        private readonly NdjsonDocument _document = new(Rules.ToDocument(Now), TakeHeader);

        public List<DocumentCheckpoint> Taken { get; } = [];

        public DocumentHeader Header => _document.Header! with { Address = Address };

        public Task<ImportTicket> BeginAsync(CancellationToken cancellationToken) => Task.FromResult(new ImportTicket(Guid.Empty, Now));

        public Task AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) => _document.ReadAsync(piece, AddAsync);

        public async Task<ImportResult> CompleteAsync(CancellationToken cancellationToken)
        {
            await _document.EndAsync(AddAsync);
            return new ImportResult(Taken.Count, 0);
        }

        public Task AbandonAsync() => Task.CompletedTask;

        private static void TakeHeader(DocumentHeader header) => DocumentRows.SettingsOf(header);

        private Task AddAsync(DocumentCheckpoint checkpoint)
        {
            _document.Checked(() => DocumentRows.RowOf(checkpoint, Address));
            Taken.Add(checkpoint);
            return Task.CompletedTask;
        }
    }
}
