using System.Buffers;
using System.Net.WebSockets;
using Forge.Errors;
using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>A message that has come.</summary>
/// <param name="Message">The whole of it; empty if it was not kept.</param>
/// <param name="IsText">False for a binary one.</param>
/// <param name="Room">The room that it takes, for its receiver to dispose of.</param>
/// <param name="Refusal">Why it was not kept; null if it was.</param>
/// <param name="Id">The id of one that was not kept.</param>
internal readonly record struct RpcReceived(
    ReadOnlyMemory<byte> Message, bool IsText, RpcBudget.RpcRoom Room, BusyException? Refusal, RequestId Id);

/// <summary>
/// A WebSocket, message by message. One receives, many send. It ends what its caller does not read, and closes with a reason.
/// </summary>
internal sealed partial class RpcSocket(
    WebSocket socket, int limit, RpcBudget budget, RpcOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Fragment = 64 * 1024;
    private const string NotRead = "The answers are not read.";

    private readonly SemaphoreSlim _receiving = new(1);
    private readonly SemaphoreSlim _sending = new(1);
    private ITimer? _abort;
    private bool _isClosing;

    /// <summary>The next message; null at the end of the connection. It is not given up, which would cut the connection off.</summary>
    public async ValueTask<RpcReceived?> ReceiveAsync()
    {
        await _receiving.WaitAsync();
        try
        {
            return await ReceiveNextAsync();
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>Sends a message.</summary>
    /// <param name="pieces">Its bytes, each piece good until the next is asked for.</param>
    /// <param name="cancellationToken">Gives up waiting for the messages before it.</param>
    /// <exception cref="WebSocketException">The connection is lost, or closed.</exception>
    public async ValueTask SendAsync(IEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(Fragment);
        try
        {
            var held = 0;
            foreach (var piece in pieces)
            {
                for (var rest = piece; !rest.IsEmpty;)
                {
                    if (held == Fragment)
                    {
                        await SendAsync(buffer.AsMemory(0, held), end: false);
                        held = 0;
                    }

                    var taken = Math.Min(rest.Length, Fragment - held);
                    rest[..taken].CopyTo(buffer.AsMemory(held));
                    (rest, held) = (rest[taken..], held + taken);
                }
            }

            await SendAsync(buffer.AsMemory(0, held), end: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _sending.Release();
        }
    }

    /// <summary>Says goodbye, once, behind the message that is being sent. The other side has a bounded time to do the same.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        if (Interlocked.Exchange(ref _isClosing, true))
        {
            return;
        }

        AbortLater();
        try
        {
            if (await _sending.WaitAsync(options.CloseTimeout))
            {
                try
                {
                    await socket.CloseOutputAsync(status, reason, CancellationToken.None);
                }
                finally
                {
                    _sending.Release();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // It is closed already, by whatever way.
            logger.LogDebug(exception, "A connection could not be closed.");
        }
    }

    /// <summary>
    /// Ends it; with a goodbye if none was said, and when the other side has said its own or its time is over. Afterwards nothing is being
    /// sent, and nothing can be.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(WebSocketCloseStatus.NormalClosure, "");
        await ReceiveAsync();
        await (_abort?.DisposeAsync() ?? default);
        socket.Abort();
        await _sending.WaitAsync();
        socket.Dispose();
    }

    private async ValueTask<RpcReceived?> ReceiveNextAsync()
    {
        var room = budget.Open();
        var kept = false;
        using var arrival = new RpcArrival(room);
        try
        {
            if (await ArriveAsync(arrival) is not { } type)
            {
                return null;
            }

            var message = arrival.Take();
            kept = true;
            return new RpcReceived(message, type == WebSocketMessageType.Text, room, arrival.Refusal, arrival.Id);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side is gone, or speaks no WebSocket, or was cut off; there is nobody to tell.
            return null;
        }
        finally
        {
            if (!kept)
            {
                room.Dispose();
            }
        }
    }

    private async ValueTask<WebSocketMessageType?> ArriveAsync(RpcArrival arrival)
    {
        while (true)
        {
            var received = await socket.ReceiveAsync(arrival.Next(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (Volatile.Read(ref _isClosing))
            {
                // Said goodbye: what still comes until the other side's is for nobody.
                arrival.LetGo();
                await DrainAsync();
                return null;
            }

            arrival.Advance(received.Count);
            if (arrival.Length > limit)
            {
                arrival.LetGo();
                await CloseAsync(WebSocketCloseStatus.MessageTooBig, $"A message may have at most {limit} bytes.");
                await DrainAsync();
                return null;
            }

            if (received.EndOfMessage)
            {
                return received.MessageType;
            }
        }
    }

    /// <summary>Reads on until the other side says goodbye: one that is cut off while it sends may never see why.</summary>
    private async Task DrainAsync()
    {
        var buffer = new byte[Fragment];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
            // For nobody.
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> fragment, bool end)
    {
        var sending = socket.SendAsync(fragment, WebSocketMessageType.Text, end, CancellationToken.None);
        if (sending.IsCompletedSuccessfully)
        {
            return;
        }

        var sent = sending.AsTask();
        try
        {
            await sent.WaitAsync(options.SendTimeout, time);
        }
        catch (TimeoutException)
        {
            await CutOffAsync(sent);
            throw new WebSocketException(WebSocketError.InvalidState, NotRead);
        }
    }

    /// <summary>
    /// Ends a connection whose caller does not read. The reason can be told only if it reads on within the time of a close: what was sent
    /// goes before it.
    /// </summary>
    private async Task CutOffAsync(Task sent)
    {
        LogCutOff(options.SendTimeout);
        if (!Interlocked.Exchange(ref _isClosing, true))
        {
            AbortLater();
        }

        await sent;
        await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, NotRead, CancellationToken.None);
    }

    private void AbortLater() =>
        _abort = time.CreateTimer(state => ((WebSocket)state!).Abort(), socket, options.CloseTimeout, Timeout.InfiniteTimeSpan);

    [LoggerMessage(1, LogLevel.Warning, "A caller of JSON-RPC did not read what was sent to it for {Timeout}; its connection was cut off.")]
    private partial void LogCutOff(TimeSpan timeout);
}
