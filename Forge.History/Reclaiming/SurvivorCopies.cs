using Forge.History.Deltas;
using Forge.History.Rows;

namespace Forge.History.Reclaiming;

/// <summary>The few visible rows of a mostly dead group, which might be written anew as full copies, so that the rest can go.</summary>
/// <param name="Group">The group.</param>
/// <param name="Sequences">The rows.</param>
/// <param name="Size">The length of their states.</param>
/// <param name="Freed">The stored bytes that go when they are.</param>
internal sealed record SurvivorCopies(long Group, IReadOnlyList<long> Sequences, long Size, long Freed)
{
    /// <summary>
    /// The rows as full copies. Null if that would not save space, or if a state is not the one that was saved: a
    /// damage stays where it is, to be found.
    /// </summary>
    /// <param name="stored">The rows with their states.</param>
    public IReadOnlyList<StoredCheckpoint>? Make(IReadOnlyList<StoredState> stored)
    {
        var (copies, bytes) = (new List<StoredCheckpoint>(stored.Count), 0L);
        foreach (var row in stored)
        {
            try
            {
                var state = StateDecoder.DecodeSaved(row);
                var plain = row.Row with { Codec = StateCodec.Plain, Base = null, Stored = state, StoredSize = state.Length };
                copies.Add(StateEncoder.EncodeFull(plain, out _));
            }
            catch (UndecodableStateException)
            {
                return null;
            }

            bytes += copies[^1].StoredSize;
            if (bytes >= Freed)
            {
                return null;
            }
        }

        return copies.Count == Sequences.Count ? copies : null;
    }

    /// <summary>The members of groups once copies took the place of some.</summary>
    public static List<GroupMember> Apply(IEnumerable<GroupMember> members, IReadOnlyList<StoredCheckpoint> copies)
    {
        var copied = copies.ToDictionary(row => row.Sequence);
        return [.. members.Select(member => copied.TryGetValue(member.Row.Sequence, out var copy)
            ? member with { Row = member.Row with { Codec = copy.Codec, Base = null, StoredSize = copy.StoredSize } }
            : member)];
    }
}
