using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Forge.History.PostgreSql;

/// <summary>Positional parameters, typed so that values are sent in binary and arrays without boxing.</summary>
internal static class CommandParameters
{
    public static void AddValue<T>(this NpgsqlParameterCollection parameters, T value) =>
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    public static void AddValue(this NpgsqlParameterCollection parameters, DateTimeOffset value) =>
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = value.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });

    public static void AddValue(this NpgsqlParameterCollection parameters, DateTimeOffset? value) =>
        parameters.Add(new NpgsqlParameter<DateTime?> { TypedValue = value?.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });

    /// <summary>One array with a value for each item.</summary>
    public static void AddColumn<TItem, T>(
        this NpgsqlParameterCollection parameters, IReadOnlyList<TItem> items, Func<TItem, T> value) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = Column(items, value) });

    /// <summary>One array of times, with null if there is none.</summary>
    public static void AddTimes<TItem>(
        this NpgsqlParameterCollection parameters, IReadOnlyList<TItem> items, Func<TItem, DateTimeOffset?> value) =>
        parameters.Add(new NpgsqlParameter<DateTime?[]>
        {
            TypedValue = Column(items, item => value(item)?.UtcDateTime),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });

    /// <summary>The text form of a <c>text[]</c>, every element quoted. It stands for an element of an array of
    /// such arrays, which may then differ in length; the statement casts it.</summary>
    public static string ArrayLiteral(IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return "{}";
        }

        var literal = new StringBuilder("{");
        foreach (var value in values)
        {
            literal.Append(literal.Length > 1 ? ",\"" : "\"");
            foreach (var character in value)
            {
                if (character is '"' or '\\')
                {
                    literal.Append('\\');
                }

                literal.Append(character);
            }

            literal.Append('"');
        }

        return literal.Append('}').ToString();
    }

    private static T[] Column<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> value)
    {
        var column = new T[items.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(items[i]);
        }

        return column;
    }
}
