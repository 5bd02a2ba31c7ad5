using Forge.History.Changes;
using Forge.History.Feeds;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>How rows of the feed are sent: one for each tenant of a batch, or one for a commit. The database numbers them.</summary>
internal static class FeedInsert
{
    public const string Into = "INSERT INTO feed (tenant, entries)";

    /// <summary>The rows of many tenants, as a list of what is selected.</summary>
    public const string Rows = "unnest(@feed_tenant::text[]), unnest(@feed_entries::bytea[])";

    /// <summary>The values of one row.</summary>
    public const string Values = "@feed_tenant::text, @feed_entries::bytea";

    /// <summary>The parameters, in the order in which they are added.</summary>
    public static IReadOnlyList<string> Parameters { get; } = ["feed_tenant", "feed_entries"];

    public static void AddArrays(NpgsqlParameterCollection parameters, CommitBatch batch)
    {
        var (rows, sent) = (FeedEntries.ByTenant(batch.Commits).ToList(), new Parameters(parameters));
        sent.List(SqlType.Text, rows.Select(row => row.Key).ToArray());
        sent.List(SqlType.Bytes, rows.Select(row => row.Value).ToArray());
    }

    public static void AddValues(NpgsqlParameterCollection parameters, SessionCommit commit)
    {
        var sent = new Parameters(parameters);
        sent.Text(commit.Address.Tenant.Value);
        sent.Bytes(FeedEntry.Of(commit) is { } entry ? FeedEntries.Bytes(entry) : []);
    }
}
