using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>What a compaction would do at this instant.</summary>
    /// <param name="Result">The counts.</param>
    /// <param name="Removals">The ranges that go, rising.</param>
    /// <param name="Trunks">Ranges in which each survivor has a child that goes or went, rising.</param>
    /// <param name="RemovedBytes">The bytes as saved that go.</param>
    public sealed record CompactionPlan(
        CompactResult Result, IReadOnlyList<SequenceRange> Removals, IReadOnlyList<SequenceRange> Trunks, long RemovedBytes)
    {
        /// <summary>About the bytes of the changes that it comes to, whose event tells each range in digits.</summary>
        public long Weight => 256L * (Removals.Count + Trunks.Count);

        /// <summary>The sequence of the newest checkpoint that it knows of.</summary>
        public long LastSequence { get; init; }

        /// <summary>How many stay of each branch but main.</summary>
        public BranchCounts KeptOf { get; init; } = new();

        /// <summary>The time from which the oldest survivor counts that stays for its age and has none of the tags; null for none.</summary>
        public DateTimeOffset? Ageing { get; init; }

        /// <summary>True if a survivor stays for where it stands alone, and may go for the next create.</summary>
        public bool HasPlaced { get; init; }
    }

    /// <summary>
    /// Says that a survey is about to be read: until it is planned on or given up, the engine remembers every create that
    /// the survey may not have seen.
    /// </summary>
    public void BeginSurvey() => _surveyedFrom = _committed?.Head.LastSequence ?? 0;

    /// <summary>Ends what <see cref="BeginSurvey"/> began.</summary>
    public void EndSurvey() => _surveyedFrom = null;

    /// <summary>
    /// Fits a survey to this instant. Since the survey was read there were creates and nothing else (the grain sees to that);
    /// null if the engine no longer knows them, they are too many or require what would go, and the survey must be read again.
    /// </summary>
    public CompactionPlan? PlanCompaction(Versioned<CompactionSurvey> surveyed, RetentionPolicy policy, DateTimeOffset now)
    {
        RequireAlive();
        var survey = surveyed.Value;
        if (_projected is not { Head: var head })
        {
            return new CompactionPlan(new CompactResult(0, 0, 0), [], [], 0);
        }

        var added = head.LastSequence == survey.LastSequence ? [] : _tail.After(survey.LastSequence);
        if (added is null || added.Count != head.LastSequence - survey.LastSequence)
        {
            return null;
        }

        var surveyor = new Surveyor(policy, now, _projected.Heads, _projected.Currents);
        foreach (var c in added.Reverse())
        {
            var tagged = policy.KeepTags is { } tags && c.Tags.Any(tag => tags.Contains(tag, StringComparer.Ordinal));
            surveyor.Add(new Surveyed(c.Sequence, c.Parent, c.Size, c.StoredSize, c.CreatedAt, c.Trunk, tagged, c.Branch, c.Requires));
        }

        if (!surveyor.TryAdd(survey))
        {
            return null;
        }

        var all = surveyor.Finish(head.LastSequence);
        var (kept, gone) = (all.Kept, all.Visible - all.Kept);
        return new CompactionPlan(new CompactResult(gone.Count, kept.Count, gone.StoredBytes), all.Removals, all.Trunks, gone.Bytes)
        {
            LastSequence = head.LastSequence,
            KeptOf = all.KeptOf,
            Ageing = all.Ageing,
            HasPlaced = all.Placed.Count > 0 || all.SettledRank is not null,
        };
    }

    /// <summary>Lets a plan take effect. Must follow <see cref="PlanCompaction"/> with no command between.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="due">When the work of removing the rows is due: now, by the clock of due work.</param>
    /// <param name="remember">Is told the answer, and answers the request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    public Decision Compact(
        CompactionPlan plan,
        DateTimeOffset now,
        DateTimeOffset due,
        Func<CompactResult, RememberedRequest?> remember,
        Authority authority = default)
    {
        RequireAlive();
        if (CheckClaim(authority) is { } refused)
        {
            return refused;
        }

        var before = _projected!;
        before = before.With(before.Writes.Without(plan.Removals));
        var after = before with
        {
            Head = before.Head with
            {
                Count = plan.Result.Remaining,
                Bytes = before.Head.Bytes - plan.RemovedBytes,
                LastPosition = before.Head.LastPosition + 1,
            },
        };
        List<SessionChange> moves = [];
        foreach (var (branch, line) in before.Branches.Where(b => plan.KeptOf.Of(b.Key) != b.Value.Count))
        {
            // Its head stays, so that it does too.
            after = after.With(branch, line with { Count = plan.KeptOf.Of(branch) });
            moves.Add(after.LineOf(branch).Moves(_address, branch));
        }

        (after, var happened) = Link(SessionEventKind.Compacted, 0, after, now, new EventDetail
        {
            Deleted = plan.Result.Deleted,
            Remaining = plan.Result.Remaining,
            Ranges = EventDetail.Tell(plan.Removals),
            TrunkRanges = EventDetail.Tell(plan.Trunks),
        });
        var request = remember(plan.Result with { Anchor = AnchorOf(happened) });
        return Accept(new PendingChange
        {
            After = after,
            Changes =
            [
                .. plan.Removals.Select(r => new RangeRemoved(r)),
                .. plan.Trunks.Select(t => new TrunksMarked(t)),
                .. moves,
                new Logged(happened),
                .. Remember(request),
                new Due(DueWorkKind.Reclaim, due.ToMicroseconds()),
            ],
        });
    }

    /// <summary>
    /// Takes over staged checkpoints, which all come after what the session has.
    /// </summary>
    /// <param name="staged">What was staged.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="remember">Is told the anchor that it makes, and answers the request to remember; null for none.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    /// <exception cref="ImportRejectedException">
    /// The session meanwhile gave one of the sequences to another checkpoint, or has one that was created later.
    /// </exception>
    public Decision Import(
        StagedCheckpoints staged,
        DateTimeOffset now,
        Due? work = null,
        Authority authority = default,
        Func<Anchor, RememberedRequest?>? remember = null,
        DateTimeOffset? workTime = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } refused)
        {
            return refused;
        }

        var isNew = _projected is null;
        var before = ProjectedOrNew(staged.SessionCreatedAt ?? now);
        RequireAfter(_committed, staged);
        if (before.Head.LastSequence >= staged.FirstSequence || before.Head.LastCreatedAt > staged.FirstCreatedAt)
        {
            return Decision.WaitFor(NewestPending!);
        }

        // Whoever had claimed the exported session is superseded here too. It says nothing of a claim that somebody has here.
        var raised = before.Head.ClaimOwner is null && staged.ClaimEpoch > (before.Head.ClaimEpoch ?? 0) ? staged.ClaimEpoch : null;
        var (after, moved) = staged.StandIn(before);
        if (IsOfTooManyBranches(after, before))
        {
            return _committed is { } committed && !IsOfTooManyBranches(staged.StandIn(committed).After, committed)
                ? Decision.WaitFor(NewestPending!)
                : throw new ImportRejectedException(0, $"the session would have {after.Branches.Count + 1} branches, more than any limit allows");
        }

        if (HasTooManyWrites(before, staged))
        {
            return _committed is { } there && !HasTooManyWrites(there, staged)
                ? Decision.WaitFor(NewestPending!)
                : throw new ImportRejectedException(
                    0, $"the session would have {before.Writes.Count + staged.Writes.Count} pending writes, more than any limit allows");
        }

        if (isNew)
        {
            _key = staged.Key;
        }

        after = after with
        {
            Head = after.Head with
            {
                LastSequence = Math.Max(staged.LastSequence, staged.Last.Sequence),

                // What is imported has the next positions, its annotations keep theirs, and the session's own go on after both.
                LastPosition = Math.Max(before.Head.LastPosition + staged.Count, staged.LastPosition) + 1,
                LastCreatedAt = staged.LastCreatedAt,
                Count = before.Head.Count + staged.Count,
                Bytes = before.Head.Bytes + staged.Bytes,
                Settings = isNew ? staged.Settings : before.Head.Settings,
                ClaimEpoch = raised ?? before.Head.ClaimEpoch,
            },
        };

        after = after.With(before.Writes.With(staged.Writes));
        after = BeginSchedule(after, isNew ? null : after.Head.Settings, from: now, now, workTime, out var remind);
        if (!isNew && ScheduleOf(after.Head.Settings) is not null)
        {
            // It answers what was due as a create does, though the times that it brings may be long ago.
            after = after with { Head = after.Head with { DueState = new DueState(now.ToMicroseconds(), Open: null).ToJson() } };
        }

        (after, var happened) = Link(SessionEventKind.Imported, 0, after, now, new EventDetail
        {
            First = staged.FirstSequence,
            Last = staged.Last.Sequence,
            Count = staged.Count,
            Position = before.Head.LastPosition + 1,
            Document = staged.DocumentChain is { } document ? Convert.ToHexStringLower(document) : null,
            Links = Convert.ToHexStringLower(staged.Links),
            Before = Convert.ToHexStringLower(ChainOf(before.Head)),
            Epoch = raised,
        });

        List<SessionChange> changes =
        [
            new TookOver(staged.Key, before.Head.LastPosition, staged.Require, staged.Writes.Count > 0)
            {
                HasEffects = staged.Effects is not null,
            },
        ];
        Move(changes, after, moved);
        changes.Add(new Logged(happened));
        if (staged.Effects is { } effects)
        {
            after = BringEffects(after, effects, now, changes, out happened);
        }

        if (isNew && staged.Origin is { } origin)
        {
            after = BeginFrom(origin, after, now, changes, out happened);
        }

        if (isNew)
        {
            changes.Add(new Labelled(StoredLabel.Of(staged.Settings)));
        }

        changes.AddRange([.. Remember(remember?.Invoke(AnchorOf(happened))), .. Note(work), .. Note(remind)]);

        // What the tail holds is no longer the newest.
        _tail.Clear();
        return Accept(new PendingChange
        {
            After = after,
            Changes = changes,
            HeadWeight = isNew ? SessionChange.WeightOf(staged.Settings) : 0,
            BroughtAt = staged.LastCreatedAt,
        });
    }

    /// <summary>True if an import makes more branches than any limit allows.</summary>
    private static bool IsOfTooManyBranches(HeadRead after, HeadRead before) =>
        after.Branches.Count > Math.Max(before.Branches.Count, LimitsOptions.Widest.Branches - 1);

    private static bool HasTooManyWrites(HeadRead before, StagedCheckpoints staged) =>
        staged.Writes.Count > 0 && before.Writes.Count + staged.Writes.Count > LimitsOptions.Widest.Writes;

    /// <summary>
    /// Refuses what can't come after the committed checkpoints: it never will, whatever becomes of what is pending.
    /// </summary>
    private static void RequireAfter(HeadRead? committed, StagedCheckpoints staged)
    {
        if (committed?.Head.LastSequence >= staged.FirstSequence)
        {
            throw new ImportRejectedException(0, $"sequence {staged.FirstSequence} was given to another checkpoint meanwhile");
        }

        if (committed?.Head.LastCreatedAt > staged.FirstCreatedAt)
        {
            throw new ImportRejectedException(
                0, $"checkpoint {staged.FirstSequence} was created before the newest one of the session");
        }
    }
}
