namespace Forge.Differences.Trees;

/// <summary>The values of a document.</summary>
internal sealed class JsonTree(ReadOnlyMemory<byte> json, TreeValue[] values)
{
    public JsonPart Root => new(this, 0);

    public ReadOnlySpan<byte> Json => json.Span;

    public ref readonly TreeValue this[int index] => ref values[index];
}
