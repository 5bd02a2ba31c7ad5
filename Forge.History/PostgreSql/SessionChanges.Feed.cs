using Forge.History.Changes;
using Forge.History.Feeds;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

internal sealed partial class SessionChanges
{
    // Of the sessions that passed alone, whose entries are joined here since nobody knew before which these are.
    private static readonly SqlStatement AddFeedRows = Of($"""
        {FeedInsert.Into}
        SELECT x.tenant, string_agg(x.entry, ''::bytea ORDER BY x.session_key)
        FROM unnest(@keys::bigint[], @tenants::text[], @entries::bytea[]) AS x (session_key, tenant, entry)
        WHERE {Passed} GROUP BY x.tenant
        """);

    private readonly List<(string Tenant, FeedEntry Entry)> _fed = [];

    private void Feed(SessionCommit commit)
    {
        if (FeedEntry.Of(commit) is { } entry)
        {
            _fed.Add((commit.Address.Tenant.Value, entry));
        }
    }

    private void AddFeed(NpgsqlBatch statements)
    {
        if (_fed.Count > 0)
        {
            Add(
                statements,
                AddFeedRows,
                ("keys", _fed.Select(f => f.Entry.Key).ToArray()),
                new SqlArgument("tenants", p => p.List(SqlType.Text, _fed.Select(f => f.Tenant).ToArray())),
                new SqlArgument("entries", p => p.List(SqlType.Bytes, _fed.Select(f => FeedEntries.Bytes(f.Entry)).ToArray())));
        }
    }
}
