using Forge.History.Deltas;
using Forge.History.Reclaiming;
using Forge.History.Rows;

namespace Forge.Grains.Tests.History.Reclaiming;

/// <summary>
/// Groups of rows as a session may have them, and a sweep over them that holds each of its steps against what is left.
/// </summary>
internal sealed class ReclaimedGroups
{
    private readonly Random _random;
    private readonly Dictionary<long, GroupMember> _members = [];
    private readonly long _head;
    private readonly long _current;

    public ReclaimedGroups(Random random)
    {
        _random = random;
        var isAlive = random.Next(10) > 0;
        var sequence = 1L;
        for (var groups = random.Next(1, 6); groups > 0; groups--)
        {
            sequence = AddGroup(sequence, isAlive);
        }

        var visible = _members.Values.Where(m => m.IsVisible).Select(m => m.Row.Sequence).ToList();
        (_head, _current) = visible.Count == 0 ? (0, 0) : (visible.Max(), visible[random.Next(visible.Count)]);
    }

    /// <summary>How many rows were copied out, so that they stand alone.</summary>
    public int CopiedOut { get; private set; }

    /// <summary>Takes steps until nothing brings another; answers how many.</summary>
    public int Sweep()
    {
        var limit = _random.Next(1, 30);
        var steps = 0;
        for (; Awaiting > 0; steps++)
        {
            var before = _members.Count + Awaiting;
            Step(limit);
            Assert.True(_members.Count + Awaiting < before, "A step made no progress.");
        }

        Assert.Equal(Needed().Order(), _members.Keys.Order());
        Assert.All(_members.Values, m => Assert.Equal(!m.IsVisible, m.IsHidden));
        return steps;
    }

    /// <summary>How many rows there are that bring a step: those that nobody sees and that are not hidden yet.</summary>
    private int Awaiting => _members.Values.Count(m => !m.IsVisible && !m.IsHidden);

    private void Step(int limit)
    {
        var labels = _members.Values.Where(m => !m.IsVisible && !m.IsHidden).Select(m => m.Label).ToHashSet();
        var members = _members.Values.Where(m => labels.Contains(m.Label)).OrderBy(_ => _random.Next()).ToList();
        var plan = ReclaimPlan.Make(members, _head, _current, limit);
        if (plan.Copies.Count > 0)
        {
            CopyOut(plan.Copies);
            members = [.. members.Select(m => _members[m.Row.Sequence])];
            plan = ReclaimPlan.Make(members, _head, _current, limit);
        }

        Check(plan, limit);
        var needed = Needed();
        foreach (var row in plan.Hiding)
        {
            var member = _members[row.Sequence];
            Assert.True(member is { IsVisible: false, IsHidden: false } && needed.Contains(row.Sequence), $"{row.Sequence} is hidden.");
            _members[row.Sequence] = member with { IsHidden = true };
        }

        // What is removed goes one by one: a step may end behind each, and what is left has to be decodable there.
        foreach (var row in plan.Going)
        {
            Assert.False(needed.Contains(row.Sequence), $"{row.Sequence} goes, and a visible row is decoded on it.");
            Assert.True(_members.Remove(row.Sequence), $"{row.Sequence} goes twice.");
            Assert.DoesNotContain(_members.Values, m => m.Row.Base == row.Sequence);
        }

        Assert.True(!plan.IsWhole || Awaiting == 0, "A step that left something says that it did not.");
    }

    /// <summary>Up to the last row that brings a step, a step goes no further than its bounds.</summary>
    private void Check(ReclaimPlan plan, int limit)
    {
        var last = plan.Going.ToList().FindLastIndex(row => !_members[row.Sequence].IsHidden);
        Assert.True(last < limit, $"{last + 1} rows go, and {limit} may.");
        Assert.True(plan.Going.Take(last).Sum(row => (long)row.StoredSize) < WorkStep.StoredBytes || last <= 0, "Too many bytes go.");
    }

    private void CopyOut(IReadOnlyList<SurvivorCopies> copies)
    {
        foreach (var group in copies)
        {
            var rows = _members.Values.Where(m => m.Label == group.Group).ToList();
            Assert.DoesNotContain(rows, m => m.Row.Sequence == _head || m.Row.Sequence == _current);
            Assert.Equal(
                rows.Where(m => m.IsVisible && m.Row.Base is not null).Select(m => m.Row.Sequence).Order(), group.Sequences.Order());

            // A store does not if that saves nothing.
            foreach (var sequence in _random.Next(3) == 0 ? [] : group.Sequences)
            {
                CopiedOut++;
                _members[sequence] = _members[sequence] with { Row = _members[sequence].Row with { Base = null } };
            }
        }
    }

    /// <summary>The visible rows and all that they are decoded on.</summary>
    private HashSet<long> Needed()
    {
        var needed = new HashSet<long>();
        foreach (var member in _members.Values.Where(m => m.IsVisible))
        {
            for (long? sequence = member.Row.Sequence; sequence is { } known; sequence = _members[known].Row.Base)
            {
                needed.Add(known);
            }
        }

        return needed;
    }

    private long AddGroup(long label, bool isAlive)
    {
        var rows = new List<StoredCheckpoint>();
        var sizes = _random.Next(6) == 0 ? (int)WorkStep.StoredBytes / 2 : 1000;
        var sequence = label;
        for (var count = _random.Next(1, 40); count > 0 && sequence - label <= ChainEnd.MaxSpan; count--)
        {
            rows.Add(HistoryRows.Checkpoint(sequence) with
            {
                Group = sequence == label ? null : label,
                Base = rows.Count == 0 || _random.Next(20) == 0 ? null : rows[_random.Next(Math.Max(0, rows.Count - 4), rows.Count)].Sequence,
                StoredSize = _random.Next(1, sizes),
                Size = _random.Next(1, 2 * sizes),
            });
            sequence += _random.Next(1, 4);
        }

        var (oneVisibleIn, carriers) = (_random.Next(1, 15), new HashSet<long>());
        foreach (var row in rows.AsEnumerable().Reverse())
        {
            // Only what others stood on is hidden; of these one at least is not hidden, and brings a step if it goes.
            var isHidden = carriers.Contains(row.Sequence) && _random.Next(2) == 0;
            _members.Add(row.Sequence, new GroupMember(
                row, isAlive && !isHidden && _random.Next(oneVisibleIn) == 0, isHidden));
            if (row.Base is { } known)
            {
                carriers.Add(known);
            }
        }

        return sequence;
    }
}
