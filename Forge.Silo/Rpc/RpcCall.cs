using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>A call of a connection, from its arrival until its answer was sent.</summary>
/// <param name="envelope">What was sent.</param>
/// <param name="room">The room of what was sent.</param>
/// <param name="answer">The answer, empty at first.</param>
internal sealed class RpcCall(RpcEnvelope envelope, RpcBudget.RpcRoom room, RpcAnswer answer)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RpcEnvelope Envelope { get; } = envelope;

    public RpcAnswer Answer { get; } = answer;

    /// <summary>Ends when the answer was sent, or cannot be.</summary>
    public Task Answered => _answered.Task;

    /// <summary>Gives back the room of the message, once its operation has ended.</summary>
    public void ReleaseMessage() => room.Dispose();

    /// <summary>Gives back all that it holds.</summary>
    public void End()
    {
        room.Dispose();
        Answer.Dispose();
        _answered.TrySetResult();
    }
}

/// <summary>The calls of a connection.</summary>
/// <param name="limit">The most at once.</param>
internal sealed class RpcCalls(int limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, RpcCall> _calls = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _isStopping;
    private bool _isOver;

    /// <summary>Ends when no call is left, once none is taken any more.</summary>
    public Task Idle => _idle.Task;

    /// <summary>True once no call is taken any more.</summary>
    public bool IsStopping
    {
        get
        {
            lock (_lock)
            {
                return _isStopping;
            }
        }
    }

    /// <summary>True if a call with the id is under way.</summary>
    public bool Has(RequestId id)
    {
        lock (_lock)
        {
            return _calls.ContainsKey(id);
        }
    }

    /// <summary>Takes a call; false if there are as many as may be.</summary>
    public bool TryAdd(RpcCall call)
    {
        lock (_lock)
        {
            if (_count == limit || _isOver)
            {
                return false;
            }

            _count++;
            if (!call.Envelope.Id.IsEmpty)
            {
                _calls.Add(call.Envelope.Id, call);
            }

            return true;
        }
    }

    /// <summary>Frees the id of a call, which goes on until it is ended; null if there is none with it.</summary>
    public RpcCall? Forget(RequestId id)
    {
        lock (_lock)
        {
            return _calls.Remove(id, out var call) ? call : null;
        }
    }

    /// <summary>Ends a call that is none of those with ids any more.</summary>
    public void End(RpcCall call)
    {
        call.End();
        lock (_lock)
        {
            _count--;
            SetIdle();
        }
    }

    /// <summary>Ends all that have ids, of a connection that is over.</summary>
    public void EndAll()
    {
        List<RpcCall> calls;
        lock (_lock)
        {
            _isOver = true;
            calls = [.. _calls.Values];
            _calls.Clear();
        }

        calls.ForEach(End);
    }

    /// <summary>Takes no call from now on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            SetIdle();
        }
    }

    private void SetIdle()
    {
        if (_isStopping && _count == 0)
        {
            _idle.TrySetResult();
        }
    }
}
