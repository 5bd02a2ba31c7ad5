using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>What a pooler does to a connection that passes through it.</summary>
public enum PoolerKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It refuses startup options, as PgBouncer does if it is not told otherwise.</summary>
    RefusesOptions,

    /// <summary>It takes startup options and keeps them to itself, as PgBouncer does if it is told to ignore them.</summary>
    DropsOptions,

    /// <summary>It tells a number for the server process that is its own, as every pooler does.</summary>
    SharesProcesses,

    /// <summary>It keeps startup options, and takes another server process for each transaction.</summary>
    SwitchesProcesses,
}

/// <summary>Stands between a store and its server, and does to the beginning of each connection what poolers do.</summary>
internal sealed class FakePooler : IAsyncDisposable
{
    private const int EncryptionRequest = 80877103;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly PoolerKind _kind;
    private readonly Task _accepting;

    public FakePooler(string server, PoolerKind kind)
    {
        (_server, _kind) = (new NpgsqlConnectionStringBuilder(server), kind);
        _listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(server)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        }.ConnectionString;
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = PassAsync(await _listener.AcceptTcpClientAsync());
        }
    }

    private async Task PassAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var server = new TcpClient();
        var fromClient = client.GetStream();
        var startup = await ReadAsync(fromClient, typed: false);
        while (BinaryPrimitives.ReadInt32BigEndian(startup.AsSpan(4)) == EncryptionRequest)
        {
            await fromClient.WriteAsync("N"u8.ToArray());
            startup = await ReadAsync(fromClient, typed: false);
        }

        var texts = Encoding.UTF8.GetString(startup.AsSpan(8)).Split('\0').ToList();
        var options = texts.IndexOf("options");
        if (options >= 0 && _kind == PoolerKind.RefusesOptions)
        {
            await fromClient.WriteAsync(Message('E', "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"));
            return;
        }

        if (options >= 0 && _kind == PoolerKind.DropsOptions)
        {
            texts.RemoveRange(options, 2);
            var rest = Encoding.UTF8.GetBytes(string.Join('\0', texts));
            startup = [.. new byte[4], .. startup.AsSpan(4, 4), .. rest];
            BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
        }

        var fromServer = await BeginAsync(server, startup, fromClient);
        if (_kind == PoolerKind.SwitchesProcesses)
        {
            // The first transaction comes after the startup, which the first process has answered.
            using var other = new TcpClient();
            await PassOnAsync(fromClient, await BeginAsync(other, startup, Stream.Null));
            return;
        }

        await PassOnAsync(fromClient, fromServer);
    }

    /// <summary>Connects to the server, and passes on what it answers until it is ready.</summary>
    private async Task<NetworkStream> BeginAsync(TcpClient server, byte[] startup, Stream answers)
    {
        await server.ConnectAsync(_server.Host!, _server.Port);
        var fromServer = server.GetStream();
        await fromServer.WriteAsync(startup);
        byte[] message;
        do
        {
            message = await ReadAsync(fromServer, typed: true);
            if (message[0] == 'K' && _kind == PoolerKind.SharesProcesses)
            {
                BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(5), 7);
            }

            await answers.WriteAsync(message);
        }
        while (message[0] is not ((byte)'Z' or (byte)'E'));

        return fromServer;
    }

    private static async Task PassOnAsync(NetworkStream fromClient, NetworkStream fromServer) =>
        await Task.WhenAny(fromClient.CopyToAsync(fromServer), fromServer.CopyToAsync(fromClient));

    private static byte[] Message(char type, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        byte[] message = [(byte)type, .. new byte[4], .. bytes];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), bytes.Length + 4);
        return message;
    }

    /// <summary>A whole message, with its length and, if it has one, its type.</summary>
    private static async Task<byte[]> ReadAsync(NetworkStream stream, bool typed)
    {
        var head = new byte[typed ? 5 : 4];
        await stream.ReadExactlyAsync(head);
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(typed ? 1 : 0)) + (typed ? 1 : 0)];
        head.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(head.Length));
        return message;
    }
}
