using Forge.Checkpoints;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Forge.Grains.Tests.History.Statements;

/// <summary>
/// The texts of the statements that nearly every request runs. They are put together from the declared tables, and are the
/// very texts that were measured: whoever means to change one measures it again and writes the new text down beside these.
/// </summary>
public sealed class HotStatementTests
{
    private static readonly SessionAddress Address = HistoryRows.Address("s");

    public static TheoryData<string> PostgreSqlNames => [.. PostgreSqlTexts.Keys];

    private static Dictionary<string, Func<string>> PostgreSqlTexts { get; } = new()
    {
        ["head-fence-waiting"] = () => HeadFence.Command(Batch(Commit(2)), skipLocked: false).CommandText,
        ["head-fence-skipping"] = () => HeadFence.Command(Batch(Commit(2)), skipLocked: true).CommandText,
        ["lone-create"] = () => LoneCreates.Command(Commit(2), Guid.Empty).CommandText,
        ["plain-creates"] = () => PlainCreates.Command(null, Batch(Commit(2))).CommandText,
        ["lone-create-traced"] = () => LoneCreates.Command(Traced(2), Guid.Empty).CommandText,
        ["plain-creates-traced"] = () => PlainCreates.Command(null, Batch(Traced(2))).CommandText,
        ["head"] = () => HeadColumns.One.Text,
        ["versions"] = () => HistoryReads.Versions.Text,
        ["attempts"] = () => HistoryReads.Attempts.Text,
        ["checkpoint-latest"] = () => Read(CheckpointReference.Latest, CheckpointParts.Summary),
        ["checkpoint-latest-state"] = () => Read(CheckpointReference.Latest, CheckpointParts.State),
        ["checkpoint-current"] = () => Read(CheckpointReference.Current, CheckpointParts.Summary),
        ["checkpoint-by-sequence"] = () => Read(CheckpointReference.BySequence(1), CheckpointParts.Summary),
        ["checkpoint-by-sequence-state"] = () => Read(CheckpointReference.BySequence(1), CheckpointParts.State),
        ["checkpoint-by-sequence-state-any-path"] = () => Read(CheckpointReference.BySequence(1), CheckpointParts.State, anyPath: true),
        ["checkpoint-by-id"] = () => Read(CheckpointReference.ById(new CheckpointId(Guid.NewGuid())), CheckpointParts.Summary),
        ["checkpoint-by-id-all"] = () => Read(CheckpointReference.ById(new CheckpointId(Guid.NewGuid())), CheckpointParts.All),
    };

    [Theory]
    [MemberData(nameof(PostgreSqlNames))]
    public void PostgreSql_HotStatement_HasTheMeasuredText(string name) =>
        Assert.Equal(Golden($"postgresql-{name}"), PostgreSqlTexts[name]() + "\n");

    [Fact]
    public void Sqlite_HotPath_PreparesTheMeasuredTexts()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, SqliteHistoryStore.FileName);
        using var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadWriteCreate, TimeSpan.FromSeconds(1));
        database.Handle.enable_sqlite3_next_stmt(true);
        SqliteSchema.Upgrade(database, path);
        var before = Prepared(database);

        SqliteCommits.Write(database, Batch(Commit(1, "tag")), HistoryRows.Start);
        SqliteCommits.Write(database, Batch(Commit(2)), HistoryRows.Start);
        Assert.Equal(2, SqliteRows.Head(database, Address)!.Head.Version);
        var session = SqliteRows.Session(database, Address);
        var id = SqliteHistoryStore.Find(database, session, CheckpointReference.Latest, CheckpointParts.State)!.Row.Id;
        foreach (var parts in new[] { CheckpointParts.Summary, CheckpointParts.All })
        {
            Assert.NotNull(SqliteHistoryStore.Find(database, session, CheckpointReference.BySequence(1), parts));
            Assert.NotNull(SqliteHistoryStore.Find(database, session, CheckpointReference.ById(id), parts));
        }

        Assert.Equal(2, SqliteRows.Versions(database, [1])[1]);
        Assert.Single(SqliteHistoryStore.FindAttempts(database, session, [id.Value, Guid.NewGuid()]).Rows);

        var texts = Prepared(database).Except(before).Order(StringComparer.Ordinal);
        Assert.Equal(Golden("sqlite-hot-path"), string.Join(";\n", texts) + "\n");
    }

    private static string Golden(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "History", "Statements", "Golden", $"{name}.sql");
        return File.ReadAllText(path);
    }

    private static string Read(CheckpointReference checkpoint, CheckpointParts parts, bool anyPath = false) =>
        HistoryReads.CheckpointCommand(null, Address, checkpoint, parts, anyPath).CommandText;

    /// <summary>The commit of one checkpoint, which makes a version of the session.</summary>
    private static SessionCommit Commit(long version, params string[] tags) => new()
    {
        Address = Address,
        ExpectedVersion = version - 1,
        Head = new()
        {
            Key = 1,
            Version = version,
            CreatedAt = HistoryRows.Start,
            LastSequence = version,
            LastPosition = version,
            Head = version,
            Current = version,
        },
        Changes = [new Created(HistoryRows.Checkpoint(version, tags))],
    };

    private static SessionCommit Traced(long version) =>
        Commit(version) with { Changes = [new Created(HistoryRows.Checkpoint(version) with { Trace = [1] })] };

    private static CommitBatch Batch(params SessionCommit[] commits) => new(Guid.NewGuid(), commits);

    private static HashSet<string> Prepared(SqliteDatabase database)
    {
        var texts = new HashSet<string>();
        for (var statement = raw.sqlite3_next_stmt(database.Handle, null); statement is not null;
            statement = raw.sqlite3_next_stmt(database.Handle, statement))
        {
            texts.Add(raw.sqlite3_sql(statement).utf8_to_string());
        }

        return texts;
    }
}
