using System.Collections.Immutable;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.InMemory;

/// <summary>Every row of every session at one instant. Immutable: a commit makes the next one, a failed one makes none.</summary>
internal sealed record InMemoryHistory
{
    public static InMemoryHistory Empty { get; } = new();

    public ImmutableDictionary<SessionAddress, long> Keys { get; init; } = ImmutableDictionary<SessionAddress, long>.Empty;

    public ImmutableDictionary<long, SessionRows> Sessions { get; init; } = ImmutableDictionary<long, SessionRows>.Empty;

    /// <summary>The work that is due, by its id.</summary>
    public ImmutableSortedDictionary<long, InMemoryWork> Work { get; init; } = ImmutableSortedDictionary<long, InMemoryWork>.Empty;

    public long LastWorkId { get; init; }

    public SessionRows Rows(long key) => Sessions.GetValueOrDefault(key, SessionRows.Empty);

    /// <summary>The rows of a session by its name; no rows where there is no such session.</summary>
    public SessionRows Rows(SessionAddress address) =>
        Keys.TryGetValue(address, out var key) ? Rows(key) : SessionRows.Empty;

    public InMemoryHistory With(long key, SessionRows rows) => this with { Sessions = Sessions.SetItem(key, rows) };

    public InMemoryWork? FindWork(DueWorkKind kind, long key) =>
        Work.Values.FirstOrDefault(work => work.Kind == kind && work.SessionKey == key);

    /// <summary>Notes work; where there is some of the kind for the session already, it is due at the earlier time.</summary>
    public InMemoryHistory AddWork(DueWorkKind kind, long key, DateTimeOffset dueAt) =>
        FindWork(kind, key) is { } work
            ? Replace(work with { DueAt = work.DueAt < dueAt ? work.DueAt : dueAt, Noted = work.Noted + 1 })
            : this with
            {
                LastWorkId = LastWorkId + 1,
                Work = Work.Add(LastWorkId + 1, new InMemoryWork(LastWorkId + 1, kind, key, dueAt)),
            };

    public InMemoryHistory Without(InMemoryWork? work) => work is null ? this : this with { Work = Work.Remove(work.Id) };

    public InMemoryHistory Replace(InMemoryWork work) => this with { Work = Work.SetItem(work.Id, work) };
}

/// <summary>Work that is due; claimed where <paramref name="ClaimedUntil"/> is set.</summary>
internal sealed record InMemoryWork(
    long Id,
    DueWorkKind Kind,
    long SessionKey,
    DateTimeOffset DueAt,
    string? ClaimedBy = null,
    DateTimeOffset? ClaimedUntil = null,
    long Noted = 0,
    long Cursor = 0)
{
    public DueWork ToDueWork() => new(Id, Kind, SessionKey, Noted, Cursor);
}
