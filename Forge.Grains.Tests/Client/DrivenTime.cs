using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Client;

/// <summary>A clock that is moved on by what waits on it: each wait ends as soon as it is begun.</summary>
internal sealed class DrivenTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _begun = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>The deadline of a call is a timer too, but none that is waited out before another.</summary>
    public TimeSpan Ignored { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The waits that were begun, in their order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Ignored && dueTime != Timeout.InfiniteTimeSpan)
        {
            _begun.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Moves on by every wait until the task is over, then gives its result or error.</summary>
    public async Task<T> DriveAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var wait = _begun.Reader.ReadAsync(over.Token).AsTask();
            if (await Task.WhenAny(task, wait) == wait)
            {
                Waits.Add(await wait);
                Advance(Waits[^1]);
            }

            await over.CancelAsync();
        }

        return await task;
    }
}
