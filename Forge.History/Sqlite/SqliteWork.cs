using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Sqlite;

/// <summary>Notes due work, inside a transaction of the caller's.</summary>
internal static class SqliteWork
{
    private static readonly string AddWork = SqliteRows.Text(
        "INSERT INTO due_work (kind, session_key, due_at) VALUES (@kind, @key, @at) ON CONFLICT (kind, session_key) " +
        "DO UPDATE SET due_at = iif(failures > 0, due_at, min(due_at, excluded.due_at)), noted = noted + 1");

    /// <summary>Notes work; if there is some of the kind for the session already, it is due at the earlier time;
    /// what failed stays put off.</summary>
    public static int Add(SqliteDatabase database, DueWorkKind kind, long key, DateTimeOffset dueAt) =>
        database.Prepare(AddWork).Bind((long)kind).Bind(key).Bind(dueAt).Execute();
}
