using System.Security.Cryptography;
using System.Text;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Sql;

namespace Forge.Grains.Tests.History.Chain;

/// <summary>Of columns as a table might declare them; each test says what the row has in them.</summary>
public sealed class AddedFieldsTests
{
    private static readonly StoredCheckpoint Row = HistoryRows.Checkpoint(1);

    [Fact]
    public void Write_NoneIsThere_LeavesTheValueAsItWas()
    {
        var (hash, any) = HashOf(Text("author", null), Number("priority", null));

        Assert.False(any);
        Assert.Equal(SHA256.HashData(Encode(Row.Message)), hash);
    }

    [Fact]
    public void Write_SomeAreThere_WritesTheirNamesAndValuesBehindTheRest()
    {
        var (hash, any) = HashOf(Text("author", "né"), Text("team", null), Number("priority", 258), Text("note", ""));

        Assert.True(any);
        byte[] expected =
        [
            .. Encode(Row.Message), .. Encode("author"), .. Encode("né"), .. Encode("priority"), 0, 0, 0, 0, 0, 0, 1, 2,
            .. Encode("note"), .. Encode(""),
        ];
        Assert.Equal(SHA256.HashData(expected), hash);
    }

    [Fact]
    public void Write_ColumnThatHasNoEncoding_IsRefusedWhateverTheRowHas()
    {
        var list = new Column<StoredCheckpoint, IReadOnlyList<string>?>("labels", SqlKinds.Of<IReadOnlyList<string>?>(true), _ => null, null);
        var required = new Column<StoredCheckpoint, string>("author", SqlKinds.Of<string>(false), _ => "", null);

        Assert.Throws<NotSupportedException>(() => HashOf(list));
        Assert.Throws<NotSupportedException>(() => HashOf(required));
    }

    [Fact]
    public void Columns_OfAProperty_AreKnownToCallersByItsName()
    {
        var column = Column<StoredCheckpoint, string>.Of("content_type", row => row.ContentType, ColumnUse.None);

        Assert.Equal(("content_type", "contentType"), (column.Name, column.Field));
    }

    private static (byte[] Hash, bool Any) HashOf(params Column<StoredCheckpoint>[] columns)
    {
        var buffer = new ChainBuffer(stackalloc byte[16]);
        buffer.Text(Row.Message);
        var any = AddedFields.Write(ref buffer, Row, columns);
        return (buffer.Hash(), any);
    }

    private static Column<StoredCheckpoint, string?> Text(string name, string? value) => new(name, SqlKinds.Of<string?>(true), _ => value, null);

    private static Column<StoredCheckpoint, long?> Number(string name, long? value) => new(name, SqlKinds.Of<long?>(true), _ => value, null);

    private static byte[] Encode(string text) =>
        [0, 0, 0, 0, 0, 0, 0, (byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];
}
