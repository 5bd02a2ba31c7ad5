using Forge.History.Rows;
using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>Writes what sessions are found by, inside a transaction of the caller's in which their head rows were written.</summary>
internal static class SqliteFinding
{
    private static readonly SqlStatement Activity = Dialect.Instance.Statement($"""
        INSERT INTO session_activity (session_key, tenant, active_at)
        SELECT s.session_key, s.tenant, {StoredActivity.OfHead} FROM sessions s WHERE s.session_key = @key
        ON CONFLICT DO NOTHING
        """);

    private static readonly SqlStatement RemoveLabels =
        Dialect.Instance.Statement("DELETE FROM session_labels WHERE session_key = @key");

    private static readonly SqlStatement AddLabel = new(
        $"""
        INSERT INTO session_labels (session_key, name, value, tenant, session, active_at)
        SELECT s.session_key, @name, @value, s.tenant, s.session, {StoredActivity.OfHead} FROM sessions s WHERE s.session_key = @key
        """,
        Dialect.Instance.Prefix,
        ["key", "name", "value"]);

    /// <summary>Notes when a new session was active. The time of others is noted behind their commits.</summary>
    public static void AddActivity(SqliteDatabase database, long key) => database.Prepare(Activity.Text).Bind(key).Execute();

    /// <summary>Gives a session these labels and no others.</summary>
    public static void SetLabels(SqliteDatabase database, long key, IReadOnlyList<StoredLabel> labels)
    {
        database.Prepare(RemoveLabels.Text).Bind(key).Execute();
        for (var i = 0; i < labels.Count; i++)
        {
            database.Prepare(AddLabel.Text).Bind(key).Bind(labels[i].Name).Bind(labels[i].Value).Execute();
        }
    }
}
