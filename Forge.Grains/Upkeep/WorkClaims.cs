using Forge.Errors;
using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>Claims due work for this silo, and says how long it may be held.</summary>
/// <remarks>
/// Ages are told by <see cref="Now"/>. So is what is due; what is said to be due later than anything can be is due at once, for it
/// was noted when a clock was ahead.
/// </remarks>
internal sealed class WorkClaims(IUpkeep upkeep, IOptions<RetentionOptions> options, RetentionClock clock, TimeProvider time)
{
    /// <summary>The longest that failing work is put off.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private readonly string _owner = Guid.NewGuid().ToString("N");

    public DateTimeOffset Now => clock.Now;

    /// <summary>The work of a kind that has been due the longest and that nobody holds; null if there is none.</summary>
    public async Task<ClaimedWork?> ClaimAsync(DueWorkKind kind, CancellationToken cancellationToken)
    {
        var (claimedAt, now) = (time.GetTimestamp(), Now);
        return await upkeep.ClaimDueWorkAsync(
            kind, _owner, now, now + LongestWait(kind), options.Value.WorkLease, cancellationToken) is { } work
            ? new ClaimedWork(work, claimedAt)
            : null;
    }

    /// <summary>
    /// Puts claimed work off that failed: by a lease, and by twice as long after each further failure. So work that fails
    /// whenever it is tried leaves room for other work of its kind, however much there is of it. On a full disk it is not the work that
    /// is at fault, and it may be what makes room: it stays due, and is tried again as soon as its claim has run out.
    /// </summary>
    /// <exception cref="UnavailableException">The database cannot be reached: the failure was hardly the work's own.</exception>
    public Task PutOffAsync(DueWork work, CancellationToken cancellationToken)
    {
        if (!upkeep.HasRoom)
        {
            return Task.CompletedTask;
        }

        var delay = options.Value.WorkLease * Math.Pow(2, Math.Min(work.Failures, 20));
        return upkeep.PutOffWorkAsync(work, Now + (delay < LongestDelay ? delay : LongestDelay), cancellationToken);
    }

    /// <summary>
    /// When work of a session is due again: no sooner than an interval from now, so that a session of which something is always due goes in
    /// steps, and no later than the longest that it may wait.
    /// </summary>
    /// <param name="again">When there may be something to do; null for never.</param>
    public DateTimeOffset? Next(DateTimeOffset? again)
    {
        var now = Now;
        return again is not { } due ? null
            : due < now + options.Value.PolicyInterval ? now + options.Value.PolicyInterval
            : due > now + EffectiveRetention.LongestWait ? now + EffectiveRetention.LongestWait
            : due;
    }

    /// <summary>When work of a session is due again that is due at its time, be that soon, and no later than the longest that it may wait.</summary>
    /// <param name="again">When there is something to do; null for never.</param>
    public DateTimeOffset? NotLongAfter(DateTimeOffset? again) =>
        Now + EffectiveRetention.LongestWait is var latest && again > latest ? latest : again;

    /// <summary>Twice as long as any work of a kind is ever noted ahead or put off.</summary>
    private TimeSpan LongestWait(DueWorkKind kind)
    {
        var noted = kind switch
        {
            DueWorkKind.Walk => options.Value.WalkInterval,
            DueWorkKind.Staging => options.Value.AbandonedImport,
            _ => TimeSpan.Zero,
        };
        return 2 * (noted > LongestDelay ? noted : LongestDelay);
    }

    /// <summary>A timestamp for <see cref="IsLongSince"/>.</summary>
    public long Begin() => time.GetTimestamp();

    /// <summary>True if so much of a lease has gone by since then that no more should be begun.</summary>
    public bool IsLongSince(long began) => time.GetElapsedTime(began) > options.Value.WorkLease / 2;

    /// <summary>True if it was claimed so long ago that it should be let go: it is claimed again when its lease is up.</summary>
    public bool IsOld(ClaimedWork claimed) => IsLongSince(claimed.ClaimedAt);
}

/// <summary>Work that this silo holds.</summary>
/// <param name="Work">The work.</param>
/// <param name="ClaimedAt">The timestamp from before it was claimed.</param>
internal sealed record ClaimedWork(DueWork Work, long ClaimedAt);
