using System.Collections.Concurrent;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Tests.Engine;

/// <summary>What outlives an activation: the store, the session as it ought to be, and the time.</summary>
/// <param name="random">Where all chance comes from.</param>
/// <param name="seen">Counts what was seen over all runs.</param>
internal sealed class ModelWorld(Random random, ConcurrentDictionary<string, int> seen)
{
    public static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));
    public const int MostBranches = 4;
    public const int MostWrites = 6;
    public static readonly TimeSpan RequestWindow = TimeSpan.FromMilliseconds(5);

    private readonly ReferenceChain _chain = new(Address);
    private long _keys;

    public ModelStore Store { get; } = new();

    /// <summary>What the store ought to hold.</summary>
    public ModelState Truth { get; } = new();

    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public int Commits { get; private set; }

    public long NextKey() => ++_keys;

    /// <summary>Time goes on, now and then back a little, and sometimes the clock is set by minutes, ahead or back.</summary>
    public void Tick() => Now += random.Next(60) == 0
        ? TimeSpan.FromMinutes(random.Next(-10, 11))
        : TimeSpan.FromTicks(random.Next(-150, 2000));

    public void Saw(string what) => seen.AddOrUpdate(what, 1, static (_, count) => count + 1);

    public Guid NewGuid()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>Writes a commit, if the store takes it, and holds what is there then against what ought to be.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="intents">What was asked for by the changes in it, in order.</param>
    public CommitStatus Write(SessionCommit commit, IEnumerable<Action<ModelState>> intents)
    {
        var status = Store.Write(commit);
        if (status == CommitStatus.Committed)
        {
            Truth.BeginVersion();
            foreach (var intent in intents)
            {
                intent(Truth);
            }

            Truth.NoteStored(commit);
            _chain.Append(commit);
            Commits++;
            Check(Store.Head!);
            Truth.Check(Store.Branches);
            Store.CheckWrites(Truth);
            if (random.Next(4) == 0)
            {
                CheckRows();
            }
        }

        return status;
    }

    private void Check(SessionHead head)
    {
        Check(head, Truth);
        Assert.True(Truth.NewRequests.SetEquals(Store.NewRequests), "other requests are remembered");
        Assert.True(Truth.NewWork.SetEquals(Store.NewWork), "other work is noted");
        Assert.Equal(StoredLabel.Of(Truth.Settings), Store.Labels);
        Assert.Equal(Truth.Origin is null ? null : OriginDetail.Of(Truth.Origin), Truth.Origin is null ? null : OriginDetail.Of(Store.Origin!));
        Assert.Equal(Truth.Events.Count, Store.Events.Count);
        for (var i = Math.Max(0, Store.Events.Count - 16); i < Store.Events.Count; i++)
        {
            var (expected, happened) = (Truth.Events[i], Store.Events[i]);
            Assert.Equal(
                (expected.Position, expected.Kind, expected.Sequence, expected.LastSequence, expected.At),
                (happened.Position, happened.Kind, happened.Sequence, happened.LastSequence, happened.At));
            var detail = EventDetail.Read(happened.Detail)!;
            Assert.Equal(expected.After, detail.After);
            Assert.True(expected.Holds(detail), $"the event at {expected.Position} tells something else: {happened.Detail}");
        }
    }

    /// <summary>Holds every checkpoint against what it ought to be, those that are gone too.</summary>
    public void CheckRows()
    {
        Assert.Equal(
            Truth.Effects.Values.OrderBy(effect => effect.Key, StringComparer.Ordinal),
            Store.Effects.Values.OrderBy(row => row.Key, StringComparer.Ordinal).Select(ModelActivation.Of));
        Assert.Equal(Truth.Rows.Count, Store.Count);
        foreach (var row in Truth.Rows.Values)
        {
            Assert.True(Store.IsSame(row), $"checkpoint {row.Sequence} differs");
            Assert.True(!row.IsVisible || row.Requires.All(Truth.IsVisible), $"checkpoint {row.Sequence} requires what is gone");
        }
    }

    /// <summary>Holds a head row against what it ought to be.</summary>
    public static void Check(SessionHead head, ModelState expected)
    {
        Assert.Equal((expected.Version, expected.Life), (head.Version, head.Incarnation));
        Assert.Equal(
            (expected.LastSequence, expected.LastPosition, expected.Head, expected.Current),
            (head.LastSequence, head.LastPosition, head.Head, head.Current));
        Assert.Equal((expected.Count, expected.Bytes), (head.Count, head.Bytes));
        Assert.Equal(
            (expected.CreatedAt, expected.LastCreatedAt, expected.DeletedAt, expected.Settings),
            (head.CreatedAt, head.LastCreatedAt, head.DeletedAt, head.Settings));
        Assert.Equal(
            (expected.Claim.Epoch == 0 ? null : expected.Claim.Epoch, expected.Claim.Owner, expected.Claim.Until),
            (head.ClaimEpoch, head.ClaimOwner, head.ClaimUntil));
        Assert.Equal(
            expected.HadWrites ? (expected.Writes.Count, expected.Writes.Values.Sum(write => (long)write.Size)) : ((long?)null, (long?)null),
            (head.WriteCount, head.WriteBytes));
        Assert.Equal((expected.EffectCount, expected.TokenCount), (head.EffectCount, head.TokenCount));
        Assert.True(expected.HasDueState(head.DueState), $"something else is due: {head.DueState}");
        Assert.Equal((expected.Origin?.OriginKey, expected.Origin?.Sequence), (head.OriginKey, head.OriginSequence));
    }
}
