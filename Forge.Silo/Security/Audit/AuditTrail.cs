using System.Globalization;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security.Audit;

/// <summary>
/// What was done that admins want to know of: at once in the log, and within seconds in the database. What anybody can cause (refusals) is
/// gathered, and bounded by the minute, so that nobody can fill the database by it; what finds no room is counted.
/// </summary>
internal sealed partial class AuditTrail(IAccess store, IOptions<SecurityOptions> options, TimeProvider time, ILogger<AuditTrail> logger)
{
    public const string Done = "done";

    /// <summary>A part of it was done before the rest failed.</summary>
    public const string Partial = "partial";

    /// <summary>It may have been done: nobody was there for the answer, or none came.</summary>
    public const string Unknown = "unknown";

    public const string Refused = "refused";

    private const string CredentialRefused = "credential_refused";
    private const string LeftOutAct = "entries_left_out";

    /// <summary>The most acts that wait to be written, and that one writing takes.</summary>
    private const int MostActs = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _acts = [];
    private readonly GatheredRefusals _refusals = new();
    private double _allowance = options.Value.AuditRefusals;
    private long _allowedAt = time.GetTimestamp();

    /// <summary>True if entries wait to be written.</summary>
    public bool HasEntries
    {
        get
        {
            lock (_lock)
            {
                return _acts.Count > 0 || _refusals.HasAny;
            }
        }
    }

    /// <summary>An entry of something that is done now, for the transaction that does it.</summary>
    public AuditEntry EntryOf(string tenant, string act, string who, string target, string detail = "", string outcome = Done) =>
        new(tenant, 0, time.GetUtcNow(), act, who, target, outcome, detail);

    /// <summary>Tells the log of something that was done.</summary>
    public void Tell(AuditEntry entry) => LogAct(entry.Act, entry.Outcome, entry.Who, entry.Target, entry.Tenant, entry.Detail);

    /// <summary>Notes something that was done.</summary>
    public void Note(string tenant, string act, string who, string target, string outcome = Done)
    {
        var entry = EntryOf(tenant, act, who, target, outcome: outcome);
        Tell(entry);
        lock (_lock)
        {
            if (_acts.Count < MostActs)
            {
                _acts.Enqueue(entry);
            }
            else
            {
                _refusals.LeaveOut(1);
            }
        }
    }

    /// <summary>Notes that a credential was refused.</summary>
    /// <param name="tenant">Whose it is; null if it is nobody's.</param>
    /// <param name="who">What it is of, as far as that is known.</param>
    /// <param name="why">Why it was refused.</param>
    public void Refuse(string? tenant, string who, string why) => Gather(tenant ?? GatheredRefusals.Nobody, new Refusal(CredentialRefused, who, why));

    /// <summary>Notes that somebody was refused what the credential does not allow.</summary>
    public void Forbid(string tenant, string who, string operation) => Gather(tenant, new Refusal("forbidden", who, operation));

    /// <summary>Writes what waits. If that fails it goes on waiting, apart from an entry that the database will never take.</summary>
    /// <exception cref="Errors.UnavailableException">The database does not take it now.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var (acts, refusals) = Take();
        List<Waiting> all =
        [
            .. acts.Select(act => new Waiting(act, null)),
            .. refusals.Select(times => new Waiting(EntryOf(times), times)),
        ];
        if (all.Count == 0)
        {
            return;
        }

        var written = 0;
        try
        {
            try
            {
                await store.AuditAsync([.. all.Select(waiting => waiting.Entry)], cancellationToken);
                written = all.Count;
            }
            catch (Exception exception) when (IsOfTheEntries(exception))
            {
                // One of them cannot be written, and must not keep the others from it for ever.
                for (; written < all.Count; written++)
                {
                    await WriteAsync(all[written].Entry, cancellationToken);
                }
            }
        }
        finally
        {
            PutBack(all[written..]);
        }

