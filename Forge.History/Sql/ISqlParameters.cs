namespace Forge.History.Sql;

/// <summary>Takes the values of a statement's parameters, one after another in the order in which its text first names them.</summary>
internal interface ISqlParameters
{
    void Long(long value);

    void Int(int value);

    void Short(short value);

    void Bool(bool value);

    void Text(string value);

    void Guid(Guid value);

    void Time(DateTimeOffset value);

    void Bytes(ReadOnlyMemory<byte> value);

    void Texts(IReadOnlyList<string> value);

    void Null(SqlType type);

    /// <summary>All values of one column, as one parameter.</summary>
    /// <exception cref="NotSupportedException">The database knows no lists of this type.</exception>
    void List<T>(SqlType type, T[] values);
}
