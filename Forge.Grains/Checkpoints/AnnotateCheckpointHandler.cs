using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class AnnotateCheckpointHandler : ChangeHandler<AnnotateCheckpoint, Annotation>
{
    protected override long WeightOf(AnnotateCheckpoint change) => SessionChange.WeightOf(change.Text);

    protected override AnnotateCheckpoint Check(SessionRules rules, AnnotateCheckpoint change)
    {
        rules.RequireAnnotation(change.Severity, change.Text);
        return change;
    }

    // A repeat brings the text along: the digest says that it is the same.
    protected override Task<Recalled<Annotation>> RecallAsync(
        LiveSession session, AnnotateCheckpoint change, RequestMemory memory) =>
        Task.FromResult(new Recalled<Annotation>(true, memory.Answer<Annotation>() with { Text = change.Text }));

    protected override async Task<Step<Annotation>> DecideAsync(
        LiveSession session, AnnotateCheckpoint change, RequestMemory memory)
    {
        var target = await session.RequireAsync(change.Checkpoint, CheckpointParts.Annotations);
        session.Services.Rules.RequireRoomForAnnotation(target.Value.Annotations.Count);
        Annotation? note = null;
        var now = session.Now;
        var decision = session.Engine.Annotate(target.With(target.Value.Row), change.Severity, change.Text, now, made =>
        {
            note = made;
            return memory.Remember(now, made with { Text = "" });
        }, AuthorityOf(change));
        return new(decision, () => note!);
    }
}
