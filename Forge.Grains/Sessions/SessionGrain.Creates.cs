using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.Identity;
using Forge.Tenants;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public Task<CreateResult> CreateAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        if (checkpoint is not null)
        {
            _session.Bases.Hash(checkpoint.State);
        }

        return CreateOneAsync(checkpoint!);
    }

    /// <inheritdoc/>
    public async Task<CreateResult> CreateByDifferenceAsync(
        NewCheckpoint checkpoint, StateDifference difference, CancellationToken cancellationToken)
    {
        if (checkpoint is null)
        {
            throw new InvalidRequestException("checkpoint", "must be given");
        }

        var whole = await _session.Bases.ToWholeAsync(difference, checkpoint.State);
        var result = await CreateOneAsync(checkpoint with { State = whole.Memory }, difference.Checksum);

        // Nobody reads it any more once the create is done. When it failed, that is not known, and the garbage collector takes it.
        whole.LetGo();
        return result;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CreateResult>> CreateBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        _services.Instruments.IsListened
            ? MeasureBatchAsync(checkpoints)
            : CreateAllAsync(checkpoints, isBatch: true, static results => results);

    // A create that nobody measures allocates nothing for it: what a lambda takes along is made where its method begins.
    private Task<CreateResult> CreateOneAsync(NewCheckpoint checkpoint, ReadOnlyMemory<byte> checksum = default) => _services.Instruments.IsListened
        ? MeasureOneAsync(checkpoint, checksum)
        : CreateAllAsync([checkpoint], isBatch: false, static results => results[0], checksum);

    private Task<CreateResult> MeasureOneAsync(NewCheckpoint checkpoint, ReadOnlyMemory<byte> checksum) => _services.Instruments.RunAsync(
        "createCheckpoint", _address, () => CreateAllAsync([checkpoint], isBatch: false, static results => results[0], checksum));

    private Task<IReadOnlyList<CreateResult>> MeasureBatchAsync(IReadOnlyList<NewCheckpoint> checkpoints) => _services.Instruments.RunAsync(
        "createCheckpoints", _address, () => CreateAllAsync(checkpoints, isBatch: true, static results => results));

    private Task<T> CreateAllAsync<T>(
        IReadOnlyList<NewCheckpoint> checkpoints,
        bool isBatch,
        Func<IReadOnlyList<CreateResult>, T> answer,
        ReadOnlyMemory<byte> checksum = default) =>
        checkpoints is [{ Anchor: { } anchor }, ..] && !_session.Anchors.Has(anchor)
            ? CreateAnchoredAsync(anchor, checkpoints, isBatch, answer, checksum)
            : CreateConfirmedAsync(checkpoints, isBatch, answer, checksum);

    // Every create comes this way: what it allocates and awaits is a good part of what one costs.
    private Task<T> CreateConfirmedAsync<T>(
        IReadOnlyList<NewCheckpoint> checkpoints,
        bool isBatch,
        Func<IReadOnlyList<CreateResult>, T> answer,
        ReadOnlyMemory<byte> checksum)
    {
        var (commands, overLimit) = _services.Rules.Check(
            MayBeRepeats(checkpoints), rules => ToCommands(rules, checkpoints!, isBatch));
        if (!checksum.IsEmpty && !checksum.Span.SequenceEqual(commands[0].Checksum))
        {
            throw new StateMismatchException(
                _address, Convert.ToHexStringLower(checksum.Span), Convert.ToHexStringLower(commands[0].Checksum));
        }

        var (authority, ids, areFirst, weight) = (new Authority(commands[0].Input.Epoch), new Guid[commands.Count], true, 0L);
        for (var i = 0; i < commands.Count; i++)
        {
            ids[i] = commands[i].Id.Value;
            areFirst &= commands[i].Input.FirstAttempt;
            weight += SessionEngine.WeightOf(commands[i]);
        }

        var repeats = new Repeats<T>(
            _session, ids, areFirst, async earlier => new Recalled<T>(true, answer(await RecallAsync(commands, earlier))));
        return ChangeRunner.RunAdmittedAsync(
            _session,
            commands.Count,
            weight,
            repeats,
            authority,
            () => overLimit is null ? DecideAsync(commands, repeats, authority, answer) : throw overLimit);
    }

    private static bool MayBeRepeats(IReadOnlyList<NewCheckpoint>? checkpoints)
    {
        for (var i = 0; i < checkpoints?.Count; i++)
        {
            if (checkpoints[i] is { FirstAttempt: false } given && (!given.Id.IsEmpty || given.IdempotencyKey is not null))
            {
                return true;
            }
        }

        return false;
    }

    private List<CreateCommand> ToCommands(SessionRules rules, IReadOnlyList<NewCheckpoint> checkpoints, bool isBatch)
    {
        rules.RequireBatch(checkpoints);
        var (commands, trace) = (new List<CreateCommand>(checkpoints.Count), CallTrace.OfThisCall());
        foreach (var checkpoint in checkpoints)
        {
            try
            {
                var command = rules.ToCommand(
                    _address, checkpoint, stateBytes: null, () => CheckpointId.Create(_session.Now), isBatch ? commands.Count : null);
                commands.Add(trace is null ? command : command with { Trace = trace });
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

        if (commands.Count > 1)
        {
            RequireOneKind(commands);
            NoteParentLines(commands);
        }

        return commands;

        string Path() => isBatch ? $"checkpoints[{commands.Count}]." : "";
    }

    /// <summary>Checks what the creates of a batch must have alike.</summary>
    private static void RequireOneKind(List<CreateCommand> commands)
    {
        if (commands.Exists(c => c.Input.Trigger == CheckpointTrigger.SignificantTimePassed))
        {
            throw new InvalidRequestException("trigger", "must not be significantTimePassed in a batch: it would be throttled");
        }

        if (commands.Exists(c => c.Input.Epoch != commands[0].Input.Epoch))
        {
            throw new InvalidRequestException("epoch", "must be the same for all creates of a batch");
        }
    }

    /// <summary>Finds the lines of a batch that others behind them name as their parents, as what they require, or for their writes.</summary>
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

            if (commands[i].Input.WritesUnder is { Id: { IsEmpty: false } under } && lines.TryGetValue(under, out var written))
            {
                commands[i] = commands[i] with { WritesLine = written };
            }

            if (commands[i].Requires is { } requires)
            {
                commands[i] = commands[i] with { Requires = [.. requires.Select(OfLine)] };
            }

            if (!lines.TryAdd(commands[i].Id, i))
            {
                throw new InvalidRequestException("id", "must not come twice in a batch");
            }
        }

        RequiredReference OfLine(RequiredReference required) => !required.Reference.Id.IsEmpty && lines.TryGetValue(required.Reference.Id, out var line)
            ? required with { Line = line }
            : required;
    }

    private async ValueTask<Step<T>> DecideAsync<T>(
        List<CreateCommand> commands, Repeats<T> repeats, Authority authority, Func<IReadOnlyList<CreateResult>, T> answer)
    {
        var tenant = await _services.Tenants.GetAsync(_address.Tenant);
        foreach (var command in commands)
        {
            _services.Rules.RequireState(command.Input.State.Length, tenant.MaxStateBytes);
        }

        var retention = await _session.Retention.GetAsync();
        var named = await ReadNamedAsync(commands);

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
                commands, ParentsOf(commands, named), now, interval, _session.Retention.WorkFor(retention, commands.Count), authority, named,
                _services.Limits.Writes);
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
                return Step<T>.Nothing(answer([new CreateResult(CreateOutcome.NotTaken, null)]));
            case Verdict.Accepted:
                var change = decision.Change!;
                _session.Retention.Note(change);
                return new(decision, () => answer(Created(commands, change)))
                {
                    Settled = () => _session.Retention.Settle(change),
                };
            default:
                return new(decision);
        }
    }

    private static List<CreateResult> Created(List<CreateCommand> commands, PendingChange change)
    {
        var results = new List<CreateResult>(commands.Count);
        for (var i = 0; i < change.Changes.Count; i++)
        {
            if (change.Changes[i] is Created { Row: var row })
            {
                var result = new CreateResult(CreateOutcome.Created, row.ToSummary());
                results.Add(commands[results.Count].Writes is null ? result : result with { Writes = OutcomesOf(row.Id, change) });
            }
        }

        return results;
    }

    private static IReadOnlyList<WriteOutcome>? OutcomesOf(CheckpointId checkpoint, PendingChange change)
    {
        var id = CreateWrites.IdOf(checkpoint);
        return change.Changes.OfType<Remembered>().FirstOrDefault(c => c.Request.Id == id) is { Request: var request }
            ? WriteOutcomes.Read(RequestMemory.AnswerOf<string>(request))
            : null;
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
            if (command.DifferenceFrom(first, firsts) is { } difference)
            {
                throw new RequestConflictException(_address, command.Id.Value, difference);
            }

            firsts.Add(first);
            results.Add(new CreateResult(CreateOutcome.Repeated, command.AnswerOf(first)));
        }

        return results;
    }

    /// <summary>
    /// What creates name as their parents and as what they require and the engine does not know of itself, by one read; null if there is
    /// nothing.
    /// </summary>
    private async ValueTask<NamedCheckpoints?> ReadNamedAsync(List<CreateCommand> commands)
    {
        HashSet<CheckpointReference>? wanted = null;
        foreach (var command in commands)
        {
            if (_session.Engine.NeedsParent(command))
            {
                (wanted ??= []).Add(command.Input.Parent!.Value);
            }

            if (command.Requires is not null)
            {
                (wanted ??= []).UnionWith(command.Requires.Where(_session.Engine.NeedsRequired).Select(required => required.Reference));
            }

            if (_session.Engine.NeedsWritten(command))
            {
                (wanted ??= []).Add(command.Input.WritesUnder!.Value);
            }
        }

        if (wanted is null or { Count: 0 })
        {
            return null;
        }

        var known = _session.Engine.CommittedVersion;
        var read = await ReadAsync([.. wanted]);
        _session.RequireNotOvertaken(read.Version, known);
        return new NamedCheckpoints(read.Version, wanted, read.Value);
    }

    private static Versioned<StoredCheckpoint?>?[] ParentsOf(List<CreateCommand> commands, NamedCheckpoints? named)
    {
        var parents = new Versioned<StoredCheckpoint?>?[commands.Count];
        for (var i = 0; named is not null && i < parents.Length; i++)
        {
            parents[i] = commands[i].Input.Parent is { } parent ? named.Of(parent) : null;
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