        foreach (var times in refusals.Where(times => times.Count > 1 || times.Tenant is null))
        {
            if (times.Tenant is null)
            {
                LogLeftOut(times.Count);
            }
            else
            {
                LogRefusedTimes(times.Refusal.Act, times.Refusal.Who, TenantOf(times.Tenant), times.Refusal.Detail, times.Count);
            }
        }
    }

    private async Task WriteAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await store.AuditAsync([entry], cancellationToken);
        }
        catch (Exception exception) when (IsOfTheEntries(exception))
        {
            LogDropped(exception, entry.Act, entry.Tenant);
        }
    }

    // A text that cannot be encoded fails before it is sent.
    private static bool IsOfTheEntries(Exception exception) => exception is BatchRejectedException { Status: not CommitStatus.Locked } or ArgumentException;

    private void Gather(string tenant, Refusal refusal)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = _refusals.Add(tenant, refusal, time.GetUtcNow());
        }

        if (isFirst)
        {
            LogRefused(refusal.Act, refusal.Who, TenantOf(tenant), refusal.Detail);
        }
    }

    private string TenantOf(string tenant) => tenant == GatheredRefusals.Nobody ? options.Value.AuditTenant : tenant;

    private AuditEntry EntryOf(RefusedTimes times)
    {
        var (refusal, count) = (times.Refusal, times.Count.ToString(CultureInfo.InvariantCulture));
        return times.Tenant is { } tenant
            ? new AuditEntry(
                TenantOf(tenant), 0, times.First, refusal.Act, refusal.Who, "", Refused,
                times.Count == 1 ? refusal.Detail : $"{refusal.Detail}; {count} times")
            : new AuditEntry(options.Value.AuditTenant, 0, time.GetUtcNow(), LeftOutAct, "", "", Refused, count);
    }

    private (List<AuditEntry> Acts, List<RefusedTimes> Refusals) Take()
    {
        lock (_lock)
        {
            var most = options.Value.AuditRefusals;
            _allowance = Math.Min(most, _allowance + (time.GetElapsedTime(_allowedAt).TotalMinutes * most));
            _allowedAt = time.GetTimestamp();
            var refusals = _refusals.Take((int)_allowance);
            _allowance -= refusals.Count;
            List<AuditEntry> acts = [.. _acts];
            _acts.Clear();
            return (acts, refusals);
        }
    }

    private void PutBack(List<Waiting> notWritten)
    {
        if (notWritten.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var times in notWritten.Select(waiting => waiting.Times).OfType<RefusedTimes>())
            {
                _refusals.PutBack(times);
                _allowance++;
            }

            List<AuditEntry> acts = [.. notWritten.Where(waiting => waiting.Times is null).Select(waiting => waiting.Entry), .. _acts];
            _acts.Clear();
            foreach (var act in acts.Take(MostActs))
            {
                _acts.Enqueue(act);
            }

            _refusals.LeaveOut(Math.Max(0, acts.Count - MostActs));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Audit: {Act} ({Outcome}) by {Who} of {Target} in tenant {Tenant} {Detail}")]
    private partial void LogAct(string act, string outcome, string who, string target, string tenant, string detail);

    [LoggerMessage(2, LogLevel.Warning, "Audit: {Act} of '{Who}' in tenant {Tenant}: {Detail}")]
    private partial void LogRefused(string act, string who, string tenant, string detail);

    [LoggerMessage(3, LogLevel.Warning, "Audit: {Count} entries found no room and were left out")]
    private partial void LogLeftOut(long count);

    [LoggerMessage(4, LogLevel.Warning, "Audit: {Act} of '{Who}' in tenant {Tenant}: {Detail}, {Count} times by now")]
    private partial void LogRefusedTimes(string act, string who, string tenant, string detail, long count);

    [LoggerMessage(5, LogLevel.Error, "Audit: the database takes no entry of {Act} in tenant {Tenant} as it is; it is dropped")]
    private partial void LogDropped(Exception exception, string act, string tenant);

    /// <summary>An entry that is to be written, and of a refusal what is put back if it is not.</summary>
    private readonly record struct Waiting(AuditEntry Entry, RefusedTimes? Times);
}
