using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>The row that a statement stands at.</summary>
internal sealed class RowReader(SqliteStatement statement) : SqlRow
{
    public override long Long() => statement.Int64(Take());

    public override int Int() => statement.Int32(Take());

    public override short Short() => checked((short)statement.Int64(Take()));

    public override bool Bool() => statement.Int64(Take()) != 0;

    public override string Text() => statement.Text(Take());

    public override Guid Guid() => statement.Guid(Take());

    public override DateTimeOffset Time() => statement.Time(Take());

    public override byte[] Bytes() => statement.Blob(Take());

    public override IReadOnlyList<string> Texts() => SqliteValues.ToTags(statement.Text(Take()));

    protected override bool IsNullAt(int ordinal) => statement.IsNull(ordinal);
}
