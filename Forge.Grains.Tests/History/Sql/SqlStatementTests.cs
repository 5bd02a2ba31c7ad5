using Forge.History.Sql;

namespace Forge.Grains.Tests.History.Sql;

public sealed class SqlStatementTests
{
    [Theory]
    [InlineData("WHERE a = @one AND b = @two_2", "WHERE a = $1 AND b = $2", "one two_2")]
    [InlineData("@b, @a, @b::bigint[]", "$1, $2, $1::bigint[]", "b a")]
    [InlineData("x <@ y AND '@quoted' = @a", "x <@ y AND '@quoted' = $1", "a")]
    [InlineData("no parameter @", "no parameter @", "")]
    public void Statement_NamesInAText_AreNumberedByTheirFirstUse(string text, string made, string names)
    {
        var statement = new SqlStatement(text, '$');

        Assert.Equal(made, statement.Text);
        Assert.Equal(names, string.Join(' ', statement.Names));
    }

    [Fact]
    public void Write_ArgumentsInAnotherOrder_AreWrittenByTheirNumbers()
    {
        var written = new Written();

        new SqlStatement("@b @a @b", '?').Write(written, [("a", 1L), ("b", "two")]);

        Assert.Equal(["two", 1L], written.Values);
    }

    [Fact]
    public void Write_ArgumentThatIsMissingOrUnknown_IsRefused()
    {
        var statement = new SqlStatement("@a @b", '?');

        Assert.Throws<ArgumentException>(() => statement.Write(new Written(), [("a", 1L)]));
        Assert.Throws<ArgumentException>(() => statement.Write(new Written(), [("a", 1L), ("c", 2L)]));
        Assert.Throws<ArgumentException>(() => statement.Write(new Written(), [("a", 1L), ("b", 2L), ("c", 3L)]));
    }

    private sealed class Written : ISqlParameters
    {
        public List<object?> Values { get; } = [];

        public void Long(long value) => Values.Add(value);

        public void Int(int value) => Values.Add(value);

        public void Short(short value) => Values.Add(value);

        public void Bool(bool value) => Values.Add(value);

        public void Text(string value) => Values.Add(value);

        public void Guid(Guid value) => Values.Add(value);

        public void Time(DateTimeOffset value) => Values.Add(value);

        public void Bytes(ReadOnlyMemory<byte> value) => Values.Add(value);

        public void Texts(IReadOnlyList<string> value) => Values.Add(value);

        public void Null(SqlType type) => Values.Add(null);

        public void List<T>(SqlType type, T[] values) => Values.Add(values);
    }
}
