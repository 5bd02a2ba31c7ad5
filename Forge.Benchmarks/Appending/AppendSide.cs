using Forge.Benchmarks.Measuring;

namespace Forge.Benchmarks.Appending;

/// <summary>How many sessions are written, and by how many callers; caller <c>i</c> writes session <c>i</c> modulo sessions.</summary>
internal readonly record struct Shape(int Sessions, int Callers)
{
    public override string ToString() => $"{Sessions}x{Callers}";
}

/// <summary>A side that callers append states to, one call after another.</summary>
internal abstract class CallerSide(string name, Shape shape, StatePool states) : Side(name)
{
    private readonly long[] _steps = new long[shape.Callers];

    protected Shape Shape { get; } = shape;

    protected StatePool States { get; } = states;

    /// <summary>How many appends to a session were acknowledged, over all rounds.</summary>
    protected long[] Acknowledged { get; } = new long[shape.Sessions];

    public sealed override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(Shape.Callers, duration, async caller =>
    {
        // Each caller goes through the states at its own place, so that no two save the same ones at a time.
        var step = caller * 7 + _steps[caller]++;
        var session = caller % Shape.Sessions;
        await AppendAsync(session, StatePool.Message(step), States.State(step));
        Interlocked.Increment(ref Acknowledged[session]);
        return 1;
    });

    protected abstract Task AppendAsync(int session, string message, byte[] state);
}
