using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Lineage;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Reclaiming;

/// <summary>Removes the rows in the removed ranges of a session or hides them, then the ranges.</summary>
internal sealed class Reclaim(SqlDialect dialect, Seals seals)
{
    private static readonly Selection<StoredCheckpoint> Summary = HistoryTables.Checkpoints.Without(ColumnUse.Heavy);

    // From the ranges to the rows in them, so that a session's visible rows are never walked.
    private const string Covered = """
        FROM removed_ranges r CROSS JOIN checkpoints c
        WHERE r.session_key = @key AND c.session_key = @key
            AND c.sequence >= r.first_sequence AND c.sequence <= r.last_sequence AND NOT c.removed
        """;

    private readonly PathRows _paths = new(dialect);
    private readonly LineageRecords _lineage = new(dialect);
    private readonly WriteRemoval _writes = new(dialect);

    private readonly SqlStatement _session = dialect.Statement(
        "SELECT head_sequence, current_sequence, tenant, session FROM sessions WHERE session_key = @key");

    private readonly SqlStatement _ranges = dialect.Statement(
        $"SELECT {HistoryTables.RemovedRanges.All.Names} FROM removed_ranges WHERE session_key = @key");

    // Of ranges that overlap a row may come twice, which only brings the limit nearer.
    private readonly SqlStatement _labels = dialect.Statement(
        $"SELECT coalesce(c.group_sequence, c.sequence) {Covered} LIMIT @limit");

    /// <summary>Whether the session lives is told of the same instant as its rows.</summary>
    private readonly SqlStatement _members = dialect.Statement($"""
        SELECT s.session_key IS NOT NULL AND s.deleted_at IS NULL, c.removed, {Summary.Of("c")}
        FROM checkpoints c LEFT JOIN sessions s ON s.session_key = c.session_key
        WHERE c.session_key = @key AND c.sequence >= @first AND c.sequence <= @last
            AND {dialect.In("coalesce(c.group_sequence, c.sequence)", "@labels")}
        """);

    private readonly SqlStatement _copy = dialect.Statement("""
        UPDATE checkpoints SET codec = @codec | (codec & 16), base_sequence = NULL, stored_size = @stored_size, stored = @stored
        WHERE session_key = @key AND sequence = @sequence
        """);

    /// <summary>The tags first, tag by tag, while the rows that name them are there.</summary>
    private readonly SqlStatement _deleteTags = dialect.Statement($"""
        DELETE FROM checkpoint_tags WHERE session_key = @key AND (tag, sequence) IN (
            SELECT each.value, c.sequence FROM checkpoints c CROSS JOIN {dialect.Each("c.tags")}
            WHERE c.session_key = @key AND {dialect.In("c.sequence", "@sequences")})
        """);

    private readonly SqlStatement _deleteAnnotations = dialect.Statement(
        $"DELETE FROM annotations WHERE session_key = @key AND {dialect.In("sequence", "@sequences")}");

    // By what is required, by which the index is found.
    private readonly SqlStatement _deleteRequirements = dialect.Statement($"""
        DELETE FROM requirements
        WHERE session_key = @key AND {dialect.In("required_sequence", "@required")} AND {dialect.In("sequence", "@sequences")}
        """);

    private readonly SqlStatement _hide = dialect.Statement(
        $"UPDATE checkpoints SET removed = true WHERE session_key = @key AND {dialect.In("sequence", "@sequences")} AND NOT removed");

    private readonly SqlStatement _delete = dialect.Statement($"""
        DELETE FROM checkpoints WHERE session_key = @key AND {dialect.In("sequence", "@sequences")}
        RETURNING {Summary.Names}
        """);

    private readonly SqlInsert<RememberedRequest> _remember = dialect.Insert(HistoryTables.Requests, "ON CONFLICT DO NOTHING");

    // An event that somebody has put there is found by its seal; it must not hold up the removal.
    private readonly SqlInsert<SessionEvent> _created = dialect.Insert(HistoryTables.Events, "ON CONFLICT DO NOTHING");

    private readonly SqlStatement _anyLeft = dialect.Statement($"SELECT EXISTS (SELECT 1 {Covered}) OR {WriteRemoval.IsLeft}");

