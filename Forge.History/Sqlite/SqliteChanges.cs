using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Sqlite;

/// <summary>Applies the changes of commits whose heads have moved on, inside a transaction of the caller's.</summary>
internal sealed class SqliteChanges(SqliteDatabase database) : IChangeVisitor
{
    private static readonly SqlStatement SetTags = new(
        "UPDATE checkpoints SET first_tags = coalesce(first_tags, tags), tags = @tags WHERE session_key = @key AND sequence = @sequence",
        Dialect.Instance.Prefix,
        ["key", "sequence", "tags"]);

    private static readonly SqlStatement Mend = Dialect.Instance.Statement("""
        UPDATE checkpoints SET codec = @codec | (codec & 16), base_sequence = NULL, group_sequence = @group, stored_size = @stored_size, stored = @stored
        WHERE session_key = @key AND sequence = @sequence AND size = @size AND checksum = @checksum
        """);

    private static readonly SqliteInsert<SequenceRange> AddRange = new(HistoryTables.RemovedRanges, "ON CONFLICT DO NOTHING");
    private static readonly SqliteInsert<SequenceRange> AddTrunks = new(HistoryTables.TrunkRanges, "ON CONFLICT DO NOTHING");
    private static readonly SqliteInsert<StoredWrite> PutWrite = new(
        HistoryTables.PendingWrites, "ON CONFLICT (session_key, sequence, task, write_index) DO UPDATE SET " +
        string.Join(", ", HistoryTables.PendingWrites.Written.Where(c => !c.Is(ColumnUse.Key)).Select(c => $"{c.Name} = excluded.{c.Name}")));

    private static readonly SqliteInsert<SessionBranch> MoveBranch = new(HistoryTables.Branches, "ON CONFLICT (session_key, branch) DO UPDATE SET " +
        string.Join(", ", HistoryTables.Branches.Written.Where(c => !c.Is(ColumnUse.Key)).Select(c => $"{c.Name} = excluded.{c.Name}")));

    private static readonly SqlStatement EndBranch =
        Dialect.Instance.Statement("DELETE FROM branches WHERE session_key = @key AND branch = @branch");

    private static readonly SqliteInsert<StoredEffect> SetEffect = new(HistoryTables.Effects, "ON CONFLICT (session_key, effect_key) DO UPDATE SET " +
        string.Join(", ", HistoryTables.Effects.Written.Where(c => !c.Is(ColumnUse.Key)).Select(c => $"{c.Name} = excluded.{c.Name}")));

    private static readonly SqlStatement RemoveEffect =
        Dialect.Instance.Statement("DELETE FROM effects WHERE session_key = @key AND effect_key = @effect");

    private static readonly SqliteInsert<SessionEvent> AddEvent = new(HistoryTables.Events);
    private static readonly SqliteInsert<RememberedRequest> AddRequest = new(HistoryTables.Requests);

    private static readonly SqliteInsert<RememberedRequest> PutWritesOfCreate = new(
        HistoryTables.Requests, "ON CONFLICT (session_key, id) DO UPDATE SET at = excluded.at, kind = excluded.kind, outcome = excluded.outcome");

    private static readonly SqliteInsert<ForkLink> AddFork = new(HistoryTables.Forks);

    // An import can bring back an id that something is remembered of already: that stays, and is no reason not to remove a
    // checkpoint.
    private static readonly SqliteInsert<RememberedRequest> AddCreate = new(HistoryTables.Requests, "ON CONFLICT DO NOTHING");

    private long _key;

    public void Apply(SessionCommit commit)
    {
        _key = commit.Head.Key;
        if (commit.ExpectedVersion == 0)
        {
            SqliteFinding.AddActivity(database, _key);
        }

        commit.Apply(this);
    }

    public void Visit(Created change) => SqliteCheckpoints.Insert(database, _key, change.Row);

    public void Visit(Tagged change)
    {
        SqliteCheckpoints.DeleteTags(database, _key, change.Sequence);
        var tags = SqliteValues.FromTags(change.Tags);
        if (database.Prepare(SetTags.Text).Bind(_key).Bind(change.Sequence).Bind(tags).Execute() == 1)
        {
            SqliteCheckpoints.InsertTags(database, _key, change.Sequence);
        }
    }

    public void Visit(Mended change)
    {
        var (copy, row) = (change.Copy, database.Prepare(Mend.Text));
        row.Bind((long)copy.Codec).Bind(copy.Group).Bind((long)copy.Stored.Length).Bind(copy.Stored.Span)
            .Bind(_key).Bind(copy.Sequence).Bind((long)copy.Size).Bind(copy.Checksum).Execute();
        row.Clear();
    }

    public void Visit(Annotated change) => SqliteCheckpoints.Annotate(database, _key, change.Note);

    public void Visit(Wrote change)
    {
        PutWrite.Execute(database, _key, change.Row);
        PutWrite.Release(database);
    }

    public void Visit(Removed change)
    {
        SqliteCheckpoints.Hide(database, _key, change.Sequence);
        Remove(new SequenceRange(change.Sequence, change.Sequence));
    }

    public void Visit(RangeRemoved change) => Remove(change.Range);

    public void Visit(TrunksMarked change) => AddTrunks.Execute(database, _key, change.Range);

    public void Visit(BranchMoved change)
    {
        if (change.Branch.Count > 0)
        {
            MoveBranch.Execute(database, _key, change.Branch);
        }
        else
        {
            database.Prepare(EndBranch.Text).Bind(_key).Bind(change.Branch.Branch).Execute();
        }
    }

    public void Visit(Logged change) => AddEvent.Execute(database, _key, change.Event);

    public void Visit(Remembered change) => (change.Request.Kind switch
    {
        RemovedCreate.Kind => AddCreate,
        RememberedRequest.CreateWrites => PutWritesOfCreate,
        _ => AddRequest,
    }).Execute(database, _key, change.Request);

    public void Visit(Due change) => SqliteWork.Add(database, change.Kind, _key, change.At);

    public void Visit(Labelled change) => SqliteFinding.SetLabels(database, _key, change.Labels);

    public void Visit(TookOver change) => SqliteStaging.TakeOver(database, _key, change);

    /// <summary>All of it is in the head row.</summary>
    public void Visit(Claimed change)
    {
    }

    /// <summary>All of it is in the head row.</summary>
    public void Visit(DueStateMoved change)
    {
    }

    public void Visit(Revived change) => SqliteFinding.AddActivity(database, _key);

    public void Visit(BeganFrom change) => AddFork.Execute(database, _key, change.Link);

    public void Visit(EffectSet change) => SetEffect.Execute(database, _key, change.Row);

    public void Visit(EffectsRemoved change)
    {
        foreach (var key in change.Keys)
        {
            database.Prepare(RemoveEffect.Text).Bind(_key).Bind(key).Execute();
        }
    }

    private void Remove(SequenceRange range) => AddRange.Execute(database, _key, range);
}
