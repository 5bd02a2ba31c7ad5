using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The row that a reader stands at.</summary>
internal sealed class RowReader(NpgsqlDataReader reader) : SqlRow
{
    public override long Long() => reader.GetInt64(Take());

    public override int Int() => reader.GetInt32(Take());

    public override short Short() => reader.GetInt16(Take());

    public override bool Bool() => reader.GetBoolean(Take());

    public override string Text() => reader.GetString(Take());

    public override Guid Guid() => reader.GetGuid(Take());

    public override DateTimeOffset Time() => reader.GetFieldValue<DateTimeOffset>(Take());

    public override byte[] Bytes() => reader.GetFieldValue<byte[]>(Take());

    public override IReadOnlyList<string> Texts() => reader.GetFieldValue<string[]>(Take());

    /// <summary>The next value, which may have to be waited for if the reader takes a row in pieces.</summary>
    public Task<T> ValueAsync<T>(CancellationToken cancellationToken) => reader.GetFieldValueAsync<T>(Take(), cancellationToken);

    /// <summary>The same of what may be null.</summary>
    public async Task<T?> OptionalAsync<T>(CancellationToken cancellationToken)
        where T : class
    {
        var ordinal = Take();
        return await reader.IsDBNullAsync(ordinal, cancellationToken)
            ? null
            : await reader.GetFieldValueAsync<T>(ordinal, cancellationToken);
    }

    protected override bool IsNullAt(int ordinal) => reader.IsDBNull(ordinal);
}
