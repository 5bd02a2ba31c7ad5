using System.Net;
using System.Net.Sockets;

namespace Forge.Benchmarks.Transcripts;

/// <summary>Stands between a client and the gateway of a silo, and counts the bytes that go either way, as TCP carries them.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _gateway;
    private readonly Task _accepting;
    private long _toSilo;
    private long _toClient;

    /// <param name="gateway">The port of the gateway, on this machine.</param>
    public CountingRelay(int gateway)
    {
        _gateway = gateway;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The bytes that clients have sent.</summary>
    public long ToSilo => Interlocked.Read(ref _toSilo);

    /// <summary>The bytes that clients were sent.</summary>
    public long ToClient => Interlocked.Read(ref _toClient);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var silo = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await silo.ConnectAsync(IPAddress.Loopback, _gateway, _end.Token);
                await Task.WhenAll(
                    CopyAsync(client.GetStream(), silo.GetStream(), bytes => Interlocked.Add(ref _toSilo, bytes)),
                    CopyAsync(silo.GetStream(), client.GetStream(), bytes => Interlocked.Add(ref _toClient, bytes)));
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                // A side has closed the connection, or the relay ends.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Action<int> count)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is var length and > 0)
            {
                count(length);
                await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
            }
        }
        finally
        {
            // The other way ends with it.
            to.Close();
        }
    }

    private static bool IsEnd(Exception exception) =>
        exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException;
}
