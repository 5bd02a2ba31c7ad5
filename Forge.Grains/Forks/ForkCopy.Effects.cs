using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Forks;

internal sealed partial class ForkCopy
{
    /// <summary>True if the origin had effects when the checkpoint was read. Of one that had none, it does no harm if it is deleted meanwhile.</summary>
    private bool _hadEffects;
    private StagedEffects? _effects;
    private bool _effectsAreStaged;

    /// <summary>
    /// What was begun in the origin since the checkpoint was there. A damaged count must not hide it, so that it is read whatever the head row
    /// counts.
    /// </summary>
    /// <param name="link">The link to the checkpoint.</param>
    /// <param name="operation">What is to be done about it.</param>
    /// <exception cref="EffectsAfterException">It is to be refused for some of it.</exception>
    public async Task<EffectsAfter> ReadEffectsAfterAsync(ForkLink link, ForkSession operation)
    {
        try
        {
            return (await session.Effects.ReadAfterAsync(
                origin, link.Sequence, operation.Effects, operation.Acknowledge, link.OriginIncarnation)).Value;
        }
        catch (SessionDeletedException) when (!_hadEffects)
        {
            return EffectsAfter.None;
        }
    }

    /// <summary>
    /// Stages what the origin had begun before the checkpoint was there, as it is known now, and all its tokens, the first time that it is
    /// asked; null if there is nothing. The set of these does not grow any more, so that no snapshot has to hold it.
    /// </summary>
    /// <param name="point">The checkpoint.</param>
    /// <param name="lastBefore">The greatest sequence below that of the checkpoint in the fork, which they come behind.</param>
    /// <exception cref="EffectDamagedException">One of them is not what was written.</exception>
    /// <exception cref="SessionDeletedException">The origin is deleted meanwhile.</exception>
    public async Task<StagedEffects?> StageEffectsAsync(ForkedPoint point, long lastBefore)
    {
        if (_effectsAreStaged)
        {
            return _effects;
        }

        var staging = new EffectStaging(Services.Staging, session.Address, Services.Limits.EffectLease);
        for (var after = ""; ;)
        {
            var read = await Services.Effects.ReadBeforeAsync(origin, point.Plain.Sequence, after, CancellationToken.None);
            if (_hadEffects || read.Rows.Count > 0)
            {
                KnownEffects.RequireThere(origin, read, point.Link.OriginIncarnation);
            }

            if (read.Rows.Count == 0)
            {
                break;
            }

            foreach (var row in read.Rows)
            {
                KnownEffects.RequireWhole(origin, row);
            }

            after = read.Rows[^1].Key;
            try
            {
                await staging.StageAsync(await RequireKeyAsync(), read.Rows, lastBefore, session.Now);
            }
            catch (BatchRejectedException exception)
            {
                throw new UnavailableException("The database refused to stage what is copied for a fork; nothing was changed.", exception);
            }
        }

        (_effects, _effectsAreStaged) = (staging.Staged is { } staged ? staged with { Work = session.EffectWork() } : null, true);
        return _effects;
    }
}
