using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Integrity;
using Forge.History.Encryption;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;

namespace Forge.Grains.Tests.Encryption;

/// <summary>What becomes of encrypted rows as keys come and go.</summary>
public abstract partial class SealedHistory
{
    [Fact]
    public async Task Rotate_DataKey_SealsWhatIsWrittenThenByItAndReadsBoth()
    {
        var session = await MakeAsync();
        Assert.Equal(2, await Ring(TestKeys.On("a")).RotateAsync(TenantId.Default, Cancel));
        await ReopenAsync(TestKeys.On("a"));

        await Session("later").CreateAsync(Row(1));

        await AssertReadsAsync(session);
        Assert.Equal(StateOf(1), (await StateAsync(HistoryRows.Address("later"), 1)).ToArray());
        Assert.Equal([1, 1, 1, 2], await KeysOfRowsAsync());
    }

    [Fact]
    public async Task Rewrap_ByAnotherWrappingKey_ReadsByThatAlone()
    {
        var session = await MakeAsync();

        Assert.Equal((1, 0), await Ring(TestKeys.On("b", "a")).RewrapAsync(Cancel));

        Assert.Equal((0, 0), await Ring(TestKeys.On("b", "a")).RewrapAsync(Cancel));
        Assert.Equal((0, 1), await Ring(TestKeys.On("c")).RewrapAsync(Cancel));
        await ReopenAsync(TestKeys.On("b"));
        await AssertReadsAsync(session);
        await ReopenAsync(TestKeys.On("a"));
        await Assert.ThrowsAsync<KeyMissingException>(() => StateAsync(session.Address, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_WithoutTheKeyOrWithAnother_IsATypedErrorAndNeverGarbage(bool hasAnother)
    {
        var session = await MakeAsync();
        await ReopenAsync(hasAnother ? TestKeys.On("another") : TestKeys.Off());

        var error = await Assert.ThrowsAsync<KeyMissingException>(() => StateAsync(session.Address, 1));
        Assert.Equal((TenantId.Default, 1, false), (error.Tenant, error.DataKey, error.IsDestroyed));
        await MissingAsync(() => Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 9 }, Cancel));
        await MissingAsync(() => Store.Reads.ReadStatesAsync(session.Address, [1], Cancel));
        await MissingAsync(() => Store.Reads.ReadAttemptsAsync(session.Address, [RequestId], Cancel));
        await MissingAsync(() => Store.Catalog.ListCheckpointsAsync(TenantId.Default, new CheckpointFilter { Tag = "tag", Limit = 9 }, Cancel));
        await MissingAsync(() => Store.Log.ReadAsync(session.Address, 0, 9, long.MaxValue, Cancel));
        await MissingAsync(() => Store.Forks.ReadPointAsync(session.Address, 1, Cancel));
        await MissingAsync(() => Store.Writes.ListAsync(session.Address, 3, null, 9, 100, Cancel));
        await MissingAsync(async () =>
        {
            await using var snapshot = (await Store.Reads.OpenSnapshotAsync(session.Address, Cancel))!;
            await foreach (var _ in snapshot.ReadAsync(Cancel))
            {
                Assert.Fail("It was read.");
            }
        });
        Assert.Equal(3, (await Store.Reads.ReadHeadAsync(session.Address, Cancel))!.Head.Count);

        // What cannot be sealed is refused with its cause; where nothing is to be, it is written.
        var next = await Session("next").NextAsync(Row(1));
        var outcome = Assert.Single(await Store.Commits.CommitAsync(SessionScript.Batch(next), Cancel));
        Assert.Equal(hasAnother ? typeof(KeyMissingException) : null, outcome.Cause?.GetType());
    }

    [Fact]
    public async Task Commit_OfManyTenants_FailsThoseAloneWhoseKeyIsMissing()
    {
        await MakeAsync();
        await ReopenAsync(TestKeys.On("another"));
        var (refused, taken) = (await Session("new").NextAsync(Row(1)), await Session("new", "other").NextAsync(Row(1)));

        var batch = SessionScript.Batch(refused, taken);
        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

        Assert.IsType<KeyMissingException>(outcomes[batch.Commits.ToList().IndexOf(refused)].Cause);
        Assert.Null(outcomes[batch.Commits.ToList().IndexOf(taken)].Cause);
        Assert.Equal(StateOf(1), (await StateAsync(taken.Address, 1)).ToArray());
        Assert.Null(await Store.Reads.ReadHeadAsync(refused.Address, Cancel));
    }

    [Fact]
    public async Task Destroy_KeysOfATenant_ErasesWhatIsSealedOfItAndNothingElse()
    {
        var (session, other) = (await MakeAsync(), await MakeAsync("other"));

        Assert.Equal(1, await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel));

        Assert.Equal(0, await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel));
        await ReopenAsync(TestKeys.On("a"));
        var error = await Assert.ThrowsAsync<KeyMissingException>(() => StateAsync(session.Address, 1));
        Assert.True(error.IsDestroyed);
        var log = (await Store.Log.ReadAsync(session.Address, 0, 9, long.MaxValue, Cancel))!.Entries;
        Assert.Equal(3, log.OfType<CreatedEntry>().Count(entry => entry.Text is null));
        Assert.Null(Assert.Single(log.OfType<AnnotatedEntry>()).Text);
        await AssertReadsAsync(other);
        Assert.Equal((1, 0), await Ring(TestKeys.On("b", "a")).RewrapAsync(Cancel));
        Assert.Empty((await Ring(TestKeys.On("a")).ListAsync(TenantId.Default, Cancel)).Single().Wrapped);

