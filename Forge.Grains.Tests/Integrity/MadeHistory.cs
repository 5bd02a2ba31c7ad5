using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Claims;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Integrity;

/// <summary>Makes a session in a store by a seeded stream of all changes that there are, as the grain would.</summary>
internal sealed partial class MadeHistory(IHistoryStore store, SessionAddress address, int seed)
{
    private readonly Random _random = new(seed);
    private readonly DocumentEncoder _encoder = new();
    private SessionEngine _engine = new(address, null, TimeSpan.FromHours(1), 100);
    private DateTimeOffset _now = HistoryRows.Start;
    private byte[] _state = [];
    private Versioned<CheckpointPointer?>? _ancestor;
    private Versioned<CheckpointPointer?>? _below;
    private Requirers _requirers = Requirers.None;

    public SessionAddress Address => address;

    /// <summary>The anchor after each commit, oldest first.</summary>
    public List<Anchor> Anchors { get; } = [];

    public SessionHead Head => _engine.Committed!.Head;

    /// <summary>The right of who has the session.</summary>
    private Authority Right => new(_engine.Committed?.Head is { ClaimOwner: not null } head ? head.ClaimEpoch : null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task MakeAsync(int steps)
    {
        if (_random.Next(4) == 0)
        {
            await ImportAsync();
        }

        await CreateAsync();
        for (var i = 0; i < steps; i++)
        {
            _now += TimeSpan.FromSeconds(_random.Next(1, 100));
            switch (_random.Next(17))
            {
                case <= 4:
                    await CreateAsync();
                    break;
                case 5:
                    await ChangeAsync(row => _engine.Delete(row, _ancestor, _below, _now, _now, null, Right, _requirers), mustBeFree: true);
                    break;
                case 6:
                    await ChangeAsync(row => _engine.Restore(row, AnyBranch(), _now, (_, _, _) => null, Right));
                    break;
                case 7:
                    await ChangeAsync(row => _engine.Annotate(
                        row, (AnnotationSeverity)_random.Next(3), $"note {_random.Next(100)}", _now, _ => null, Right));
                    break;
                case 8:
                    await ChangeAsync(row => _engine.SetTags(row, Tags(), _now, null, authority: Right));
                    break;
                case 9:
                    await CompactAsync();
                    break;
                case 10:
                    await SweepAsync(_random.Next(1, 5));
                    break;
                case 11:
                    await store.Upkeep.TrimEventsAsync(Head.Key, 0, _random.Next(4), _now, _now, _random.Next(1, 50), Cancel);
                    break;
                case 12:
                    await ClaimAsync();
                    break;
                case 13 or 14:
                    await ChangeEffectAsync();
                    break;
                case 15:
                    await RemindAsync();
                    break;
                default:
                    if (_random.Next(4) == 0)
                    {
                        await ImportAsync();
                    }

                    break;
            }
        }
    }

    /// <summary>Does all reclaiming that is due.</summary>
    public async Task SweepAsync(int limit)
    {
        while (await store.Upkeep.ClaimDueWorkAsync("test", DateTimeOffset.MaxValue.AddYears(-1), TimeSpan.Zero, Cancel) is { } work)
        {
            if (work.Kind == DueWorkKind.Remind)
            {
                await store.Upkeep.FinishWorkAsync(work, null, _now, Cancel);
                continue;
            }

            var steps = 0;
            while (!await store.Upkeep.DoWorkAsync(work, limit, HistoryRows.Start.AddYears(1), Cancel))
            {
                Assert.True(++steps < 1000, "the work does not end");
            }
        }
    }

    public async Task<VerifyResult> VerifyAsync(params Anchor[] anchors) =>
        (await new HistoryVerifier(store.Verification).VerifyAsync(address, anchors, null, Cancel))!;

    /// <summary>A branch that is there; null for main.</summary>
    private string? AnyBranch() => _engine.Committed!.Branches.Keys.Prepend(null).ElementAt(_random.Next(_engine.Committed.Branches.Count + 1));

    private string[] Tags() => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => $"t{_random.Next(4)}").Distinct()];

    private byte[] NextState()
    {
        _state = _random.Next(6) switch
        {
            0 => Bytes(_random.Next(1, 3000)),
            1 when _state.Length > 10 => _state[..^5],
            _ => [.. _state, .. Bytes(_random.Next(1, 200))],
        };
        return _state;

        byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            _random.NextBytes(bytes);
            return bytes;
        }
    }

    private Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private async Task CreateAsync()
    {
        var commands = Enumerable.Range(0, _random.Next(1, 4)).Select(_ =>
        {
            var state = NextState();
            var input = new NewCheckpoint
            {
                Id = new CheckpointId(NewId()),
                FirstAttempt = true,
                Message = $"step {_random.Next(100)}",
                Tags = Tags(),
                Trigger = (CheckpointTrigger)_random.Next(3),
                State = state,
                ContentType = "a/b",
                Branch = _random.Next(3) > 0 ? null : $"b{_random.Next(3)}",
            };
            return new CreateCommand(input, SHA256.HashData(state));
        }).ToList();
        var rows = _engine.Committed is null ? [] : (await store.Reads.ListAsync(address, new ListFilter { Limit = 1000 }, Cancel)).Value.ToList();
        var required = rows.Count == 0 || _random.Next(2) == 0 ? [] : rows.Where(_ => _random.Next(8) == 0).Take(3).ToList();
        var references = required.Select(row => CheckpointReference.BySequence(row.Sequence)).ToHashSet();
        if (required.Count > 0)
        {
            commands[^1] = commands[^1] with { Requires = [.. references.Select(reference => new RequiredReference(reference))] };
        }

        var decision = _engine.Create(
            commands, [.. commands.Select(_ => (Versioned<StoredCheckpoint?>?)null)], _now, default, authority: Right,
            required: new NamedCheckpoints(_engine.CommittedVersion, references, required));
        await CommitAsync(decision);
    }

    private async Task ChangeAsync(Func<Versioned<StoredCheckpoint>, Decision> change, bool mustBeFree = false)
    {
        var rows = (await store.Reads.ListAsync(address, new ListFilter { Limit = 1000 }, Cancel)).Value;
        if (rows.Count == 0)
        {
            return;
        }

        var row = new Versioned<StoredCheckpoint>(Head.Version, rows[_random.Next(rows.Count)]);
        _requirers = (await store.Reads.ReadCheckpointAsync(address, row.Value.Sequence, CheckpointParts.Requirers, Cancel)).Value!.Requirers;
        if (mustBeFree && _requirers.Count > 0)
        {
            return;
        }

        _ancestor = _engine.NeedsAncestor(row.Value) ? await store.Reads.ReadNearestAsync(address, row.Value.Parent, Cancel) : null;
        var below = rows.FirstOrDefault(other => other.Branch == row.Value.Branch && other.Sequence < row.Value.Sequence);
        _below = new(Head.Version, below is null ? null : new(below.Sequence, below.Id));
        await CommitAsync(change(row));
    }

    /// <summary>Somebody claims the session, renews that or ends it.</summary>
    private Task ClaimAsync() => CommitAsync(Right.Epoch is null || _random.Next(3) == 0
        ? _engine.Claim(new ClaimSession($"w{_random.Next(4)}", _random.Next(3) == 0 ? null : TimeSpan.FromSeconds(_random.Next(1, 500))), _now, _ => null)
        : _random.Next(2) == 0 ? _engine.Renew(TimeSpan.FromSeconds(_random.Next(1, 500)), _now, _ => null, Right)
        : _engine.Release(_now, _ => null, Right));

    private async Task CompactAsync()
    {
        var policy = new RetentionPolicy { KeepRecent = _random.Next(0, 5), KeepTags = ["t1"] };
        _engine.BeginSurvey();
        var plan = _engine.PlanCompaction(await store.Reads.SurveyAsync(address, policy, _now, Cancel), policy, _now);
        _engine.EndSurvey();
        if (plan!.Result.Deleted > 0)
        {
            await CommitAsync(_engine.Compact(plan, _now, _now, _ => null, Right));
        }
    }

    private async Task ImportAsync()
    {
        var last = _engine.Committed?.Head.LastSequence ?? 0;
        var key = await store.Commits.NextSessionKeyAsync(Cancel);
        await store.Staging.BeginAsync(key, DateTimeOffset.MaxValue.AddYears(-1), Cancel);
        var (staged, links, position) = (new List<AnnotatedCheckpoint>(), HistoryChain.ImportGenesis(null), 0L);
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            last += _random.Next(1, 3);
            var notes = _random.Next(2) == 0
                ? new[] { new Annotation(++position, _now.ToMicroseconds(), AnnotationSeverity.Warning, "brought") }
                : [];
            var row = HistoryRows.Checkpoint(last, Tags()) with
            {
                Id = new CheckpointId(NewId()),
                CreatedAt = _now.ToMicroseconds(),
                Position = staged.Count + 1,
                Parent = 0,
                FirstTags = _random.Next(2) == 0 ? ["first"] : null,
                Trunk = _random.Next(4) == 0,
                Branch = _random.Next(3) > 0 ? null : $"b{_random.Next(4)}",
                Requires = staged.Count == 0 || _random.Next(3) > 0 ? null : RequiredText.Of([staged[_random.Next(staged.Count)].Row.Sequence]),
            };
            links = HistoryChain.NextImported(links, row, row.Tags, row.Trunk, notes);
            staged.Add(new(row with { Chain = links }, notes));
        }

        await store.Staging.StageAsync(address, key, staged, Cancel);
        var (first, lastRow) = (staged[0].Row, staged[^1].Row);
        var lines = staged.GroupBy(c => c.Row.Branch ?? BranchNames.Main).ToDictionary(
            of => of.Key, of => new BranchLine(new(of.Last().Row.Sequence, of.Last().Row.Id), default, of.Count()));
        await CommitAsync(_engine.Import(
            new StagedCheckpoints(
                key, first.Sequence, new CheckpointPointer(lastRow.Sequence, lastRow.Id), last + 1, position + 3,
                first.CreatedAt, lastRow.CreatedAt, lines, staged.Count, staged.Sum(c => (long)c.Row.Size), null, _now, links, null)
            {
                ClaimEpoch = _random.Next(3) == 0 ? _random.Next(1, 20) : null,
                Require = staged.Exists(c => c.Row.Requires is not null),
            },
            _now,
            authority: Right));
    }

    private async Task CommitAsync(Decision decision)
    {
        Assert.Equal(Verdict.Accepted, decision.Verdict);
        if (_engine.NeedsKey)
        {
            _engine.AssignKey(await store.Commits.NextSessionKeyAsync(Cancel));
        }

        var commit = _engine.BeginCommit(1000, 1_000_000)!;
        var encoded = new Queue<StoredCheckpoint>(commit.Creates.Select(_encoder.Encode));
        var batch = new CommitBatch(
            NewId(), [commit with { Changes = [.. commit.Changes.Select(c => c is Created ? new Created(encoded.Dequeue()) : c)] }]);
        var outcome = Assert.Single(await store.Commits.CommitAsync(batch, Cancel));
        Assert.Equal(CommitStatus.Committed, outcome.Status);
        _engine.EndCommit(commit, outcome);
        Anchors.Add(new Anchor(Head.LastPosition, Convert.ToHexStringLower(Head.Chain!)));
        if (_random.Next(10) == 0)
        {
            _engine = new SessionEngine(address, await store.Reads.ReadHeadAsync(address, Cancel), TimeSpan.FromHours(1), 100);
        }
    }
}
