using Forge.History.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Forge.History.PostgreSql;

/// <summary>The parameters of a command, typed so that values are sent in binary and lists without boxing.</summary>
internal sealed class Parameters(NpgsqlParameterCollection parameters) : ISqlParameters
{
    public void Long(long value) => parameters.AddValue(value);

    public void Int(int value) => parameters.AddValue(value);

    public void Short(short value) => parameters.AddValue(value);

    public void Bool(bool value) => parameters.AddValue(value);

    public void Text(string value) => parameters.AddValue(value);

    public void Guid(Guid value) => parameters.AddValue(value);

    public void Time(DateTimeOffset value) => parameters.AddValue(value);

    public void Bytes(ReadOnlyMemory<byte> value) => parameters.AddValue(value);

    public void Texts(IReadOnlyList<string> value) => parameters.AddValue<string[]>([.. value]);

    public void Null(SqlType type) =>
        parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = TypeOf(type) });

    public void List<T>(SqlType type, T[] values)
    {
        if (values is IReadOnlyList<string>?[] lists)
        {
            parameters.AddColumn(lists, list => list is null ? null : CommandParameters.ArrayLiteral(list));
        }
        else
        {
            parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | TypeOf(type) });
        }
    }

    private static NpgsqlDbType TypeOf(SqlType type) => type switch
    {
        SqlType.Long => NpgsqlDbType.Bigint,
        SqlType.Int => NpgsqlDbType.Integer,
        SqlType.Short => NpgsqlDbType.Smallint,
        SqlType.Bool => NpgsqlDbType.Boolean,
        SqlType.Text => NpgsqlDbType.Text,
        SqlType.Guid => NpgsqlDbType.Uuid,
        SqlType.Time => NpgsqlDbType.TimestampTz,
        SqlType.Bytes => NpgsqlDbType.Bytea,
        SqlType.Texts => NpgsqlDbType.Array | NpgsqlDbType.Text,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