    private readonly SqlStatement _dropEmpty = dialect.Statement($"""
        DELETE FROM removed_ranges WHERE session_key = @key AND first_sequence >= @first AND first_sequence <= @last AND NOT EXISTS (
            SELECT 1 FROM checkpoints c WHERE c.session_key = @key AND c.sequence >= removed_ranges.first_sequence
                AND c.sequence <= removed_ranges.last_sequence AND NOT c.removed)
            AND NOT {WriteRemoval.IsLeftInRange}
        """);

    // Those that begin where the step has removed rows, and the one before, which may reach there.
    private readonly SqlStatement _dropTrunks = dialect.Statement("""
        DELETE FROM trunk_ranges WHERE session_key = @key AND first_sequence <= @last AND first_sequence >= coalesce(
            (SELECT max(t.first_sequence) FROM trunk_ranges t WHERE t.session_key = @key AND t.first_sequence < @first), @first)
        AND NOT EXISTS (
            SELECT 1 FROM checkpoints c WHERE c.session_key = @key AND c.sequence >= trunk_ranges.first_sequence
                AND c.sequence <= trunk_ranges.last_sequence)
        """);

    private readonly SqlStatement _drop = dialect.Statement("DELETE FROM removed_ranges WHERE session_key = @key");

    /// <summary>Removes or hides some rows; true if there were fewer than a step may.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="key">The session.</param>
    /// <param name="limit">How many rows it may.</param>
    /// <param name="rememberSince">Creates since then are remembered.</param>
    /// <param name="look">How the data keys that are held came to be.</param>
    /// <exception cref="KeyMissingException">Something of it is sealed, and the key cannot be had though it was not destroyed.</exception>
    public async ValueTask<bool> StepAsync(
        SqlTransaction transaction, long key, int limit, DateTimeOffset rememberSince, KeyLook look)
    {
        if (!await _writes.StepAsync(transaction, key, limit))
        {
            return false;
        }

        var labels = await transaction.ReadAllAsync(_labels, row => row.Long(), ("key", key), ("limit", limit));
        if (labels.Count == 0)
        {
            await _lineage.ForgetAsync(transaction, key);
            return true;
        }

        var (head, current, session) = await transaction.ReadOneAsync(
            _session,
            row => (row.Long(), row.Long(), (SessionAddress?)new SessionAddress(TenantId.Parse(row.Text()), SessionId.Parse(row.Text()))),
            ("key", key));
        var sealedRows = new SealedRows(() => seals.Held(session!.Value, look));
        var window = GroupWindow.Of(labels);
        var (members, isAlive) = await MembersAsync(transaction, key, window);
        var plan = ReclaimPlan.Make(members, head, current, limit);
        if (plan.Copies.Count > 0)
        {
            members = await CopyOutAsync(transaction, key, plan, members, sealedRows);
            plan = ReclaimPlan.Make(members, head, current, limit);
        }

        var remembered = plan.Going.Where(row => isAlive && row.CreatedAt > rememberSince)
            .Select(row => RemovedCreate.Remember(sealedRows.Open(row)));
        await transaction.InsertAsync(_remember, key, [.. remembered.OrderBy(request => request.Id)]);
        await RemoveAsync(transaction, key, plan, isAlive);
        if (isAlive)
        {
            await _lineage.NoteAsync(transaction, key, [.. plan.Going, .. plan.Hiding]);
        }

        await DropEmptyAsync(transaction, key, plan);
        var isDone = labels.Count < limit && window.IsWhole && plan.IsWhole;
        if (isDone && isAlive)
        {
            await _lineage.ForgetAsync(transaction, key);
        }

        return isDone;
    }

    /// <summary>
    /// Removes the ranges that there are; false, and removes none, if a row is left in one that is not hidden. The caller keeps
    /// any from being added meanwhile.
    /// </summary>
    public async ValueTask<bool> DropRangesAsync(SqlTransaction transaction, long key)
    {
        if (await transaction.ReadOneAsync(_anyLeft, row => row.Bool(), ("key", key)))
        {
            return false;
        }

        await transaction.ExecuteAsync(_drop, ("key", key));
        return true;
    }

