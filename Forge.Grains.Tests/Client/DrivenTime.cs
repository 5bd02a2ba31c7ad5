using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Client;

/// <summary>A clock that is moved on by what waits on it: each wait ends as soon as it is begun.</summary>
internal sealed class DrivenTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _begun = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>The time limits of calls and attempts are timers too, but none that is waited out.</summary>
    public HashSet<TimeSpan> Ignored { get; } =
        [TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(15), Timeout.InfiniteTimeSpan];

    /// <summary>The waits that were begun, in their order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (!Ignored.Contains(dueTime))
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

    /// <summary>The same for work that has no answer.</summary>
    public Task DriveAsync(Task task)
    {
        return DriveAsync(DoneAsync());

        async Task<bool> DoneAsync()
        {
            await task;
            return true;
        }
    }
}
