using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Forge.Differences.Trees;

/// <summary>Reads a document once, from its beginning to its end, and takes no stack for what is nested.</summary>
internal ref struct JsonTreeReader
{
    /// <summary>Up to so many names are compared each with each.</summary>
    private const int FewNames = 8;

    private readonly ReadOnlySpan<byte> _json;
    private readonly List<Open> _open = [];

    /// <summary>The names of all objects that are open, and whose they are.</summary>
    private readonly List<ulong> _names = [];
    private readonly List<int> _owners = [];
    private readonly TreeValue[] _values;
    private int _count;
    private Utf8JsonReader _reader;
    private int _name = -1;
    private int _nameLength;
    private ulong _nameHash;

    private JsonTreeReader(ReadOnlySpan<byte> json, int limit)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Math.Min(limit, int.MaxValue - 1) + 1 });

        // Each value but the first follows a comma or the beginning of a container; those in texts count for nothing worse than room.
        _values = new TreeValue[(int)Math.Min(
            limit, (long)json.Count((byte)',') + json.Count((byte)'[') + json.Count((byte)'{') + 1)];
    }

    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="limit">The most values.</param>
    /// <exception cref="UnreadableJsonException">It is no JSON, has a name twice in an object, or has too many values.</exception>
    public static JsonTree Read(ReadOnlyMemory<byte> json, int limit)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new UnreadableJsonException(NotComparableReason.NotJson, "is not UTF-8");
        }

        try
        {
            var reader = new JsonTreeReader(json.Span, limit);
            reader.Read();
            return new JsonTree(json, reader._values);
        }
        catch (JsonException exception)
        {
            throw new UnreadableJsonException(
                NotComparableReason.NotJson, $"is not JSON in line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}", exception);
        }
    }

    private void Read()
    {
        while (_reader.Read())
        {
            switch (_reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    _name = (int)_reader.TokenStartIndex + 1;
                    _nameLength = _reader.ValueSpan.Length;
                    _nameHash = HashOfText();
                    break;
                case JsonTokenType.StartObject:
                    Begin(ValueKind.Object);
                    break;
                case JsonTokenType.StartArray:
                    Begin(ValueKind.Array);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    End();
                    break;
                case JsonTokenType.String:
                    AddScalar(ValueKind.String, HashOfText());
                    break;
                case JsonTokenType.Number:
                    AddScalar(ValueKind.Number, TextHash.Of(_reader.ValueSpan));
                    break;
                case JsonTokenType.True:
                    AddScalar(ValueKind.True, 0);
                    break;
                case JsonTokenType.False:
                    AddScalar(ValueKind.False, 0);
                    break;
                default:
                    AddScalar(ValueKind.Null, 0);
                    break;
            }
        }
    }

    private readonly ulong HashOfText() =>
        _reader.ValueIsEscaped ? TextHash.OfEscaped(_reader.ValueSpan) : TextHash.Of(_reader.ValueSpan);

    private void AddScalar(ValueKind kind, ulong hash)
    {
        ref var value = ref Add(kind);
        value.Length = (int)_reader.BytesConsumed - value.Start;
        value.Hash = TextHash.Combine((ulong)kind, hash);
        NoteInside(value.Hash, _nameHash);
    }

    private void Begin(ValueKind kind)
    {
        Add(kind);
        _open.Add(new Open(_count - 1, _nameHash, _names.Count));
    }

    private void End()
    {
        var open = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        ref var value = ref _values[open.Value];
        value.Next = _count;
        value.Length = (int)_reader.BytesConsumed - value.Start;
        value.Hash = TextHash.Combine((ulong)value.Kind, value.Hash);
        if (value.Kind == ValueKind.Object)
        {
            RefuseDuplicates(open.Names);
        }

        NoteInside(value.Hash, open.NameHash);
    }

    private ref TreeValue Add(ValueKind kind)
    {
        if (_count == _values.Length)
        {
            throw new UnreadableJsonException(NotComparableReason.TooManyValues, $"has more than {_values.Length} values");
        }

        ref var value = ref _values[_count];
        (value.Kind, value.Start, value.Next, value.Name, value.NameLength) =
            (kind, (int)_reader.TokenStartIndex, _count + 1, _name, _nameLength);
        if (_name >= 0)
        {
            _names.Add(_nameHash);
            _owners.Add(_count);
        }

        (_name, _nameLength) = (-1, 0);
        _count++;
        return ref value;
    }

    /// <summary>Lets a container's hash depend on a value in it: in an array on its place, in an object on its name alone.</summary>
    private readonly void NoteInside(ulong hash, ulong nameHash)
    {
        if (_open.Count > 0)
        {
            ref var container = ref _values[_open[^1].Value];
            container.Hash = container.Kind == ValueKind.Array
                ? TextHash.Combine(container.Hash, hash)
                : container.Hash + TextHash.Combine(nameHash, hash);
        }
    }

    /// <summary>Looks at the names of the object that ends here, the last of all open ones, and forgets them.</summary>
    private readonly void RefuseDuplicates(int first)
    {
        var names = CollectionsMarshal.AsSpan(_names)[first..];
        var owners = CollectionsMarshal.AsSpan(_owners)[first..];
        if (names.Length > FewNames)
        {
            names.Sort(owners);
        }

        for (var i = 1; i < names.Length; i++)
        {
            for (var j = i - 1; j >= 0 && (names.Length <= FewNames || names[j] == names[i]); j--)
            {
                if (names[i] == names[j] && JsonText.AreSame(NameOf(owners[i]), NameOf(owners[j])))
                {
                    throw new UnreadableJsonException(
                        NotComparableReason.DuplicateName,
                        $"has a name twice in one object, at byte {Math.Max(_values[owners[i]].Name, _values[owners[j]].Name) - 1}");
                }
            }
        }

        _names.RemoveRange(first, names.Length);
        _owners.RemoveRange(first, owners.Length);
    }

    private readonly ReadOnlySpan<byte> NameOf(int value) => _json.Slice(_values[value].Name, _values[value].NameLength);

    /// <summary>A container that has not ended.</summary>
    /// <param name="Value">Its index.</param>
    /// <param name="NameHash">The hash of its own name.</param>
    /// <param name="Names">Where the names of its members begin.</param>
    private readonly record struct Open(int Value, ulong NameHash, int Names);
}
