using System.Net;
using Forge.Cli.Hosting;
using Forge.Cli.Replay;
using Forge.Grains.Tests.Client;

namespace Forge.Grains.Tests.Replay;

public sealed class SessionReplayTests : IDisposable
{
    private static readonly RecordedRun Run = RecordedRun.Parse(SampleRun.Make(10));

    private readonly FakeSilo _silo = new();
    private readonly DrivenTime _time = new();
    private readonly List<string> _said = [];

    public void Dispose() => _silo.Dispose();

    [Fact]
    public async Task SaveAsync_NewSession_SavesEveryStepInOrder()
    {
        await SaveAsync();

        Assert.Equal(Expected(10), _silo.States);
        Assert.True(await VerifyAsync());
        Assert.StartsWith("/v1/sessions/a%2Bb/checkpoints", _silo.Paths[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaveAsync_SessionWithABeginning_GoesOnThere()
    {
        _silo.States.AddRange(Expected(4));

        await SaveAsync();

        Assert.Equal((6, 10), (_silo.Creates, _silo.States.Count));
        Assert.True(await VerifyAsync());
    }

    [Fact]
    public async Task SaveAsync_SiloGoesAwayMidRun_WaitsAndGoesOnWithoutARepeat()
    {
        _silo.Before = request => request is > 5 and < 9 ? throw new HttpRequestException("refused")
            : request is 10 ? FakeSilo.Refuse(HttpStatusCode.ServiceUnavailable, "unavailable") : null;

        await SaveAsync();

        Assert.Equal(Expected(10), _silo.States);
        Assert.Equal(2, _said.Count(s => s.StartsWith("The silo went away", StringComparison.Ordinal)));
        Assert.Equal(2, _said.Count(s => s.StartsWith("The silo is back", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SaveAsync_AnswerLostAfterTheCommit_SavesTheStepOnce()
    {
        _silo.AfterCreate = create => create == 3 ? throw new HttpRequestException("broke off") : null;

        await SaveAsync();

        Assert.Equal(11, _silo.Creates);
        Assert.Equal(Expected(10), _silo.States);
    }

    [Fact]
    public async Task SaveAsync_SiloStaysAway_GivesUpAfterItsPatience()
    {
        _silo.Before = request => request > 3 ? throw new HttpRequestException("refused") : null;

        var error = await Assert.ThrowsAnyAsync<CliException>(SaveAsync);

        Assert.Contains("did not come back", error.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(2), _time.Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait));
    }

    [Fact]
    public async Task SaveAsync_NoSiloAtAll_SaysSoAtOnce()
    {
        _silo.Before = _ => throw new HttpRequestException("refused");

        var error = await Assert.ThrowsAnyAsync<CliException>(SaveAsync);

        Assert.Contains("No silo answers at http://127.0.0.1:5080/", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _silo.Requests);
    }

    [Fact]
    public async Task SaveAsync_RefusedStep_EndsWithTheSilosWords()
    {
        _silo.AfterCreate = _ => FakeSilo.Refuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded");

        var error = await Assert.ThrowsAnyAsync<CliException>(SaveAsync);

        Assert.Equal((ExitCode.NotTaken, "why not (limit_exceeded)"), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("""{"step": 3, "history": []}""")]
    [InlineData("""{"step": 99}""")]
    [InlineData("\"text\"")]
    [InlineData("not json")]
    public async Task SaveAsync_SessionOfSomethingElse_IsLeftAlone(string state)
    {
        _silo.States.Add([.. state.Select(c => (byte)c)]);

        await Assert.ThrowsAnyAsync<CliException>(SaveAsync);

        Assert.Equal(0, _silo.Creates);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("missing")]
    [InlineData("more")]
    [InlineData("swapped")]
    public async Task VerifyAsync_AnyDifference_IsFound(string difference)
    {
        _silo.States.AddRange(Expected(10));
        switch (difference)
        {
            case "changed":
                _silo.States[4][^3] ^= 1;
                break;
            case "missing":
                _silo.States.RemoveAt(9);
                break;
            case "more":
                _silo.States.Add(_silo.States[9]);
                break;
            default:
                (_silo.States[1], _silo.States[2]) = (_silo.States[2], _silo.States[1]);
                break;
        }

        Assert.False(await VerifyAsync());
    }

    [Fact]
    public async Task SaveAsync_Hold_IsTakenAfterEveryStep()
    {
        var held = new List<(int, int)>();

        await Replay().SaveAsync(
            saved =>
            {
                held.Add((saved, _silo.States.Count));
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, 10).Select(n => (n, n)), held);
    }

    private static List<byte[]> Expected(int steps) => [.. Enumerable.Range(0, steps).Select(Run.StateOf)];

    private SessionReplay Replay()
    {
        var http = new HttpClient(_silo) { BaseAddress = new Uri("http://127.0.0.1:5080") };
        return new SessionReplay(Run, "a+b", new SiloCalls(http, TimeSpan.FromSeconds(2), _time, _said.Add), _said.Add);
    }

    private async Task SaveAsync()
    {
        await _time.DriveAsync(Done());

        async Task<bool> Done()
        {
            await Replay().SaveAsync(_ => Task.CompletedTask, TestContext.Current.CancellationToken);
            return true;
        }
    }

    private Task<bool> VerifyAsync() => _time.DriveAsync(Replay().VerifyAsync(() => { }, TestContext.Current.CancellationToken));
}
