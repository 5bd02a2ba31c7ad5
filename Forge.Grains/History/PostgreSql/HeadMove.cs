using Forge.Grains.Integrity;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>What a commit makes of head rows, sent as one array a column: all but the key and the names.</summary>
internal static class HeadMove
{
    /// <summary>The columns that are written.</summary>
    public const string Into =
        "incarnation, version, last_batch, created_at, last_created_at, last_sequence, head_sequence, current_sequence, " +
        "last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal";

    /// <summary>Their values, of <c>i</c>; the id of the batch is the first parameter.</summary>
    public const string Values =
        "i.incarnation, i.expected + 1, $1, i.created_at, i.last_created_at, i.last_sequence, i.head_sequence, " +
        "i.current_sequence, i.last_position, i.checkpoint_count, i.checkpoint_bytes, i.settings, i.origin_key, " +
        "i.origin_sequence, i.chain, i.deleted_at, i.seal";

    /// <summary>What is sent, the version that is expected first.</summary>
    public static readonly (string Name, string Type)[] Columns =
    [
        ("expected", "bigint"), ("incarnation", "integer"), ("created_at", "timestamptz"), ("last_created_at", "timestamptz"),
        ("last_sequence", "bigint"), ("head_sequence", "bigint"), ("current_sequence", "bigint"), ("last_position", "bigint"),
        ("checkpoint_count", "bigint"), ("checkpoint_bytes", "bigint"), ("settings", "text"), ("origin_key", "bigint"),
        ("origin_sequence", "bigint"), ("chain", "bytea"), ("deleted_at", "timestamptz"), ("seal", "bigint"),
    ];

    /// <summary>The parameters of <see cref="Columns"/>.</summary>
    public static void AddParameters(NpgsqlParameterCollection parameters, CommitBatch batch)
    {
        var commits = batch.Commits;
        parameters.AddColumn(commits, c => c.ExpectedVersion);
        parameters.AddColumn(commits, c => c.Head.Incarnation);
        parameters.AddTimes(commits, c => c.Head.CreatedAt);
        parameters.AddTimes(commits, c => c.Head.LastCreatedAt);
        parameters.AddColumn(commits, c => c.Head.LastSequence);
        parameters.AddColumn(commits, c => c.Head.Head);
        parameters.AddColumn(commits, c => c.Head.Current);
        parameters.AddColumn(commits, c => c.Head.LastPosition);
        parameters.AddColumn(commits, c => c.Head.Count);
        parameters.AddColumn(commits, c => c.Head.Bytes);
        parameters.AddColumn(commits, c => c.Head.Settings);
        parameters.AddColumn(commits, c => c.Head.OriginKey);
        parameters.AddColumn(commits, c => c.Head.OriginSequence);
        parameters.AddColumn(commits, c => c.Head.Chain);
        parameters.AddTimes(commits, c => c.Head.DeletedAt);
        parameters.AddColumn(commits, c => RowSeal.OfHead(c.Address, c.Head, batch.Id));
    }
}
