using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.History.Deltas;

public sealed class CommitEncoderTests : IAsyncLifetime
{
    private readonly ScriptedHistoryStore _store = new(TrialStore.New());
    private readonly KnownStates _known = new(1 << 20);
    private readonly KnownStates.Owner _owner = new();
    private readonly CommitEncoder _encoder;
    private readonly SessionScript _session;
    private readonly byte[] _first = new StateScript(new Random(1)).Text(6000);

    public CommitEncoderTests()
    {
        _encoder = new CommitEncoder(_store, _known, new HistoryInstruments(null), NullLogger<CommitEncoder>.Instance);
        _session = new SessionScript(_store, HistoryRows.Address("s"));
    }

    public async ValueTask InitializeAsync() => await _store.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Encode_SessionThatIsBeingWritten_StandsOnTheParentWithoutARead()
    {
        await CommitAsync(Row(1, 0));
        var second = await CommitAsync(Row(2, 1));
        var third = await CommitAsync(Row(3, 2));

        Assert.Equal((1, 2), (second.Base, third.Base));
        Assert.Equal(0, _store.CheckpointReads);
    }

    [Fact]
    public async Task Encode_SeveralInOneCommit_StandOnEachOther()
    {
        await CommitAsync(Row(1, 0), Row(2, 1), Row(3, 1));
        var fourth = await CommitAsync(Row(4, 3));

        Assert.Equal(3, fourth.Base);
        Assert.Equal(1, (await ReadAsync(2)).Row.Base);
        Assert.Equal(1, (await ReadAsync(3)).Row.Base);
        Assert.Equal(0, _store.CheckpointReads);
    }

    [Fact]
    public async Task Encode_AfterAnActivation_ReadsTheParentOnce()
    {
        await CommitAsync(Row(1, 0), Row(2, 1));
        _known.Drop(_owner);
        var third = await CommitAsync(Row(3, 2));
        var fourth = await CommitAsync(Row(4, 3));

        Assert.Equal((2, 3), (third.Base, fourth.Base));
        Assert.Equal(1, _store.CheckpointReads);
        Assert.Equal([1, 2, 3], (await ReadAsync(4)).Bases.Select(b => b.Sequence));
    }

    [Fact]
    public async Task Encode_BranchesOfOneParent_ReadItOnce()
    {
        await CommitAsync(Row(1, 0), Row(2, 1));
        _known.Drop(_owner);
        for (var i = 3; i < 7; i++)
        {
            Assert.Equal(1, (await CommitAsync(Row(i, 1))).Base);
        }

        Assert.Equal(1, _store.CheckpointReads);
    }

    [Fact]
    public async Task End_CommitOfSeveralCreates_RemembersTheirSmallStates()
    {
        await CommitAsync(Row(1, 0), Row(2, 1), Row(3, 1));

        Assert.Equal([3, 1, 2], _known.SequencesOf(_owner));
        Assert.Equal(2, (await CommitAsync(Row(4, 2))).Base);
        Assert.Equal(0, _store.CheckpointReads);
    }

    [Theory]
    [InlineData((int)CommitStatus.Unavailable, true)]
    [InlineData((int)CommitStatus.Refused, true)]
    [InlineData((int)CommitStatus.Unknown, false)]
    [InlineData((int)CommitStatus.Conflict, false)]
    public async Task End_CommitThatDidNotSucceed_LeavesNothingOfItToStandOn(int status, bool leavesWhatWasBefore)
    {
        await CommitAsync(Row(1, 0));
        var failed = await _encoder.EncodeAsync(_owner, await _session.NextAsync(Row(2, 1)));
        _encoder.End(_owner, failed, (CommitStatus)status);
        Assert.Equal(leavesWhatWasBefore ? [1] : [], _known.SequencesOf(_owner));

        // The number is given again, to another state.
        await CommitAsync(Row(2, 1).WithState([.. "other"u8, .. _first]));
        await CommitAsync(Row(3, 2));

        Assert.Equal(Row(3, 2).Stored.ToArray(), StateDecoder.DecodeSaved((await ReadAsync(3)).State).ToArray());
    }

    [Fact]
    public async Task Encode_ParentThatIsDamaged_StoresAFullCopy()
    {
        await CommitAsync(Row(1, 0));
        await _session.CreateAsync(Row(2, 1) with { Codec = StateCodec.Compressed, StoredSize = 9, Stored = new byte[9] });
        var third = await CommitAsync(Row(3, 2));

        Assert.Null(third.Base);
        Assert.Equal(1, _store.CheckpointReads);
        Assert.Equal(Row(3, 2).Stored.ToArray(), StateDecoder.DecodeSaved((await ReadAsync(3)).State).ToArray());
    }

    [Fact]
    public async Task Encode_ParentThatCannotBeRead_StoresAFullCopy()
    {
        await CommitAsync(Row(1, 0));
        _known.Drop(_owner);
        _store.OnCheckpointRead = () => throw new UnavailableException("The database is away.");

        Assert.Null((await CommitAsync(Row(2, 1))).Base);
        Assert.Equal(1, _store.CheckpointReads);
    }

    [Fact]
    public async Task Encode_StatesThatDoNotGetSmaller_LeaveTheCommitAsItIs()
    {
        var noise = new byte[8000];
        new Random(1).NextBytes(noise);
        await CommitAsync(Row(1, 0));
        _known.Drop(_owner);
        var commit = await _session.NextAsync(Row(2, 1).WithState(noise), Row(3, 1).WithState([1, 2, 3]));

        Assert.Same(commit, (await _encoder.EncodeAsync(_owner, commit)).Commit);
        Assert.Equal(0, _store.CheckpointReads);
    }

    [Fact]
    public async Task Encode_StatesThatGetSmaller_WeighWhatIsSent()
    {
        var commit = await _session.NextAsync(Row(1, 0), Row(2, 1));
        commit = commit with { Weight = 100 + commit.Creates.Sum(c => c.Size) };
        var encoded = await _encoder.EncodeAsync(_owner, commit);

        Assert.Equal(100 + encoded.Commit.Creates.Sum(c => c.StoredSize), encoded.Commit.Weight);
        Assert.All(encoded.Commit.Creates, c => Assert.Equal(c.Stored.Length, c.StoredSize));
    }

    private StoredCheckpoint Row(long sequence, long parent) => HistoryRows.Checkpoint(sequence)
        .WithState([.. _first, .. new StateScript(new Random((int)sequence)).Text(200 * (int)sequence)]) with
    { Parent = parent };

    private async Task<StoredCheckpoint> CommitAsync(params StoredCheckpoint[] rows)
    {
        var encoded = await _encoder.EncodeAsync(_owner, await _session.NextAsync(rows));
        await _session.CommitAsync(encoded.Commit);
        _encoder.End(_owner, encoded, CommitStatus.Committed);
        return encoded.Commit.Creates[^1];
    }

    private async Task<CheckpointRead> ReadAsync(long sequence) => (await _store.Inner.Reads.ReadCheckpointAsync(
        _session.Address, CheckpointReference.BySequence(sequence), CheckpointParts.State,
        TestContext.Current.CancellationToken)).Value!;
}
