namespace Forge.History.Sql;

/// <summary>What a column can hold: a closed set, which each dialect maps to types of its own.</summary>
internal enum SqlType
{
    Long,
    Int,
    Short,
    Bool,
    Text,
    Guid,

    /// <summary>A time in UTC, in whole microseconds.</summary>
    Time,
    Bytes,

    /// <summary>A list of texts.</summary>
    Texts,
}
