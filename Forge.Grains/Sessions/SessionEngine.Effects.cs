using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>No effect has it: what stands under it is pending for all of them.</summary>
    private const string AllEffects = "";

    /// <summary>The newest version in which effects of the session were seen to change; 0 for none.</summary>
    public long NewestEffectChange => _effectChanges.Newest;

    /// <summary>How many effects there are once all that is pending is committed.</summary>
    public long ProjectedEffects => ProjectedHead?.EffectCount ?? 0;

    /// <summary>
    /// Begins a run of an effect, if what is known of it allows that; else the decision is that nothing was taken. Makes the session if it
    /// does not exist.
    /// </summary>
    /// <param name="read">The effect as it was read; null for none.</param>
    /// <param name="begin">What was asked for, checked.</param>
    /// <param name="most">How many effects the session may have.</param>
    /// <param name="now">The time, which leases are counted from and by.</param>
    /// <param name="remember">Is told the row, and answers the request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <exception cref="EffectConflictException">The key was begun with another request or class.</exception>
    /// <exception cref="OverLimitException">There are too many effects.</exception>
    public Decision BeginEffect(
        Versioned<StoredEffect?> read,
        BeginCommand begin,
        int most,
        DateTimeOffset now,
        Func<StoredEffect, RememberedRequest?> remember,
        Authority authority,
        Due? work = null)
    {
        if ((CheckEffect(begin.Key, read.Version) ?? CheckClaim(authority)) is { } notYet)
        {
            return notYet;
        }

        var (row, at) = (read.Value, now.ToMicroseconds());
        if (row is not null)
        {
            begin.RequireSame(_address, row);
            if (!EffectRules.MayBegin(row, now))
            {
                return new Decision(Verdict.NotTaken);
            }
        }
        else if (ProjectedEffects >= most)
        {
            return (_committed?.Head.EffectCount ?? 0) < most
                ? Decision.WaitFor(NewestPending!)
                : throw new OverLimitException("effects", most, ProjectedEffects + 1, "effects");
        }

        var before = ProjectedOrNew(now);
        var next = begin.ToRow(row, _address, before.Head, at, IsFirstOfItsKey(before.Head, now));
        var after = row is not null ? before : before with
        {
            Head = before.Head with
            {
                EffectCount = (before.Head.EffectCount ?? 0) + 1,
                TokenCount = next.IsToken ? (before.Head.TokenCount ?? 0) + 1 : before.Head.TokenCount,
            },
        };
        return SetEffect(
            SessionEventKind.EffectBegun,
            after,
            next,
            now,
            EffectDetail.Of(next, next.Epoch) with { Request = Convert.ToHexStringLower(next.Request) },
            remember,
            work,
            begins: true);
    }

    /// <summary>
    /// Records what whoever ran an effect says of its run. If it cannot be taken any more, or another run said that it was done where this
    /// one failed, it is kept as evidence, unless it is known already.
    /// </summary>
    /// <param name="read">The effect as it was read.</param>
    /// <param name="outcome">What is said, and of which run.</param>
    /// <param name="now">The time.</param>
    /// <param name="remember">Is told the row, and answers the request to remember; null for none.</param>
    /// <param name="work">Work to note if it is taken; null for none.</param>
    /// <param name="taken">True if it was, or is known already; false if it is refused.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    public Decision SettleEffect(
        Versioned<StoredEffect> read,
        EffectOutcome outcome,
        DateTimeOffset now,
        Func<StoredEffect, RememberedRequest?> remember,
        Due? work,
        out bool taken,
        DateTimeOffset? workTime = null)
    {
        taken = false;
        var row = read.Value;
        if (CheckEffect(row.Key, read.Version) is { } notYet)
        {
            return notYet;
        }

        var (isOwn, evidence) = (outcome.Epoch == row.Epoch, EffectEvidenceText.Read(row.Evidence));
        taken = isOwn && (EffectRules.IsOpen(row) ? !EffectRules.IsContradicted(evidence, outcome) : outcome.IsSaidBy(row));
        var (before, at) = (_projected!, now.ToMicroseconds());
        if (taken)
        {
            if (!EffectRules.IsOpen(row))
            {
                return new Decision(Verdict.NotTaken);
            }

            var (settled, isDone) = (outcome.Settle(row, at), outcome.Verdict == EffectVerdict.Completed);
            before = OpenFor(before, isDone ? CheckpointTrigger.ToolCall : CheckpointTrigger.Error, now, workTime ?? now, out var remind);
            return SetEffect(
                isDone ? SessionEventKind.EffectCompleted : SessionEventKind.EffectFailed,
                before, settled, now, outcome.Tell(settled), remember, work, remind: remind);
        }

        if (row.IsToken || EffectRules.Has(evidence, outcome))
        {
            return new Decision(Verdict.NotTaken);
        }

        var kept = EffectRules.Keep(row, evidence, outcome, at);
        return SetEffect(SessionEventKind.EffectRefused, before, kept, now, outcome.Tell(kept), remember, work: null);
    }

    /// <summary>Lets the lease of a run begin anew.</summary>
    /// <param name="read">The effect as it was read.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="renewed">The effect then.</param>
    public Decision RenewEffect(Versioned<StoredEffect> read, DateTimeOffset until, Authority authority, out StoredEffect renewed)
    {
        renewed = (read.Value with { Until = until.ToMicroseconds() }).SealedIn(_address);
        return (CheckEffect(read.Value.Key, read.Version) ?? CheckClaim(authority)) is { } notYet
            ? notYet
            : Accept(new PendingChange { After = _projected!, Changes = [new EffectSet(renewed, Begins: false)] });
    }

    /// <summary>Records what somebody found out of a run, which must be the newest and resolvable.</summary>
    /// <param name="read">The effect as it was read.</param>
    /// <param name="verdict">What was found out.</param>
    /// <param name="now">The time.</param>
    /// <param name="remember">Is told the row, and answers the request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    public Decision ResolveEffect(
        Versioned<StoredEffect> read,
        EffectOutcome verdict,
        DateTimeOffset now,
        Func<StoredEffect, RememberedRequest?> remember,
        Authority authority,
        Due? work)
    {
        if ((CheckEffect(read.Value.Key, read.Version) ?? CheckClaim(authority)) is { } notYet)
        {
            return notYet;
        }

        var resolved = verdict.Resolve(read.Value, now.ToMicroseconds());
        return SetEffect(SessionEventKind.EffectResolved, _projected!, resolved, now, verdict.Tell(resolved), remember, work);
    }

    /// <summary>Removes settled effects that have the age for it; the decision is to read again if one of them may have changed since.</summary>
    /// <param name="read">Their keys, and the version that they were read in.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    public Decision RemoveEffects(Versioned<IReadOnlyList<string>> read, Due? work)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        foreach (var key in read.Value)
        {
            if (CheckEffect(key, read.Version) is { } notYet)
            {
                return notYet;
            }
        }

        var before = _projected!;
        return Accept(new PendingChange
        {
            After = before with { Head = before.Head with { EffectCount = before.Head.EffectCount - read.Value.Count } },
            Changes = [new EffectsRemoved(read.Value), .. Note(work)],
        });
    }

    /// <summary>
    /// Null if what was read of all effects still holds, whatever is pending: nothing of them is, and none was changed since.
    /// </summary>
    public Decision? CheckEffects(long version) =>
        _pendingEffects.Count > 0 ? Decision.WaitFor(NewestPending!)
        : _effectChanges.Newest > version ? new Decision(Verdict.Reread)
        : null;

    /// <summary>The effects of a session with what comes along, and the event that tells of it.</summary>
    /// <param name="before">The session without it.</param>
    /// <param name="brought">What comes along.</param>
    /// <param name="now">The time.</param>
    /// <param name="changes">Takes the event.</param>
    /// <param name="happened">The event.</param>
    private HeadRead BringEffects(HeadRead before, StagedEffects brought, DateTimeOffset now, List<SessionChange> changes, out SessionEvent happened)
    {
        var head = before.Head;
        (var after, happened) = Link(
            SessionEventKind.EffectsImported,
            0,
            NextPosition(before with
            {
                Head = head with
                {
                    EffectCount = (head.EffectCount ?? 0) + brought.Count,
                    TokenCount = brought.Tokens == 0 ? head.TokenCount : (head.TokenCount ?? 0) + brought.Tokens,
                },
            }),
            now,
            new EventDetail { Effects = brought.Count, EffectsDigest = Convert.ToHexStringLower(brought.Digest) });
        changes.AddRange([new Logged(happened), .. Note(brought.Work)]);
        return after;
    }

    /// <summary>Takes over staged effects without a checkpoint, of which the session has none under their keys.</summary>
    /// <param name="staged">What was staged, and what the session is to be if it is new.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    public Decision ImportEffects(StagedEffectsAlone staged, DateTimeOffset now, Authority authority, DateTimeOffset? workTime = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if ((CheckClaim(authority) ?? CheckEffects(CommittedVersion)) is { } notYet)
        {
            return notYet;
        }

        var isNew = _projected is null;
        var before = ProjectedOrNew(staged.SessionCreatedAt);
        if (isNew)
        {
            _key = staged.Key;
        }

        var head = before.Head with
        {
            // Numbers go on behind those that the effects came behind, so that what is created from now on comes after them.
            LastSequence = Math.Max(before.Head.LastSequence, staged.LastSequence),
            Settings = isNew ? staged.Settings : before.Head.Settings,
        };
        List<SessionChange> changes = [new TookOver(staged.Key, before.Head.LastPosition) { HasEffects = true }];
        var after = BeginSchedule(
            before with { Head = head }, isNew ? null : head.Settings, from: now, now, workTime, out var remind);
        after = BringEffects(after, staged.Effects, now, changes, out var happened);
        if (isNew && staged.Origin is { } origin)
        {
            after = BeginFrom(origin, after, now, changes, out happened);
        }

        if (isNew)
        {
            changes.Add(new Labelled(StoredLabel.Of(staged.Settings)));
        }

        changes.AddRange(Note(remind));
        return Accept(new PendingChange { After = after, Changes = changes, HeadWeight = SessionChange.WeightOf(after.Head.Settings) });
    }

    /// <summary>
    /// True if an effect that is not there never was: in the session's first life, as long as none can have gone by its age, which is at
    /// least the time that requests are remembered.
    /// </summary>
    private bool IsFirstOfItsKey(SessionHead head, DateTimeOffset now) => head.Incarnation == 1 && now - head.CreatedAt < _requestWindow;

    private Decision? CheckEffect(string key, long version)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : _pendingEffects.TryGetValue(key, out var same) || _pendingEffects.TryGetValue(AllEffects, out same) ? Decision.WaitFor(same)
            : _effectChanges.MayBeSince(key, version) ? new Decision(Verdict.Reread)
            : null;
    }

    private Decision SetEffect(
        SessionEventKind kind,
        HeadRead before,
        StoredEffect row,
        DateTimeOffset now,
        EffectDetail told,
        Func<StoredEffect, RememberedRequest?> remember,
        Due? work,
        bool begins = false,
        Due? remind = null)
    {
        var (after, happened) = Link(kind, 0, NextPosition(before), now, new EventDetail { Effect = told });
        row = (row with { Position = happened.Position }).SealedIn(_address);
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new EffectSet(row, begins), new Logged(happened), .. Remember(remember(row)), .. Note(work), .. Note(remind)],
        });
    }

    private void NotePendingEffects(PendingChange change, SessionChange part)
    {
        foreach (var key in KeysOf(part))
        {
            _pendingEffects[key] = change;
        }
    }

    private void SettleEffects(SessionChange part)
    {
        foreach (var key in KeysOf(part))
        {
            _pendingEffects.Remove(key);
        }
    }

    private void NoteTaken(TookOver took, long version)
    {
        if (took.Require)
        {
            _requiredLately.AddMany(version);
        }

        if (took.HasEffects)
        {
            _effectChanges.AddMany(version);
        }
    }

    private static IReadOnlyList<string> KeysOf(SessionChange part) => part switch
    {
        EffectSet { Row.Key: var key } => [key],
        EffectsRemoved { Keys: var keys } => keys,
        _ => [AllEffects],
    };
}
