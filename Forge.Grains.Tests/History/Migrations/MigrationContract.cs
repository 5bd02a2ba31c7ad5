using System.Security.Cryptography;
using System.Text;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;

namespace Forge.Grains.Tests.History.Migrations;

/// <summary>
/// Databases with data in them that silos of earlier schemas wrote, opened by the store of today. Each of them holds sessions
/// whose names differ in case, conversations that grow, states that are no text, changed tags, annotations, branches,
/// restores, removed checkpoints whose rows are gone, hidden or still there, imports, deleted sessions, and work that is due.
/// Beside each stands what its own silo answered of it.
/// </summary>
/// <remarks>
/// A fixture is never made anew: what it holds was written by a program that is not there any more. A new schema level gets
/// a new fixture. <c>level-4-without-3</c> is from between two branches, when the fourth migration was there before the third.
/// </remarks>
public abstract class MigrationContract : IAsyncDisposable
{
    private MigratedStore? _store;

    public static TheoryData<string> Fixtures => ["level-1", "level-2", "level-4-without-3", "level-4"];

    private MigratedStore Store => _store!;

    /// <summary>Puts a fixture where a store will find it.</summary>
    protected abstract Task LoadAsync(string fixture);

    /// <summary>A started store on what was loaded; the suite disposes of it.</summary>
    private protected abstract Task<IHistoryStore> StartStoreAsync();

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Start_DatabaseOfAnEarlierSchema_ReadsAsItsOwnSiloAnswered(string fixture)
    {
        var recorded = await OpenAsync(fixture);

        await AssertReadsAsync(recorded);
        foreach (var session in recorded.Deleted)
        {
            Assert.True(await Store.IsDeletedAsync(session), session);
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Start_DatabaseThatWasMigrated_ReadsTheSame(string fixture)
    {
        var recorded = await OpenAsync(fixture);
        await CloseAsync();

        _store = new MigratedStore(await StartStoreAsync());

        await AssertReadsAsync(recorded);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Create_InMigratedSessions_HasTheNextSequenceAndReadsBack(string fixture)
    {
        var recorded = await OpenAsync(fixture);

        recorded = await CreateInEachAsync(recorded);

        await AssertReadsAsync(recorded);
        await AssertValidAsync(recorded);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task DoWork_DueBeforeTheMigration_LeavesAllThatIsVisible(string fixture)
    {
        var recorded = await OpenAsync(fixture);

        Assert.True(await Store.FinishDueWorkAsync() >= 3, "A reclaim, an erasure and a staging were left.");

        await AssertReadsAsync(recorded);
        await AssertValidAsync(recorded);
        recorded = await CreateInEachAsync(recorded);
        await AssertReadsAsync(recorded);
        await AssertValidAsync(recorded);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Verify_MigratedSessions_FindsNoDamage(string fixture)
    {
        var recorded = await OpenAsync(fixture);
        await AssertIntactAsync(recorded);

        await CreateInEachAsync(recorded);
        await AssertIntactAsync(recorded);
        await Store.FinishDueWorkAsync();

        await AssertIntactAsync(recorded);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task ReadCreates_RemovedBeforeTheMigration_AreKnownForWhatTheyWere(string fixture)
    {
        var recorded = await OpenAsync(fixture);

        await AssertCreatesAsync(recorded);
        await Store.FinishDueWorkAsync();

        await AssertCreatesAsync(recorded);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Search_MigratedSessions_AreFoundByWhatTheyHad(string fixture)
    {
        var recorded = await OpenAsync(fixture);

        await AssertFoundAsync(recorded);
        await AssertFoundAsync(await CreateInEachAsync(recorded));
        await Store.FinishDueWorkAsync();
        Assert.True(await Store.MendActivityAsync() > 0, "No create was noted by a silo.");
        Assert.Equal(0, await Store.MendActivityAsync());
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    private async Task<RecordedDatabase> OpenAsync(string fixture)
    {
        await LoadAsync(fixture);
        _store = new MigratedStore(await StartStoreAsync());
        return RecordedDatabase.Of(fixture);
    }

    private async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    /// <summary>Creates a checkpoint that goes on from the current one in each session, and says what they must read as then.</summary>
    private async Task<RecordedDatabase> CreateInEachAsync(RecordedDatabase before)
    {
        var sessions = new List<RecordedSession>();
        foreach (var session in before.Sessions)
        {
            byte[] state =
            [
                .. session.Current > 0 ? await Store.ReadCurrentAsync(session.Session) : [],
                .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"after the migration {i}\n"))),
            ];
            await Store.CreateAsync(session.Session, "after the migration", state);
            var next = session.LastSequence + 1;
            var created = new RecordedCheckpoint(
                next, "after the migration", [], session.Current, default, "text/plain", state.Length,
                Convert.ToHexStringLower(SHA256.HashData(state)), []);
            sessions.Add(session with
            {
                Count = session.Count + 1,
                Bytes = session.Bytes + state.Length,
                Head = next,
                Current = next,
                LastSequence = next,
                Checkpoints = [.. session.Checkpoints, created],
            });
        }

        return before with { Sessions = sessions };
    }

    private async Task AssertReadsAsync(RecordedDatabase recorded)
    {
        foreach (var session in recorded.Sessions)
        {
            var read = await Store.ReadAsync(session.Session);
            Assert.Equal(RecordedDatabase.Text(session with { RemovedCreates = [] }), RecordedDatabase.Text(read));
        }
    }

    private async Task AssertFoundAsync(RecordedDatabase recorded)
    {
        Assert.Equal(recorded.Sessions.Select(s => s.Session).Order(StringComparer.Ordinal), await Store.FindByActivityAsync());
        var labels = recorded.Sessions.SelectMany(s => s.Labels).Distinct().ToList();
        Assert.NotEmpty(labels);
        foreach (var (name, value) in labels)
        {
            Assert.Equal(
                recorded.Sessions.Where(s => s.Labels.TryGetValue(name, out var has) && has == value)
                    .Select(s => s.Session).Order(StringComparer.Ordinal),
                await Store.FindByLabelAsync(name, value));
        }

        var tagged = recorded.Sessions.SelectMany(s => s.Checkpoints, (s, c) => (s.Session, Checkpoint: c)).ToList();
        foreach (var tag in tagged.SelectMany(t => t.Checkpoint.Tags).Distinct())
        {
            Assert.Equal(
                tagged.Where(t => t.Checkpoint.Tags.Contains(tag)).Select(t => (t.Session, t.Checkpoint.Sequence)).Order(),
                await Store.FindByTagAsync(tag));
        }
    }

    private async Task AssertCreatesAsync(RecordedDatabase recorded)
    {
        foreach (var session in recorded.Sessions)
        {
            Assert.Equal(
                session.RemovedCreates,
                await Store.ReadCreatesAsync(session.Session, session.RemovedCreates.Select(c => c.Id)));
        }
    }

    /// <summary>All that is visible is what was saved, whatever verification thinks of what is not there any more.</summary>
    private async Task AssertValidAsync(RecordedDatabase recorded)
    {
        foreach (var session in recorded.Sessions)
        {
            var result = await Store.VerifyAsync(session.Session);
            Assert.Equal(session.Count, result.Valid);
            Assert.All(result.Damages, damage => Assert.Equal(DamageKind.Missing, damage.Kind));
        }
    }

    private async Task AssertIntactAsync(RecordedDatabase recorded)
    {
        foreach (var session in recorded.Sessions)
        {
            Assert.Empty((await Store.VerifyAsync(session.Session)).Damages);
        }
    }
}
