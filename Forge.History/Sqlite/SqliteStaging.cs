using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>Takes over staged rows, inside a transaction of the caller's. They are a session's rows under a key that no session has.</summary>
internal static class SqliteStaging
{
    // Once its removal was claimed, rows of a staging may be missing.
    private const string Open =
        "SELECT work_id FROM due_work WHERE kind = ?1 AND session_key = ?2 AND claimed_until IS NULL";

    private const string Close = "DELETE FROM due_work WHERE work_id = ?1";

    private const string MoveCheckpoints =
        "UPDATE checkpoints SET session_key = ?2, position = position + ?3 WHERE session_key = ?1";
    private const string MoveTags = "UPDATE checkpoint_tags SET session_key = ?2 WHERE session_key = ?1";
    private const string MoveAnnotations = "UPDATE annotations SET session_key = ?2 WHERE session_key = ?1";

    /// <summary>Gives staged rows to a session, with their positions moved by an offset.</summary>
    /// <exception cref="BatchRejectedException">The staging is not open.</exception>
    public static void TakeOver(SqliteDatabase database, long staged, long key, long offset)
    {
        database.Prepare(Close).Bind(FindOpen(database, staged)).Execute();
        if (staged == key)
        {
            return;
        }

        database.Prepare(MoveCheckpoints).Bind(staged).Bind(key).Bind(offset).Execute();
        database.Prepare(MoveTags).Bind(staged).Bind(key).Execute();
        database.Prepare(MoveAnnotations).Bind(staged).Bind(key).Execute();
    }

    private static long FindOpen(SqliteDatabase database, long key) =>
        database.Prepare(Open).Bind((long)DueWorkKind.Staging).Bind(key).Scalar()
        ?? throw new BatchRejectedException(
            CommitStatus.Refused, new InvalidOperationException($"The rows staged under {key} were given up."));
}
