using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Encryption;

/// <summary>What is encrypted of a history, looked at behind the store's back. Each test gets a database of its own.</summary>
public abstract partial class SealedHistory : IAsyncLifetime
{
    private const string Secret = "Sesam-öffne-dich";

    private static readonly string All = string.Join(' ', Enumerable.Range(100, 250));

    private IHistoryStore? _store;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected IHistoryStore Store => _store!;

    /// <summary>A started store on the database of the test.</summary>
    private protected abstract Task<IHistoryStore> OpenAsync(SealSettings sealing);

    /// <summary>A connection to the database, past the store.</summary>
    private protected abstract Task<DbConnection> ConnectAsync();

    /// <summary>The names of the tables.</summary>
    private protected abstract string Tables { get; }

    /// <summary>The bytes of the files that the database is in.</summary>
    private protected abstract Task<IReadOnlyList<byte[]>> FilesAsync();

    public async ValueTask InitializeAsync() => _store = await OpenAsync(TestKeys.On("a"));

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Commit_WithTextsAndStates_LeavesNothingPlainInTheDatabase()
    {
        var session = await MakeAsync();

        await using (var connection = await ConnectAsync())
        {
            var found = new List<string>();
            foreach (var table in (await QueryAsync(connection, Tables)).Select(row => row[0]!.ToString()!))
            {
                foreach (var row in await QueryAsync(connection, $"SELECT * FROM {table}"))
                {
                    found.AddRange(row.Where(HasSecret).Select(_ => table));
                }
            }

            Assert.Empty(found);
        }

        Assert.DoesNotContain(await FilesAsync(), HasSecret);
        await AssertReadsAsync(session);
    }

