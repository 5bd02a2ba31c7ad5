namespace Forge.Differences.Trees;

/// <summary>The members of an object, to be found by their names.</summary>
internal sealed class ObjectMembers
{
    private readonly ulong[] _hashes;
    private readonly int[] _order;
    private readonly JsonPart[] _members;

    public ObjectMembers(JsonPart value)
    {
        _members = value.ToArray();
        _hashes = new ulong[_members.Length];
        _order = new int[_members.Length];
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
    /// <param name="place">Its place in <see cref="All"/>.</param>
    public bool TryFind(ReadOnlySpan<byte> name, out JsonPart member, out int place)
    {
        var hash = TextHash.OfEscaped(name);
        var at = Array.BinarySearch(_hashes, hash);
        while (at > 0 && _hashes[at - 1] == hash)
        {
            at--;
        }

        for (; at >= 0 && at < _hashes.Length && _hashes[at] == hash; at++)
        {
            (member, place) = (_members[_order[at]], _order[at]);
            if (JsonText.AreSame(member.Name, name))
            {
                return true;
            }
        }

        (member, place) = (default, -1);
        return false;
    }
}
