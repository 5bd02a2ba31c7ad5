using System.Net;
using System.Net.Sockets;
using Forge.Errors;
using Forge.History.PostgreSql;
using Forge.History.Writing;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class SessionKeysTests : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly PostgreSqlDatabase _database;
    private readonly SessionKeys _keys;

    public SessionKeysTests()
    {
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _database = new PostgreSqlDatabase(
            $"Host=127.0.0.1;Port={port};Username=u;Database=d;SSL Mode=Disable;GSS Encryption Mode=Disable",
            new WriterOptions(), allowUnsafeDurability: true);
        _keys = new SessionKeys(_database);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Next_DatabaseRefusesConnections_FailsAllWhoWaitTogetherAndTriesAnewLater()
    {
        var waiting = Enumerable.Range(0, 8).Select(_ => _keys.NextAsync(Cancel).AsTask()).ToArray();
        await RefuseOneAsync();

        // Nobody answers a second connection: who wanted one would wait in vain.
        foreach (var one in waiting)
        {
            await Assert.ThrowsAsync<UnavailableException>(() => one);
        }

        Assert.False(_listener.Pending());
        var next = _keys.NextAsync(Cancel).AsTask();
        await RefuseOneAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => next);
    }

    [Fact]
    public async Task Next_OneWhoWaitsGivesUp_TheOthersWaitOn()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var first = _keys.NextAsync(patience.Token).AsTask();
        var second = _keys.NextAsync(Cancel).AsTask();

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        await RefuseOneAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => second);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _database.DisposeAsync();
        _listener.Dispose();
    }

    /// <summary>Answers a connection as a server does that has too many.</summary>
    private async Task RefuseOneAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync(Cancel);
        await using var stream = client.GetStream();
        await stream.ReadAtLeastAsync(new byte[1024], 8, cancellationToken: Cancel);
        byte[] fields = [.. "SFATAL\0VFATAL\0C53300\0Mtoo many\0\0"u8];
        await stream.WriteAsync((byte[])[(byte)'E', 0, 0, 0, (byte)(fields.Length + 4), .. fields], Cancel);
    }
}
