using Microsoft.Extensions.Logging;

namespace Forge.Grains.Retention;

/// <summary>
/// The time by which ages are counted: that of the silo's clock, unless the clock jumps ahead. Then it goes on from before the
/// jump, until the clock has run on without another for an hour: what goes for its age does not come back when the clock is set
/// right. A clock that is set back is followed at once, for that only keeps things longer.
/// </summary>
/// <remarks>
/// A jump is what the clock moves against the time that really passed between two looks. What a clock says when the silo starts
/// is believed. Safe for concurrent use.
/// </remarks>
internal sealed partial class RetentionClock
{
    /// <summary>Less is no jump: clocks are slewed and stepped a little all the time.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>How long a jump must have lasted to be believed.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private readonly ILogger<RetentionClock> _logger;
    private readonly Lock _lock = new();
    private readonly long _began;
    private DateTimeOffset _believed;
    private DateTimeOffset _doubted;
    private TimeSpan _doubtedSince;

    public RetentionClock(TimeProvider time, ILogger<RetentionClock> logger)
    {
        (_time, _logger, _began) = (time, logger, time.GetTimestamp());
        _believed = _doubted = time.GetUtcNow();
    }

    /// <summary>Now.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
            {
                // What the clock would have said at the beginning, had it always gone as it does now.
                var passed = _time.GetElapsedTime(_began);
                var began = _time.GetUtcNow() - passed;
                if (began - _believed <= Tolerance)
                {
                    _believed = _doubted = began;
                }
                else if ((began - _doubted).Duration() > Tolerance)
                {
                    (_doubted, _doubtedSince) = (began, passed);
                    LogJump(began - _believed, Settling);
                }
                else if (passed - _doubtedSince >= Settling)
                {
                    _believed = _doubted = began;
                }

                return _believed + passed;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "The silo's clock jumped ahead by {Jump}. Ages are counted without it, until the clock has stayed so for {Settling}")]
    private partial void LogJump(TimeSpan jump, TimeSpan settling);
}
