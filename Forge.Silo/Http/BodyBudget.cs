using Forge.Errors;
using Forge.Grains.Rules;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Http;

/// <summary>
/// Bounds the memory that the bodies of requests take in a silo, over all requests. A body takes room as it arrives, before its
/// buffer is made, and gives it back when its request has ended. What does not fit is refused at once.
/// </summary>
internal sealed class BodyBudget(IOptions<LimitsOptions> options)
{
    /// <summary>Bodies up to this size find room for longer than larger ones, which so never shut them out.</summary>
    private const int Small = 64 * 1024;

    /// <summary>The part of the bound, one in so many, that is for small bodies alone.</summary>
    private const int SmallShare = 8;

    private readonly Lock _lock = new();
    private readonly long _limit = options.Value.RequestBytes;
    private long _bytes;

    /// <summary>The bytes that bodies have room for at this moment.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Room for a body, none at first; it is given back when the request has ended.</summary>
    public Room Open(HttpContext context)
    {
        var room = Open();
        context.Response.RegisterForDispose(room);
        return room;
    }

    /// <summary>Room for a body, none at first; whoever asks for it gives it back.</summary>
    public Room Open() => new(this);

    private void Resize(long before, long after)
    {
        var limit = after <= Small ? _limit : _limit - (_limit / SmallShare);
        lock (_lock)
        {
            // A body that is larger than the bound alone goes when there is no other.
            if (after > before && _bytes > before && _bytes - before + after > limit)
            {
                throw new BusyException("request bodies", $"take {_bytes} bytes in this silo");
            }

            _bytes += after - before;
        }
    }

    /// <summary>The room of one body. Not for several threads at once.</summary>
    public sealed class Room(BodyBudget budget) : IDisposable
    {
        private long _taken;

        /// <summary>Makes it so large.</summary>
        /// <exception cref="BusyException">There is no room.</exception>
        public void Resize(long bytes)
        {
            budget.Resize(_taken, bytes);
            _taken = bytes;
        }

        public void Dispose() => Resize(0);
    }
}
