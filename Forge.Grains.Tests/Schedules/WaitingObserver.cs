using System.Threading.Channels;
using Forge.Schedules;

namespace Forge.Grains.Tests.Schedules;

/// <summary>An agent's process that is told of states that are due, and keeps them for a test.</summary>
internal sealed class WaitingObserver : IAgentObserver
{
    private readonly Channel<StateDue> _told = Channel.CreateUnbounded<StateDue>();

    private Forge.Sessions.ISessionGrain? _session;

    /// <summary>What it takes before it says that it was told; nothing by default.</summary>
    public Task Until { get; init; } = Task.CompletedTask;

    public static async Task<WaitingObserver> ObserveAsync(IGrainFactory grains, Forge.Sessions.ISessionGrain session, Task? until = null)
    {
        var observer = new WaitingObserver { Until = until ?? Task.CompletedTask };
        observer._session = session;
        observer.Reference = grains.CreateObjectReference<IAgentObserver>(observer);
        await observer.RenewAsync();
        return observer;
    }

    /// <summary>Asks the session again, as it has to within a minute.</summary>
    public Task RenewAsync() => _session!.ObserveAsync(Reference, TestContext.Current.CancellationToken);

    public IAgentObserver Reference { get; private set; } = null!;

    /// <summary>What it was told and nobody has asked for yet: a sweep that is over has told all.</summary>
    public List<StateDue> Told()
    {
        List<StateDue> told = [];
        while (_told.Reader.TryRead(out var due))
        {
            told.Add(due);
        }

        return told;
    }

    public ValueTask<StateDue> NextAsync() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public Task StateDueAsync(StateDue due)
    {
        _told.Writer.TryWrite(due);
        return Until;
    }
}
