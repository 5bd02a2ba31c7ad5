using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Effects;

internal sealed class GetEffectHandler : OperationHandler<GetEffect, Effect>
{
    protected override async Task<Effect> RunAsync(LiveSession session, GetEffect operation, CancellationToken cancellationToken)
    {
        EffectRules.RequireKey("key", operation.Key);
        var read = await session.Services.Effects.FindAsync(session.Address, operation.Key, cancellationToken);
        session.NoteVersion(read.Version);
        if (read.Value is not { } row)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
            throw new EffectNotFoundException(session.Address, operation.Key);
        }

        KnownEffects.RequireWhole(session.Address, row);
        return KnownEffects.ToEffect(session.Address, row, session.Now);
    }
}

internal sealed class ListEffectsHandler : OperationHandler<ListEffects, EffectPage>
{
    protected override async Task<EffectPage> RunAsync(LiveSession session, ListEffects operation, CancellationToken cancellationToken)
    {
        PageRules.Require(operation.Limit, session.Services.Limits.PageItems);
        if (operation.Cursor is not null)
        {
            EffectRules.RequireKey("cursor", operation.Cursor);
        }

        _ = operation.Status?.ToName();
        _ = operation.Class?.ToName();
        var read = await session.Services.Effects.ListAsync(
            session.Address, operation.Cursor ?? "", operation.Limit, cancellationToken);
        session.NoteVersion(read.Version);
        if (read.Head?.DeletedAt is not null)
        {
            throw new SessionDeletedException(session.Address);
        }

        var now = session.Now;
        return new EffectPage(
            [
                .. read.Rows.Select(row => KnownEffects.Show(session.Address, row, now))
                    .Where(effect => effect.Status == (operation.Status ?? effect.Status) && effect.Class == (operation.Class ?? effect.Class)),
            ],
            read.Rows.Count == operation.Limit ? read.Rows[^1].Key : null);
    }
}
