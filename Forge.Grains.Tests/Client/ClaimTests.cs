using Forge.Checkpoints;
using Forge.Claims;
using Forge.Client;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Portability;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

/// <summary>What a handle that holds a claim sends.</summary>
public class ClaimTests
{
    private static readonly SessionClaim Given = new(7, "a", null);

    private readonly FakeCluster _cluster = new();

    public ClaimTests() => _cluster
        .On(nameof(ClaimSession), _ => Given)
        .On(nameof(RenewClaim), _ => Given)
        .On(nameof(ReleaseClaim), _ => Given with { Owner = null })
        .On(nameof(GetClaim), _ => Given)
        .On(nameof(ISessionGrain.CreateAsync), a => new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)a[0]!)))
        .On<IReadOnlyList<CreateResult>>(nameof(ISessionGrain.CreateBatchAsync), a =>
            [.. ((IReadOnlyList<NewCheckpoint>)a[0]!).Select((c, i) => new CreateResult(CreateOutcome.Created, ClientSamples.Summary(c, i + 1)))])
        .On(nameof(RestoreCheckpoint), _ => new RestoreResult(ClientSamples.Checkpoint("7"u8.ToArray()), null))
        .On(nameof(DeleteCheckpoint), _ => true)
        .On(nameof(AnnotateCheckpoint), _ => new Annotation(1, DateTimeOffset.UnixEpoch, AnnotationSeverity.Info, "x"))
        .On(nameof(SetTags), _ => ClientSamples.Summary(1))
        .On(nameof(CompactSession), _ => new CompactResult(1, 2, 3))
        .On(nameof(SetSettings), _ => (SessionInfo)null!)
        .On(nameof(DeleteSession), _ => true)
        .On(nameof(EraseSession), _ => ErasureStatus.Erased)
        .On(nameof(ISessionGrain.BeginImportAsync), _ => new ImportTicket(Guid.NewGuid(), DateTimeOffset.UnixEpoch))
        .OnRaw(nameof(ISessionGrain.AppendImportAsync), _ => Task.CompletedTask)
        .On(nameof(ISessionGrain.CompleteImportAsync), _ => new ImportResult(1, 0));

    [Fact]
    public async Task ClaimAsync_OfASession_AnswersAHandleThatSendsItsEpochWithEachChange()
    {
        var session = _cluster.Session();

        var claimed = await session.ClaimAsync("a", TimeSpan.FromMinutes(5), ifFree: true);

        Assert.Equal((null, 7), (session.Epoch, claimed.Epoch));
        Assert.Equal(session.Address, claimed.Address);
        var sent = Assert.IsType<ClaimSession>(_cluster.Calls[0].Arguments[0]);
        Assert.Equal(("a", TimeSpan.FromMinutes(5), true, null), (sent.Owner, sent.Lease, sent.IfFree, sent.Epoch));
        await ChangeAllAsync(claimed);
        Assert.Equal(15, _cluster.Calls.Count(IsChange));
        Assert.All(_cluster.Calls.Where(IsChange), call => Assert.Equal(7, EpochOf(call)));

        // The handle that it was claimed by has none, and one with another serializer has it too.
        _cluster.Calls.Clear();
        await session.CheckpointAsync(1, "m");
        await claimed.WithSerializer(new Forge.Client.Serialization.JsonStateSerializer()).CheckpointAsync(1, "m");
        Assert.Equal([null, 7], _cluster.Calls.Select(EpochOf));
    }

    [Fact]
    public async Task ClaimAsync_OfAHandleThatHasAClaim_IsMadeUnderNone()
    {
        var again = await _cluster.Session().WithEpoch(3).ClaimAsync("a");

        Assert.Null(Assert.IsType<ClaimSession>(_cluster.Calls.Single().Arguments[0]).Epoch);
        Assert.Equal(7, again.Epoch);
    }

    [Fact]
    public async Task ClaimAsync_AnswerLost_IsAskedAgainUnderTheSameRequest()
    {
        _cluster.Fail(new TimeoutException());

        await _cluster.Time.DriveAsync(_cluster.Session().ClaimAsync("a"));

        Assert.Equal(2, _cluster.Calls.Count);
        Assert.Equal(_cluster.Calls[0].Request.Id, _cluster.Calls[1].Request.Id);
    }

    [Fact]
    public async Task Change_Superseded_IsToldAtOnceAsItIs()
    {
        _cluster.Fail(new ClaimSupersededException(_cluster.Session().Address, 7, 8, "b", null));

        var told = await Assert.ThrowsAsync<ClaimSupersededException>(() => _cluster.Session().WithEpoch(7).CheckpointAsync(1, "m"));

        Assert.Equal((7, 8, "b"), (told.Given, told.Epoch, told.Owner));
        Assert.Single(_cluster.Calls);
    }

    private static async Task ChangeAllAsync(SessionHandle session)
    {
        await session.CheckpointAsync(1, "m");
        await session.CheckpointAsync(new byte[] { 1 }, "m");
        await session.CheckpointAsync(1, "m", options: new() { IdempotencyKey = "k" });
        await session.CheckpointBatchAsync([session.NewCheckpoint(1, "m"), session.NewCheckpoint(1, "m", options: new() { Id = new CheckpointId(Guid.NewGuid()) })]);
        await session.RestoreAsync(1);
        await session.DeleteAsync(1);
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "n");
        await session.SetTagsAsync(1, []);
        await session.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await session.SetSettingsAsync(new SessionSettings());
        await session.ImportAsync(new MemoryStream("{\"forge\":\"session\"}\n"u8.ToArray()));
        await session.RenewAsync(TimeSpan.FromMinutes(1));
        await session.ReleaseAsync();
        await session.DeleteSessionAsync();
        await session.EraseSessionAsync();
        await session.GetClaimAsync();
    }

    private static bool IsChange(GrainCall call) =>
        call.Method is not (nameof(ClaimSession) or nameof(GetClaim) or nameof(ISessionGrain.BeginImportAsync) or nameof(ISessionGrain.AppendImportAsync));

    private static long? EpochOf(GrainCall call) => call.Arguments[0] switch
    {
        NewCheckpoint create => create.Epoch,
        IReadOnlyList<NewCheckpoint> batch => batch.Select(c => c.Epoch).Distinct().Single(),
        ImportTicket ticket => ticket.Epoch,
        IOperation operation => (long?)operation.GetType().GetProperty("Epoch")!.GetValue(operation),
        _ => throw new NotSupportedException(call.Method),
    };
}
