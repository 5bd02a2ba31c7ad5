using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class SetTagsHandler : ChangeHandler<SetTags, CheckpointSummary>
{
    protected override long WeightOf(SetTags change) => SessionChange.WeightOf(change.Tags);

    protected override SetTags Check(LiveSession session, SetTags change) => change with
    {
        Tags = session.Services.Rules.CheckTags("tags", change.Tags ?? throw new InvalidRequestException("tags", "must be given")),
    };

    protected override async Task<Recalled<CheckpointSummary>> RecallAsync(
        LiveSession session, SetTags change, RequestMemory memory) =>
        await session.ReadRowAsync(memory.Answer<long>(), CheckpointParts.Summary, CancellationToken.None) is { } row
            ? new(true, row.ToSummary() with { Tags = change.Tags })
            : throw session.NotFound(change.Checkpoint);

    protected override async Task<Step<CheckpointSummary>> DecideAsync(LiveSession session, SetTags change, RequestMemory memory)
    {
        var target = await session.RequireRowAsync(change.Checkpoint, CheckpointParts.Summary);
        var now = session.Now;
        return new(
            session.Engine.SetTags(target, change.Tags, now, memory.Remember(now, target.Value.Sequence)),
            () => target.Value.ToSummary() with { Tags = change.Tags });
    }
}
