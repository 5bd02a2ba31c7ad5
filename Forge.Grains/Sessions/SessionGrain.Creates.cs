using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Tenants;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async Task<CreateResult> CreateAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken) =>
        (await CreateAllAsync([checkpoint], isBatch: false))[0];

    /// <inheritdoc/>
    public Task<IReadOnlyList<CreateResult>> CreateBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        CreateAllAsync(checkpoints, isBatch: true);

    private async Task<IReadOnlyList<CreateResult>> CreateAllAsync(IReadOnlyList<NewCheckpoint> checkpoints, bool isBatch)
    {
        var (commands, overLimit) = _services.Rules.Check(
            checkpoints?.Any(c => c is { FirstAttempt: false } && (!c.Id.IsEmpty || c.IdempotencyKey is not null)) ?? false,
            rules => ToCommands(rules, checkpoints!, isBatch));

        // First of all, so that whatever is waited for, its states are counted.
        using var admission = _services.Budget.Enter(_session.Load, commands.Count, commands.Sum(SessionEngine.WeightOf));
        var authority = new Authority(commands[0].Input.Epoch);
        var repeats = new Repeats<IReadOnlyList<CreateResult>>(
            _session,
            [.. commands.Select(c => c.Id.Value)],
            commands.TrueForAll(c => c.Input.FirstAttempt),
            earlier => Task.FromResult(new Recalled<IReadOnlyList<CreateResult>>(true, Recall(commands, earlier))));
        return await ChangeRunner.RunAsync(
            _session, repeats, authority, () => overLimit is null ? DecideAsync(commands, repeats, authority) : throw overLimit);
    }

    private List<CreateCommand> ToCommands(SessionRules rules, IReadOnlyList<NewCheckpoint> checkpoints, bool isBatch)
    {
        rules.RequireBatch(checkpoints);
        var commands = new List<CreateCommand>(checkpoints.Count);
        foreach (var checkpoint in checkpoints)
        {
            try
            {
                commands.Add(rules.ToCommand(
                    _address, checkpoint, stateBytes: null, () => CheckpointId.Create(_session.Now), isBatch ? commands.Count : null));
            }
            catch (InvalidRequestException exception)
            {
                throw exception.In(Path());
            }
            catch (OverLimitException exception)
            {
                throw exception.In(Path());
            }
        }

        if (commands.Count > 1 && commands.Exists(c => c.Input.Trigger == CheckpointTrigger.SignificantTimePassed))
        {
            throw new InvalidRequestException("trigger", "must not be significantTimePassed in a batch: it would be throttled");
        }

        if (commands.Exists(c => c.Input.Epoch != commands[0].Input.Epoch))
        {
            throw new InvalidRequestException("epoch", "must be the same for all creates of a batch");
        }

        if (commands.Count > 1)
        {
            NoteParentLines(commands);
        }

        return commands;

        string Path() => isBatch ? $"checkpoints[{commands.Count}]." : "";
    }

    /// <summary>Finds the lines of a batch that others behind them name as their parents.</summary>
    /// <exception cref="InvalidRequestException">An id comes twice.</exception>
    private static void NoteParentLines(List<CreateCommand> commands)
    {
        var lines = new Dictionary<CheckpointId, int>(commands.Count);
        for (var i = 0; i < commands.Count; i++)
        {
            if (commands[i].Input.Parent is { Id: { IsEmpty: false } parent } && lines.TryGetValue(parent, out var line))
            {
                commands[i] = commands[i] with { ParentLine = line };
            }

            if (!lines.TryAdd(commands[i].Id, i))
            {
                throw new InvalidRequestException("id", "must not come twice in a batch");
            }
        }
    }

    private async ValueTask<Step<IReadOnlyList<CreateResult>>> DecideAsync(
        List<CreateCommand> commands, Repeats<IReadOnlyList<CreateResult>> repeats, Authority authority)
    {
        var tenant = await _services.Tenants.GetAsync(_address.Tenant);
        commands.ForEach(c => _services.Rules.RequireState(c.Input.State.Length, tenant.MaxStateBytes));
        var retention = await _session.Retention.GetAsync();
        var parents = await ReadParentsAsync(commands);

        // From here to the decision there is no await: this is the turn in which the numbers are given.
        if (repeats.MayHaveTakenEffectBy(_session.Engine.NewestRemoval))
        {
            // The row of a checkpoint that went may be gone, and does not stand in the way of its id any more.
            return new(new Decision(Verdict.Reread));
        }

        if (repeats.MayHaveTakenEffectBy(_session.Engine.CommittedVersion) && _session.Engine.PendingCompaction is { } going)
        {
            // The same of what a compaction is about to remove: after it the look is made again.
            return new(Decision.WaitFor(going));
        }

        var (now, interval) = (_session.Now, AutomaticInterval(commands, tenant));
        Decision decision;
        try
        {
            decision = _session.Engine.Create(
                commands, parents, now, interval, _session.Retention.WorkFor(retention, commands.Count), authority);
        }
        catch (Exception refusal) when (refusal is HeadMismatchException or OverLimitException or CheckpointNotFoundException)
        {
            // It rests on what this activation knows of the session.
            await _session.RequireCurrentAsync();
            throw;
        }

        switch (decision.Verdict)
        {
            case Verdict.NotTaken:
                await _session.RequireCurrentAsync();
                return Step<IReadOnlyList<CreateResult>>.Nothing([new CreateResult(CreateOutcome.NotTaken, null)]);
            case Verdict.Accepted:
                var change = decision.Change!;
                _session.Retention.Note(change);
                return new(
                    decision, () => [.. change.NewCheckpoints.Select(c => new CreateResult(CreateOutcome.Created, c.ToSummary()))])
                {
                    Settled = () => _session.Retention.Settle(change),
                };
            default:
                return new(decision);
        }
    }

    /// <summary>The answers of the first attempt.</summary>
    /// <exception cref="RequestConflictException">An id was used with another request, or only some were used.</exception>
    /// <exception cref="StateCorruptedException">What is remembered of the first attempt is damaged.</exception>
    private List<CreateResult> Recall(List<CreateCommand> commands, EarlierAttempts earlier)
    {
        var creates = earlier.Creates(_address);
        if (creates.Count == 0)
        {
            throw new RequestConflictException(_address, earlier.Remembered[0].Id, "operation");
        }

        var (firsts, results) = (new List<EarlierCreate>(commands.Count), new List<CreateResult>(commands.Count));
        foreach (var command in commands)
        {
            var first = creates.FirstOrDefault(e => e.Id == command.Id)
                ?? throw new RequestConflictException(_address, creates[0].Id.Value, "batch");
            if (command.DifferenceFrom(first, command.ParentLine is { } line ? firsts[line] : null) is { } difference)
            {
                throw new RequestConflictException(_address, command.Id.Value, difference);
            }

            firsts.Add(first);
            results.Add(new CreateResult(CreateOutcome.Repeated, command.AnswerOf(first)));
        }

        return results;
    }

    /// <summary>The parents that the engine does not know of itself, by one read.</summary>
    private async Task<IReadOnlyList<Versioned<StoredCheckpoint?>?>> ReadParentsAsync(List<CreateCommand> commands)
    {
        var parents = new Versioned<StoredCheckpoint?>?[commands.Count];
        var wanted = commands.Where(_session.Engine.NeedsParent).Select(c => c.Input.Parent!.Value).ToHashSet();
        if (wanted.Count == 0)
        {
            return parents;
        }

        var read = await ReadAsync([.. wanted]);
        _session.RequireNotOvertaken(read.Version);
        var found = new Dictionary<CheckpointReference, StoredCheckpoint>();
        foreach (var row in read.Value)
        {
            found[CheckpointReference.BySequence(row.Sequence)] = found[CheckpointReference.ById(row.Id)] = row;
        }

        for (var i = 0; i < parents.Length; i++)
        {
            if (commands[i].Input.Parent is { } named && wanted.Contains(named))
            {
                parents[i] = new(read.Version, found.GetValueOrDefault(named));
            }
        }

        return parents;
    }

    private async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAsync(CheckpointReference[] checkpoints)
    {
        if (checkpoints is not [var only])
        {
            return await _session.Reads.ReadCheckpointsAsync(_address, checkpoints, CancellationToken.None);
        }

        // The statement of one is the quicker one.
        var read = await _session.Reads.ReadCheckpointAsync(_address, only, CheckpointParts.Summary, CancellationToken.None);
        return read.With<IReadOnlyList<StoredCheckpoint>>(read.Value is { Row: var row } ? [row] : []);
    }

    private TimeSpan AutomaticInterval(List<CreateCommand> commands, TenantSettings tenant) =>
        commands.Exists(c => c.Input.Trigger == CheckpointTrigger.SignificantTimePassed)
            ? SessionSettingsJson.Read(_session.Engine.Committed?.Head.Settings).AutomaticInterval
                ?? tenant.AutomaticInterval
                ?? _services.Limits.AutomaticInterval
            : default;
}
