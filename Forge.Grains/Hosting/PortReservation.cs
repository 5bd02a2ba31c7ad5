using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Forge.Grains.Hosting;

/// <summary>
/// A free TCP port for a silo that does not mind which. While this is held no other silo of this machine is given the
/// same one, before the silo listens and afterwards.
/// </summary>
/// <remarks>
/// A port that was found free can be taken by somebody else before the silo listens on it. Two silos are kept apart by
/// the UDP port of the same number, which Orleans has no use for and which one process alone can hold; it is let go when
/// the process dies. Other programs are kept off by staying below the ports that operating systems give to outgoing
/// connections.
/// </remarks>
internal sealed class PortReservation : IDisposable
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int DefaultGatewayPort = 30_000;
    private const int Attempts = 1_000;

    private readonly Socket _guard;

    private PortReservation(Socket guard, int port) => (_guard, Port) = (guard, port);

    public int Port { get; }

    /// <summary>Takes a port that nobody listens on.</summary>
    /// <exception cref="InvalidOperationException">No free port was found.</exception>
    public static PortReservation Take(IPAddress address)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);

            // The default port belongs to silos that were given it by name.
            if (port != DefaultGatewayPort && TryTake(address, port) is { } reservation)
            {
                return reservation;
            }
        }

        throw new InvalidOperationException($"No free port was found between {First} and {Last}.");
    }

    /// <summary>Checks that the silo can listen on a port it was told.</summary>
    /// <exception cref="PortInUseException">It is taken.</exception>
    public static void Check(string setting, IPAddress address, int port)
    {
        try
        {
            Listen(address, port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new PortInUseException(setting, port, exception);
        }
    }

    public void Dispose() => _guard.Dispose();

    private static PortReservation? TryTake(IPAddress address, int port)
    {
        var guard = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        try
        {
            guard.Bind(new IPEndPoint(address, port));
            Listen(address, port);
            return new PortReservation(guard, port);
        }
        catch (SocketException exception) when (
            exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            guard.Dispose();
            return null;
        }
    }

    private static void Listen(IPAddress address, int port)
    {
        using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen();
    }
}
