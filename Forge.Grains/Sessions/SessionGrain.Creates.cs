using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async Task<CreateResult> CreateAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken) =>
        (await CreateCheckedAsync([ToCommand(checkpoint)]))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CreateResult>> CreateBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        _services.Rules.RequireBatch(checkpoints);
        var commands = checkpoints.Select(ToCommand).ToList();
        if (commands.Count > 1 && commands.Exists(c => c.Input.Trigger == CheckpointTrigger.SignificantTimePassed))
        {
            throw new InvalidRequestException("trigger", "must not be significantTimePassed in a batch: it would be throttled");
        }

        return commands.DistinctBy(c => c.Id).Count() == commands.Count
            ? await CreateCheckedAsync(commands)
            : throw new InvalidRequestException("id", "must not come twice in a batch");
    }

    private CreateCommand ToCommand(NewCheckpoint checkpoint) =>
        _services.Rules.ToCommand(_address, checkpoint, stateBytes: null, () => CheckpointId.Create(_session.Now));

    private async Task<IReadOnlyList<CreateResult>> CreateCheckedAsync(List<CreateCommand> commands)
    {
        // First of all, so that whatever is waited for, its states are counted.
        using var admission = _services.Budget.Enter(_session.Load, commands.Count, commands.Sum(SessionEngine.WeightOf));
        var tenant = await _services.Tenants.GetAsync(_address.Tenant);
        commands.ForEach(c => _services.Rules.RequireState(c.Input.State.Length, tenant.MaxStateBytes));
        var lookUp = commands.Exists(c => !c.Input.FirstAttempt);
        var interval = await AutomaticIntervalAsync(commands);
        var retention = await _session.Retention.GetAsync();
        var duplicates = 0;
        for (var round = 0; round < ChangeRunner.MaxRounds; round++)
        {
            if (lookUp && await FindRepeatAsync(commands) is { } repeat)
            {
                return repeat;
            }

            var parents = await ReadParentsAsync(commands);

            // From here to the write there is no await: this is the turn in which the numbers are given.
            var now = _session.Now;
            var (decision, refusal) = Decide(commands, parents, now, interval, _session.Retention.WorkFor(retention, commands.Count, now));
            if (refusal is not null)
            {
                await _session.ReadHeadAsync();
                throw refusal;
            }

            switch (decision.Verdict)
            {
                case Verdict.Accepted:
                    _session.Retention.Note(decision.Change!, now);
                    await _session.SettleAsync(decision.Change!);
                    _session.Retention.Settle(decision.Change!);
                    if (_session.RequireCommitted(decision.Change!))
                    {
                        return [.. decision.Change!.NewCheckpoints.Select(c => new CreateResult(CreateOutcome.Created, c.ToSummary()))];
                    }

                    // An id of this commit, ours or a neighbour's in it, is there already: ours are looked up.
                    lookUp = true;
                    ChangeRunner.RequireFewer(ref duplicates);
                    break;
                case Verdict.NotTaken:
                    return [new CreateResult(CreateOutcome.NotTaken, null)];
                case Verdict.Wait:
                    lookUp |= commands.Exists(c => decision.Change!.NewCheckpoints.Any(p => p.Id == c.Id));
                    await _session.SettleAsync(decision.Change!);
                    break;
            }
        }

        throw ChangeRunner.KeepsChanging();
    }

    /// <summary>Lets the engine decide; a refusal that rests on its head alone is given back, to be made sure of.</summary>
    private (Decision Decision, HeadMismatchException? Refusal) Decide(
        List<CreateCommand> commands,
        IReadOnlyList<Versioned<StoredCheckpoint?>?> parents,
        DateTimeOffset now,
        TimeSpan interval,
        Due? work)
    {
        try
        {
            return (_session.Engine.Create(commands, parents, now, interval, work), null);
        }
        catch (HeadMismatchException refusal)
        {
            return (default, refusal);
        }
    }

    /// <summary>The answers of the first attempt; null if there was none.</summary>
    /// <exception cref="RequestConflictException">An id was used with another request, or only some were used.</exception>
    /// <exception cref="StateCorruptedException">What is remembered of the first attempt is damaged.</exception>
    private async Task<IReadOnlyList<CreateResult>?> FindRepeatAsync(List<CreateCommand> commands)
    {
        var earlier = await _session.Reads.ReadCreatesAsync(
            _address, [.. commands.Select(c => c.Id)], DateTimeOffset.UnixEpoch, CancellationToken.None);
        if (earlier.Value.Count == 0)
        {
            // A batch's ids are not looked up one by one: only a caller that uses one id for two things would notice.
            return commands is not [var only]
                || (await _session.Reads.ReadRequestAsync(_address, only.Id.Value, DateTimeOffset.UnixEpoch, CancellationToken.None)).Value is null
                ? null
                : throw new RequestConflictException(_address, only.Id.Value, "operation");
        }

        var results = new List<CreateResult>(commands.Count);
        foreach (var command in commands)
        {
            var first = earlier.Value.FirstOrDefault(e => e.Id == command.Id)
                ?? throw new RequestConflictException(_address, earlier.Value[0].Id.Value, "batch");
            if (command.DifferenceFrom(first) is { } difference)
            {
                throw new RequestConflictException(_address, command.Id.Value, difference);
            }

            results.Add(new CreateResult(CreateOutcome.Repeated, command.AnswerOf(first)));
        }

        return results;
    }

    private async Task<IReadOnlyList<Versioned<StoredCheckpoint?>?>> ReadParentsAsync(List<CreateCommand> commands)
    {
        var parents = new Versioned<StoredCheckpoint?>?[commands.Count];
        for (var i = 0; i < commands.Count; i++)
        {
            if (_session.Engine.NeedsParent(commands[i]))
            {
                var read = await _session.Reads.ReadCheckpointAsync(
                    _address, commands[i].Input.Parent!.Value, CheckpointParts.Summary, CancellationToken.None);
                _session.RequireNotOvertaken(read.Version);
                parents[i] = read;
            }
        }

        return parents;
    }

    private async ValueTask<TimeSpan> AutomaticIntervalAsync(List<CreateCommand> commands)
    {
        if (!commands.Exists(c => c.Input.Trigger == CheckpointTrigger.SignificantTimePassed))
        {
            return default;
        }

        return SessionSettingsJson.Read(_session.Engine.Committed?.Head.Settings).AutomaticInterval
            ?? (await _services.Tenants.GetAsync(_address.Tenant)).AutomaticInterval
            ?? _services.Limits.AutomaticInterval;
    }
}
