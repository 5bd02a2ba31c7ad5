using System.Runtime.CompilerServices;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.History.Chain;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.Integrity;
using Forge.Portability;
using Orleans;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    private const int MaxPieceBytes = 1024 * 1024;
    private static readonly TimeSpan IdleImport = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Guid, ImportRun> _imports = [];
    private IGrainTimer? _idleImports;

    /// <inheritdoc/>
    public IAsyncEnumerable<byte[]> ExportAsync(CancellationToken cancellationToken) => ExportAsync(skipDamaged: false, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<byte[]> ExportSoundAsync(CancellationToken cancellationToken) => ExportAsync(skipDamaged: true, cancellationToken);

    private async IAsyncEnumerable<byte[]> ExportAsync(bool skipDamaged, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var slot = _services.Slots.EnterExport();
        var started = _services.Time.GetTimestamp();
        await _session.Rescue.MendHeldAsync(cancellationToken);
        var opened = await _session.Reads.OpenSnapshotAsync(_address, cancellationToken);
        if (opened is null)
        {
            await _session.RequireNotDeletedAsync(cancellationToken);
            throw new SessionNotFoundException(_address);
        }

        await using var snapshot = opened;
        var pieces = new DocumentPieces();
        var writer = new SessionDocumentWriter(pieces.Output);
        var header = DocumentRows.HeaderOf(_address, snapshot.Head, _session.Now, snapshot.Origin, snapshot.Require);
        var damagedEffects = 0L;
        SoundExport? sound = null;
        if (skipDamaged)
        {
            sound = await SoundExport.FindAsync(_address, snapshot, () => RequireInTime(started), cancellationToken);
            header = sound.Without(header);
            (var effects, damagedEffects) = await CountEffectsAsync(snapshot, cancellationToken);
            header = header with { Effects = effects, LeftOut = header.LeftOut! with { Effects = damagedEffects } };
        }

        writer.Write(header);
        await using var writes = new ExportedWrites(_address, snapshot, sound, header.Writes, cancellationToken);
        await foreach (var checkpoint in skipDamaged
            ? snapshot.ReadSoundAsync(_ => { }, cancellationToken)
            : snapshot.ReadAsync(cancellationToken))
        {
            RequireInTime(started);
            if (!await LargeStates.RunAsync(checkpoint.Row.Size, () => TryWrite(writer, sound?.Without(checkpoint) ?? checkpoint, skipDamaged)))
            {
                continue;
            }

            while (await writes.NextOfAsync(checkpoint.Row) is { } write)
            {
                RequireInTime(started);
                writer.Write(write);
                foreach (var piece in pieces.TakeFull())
                {
                    yield return piece;
                }
            }

            foreach (var piece in pieces.TakeFull())
            {
                yield return piece;
            }
        }

        writes.RequireAll();
        var written = 0L;
        await foreach (var effect in snapshot.ReadEffectsAsync(cancellationToken))
        {
            RequireInTime(started);
            if (effect.WholeProblemIn(_address) is { } problem)
            {
                if (!skipDamaged)
                {
                    throw new EffectDamagedException(_address, effect.Key, problem);
                }

                continue;
            }

            written++;
            writer.Write(DocumentRows.EffectOf(effect));
            foreach (var piece in pieces.TakeFull())
            {
                yield return piece;
            }
        }

        if (written != header.Effects)
        {
            throw new EffectDamagedException(_address, "*", $"the head row counts {header.Effects} effects, and there are {written}");
        }

        if (pieces.TakeRest() is { } rest)
        {
            yield return rest;
        }
    }

    /// <inheritdoc/>
    public async Task<ImportTicket> BeginImportAsync(CancellationToken cancellationToken)
    {
        var head = await _session.ReadHeadAsync();
        if (head?.Head.DeletedAt is not null)
        {
            throw new SessionDeletedException(_address);
        }

        await _session.RequireGrowthAsync();
        var slot = _services.Slots.EnterImport();
        try
        {
            var key = await _services.Commits.NextSessionKeyAsync(cancellationToken);
            await _services.Staging.BeginAsync(key, _session.WorkTime + _services.Retention.AbandonedImport, cancellationToken);
            var ticket = new ImportTicket(Guid.NewGuid(), _session.Now);
            _imports.Add(ticket.Id, new ImportRun(
                _address,
                key,
                head?.Head.LastSequence ?? 0,
                _session.Reads,
                _services.Effects,
                _services.Staging,
                _services.Limits.EffectLease,
                _services.Limits.ImportBytes,
                _services.Writer.BatchBytes,
                _services.Rules.ToDocument(ticket.At),
                LimitsOfNowAsync,
                _services.Time,
                _services.Slots,
                slot));

            // A caller that goes away without a word must not keep its slot.
            _idleImports ??= this.RegisterGrainTimer(EndIdleImportsAsync, new GrainTimerCreationOptions
            {
                DueTime = IdleImport / 5,
                Period = IdleImport / 5,
                Interleave = true,
            });
            return ticket;
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task AppendImportAsync(
        ImportTicket ticket, int index, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        var import = RequireImport(ticket);
        try
        {
            if (piece.Length > MaxPieceBytes)
            {
                throw new OverLimitException("piece", MaxPieceBytes, piece.Length, "bytes");
            }

            await import.AppendAsync(index, piece);
        }
        catch
        {
            await AbandonImportAsync(ticket);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<ImportResult> CompleteImportAsync(ImportTicket ticket, CancellationToken cancellationToken)
    {
        var import = RequireImport(ticket);
        try
        {
            var result = await TakeOverAsync(import, await import.EndAsync(cancellationToken), new Authority(ticket.Epoch));
            _imports.Remove(ticket.Id);
            import.Dispose();
            return result;
        }
        catch (BusyException)
        {
            // Nothing was changed, and the same call can be made again. An import that is left is ended as idle.
            throw;
        }
        catch (OutcomeUnknownException)
        {
            // The rows may be the session's by now; if they are not, the sweep finds them.
            _imports.Remove(ticket.Id);
            import.Dispose();
            throw;
        }
        catch
        {
            await AbandonImportAsync(ticket);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task AbandonImportAsync(ImportTicket ticket)
    {
        if (_imports.Remove(ticket.Id, out var import))
        {
            import.Dispose();
            await _services.Staging.DiscardAsync(import.Key, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        EndFeed();

        // What they staged is swept when its time is up.
        foreach (var import in _imports.Values)
        {
            import.Dispose();
        }

        _imports.Clear();
        _services.KnownStates.Drop(_state.State.KnownStates);
        return Task.CompletedTask;
    }

    private async Task<ImportResult> TakeOverAsync(ImportRun import, StagedCheckpoints? staged, Authority authority)
    {
        staged = staged is { Effects: { } brought } ? staged with { Effects = brought with { Work = _session.EffectWork() } } : staged;
        if (staged is null && import.EffectsAlone is { } alone)
        {
            await TakeEffectsAsync(alone with { Effects = alone.Effects with { Work = _session.EffectWork() } }, authority);
            return Result(0);
        }

        if (staged is null)
        {
            await _services.Staging.DiscardAsync(import.Key, CancellationToken.None);
            return Result(0);
        }

        using var admission = _services.Budget.Enter(_session.Load, 1, ChangeRunner.ChangeWeight);
        using var pass = await _session.Gate.EnterExclusiveAsync();
        await _session.RefreshUsageAsync();
        var duplicates = 0;
        for (var round = 0; round < ChangeRunner.MaxRounds; round++)
        {
            var retention = _session.Engine.IsNew
                ? await _session.Retention.ReadAsync(staged.Settings)
                : await _session.Retention.GetAsync();
            RequireMergeable(staged);
            RequireRoomForEffects(import.Effects);
            await RequireMetAsync(import, staged);
            Decision decision;
            try
            {
                decision = _session.Engine.Import(
                    staged, _session.Now, _session.Retention.WorkFor(retention, staged.Count), authority, workTime: _session.WorkTime);
            }
            catch (ForgeException refusal) when (refusal is SessionClaimedException or ClaimSupersededException or QuotaExceededException)
            {
                await _session.RequireCurrentAsync();
                throw;
            }

            await _session.SettleAsync(decision.Change!);
            if (decision.Verdict != Verdict.Accepted)
            {
                continue;
            }

            if (_session.RequireCommitted(decision.Change!))
            {
                return Result(staged.Count) with { Anchor = SessionEngine.AnchorOf(decision.Change!) };
            }

            // The id that is there already may have been a neighbour's in the same commit.
            if (++duplicates == 3)
            {
                throw new ImportRejectedException(
                    0, $"an id in it is in session {_address} with another sequence, or an effect in it was begun there meanwhile");
            }
        }

        throw ChangeRunner.KeepsChanging();

        ImportResult Result(long imported) => new(imported, import.Skipped) { Early = imported == 0 ? 0 : import.Early, Effects = import.Effects };
    }

    /// <summary>What a checkpoint is held to that no silo has taken before.</summary>
    private async ValueTask<Action<StoredCheckpoint>> LimitsOfNowAsync()
    {
        var tenant = await _services.Tenants.GetAsync(_address.Tenant);
        return row => _services.Rules.RequireNew(row.Message, row.Tags, row.Size, tenant.MaxStateBytes);
    }

    /// <summary>False for a damaged checkpoint that is to be left out.</summary>
    private bool TryWrite(SessionDocumentWriter writer, AnnotatedCheckpoint checkpoint, bool skipDamaged)
    {
        try
        {
            writer.Write(DocumentRows.CheckpointOf(_address, checkpoint));
            return true;
        }
        catch (StateCorruptedException) when (skipDamaged)
        {
            return false;
        }
    }

    /// <summary>A caller that reads slowly must not hold the snapshot, and what the database keeps for it, for ever.</summary>
    private void RequireInTime(long started)
    {
        var (limit, elapsed) = (_services.Limits.ExportDuration, _services.Time.GetElapsedTime(started));
        if (elapsed > limit)
        {
            throw new OverLimitException("export", (long)limit.TotalSeconds, (long)Math.Ceiling(elapsed.TotalSeconds), "seconds");
        }
    }

    private ImportRun RequireImport(ImportTicket ticket) => _imports.TryGetValue(ticket.Id, out var import)
        ? import
        : throw new ImportRejectedException(0, "it is not under way; it ended, was refused, or its silo went away: begin again");

    private async Task EndIdleImportsAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, import) in _imports.ToArray())
        {
            if (import.Idle > IdleImport)
            {
                await AbandonImportAsync(new ImportTicket(id, default));
            }
        }

        if (_imports.Count == 0)
        {
            _idleImports?.Dispose();
            _idleImports = null;
        }
    }
}
