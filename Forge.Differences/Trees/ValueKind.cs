namespace Forge.Differences.Trees;

/// <summary>The kinds of JSON values.</summary>
internal enum ValueKind : byte
{
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}
