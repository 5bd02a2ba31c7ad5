using Forge.Errors;
using Forge.Silo.Http;

namespace Forge.Silo.Rpc;

/// <summary>Bounds the bytes that one connection holds: of messages as they arrive and are carried out, and of answers until they were sent.</summary>
/// <param name="limit">The bound.</param>
/// <param name="silo">The bound of all requests of the silo, among which they count too.</param>
/// <param name="resource">What is bounded, as errors name it.</param>
internal sealed class RpcBudget(long limit, BodyBudget silo, string resource = "rpc connection")
{
    private readonly Lock _lock = new();
    private long _bytes;

    /// <summary>Room for one message or answer, none at first.</summary>
    public RpcRoom Open() => new(this, silo.Open());

    private void Resize(long before, long after)
    {
        lock (_lock)
        {
            // One that is larger than the bound alone goes when there is no other.
            if (after > before && _bytes > before && _bytes - before + after > limit)
            {
                throw new BusyException(resource, $"holds {_bytes} bytes of calls and answers");
            }

            _bytes += after - before;
        }
    }

    /// <summary>The room of one message or answer. Not for several threads at once.</summary>
    public sealed class RpcRoom(RpcBudget connection, BodyBudget.Room silo) : IDisposable
    {
        private long _taken;
        private bool _isOver;

        /// <summary>Makes it so large.</summary>
        /// <exception cref="BusyException">There is no room, in the connection or in the silo.</exception>
        /// <exception cref="ObjectDisposedException">It was given back.</exception>
        public void Resize(long bytes)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            connection.Resize(_taken, bytes);
            try
            {
                silo.Resize(bytes);
            }
            catch
            {
                connection.Resize(bytes, _taken);
                throw;
            }

            _taken = bytes;
        }

        public void Dispose()
        {
            if (!_isOver)
            {
                Resize(0);
                _isOver = true;
            }
        }
    }
}
