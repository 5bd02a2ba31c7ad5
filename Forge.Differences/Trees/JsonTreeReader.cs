using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Forge.Differences.Sequences;

namespace Forge.Differences.Trees;

/// <summary>Reads a document once, from its beginning to its end, and takes no stack for what is nested.</summary>
internal ref struct JsonTreeReader
{
    /// <summary>Up to so many names are compared each with each.</summary>
    private const int FewNames = 8;

    /// <summary>The quotes of a name and the colon behind it.</summary>
    private const int NameFrame = 3;

    private const int None = -1;

    /// <summary>There is room for so many values at first.</summary>
    private const int FirstRoom = 256;

    private readonly ReadOnlySpan<byte> _json;
    private readonly List<Open> _open = [];

    /// <summary>The names of all objects that are open, and whose they are.</summary>
    private readonly List<ulong> _names = [];
    private readonly List<int> _owners = [];
    private readonly int _limit;
    private readonly Budget _budget;
    private TreeValue[] _values;
    private int _count;

    /// <summary>The bytes that were read, without the white space between tokens.</summary>
    private int _compact;
    private Utf8JsonReader _reader;
    private int _name = -1;
    private int _nameLength;
    private ulong _nameHash;

    private JsonTreeReader(ReadOnlySpan<byte> json, int limit, Budget budget)
    {
        (_limit, _budget) = (limit, budget);
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Math.Min(limit, int.MaxValue - 1) + 1 });
        _values = new TreeValue[Math.Min(limit, FirstRoom)];
    }

    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="limit">The most values.</param>
    /// <param name="budget">Told of each token.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="UnreadableJsonException">It is no JSON, has a name twice in an object, or has too many values.</exception>
    public static JsonTree Read(ReadOnlyMemory<byte> json, int limit, Budget budget)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new UnreadableJsonException(NotComparableReason.NotJson, "is not UTF-8");
        }

        try
        {
            var reader = new JsonTreeReader(json.Span, limit, budget);
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
            _budget.Note();
            switch (_reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    _name = (int)_reader.TokenStartIndex + 1;
                    _nameLength = _reader.ValueSpan.Length;
                    _nameHash = HashOfText();
                    _compact += CommaBefore() + _nameLength + NameFrame;
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
        value.CompactLength = value.Length;
        _compact += value.Length;
        value.Hash = TextHash.Combine((ulong)kind, hash);
        NoteInside(value.Hash, _nameHash);
    }

    private void Begin(ValueKind kind)
    {
        Add(kind);
        _open.Add(new Open(_count - 1, _nameHash, _names.Count, _compact));
        _compact++;
    }

    private void End()
    {
        var open = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        ref var value = ref _values[open.Value];
        value.Next = _count;
        _compact++;
        value.CompactLength = _compact - open.Compact;
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
        if (_count == _limit)
        {
            throw new UnreadableJsonException(NotComparableReason.TooManyValues, $"has more than {_limit} values");
        }

        if (_count == _values.Length)
        {
            Array.Resize(ref _values, (int)Math.Min(_limit, 2L * _values.Length));
        }

        ref var value = ref _values[_count];
        (value.Kind, value.Start, value.Next, value.Name, value.NameLength) =
            (kind, (int)_reader.TokenStartIndex, _count + 1, _name, _nameLength);
        if (_name >= 0)
        {
            _names.Add(_nameHash);
            _owners.Add(_count);
        }
        else
        {
            _compact += CommaBefore();
        }

        (_name, _nameLength) = (-1, 0);
        _count++;
        return ref value;
    }

    /// <summary>As many bytes as the comma takes before the next value or name: none before the first of a container.</summary>
    private readonly int CommaBefore() => _open.Count > 0 && _open[^1].Value != _count - 1 ? 1 : 0;

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
        var duplicate = None;
        if (names.Length <= FewNames)
        {
            duplicate = FindDuplicate(names, owners);
        }
        else
        {
            names.Sort(owners);
            for (var (start, end) = (0, 1); start < names.Length; start = end++)
            {
                while (end < names.Length && names[end] == names[start])
                {
                    end++;
                }

                // The order of hashes is chance, and which duplicate is told must not be: the first in the document is.
                owners[start..end].Sort();
                if (FindDuplicate(names[start..end], owners[start..end]) is not None and var found && (duplicate == None || found < duplicate))
                {
                    duplicate = found;
                }
            }
        }

        if (duplicate != None)
        {
            throw new UnreadableJsonException(
                NotComparableReason.DuplicateName, $"has a name twice in one object, at byte {_values[duplicate].Name - 1}");
        }

        _names.RemoveRange(first, names.Length);
        _owners.RemoveRange(first, owners.Length);
    }

    /// <summary>The first value of some, which are in the order of the document, that has the name of one before it.</summary>
    private readonly int FindDuplicate(ReadOnlySpan<ulong> names, ReadOnlySpan<int> owners)
    {
        for (var i = 1; i < names.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (names[i] == names[j] && JsonText.AreSame(NameOf(owners[i]), NameOf(owners[j])))
                {
                    return owners[i];
                }
            }
        }

        return None;
    }

    private readonly ReadOnlySpan<byte> NameOf(int value) => _json.Slice(_values[value].Name, _values[value].NameLength);

    /// <summary>A container that has not ended.</summary>
    /// <param name="Value">Its index.</param>
    /// <param name="NameHash">The hash of its own name.</param>
    /// <param name="Names">Where the names of its members begin.</param>
    /// <param name="Compact">The bytes before it, without white space.</param>
    private readonly record struct Open(int Value, ulong NameHash, int Names, int Compact);
}
