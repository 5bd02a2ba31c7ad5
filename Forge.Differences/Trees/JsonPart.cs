using System.Runtime.CompilerServices;

namespace Forge.Differences.Trees;

/// <summary>A value of a document.</summary>
internal readonly struct JsonPart(JsonTree tree, int index)
{
    public ValueKind Kind => tree[index].Kind;

    public ulong Hash => tree[index].Hash;

    /// <summary>The bytes of its text.</summary>
    public int Length => tree[index].Length;

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

    /// <summary>True if two values are the same. Hashes are compared first, and are not relied on.</summary>
    public static bool AreSame(JsonPart left, JsonPart right)
    {
        if (left.Hash != right.Hash || left.Kind != right.Kind)
        {
            return false;
        }

        if (left.Text.SequenceEqual(right.Text))
        {
            return true;
        }

        // Deeper than the stack goes, what is written in another way counts as something else, which is never wrong.
        return RuntimeHelpers.TryEnsureSufficientExecutionStack() && left.Kind switch
        {
            ValueKind.String => JsonText.AreSame(left.Text[1..^1], right.Text[1..^1]),
            ValueKind.Array => AreSameArrays(left, right),
            ValueKind.Object => AreSameObjects(left, right),
            _ => false,
        };
    }

    private static bool AreSameArrays(JsonPart left, JsonPart right)
    {
        var others = right.GetEnumerator();
        foreach (var part in left)
        {
            if (!others.MoveNext() || !AreSame(part, others.Current))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }

    private static bool AreSameObjects(JsonPart left, JsonPart right)
    {
        var members = new ObjectMembers(right);
        var count = 0;
        foreach (var part in left)
        {
            count++;
            if (!members.TryFind(part.Name, out var other, out _) || !AreSame(part, other))
            {
                return false;
            }
        }

        return count == members.Count;
    }

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
