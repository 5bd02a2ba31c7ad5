using System.Globalization;
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
    public const string Refused = "refused";

    private const string CredentialRefused = "credential_refused";
    private const string LeftOutAct = "entries_left_out";

    /// <summary>The most acts that wait to be written, and that one writing takes.</summary>
    private const int MostActs = 1_000;

    /// <summary>The most refusals that are told apart at a time.</summary>
    private const int MostRefusals = 100;

    private readonly Lock _lock = new();
    private readonly Queue<AuditEntry> _acts = [];
    private readonly Dictionary<(string Tenant, string Act, string Who, string Detail), Gathered> _refusals = [];
    private long _leftOut;
    private double _allowance = options.Value.AuditRefusals;
    private long _allowedAt = time.GetTimestamp();

    /// <summary>True if entries wait to be written.</summary>
    public bool HasEntries
    {
        get
        {
            lock (_lock)
            {
                return _acts.Count > 0 || _refusals.Count > 0 || _leftOut > 0;
            }
        }
    }

    /// <summary>An entry of something that was done, and tells the log of it.</summary>
    public AuditEntry Tell(string tenant, string act, string who, string target, string detail = "")
    {
        LogAct(act, who, target, tenant, detail);
        return new AuditEntry(tenant, 0, time.GetUtcNow(), act, who, target, Done, detail);
    }

    /// <summary>Notes something that was done.</summary>
    public void Note(string tenant, string act, string who, string target, string detail = "")
    {
        var entry = Tell(tenant, act, who, target, detail);
        lock (_lock)
        {
            if (_acts.Count < MostActs)
            {
                _acts.Enqueue(entry);
            }
            else
            {
                _leftOut++;
            }
        }
    }

    /// <summary>Notes that a credential was refused.</summary>
    /// <param name="tenant">Whose it is; null if it is nobody's.</param>
    /// <param name="who">What it is of, as far as that is known.</param>
    /// <param name="why">Why it was refused.</param>
    public void Refuse(string? tenant, string who, string why) => Gather(tenant ?? options.Value.AuditTenant, CredentialRefused, who, why);

    /// <summary>Notes that somebody was refused what the credential does not allow.</summary>
    public void Forbid(string tenant, string who, string operation) => Gather(tenant, "forbidden", who, operation);

    /// <summary>Writes what waits. If that fails it goes on waiting.</summary>
    /// <exception cref="Errors.UnavailableException">The database does not take it.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var (acts, refusals, leftOut) = Take();
        List<AuditEntry> entries =
        [
            .. acts,
            .. refusals.Select(refusal => new AuditEntry(
                refusal.Key.Tenant, 0, refusal.Value.First, refusal.Key.Act, refusal.Key.Who, "", Refused,
                refusal.Value.Count == 1
                    ? refusal.Key.Detail
                    : string.Create(CultureInfo.InvariantCulture, $"{refusal.Key.Detail}; {refusal.Value.Count} times"))),
        ];
        if (leftOut > 0)
        {
            entries.Add(new AuditEntry(
                options.Value.AuditTenant, 0, time.GetUtcNow(), LeftOutAct, "", "", Refused, leftOut.ToString(CultureInfo.InvariantCulture)));
        }

        if (entries.Count == 0)
        {
            return;
        }

        try
        {
            await store.AuditAsync(entries, cancellationToken);
        }
        catch
        {
            PutBack(acts, refusals, leftOut);
            throw;
        }

        foreach (var (key, gathered) in refusals)
        {
            LogRefused(key.Act, key.Who, key.Tenant, key.Detail, gathered.Count);
        }

        if (leftOut > 0)
        {
            LogLeftOut(leftOut);
        }
    }

    private void Gather(string tenant, string act, string who, string detail)
    {
        lock (_lock)
        {
            var key = (tenant, act, who, detail);
            if (_refusals.TryGetValue(key, out var gathered))
            {
                _refusals[key] = gathered with { Count = gathered.Count + 1 };
            }
            else if (_refusals.Count < MostRefusals)
            {
                _refusals[key] = new Gathered(time.GetUtcNow(), 1);
            }
            else
            {
                _leftOut++;
            }
        }
    }

    private (List<AuditEntry> Acts, List<KeyValuePair<(string Tenant, string Act, string Who, string Detail), Gathered>> Refusals, long LeftOut) Take()
    {
        lock (_lock)
        {
            var most = options.Value.AuditRefusals;
            _allowance = Math.Min(most, _allowance + (time.GetElapsedTime(_allowedAt).TotalMinutes * most));
            _allowedAt = time.GetTimestamp();
            var refusals = _refusals.Take((int)_allowance).ToList();
            refusals.ForEach(refusal => _refusals.Remove(refusal.Key));
            _allowance -= refusals.Count;

            // What was left out has an entry of its own, which counts as one of them.
            var leftOut = _leftOut > 0 && _allowance >= 1 ? _leftOut : 0;
            _allowance -= leftOut > 0 ? 1 : 0;
            _leftOut -= leftOut;
            List<AuditEntry> acts = [.. _acts];
            _acts.Clear();
            return (acts, refusals, leftOut);
        }
    }

    private void PutBack(
        List<AuditEntry> acts, List<KeyValuePair<(string Tenant, string Act, string Who, string Detail), Gathered>> refusals, long leftOut)
    {
        lock (_lock)
        {
            _leftOut += leftOut;
            _allowance += refusals.Count + (leftOut > 0 ? 1 : 0);
            foreach (var (key, gathered) in refusals)
            {
                _refusals[key] = _refusals.TryGetValue(key, out var since) ? gathered with { Count = gathered.Count + since.Count } : gathered;
            }

            var newer = _acts.ToList();
            _acts.Clear();
            foreach (var act in acts.Concat(newer).Take(MostActs))
            {
                _acts.Enqueue(act);
            }

            _leftOut += Math.Max(0, acts.Count + newer.Count - MostActs);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Audit: {Act} by {Who} of {Target} in tenant {Tenant} {Detail}")]
    private partial void LogAct(string act, string who, string target, string tenant, string detail);

    [LoggerMessage(2, LogLevel.Warning, "Audit: {Act} of '{Who}' in tenant {Tenant}: {Detail}, {Count} times")]
    private partial void LogRefused(string act, string who, string tenant, string detail, long count);

    [LoggerMessage(3, LogLevel.Warning, "Audit: {Count} entries found no room and were left out")]
    private partial void LogLeftOut(long count);

    /// <summary>The same refusal, several times.</summary>
    private readonly record struct Gathered(DateTimeOffset First, long Count);
}
