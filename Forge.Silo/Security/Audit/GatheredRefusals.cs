namespace Forge.Silo.Security.Audit;

/// <summary>What a refusal is told apart by.</summary>
/// <param name="Act">What the audit calls it.</param>
/// <param name="Who">Of whom it is, as far as that is known.</param>
/// <param name="Detail">Why, or what for.</param>
internal readonly record struct Refusal(string Act, string Who, string Detail);

/// <summary>The same refusal, several times.</summary>
/// <param name="Tenant">Whose it is; <see cref="GatheredRefusals.Nobody"/>, or null for those that found no room.</param>
/// <param name="Refusal">What it is; nothing for those that found no room.</param>
/// <param name="First">When the first of them was.</param>
/// <param name="Order">How many others there were before.</param>
/// <param name="Count">How many they are.</param>
internal sealed record RefusedTimes(string? Tenant, Refusal Refusal, DateTimeOffset First, long Order, long Count);

/// <summary>
/// Refusals that wait to be written. Tenants take turns, of each the oldest goes first, and what is nobody's takes turns as a tenant of its
/// own: however often one is refused, others are heard. Not safe for several threads.
/// </summary>
internal sealed class GatheredRefusals
{
    /// <summary>Whose those are that are no tenant's.</summary>
    public const string Nobody = "";

    /// <summary>The most of a tenant that are told apart at a time.</summary>
    private const int MostOfTenant = 100;

    /// <summary>The most that are told apart at a time.</summary>
    private const int Most = 1_000;

    private readonly Dictionary<string, Dictionary<Refusal, RefusedTimes>> _tenants = [];

    /// <summary>Those of whom any waits, each once, by their turns; null is the entry of those that found no room.</summary>
    private readonly Queue<string?> _turns = [];

    private int _count;
    private long _order;
    private long _leftOut;

    /// <summary>True if any waits.</summary>
    public bool HasAny => _turns.Count > 0;

    /// <summary>Adds one.</summary>
    /// <returns>True if it is the first of its kind since that was taken.</returns>
    public bool Add(string tenant, Refusal refusal, DateTimeOffset at)
    {
        _tenants.TryGetValue(tenant, out var of);
        if (of is not null && of.TryGetValue(refusal, out var times))
        {
            of[refusal] = times with { Count = times.Count + 1 };
            return false;
        }

        if (_count >= Most || of?.Count >= MostOfTenant)
        {
            LeaveOut(1);
            return false;
        }

        PutIn(new RefusedTimes(tenant, refusal, at, _order++, 1));
        return true;
    }

    /// <summary>Counts what found no room.</summary>
    public void LeaveOut(long count)
    {
        if (_leftOut == 0 && count > 0)
        {
            _turns.Enqueue(null);
        }

        _leftOut += count;
    }

    /// <summary>Takes those whose turn it is.</summary>
    public List<RefusedTimes> Take(int most)
    {
        var taken = new List<RefusedTimes>();
        while (taken.Count < most && _turns.TryDequeue(out var tenant))
        {
            if (tenant is null)
            {
                taken.Add(new RefusedTimes(null, default, default, 0, _leftOut));
                _leftOut = 0;
                continue;
            }

            var of = _tenants[tenant];
            var oldest = of.Values.MinBy(times => times.Order)!;
            of.Remove(oldest.Refusal);
            _count--;
            taken.Add(oldest);
            if (of.Count > 0)
            {
                _turns.Enqueue(tenant);
            }
            else
            {
                _tenants.Remove(tenant);
            }
        }

        return taken;
    }

    /// <summary>Puts back what was taken and not written, room or not.</summary>
    public void PutBack(RefusedTimes times)
    {
        if (times.Tenant is null)
        {
            LeaveOut(times.Count);
        }
        else if (_tenants.TryGetValue(times.Tenant, out var of) && of.TryGetValue(times.Refusal, out var since))
        {
            of[times.Refusal] = times with { Count = times.Count + since.Count };
        }
        else
        {
            PutIn(times);
        }
    }

    private void PutIn(RefusedTimes times)
    {
        if (!_tenants.TryGetValue(times.Tenant!, out var of))
        {
            _tenants.Add(times.Tenant!, of = []);
            _turns.Enqueue(times.Tenant);
        }

        of.Add(times.Refusal, times);
        _count++;
    }
}