        // The tenant may begin anew, by a key of another number.
        await ReopenAsync(TestKeys.On("b"));
        await Session("after").CreateAsync(Row(1));
        Assert.Equal(StateOf(1), (await StateAsync(HistoryRows.Address("after"), 1)).ToArray());
        Assert.Equal([1, 2], (await Ring(TestKeys.On("b")).ListAsync(TenantId.Default, Cancel)).Select(key => key.Number));
    }

    [Fact]
    public async Task Open_ValueOfAKeyThatAnotherSiloMade_ReadsTheKeysAnew()
    {
        var seals = TestKeys.On("a").For(Store.DataKeys, TimeProvider.System);
        var address = HistoryRows.Address("s");
        var before = await seals.ToSealAsync(address, Cancel);
        var elsewhere = TestKeys.On("a").For(Store.DataKeys, TimeProvider.System);
        Assert.Equal(2, await elsewhere.AddKeyAsync(TenantId.Default, Cancel));
        var row = (await elsewhere.ToSealAsync(address, Cancel)).Seal(Row(1));

        Assert.Throws<KeysNotHeldException>(() => before.Open(row));
        Assert.Equal(Row(1).Message, (await seals.OpenAsync(address, seal => seal.Open(row), Cancel)).Message);
        Assert.Equal(Row(1).Message, (await seals.HoldingAsync(ofNow => Task.FromResult(seals.Held(address, ofNow).Open(row)), Cancel)).Message);
    }

    [Fact]
    public async Task Verify_WithAndWithoutTheKey_ChecksWhatCanBe()
    {
        var made = new MadeHistory(Store, HistoryRows.Address("s"), seed: 11);
        await made.MakeAsync(40);
        var sound = await made.VerifyAsync([.. made.Anchors]);
        Assert.True(sound.IsIntact, string.Join("; ", sound.Damages));
        Assert.Equal((made.Head.Count, 0L), (sound.Valid, sound.Unopened));
        await ReopenAsync(TestKeys.Off());
        var verifier = new HistoryVerifier(Store.Verification);

        var blind = (await verifier.VerifyAsync(made.Address, [.. made.Anchors], null, Cancel))!;

        Assert.True(blind.IsIntact, string.Join("; ", blind.Damages));
        Assert.Equal((0L, made.Head.Count), (blind.Valid, blind.Unopened));
        await using (var connection = await ConnectAsync())
        {
            // Something that is not sealed, and stands in the seal of the head row.
            await ExecuteAsync(connection, "UPDATE sessions SET checkpoint_bytes = checkpoint_bytes + 1");
        }

        Assert.False((await verifier.VerifyAsync(made.Address, [], null, Cancel))!.IsIntact);
    }

    private DataKeyRing Ring(SealSettings settings) => new(Store.DataKeys, settings, TimeProvider.System);

    /// <summary>The numbers of the data keys that states are sealed by.</summary>
    private async Task<IEnumerable<int>> KeysOfRowsAsync()
    {
        await using var connection = await ConnectAsync();
        return (await QueryAsync(connection, "SELECT stored FROM checkpoints ORDER BY session_key, sequence"))
            .Select(row => SealedBytes.NumberOf((byte[])row[0]!) ?? 0);
    }

    private static Task<KeyMissingException> MissingAsync(Func<Task> read) => Assert.ThrowsAsync<KeyMissingException>(read);
}
