using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public Task<RestoreResult> RestoreAsync(
        CheckpointReference checkpoint, ChangeRequest request, CancellationToken cancellationToken) => ChangeAsync(
            request,
            "restore",
            checkpoint.ToString(),
            async memory =>
            {
                var remembered = memory.Answer<RememberedRestore>();
                return await ReadRowAsync(remembered.Sequence, CheckpointParts.All) is { Value: { } row }
                    ? new RestoreResult(CheckpointReader.ToCheckpoint(_address, row), remembered.Undo) { Anchor = remembered.Anchor }
                    : throw new CheckpointNotFoundException(_address, checkpoint.ToString());
            },
            async memory =>
            {
                var target = await RequireRowAsync(checkpoint, CheckpointParts.All);
                var restored = CheckpointReader.ToCheckpoint(_address, target.Value);
                RememberedRestore? made = null;
                var now = Now;
                var decision = Engine.Restore(target, now, (before, anchor) =>
                {
                    made = new RememberedRestore(target.Value.Sequence, before, anchor);
                    return memory.Remember(now, made);
                });
                return new Step<RestoreResult>(
                    decision, () => new RestoreResult(restored, made!.Undo) { Anchor = made.Anchor });
            });

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(
        CheckpointReference checkpoint, ChangeRequest request, CancellationToken cancellationToken)
    {
        var result = await ChangeAsync(
            request,
            "delete",
            checkpoint.ToString(),
            memory => Task.FromResult<DeleteAnswer?>(memory.Answer<DeleteAnswer>()),
            async memory =>
            {
                var target = await FindRowAsync(checkpoint);
                var now = Now;
                return target is { } found
                    ? new Step<DeleteAnswer>(
                        Engine.Delete(found, now, memory.Remember(now, new DeleteAnswer(true))), () => new DeleteAnswer(true))
                    : new Step<DeleteAnswer>(new Decision(Verdict.NotTaken), () => new DeleteAnswer(false));
            });
        return result.Deleted;
    }

    /// <inheritdoc/>
    public Task<Annotation> AnnotateAsync(
        CheckpointReference checkpoint,
        AnnotationSeverity severity,
        string text,
        ChangeRequest request,
        CancellationToken cancellationToken)
    {
        _services.Rules.RequireAnnotation(severity, text);
        return ChangeAsync(
            request,
            "annotate",
            JsonSerializer.Serialize(new { checkpoint = checkpoint.ToString(), severity, text }),
            memory => Task.FromResult<Annotation?>(memory.Answer<Annotation>()),
            async memory =>
            {
                var target = await RequireRowAsync(checkpoint, CheckpointParts.Annotations);
                _services.Rules.RequireRoomForAnnotation(target.Value.Annotations.Count);
                Annotation? note = null;
                var now = Now;
                var decision = Engine.Annotate(target, severity, text, now, made =>
                {
                    note = made;
                    return memory.Remember(now, made);
                });
                return new Step<Annotation>(decision, () => note!);
            });
    }

    /// <inheritdoc/>
    public Task<CheckpointSummary> SetTagsAsync(
        CheckpointReference checkpoint, IReadOnlyList<string> tags, ChangeRequest request, CancellationToken cancellationToken)
    {
        var distinct = _services.Rules.CheckTags("tags", tags ?? throw new InvalidRequestException("tags", "must be given"));
        return ChangeAsync(
            request,
            "tag",
            JsonSerializer.Serialize(new { checkpoint = checkpoint.ToString(), tags = distinct }),
            async memory => await ReadRowAsync(memory.Answer<long>(), CheckpointParts.Summary) is { Value: { } row }
                ? row.ToSummary() with { Tags = distinct }
                : throw new CheckpointNotFoundException(_address, checkpoint.ToString()),
            async memory =>
            {
                var target = await RequireRowAsync(checkpoint, CheckpointParts.Summary);
                var now = Now;
                return new Step<CheckpointSummary>(
                    Engine.SetTags(target, distinct, now, memory.Remember(now, target.Value.Sequence)),
                    () => target.Value.ToSummary() with { Tags = distinct });
            });
    }

    /// <inheritdoc/>
    public async Task<SessionInfo> SetSettingsAsync(
        SessionSettings settings, ChangeRequest request, CancellationToken cancellationToken)
    {
        var text = SessionSettingsJson.Write(_services.Rules.CheckSettings(settings));
        var retention = await ReadRetentionAsync(text);
        return await ChangeAsync(
            request,
            "settings",
            text,
            async memory => await GetInfoAsync(CancellationToken.None) is { } info
                ? info with { Settings = SessionSettingsJson.Read(text) }
                : null,
            memory =>
            {
                var now = Now;
                var decision = Engine.SetSettings(
                    text, now, memory.Remember(now, true),
                    retention.IsNothing ? null : new Due(DueWorkKind.Retain, RetentionDue(now)));
                return Task.FromResult(new Step<SessionInfo>(decision, () => ToInfo(Engine.Committed!) with
                {
                    Settings = SessionSettingsJson.Read(text),
                }));
            });
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteSessionAsync(ChangeRequest request, CancellationToken cancellationToken)
    {
        using var admission = _services.Budget.Enter(_load, 1, ChangeWeight);
        using var pass = await _gate.EnterExclusiveAsync();
        var result = await DecideAsync<DeleteAnswer>(
            default,
            "delete-session",
            "",
            _ => Task.FromResult<DeleteAnswer?>(null),
            async _ =>
            {
                // The tombstone is read, not remembered: this activation may be one that the database has overtaken.
                var head = await Store.ReadHeadAsync(_address, CancellationToken.None);
                RequireNotOvertaken(head?.Head.Version ?? 0);

                // The name can be deleted once, so the tombstone is all there is to remember of a request.
                return head is null or { Head.DeletedAt: not null }
                    ? new Step<DeleteAnswer>(
                        new Decision(Verdict.NotTaken), () => new DeleteAnswer(head is not null && request.Id != Guid.Empty))
                    : new Step<DeleteAnswer>(Engine.DeleteSession(Now), () => new DeleteAnswer(true));
            });
        return result.Deleted;
    }

    /// <inheritdoc/>
    public async Task<CompactResult> CompactAsync(
        RetentionPolicy? policy, bool dryRun, ChangeRequest request, CancellationToken cancellationToken) =>
        (await CompactAsync(policy is null ? null : _services.Rules.CheckPolicy(policy), dryRun, request)).Result;

    private async Task<SessionEngine.CompactionPlan> CompactAsync(RetentionPolicy? given, bool dryRun, ChangeRequest request)
    {
        using var admission = _services.Budget.Enter(_load, 1, ChangeWeight);
        using var pass = await _gate.EnterExclusiveAsync();
        return await DecideAsync(
            dryRun ? default : request,
            "compact",
            JsonSerializer.Serialize(given),
            memory => Task.FromResult<SessionEngine.CompactionPlan?>(
                new SessionEngine.CompactionPlan(memory.Answer<CompactResult>(), [], [], 0)),
            async memory =>
            {
                var now = Now;
                if (await PlanCompactionAsync(given ?? await RequirePolicyAsync(), now) is not { } plan)
                {
                    return new Step<SessionEngine.CompactionPlan>(new Decision(Verdict.Reread));
                }

                var nothingToDo = plan.Result.Deleted == 0 && (!memory.IsWanted || Engine.Committed is null);
                if (dryRun || nothingToDo)
                {
                    return new Step<SessionEngine.CompactionPlan>(new Decision(Verdict.NotTaken, Engine.NewestPending), () => plan);
                }

                var answered = plan;
                var decision = Engine.Compact(plan, now, made =>
                {
                    answered = plan with { Result = made };
                    return memory.Remember(now, made);
                });
                return new Step<SessionEngine.CompactionPlan>(decision, () => answered);
            });
    }

    private async Task<RetentionPolicy> RequirePolicyAsync() => _services.Rules.CheckPolicy(
        (await ReadRetentionAsync((await Store.ReadHeadAsync(_address, CancellationToken.None))?.Head.Settings)).Policy
        ?? throw new InvalidRequestException("policy", "must be given: neither the session nor its tenant nor the silo has one"));

    private async Task<SessionEngine.CompactionPlan?> PlanCompactionAsync(RetentionPolicy policy, DateTimeOffset now)
    {
        Engine.BeginSurvey();
        try
        {
            var survey = await Store.SurveyAsync(_address, policy, now, CancellationToken.None);
            RequireNotOvertaken(survey.Version);
            return Engine.PlanCompaction(survey, policy, now);
        }
        finally
        {
            Engine.EndSurvey();
        }
    }

    /// <summary>A checkpoint to change: from the tail, where that holds it, else read; null where it is not there.</summary>
    private async Task<Versioned<StoredCheckpoint>?> FindRowAsync(CheckpointReference checkpoint)
    {
        if (Engine.FindInTail(checkpoint) is { } held)
        {
            return new Versioned<StoredCheckpoint>(Engine.Committed!.Head.Version, held);
        }

        var read = await Store.ReadCheckpointAsync(_address, checkpoint, CheckpointParts.Summary, CancellationToken.None);
        RequireNotOvertaken(read.Version);
        return read.Value is { } row ? new Versioned<StoredCheckpoint>(read.Version, row) : null;
    }

    private async Task<Versioned<StoredCheckpoint>> RequireRowAsync(CheckpointReference checkpoint, CheckpointParts parts)
    {
        if (parts == CheckpointParts.Summary)
        {
            return await FindRowAsync(checkpoint) ?? throw NotFound();
        }

        var read = await Store.ReadCheckpointAsync(_address, checkpoint, parts, CancellationToken.None);
        RequireNotOvertaken(read.Version);
        return read.Value is { } row ? new Versioned<StoredCheckpoint>(read.Version, row) : throw NotFound();

        Exception NotFound() => Engine.Committed?.Head.DeletedAt is not null
            ? new SessionDeletedException(_address)
            : new CheckpointNotFoundException(_address, checkpoint.ToString());
    }

    private Task<Versioned<StoredCheckpoint?>> ReadRowAsync(long sequence, CheckpointParts parts) =>
        Store.ReadCheckpointAsync(_address, CheckpointReference.BySequence(sequence), parts, CancellationToken.None);

    private sealed record RememberedRestore(long Sequence, CheckpointPointer? Undo, Anchor? Anchor = null);

    private sealed record DeleteAnswer(bool Deleted);
}
