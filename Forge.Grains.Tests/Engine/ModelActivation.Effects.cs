using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

internal sealed partial class ModelActivation
{
    private const int MostEffects = 3;
    private static readonly byte[] Result = [1, 2];

    private readonly Dictionary<string, long> _effectIn = [];
    private readonly Dictionary<string, Versioned<StoredEffect?>> _heldEffects = [];
    private long _effectHorizon;
    private long _newestEffect;

    /// <summary>An effect as it is stored, as far as the model tells of it.</summary>
    public static ModelEffect Of(StoredEffect row) => new(
        row.Key, row.Class, row.State, row.Epoch, row.FirstAfter, row.After, row.Until, EffectEvidenceText.Read(row.Evidence).Count, row.ResolvedBy);

    /// <summary>One change of an effect, by what was read of it just now or a while ago.</summary>
    public void ChangeEffect()
    {
        if (_pending.Exists(p => p.IsExclusive))
        {
            return;
        }

        var key = $"k{_random.Next(4)}";
        var read = _world.Store.ReadEffect(key);
        if (_heldEffects.Remove(key, out var held) && _random.Next(2) == 0)
        {
            read = held;
        }
        else if (_random.Next(3) == 0)
        {
            _heldEffects[key] = read;
        }

        if (read.Version > (IsAlone ? _engine.NewestVersion : _engine.CommittedVersion))
        {
            _world.Saw("overtaken");
            return;
        }

        switch (_random.Next(12))
        {
            case 0 when read.Value is { State: EffectStatus.Running } running:
                Renew(read.With(running));
                break;
            case <= 2 when read.Value is { IsToken: false } row && row.StatusAt(_world.Now) is not (EffectStatus.Running or EffectStatus.Completed):
                Resolve(read.With(row));
                break;
            case 3:
                Remove();
                break;
            case <= 8 when read.Value is { } row:
                Settle(read.With(row));
                break;
            default:
                BeginEffect(key, read);
                break;
        }
    }

    private void BeginEffect(string key, Versioned<StoredEffect?> read)
    {
        var (now, request, authority, row) = (_world.Now, Request(), AnyAuthority(), read.Value);
        var (name, other) = (row?.Class ?? (EffectClass)_random.Next(4), _random.Next(12) == 0);
        var lease = TimeSpan.FromTicks(10 * _random.Next(1, 1500));
        var expected = ExpectOf(key, read.Version) ?? IfRefused(authority);
        if (expected is null)
        {
            var mayRun = row is not null && (row.State == EffectStatus.Retry
                || (row.State == EffectStatus.Running && row.Until <= now && name is EffectClass.Read or EffectClass.Idempotent));
            expected = row is null
                ? _projected.EffectCount >= MostEffects
                    ? _committed.EffectCount is not >= MostEffects ? ToWaitFor(Newest) : new Expected(typeof(OverLimitException))
                    : new Expected(Verdict.Accepted)
                : other ? new Expected(typeof(EffectConflictException))
                : new Expected(mayRun ? Verdict.Accepted : Verdict.NotTaken);
        }

        var begin = new BeginCommand(key, name, [(byte)(other ? 1 : 0)], null, lease, "t");
        if (row is null)
        {
            begin = begin with { Request = [0] };
        }

        var accepted = Ask(
            expected,
            () => _engine.BeginEffect(read, begin, MostEffects, now, _ => request, authority),
            change => Structural(
                change, request, state => state.BeginEffect(row is null ? null : Of(row), key, name, lease, now, ModelWorld.RequestWindow)) with
            { Effects = [key] });
        Saw(accepted, row is null ? "effect begun" : "effect begun again");
        Saw(!accepted && expected is { Refusal: null, Verdict: Verdict.NotTaken }, "effect that is not to be begun");
    }

