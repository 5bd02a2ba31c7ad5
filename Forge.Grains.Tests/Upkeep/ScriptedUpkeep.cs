using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Upkeep;

/// <summary>Does what another does, unless a test says otherwise.</summary>
internal sealed class ScriptedUpkeep(IUpkeep inner) : IUpkeep
{
    /// <summary>Stands before a piece of work is claimed.</summary>
    public Func<DueWorkKind, Task> OnClaim { get; init; } = _ => Task.CompletedTask;

    /// <summary>Stands before anything that is done for the session with a key.</summary>
    public Func<long, Task> OnWork { get; init; } = _ => Task.CompletedTask;

    /// <summary>Stands before work is put off.</summary>
    public Func<Task> OnPutOff { get; init; } = () => Task.CompletedTask;

    /// <summary>Stands before it is noted when sessions were active.</summary>
    public Func<IReadOnlyList<long>, Task> OnNote { get; set; } = _ => Task.CompletedTask;

    /// <summary>Stands behind it, once it is noted.</summary>
    public Action<IReadOnlyList<long>> OnNoted { get; init; } = _ => { };

    /// <summary>What it says of the disk; null to ask the other.</summary>
    public bool? SaysRoom { get; set; }

    public bool HasRoom => SaysRoom ?? inner.HasRoom;

    public async Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken)
    {
        await OnWork(key);
        return await inner.ReadAddressAsync(key, cancellationToken);
    }

    public async Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, DateTimeOffset latest, TimeSpan lease, CancellationToken cancellationToken)
    {
        await OnClaim(kind);
        return await inner.ClaimDueWorkAsync(kind, owner, now, latest, lease, cancellationToken);
    }

    public Task<DateTimeOffset?> ReadImportedAtAsync(long key, CancellationToken cancellationToken) =>
        inner.ReadImportedAtAsync(key, cancellationToken);

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        inner.FindDueWorkAsync(kind, key, cancellationToken);

    public async Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        await OnWork(work.SessionKey);
        return await inner.DoWorkAsync(work, limit, rememberSince, cancellationToken);
    }

    public Task FinishWorkAsync(DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        inner.FinishWorkAsync(work, again, ifNoted, cancellationToken);

    public async Task PutOffWorkAsync(DueWork work, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        await OnPutOff();
        await inner.PutOffWorkAsync(work, dueAt, cancellationToken);
    }

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) => inner.BeginWalkAsync(dueAt, cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.WalkAsync(after, limit, cancellationToken);

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        inner.AdvanceWalkAsync(walk, step, cancellationToken);

    public async Task<int> NoteActivityAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken)
    {
        await OnNote(keys);
        var noted = await inner.NoteActivityAsync(keys, cancellationToken);
        OnNoted(keys);
        return noted;
    }

    public Task<int> MendActivityAsync(long after, long last, CancellationToken cancellationToken) =>
        inner.MendActivityAsync(after, last, cancellationToken);

    public async Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await OnWork(key);
        return await inner.TrimEventsAsync(key, after, newest, since, now, limit, cancellationToken);
    }

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        inner.ForgetRequestsAsync(before, limit, cancellationToken);

    public async Task<bool> PurgeAsync(CancellationToken cancellationToken)
    {
        await OnWork(0);
        return await inner.PurgeAsync(cancellationToken);
    }

    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => inner.GiveBackSpaceAsync(cancellationToken);
}