    [Fact]
    public async Task Read_EachWay_AnswersWhatWasSaved()
    {
        var session = await MakeAsync();

        await AssertReadsAsync(session);

        var listed = (await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 9 }, Cancel)).Value;
        Assert.All(listed, row => Assert.Contains(Secret, row.Message, StringComparison.Ordinal));
        var found = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, new CheckpointFilter { Tag = "tag", Limit = 9 }, Cancel);
        Assert.Contains(Secret, Assert.Single(found.Rows).Row.Message, StringComparison.Ordinal);
        var log = (await Store.Log.ReadAsync(session.Address, 0, 9, long.MaxValue, Cancel))!.Entries;
        Assert.All(log.OfType<CreatedEntry>(), entry => Assert.Contains(Secret, entry.Text!.Message, StringComparison.Ordinal));
        Assert.Contains(Secret, Assert.Single(log.OfType<AnnotatedEntry>()).Text, StringComparison.Ordinal);
        var attempts = (await Store.Reads.ReadAttemptsAsync(session.Address, [RequestId, listed[0].Id.Value], Cancel)).Value;
        Assert.Contains(Secret, Assert.Single(attempts.Remembered).Outcome, StringComparison.Ordinal);
        Assert.Equal(CreateDigests.Of(listed[0]), Assert.Single(attempts.Creates(session.Address)).Digests);
        await using var snapshot = (await Store.Reads.OpenSnapshotAsync(session.Address, Cancel))!;
        await foreach (var (row, notes) in snapshot.ReadAsync(Cancel))
        {
            Assert.Equal(StateOf(row.Sequence), row.Stored.ToArray());
            Assert.Equal(row.Sequence == 2 ? 1 : 0, notes.Count(note => note.Text.Contains(Secret, StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("message")]
    [InlineData("stored")]
    public async Task Read_ValuesOfTwoRowsExchanged_IsRefusedAndLeavesOthersReadable(string column)
    {
        // Each state by itself, so that the third one stands on none of the two.
        var session = Session("s");
        await session.CreateAsync(Row(1), Row(2), Row(3));
        await using (var connection = await ConnectAsync())
        {
            await ExecuteAsync(connection, $"""
                UPDATE checkpoints SET {column} = (SELECT o.{column} FROM checkpoints o
                    WHERE o.session_key = checkpoints.session_key AND o.sequence = 3 - checkpoints.sequence) WHERE sequence IN (1, 2)
                """);
        }

        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => StateAsync(session.Address, 1));
        Assert.Equal((session.Address, 1L), (error.Session, error.Sequence));
        Assert.Equal(StateOf(3), (await StateAsync(session.Address, 3)).ToArray());
    }

    [Theory]
    [InlineData("annotations", "text", 2)]
    [InlineData("pending_writes", "value", 3)]
    public async Task Read_ValueThatWasChanged_IsRefused(string table, string column, long sequence)
    {
        var session = await MakeAsync();
        await using (var connection = await ConnectAsync())
        {
            // Of another session it is a sealed value as good as any.
            var other = Session("other");
            await MakeAsync(other);
            await ExecuteAsync(connection, $"""
                UPDATE {table} SET {column} = (SELECT o.{column} FROM {table} o WHERE o.session_key = {other.Key}) WHERE session_key = {session.Key}
                """);
        }

        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => table == "annotations"
            ? Store.Reads.ReadCheckpointAsync(session.Address, sequence, CheckpointParts.Annotations, Cancel)
            : Store.Writes.ListAsync(session.Address, sequence, null, 9, 100, Cancel));
        Assert.Equal(sequence, error.Sequence);
    }

    [Fact]
    public async Task Read_ValuesOfAnotherSessionOrTenant_IsRefused()
    {
        var (one, other) = (Session("one"), Session("two", "other"));
        foreach (var session in new[] { one, other, Session("three") })
        {
            // The very same rows, so that nothing but the session differs.
            await session.CreateAsync(Row(1) with { Id = new CheckpointId(Guid.Parse("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000")) });
        }

        await using (var connection = await ConnectAsync())
        {
            await ExecuteAsync(connection, $"""
                UPDATE checkpoints SET message = (SELECT o.message FROM checkpoints o WHERE o.session_key = {other.Key}) WHERE session_key = {one.Key}
                """);
        }

        await Assert.ThrowsAsync<StateCorruptedException>(() => StateAsync(one.Address, 1));
        Assert.Equal(StateOf(1), (await StateAsync(other.Address, 1)).ToArray());
    }

    [Fact]
    public async Task Mend_OfARowThatWasWrittenPlain_LeavesItsMessageReadable()
    {
        await ReopenAsync(TestKeys.Off("a"));
        var (session, row) = (Session("s"), Row(1));
        await session.CreateAsync(row);
        var head = session.Head!;
        await ReopenAsync(TestKeys.On("a"));

        await Store.Commits.CommitAsync(SessionScript.Batch(new SessionCommit
        {
            Address = session.Address,
            ExpectedVersion = head.Version,
            Head = head with { Version = head.Version + 1 },
            Changes = [new Mended(new EncodedState(row))],
        }), Cancel);

        Assert.Equal(StateOf(1), (await StateAsync(session.Address, 1)).ToArray());
        Assert.Equal(row.Message, (await Store.Reads.ReadCheckpointAsync(session.Address, 1, CheckpointParts.Summary, Cancel)).Value!.Row.Message);
        await ReopenAsync(TestKeys.Off());
        await Assert.ThrowsAsync<KeyMissingException>(() => StateAsync(session.Address, 1));
        Assert.Equal(row.Message, (await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 1 }, Cancel)).Value[0].Message);
    }

    private static Guid RequestId { get; } = Guid.Parse("0192aaaa-bbbb-7ccc-8ddd-eeeeffff1111");

    private protected SessionScript Session(string session, string tenant = "default") => new(Store, HistoryRows.Address(session, tenant));

    /// <summary>A session with three checkpoints, each on the one before, a note, a pending write and an answer that is remembered.</summary>
    private protected async Task<SessionScript> MakeAsync(string tenant = "default")
    {
        var session = Session("s", tenant);
        await MakeAsync(session);
        return session;
    }

    private async Task MakeAsync(SessionScript session)
    {
        var made = await SaveAsync(new KnownStates.Owner(), session, Row(1), Row(2) with { Tags = ["tag"] }, Row(3));
        Assert.Equal([null, 1, 2], made.Select(row => row.Base));
        var write = RowSeal.Sealed(session.Address, new StoredWrite
        {
            Sequence = 3,
            Task = "task",
            Index = 0,
            Name = "name",
            ContentType = "text/plain",
            At = HistoryRows.Start,
            Size = Encoding.UTF8.GetByteCount(Secret),
            Checksum = SHA256.HashData(Encoding.UTF8.GetBytes(Secret)),
            Value = Encoding.UTF8.GetBytes(Secret),
        });
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { LastPosition = 4, WriteCount = 1, WriteBytes = write.Size },
            Changes =
            [
                new Annotated(new NewAnnotation(2, 4, HistoryRows.Start, AnnotationSeverity.Warning, $"note: {Secret}")),
                new Logged(new SessionEvent(4, SessionEventKind.Annotated, HistoryRows.Start, 2, 2, """{"severity":1}""")),
                new Wrote(write),
                new Remembered(new RememberedRequest(RequestId, HistoryRows.Start, "annotate", $"0123{Secret}")),
            ],
        });
    }

    private protected async Task AssertReadsAsync(SessionScript session)
    {
        for (var sequence = 1L; sequence <= 3; sequence++)
        {
            var read = (await Store.Reads.ReadCheckpointAsync(session.Address, sequence, CheckpointParts.All, Cancel)).Value!;
            Assert.Equal(StateOf(sequence), CheckpointReader.ToState(session.Address, read.State).ToArray());
            Assert.Contains(Secret, read.Row.Message, StringComparison.Ordinal);
            Assert.Equal(
                sequence == 2 ? [new Annotation(4, HistoryRows.Start, AnnotationSeverity.Warning, $"note: {Secret}")] : Array.Empty<Annotation>(),
                read.Annotations);
        }

        var writes = (await Store.Writes.ListAsync(session.Address, 3, null, 9, 100, Cancel)).Value!.Rows;
        Assert.Equal(Secret, Encoding.UTF8.GetString(Assert.Single(writes).Value.Span));
    }

    private protected async Task<ReadOnlyMemory<byte>> StateAsync(SessionAddress address, long sequence) => CheckpointReader.ToState(
        address, (await Store.Reads.ReadCheckpointAsync(address, sequence, CheckpointParts.State, Cancel)).Value!.State);

    private protected async Task ReopenAsync(SealSettings sealing)
    {
        await Store.DisposeAsync();
        _store = await OpenAsync(sealing);
    }

    private protected static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(Cancel));
    }

    private protected static StoredCheckpoint Row(long sequence) =>
        HistoryRows.Checkpoint(sequence).WithState(StateOf(sequence)) with { Message = $"{sequence}: {Secret}" };

    /// <summary>A state of which nearly all is in the next one too, so that it is stored as a difference.</summary>
    private static byte[] StateOf(long sequence) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"step":{{sequence}},"said":"{{Secret}}","all":"{{All}}"}"""));

    private static async Task<List<object?[]>> QueryAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(Cancel))
        {
            var row = new object?[reader.FieldCount];
            reader.GetValues(row!);
            rows.Add(row);
        }

        return rows;
    }

    private static bool HasSecret(object? value) => value switch
    {
        string text => text.Contains(Secret, StringComparison.Ordinal),
        byte[] bytes => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0,
        string[] texts => texts.Any(HasSecret),
        _ => false,
    };
}
