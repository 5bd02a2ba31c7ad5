using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Upkeep;

/// <summary>Rows under a key that no session has yet, and the work that removes them if none takes them over.</summary>
internal sealed class HistoryStaging(ISqlDatabase database, Seals seals) : IStaging
{
    private const short Kind = (short)DueWorkKind.Staging;

    private readonly SqlStatement _begin = database.Dialect.Statement("""
        INSERT INTO due_work (kind, session_key, due_at) VALUES (@kind, @key, @due)
        ON CONFLICT (kind, session_key) DO UPDATE SET due_at = excluded.due_at
        """);

    private readonly SqlStatement _makeDue = database.Dialect.Statement(
        "UPDATE due_work SET due_at = @due WHERE kind = @kind AND session_key = @key");

    // Once its removal was claimed, rows of a staging may be missing. Held until these rows are committed, so that the
    // removal of what was staged before can't miss them and end.
    private readonly SqlStatement _hold = database.Dialect.Statement(
        $"SELECT work_id FROM due_work WHERE kind = @kind AND session_key = @key AND claimed_until IS NULL{database.Dialect.KeepRow}");

    private readonly SqlInsert<StoredCheckpoint> _insert = database.Dialect.Insert(HistoryTables.Checkpoints);

    // The tenant is that of the session that will take the rows over, which may not be there yet.
    private readonly SqlStatement _insertTags = database.Dialect.Statement($"""
        INSERT INTO checkpoint_tags (session_key, tag, sequence, tenant, created_at)
        SELECT c.session_key, each.value, c.sequence, @tenant, c.created_at FROM checkpoints c, {database.Dialect.Each("c.tags")}
        WHERE c.session_key = @key AND {database.Dialect.In("c.sequence", "@sequences")}
        """);

    private readonly SqlInsert<Requirement> _insertRequirements = database.Dialect.Insert(HistoryTables.Requirements);

    private readonly SqlInsert<StoredEffect> _insertEffects = database.Dialect.Insert(HistoryTables.Effects);

    private readonly SqlInsert<NewAnnotation> _insertAnnotations = database.Dialect.Insert(HistoryTables.Annotations);

    private readonly SqlInsert<StoredWrite> _insertWrites = database.Dialect.Insert(HistoryTables.PendingWrites);

    private readonly HeadRows _heads = new(database.Dialect);

    private readonly RequirementRows _requirements = new(database.Dialect);

    public Task<Versioned<Requirement?>> FindUnmetAsync(long key, SessionAddress session, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, session);
                return new Versioned<Requirement?>(
                    head?.Version ?? 0, await _requirements.UnmetAsync(transaction, key, head is { DeletedAt: null } ? head.Key : 0));
            },
            cancellationToken);

    public Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) => database.ChangeAsync(
        t => t.ExecuteAsync(_begin, ("kind", Kind), ("key", key), ("due", abandonedAt)), cancellationToken);

    public Task DiscardAsync(long key, CancellationToken cancellationToken) => database.ChangeAsync(
        t => t.ExecuteAsync(_makeDue, ("due", DateTimeOffset.UnixEpoch), ("kind", Kind), ("key", key)), cancellationToken);

    public async Task StageAsync(
        SessionAddress session, long key, IReadOnlyList<AnnotatedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        if (checkpoints.Count == 0)
        {
            return;
        }

        IEnumerable<StoredCheckpoint> rows = checkpoints.Select(c => c.Row);
        var notes = checkpoints.SelectMany(
            c => c.Annotations, (c, note) => new NewAnnotation(c.Row.Sequence, note.Position, note.At, note.Severity, note.Text));
        if (seals.IsOn)
        {
            var seal = await seals.ToSealAsync(session, cancellationToken);
            (rows, notes) = (rows.Select(seal.Seal), notes.Select(seal.Seal));
        }

        var staged = (Rows: rows.ToList(), Notes: notes.ToList());
        await database.ChangeAsync(t => InsertAsync(t, session.Tenant, key, staged.Rows, staged.Notes), cancellationToken);
    }

    public async Task StageWritesAsync(
        SessionAddress session, long key, IReadOnlyList<StoredWrite> writes, CancellationToken cancellationToken)
    {
        if (seals.IsOn && writes.Count > 0)
        {
            var seal = await seals.ToSealAsync(session, cancellationToken);
            writes = [.. writes.Select(seal.Seal)];
        }

        await InsertAsync(key, writes, _insertWrites, cancellationToken);
    }

    public Task StageEffectsAsync(long key, IReadOnlyList<StoredEffect> effects, CancellationToken cancellationToken) =>
        InsertAsync(key, effects, _insertEffects, cancellationToken);

    private Task InsertAsync<TRow>(long key, IReadOnlyList<TRow> rows, SqlInsert<TRow> insert, CancellationToken cancellationToken) =>
        rows.Count == 0
            ? Task.CompletedTask
            : database.ChangeAsync(
                async t =>
                {
                    await HoldAsync(t, key);
                    return await t.InsertAsync(insert, key, rows);
                },
                cancellationToken);

    private async ValueTask HoldAsync(SqlTransaction transaction, long key)
    {
        if (await transaction.ReadOneAsync(_hold, row => (long?)row.Long(), ("kind", Kind), ("key", key)) is null)
        {
            throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException(
                $"The rows staged under key {key} are gone or are being removed."));
        }
    }

    private async ValueTask<int> InsertAsync(
        SqlTransaction transaction, TenantId tenant, long key, IReadOnlyList<StoredCheckpoint> rows, IReadOnlyList<NewAnnotation> notes)
    {
        await HoldAsync(transaction, key);
        var inserted = await transaction.InsertAsync(_insert, key, rows);
        long[] tagged = [.. rows.Where(row => row.Tags.Count > 0).Select(row => row.Sequence)];
        if (tagged.Length > 0)
        {
            await transaction.ExecuteAsync(_insertTags, ("tenant", tenant.Value), ("key", key), ("sequences", tagged));
        }

        Requirement[] requirements = [.. rows.Where(row => row.Requires is not null).SelectMany(Requirement.Of)];
        if (requirements.Length > 0)
        {
            await transaction.InsertAsync(_insertRequirements, key, requirements);
        }

        await transaction.InsertAsync(_insertAnnotations, key, notes);
        return inserted;
    }
}
