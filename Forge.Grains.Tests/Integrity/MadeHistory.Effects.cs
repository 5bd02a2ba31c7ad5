using Forge.Effects;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Integrity;

internal sealed partial class MadeHistory
{
    /// <summary>Begins an effect, or says something of one.</summary>
    private async Task ChangeEffectAsync()
    {
        var key = $"k{_random.Next(4)}";
        var read = await store.Effects.FindAsync(address, key, Cancel);
        if (read.Value is not { } row)
        {
            var name = (EffectClass)_random.Next(4);
            var begin = new BeginCommand(key, name, new byte[32], name == EffectClass.Token ? null : "text", TimeSpan.FromSeconds(50), null);
            await CommitAsync(_engine.BeginEffect(read, begin, 100, _now, _ => null, Right));
            return;
        }

        if (row.IsToken)
        {
            return;
        }

        var found = new Versioned<StoredEffect>(read.Version, row);
        var outcome = new EffectOutcome(
            row.Epoch, (EffectVerdict)_random.Next(2), _random.Next(2) == 0 ? null : [1, 2, 3], Reason: _random.Next(2) == 0 ? null : "so it is");
        var decision = row.StatusAt(_now) is EffectStatus.Failed or EffectStatus.Unknown && _random.Next(2) == 0
            ? _engine.ResolveEffect(found, outcome with { Verdict = EffectVerdict.Retry, By = "somebody" }, _now, _ => null, Right, null)
            : row.State == EffectStatus.Running && _random.Next(3) == 0
                ? _engine.RenewEffect(found, _now + TimeSpan.FromSeconds(50), Right, out _)
                : EffectRules.MayBegin(row, _now)
                    ? _engine.BeginEffect(
                        read, new BeginCommand(key, row.Class, row.Request, null, TimeSpan.FromSeconds(50), "t"), 100, _now, _ => null, Right)
                    : _engine.SettleEffect(
                        found, outcome with { Epoch = Math.Max(1, row.Epoch - _random.Next(2)) }, _now, _ => null, null, out _);
        if (decision.Verdict == Verdict.Accepted)
        {
            await CommitAsync(decision);
        }
    }

    /// <summary>Sets a schedule, or takes a step of it.</summary>
    private async Task RemindAsync()
    {
        if (Head.Settings is null)
        {
            await CommitAsync(_engine.SetSettings(
                """{"labels":{},"schedule":{"every":"00:01:00","onToolCall":true,"onError":true}}""", _now, null, authority: Right));
            return;
        }

        var decision = _engine.Remind(_now, null, 0, out var toTell, out _);
        decision = toTell is null ? decision : _engine.Remind(_now, toTell, _random.Next(2), out _, out _);
        if (decision.Verdict == Verdict.Accepted)
        {
            await CommitAsync(decision);
        }
    }
}
