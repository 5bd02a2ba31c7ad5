using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>Pending writes, as the model has them.</summary>
internal static class ModelWrites
{
    public static (long Sequence, string Task, int Index) Key(long sequence, WriteCommand write) => (sequence, write.Input.Task, write.Input.Index);

    /// <summary>Holds which writes are known against those that there are.</summary>
    public static void Check(WriteIndex index, ModelState expected)
    {
        Assert.Equal((expected.Writes.Count, expected.Writes.Values.Sum(write => (long)write.Size)), (index.Count, index.Bytes));
        Assert.All(expected.Writes, write => Assert.Equal(
            write.Value.Size, index.SizeOf(write.Key.Sequence, new WriteKey(write.Key.Task, write.Key.Index))));
    }
}

internal sealed partial class ModelStore
{
    private readonly Dictionary<(long, string, int), StoredWrite> _writes = [];

    /// <summary>The writes of visible checkpoints.</summary>
    public WriteIndex Writes => Head?.DeletedAt is not null ? WriteIndex.Empty
        : Visible.Aggregate(WriteIndex.Empty, (index, write) => index.With(write.Sequence, write.Key, write.Size));

    private IEnumerable<StoredWrite> Visible => _writes.Values.Where(write => _rows.ContainsKey(write.Sequence) && !_gone.Contains(write.Sequence));

    public void Visit(Wrote change)
    {
        Assert.Equal(RowSeal.OfWrite(ModelWorld.Address, change.Row), change.Row.Seal);
        _writes[(change.Row.Sequence, change.Row.Task, change.Row.Index)] = change.Row;
    }

    /// <summary>Holds the writes of visible checkpoints against those that there ought to be.</summary>
    public void CheckWrites(ModelState expected) => Assert.Equal(
        expected.Writes.Select(write => (write.Key, write.Value)).Order(),
        Visible.Select(write => ((write.Sequence, write.Task, write.Index), (write.Name, write.Size))).Order());
}

internal sealed partial class ModelActivation
{
    private void Write(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence, authority) = (_world.Now, Request(), target.Value.Sequence, AnyAuthority());
        var writes = SomeWrites();
        var keys = writes.Select(write => ModelWrites.Key(sequence, write)).ToList();
        var became = writes.Select((write, i) => !_projected.Writes.ContainsKey(keys[i]) ? WriteOutcome.Written
            : write.Input.Mode == WriteMode.First ? WriteOutcome.Kept : WriteOutcome.Replaced).ToList();
        var expected = Expect(target, authority);
        var isDropped = became.TrueForAll(outcome => outcome == WriteOutcome.Kept);
        if (expected is { Refusal: null, Verdict: Verdict.Accepted })
        {
            expected = ExpectOfWrites(sequence, writes) ?? (isDropped && request is null ? new Expected(Verdict.NotTaken, Newest) : expected);
        }

        WritesResult? result = null;
        var accepted = Ask(
            expected,
            () => _engine.Write(target, writes, now, ModelWorld.MostWrites, made =>
            {
                Assert.Equal(became, made.Outcomes);
                Assert.Equal(isDropped ? null : _projected.LastPosition + 1, made.Position);
                return request;
            }, authority, out result),
            change => new Accepted(change, state =>
            {
                state.Write(sequence, writes, now);
                Remember(state, request);
            })
            {
                Ids = IdsOf(request),
                IsStructural = true,
            });
        if (expected is { Refusal: null, Verdict: Verdict.NotTaken })
        {
            Assert.Equal(became, result!.Outcomes);
            _world.Saw("write that is kept alone");
        }

        Saw(accepted, "write");
        Saw(accepted && writes.Count > 1, "write of several");
        Saw(accepted && isDropped, "write that is kept and remembered");
        Saw(accepted && became.Contains(WriteOutcome.Kept), "write that is kept");
        Saw(accepted && became.Contains(WriteOutcome.Replaced), "write that replaces");
        if (accepted && !_pending.Exists(p => p.IsExclusive) && _random.Next(6) == 0)
        {
            HoldRequirers(sequence, target.Version);
            Delete(target);
            Saw(!_projected.IsVisible(sequence), "write under a checkpoint that goes with it");
        }
    }

    /// <summary>A create that brings writes for its parent.</summary>
    private CreateCommand Writing(CreateCommand command)
    {
        var writes = SomeWrites();
        return command with { Input = command.Input with { Writes = [.. writes.Select(write => write.Input)] }, Writes = writes };
    }

    private List<WriteCommand> SomeWrites()
    {
        var writes = new List<WriteCommand>();
        for (var left = _random.Next(1, 4); left > 0; left--)
        {
            var (task, index) = ($"t{_random.Next(2)}", _random.Next(-1, 2));
            if (!writes.Exists(write => write.Key == new WriteKey(task, index)))
            {
                writes.Add(WriteCommand.Of(new NewWrite
                {
                    Task = task,
                    Index = index,
                    Name = $"n{_random.Next(9)}",
                    Value = new byte[_random.Next(1, 9)],
                    Mode = _random.Next(2) == 0 ? WriteMode.First : WriteMode.Replace,
                }));
            }
        }

        return writes;
    }

    /// <summary>What is expected of writes under a checkpoint that is there, 0 for none; null if they fit.</summary>
    private Expected? ExpectOfWrites(long sequence, IReadOnlyList<WriteCommand> writes)
    {
        if (sequence == 0)
        {
            return Newest is null ? new Expected(typeof(CheckpointNotFoundException)) : ToWaitFor(Newest);
        }

        var comes = writes.Count(write => !_projected.Writes.ContainsKey(ModelWrites.Key(sequence, write)));
        if (comes == 0 || _projected.Writes.Count + comes <= ModelWorld.MostWrites)
        {
            return null;
        }

        var isSure = _committed.Writes.Count
            + writes.Count(write => !_committed.Writes.ContainsKey(ModelWrites.Key(sequence, write))) > ModelWorld.MostWrites;
        _world.Saw(isSure ? "write beyond the limit" : "write that may yet be within the limit");
        return isSure ? new Expected(typeof(OverLimitException)) : ToWaitFor(Newest);
    }
}
