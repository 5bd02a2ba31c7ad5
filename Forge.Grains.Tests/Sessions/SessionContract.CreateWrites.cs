using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pending writes that come in one step with the next checkpoint, and that travel with documents.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Create_WithWrites_PutsThemUnderItsParentInTheSameCommit()
    {
        var (_, session) = New();
        var first = await session.CreateAsync("1");
        await session.WriteAsync(1, "a");
        var before = (await session.GetInfoAsync())!.Version;

        var made = await session.CreateAsync(Make.Checkpoint("2") with { Writes = [WriteCalls.Make("a"), WriteCalls.Make("b")] });

        Assert.Equal([WriteOutcome.Kept, WriteOutcome.Written], made.Writes!);
        Assert.Equal(before + 1, (await session.GetInfoAsync())!.Version);
        Assert.Equal(["a/0=1", "b/0=1"], await session.WritesOfAsync(1));
        Assert.Empty(await session.WritesOfAsync(2));
        Assert.Equal((made.Checkpoint!.Position, made.Checkpoint.Chain), await AnchorAsync(session));

        var named = await session.CreateAsync(Make.Checkpoint("3") with { Writes = [WriteCalls.Make("c")], WritesUnder = first.Id });
        Assert.Equal([WriteOutcome.Written], named.Writes!);
        await session.CreateAsync(Make.Checkpoint("4") with { Parent = CheckpointReference.None, Writes = [WriteCalls.Make("d")], WritesUnder = 2 });
        Assert.Equal(["a/0=1", "b/0=1", "c/0=1"], await session.WritesOfAsync(1));
        Assert.Equal(["d/0=1"], await session.WritesOfAsync(2));
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task Create_WithWritesIsRefused_LeavesNeither()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        var withWrites = Make.Checkpoint("2") with { Writes = [WriteCalls.Make("a")] };

        await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateAsync(withWrites with { ExpectedHead = 9 }));
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateAsync(withWrites with { Parent = 9 }));
        var notThere = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateAsync(withWrites with { WritesUnder = 9 }));
        Assert.Equal(("9", "writesUnder"), (notThere.Checkpoint, notThere.Field));
        var bad = await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.CreateBatchAsync([Make.Checkpoint(), withWrites with { Writes = [WriteCalls.Make("")] }]));
        Assert.Equal("checkpoints[1].writes[0].task", bad.Field);
        var root = await Assert.ThrowsAsync<InvalidRequestException>(() => session.CreateAsync(withWrites with { Parent = CheckpointReference.None }));
        Assert.Equal("writes", root.Field);
        Assert.Equal("writesUnder", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.CreateAsync(Make.Checkpoint() with { WritesUnder = 1 }))).Field);
        Assert.Equal("writesUnder", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.CreateAsync(withWrites with { WritesUnder = CheckpointReference.Latest }))).Field);

        Assert.Empty(await session.WritesOfAsync(1));
        Assert.Equal((1L, 1L), ((await session.GetInfoAsync())!.LastSequence, (await session.GetInfoAsync())!.Version));
        var (_, fresh) = New();
        Assert.Equal("writes", (await Assert.ThrowsAsync<CheckpointNotFoundException>(() => fresh.CreateAsync(withWrites))).Field);
        Assert.Null(await fresh.GetInfoAsync());
    }

    [Fact]
    public async Task Create_WithMoreWritesThanTheSessionMayHave_IsRefusedAsAWhole()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        for (var i = 0; i < 10; i++)
        {
            await session.WriteAsync(1, [.. Enumerable.Range(0, 1000).Select(index => WriteCalls.Make($"t{i}", index))]);
        }

        await Assert.ThrowsAsync<OverLimitException>(() => session.CreateAsync(Make.Checkpoint("2") with { Writes = [WriteCalls.Make("a")] }));

        var line = await Assert.ThrowsAsync<OverLimitException>(() => session.CreateBatchAsync(
            [Make.Checkpoint("2"), Make.Checkpoint("3") with { Writes = [WriteCalls.Make("t0")], WritesUnder = 1 }, Make.Checkpoint("4") with { Writes = [WriteCalls.Make("a")] }]));
        Assert.Equal(("checkpoints[2].writes", 10_000L, 10_001L), (line.Field, line.Limit, line.Actual));
        Assert.Equal(1, (await session.GetInfoAsync())!.LastSequence);
        Assert.Equal(2, (await session.CreateAsync(Make.Checkpoint("2") with { Writes = [WriteCalls.Make("t0")] })).Checkpoint!.Sequence);
    }

    [Fact]
    public async Task Create_WithWritesSentAgain_AnswersTheFirstOutcomesAndKnowsOtherWrites()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.WriteAsync(1, "a");
        var input = Make.Checkpoint("2") with
        {
            Id = new CheckpointId(Guid.NewGuid()),
            Writes = [WriteCalls.Make("a"), WriteCalls.Make("b", 0, "1", WriteMode.Replace)],
        };
        var first = await session.CreateAsync(input);
        await session.WriteAsync(1, [WriteCalls.Make("b", 0, "9", WriteMode.Replace)]);
        await Forge.EndActivationsAsync();

        var again = await session.CreateAsync(input);

        Assert.Equal(CreateOutcome.Repeated, again.Outcome);
        Assert.Equal(first.Writes, again.Writes);
        Assert.Equal(["a/0=1", "b/0=9"], await session.WritesOfAsync(1));
        foreach (var other in new[]
        {
            input with { Writes = null }, input with { Writes = [input.Writes[0]] }, input with { WritesUnder = 1 },
            input with { Writes = [input.Writes[0], WriteCalls.Make("b", 0, "2", WriteMode.Replace)] },
        })
        {
            Assert.Equal("writes", (await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(other))).Difference);
        }

        var plain = Make.Checkpoint("3") with { Id = new CheckpointId(Guid.NewGuid()) };
        await session.CreateAsync(plain);
        Assert.Equal("writes", (await Assert.ThrowsAsync<RequestConflictException>(
            () => session.CreateAsync(plain with { Writes = [WriteCalls.Make("a")] }))).Difference);
        Assert.Null((await session.CreateAsync(plain)).Writes);
    }

    [Fact]
    public async Task CreateBatch_WithWrites_PutsThoseOfEachLineUnderItsParent()
    {
        var (_, session) = New();
        await session.CreateAsync("1");

        var made = await session.CreateBatchAsync(
            [
                Make.Checkpoint("2") with { Writes = [WriteCalls.Make("a")] },
                Make.Checkpoint("3"),
                Make.Checkpoint("4") with { Writes = [WriteCalls.Make("a"), WriteCalls.Make("b")] },
            ]);

        Assert.Equal([1, 0, 2], made.Select(one => one.Writes?.Count ?? 0));
        Assert.Equal(["a/0=1"], await session.WritesOfAsync(1));
        Assert.Equal(["a/0=1", "b/0=1"], await session.WritesOfAsync(3));
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task CreateBatch_TwoLinesPutOneKey_LastOneStands()
    {
        var (_, session) = New();
        await session.CreateAsync("1");

        var made = await session.CreateBatchAsync(
            [
                Make.Checkpoint("2") with { Writes = [WriteCalls.Make("a", 0, "first"), WriteCalls.Make("b")], WritesUnder = 1 },
                Make.Checkpoint("3") with { Writes = [WriteCalls.Make("a", 0, "second", WriteMode.Replace), WriteCalls.Make("b")], WritesUnder = 1 },
            ]);

        Assert.Equal([WriteOutcome.Written, WriteOutcome.Written], made[0].Writes!);
        Assert.Equal([WriteOutcome.Replaced, WriteOutcome.Kept], made[1].Writes!);
        Assert.Equal(["a/0=second", "b/0=1"], await session.WritesOfAsync(1));
        Assert.Equal((2L, 7L), await session.CountedAsync());
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task CreateBatch_WritesUnderALineBeforeIt_AreThatLines()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        var named = new CheckpointId(Guid.NewGuid());
        NewCheckpoint[] batch =
        [
            Make.Checkpoint("2") with { Id = named },
            Make.Checkpoint("3") with { Id = new CheckpointId(Guid.NewGuid()) },
            Make.Checkpoint("4") with { Id = new CheckpointId(Guid.NewGuid()), Writes = [WriteCalls.Make("a")], WritesUnder = named },
        ];

        var made = await session.CreateBatchAsync(batch);

        Assert.Equal(["a/0=1"], await session.WritesOfAsync(2));
        Assert.Equal(made[2].Writes, (await session.CreateBatchAsync(batch))[2].Writes);
        var behind = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateBatchAsync(
            [Make.Checkpoint("5") with { Writes = [WriteCalls.Make("a")], WritesUnder = new CheckpointId(Guid.NewGuid()) }, Make.Checkpoint("6")]));
        Assert.Equal("checkpoints[0].writesUnder", behind.Field);
        await AssertIntactAsync(session);
    }

    [Fact]
    public async Task CreateBatch_MoreWritesThanACallBrings_IsRefused()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        NewWrite[] many = [.. Enumerable.Range(0, 501).Select(index => WriteCalls.Make("a", index))];

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.CreateBatchAsync(
            [Make.Checkpoint("2") with { Writes = many }, Make.Checkpoint("3") with { Writes = many }]));

        Assert.Equal(("writes", 1000L, 1002L), (error.Field, error.Limit, error.Actual));
        Assert.Equal(1, (await session.GetInfoAsync())!.LastSequence);
        Assert.Equal(3, (await session.CreateBatchAsync(
            [Make.Checkpoint("2") with { Writes = many }, Make.Checkpoint("3") with { Writes = many[..499] }]))[1].Checkpoint!.Sequence);
    }

    [Fact]
    public async Task Create_WithWritesSentAgainToACopy_IsARepeatOfWhichNoOutcomeIsKnown()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        var input = Make.Checkpoint("2") with { Id = new CheckpointId(Guid.NewGuid()), Writes = [WriteCalls.Make("a")] };
        await session.CreateAsync(input);
        var (_, copy) = New();
        await copy.ImportAllAsync(await session.ExportAllAsync());

        var again = await copy.CreateAsync(input);

        Assert.Equal((CreateOutcome.Repeated, 2L), (again.Outcome, again.Checkpoint!.Sequence));
        Assert.Null(again.Writes);
        Assert.Equal(["a/0=1"], await copy.WritesOfAsync(1));
        var own = Make.Checkpoint("3") with { Id = new CheckpointId(Guid.NewGuid()) };
        await copy.CreateAsync(own);
        Assert.Equal("writes", (await Assert.ThrowsAsync<RequestConflictException>(
            () => copy.CreateAsync(own with { Writes = input.Writes }))).Difference);
    }

    [Fact]
    public async Task Export_OfASessionWithWrites_ComesInAsItWas()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.WriteAsync(1, [WriteCalls.Make("a", -1, "{\"x\": 1}"), WriteCalls.Make("a", 0) with { ContentType = "a/b", Value = new byte[] { 0, 255 } }]);
        await session.WriteAsync(2, [WriteCalls.Make("z", 7, new string('1', 300_000))]);
        var document = await session.ExportAllAsync();
        var lines = Encoding.UTF8.GetString(document).Split('\n');
        Assert.Contains("\"version\":3,", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"writes\":3,", lines[0], StringComparison.Ordinal);

        var (_, copy) = New();
        await copy.ImportAllAsync(document);

        Assert.Equal(await session.WritesOfAsync(1), await copy.WritesOfAsync(1));
        Assert.Equal(await session.WritesOfAsync(2), await copy.WritesOfAsync(2));
        Assert.Equal(await session.CountedAsync(), await copy.CountedAsync());
        Assert.Equal(lines[1..], Encoding.UTF8.GetString(await copy.ExportAllAsync()).Split('\n')[1..]);
        Assert.Equal([WriteOutcome.Kept], (await copy.WriteAsync(2, [WriteCalls.Make("z", 7)])).Outcomes);
        await AssertIntactAsync(copy);

        // What is there already keeps its own writes; what is new brings its.
        await session.CreateAsync("3");
        await session.WriteAsync(3, "n");
        await session.WriteAsync(1, "late");
        await copy.ImportAllAsync(await session.ExportAllAsync());
        Assert.Equal(["n/0=1"], await copy.WritesOfAsync(3));
        Assert.DoesNotContain("late/0=1", await copy.WritesOfAsync(1));
        Assert.Equal(4, (await copy.CountedAsync()).Item1);
        await AssertIntactAsync(copy);
    }

    [Fact]
    public async Task Import_OfWritesThatNoSiloWrote_IsRefusedByItsLine()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.WriteAsync(1, "a", "b");
        var document = Encoding.UTF8.GetString(await session.ExportAllAsync());
        foreach (var (from, to) in new[]
        {
            ("\"writes\":2", "\"writes\":1"), ("\"writes\":2", "\"writes\":3"), ("\"version\":3", "\"version\":2"), ("\"task\":\"b\"", "\"task\":\"a\""),
            ("\"task\":\"b\"", "\"task\":\"\""), ("\"value\":1", "\"value\":2"), ("\"size\":1,\"sha256\"", "\"size\":2,\"sha256\""),
            ("\"version\":3,", "\"writes\":2,\"version\":2,"), ("\"index\":0", "\"index\":-2000"), ("\"name\":\"of b\"", "\"nome\":\"of b\""),
        })
        {
            var (_, copy) = New();
            Assert.Contains(from, document, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ImportRejectedException>(
                () => copy.ImportAllAsync(Encoding.UTF8.GetBytes(document.Replace(from, to, StringComparison.Ordinal))));
            Assert.Null(await copy.GetInfoAsync());
        }
    }
}
