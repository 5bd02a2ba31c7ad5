namespace Forge.History.Sql;

/// <summary>The value of a statement's parameter, by its name.</summary>
/// <param name="Name">The name, without the sign before it.</param>
/// <param name="Write">Writes the value.</param>
internal readonly record struct SqlArgument(string Name, Action<ISqlParameters> Write)
{
    public static implicit operator SqlArgument((string Name, long Value) of) => new(of.Name, p => p.Long(of.Value));

    public static implicit operator SqlArgument((string Name, int Value) of) => new(of.Name, p => p.Int(of.Value));

    public static implicit operator SqlArgument((string Name, short Value) of) => new(of.Name, p => p.Short(of.Value));

    public static implicit operator SqlArgument((string Name, string Value) of) => new(of.Name, p => p.Text(of.Value));

    public static implicit operator SqlArgument((string Name, Guid Value) of) => new(of.Name, p => p.Guid(of.Value));

    public static implicit operator SqlArgument((string Name, DateTimeOffset Value) of) => new(of.Name, p => p.Time(of.Value));

    public static implicit operator SqlArgument((string Name, DateTimeOffset? Value) of) =>
        new(of.Name, p => SqlKinds.Of<DateTimeOffset?>(isNullable: true).Write(p, of.Value));

    public static implicit operator SqlArgument((string Name, ReadOnlyMemory<byte> Value) of) => new(of.Name, p => p.Bytes(of.Value));

    /// <summary>A list of whole numbers, for <see cref="SqlDialect.In"/>.</summary>
    public static implicit operator SqlArgument((string Name, long[] Value) of) => new(of.Name, p => p.List(SqlType.Long, of.Value));

    /// <summary>The values of a row, each by the name of its column.</summary>
    public static IEnumerable<SqlArgument> Of<TRow>(IEnumerable<Column<TRow>> columns, TRow row) =>
        columns.Select(c => new SqlArgument(c.Name, p => c.Write(p, row)));
}
