using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Commands of statements that are written with names.</summary>
internal static class Commands
{
    public static NpgsqlCommand Command(this SqlStatement statement, NpgsqlConnection? connection, params SqlArgument[] arguments)
    {
        var command = new NpgsqlCommand(statement.Text, connection);
        statement.Write(new Parameters(command.Parameters), arguments);
        return command;
    }
}
