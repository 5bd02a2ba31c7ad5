using System.Text;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Serialization;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

public class SessionHandleTests
{
    private readonly FakeCluster _cluster = new();

    public static TheoryData<string> Changes =>
        ["restore", "delete", "annotate", "tags", "compact", "settings", "delete session"];

    public SessionHandleTests() => _cluster
        .On(nameof(ISessionGrain.CreateAsync), a => new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)a[0]!)))
        .On<IReadOnlyList<CreateResult>>(nameof(ISessionGrain.CreateBatchAsync), a =>
            [.. ((IReadOnlyList<NewCheckpoint>)a[0]!).Select((c, i) =>
                new CreateResult(CreateOutcome.Repeated, ClientSamples.Summary(c, i + 1)))])
        .On(nameof(RestoreCheckpoint), _ => new RestoreResult(ClientSamples.Checkpoint("7"u8.ToArray()), null))
        .On(nameof(DeleteCheckpoint), _ => true)
        .On(nameof(AnnotateCheckpoint), _ => new Annotation(1, DateTimeOffset.UnixEpoch, AnnotationSeverity.Info, "x"))
        .On(nameof(SetTags), _ => ClientSamples.Summary(1))
        .On(nameof(CompactSession), _ => new CompactResult(1, 2, 3))
        .On(nameof(SetSettings), _ => (SessionInfo)null!)
        .On(nameof(DeleteSession), _ => true);

    [Fact]
    public async Task CheckpointAsync_CallersIdOrKey_IsNeverAFirstAttempt()
    {
        var id = CheckpointId.Create(DateTimeOffset.UnixEpoch);

        await _cluster.Session().CheckpointAsync(1, "m", options: new() { Id = id });
        await _cluster.Session().CheckpointAsync(1, "m", options: new() { IdempotencyKey = "k" });

        var sent = _cluster.Calls.Select(c => c.Argument<NewCheckpoint>()).ToList();
        Assert.Equal((id, false), (sent[0].Id, sent[0].FirstAttempt));
        Assert.Equal((true, "k", false), (sent[1].Id.IsEmpty, sent[1].IdempotencyKey, sent[1].FirstAttempt));
    }

    [Fact]
    public async Task OnBranch_WhatTheHandleSends_IsOfTheBranch()
    {
        var branch = _cluster.Session().OnBranch("b");
        _cluster.On(nameof(GetCheckpoint), _ => (Checkpoint?)null).On(nameof(ListCheckpoints), _ => new CheckpointPage([], null));

        await branch.CheckpointAsync(1, "m");
        await branch.CheckpointAsync(1, "m", options: new() { Branch = "c" });
        await branch.CheckpointBatchAsync([branch.NewCheckpoint(1, "m"), branch.NewCheckpoint(1, "m", options: new() { Branch = "main" })]);
        await branch.GetAsync();
        await branch.GetAsync(CheckpointReference.CurrentOf("c"));
        await branch.GetAsync(7);
        await branch.RestoreAsync(CheckpointReference.Current);
        await branch.ListPageAsync(new());
        await branch.WithSerializer(new JsonStateSerializer()).DeleteAsync(CheckpointReference.Latest);

        Assert.Equal(["b", "c"], _cluster.Calls.Take(2).Select(c => c.Argument<NewCheckpoint>().Branch));
        Assert.Equal(["b", "main"], _cluster.Calls[2].Argument<IReadOnlyList<NewCheckpoint>>().Select(c => c.Branch));
        Assert.Equal(
            [CheckpointReference.LatestOf("b"), CheckpointReference.CurrentOf("c"), 7],
            _cluster.Calls.Skip(3).Take(3).Select(c => c.Argument<GetCheckpoint>().Checkpoint));
        var restore = _cluster.Calls[6].Argument<RestoreCheckpoint>();
        Assert.Equal((CheckpointReference.CurrentOf("b"), "b"), (restore.Checkpoint, restore.Branch));
        Assert.Equal("b", _cluster.Calls[7].Argument<ListCheckpoints>().Query.Branch);
        Assert.Equal(CheckpointReference.LatestOf("b"), _cluster.Calls[8].Argument<DeleteCheckpoint>().Checkpoint);
        Assert.Equal(("b", "main"), (branch.Branch, _cluster.Session().Branch));
        var serializer = new JsonStateSerializer();
        foreach (var both in new[]
        {
            branch.WithEpoch(3), _cluster.Session().WithEpoch(3).OnBranch("b"), branch.WithEpoch(3).WithSerializer(serializer),
        })
        {
            Assert.Equal((3, "b"), (both.Epoch, both.Branch));
        }

        Assert.Equal("branch", Assert.Throws<InvalidRequestException>(() => branch.OnBranch("")).Field);
    }

    [Fact]
    public async Task DiffAsync_BusySilo_IsAskedAgainBesideTheSessionsGrain()
    {
        var answer = new CheckpointDifference { From = ClientSamples.Summary(1), To = ClientSamples.Summary(2) };
        _cluster.On(nameof(DiffCheckpoints), _ => answer).Fail(new BusyException("differences", "are being made"));

        Assert.Same(answer, await _cluster.Time.DriveAsync(_cluster.Session().DiffAsync(1, 2, "other")));

        Assert.Equal(2, _cluster.Calls.Count);
        Assert.All(_cluster.Calls, call => Assert.Equal("t/default/s", call.Key));
        Assert.All(_cluster.Calls, call => Assert.Equal(
            new DiffCheckpoints(1, 2, SessionId.Parse("other")), call.Argument<DiffCheckpoints>()));
    }

    [Fact]
    public async Task CheckpointAsync_RepeatedMadeId_IsCreatedByThisCall()
    {
        _cluster.On(nameof(ISessionGrain.CreateAsync), a => new CreateResult(CreateOutcome.Repeated, ClientSamples.Summary((NewCheckpoint)a[0]!)));

        var made = await _cluster.Session().CheckpointAsync(1, "m");
        var given = await _cluster.Session().CheckpointAsync(1, "m", options: new() { IdempotencyKey = "k" });

        Assert.Equal((CreateOutcome.Created, CreateOutcome.Repeated), (made.Outcome, given.Outcome));
    }

    [Fact]
    public async Task CheckpointAsync_Throttled_AnswersNotTaken()
    {
        _cluster.On(nameof(ISessionGrain.CreateAsync), _ => new CreateResult(CreateOutcome.NotTaken, null));

        var result = await _cluster.Session().CheckpointAsync(
            1, "m", options: new() { Trigger = CheckpointTrigger.SignificantTimePassed });

        Assert.Equal((CreateOutcome.NotTaken, null), (result.Outcome, result.Checkpoint));
        Assert.Equal(CheckpointTrigger.SignificantTimePassed, _cluster.Calls[0].Argument<NewCheckpoint>().Trigger);
    }

    [Fact]
    public async Task CheckpointAsync_CancelledAndItsMemoryUsedAgain_SendsWhatWasGiven()
    {
        using var cancel = new CancellationTokenSource();
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), _ => new TaskCompletionSource<CreateResult>().Task)
            .OnRaw(nameof(ISessionGrain.CreateBatchAsync), _ => new TaskCompletionSource<IReadOnlyList<CreateResult>>().Task);
        var (bytes, tags) = (new byte[] { 1, 2, 3 }, new List<string> { "a" });
        var session = _cluster.Session();
        Task[] calls =
        [
            session.CheckpointAsync(bytes, "m", tags, cancellationToken: cancel.Token),
            session.CheckpointAsync((ReadOnlyMemory<byte>)bytes, "m", tags, cancellationToken: cancel.Token),
            session.CheckpointBatchAsync([new NewCheckpoint { Message = "m", State = bytes, Tags = tags }], cancel.Token),
        ];
        await cancel.CancelAsync();
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Array.Fill(bytes, (byte)9);
        tags[0] = "z";

        // The grain has them still, and has yet to read them.
        Assert.Equal(3, _cluster.Calls.Count);
        Assert.All(
            _cluster.Calls.Select(c => c.Arguments[0] is IReadOnlyList<NewCheckpoint> batch ? batch[0] : c.Argument<NewCheckpoint>()),
            sent =>
            {
                Assert.Equal([1, 2, 3], sent.State.ToArray());
                Assert.Equal(["a"], sent.Tags);
            });
    }

    [Fact]
    public async Task CheckpointAsync_AllThatCanBeSaid_IsSent()
    {
        await _cluster.Session().CheckpointAsync(
            new Agent("ann", 3), "found it", ["a", "b"], new() { Parent = 2, ExpectedHead = 9, ContentType = "application/x+json" });

        var sent = _cluster.Calls[0].Argument<NewCheckpoint>();
        Assert.Equal("t/default/s", _cluster.Calls[0].Key);
        Assert.Equal("""{"Name":"ann","Steps":3}""", Encoding.UTF8.GetString(sent.State.Span));
        Assert.Equal(("found it", "application/x+json", 9L), (sent.Message, sent.ContentType, sent.ExpectedHead));
        Assert.Equal(["a", "b"], sent.Tags);
        Assert.Equal(CheckpointReference.BySequence(2), sent.Parent);
        Assert.Null(sent.Requires);
    }

    [Fact]
    public async Task CheckpointAsync_WhatIsRequired_IsSentAsItWasAtTheCall()
    {
        var (session, requires) = (_cluster.Session(), new List<CheckpointReference> { 2, new CheckpointId(Guid.NewGuid()) });
        await session.CheckpointAsync("x", "m", options: new() { Requires = requires });
        await session.CheckpointBatchAsync([session.NewCheckpoint("x", "m") with { Requires = requires }]);
        var expected = requires.ToArray();
        requires.Clear();

        Assert.Equal(expected, _cluster.Calls[0].Argument<NewCheckpoint>().Requires);
        Assert.Equal(expected, ((IReadOnlyList<NewCheckpoint>)_cluster.Calls[1].Arguments[0]!)[0].Requires);
    }

    [Fact]
    public async Task CheckpointAsync_RootsAndParentsInABatch_AreSentAsTheyAre()
    {
        var (session, id) = (_cluster.Session(), new CheckpointId(Guid.NewGuid()));
        await session.CheckpointAsync("x", "m", options: new() { Parent = CheckpointReference.None });
        await session.CheckpointBatchAsync(
        [
            session.NewCheckpoint("x", "m", options: new() { Id = id, Parent = CheckpointReference.None }),
            session.NewCheckpoint("x", "m", options: new() { Parent = id }),
        ]);

        Assert.True(_cluster.Calls[0].Argument<NewCheckpoint>().Parent!.Value.IsNone);
        var batch = (IReadOnlyList<NewCheckpoint>)_cluster.Calls[1].Arguments[0]!;
        Assert.Equal([CheckpointReference.None, CheckpointReference.ById(id)], batch.Select(c => c.Parent!.Value));
    }

    [Fact]
    public async Task CheckpointAsync_StateGrowsBetweenAttempts_SendsWhatItWasAtTheCall()
    {
        var history = new List<string> { "one" };
        _cluster.Fail(new TimeoutException());

        var call = _cluster.Session().CheckpointAsync(history, "m");
        history.Add("two");
        await _cluster.Time.DriveAsync(call);

        Assert.All(_cluster.Calls, c => Assert.Equal("""["one"]""", Encoding.UTF8.GetString(c.Argument<NewCheckpoint>().State.Span)));
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Fact]
    public async Task CheckpointAsync_Bytes_AreSentAsTheyAre()
    {
        byte[] bytes = [0, 1, 255];

        await _cluster.Session().CheckpointAsync(bytes, "array");
        await _cluster.Session().CheckpointAsync((ReadOnlyMemory<byte>)bytes, "memory", options: new() { ContentType = "image/png" });

        var sent = _cluster.Calls.Select(c => c.Argument<NewCheckpoint>()).ToList();
        Assert.All(sent, c => Assert.Equal(bytes, c.State.ToArray()));
        Assert.Equal(["application/octet-stream", "image/png"], sent.Select(c => c.ContentType));
    }

    [Fact]
    public async Task CheckpointBatchAsync_SomeWithIds_MakesTheOthersAndKeepsThemThroughAttempts()
    {
        _cluster.Fail(new TimeoutException());
        var session = _cluster.Session();

        var results = await _cluster.Time.DriveAsync(session.CheckpointBatchAsync(
        [
            session.NewCheckpoint(1, "made"),
            session.NewCheckpoint(2, "key", options: new() { IdempotencyKey = "k" }) with { FirstAttempt = true },
            session.NewCheckpoint(3, "made too"),
        ]));

        var sent = _cluster.Calls.Select(c => c.Argument<IReadOnlyList<NewCheckpoint>>()).ToList();
        Assert.Equal(2, sent.Count);
        Assert.Equal(sent[0].Select(c => c.Id), sent[1].Select(c => c.Id));
        Assert.Equal([false, true, false], sent[0].Select(c => c.Id.IsEmpty));
        Assert.Equal([true, false, true], sent[0].Select(c => c.FirstAttempt));
        Assert.All(sent[1], c => Assert.False(c.FirstAttempt));
        Assert.Equal(
            [CreateOutcome.Created, CreateOutcome.Repeated, CreateOutcome.Created], results.Select(r => r.Outcome));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_UnknownOutcome_KeepsItsRequestIdAndIsFirstOnce(string change)
    {
        _cluster.Fail(new TimeoutException(), ClientSamples.Unchanged("moved"));

        await _cluster.Time.DriveAsync(MakeAsync(change, null));

        var requests = _cluster.Calls.Select(c => c.Request).ToList();
        Assert.Equal(3, requests.Count);
        Assert.NotEqual(Guid.Empty, requests[0].Id);
        Assert.All(requests, r => Assert.Equal(requests[0].Id, r.Id));
        Assert.Equal([true, false, false], requests.Select(r => r.FirstAttempt));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Change_CallersRequestId_IsSentAndNeverFirst(string change)
    {
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

        await MakeAsync(change, new ChangeOptions { RequestId = id });

        Assert.Equal(new ChangeRequest(id, false), Assert.Single(_cluster.Calls).Request);
    }

    [Fact]
    public async Task CompactAsync_DryRun_HasNoRequestId()
    {
        await _cluster.Session().CompactAsync(new RetentionPolicy { KeepRecent = 1 }, dryRun: true);

        Assert.Equal(default, _cluster.Calls[0].Request);
        Assert.True(_cluster.Calls[0].Argument<CompactSession>().DryRun);
    }

    [Fact]
    public async Task LatestAsync_JsonState_IsRead()
    {
        _cluster.On(nameof(GetCheckpoint), _ => (Checkpoint?)ClientSamples.Checkpoint("""{"Name":"bo","Steps":2}"""u8.ToArray()));

        var latest = await _cluster.Session().LatestAsync<Agent>();

        Assert.Equal(new Agent("bo", 2), latest?.State);
        Assert.True(_cluster.Calls[0].Argument<GetCheckpoint>().Checkpoint.IsLatest);
    }

    [Fact]
    public async Task GetAsync_NotThere_IsNull()
    {
        _cluster.On(nameof(GetCheckpoint), _ => (Checkpoint?)null);

        Assert.Null(await _cluster.Session().GetAsync(3));
        Assert.Null(await _cluster.Session().GetAsync<Agent>(3));
    }

    [Theory]
    [InlineData("not json", "application/json", true)]
    [InlineData("{}", "text/plain", false)]
    public async Task RestoreAsync_StateOfAnotherKind_IsATypedErrorThatNamesIt(string state, string contentType, bool hasCause)
    {
        _cluster.On(nameof(RestoreCheckpoint), _ =>
            new RestoreResult(ClientSamples.Checkpoint(Encoding.UTF8.GetBytes(state), contentType), null));

        var error = await Assert.ThrowsAsync<StateFormatException>(() => _cluster.Session().RestoreAsync<Agent>(1));

        Assert.Equal((1L, contentType, hasCause), (error.Sequence, error.ContentType, error.InnerException is not null));
        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task WithSerializer_AnotherFormat_WritesAndReadsByIt()
    {
        _cluster.On(nameof(GetCheckpoint), _ => (Checkpoint?)ClientSamples.Checkpoint("olleh"u8.ToArray(), "text/reversed"));
        var session = _cluster.Session().WithSerializer(new Reversed());

        await session.CheckpointAsync("world", "m");
        var read = await session.LatestAsync<string>();

        var sent = _cluster.Calls[0].Argument<NewCheckpoint>();
        Assert.Equal(("dlrow", "text/reversed"), (Encoding.UTF8.GetString(sent.State.Span), sent.ContentType));
        Assert.Equal("hello", read?.State);
    }

    [Fact]
    public async Task Serializer_OfTheOptions_IsUsedByEveryHandle()
    {
        _cluster.Options.Serializer = new Reversed();

        await _cluster.Session().CheckpointAsync("ab", "m");

        Assert.Equal("text/reversed", _cluster.Calls[0].Argument<NewCheckpoint>().ContentType);
    }

    [Fact]
    public async Task ListAsync_SeveralPages_FollowsTheCursorsWithTheSameConditions()
    {
        _cluster.Fail(null, new TimeoutException());
        _cluster.On(nameof(ListCheckpoints), a => ((ListCheckpoints)a[0]!).Query.Cursor switch
        {
            null => new CheckpointPage([ClientSamples.Summary(5), ClientSamples.Summary(4)], "c1"),
            "c1" => new CheckpointPage([], "c2"),
            _ => new CheckpointPage([ClientSamples.Summary(3)], null),
        });

        var listed = await _cluster.Time.DriveAsync(
            _cluster.Session().ListAsync(new() { Tag = "x", Limit = 2 }).Select(s => s.Sequence).ToListAsync().AsTask());

        Assert.Equal([5, 4, 3], listed);
        var queries = _cluster.Calls.Select(c => c.Argument<ListCheckpoints>().Query).ToList();
        Assert.Equal([null, "c1", "c1", "c2"], queries.Select(q => q.Cursor));
        Assert.All(queries, q => Assert.Equal(("x", 2), (q.Tag, q.Limit)));
    }

    private Task<bool> MakeAsync(string change, ChangeOptions? options)
    {
        var session = _cluster.Session();
        return change switch
        {
            "restore" => Done(session.RestoreAsync(1, options)),
            "delete" => Done(session.DeleteAsync(1, options)),
            "annotate" => Done(session.AnnotateAsync(1, AnnotationSeverity.Info, "x", options)),
            "tags" => Done(session.SetTagsAsync(1, ["x"], options)),
            "compact" => Done(session.CompactAsync(new() { KeepRecent = 1 }, options: options)),
            "settings" => Done(session.SetSettingsAsync(new(), options)),
            "delete session" => Done(session.DeleteSessionAsync(options)),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
        };

        static async Task<bool> Done<T>(Task<T> task)
        {
            await task;
            return true;
        }
    }

    private sealed record Agent(string Name, int Steps);

    private sealed class Reversed : IStateSerializer
    {
        public string ContentType => "text/reversed";

        public bool CanRead(string contentType) => contentType == ContentType;

        public ReadOnlyMemory<byte> Serialize<T>(T state) =>
            Encoding.UTF8.GetBytes([.. ((string)(object)state!).Reverse()]);

        public T Deserialize<T>(ReadOnlyMemory<byte> bytes) =>
            (T)(object)new string([.. Encoding.UTF8.GetString(bytes.Span).Reverse()]);
    }
}
