namespace Forge.Cli.Terminal;

/// <summary>
/// Says on the terminal how far something is that takes long: how much is done, how fast it goes, and how long the rest will take if it is known how much
/// there is. It says nothing if no terminal shows it.
/// </summary>
/// <param name="screen">Where it is said.</param>
/// <param name="verb">What is being done.</param>
/// <param name="total">How much there is; null if nobody knows.</param>
/// <param name="say">How an amount is said.</param>
/// <param name="hasRate">False for what has no rate, as time itself.</param>
internal sealed class Progress(Screen screen, string verb, long? total, Func<double, string> say, bool hasRate = true) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time = screen.Surroundings.Time;
    private readonly long _began = screen.Surroundings.Time.GetTimestamp();
    private readonly Lock _turn = new();
    private TimeSpan _shown = TimeSpan.MinValue;
    private long _done;
    private bool _isShown;

    /// <summary>True if a terminal shows it.</summary>
    public static bool IsSeen(Screen screen) => screen.Surroundings.ErrorIsTerminal;

    /// <summary>More is done.</summary>
    public void Add(long amount)
    {
        lock (_turn)
        {
            _done += amount;
            var elapsed = _time.GetElapsedTime(_began);
            if (!IsSeen(screen) || (_isShown && elapsed - _shown < Pause))
            {
                return;
            }

            (_shown, _isShown) = (elapsed, true);
            screen.Overwrite(TextAt(elapsed));
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            screen.Overwrite("");
        }
    }

    private string TextAt(TimeSpan elapsed)
    {
        var perSecond = elapsed > TimeSpan.Zero ? _done / elapsed.TotalSeconds : 0;
        var amount = total is { } all ? $"{say(_done)} of {say(all)}" : say(_done);
        var rate = hasRate && perSecond > 0 ? $", {say(perSecond)}/s" : "";
        var rest = total is { } whole && perSecond > 0 && whole > _done ? $", {Said.Span(TimeSpan.FromSeconds(Math.Min((whole - _done) / perSecond, 1e7)))} left" : "";
        return $"{verb} {amount}{rate}{rest}";
    }
}
