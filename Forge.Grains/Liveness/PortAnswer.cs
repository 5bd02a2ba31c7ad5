using System.Net;
using System.Net.Sockets;

namespace Forge.Grains.Liveness;

/// <summary>What an attempt to connect to a silo says of it.</summary>
internal enum PortAnswer
{
    /// <summary>Something listens, or the attempt failed on this side: nothing speaks for a death.</summary>
    Unsuspicious,

    /// <summary>Nobody listens there.</summary>
    Refused,

    /// <summary>No answer came.</summary>
    Silent,
}

/// <summary>Asks ports.</summary>
internal static class PortAnswers
{
    /// <summary>Connects to a port, and hangs up. It is the other machine's kernel that answers, however busy the silo is.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="timeout">How long to wait for an answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    public static async Task<PortAnswer> AskAsync(
        IPEndPoint endpoint, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, either.Token);
            return PortAnswer.Unsuspicious;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => PortAnswer.Refused,
                SocketError.HostUnreachable or SocketError.HostDown or SocketError.TimedOut => PortAnswer.Silent,
                _ => PortAnswer.Unsuspicious,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PortAnswer.Silent;
        }
    }
}
