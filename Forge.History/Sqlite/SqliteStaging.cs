using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>Takes over staged rows, inside a transaction of the caller's. They are a session's rows under a key that no session has.</summary>
internal static class SqliteStaging
{
    // Once its removal was claimed, rows of a staging may be missing.
    private static readonly string Open = SqliteRows.Text(
        "SELECT work_id FROM due_work WHERE kind = @kind AND session_key = @staged AND claimed_until IS NULL");

    private static readonly string Close = SqliteRows.Text("DELETE FROM due_work WHERE work_id = @work");

    private static readonly string MoveCheckpoints = SqliteRows.Text(
        "UPDATE checkpoints SET session_key = @key, position = position + @by WHERE session_key = @staged");

    private static readonly string MoveTags =
        SqliteRows.Text("UPDATE checkpoint_tags SET session_key = @key WHERE session_key = @staged");

    private static readonly string MoveAnnotations =
        SqliteRows.Text("UPDATE annotations SET session_key = @key WHERE session_key = @staged");

    private static readonly string MoveRequirements =
        SqliteRows.Text("UPDATE requirements SET session_key = @key WHERE session_key = @staged");

    private static readonly string MoveWrites =
        SqliteRows.Text("UPDATE pending_writes SET session_key = @key WHERE session_key = @staged");
    private static readonly string MoveEffects =
        SqliteRows.Text("UPDATE effects SET session_key = @key WHERE session_key = @staged");

    /// <summary>Gives staged rows to a session, with their positions moved by an offset.</summary>
    /// <exception cref="BatchRejectedException">The staging is not open.</exception>
    public static void TakeOver(SqliteDatabase database, long key, TookOver taken)
    {
        var (staged, offset) = (taken.Key, taken.Offset);
        database.Prepare(Close).Bind(FindOpen(database, staged)).Execute();
        if (staged == key)
        {
            return;
        }

        database.Prepare(MoveCheckpoints).Bind(key).Bind(offset).Bind(staged).Execute();
        database.Prepare(MoveTags).Bind(key).Bind(staged).Execute();
        database.Prepare(MoveAnnotations).Bind(key).Bind(staged).Execute();
        if (taken.Require)
        {
            database.Prepare(MoveRequirements).Bind(key).Bind(staged).Execute();
        }

        if (taken.Writes)
        {
            database.Prepare(MoveWrites).Bind(key).Bind(staged).Execute();
        }

        if (taken.HasEffects)
        {
            database.Prepare(MoveEffects).Bind(key).Bind(staged).Execute();
        }
    }

    private static long FindOpen(SqliteDatabase database, long key) =>
        database.Prepare(Open).Bind((long)DueWorkKind.Staging).Bind(key).Scalar()
        ?? throw new BatchRejectedException(
            CommitStatus.Refused, new InvalidOperationException($"The rows staged under {key} were given up."));
}
