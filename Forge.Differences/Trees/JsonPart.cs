using Forge.Differences.Sequences;

namespace Forge.Differences.Trees;

/// <summary>A value of a document.</summary>
internal readonly struct JsonPart(JsonTree tree, int index)
{
    public ValueKind Kind => tree[index].Kind;

    public ulong Hash => tree[index].Hash;

    /// <summary>The bytes of its text.</summary>
    public int Length => tree[index].Length;

    /// <summary>The bytes of its text without the white space between its tokens.</summary>
    public int CompactLength => tree[index].CompactLength;

    public ReadOnlySpan<byte> Text => tree.Json.Slice(tree[index].Start, tree[index].Length);

    /// <summary>Its name in its object, without the quotes, as it is written.</summary>
    public ReadOnlySpan<byte> Name => tree.Json.Slice(tree[index].Name, tree[index].NameLength);

    public int NameLength => tree[index].NameLength;

    /// <summary>The values straight inside it.</summary>
    public PartEnumerator GetEnumerator() => new(tree, index + 1, tree[index].Next);

    /// <summary>As many as there are straight inside it.</summary>
    public int Count()
    {
        var count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    public JsonPart[] ToArray()
    {
        var (parts, count) = (new JsonPart[Count()], 0);
        foreach (var part in this)
        {
            parts[count++] = part;
        }

        return parts;
    }

    /// <inheritdoc cref="PartComparison.AreSame"/>
    public static bool AreSame(JsonPart left, JsonPart right, Budget budget) => PartComparison.AreSame(left, right, budget);

    /// <summary>Goes through the values straight inside a container.</summary>
    internal struct PartEnumerator(JsonTree tree, int first, int end)
    {
        private int _index = -1;

        public readonly JsonPart Current => new(tree, _index);

        public bool MoveNext()
        {
            _index = _index < 0 ? first : tree[_index].Next;
            return _index < end;
        }
    }
}
