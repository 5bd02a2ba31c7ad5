using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Forge.Grains.Tests.Rpc;

/// <summary>A caller of JSON-RPC without a library of its own. It reads as it is told to.</summary>
internal sealed class RpcClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<RpcReply>> _waiting = [];
    private readonly Channel<RpcReply> _others = Channel.CreateUnbounded<RpcReply>();
    private readonly Lazy<Task> _reading;
    private long _last;

    private RpcClient(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = new(ReadAllAsync);
    }

    /// <summary>What is no answer to a call of <see cref="CallAsync"/>: notifications, and answers to what was sent as it is.</summary>
    public ChannelReader<RpcReply> Others => _others.Reader;

    /// <summary>How the silo closed the connection, once it has; null if it broke off.</summary>
    public WebSocketCloseStatus? Status => _socket.CloseStatus;

    /// <summary>The subprotocol that was agreed; null for none.</summary>
    public string? Subprotocol => _socket.SubProtocol;

    public string? Reason => _socket.CloseStatusDescription;

    public static async Task<RpcClient> ConnectAsync(
        Uri root, string? origin = null, bool reads = true, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        configure?.Invoke(socket.Options);
        var client = new RpcClient(socket);
        await socket.ConnectAsync(new UriBuilder(root) { Scheme = "ws", Path = "/v1/rpc" }.Uri, TestContext.Current.CancellationToken);
        if (reads)
        {
            client.Read();
        }

        return client;
    }

    /// <summary>Begins to read, if it does not yet.</summary>
    public void Read() => _ = _reading.Value;

    /// <summary>Ends when nothing more comes.</summary>
    public Task EndAsync() => _reading.Value;

    /// <summary>Calls, and waits for the answer.</summary>
    public async Task<RpcReply> CallAsync(string method, string parameters) => await (await BeginAsync(method, parameters)).Answer;

    /// <summary>Calls a method that must not be refused.</summary>
    public async Task<JsonElement> ResultAsync(string method, string parameters)
    {
        var reply = await CallAsync(method, parameters);
        Assert.True(reply.Json.TryGetProperty("result", out var result), reply.Text);
        return result;
    }

    /// <summary>Sends a call.</summary>
    public async Task<(long Id, Task<RpcReply> Answer)> BeginAsync(string method, string parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _waiting.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        return (id, answer.Task);
    }

    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    public async Task SendAsync(byte[] message, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, type, endOfMessage: true, TestContext.Current.CancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next of the others.</summary>
    public ValueTask<RpcReply> NextAsync() => _others.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // The silo was the first.
        }

        if (_reading.IsValueCreated)
        {
            await _reading.Value;
        }

        _socket.Dispose();
    }

    private async Task ReadAllAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            using var message = new MemoryStream();
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                    break;
                }

                message.Write(buffer, 0, received.Count);
                if (received.EndOfMessage)
                {
                    Take(new RpcReply(message.ToArray()));
                    message.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // It broke off, which the status tells.
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(new IOException($"The connection ended: {Status} {Reason}"));
        }

        _others.Writer.TryComplete();
    }

    private void Take(RpcReply reply)
    {
        if (reply.Json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number
            && _waiting.TryRemove(id.GetInt64(), out var waiting))
        {
            waiting.SetResult(reply);
        }
        else
        {
            _others.Writer.TryWrite(reply);
        }
    }
}

/// <summary>A message of the silo.</summary>
internal sealed class RpcReply(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    public JsonElement Json { get; } = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 10_000 }).RootElement;

    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Result => Json.GetProperty("result");

    /// <summary>The number of the error; null for a result.</summary>
    public int? Number => Json.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : null;

    /// <summary>The problem that the error is.</summary>
    public JsonElement Problem => Json.GetProperty("error").GetProperty("data");

    public string? Code => Problem.GetProperty("code").GetString();

    /// <summary>Expects an error with this number, code and field.</summary>
    public void MustRefuse(int number, string code, string? field = null)
    {
        Assert.True(Number == number, Text);
        Assert.Equal(code, Code);
        if (field is not null)
        {
            Assert.Equal(field, Problem.GetProperty("field").GetString());
        }
    }
}
