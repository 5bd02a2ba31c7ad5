using Forge.Errors;
using Forge.History.Rows;

namespace Forge.Grains.Usage;

/// <summary>What keeps the sessions of a tenant from having more than they may. Nothing of it waits. Safe for concurrent use.</summary>
internal interface IGrowthBound
{
    /// <summary>Looks if there is room, and counts nothing.</summary>
    /// <exception cref="QuotaExceededException">There is not.</exception>
    void Require(Amount growth);

    /// <summary>Counts what a change adds, before it is written. What it takes away is only counted once that is so.</summary>
    /// <exception cref="QuotaExceededException">There is no room for it; nothing is counted.</exception>
    void Take(Amount growth);

    /// <summary>Says what became of a change that was counted.</summary>
    /// <param name="growth">What it adds, as it was counted.</param>
    /// <param name="kept">What of it was written: what it adds also if only may have been, and what it takes away only if surely was.</param>
    void Settle(Amount growth, Amount kept);
}

/// <summary>Sessions and bytes that somebody has, or that a change adds or takes away.</summary>
/// <param name="Sessions">Living sessions.</param>
/// <param name="Bytes">Bytes of states and pending writes, as they were given.</param>
internal readonly record struct Amount(long Sessions, long Bytes)
{
    /// <summary>What of it is added.</summary>
    public Amount Added => new(Math.Max(0, Sessions), Math.Max(0, Bytes));

    /// <summary>What of it is taken away, as a number above 0.</summary>
    public Amount Removed => new(Math.Max(0, -Sessions), Math.Max(0, -Bytes));

    /// <summary>The lesser of two, of sessions and of bytes.</summary>
    public static Amount Least(Amount a, Amount b) => new(Math.Min(a.Sessions, b.Sessions), Math.Min(a.Bytes, b.Bytes));

    public static Amount operator +(Amount a, Amount b) => new(a.Sessions + b.Sessions, a.Bytes + b.Bytes);

    public static Amount operator -(Amount a, Amount b) => new(a.Sessions - b.Sessions, a.Bytes - b.Bytes);

    /// <summary>What a session counts by its head row: nothing if it has none, or is deleted.</summary>
    public static Amount Of(SessionHead? head) =>
        head is null or { DeletedAt: not null } ? default : new(1, head.Bytes + (head.WriteBytes ?? 0));
}
