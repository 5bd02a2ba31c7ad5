using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;

namespace Forge.History.Sqlite;

/// <summary>Writes checkpoints with what hangs on them, inside a transaction of the caller's.</summary>
internal static class SqliteCheckpoints
{
    private static readonly SqliteInsert<StoredCheckpoint> Add = new(HistoryTables.Checkpoints);

    private static readonly SqliteInsert<StoredCheckpoint> AddTraced = new(HistoryTables.TracedCheckpoints);

    // Of what the checkpoint's own row says: the tags that it has now, with the tenant and time that they are searched by.
    private static readonly SqlStatement AddTags = Dialect.Instance.Statement($"""
        INSERT INTO checkpoint_tags (session_key, tag, sequence, tenant, created_at)
        SELECT c.session_key, each.value, c.sequence, s.tenant, c.created_at
        FROM checkpoints c JOIN sessions s ON s.session_key = c.session_key, {Dialect.Instance.Each("c.tags")}
        WHERE c.session_key = @key AND c.sequence = @sequence
        ON CONFLICT DO NOTHING
        """);

    private static readonly SqliteInsert<Requirement> AddRequirement = new(HistoryTables.Requirements);

    private static readonly SqliteInsert<NewAnnotation> AddAnnotation = new(HistoryTables.Annotations);

    private static readonly SqlStatement FindTags =
        Dialect.Instance.Statement("SELECT tags FROM checkpoints WHERE session_key = @key AND sequence = @sequence");

    private static readonly SqlStatement RemoveTag =
        Dialect.Instance.Statement("DELETE FROM checkpoint_tags WHERE session_key = @key AND tag = @tag AND sequence = @sequence");

    private static readonly SqlStatement RemoveAnnotations =
        Dialect.Instance.Statement("DELETE FROM annotations WHERE session_key = @key AND sequence = @sequence");


    /// <summary>Adds a checkpoint with its tags and what it requires. Whoever adds the last one calls <see cref="Release"/>.</summary>
    public static void Insert(SqliteDatabase database, long key, StoredCheckpoint checkpoint)
    {
        if (checkpoint.Trace is null)
        {
            Add.Execute(database, key, checkpoint);
        }
        else
        {
            AddTraced.Execute(database, key, checkpoint);
            AddTraced.Release(database);
        }

        if (checkpoint.Tags.Count > 0)
        {
            InsertTags(database, key, checkpoint.Sequence);
        }

        if (checkpoint.Requires is not null)
        {
            foreach (var requirement in Requirement.Of(checkpoint))
            {
                AddRequirement.Execute(database, key, requirement);
            }
        }
    }

    /// <summary>Lets go of the state that was added last.</summary>
    public static void Release(SqliteDatabase database) => Add.Release(database);

    /// <summary>Adds the rows of the tags that a checkpoint has.</summary>
    public static void InsertTags(SqliteDatabase database, long key, long sequence) =>
        database.Prepare(AddTags.Text).Bind(key).Bind(sequence).Execute();

    public static void Annotate(SqliteDatabase database, long key, NewAnnotation note) =>
        AddAnnotation.Execute(database, key, note);

    /// <summary>
    /// Removes the tag rows of a checkpoint by the tags that its own row names, since the tag rows are found by tag first.
    /// </summary>
    public static void DeleteTags(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindTags.Text).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return;
        }

        var tags = new RowReader(row).Texts();
        row.Reset();
        foreach (var tag in tags)
        {
            database.Prepare(RemoveTag.Text).Bind(key).Bind(tag).Bind(sequence).Execute();
        }
    }

    /// <summary>Removes the tags and annotations of a checkpoint that is not to be seen any more.</summary>
    public static void Hide(SqliteDatabase database, long key, long sequence)
    {
        DeleteTags(database, key, sequence);
        database.Prepare(RemoveAnnotations.Text).Bind(key).Bind(sequence).Execute();
    }
}
