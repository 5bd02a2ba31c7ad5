using System.Buffers.Binary;
using Forge.History.Chain;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>
/// The requests that one call is an attempt at, and what the call knows of earlier attempts: up to which version of the session
/// none has taken effect. What the call is refused for must not be what its own request has done, so a refusal that rests on a later
/// version is not answered before it was looked again.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="requests">The request ids; none for a call that will not be made again.</param>
/// <param name="isFirst">True if the makers of the ids say that they were never sent before.</param>
/// <param name="recall">The answer to a repeat, from what earlier attempts left behind; not known if it has to be decided again.</param>
internal sealed class Repeats<T>(
    LiveSession session, IReadOnlyList<Guid> requests, bool isFirst, Func<Versioned<EarlierAttempts>, Task<Recalled<T>>> recall)
{
    /// <summary>
    /// How old a first attempt may be, by the time in its id: the caller's next attempt may have come before one that is older. A clock
    /// that is wrong by more than this costs a look, and nothing else.
    /// </summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(5);

    private readonly long _began = session.Services.Time.GetTimestamp();

    private long _noneUpTo = requests.Count == 0 || (isFirst && AreFresh(requests, session.Now)) ? long.MaxValue : -1;

    /// <summary>An attempt that is under way; null if none is.</summary>
    public PendingChange? FindPending()
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (session.Engine.FindPending(requests[i]) is { } pending)
            {
                return pending;
            }
        }

        return null;
    }

    /// <summary>True if an attempt may have taken effect in a version, or before it.</summary>
    public bool MayHaveTakenEffectBy(long version)
    {
        // A first attempt that has waited here for so long is none that is sure to come before the next one.
        if (_noneUpTo == long.MaxValue && requests.Count > 0 && session.Services.Time.GetElapsedTime(_began) > Prompt)
        {
            _noneUpTo = -1;
        }

        return _noneUpTo < version;
    }

    /// <summary>Says that an attempt may have taken effect in any version.</summary>
    public void MayHaveTakenEffect() => _noneUpTo = requests.Count == 0 ? long.MaxValue : -1;

    /// <summary>Looks for an earlier attempt, unless it is known that none has taken effect up to a version.</summary>
    public async ValueTask<Recalled<T>> LookUpAsync(long version)
    {
        if (!MayHaveTakenEffectBy(version))
        {
            return default;
        }

        var read = await session.Reads.ReadAttemptsAsync(session.Address, requests, CancellationToken.None);
        var recalled = read.Value.IsEmpty ? default : await recall(read);
        _noneUpTo = Math.Max(_noneUpTo, read.Version);
        return recalled;
    }

    private static bool AreFresh(IReadOnlyList<Guid> requests, DateTimeOffset now)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Version == 7 && Math.Abs(now.ToUnixTimeMilliseconds() - MadeAt(requests[i])) > Prompt.TotalMilliseconds)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The time in a UUID version 7: its first six bytes, in milliseconds since 1970.</summary>
    private static long MadeAt(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
    }
}
