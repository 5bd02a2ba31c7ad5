using Forge.Grains.History;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ReadRequest_Remembered_IsExactlyWhatWasGiven()
    {
        var (session, other) = (Session("s"), Session("other"));
        var request = HistoryRows.Request(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), HistoryRows.Start.AddMicroseconds(3)) with
        {
            Outcome = """{ "b": 1, "a": [ "é", "🧭" ],  "b2": null }""",
        };
        await session.CommitAsync(c => c with { Requests = [request] });
        await other.CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(request, (await Store.ReadRequestAsync(session.Address, request.Id, HistoryRows.Start, Cancel)).Value);
        Assert.Null((await Store.ReadRequestAsync(session.Address, Guid.NewGuid(), HistoryRows.Start, Cancel)).Value);
        Assert.Null((await Store.ReadRequestAsync(other.Address, request.Id, HistoryRows.Start, Cancel)).Value);
    }

    [Fact]
    public async Task ReadRequest_OlderThanAsked_IsNotThere()
    {
        var session = Session("s");
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await session.CommitAsync(c => c with { Requests = [request] });

        Assert.NotNull((await Store.ReadRequestAsync(session.Address, request.Id, request.At, Cancel)).Value);
        Assert.Null((await Store.ReadRequestAsync(session.Address, request.Id, request.At.AddMicroseconds(1), Cancel)).Value);
    }

    [Fact]
    public async Task ForgetRequests_SomeOlder_ForgetsThoseInSteps()
    {
        var (a, b) = (Session("a"), Session("b"));
        var requests = Enumerable.Range(0, 6).Select(i => HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start.AddMicroseconds(i))).ToList();
        await a.CommitAsync(c => c with { Requests = requests[..4] });
        await b.CommitAsync(c => c with { Requests = requests[4..] });
        var before = HistoryRows.Start.AddMicroseconds(5);

        Assert.Equal(3, await Store.ForgetRequestsAsync(before, 3, Cancel));
        Assert.Equal(2, await Store.ForgetRequestsAsync(before, 3, Cancel));
        Assert.Equal(0, await Store.ForgetRequestsAsync(before, 3, Cancel));

        foreach (var (session, request) in requests.Select((r, i) => (i < 4 ? a : b, r)))
        {
            var read = (await Store.ReadRequestAsync(session.Address, request.Id, HistoryRows.Start, Cancel)).Value;
            Assert.Equal(request.At >= before, read is not null);
        }
    }

    [Fact]
    public async Task ForgetRequests_IdForgotten_CanBeRememberedAgain()
    {
        var session = Session("s");
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await session.CommitAsync(c => c with { Requests = [request] });
        await Store.ForgetRequestsAsync(HistoryRows.Start.AddMicroseconds(1), 10, Cancel);
        var again = request with { At = HistoryRows.Start.AddDays(2), Outcome = "{}" };
        await session.CommitAsync(c => c with { Requests = [again] });

        Assert.Equal(again, (await Store.ReadRequestAsync(session.Address, request.Id, HistoryRows.Start, Cancel)).Value);
    }
}