    private void Settle(Versioned<StoredEffect> read)
    {
        var (now, request, row) = (_world.Now, Request(), read.Value);

        // What contradicts is rare of itself: a result behind a verdict, and a failure behind a result.
        var isDoubtful = EffectEvidenceText.Read(row.Evidence).Any(one => one is { By: null, Verdict: EffectVerdict.Completed });
        var verdict = _random.Next(3) == 0 ? (EffectVerdict)_random.Next(2)
            : row.State is EffectStatus.Retry or EffectStatus.Failed ? EffectVerdict.Completed
            : isDoubtful ? EffectVerdict.Failed
            : (EffectVerdict)_random.Next(2);
        var outcome = new EffectOutcome(
            Math.Max(1, row.Epoch - _random.Next(2)), verdict, verdict == EffectVerdict.Completed ? Result : null,
            verdict == EffectVerdict.Completed ? "a/b" : null, "r");
        var (isOwn, isOpen) = (outcome.Epoch == row.Epoch, !row.IsToken && row.State is EffectStatus.Running or EffectStatus.Retry);

        // One that was resolved has no result: what its run says later is more than was known.
        var isSaid = verdict == EffectVerdict.Failed ? row.State == EffectStatus.Failed : row is { State: EffectStatus.Completed, Result: not null };
        var isKnown = (isOwn && isSaid)
            || row.IsToken
            || EffectEvidenceText.Read(row.Evidence).Any(one => one.By is null && one.EffectEpoch == outcome.Epoch && one.Verdict == verdict);
        var isContradicted = isOwn && isOpen && verdict == EffectVerdict.Failed
            && EffectEvidenceText.Read(row.Evidence).Reverse().TakeWhile(one => one.By is null).Any(one => one.Verdict == EffectVerdict.Completed);
        var takesBack = isContradicted || (verdict == EffectVerdict.Completed && row.State is EffectStatus.Retry or EffectStatus.Failed);
        var (isTaken, isLate) = (isOwn && isOpen && !isContradicted, row.State == EffectStatus.Retry || row.Until <= now);
        var more = takesBack && row is { State: EffectStatus.Failed, ResolvedBy: null } ? 2 : 1;
        var effect = isTaken
            ? Of(row) with { State = verdict == EffectVerdict.Completed ? EffectStatus.Completed : EffectStatus.Failed, Until = null, By = null }
            : Of(row) with
            {
                Evidence = Math.Min(EffectEvidenceText.Most, Of(row).Evidence + more),
                State = takesBack ? EffectStatus.Running : row.State,
                Until = takesBack ? Micro(now) : row.Until,
                By = takesBack ? null : row.ResolvedBy,
            };
        var kind = !isTaken ? SessionEventKind.EffectRefused
            : verdict == EffectVerdict.Completed ? SessionEventKind.EffectCompleted
            : SessionEventKind.EffectFailed;
        var accepted = Ask(
            ExpectOf(row.Key, read.Version) ?? new Expected(isTaken || !isKnown ? Verdict.Accepted : Verdict.NotTaken),
            () => _engine.SettleEffect(read, outcome, now, _ => request, null, out _),
            change => Structural(change, request, state =>
            {
                if (isTaken)
                {
                    state.OpenFor(verdict, now);
                }

                state.SetEffect(kind, effect, verdict, now);
            }) with
            { Effects = [row.Key] });
        Saw(accepted, isTaken ? isLate ? "effect settled late" : "effect settled"
            : isContradicted ? "failure against evidence" : takesBack ? "evidence that takes a verdict back" : "evidence kept");
    }

    private void Resolve(Versioned<StoredEffect> read)
    {
        var (now, request, authority, row) = (_world.Now, Request(), AnyAuthority(), read.Value);
        var verdict = _random.Next(4) == 0 ? (EffectVerdict)_random.Next(2) : EffectVerdict.Retry;
        var more = row is { State: EffectStatus.Failed, ResolvedBy: null } ? 2 : 1;
        var effect = Of(row) with
        {
            State = verdict switch
            {
                EffectVerdict.Completed => EffectStatus.Completed,
                EffectVerdict.Failed => EffectStatus.Failed,
                _ => EffectStatus.Retry,
            },
            Until = null,
            Evidence = Math.Min(EffectEvidenceText.Most, Of(row).Evidence + more),
            By = "b",
        };
        var accepted = Ask(
            ExpectOf(row.Key, read.Version) ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.ResolveEffect(read, new EffectOutcome(row.Epoch, verdict, Reason: "r", By: "b"), now, _ => request, authority, null),
            change => Structural(change, request, state => state.SetEffect(SessionEventKind.EffectResolved, effect, verdict, now)) with
            {
                Effects = [row.Key],
            });
        Saw(accepted, "effect resolved");
    }

    private void Renew(Versioned<StoredEffect> read)
    {
        var (until, authority) = (_world.Now + TimeSpan.FromTicks(_random.Next(15_000)), AnyAuthority());
        var effect = Of(read.Value) with { Until = Micro(until) };
        var accepted = Ask(
            ExpectOf(effect.Key, read.Version) ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.RenewEffect(read, until, authority, out _),
            change => new Accepted(change, state => state.RenewEffect(effect)) { IsStructural = true, Effects = [effect.Key] });
        Saw(accepted, "effect renewed");
    }

    private void Remove()
    {
        var version = _world.Store.Version;
        List<string> keys =
        [
            .. _world.Store.Effects.Values.Where(row => !row.IsToken && row.State is EffectStatus.Completed or EffectStatus.Failed)
                .Where(row => !row.IsToken).Select(row => row.Key).Order(StringComparer.Ordinal),
        ];
        if (keys.Count == 0 || _world.Store.Head?.DeletedAt is not null)
        {
            return;
        }

        var expected = IfDeleted();
        foreach (var key in keys)
        {
            expected ??= ExpectOf(key, version);
        }

        var accepted = Ask(
            expected ?? new Expected(Verdict.Accepted),
            () => _engine.RemoveEffects(new(version, keys), null),
            change => new Accepted(change, state => state.RemoveEffects(keys)) { IsStructural = true, Effects = keys });
        Saw(accepted, "effects removed");
    }

    /// <summary>What a change of an effect is answered that something of it stands in the way of; null for nothing.</summary>
    private Expected? ExpectOf(string key, long version)
    {
        if (IfDeleted() is { } deleted)
        {
            return deleted;
        }

        if (_pending.FindLast(p => p.Effects.Contains(key)) is { } pending)
        {
            _world.Saw("effect that is changing");
            return ToWaitFor(pending.Change);
        }

        if (version >= _effectHorizon && _effectIn.GetValueOrDefault(key) <= version)
        {
            return null;
        }

        _world.Saw("effect that changed since");
        return new Expected(Verdict.Reread);
    }
}
