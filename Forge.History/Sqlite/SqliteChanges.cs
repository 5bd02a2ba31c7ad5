using Forge.History.Changes;

namespace Forge.History.Sqlite;

/// <summary>Applies the changes of commits whose heads have moved on, inside a transaction of the caller's.</summary>
internal sealed class SqliteChanges(SqliteDatabase database) : IChangeVisitor
{
    private const string SetTags =
        "UPDATE checkpoints SET first_tags = coalesce(first_tags, tags), tags = ?3 WHERE session_key = ?1 AND sequence = ?2";

    private const string MarkTrunk = "UPDATE checkpoints SET trunk = 1 WHERE session_key = ?1 AND sequence = ?2";

    private const string AddRange =
        "INSERT INTO removed_ranges (session_key, first_sequence, last_sequence) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

    private const string AddEvent =
        "INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail, chain) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    private const string AddRequest =
        "INSERT INTO requests (session_key, id, at, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5)";

    private long _key;

    public void Apply(SessionCommit commit)
    {
        _key = commit.Head.Key;
        commit.Apply(this);
    }

    public void Visit(Created change) => SqliteCheckpoints.Insert(database, _key, change.Row);

    public void Visit(Tagged change)
    {
        SqliteCheckpoints.DeleteTags(database, _key, change.Sequence);
        var tags = SqliteValues.FromTags(change.Tags);
        if (database.Prepare(SetTags).Bind(_key).Bind(change.Sequence).Bind(tags).Execute() == 1)
        {
            SqliteCheckpoints.InsertTags(database, _key, change.Sequence, change.Tags);
        }
    }

    public void Visit(Annotated change) => SqliteCheckpoints.Annotate(database, _key, change.Note);

    public void Visit(Removed change)
    {
        SqliteCheckpoints.Hide(database, _key, change.Sequence);
        Remove(new SequenceRange(change.Sequence, change.Sequence));
    }

    public void Visit(RangeRemoved change) => Remove(change.Range);

    public void Visit(TrunkMarked change) => database.Prepare(MarkTrunk).Bind(_key).Bind(change.Sequence).Execute();

    public void Visit(Logged change)
    {
        var happened = change.Event;
        database.Prepare(AddEvent)
            .Bind(_key).Bind(happened.Position).Bind((long)happened.Kind).Bind(happened.At).Bind(happened.Sequence)
            .Bind(happened.LastSequence).Bind(happened.Detail).Bind(happened.Chain).Execute();
    }

    public void Visit(Remembered change)
    {
        var request = change.Request;
        database.Prepare(AddRequest)
            .Bind(_key).Bind(request.Id).Bind(request.At).Bind(request.Kind).Bind(request.Outcome).Execute();
    }

    public void Visit(Due change) => SqliteWork.Add(database, change.Kind, _key, change.At);

    public void Visit(TookOver change) => SqliteStaging.TakeOver(database, change.Key, _key, change.Offset);

    private void Remove(SequenceRange range) =>
        database.Prepare(AddRange).Bind(_key).Bind(range.First).Bind(range.Last).Execute();
}
