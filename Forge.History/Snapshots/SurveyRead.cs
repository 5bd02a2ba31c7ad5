using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Snapshots;

/// <summary>
/// Reads what a survey has to know of the visible checkpoints, as they are at one instant, and holds none of those that go. A page
/// at a time: however long a session is, no statement takes longer for it than one may.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="pageRows">How many rows a statement reads.</param>
internal sealed class SurveyRead(ISqlDatabase database, int pageRows = SurveyRead.PageRows)
{
    private const int PageRows = 50_000;

    private readonly HeadRows _heads = new(database.Dialect);

    private readonly CheckpointPages _pages = new(database.Dialect);

    private readonly ImportTimes.Reader _imports = new(database.Dialect);

    private readonly SqlStatement _rows = Rows(database.Dialect, "");

    // Of a policy with tags those of each row are read with it: a list of all that have one would grow with the session.
    private readonly SqlStatement _rowsWithTags = Rows(database.Dialect, ", tags");

    public async Task<Versioned<CompactionSurvey>> ReadAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var snapshot = await database.OpenAsync(cancellationToken);
        var head = await snapshot.ReadAsync(t => _heads.ReadAsync(t, address), cancellationToken);
        IReadOnlyList<SessionBranch> branches =
            head is { DeletedAt: null } ? await snapshot.ReadAsync(t => _heads.BranchesAsync(t, head), cancellationToken) : [];
        var surveyor = new Surveyor(
            policy,
            now,
            branches.Select(b => b.Head).Append(head?.Head ?? 0).ToHashSet(),
            branches.Select(b => b.Current).Append(head?.Current ?? 0).ToHashSet());
        if (head is { DeletedAt: null })
        {
            var pass = await snapshot.ReadAsync(t => BeginAsync(t, head.Key, policy, surveyor), cancellationToken);
            while (await snapshot.ReadAsync(t => AddPageAsync(t, head.Key, pass), cancellationToken) == pageRows)
            {
            }
        }

        return new Versioned<CompactionSurvey>(head?.Version ?? 0, surveyor.Finish(head?.LastSequence ?? 0));
    }

    private async ValueTask<Pass> BeginAsync(SqlTransaction transaction, long key, RetentionPolicy policy, Surveyor surveyor) => new(
        surveyor,
        await _pages.RemovedAsync(transaction, key),
        await _pages.TrunksAsync(transaction, key),
        policy.KeepYoungerThan is null ? new ImportTimes() : await _imports.ReadAsync(transaction, key),
        policy.KeepTags is { Count: > 0 } wanted ? new HashSet<string>(wanted, StringComparer.Ordinal) : null);

    /// <summary>Adds the next rows, from the newest down; says how many there were.</summary>
    private async ValueTask<int> AddPageAsync(SqlTransaction transaction, long key, Pass pass)
    {
        var count = 0;
        await transaction.EachAsync(
            pass.Tags is null ? _rows : _rowsWithTags,
            row =>
            {
                count++;
                (pass.Before, var position) = (row.Long(), row.Long());
                if (!pass.Removed.Cover(pass.Before))
                {
                    pass.Surveyor.Add(new Surveyed(
                        pass.Before, row.Long(), row.Int(), row.Int(), pass.Imports.AgeFrom(position, row.Time()),
                        row.Bool() | pass.Trunks.Cover(pass.Before), Branch: row.OptionalText(), Requires: row.OptionalText(),
                        Tagged: pass.Tags is { } tags && row.Texts().Any(tags.Contains)));
                }
            },
            ("key", key), ("before", pass.Before), ("limit", pageRows));
        return count;
    }

    private static SqlStatement Rows(SqlDialect dialect, string more) => dialect.Statement($"""
        SELECT sequence, position, parent_sequence, size, stored_size, created_at, trunk, branch, requires{more}
        FROM checkpoints WHERE session_key = @key AND sequence < @before AND NOT removed ORDER BY sequence DESC LIMIT @limit
        """);

    /// <summary>What rows are judged by, and how far it came.</summary>
    private sealed class Pass(
        Surveyor surveyor, RemovedSequences removed, RemovedSequences trunks, ImportTimes imports, HashSet<string>? tags)
    {
        public Surveyor Surveyor => surveyor;

        public RemovedSequences Removed => removed;

        public RemovedSequences Trunks => trunks;

        public ImportTimes Imports => imports;

        /// <summary>The tags that the policy keeps; null if it names none.</summary>
        public HashSet<string>? Tags => tags;

        /// <summary>The sequence that the next page ends before.</summary>
        public long Before { get; set; } = long.MaxValue;
    }
}
