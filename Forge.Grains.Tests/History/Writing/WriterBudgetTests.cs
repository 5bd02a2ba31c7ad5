using CsCheck;
using Forge.Errors;
using Forge.History.Writing;

namespace Forge.Grains.Tests.History.Writing;

public sealed class WriterBudgetTests
{
    private static readonly WriterOptions Options = new() { QueueRecords = 40, QueueBytes = 4000, SessionShare = 4 };

    private readonly WriterBudget _budget = new(Options);

    [Fact]
    public void Enter_UpToTheShareOfASession_IsTakenAndNoMore()
    {
        var (records, bytes) = (new SessionLoad(), new SessionLoad());
        Enter(records, 9, 1);
        Enter(records, 1, 1);
        Enter(bytes, 1, 900);
        Enter(bytes, 1, 100);

        Assert.Contains("session", Refused(records, 1, 0), StringComparison.Ordinal);
        Assert.Contains("session", Refused(bytes, 0, 1), StringComparison.Ordinal);
        Assert.Equal((10, 2L), (records.Records, records.Bytes));
    }

    [Fact]
    public void Enter_UpToTheQueue_IsTakenAndNoMore()
    {
        for (var i = 0; i < 4; i++)
        {
            Enter(new SessionLoad(), 10, 1);
        }

        Assert.Contains("queue", Refused(new SessionLoad(), 1, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Enter_BytesOfTheQueue_AreBoundedToo()
    {
        for (var i = 0; i < 4; i++)
        {
            Enter(new SessionLoad(), 1, 1000);
        }

        Assert.Contains("queue", Refused(new SessionLoad(), 1, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Enter_LargerThanTheShare_GoesIfNothingElseOfTheSessionWaits()
    {
        var (hot, other) = (new SessionLoad(), new SessionLoad());
        Enter(hot, 11, 1001);
        Enter(other, 1, 1);

        Refused(hot, 1, 1);
        Refused(other, 10, 1);
    }

    [Fact]
    public void Enter_LargerThanTheQueue_GoesIfNothingElseWaits()
    {
        var large = Enter(new SessionLoad(), 50, 9000);
        Refused(new SessionLoad(), 1, 1);
        large.Dispose();

        using var small = Enter(new SessionLoad(), 1, 1);
        Refused(new SessionLoad(), 50, 9000);
    }

    [Fact]
    public void Dispose_Admission_GivesBackWhatItTook()
    {
        var load = new SessionLoad();
        var first = Enter(load, 6, 600);
        Enter(load, 4, 400);
        Refused(load, 6, 600);
        first.Dispose();

        Assert.Equal((4, 400L), (load.Records, load.Bytes));
        Enter(load, 6, 600);
    }

    [Fact]
    public void Add_WhatAChangeTurnsOutToCarry_CountsAndIsNeverRefused()
    {
        var load = new SessionLoad();
        using var entered = Enter(load, 1, 100);
        using (_budget.Add(load, 5000))
        {
            Assert.Equal((1, 5100L), (load.Records, load.Bytes));
            Refused(load, 1, 1);
            Refused(new SessionLoad(), 1, 1);
        }

        Assert.Equal((1, 100L), (load.Records, load.Bytes));
        Enter(load, 1, 1);
    }

    [Fact]
    public void RequireRoom_ChangeThatHasEntered_IsRefusedIfTheQueueHasOthersAndNoRoom()
    {
        using var entered = Enter(new SessionLoad(), 1, 100);
        _budget.RequireRoom(1_000_000);

        using var other = Enter(new SessionLoad(), 1, 100);
        _budget.RequireRoom(3800);
        Assert.Throws<BusyException>(() => _budget.RequireRoom(3801));
    }

    [Fact]
    public void Enter_AnyTrafficOfManySessions_AgreesWithTheSums()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var budget = new WriterBudget(Options);
                var loads = Enumerable.Range(0, 6).Select(_ => new SessionLoad()).ToArray();
                var inside = new List<(int Session, int Records, long Bytes, WriterBudget.Admission Admission)>();
                for (var i = 0; i < 200; i++)
                {
                    if (inside.Count > 0 && random.Next(5) < 2)
                    {
                        var at = random.Next(inside.Count);
                        inside[at].Admission.Dispose();
                        inside.RemoveAt(at);
                        continue;
                    }

                    var (session, records, bytes) = (random.Next(6), random.Next(1, 12), (long)random.Next(1200));
                    var own = inside.FindAll(a => a.Session == session);
                    var fits = (own.Count == 0 || (own.Sum(a => a.Records) + records <= 10 && own.Sum(a => a.Bytes) + bytes <= 1000))
                        && (inside.Count == 0 || (inside.Sum(a => a.Records) + records <= 40 && inside.Sum(a => a.Bytes) + bytes <= 4000));
                    if (fits)
                    {
                        inside.Add((session, records, bytes, budget.Enter(loads[session], records, bytes)));
                    }
                    else
                    {
                        Assert.Throws<BusyException>(() => budget.Enter(loads[session], records, bytes));
                    }

                    Assert.Equal(
                        (inside.Where(a => a.Session == session).Sum(a => a.Records), inside.Where(a => a.Session == session).Sum(a => a.Bytes)),
                        (loads[session].Records, loads[session].Bytes));
                }
            },
            iter: 300);
    }

    [Fact]
    public async Task Enter_FromManyThreads_KeepsTheBoundAndLosesNothing()
    {
        var (inside, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                try
                {
                    using var admission = _budget.Enter(new SessionLoad(), 10, 10);
                    var now = Interlocked.Add(ref inside, 10);
                    InterlockedMax(ref most, now);
                    Interlocked.Add(ref inside, -10);
                }
                catch (BusyException)
                {
                    // Full at that moment, which is what the bound is for.
                }
            }
        })));

        Assert.InRange(most, 10, 40);
        Enter(new SessionLoad(), 1000, 100_000);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private WriterBudget.Admission Enter(SessionLoad load, int records, long bytes) => _budget.Enter(load, records, bytes);

    private string Refused(SessionLoad load, int records, long bytes) =>
        Assert.Throws<BusyException>(() => _budget.Enter(load, records, bytes)).Message;
}
