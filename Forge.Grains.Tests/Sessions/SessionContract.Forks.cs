using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.History.Deltas;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    [Fact]
    public async Task Fork_OfTheLatestAndOfAnOldOne_BeginsWithItsState()
    {
        var origin = Make.Id();
        var made = await MakeGrowingAsync(origin, 5);
        foreach (CheckpointReference checkpoint in new CheckpointReference[] { CheckpointReference.Latest, CheckpointReference.Current, 2, made[3].Id })
        {
            var of = (await Forge.Session(origin).GetAsync(checkpoint))!;
            var name = Make.Id("fork");

            var result = await ForkAsync(origin, checkpoint, name);

            var (session, fork) = (Forge.Session(name), (await Forge.Session(name).GetAsync(CheckpointReference.Latest))!);
            Assert.Equal(of.State.ToArray(), fork.State.ToArray());
            Assert.Equal(
                (1L, (long?)null, of.Summary.Message, of.Summary.ContentType, of.Summary.Trigger, of.Summary.Checksum),
                (fork.Summary.Sequence, fork.Summary.Parent, fork.Summary.Message, fork.Summary.ContentType, fork.Summary.Trigger, fork.Summary.Checksum));
            Assert.Equal(of.Summary.Tags, fork.Summary.Tags);
            Assert.NotEqual(of.Summary.Id, fork.Summary.Id);
            Assert.Equal(
                (name, 1L, (long)of.State.Length, (long?)null, new CheckpointPointer(1, fork.Summary.Id)),
                (result.Session.Value, result.Count, result.Bytes, result.StoredBytes, result.Head!.Value));
            var link = new SessionOrigin(SessionId.Parse(origin), of.Summary.Sequence, of.Summary.Id, of.Summary.Chain);
            Assert.Equal(link, result.Origin);
            var info = (await session.GetInfoAsync())!;
            Assert.Equal(link, info.Origin);
            Assert.Equal((1L, (long)of.State.Length, 1L, "v"), (info.Count, info.Bytes, info.LastSequence, info.Settings.Labels["l"]));
            Assert.Equal((result.Anchor!.Value.Position, result.Anchor.Value.Chain), (info.LastPosition, info.Chain));
            Assert.True((await session.VerifyOnceAsync(result.Anchor.Value)).IsIntact);
            Assert.Equal((2L, (long?)1L), Of(await session.CreateAsync("next")));
        }

        Assert.Equal((5L, 4), ((await Forge.Session(origin).GetInfoAsync())!.LastSequence, (await Forge.Session(origin).GetInfoAsync())!.ForkCount!.Value));
        Assert.Null((await Forge.Session(origin).GetInfoAsync())!.Origin);

        static (long, long?) Of(CheckpointSummary summary) => (summary.Sequence, summary.Parent);
    }

    [Fact]
    public async Task Fork_OfWhatIsNotThere_IsRefusedAndMakesNothing()
    {
        var (origin, fork) = (Make.Id(), Make.Id("fork"));
        await Assert.ThrowsAsync<SessionNotFoundException>(() => ForkAsync(origin, CheckpointReference.Latest, fork));
        await MakeGrowingAsync(origin, 6);
        await Forge.Session(origin).DeleteAsync(2);
        await Forge.Session(origin).CompactAsync(new RetentionPolicy { KeepRecent = 2 });
        foreach (var withHistory in new[] { false, true })
        {
            // Deleted, compacted away, never there; before and after the rows have gone.
            foreach (CheckpointReference gone in new CheckpointReference[] { 2, 3, 7, CheckpointReference.None, new CheckpointId(Guid.NewGuid()) })
            {
                var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => ForkAsync(origin, gone, fork, withHistory));
                Assert.Equal(origin, error.Session.Session.Value);
            }

            await Forge.SweepUntilGoneAsync(origin);
        }

        Assert.Null(await Forge.Session(fork).GetInfoAsync());
        await Forge.Session(origin).DeleteSessionAsync();
        var deleted = await Assert.ThrowsAsync<SessionDeletedException>(() => ForkAsync(origin, CheckpointReference.Latest, fork));
        Assert.Equal(origin, deleted.Session.Session.Value);
        Assert.Equal(1, (await Forge.Session(fork).CreateAsync("mine")).Sequence);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Fork_ToANameThatIsTaken_IsRefused(bool withHistory, bool dryRun)
    {
        var (origin, taken, deleted) = (Make.Id(), Make.Id("taken"), Make.Id("deleted"));
        await MakeGrowingAsync(origin, 3);
        await Forge.Session(taken).CreateAsync("mine");
        await Forge.Session(deleted).CreateAsync("mine");
        await Forge.Session(deleted).DeleteSessionAsync();

        var exists = await Assert.ThrowsAsync<SessionExistsException>(() => ForkAsync(origin, 2, taken, withHistory, dryRun));
        Assert.Equal(("session_exists", taken), (exists.Code, exists.Session.Session.Value));
        var gone = await Assert.ThrowsAsync<SessionDeletedException>(() => ForkAsync(origin, 2, deleted, withHistory, dryRun));
        Assert.Equal(deleted, gone.Session.Session.Value);
        var itself = await Assert.ThrowsAsync<InvalidRequestException>(() => ForkAsync(origin, 2, origin, withHistory, dryRun));
        Assert.Equal("session", itself.Field);

        Assert.Equal("mine", Assert.Single(await Forge.Session(taken).AllAsync()).Message);
        Assert.Equal(0, (await Forge.Session(origin).GetInfoAsync())!.ForkCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_Repeated_AnswersTheSameAndMakesNothing(bool withHistory)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await MakeGrowingAsync(origin, 4);
        var request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false);
        var first = await ForkAsync(origin, 3, name, withHistory, request: request);
        await Forge.Session(name).CreateAsync("more");
        await Forge.Session(origin).CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        var before = await Forge.Session(name).GetInfoAsync();

        Assert.Equal(first, await ForkAsync(origin, 3, name, withHistory, request: request));
        await Forge.EndActivationsAsync();
        Assert.Equal(first, await ForkAsync(origin, 3, name, withHistory, request: request));

        Assert.Equivalent(before, await Forge.Session(name).GetInfoAsync(), strict: true);
        var conflict = await Assert.ThrowsAsync<RequestConflictException>(() => ForkAsync(origin, 4, name, withHistory, request: request));
        Assert.Equal("argument", conflict.Difference);
        await Assert.ThrowsAsync<RequestConflictException>(() => ForkAsync(origin, 3, name, !withHistory, request: request));
        await Assert.ThrowsAsync<SessionExistsException>(
            () => ForkAsync(origin, 3, name, withHistory, request: new ChangeRequest(Guid.NewGuid(), FirstAttempt: true)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_ManyAtOnceToOneName_OneIsMade(bool withHistory)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await MakeGrowingAsync(origin, 6);

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 6).Select(async sequence =>
        {
            try
            {
                return await ForkAsync(origin, sequence, name, withHistory);
            }
            catch (SessionExistsException)
            {
                return null;
            }
        }));

        var made = Assert.Single(outcomes.OfType<ForkResult>());
        var info = (await Forge.Session(name).GetInfoAsync())!;
        Assert.Equal((made.Origin, made.Count), (info.Origin, info.Count));
        Assert.Equal(1, (await Forge.Session(origin).GetInfoAsync())!.ForkCount);
        Assert.True((await Forge.Session(name).VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_DryRun_TellsWhatWouldBeMadeAndChangesNothing(bool withHistory)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        var made = await MakeGrowingAsync(origin, 5);
        var before = await Forge.Session(origin).GetInfoAsync();

        var told = await ForkAsync(origin, 4, name, withHistory, dryRun: true, new ChangeRequest(Guid.NewGuid(), FirstAttempt: true));

        Assert.Equal(new SessionOrigin(SessionId.Parse(origin), 4, made[3].Id, made[3].Chain), told.Origin);
        Assert.Equal(
            (name, withHistory ? 4L : 1L, withHistory ? made.Take(4).Sum(c => (long)c.Size) : made[3].Size),
            (told.Session.Value, told.Count, told.Bytes));
        Assert.Equal((null, null), (told.Head, told.Anchor));
        Assert.Equal(withHistory, told.StoredBytes is > 0);
        Assert.Null(await Forge.Session(name).GetInfoAsync());
        Assert.Equivalent(before, await Forge.Session(origin).GetInfoAsync(), strict: true);
        var done = await ForkAsync(origin, 4, name, withHistory);
        Assert.Equal((told.Origin, told.Count, told.Bytes, told.StoredBytes), (done.Origin, done.Count, done.Bytes, done.StoredBytes));
    }

    [Fact]
    public async Task Fork_AnImportRacesForTheName_OneOfThemIsMade()
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await MakeGrowingAsync(origin, 4);
        var document = await Forge.Session(origin).ExportAllAsync();
        var (first, second) = (Forge.Session(name), Forge.Session(Make.Id("fork")));

        // The import began first, and ends after the fork.
        var ticket = await first.BeginImportAsync();
        await first.AppendImportAsync(ticket, 0, document);
        await ForkAsync(origin, 2, name);
        await Assert.ThrowsAsync<ImportRejectedException>(() => first.CompleteImportAsync(ticket));
        Assert.Equal((1L, origin), ((await first.GetInfoAsync())!.Count, (await first.GetInfoAsync())!.Origin!.Session.Value));

        // And the other way round.
        await second.ImportAllAsync(document);
        await Assert.ThrowsAsync<SessionExistsException>(() => ForkAsync(origin, 2, second.GetPrimaryKeyString().Split('/')[2], withHistory: true));
        Assert.Equal((4L, null), ((await second.GetInfoAsync())!.Count, (await second.GetInfoAsync())!.Origin));
        Assert.True((await first.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Export_OfAFork_AnImportKeepsTheOriginAndSaysThatItIsGone(bool withHistory)
    {
        var (origin, name) = (Make.Id(), Make.Id("fork"));
        await MakeGrowingAsync(origin, 4);
        var link = (await ForkAsync(origin, 3, name, withHistory)).Origin;
        await Forge.Session(name).CreateAsync("more");
        var document = await Forge.Session(name).ExportAllAsync();
        var copy = Forge.Session(Make.Id("copy"));

        await copy.ImportAllAsync(document);

        Assert.Equal(link with { Gone = true }, (await copy.GetInfoAsync())!.Origin);
        var verified = await copy.VerifyOnceAsync();
        Assert.True(verified.IsIntact, string.Join("; ", verified.Damages));
        Assert.Equal(0, (await copy.ImportAllAsync(document)).Imported);
        Assert.Equal(Lines(document)[1..], Lines(await copy.ExportAllAsync())[1..]);
        Assert.Contains($"\"origin\":{{\"session\":\"{origin}\",\"sequence\":3", Lines(await copy.ExportAllAsync())[0], StringComparison.Ordinal);

        // Into a session that is there it brings checkpoints, and no origin.
        var there = Forge.Session(Make.Id("there"));
        await there.SetSettingsAsync(new SessionSettings());
        await there.ImportAllAsync(document);
        Assert.Null((await there.GetInfoAsync())!.Origin);
        Assert.True((await there.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task ListForks_InPages_HasTheLivingOnes()
    {
        var origin = Make.Id();
        await MakeGrowingAsync(origin, 3);
        var names = Enumerable.Range(0, 7).Select(_ => Make.Id("fork")).ToList();
        foreach (var (i, name) in names.Index())
        {
            await ForkAsync(origin, (i % 3) + 1, name, withHistory: i % 2 == 0);
        }

        await Forge.Session(names[2]).DeleteSessionAsync();
        await Forge.Session(names[5]).EraseSessionAsync(TestContext.Current.CancellationToken);
        var (session, found, query) = (Forge.Session(origin), new List<SessionFork>(), new ListForks(2));
        ForkPage page;
        do
        {
            page = await session.RunAsync(query);
            Assert.InRange(page.Items.Count, 1, 2);
            found.AddRange(page.Items);
            query = query with { Cursor = page.Next };
        }
        while (page.Next is not null);

        Assert.Equal(names.Where((_, i) => i is not (2 or 5)).Order(), found.Select(f => f.Session.Value).Order());
        Assert.All(found, f => Assert.Equal((names.IndexOf(f.Session.Value) % 3) + 1, f.Checkpoint.Sequence));
        Assert.Equal(5, (await session.GetInfoAsync())!.ForkCount);
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListForks(0)));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListForks(1, "o1")));
        await Assert.ThrowsAsync<OverLimitException>(() => session.RunAsync(new ListForks(1001)));
        Assert.Empty((await Forge.Session(Make.Id()).RunAsync(new ListForks())).Items);
    }

    private Task<ForkResult> ForkAsync(
        string origin, CheckpointReference checkpoint, string fork, bool withHistory = false, bool dryRun = false, ChangeRequest request = default) =>
        Forge.Session(fork).RunAsync(new ForkSession(SessionId.Parse(origin), checkpoint, withHistory, dryRun) { Request = request });

    /// <summary>A conversation that grows, in a session with a label.</summary>
    private async Task<IReadOnlyList<CheckpointSummary>> MakeGrowingAsync(string name, int count, Func<long, string[]>? tags = null)
    {
        var (session, script) = (Forge.Session(name), new StateScript(new Random(11)));
        await session.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["l"] = "v" } });
        var (state, made) = (script.Text(4000), new List<CheckpointSummary>());
        for (var sequence = 1; sequence <= count; sequence++)
        {
            state = [.. state, .. script.Text(250)];
            made.Add((await session.CreateAsync(Make.Checkpoint($"step {sequence}", tags?.Invoke(sequence) ?? ["t", $"t{sequence}"]) with
            {
                State = state,
                ContentType = "text/plain",
                Trigger = sequence % 2 == 0 ? CheckpointTrigger.ToolCall : CheckpointTrigger.Scheduled,
            })).Checkpoint!);
        }

        return made;
    }
}
