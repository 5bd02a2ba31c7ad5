using Forge.Errors;
using Forge.Grains.Retention;
using Forge.Grains.Upkeep;
using Forge.History.Changes;
using Forge.History.Rows;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Upkeep;

public sealed class SweeperTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _steps = [];

    [Fact]
    public async Task Sweep_KindsWithMuchToDo_TakeTurns()
    {
        await SweepAsync(new Handler(_steps, DueWorkKind.Trim, 3), new Handler(_steps, DueWorkKind.Erase, 2));

        Assert.Equal(["Trim", "Erase", "Trim", "Erase", "Trim", "Erase:none", "Trim:none", "Erase:none", "tidy"], _steps);
    }

    public static TheoryData<Exception> Failures { get; } =
        [new UnavailableException("The database does not answer."), new InvalidOperationException("poison"), new OperationCanceledException()];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Sweep_OneKindFails_TheOthersGoOnAndAreTidiedUpBehind(Exception failure)
    {
        await SweepAsync(new Handler(_steps, DueWorkKind.Trim, 1) { Failure = failure }, new Handler(_steps, DueWorkKind.Erase, 2));

        Assert.Equal(["Trim", "Erase", "Erase", "Erase:none", "tidy"], _steps);
    }

    [Fact]
    public async Task Sweep_Stopped_StopsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var handler = new Handler(_steps, DueWorkKind.Trim, 1) { Failure = new OperationCanceledException(stop.Token) };

        await Assert.ThrowsAsync<OperationCanceledException>(() => SweepAsync(stop.Token, handler, new Handler(_steps, DueWorkKind.Erase, 2)));

        Assert.Equal(["Trim"], _steps);
    }

    [Fact]
    public async Task Sweep_WorkThatNeverEnds_EndsWithHalfALease()
    {
        await SweepAsync(new Handler(_steps, DueWorkKind.Trim, int.MaxValue) { OnStep = () => _time.Advance(TimeSpan.FromSeconds(10)) });

        // Of a minute.
        Assert.Equal(["Trim", "Trim", "Trim", "Trim", "tidy"], _steps);
    }

    private Task SweepAsync(params IDueWorkHandler[] handlers) => SweepAsync(TestContext.Current.CancellationToken, handlers);

    private Task SweepAsync(CancellationToken cancellationToken, params IDueWorkHandler[] handlers)
    {
        var options = Options.Create(new RetentionOptions());
        var sweeper = new Sweeper(
            handlers, [new Tidying(_steps)], new WorkClaims(null!, options, null!, _time), options, _time, lifetime: null!,
            NullLogger<Sweeper>.Instance);
        return sweeper.SweepAsync(cancellationToken);
    }

    private sealed class Handler(List<string> steps, DueWorkKind kind, int work) : IDueWorkHandler, IDueWorkTurn
    {
        private int _left = work;

        public DueWorkKind Kind => kind;

        public Exception? Failure { get; init; }

        public Action OnStep { get; init; } = () => { };

        public IDueWorkTurn Begin() => this;

        public Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            OnStep();
            steps.Add(_left > 0 ? $"{kind}" : $"{kind}:none");
            return Failure is null ? Task.FromResult(_left-- > 0) : Task.FromException<bool>(Failure);
        }
    }

    private sealed class Tidying(List<string> steps) : ITidying
    {
        public Task TidyAsync(CancellationToken cancellationToken)
        {
            steps.Add("tidy");
            return Task.CompletedTask;
        }
    }
}