    /// <summary>
    /// Drops the ranges that the step has emptied, of what went and of trunks: every read of the session looks at its ranges, and every step passes over those
    /// before its rows. What they covered is gone or hidden by itself, in this same transaction.
    /// </summary>
    private async ValueTask DropEmptyAsync(SqlTransaction transaction, long key, ReclaimPlan plan)
    {
        var (first, last) = (long.MaxValue, 0L);
        foreach (var row in plan.Going.Concat(plan.Hiding))
        {
            (first, last) = (Math.Min(first, row.Sequence), Math.Max(last, row.Sequence));
        }

        if (last > 0)
        {
            await transaction.ExecuteAsync(_dropEmpty, ("key", key), ("first", first), ("last", last));
            await transaction.ExecuteAsync(_dropTrunks, ("key", key), ("first", first), ("last", last));
        }
    }

    private async ValueTask<(List<GroupMember> Members, bool IsAlive)> MembersAsync(
        SqlTransaction transaction, long key, GroupWindow window)
    {
        // The ranges first: what they cover stays covered for good, and what is added to them later only looks visible.
        var removed = new RemovedSequences(
            await transaction.ReadAllAsync(_ranges, HistoryTables.RemovedRanges.All.Read, ("key", key)));
        var (members, isAlive, wanted) = (new List<GroupMember>(), true, window.Labels.ToArray());
        foreach (var range in window.Ranges)
        {
            // A group lies within one range, so that all its rows are told of one instant.
            foreach (var (lives, isHidden, row) in await transaction.ReadAllAsync(
                _members,
                row => (row.Bool(), row.Bool(), Summary.Read(row)),
                ("key", key), ("first", range.First), ("last", range.Last), ("labels", wanted)))
            {
                isAlive &= lives;
                members.Add(new GroupMember(row, lives && !isHidden && !removed.Cover(row.Sequence), isHidden));
            }
        }

        return (members, isAlive);
    }

    private async ValueTask<List<GroupMember>> CopyOutAsync(
        SqlTransaction transaction, long key, ReclaimPlan plan, List<GroupMember> members, SealedRows sealedRows)
    {
        foreach (var copies in plan.Copies)
        {
            var stored = await _paths.WithBasesAsync(transaction, key, copies.Sequences);
            if (sealedRows.Open(stored) is not { } opened || copies.Make(opened) is not { } made)
            {
                continue;
            }

            foreach (var row in made)
            {
                var copy = sealedRows.Seal(new EncodedState(row), stored);
                await transaction.ExecuteAsync(
                    _copy, ("codec", copy.Codec), ("stored_size", copy.Stored.Length), ("stored", copy.Stored), ("key", key),
                    ("sequence", row.Sequence));
            }

            members = SurvivorCopies.Apply(members, made);
        }

        return members;
    }

    private async ValueTask RemoveAsync(SqlTransaction transaction, long key, ReclaimPlan plan, bool isAlive)
    {
        long[] going = [.. plan.Going.Select(row => row.Sequence)];
        long[] hiding = [.. plan.Hiding.Select(row => row.Sequence)];
        long[] both = [.. going, .. hiding];
        await transaction.ExecuteAsync(_deleteTags, ("key", key), ("sequences", both));
        await transaction.ExecuteAsync(_deleteAnnotations, ("key", key), ("sequences", both));
        Requirement[] requirements = [.. plan.Going.Concat(plan.Hiding).Where(row => row.Requires is not null).SelectMany(Requirement.Of)];
        if (requirements.Length > 0)
        {
            await transaction.ExecuteAsync(
                _deleteRequirements, ("key", key), ("required", requirements.Select(r => r.Required).Distinct().ToArray()),
                ("sequences", requirements.Select(r => r.Sequence).Distinct().ToArray()));
        }

        await transaction.ExecuteAsync(_hide, ("key", key), ("sequences", hiding));

        // Those that were there, which another step may have removed.
        var gone = await transaction.ReadAllAsync(_delete, Summary.Read, ("key", key), ("sequences", going));

        // That they were created stays in the log, for as long as it is kept. The log of a deleted session goes as a whole.
        if (isAlive)
        {
            await transaction.InsertAsync(
                _created, key, [.. gone.Select(RemovedCheckpoint.Of).OfType<RemovedCheckpoint>().Select(row => row.ToEvent())]);
        }
    }
}
