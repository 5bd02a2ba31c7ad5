using System.Text;
using Forge.Checkpoints;
using Forge.Grains.Tests.Integrity;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Log_NoSessionOrADeletedOne_IsNull()
    {
        var session = Session("s");
        Assert.Null(await Store.Log.ReadAsync(session.Address, 0, 10, long.MaxValue, Cancel));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });

        Assert.Null(await Store.Log.ReadAsync(session.Address, 0, 10, long.MaxValue, Cancel));
    }

    [Fact]
    public async Task Log_EachKindOfEvent_HasItsType()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { LastPosition = 10 },
            Changes = [.. Enumerable.Range(1, 9).Select(kind => new Logged(
                new SessionEvent(kind + 1, (SessionEventKind)kind, HistoryRows.Start, 1, 1, $$"""{"undo":{{kind}}}""")))],
        });

        var entries = (await Store.Log.ReadAsync(session.Address, 0, 100, long.MaxValue, Cancel))!.Entries;

        Assert.Equal(
            [
                typeof(CreatedEntry), typeof(RestoredEntry), typeof(DeletedEntry), typeof(CompactedEntry), typeof(AnnotatedEntry),
                typeof(TaggedEntry), typeof(ForkedEntry), typeof(ImportedEntry), typeof(ClaimedEntry), typeof(ReleasedEntry),
            ],
            entries.Select(e => e.GetType()));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], entries.Select(e => e.Position));
        Assert.Equal(9, Assert.IsType<ReleasedEntry>(entries[^1]).Detail!.Undo);
    }

    [Fact]
    public async Task Log_CheckpointWhoseRowIsGone_KeepsItsCreateWithoutItsText()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(2, "tag") with { Trigger = CheckpointTrigger.ToolCall, Chain = [.. Enumerable.Repeat((byte)7, 32)] };
        await session.CreateAsync(HistoryRows.Checkpoint(1), row, HistoryRows.Checkpoint(3));
        var before = (await Store.Log.ReadAsync(session.Address, 0, 100, long.MaxValue, Cancel))!.Entries;
        await RemoveAsync(session, new SequenceRange(2, 2));

        var after = (await Store.Log.ReadAsync(session.Address, 0, 100, long.MaxValue, Cancel))!.Entries;

        Assert.Equal([1, 2, 3], after.Select(e => e.Position));
        var (was, gone) = (Assert.IsType<CreatedEntry>(before[1]), Assert.IsType<CreatedEntry>(after[1]));
        Assert.True(was.IsThere);
        Assert.Equal(was.Chain, gone.Chain);
        Assert.Equal(was with { IsThere = false, Chain = null, Text = null, Branch = null }, gone with { Chain = null });
        Assert.Equal((row.Id, row.CreatedAt, row.Trigger, row.Parent, row.Size), (gone.Id, gone.At, gone.Trigger, gone.Parent, (int)gone.Size));
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
        var kept = Assert.Single(await stored!.EventsAsync(0, 10, Cancel));
        Assert.DoesNotContain("step", kept.Detail!, StringComparison.Ordinal);
        Assert.DoesNotContain("tag", kept.Detail!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_Creates_SayWhatTheyWereCreatedWithWhileTheyAreVisible()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(2, "tag") with { Branch = "side", ContentType = "text/plain" };
        await session.CreateAsync(HistoryRows.Checkpoint(1), row, HistoryRows.Checkpoint(3));
        await session.CommitAsync(c => c with { Changes = [new Tagged(2, ["other"])] });
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { LastPosition = 4 },
            Changes =
            [
                new Annotated(new NewAnnotation(2, 4, HistoryRows.Start, AnnotationSeverity.Warning, "look")),
                new Logged(new SessionEvent(4, SessionEventKind.Annotated, HistoryRows.Start, 2, 3, """{"severity":1}""")),
            ],
        });

        var entries = (await Store.Log.ReadAsync(session.Address, null, 100, long.MaxValue, Cancel))!.Entries;
        var created = Assert.IsType<CreatedEntry>(entries[1]);
        Assert.Equal(("side", row.Message, "text/plain"), (created.Branch, created.Text!.Message, created.Text.ContentType));
        Assert.Equal(["tag"], created.Text.Tags);
        Assert.Equal(BranchNames.Main, Assert.IsType<CreatedEntry>(entries[0]).Branch);
        Assert.Equal("look", Assert.IsType<AnnotatedEntry>(entries[3]).Text);

        // From the commit on that removes it, its row still being there.
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(2, 2))] });
        entries = (await Store.Log.ReadAsync(session.Address, null, 100, long.MaxValue, Cancel))!.Entries;
        created = Assert.IsType<CreatedEntry>(entries[1]);
        Assert.Equal((true, null, "side"), (created.IsThere, created.Text, created.Branch));
        Assert.Null(Assert.IsType<AnnotatedEntry>(entries[3]).Text);
        Assert.NotNull(Assert.IsType<CreatedEntry>(entries[2]).Text);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2500, 3)]
    [InlineData(long.MaxValue, 20)]
    public async Task Log_PageOfSoManyBytes_EndsWithTheEntryThatBringsItThere(long bytes, int most)
    {
        var session = Session("s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 20).Select(row => row with { Message = new string('x', 1000) })]);
        var (after, pages) = (0L, 0);

        // A sealed message is counted as it is stored, a third longer.
        var counted = SealBytes > 0 && bytes < long.MaxValue ? bytes * 3 / 2 : bytes;
        while (await Store.Log.ReadAsync(session.Address, after, 100, counted, Cancel) is { Entries: { Count: > 0 } entries })
        {
            Assert.InRange(entries.Count, 1, most);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => after + i), entries.Select(e => e.Position));
            after = entries[^1].LastPosition;
            pages++;
        }

        Assert.Equal((20, (20 + most - 1) / most), (after, pages));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('é')]
    public async Task Log_PageOfNotes_CountsTheirTexts(char letter)
    {
        const int notes = 20;
        const int bytes = 5000;
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { LastPosition = 1 + notes },
            Changes =
            [
                .. Enumerable.Range(2, notes).SelectMany(IEnumerable<SessionChange> (position) =>
                [
                    new Annotated(new NewAnnotation(1, position, HistoryRows.Start, AnnotationSeverity.Warning, new string(letter, 1000))),
                    new Logged(new SessionEvent(position, SessionEventKind.Annotated, HistoryRows.Start, 1, 1, """{"severity":1}""")),
                ]),
            ],
        });

        var (after, told) = (0L, 0);
        while (await Store.Log.ReadAsync(session.Address, after, 100, bytes, Cancel) is { Entries: { Count: > 0 } entries })
        {
            var sizes = entries.OfType<AnnotatedEntry>().Select(note => Encoding.UTF8.GetByteCount(note.Text!)).ToList();
            Assert.InRange(sizes.SkipLast(1).Sum(), 0, bytes - 1);
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(i => after + i), entries.Select(e => e.Position));
            (after, told) = (entries[^1].Position, told + sizes.Count);
        }

        Assert.Equal((1 + notes, notes), (after, told));
    }

    [Fact]
    public async Task Log_Trimmed_TellsTheEndOfTheNewestRunAndBeginsThereIfNothingIsSaid()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 9));
        Assert.Equal(0, (await Store.Log.ReadAsync(session.Address, 0, 100, long.MaxValue, Cancel))!.Oldest);
        await RemoveAsync(session, new SequenceRange(2, 2));
        await RemoveAsync(session, new SequenceRange(5, 6));
        await TrimAsync(session, newest: 0, second: 99, limit: 50);

        var page = (await Store.Log.ReadAsync(session.Address, null, 100, long.MaxValue, Cancel))!;
        Assert.Equal(6, page.Oldest);
        Assert.Equal([7, 8, 9], page.Entries.Select(e => e.Position));
        Assert.Equal(6, (await Store.Log.ReadAsync(session.Address, 0, 100, long.MaxValue, Cancel))!.Oldest);
    }

    [Fact]
    public async Task Log_PositionInsideARemovedRun_GoesOnWithTheRestOfIt()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 9));
        await RemoveAsync(session, new SequenceRange(3, 6));
        await TrimAsync(session, newest: 0, second: 99, limit: 50);

        var page = await Store.Log.ReadAsync(session.Address, 4, 2, long.MaxValue, Cancel);

        Assert.Equal(9, page!.LastPosition);
        var gap = Assert.IsType<GapEntry>(page.Entries[0]);
        Assert.Equal((5, 6, 3), (gap.Position, gap.LastPosition, gap.Run!.FirstPosition));
        Assert.Equal([5, 7], page.Entries.Select(e => e.Position));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Log_AnyMixOfChanges_HasEachPositionOnceInPagesOfAnySize(int seed)
    {
        var (made, random) = (new MadeHistory(Store, HistoryRows.Address("s"), seed), new Random(seed));
        var created = new Dictionary<long, CheckpointId>();
        for (var round = 0; round < 12; round++)
        {
            await made.MakeAsync(5);
            var entries = await ReadLogAsync(made.Address, random.Next(1, 8));

            Assert.Equal(1, entries[0].Position);
            Assert.All(entries.Zip(entries.Skip(1)), pair => Assert.Equal(pair.First.LastPosition + 1, pair.Second.Position));
            Assert.Equal(made.Head.LastPosition, entries[^1].LastPosition);

            // Nothing is missing without a record but what an import leaves empty before it.
            Assert.All(entries.Zip(entries.Skip(1)), pair => Assert.True(pair.First is not GapEntry { Run: null } || pair.Second is ImportedEntry));
            foreach (var create in entries.OfType<CreatedEntry>())
            {
                Assert.Equal(create.Id, created.GetValueOrDefault(create.Sequence, create.Id));
                created[create.Sequence] = create.Id;
            }

            // Every checkpoint that there is has its create in the log.
            var sequences = entries.OfType<CreatedEntry>().Where(c => c.IsThere).Select(c => c.Sequence).ToHashSet();
            Assert.Subset(sequences, (await SequencesAsync(made.Address)).ToHashSet());
            Assert.True((await made.VerifyAsync()).IsIntact);
        }
    }

    [Fact]
    public async Task Log_ReadBesideCommitsReclaimAndTrim_IsOfOneInstant()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 5));
        using var done = new CancellationTokenSource();
        var reads = Task.Run(
            async () =>
            {
                while (!done.IsCancellationRequested)
                {
                    var page = (await Store.Log.ReadAsync(session.Address, 0, 1000, long.MaxValue, Cancel))!;
                    Assert.Equal(1, page.Entries[0].Position);
                    Assert.All(page.Entries.Zip(page.Entries.Skip(1)), p => Assert.Equal(p.First.LastPosition + 1, p.Second.Position));
                    Assert.Equal(page.LastPosition, page.Entries[^1].LastPosition);
                    Assert.DoesNotContain(page.Entries, e => e is GapEntry { Run: null });
                }
            },
            Cancel);

        for (var sequence = 6L; sequence < 46; sequence++)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(sequence));
            await RemoveAsync(session, new SequenceRange(sequence - 4, sequence - 4));
            await TrimAsync(session, newest: 8, second: 999, limit: 3);
        }

        await done.CancelAsync();
        await reads;
    }

    private async Task RemoveAsync(SessionScript session, SequenceRange range)
    {
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(range), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));
    }

    private async Task<List<LogEntry>> ReadLogAsync(SessionAddress address, int limit)
    {
        var entries = new List<LogEntry>();
        while (await Store.Log.ReadAsync(address, entries.Count == 0 ? 0 : entries[^1].LastPosition, limit, long.MaxValue, Cancel) is { Entries.Count: > 0 } page)
        {
            Assert.True(page.Entries.Count <= limit);
            entries.AddRange(page.Entries);
        }

        return entries;
    }
}
