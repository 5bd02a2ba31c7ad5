using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Sqlite;

/// <summary>Writes checkpoints with what hangs on them, inside a transaction of the caller's.</summary>
internal static class SqliteCheckpoints
{
    private const string Add =
        "INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, tags, first_tags, " +
        "trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, stored) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

    private const string AddTag =
        "INSERT INTO checkpoint_tags (session_key, tag, sequence) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

    private const string AddAnnotation =
        "INSERT INTO annotations (session_key, sequence, position, at, severity, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    private const string FindTags = "SELECT tags FROM checkpoints WHERE session_key = ?1 AND sequence = ?2";

    private const string RemoveTag = "DELETE FROM checkpoint_tags WHERE session_key = ?1 AND tag = ?2 AND sequence = ?3";

    private const string RemoveAnnotations = "DELETE FROM annotations WHERE session_key = ?1 AND sequence = ?2";

    /// <summary>Adds a checkpoint with its tags and annotations. Whoever adds the last one calls <see cref="Release"/>.</summary>
    public static void Insert(SqliteDatabase database, long key, StoredCheckpoint checkpoint)
    {
        database.Prepare(Add).Bind(key).Bind(checkpoint.Sequence).Bind(checkpoint.Id.Value).Bind(checkpoint.CreatedAt)
            .Bind(checkpoint.Position).Bind(checkpoint.Parent).Bind(checkpoint.Message)
            .Bind(SqliteValues.FromTags(checkpoint.Tags))
            .Bind(checkpoint.FirstTags is null ? null : SqliteValues.FromTags(checkpoint.FirstTags))
            .Bind((long)checkpoint.Trigger).Bind(checkpoint.ContentType).Bind(checkpoint.Size)
            .Bind(checkpoint.Checksum.AsSpan()).Bind(checkpoint.Codec).Bind(checkpoint.Base).Bind(checkpoint.Group)
            .Bind(checkpoint.StoredSize).Bind(checkpoint.Trunk ? 1 : 0).Bind(checkpoint.Chain).Bind(checkpoint.Stored.Span)
            .Execute();
        InsertTags(database, key, checkpoint.Sequence, checkpoint.Tags);
        for (var i = 0; i < checkpoint.Annotations.Count; i++)
        {
            var note = checkpoint.Annotations[i];
            Annotate(database, key, new NewAnnotation(checkpoint.Sequence, note.Position, note.At, note.Severity, note.Text));
        }
    }

    /// <summary>Lets go of the state that was added last.</summary>
    public static void Release(SqliteDatabase database) => database.Prepare(Add).Clear();

    public static void InsertTags(SqliteDatabase database, long key, long sequence, IReadOnlyList<string> tags)
    {
        for (var i = 0; i < tags.Count; i++)
        {
            database.Prepare(AddTag).Bind(key).Bind(tags[i]).Bind(sequence).Execute();
        }
    }

    public static void Annotate(SqliteDatabase database, long key, NewAnnotation note) =>
        database.Prepare(AddAnnotation)
            .Bind(key).Bind(note.Sequence).Bind(note.Position).Bind(note.At).Bind((long)note.Severity).Bind(note.Text).Execute();

    /// <summary>
    /// Removes the tag rows of a checkpoint by the tags that its own row names, since the tag rows are found by tag first.
    /// </summary>
    public static void DeleteTags(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindTags).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return;
        }

        var tags = SqliteValues.ToTags(row.Text(0));
        row.Reset();
        foreach (var tag in tags)
        {
            database.Prepare(RemoveTag).Bind(key).Bind(tag).Bind(sequence).Execute();
        }
    }

    /// <summary>Removes the tags and annotations of a checkpoint that is not to be seen any more.</summary>
    public static void Hide(SqliteDatabase database, long key, long sequence)
    {
        DeleteTags(database, key, sequence);
        database.Prepare(RemoveAnnotations).Bind(key).Bind(sequence).Execute();
    }
}
