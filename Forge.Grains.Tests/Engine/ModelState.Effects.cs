using Forge.Effects;
using Forge.History.Chain;
using Forge.History.Changes;

namespace Forge.Grains.Tests.Engine;

/// <summary>An effect as it ought to be.</summary>
internal sealed record ModelEffect(
    string Key, EffectClass Class, EffectStatus State, long Epoch, long FirstAfter, long After, DateTimeOffset? Until, int Evidence, string? By);

internal sealed partial class ModelState
{
    private readonly Dictionary<string, ModelEffect> _effects = [];

    public IReadOnlyDictionary<string, ModelEffect> Effects => _effects;

    public long? EffectCount { get; private set; }

    public long? TokenCount { get; private set; }

    /// <summary>Begins an effect that is new, or a run of one that is there.</summary>
    public void BeginEffect(ModelEffect? before, string key, EffectClass name, TimeSpan lease, DateTimeOffset now, TimeSpan window)
    {
        Begin(now);
        var from = Life == 1 && now - CreatedAt < window ? 0 : LastPosition;
        var isToken = name == EffectClass.Token;
        if (before is null)
        {
            EffectCount = (EffectCount ?? 0) + 1;
            TokenCount = isToken ? (TokenCount ?? 0) + 1 : TokenCount;
        }

        Set(
            SessionEventKind.EffectBegun,
            new ModelEffect(
                key, name, isToken ? EffectStatus.Completed : EffectStatus.Running, (before?.Epoch ?? from) + 1, before?.FirstAfter ?? LastSequence,
                LastSequence, isToken ? null : Micro(Micro(now) + lease), before?.Evidence ?? 0, null),
            now,
            detail => detail.Verdict is null);
    }

    /// <summary>Says what became of a run.</summary>
    public void SetEffect(SessionEventKind kind, ModelEffect effect, EffectVerdict verdict, DateTimeOffset now) =>
        Set(kind, effect, now, detail => detail.Verdict == (short)verdict);

    public void RenewEffect(ModelEffect effect) => _effects[effect.Key] = effect;

    public void RemoveEffects(IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
        {
            _effects.Remove(key);
        }

        EffectCount -= keys.Count;
    }

    private void Set(SessionEventKind kind, ModelEffect effect, DateTimeOffset now, Func<EffectDetail, bool> holds)
    {
        _effects[effect.Key] = effect;
        Log(kind, 0, now, detail => detail.Effect is { } told && told.Key == effect.Key && told.State == (short)effect.State && holds(told));
    }

    private void EndEffects()
    {
        foreach (var effect in _effects.Values.Where(effect => effect.Class != EffectClass.Token).ToList())
        {
            _effects.Remove(effect.Key);
        }

        EffectCount = TokenCount;
    }
}
