using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class SetTagsHandler : ChangeHandler<SetTags, CheckpointSummary>
{
    protected override long WeightOf(SetTags change) => SessionChange.WeightOf(change.Tags);

    protected override SetTags Check(SessionRules rules, SetTags change) => change with
    {
        Tags = rules.CheckTags("tags", change.Tags ?? throw new InvalidRequestException("tags", "must be given")),
    };

    protected override async Task<Recalled<CheckpointSummary>> RecallAsync(
        LiveSession session, SetTags change, RequestMemory memory)
    {
        // Of requests of before, the sequence alone is remembered.
        var answer = memory.Answer<JsonElement>();
        var made = answer.ValueKind == JsonValueKind.Number ? null : answer.Deserialize<CheckpointSummary>();
        var read = await session.ReadAsync(
            made?.Sequence ?? answer.GetInt64(), CheckpointParts.Summary, CancellationToken.None);
        return (read?.Row.ToSummary() ?? made) is { } summary
            ? new(true, summary with { Tags = change.Tags, KeptParent = null })
            : throw session.NotFound(change.Checkpoint);
    }

    protected override async Task<Step<CheckpointSummary>> DecideAsync(LiveSession session, SetTags change, RequestMemory memory)
    {
        // Last of all that is waited for: a row that the tail gave is right for this turn alone.
        var retention = await session.Retention.GetAsync();
        var target = await session.RequireRowAsync(change.Checkpoint);
        var (now, summary) = (session.Now, target.Value.ToSummary() with { KeptParent = null });

        // A repeat brings its tags, and no text of a checkpoint outlives it.
        var request = memory.Remember(now, summary with { Message = "", ContentType = "", Tags = [] });
        return new(
            session.Engine.SetTags(target, change.Tags, now, request, session.Retention.WorkForTags(retention), AuthorityOf(change)),
            () => summary with { Tags = change.Tags });
    }
}
