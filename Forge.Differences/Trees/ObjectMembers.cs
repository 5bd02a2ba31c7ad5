namespace Forge.Differences.Trees;

/// <summary>The members of an object, to be found by their names.</summary>
internal sealed class ObjectMembers
{
    /// <summary>Up to so many members are looked at one after another.</summary>
    private const int Few = 8;

    private readonly JsonPart[] _members;

    /// <summary>The hashes of the names in their order, and whose they are; none of few.</summary>
    private readonly ulong[] _hashes = [];
    private readonly int[] _order = [];

    public ObjectMembers(JsonPart value)
    {
        _members = value.ToArray();
        if (_members.Length <= Few)
        {
            return;
        }

        (_hashes, _order) = (new ulong[_members.Length], new int[_members.Length]);
        for (var i = 0; i < _members.Length; i++)
        {
            (_hashes[i], _order[i]) = (TextHash.OfEscaped(_members[i].Name), i);
        }

        Array.Sort(_hashes, _order);
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
        place = _members.Length <= Few ? FindInFew(name) : FindInMany(name);
        member = place < 0 ? default : _members[place];
        return place >= 0;
    }

    private int FindInFew(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            if (JsonText.AreSame(_members[i].Name, name))
            {
                return i;
            }
        }

        return -1;
    }

    private int FindInMany(ReadOnlySpan<byte> name)
    {
        var hash = TextHash.OfEscaped(name);
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
