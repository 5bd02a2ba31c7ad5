namespace Forge.Differences.Trees;

/// <summary>The members of an object, to be found by their names.</summary>
internal sealed class ObjectMembers
{
    /// <summary>Up to so many hashes are looked at one after another.</summary>
    private const int Few = 8;

    private readonly JsonPart[] _members;

    /// <summary>The hashes of the names and whose they are, in the order of the hashes unless they are few.</summary>
    private readonly ulong[] _hashes;
    private readonly int[] _order;

    public ObjectMembers(JsonPart value)
    {
        _members = value.ToArray();
        (_hashes, _order) = (new ulong[_members.Length], new int[_members.Length]);
        for (var i = 0; i < _members.Length; i++)
        {
            (_hashes[i], _order[i]) = (TextHash.OfEscaped(_members[i].Name), i);
        }

        if (_members.Length > Few)
        {
            Array.Sort(_hashes, _order);
        }
    }

    public int Count => _members.Length;

    /// <summary>The members in the order in which they are written.</summary>
    public ReadOnlySpan<JsonPart> All => _members;

    /// <summary>Looks a member up.</summary>
    /// <param name="name">Its name, as it is written there or anywhere.</param>
    /// <param name="member">The member.</param>
    /// <param name="place">Its place in <see cref="All"/>; -1 if there is none.</param>
    public bool TryFind(ReadOnlySpan<byte> name, out JsonPart member, out int place)
    {
        var hash = TextHash.OfEscaped(name);
        place = _members.Length <= Few ? FindInFew(name, hash) : FindInMany(name, hash);
        member = place < 0 ? default : _members[place];
        return place >= 0;
    }

    private int FindInFew(ReadOnlySpan<byte> name, ulong hash)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            if (_hashes[i] == hash && JsonText.AreSame(_members[i].Name, name))
            {
                return i;
            }
        }

        return -1;
    }

    private int FindInMany(ReadOnlySpan<byte> name, ulong hash)
    {
        var at = Array.BinarySearch(_hashes, hash);
        while (at > 0 && _hashes[at - 1] == hash)
        {
            at--;
        }

        for (; at >= 0 && at < _hashes.Length && _hashes[at] == hash; at++)
        {
            if (JsonText.AreSame(_members[_order[at]].Name, name))
            {
                return _order[at];
            }
        }

        return -1;
    }
}
