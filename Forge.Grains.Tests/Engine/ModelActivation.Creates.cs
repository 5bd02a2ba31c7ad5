using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Engine;

internal sealed partial class ModelActivation
{
    /// <summary>One create or a batch, with parents that are named, expected heads, ids that were used before, or throttled.</summary>
    public void Create()
    {
        var now = _world.Now;
        var count = _random.Next(4) == 0 ? _random.Next(2, 5) : 1;
        var commands = new List<CreateCommand>();
        var reads = new List<Versioned<StoredCheckpoint?>?>();
        var named = _random.Next(4) == 0 ? Named() : null;
        for (var i = 0; i < count; i++)
        {
            var (command, read) = Command(commands, isAlone: count == 1);
            if (read?.Version > _engine.NewestVersion)
            {
                _world.Saw("overtaken");
                return;
            }

            if (commands.TrueForAll(c => c.Id != command.Id))
            {
                commands.Add(named is null ? command : Requiring(command, named, commands));
                reads.Add(read);
            }
        }

        if (_random.Next(8) == 0)
        {
            commands[^1] = Writing(commands[^1]);
        }

        var interval = TimeSpan.FromTicks(_random.Next(3000));
        var work = _random.Next(5) == 0 ? new Due(DueWorkKind.Retain, now) : null;
        if (named?.Version > _engine.NewestVersion)
        {
            _world.Saw("overtaken");
            return;
        }

        var (parents, requires, authority) = (new List<long>(), new List<long[]>(), AnyAuthority());
        named = _random.Next(20) == 0 ? null : named;
        var expected = Expect(commands, reads, named, now, interval, parents, requires, authority);
        var accepted = Ask(expected, () => _engine.Create(commands, reads, now, interval, work, authority, named?.ToRead(), ModelWorld.MostWrites), change =>
        {
            Assert.Equal(commands.Select(c => c.Id), change.Changes.OfType<Created>().Select(c => c.Row.Id));
            Assert.Equal(commands.Count + commands.Sum(c => c.Writes?.Count ?? 0), change.Records);
            return new Accepted(change, state =>
            {
                for (var i = 0; i < commands.Count; i++)
                {
                    if (commands[i].Writes is { } writes)
                    {
                        state.Write(parents[i], writes, now);
                        state.NewRequests.Add(CreateWrites.IdOf(commands[i].Id));
                    }

                    state.Create(commands[i], parents[i], now, requires[i]);
                }

                state.NewWork.UnionWith(work is null ? [] : [work.Kind]);
            })
            {
                Ids = [.. commands.Select(c => c.Id.Value), .. commands.Where(c => c.Writes is not null).Select(c => CreateWrites.IdOf(c.Id))],
                Requires = sequence => requires.Exists(of => of.Contains(sequence)),
            };
        });
        if (accepted)
        {
            _world.Saw(commands.Count > 1 ? "batch" : "create");
            Saw(requires.Exists(of => of.Length > 0), "create that requires others");
            Saw(commands.Exists(c => c.Writes is not null), "create with writes");
            commands.ForEach(c => _world.Saw(c.Input switch
            {
                { Trigger: CheckpointTrigger.SignificantTimePassed } => "automatic create",
                { ExpectedHead: not null } => "create with an expected head",
                { Parent: { IsLatest: true } } => "create with the latest as parent",
                { Parent: { IsCurrent: true } } => "create with the current one as parent",
                { Parent: { IsNone: true } } => "create of a root",
                { Branch: not null } => "create on a branch",
                { Parent: not null } when c.ParentLine is not null => "create with a parent in its batch",
                { Parent: not null } => "create with a named parent",
                _ => "plain create",
            }));
        }
    }

    /// <param name="before">Those before it in its batch.</param>
    /// <param name="isAlone">True if there is no batch.</param>
    private (CreateCommand Command, Versioned<StoredCheckpoint?>? Read) Command(List<CreateCommand> before, bool isAlone)
    {
        int? line = before.Count > 0 && _random.Next(3) == 0 ? _random.Next(before.Count) : null;
        var held = _random.Next(12) == 0 && _held.Count > 0 ? _held[_random.Next(_held.Count)] : default(Versioned<StoredCheckpoint>?);
        CheckpointReference? parent = line is { } index ? CheckpointReference.ById(before[index].Id) : held is { } earlier ? CheckpointReference.BySequence(earlier.Value.Sequence) : _random.Next(12) switch
        {
            0 => _random.Next(3) switch { 0 => CheckpointReference.LatestOf("b1"), 1 => CheckpointReference.LatestOf("main"), _ => CheckpointReference.Latest },
            1 or 2 when AnyRow() is { } row => CheckpointReference.BySequence(row.Sequence),
            3 when AnyRow() is { } row => CheckpointReference.ById(row.Id),
            5 => _random.Next(3) switch { 0 => CheckpointReference.None, 1 => CheckpointReference.CurrentOf("b2"), _ => CheckpointReference.Current },
            4 when _random.Next(8) == 0 => CheckpointReference.BySequence(_projected.LastSequence + 100),
            _ => null,
        };
        var input = new NewCheckpoint
        {
            Id = _random.Next(80) == 0 && AnyRow() is { } used ? used.Id : new CheckpointId(_world.NewGuid()),
            FirstAttempt = true,
            Message = "m",
            Tags = _random.Next(5) == 0 ? ["keep"] : _random.Next(5) == 0 ? ["a", "b"] : [],
            Trigger = isAlone && _random.Next(10) == 0 ? CheckpointTrigger.SignificantTimePassed : CheckpointTrigger.Manual,
            State = new byte[_random.Next(1, 9)],
            ContentType = "a/b",
            Branch = _random.Next(3) > 0 ? null : $"b{_random.Next(6)}",
            Parent = parent,
        };
        byte[] checksum = [(byte)_random.Next(256)];
        long? expectedHead = _random.Next(20) switch { 0 or 1 => _projected.HeadOf(input.Branch), 2 => _committed.HeadOf(input.Branch), 3 => 3, _ => null };
        var command = new CreateCommand(input with { ExpectedHead = expectedHead }, checksum)
        {
            Line = isAlone ? null : before.Count,
            ParentLine = line,
        };

        // What the engine asks for is read, and now and then it is not, as if it had begun to need it since.
        return (command, !_engine.NeedsParent(command) || _random.Next(20) == 0 ? null
            : held is { } old ? new(old.Version, old.Value)
            : _world.Store.Read(parent!.Value));
    }

    private Expected Expect(
        List<CreateCommand> commands,
        List<Versioned<StoredCheckpoint?>?> reads,
        ModelRead? required,
        DateTimeOffset now,
        TimeSpan interval,
        List<long> parents,
        List<long[]> requires,
        Authority authority)
    {
        if ((IfDeleted() ?? IfRefused(authority)) is { } refused)
        {
            return refused;
        }

        foreach (var command in commands)
        {
            if (_pending.Find(p => p.Ids.Contains(command.Id.Value)) is { } same)
            {
                _world.Saw("repeat of a pending request");
                return ToWaitFor(same.Change);
            }
        }

        if (commands is [{ Input.Trigger: CheckpointTrigger.SignificantTimePassed }])
        {
            if (_projected.Settings != _committed.Settings)
            {
                // The interval is one of them, and they may be others by the time that all is committed.
                return ToWaitFor(Newest);
            }

            if (_projected.BroughtAt > now)
            {
                _world.Saw("automatic create after the clock was set back" + (IsNear(_projected) ? " a little" : ""));
            }

            if (IsNear(_projected))
            {
                return IsNear(_committed) ? new Expected(Verdict.NotTaken) : ToWaitFor(Newest);
            }

            // By what the clock said then and says now, no more than the interval has passed, whichever way it went.
            bool IsNear(ModelState state) => state.BroughtAt is { } at && (at > now ? at - now : now - at) <= interval;
        }

        // What the creates before it in its batch made of branches.
        var made = new Dictionary<string, long>();
        for (var i = 0; i < commands.Count; i++)
        {
            var branch = commands[i].Input.Branch;
            var named = commands[i].Input.Parent ?? CheckpointReference.Current;
            var of = named.Branch is null ? branch : named.Branch == "main" ? null : named.Branch;
            if (commands[i].Input.ExpectedHead is { } wanted && wanted != HeadOf(branch))
            {
                // What it expects may come to be, or be again if all fails; all else is known to be wrong at once.
                return MayBecome(wanted, branch, commands, i) ? ToWaitFor(Newest) : new Expected(typeof(HeadMismatchException));
            }

            if (branch is not null && IsTooMany(_projected.Currents.Keys.Concat(made.Keys), branch))
            {
                return IsTooMany(_committed.Currents.Keys.Concat(made.Keys), branch) ? new Expected(typeof(OverLimitException)) : ToWaitFor(Newest);
            }

            if (named.IsLatest || named.IsCurrent)
            {
                var parent = made.TryGetValue(of ?? "", out var own) ? own : named.IsLatest ? _projected.HeadOf(of) : _projected.CurrentOf(of);
                if (parent == 0 && of != branch)
                {
                    return (named.IsLatest ? _committed.HeadOf(of) : _committed.CurrentOf(of)) > 0
                        ? ToWaitFor(Newest)
                        : new Expected(typeof(CheckpointNotFoundException));
                }

                parents.Add(parent);
            }
            else if (named.IsNone)
            {
                parents.Add(0);
            }
            else if (commands[i].ParentLine is { } line)
            {
                parents.Add(_projected.LastSequence + line + 1);
            }
            else if (ExpectOfNamed(named, reads[i], _engine.NeedsParent(commands[i]), "parent", out var found) is { } notYet)
            {
                return notYet;
            }
            else
            {
                parents.Add(found);
            }

            if (ExpectOfRequired(commands[i], required, out var all) is { } notThere)
            {
                return notThere;
            }

            requires.Add(all);
            if (commands[i].Writes is { } writes && ExpectOfWrites(parents[i], writes) is { } unwritten)
            {
                return unwritten;
            }

            made[branch ?? ""] = _projected.LastSequence + i + 1;
        }

        return new Expected(Verdict.Accepted);

        long HeadOf(string? branch) => made.TryGetValue(branch ?? "", out var own) ? own : _projected.HeadOf(branch);

        static bool IsTooMany(IEnumerable<string> branches, string branch) =>
            branches.Where(b => b.Length > 0).ToHashSet() is var all && all.Count >= ModelWorld.MostBranches - 1 && !all.Contains(branch);
    }

    /// <summary>True if a head is what a create finds behind others of its batch, whichever of the pending changes are committed.</summary>
    private bool MayBecome(long head, string? branch, List<CreateCommand> commands, int index)
    {
        var before = commands.Take(index).ToList().FindLastIndex(c => c.Input.Branch == branch);
        return _pending.Select(p => p.After)
            .Prepend((Heads: _committed.Branches.ToDictionary(b => b ?? "", _committed.HeadOf), _committed.LastSequence))
            .Any(state => (before >= 0 ? state.LastSequence + before + 1 : state.Heads.GetValueOrDefault(branch ?? "")) == head);
    }

    private Expected? ExpectOfNamed(
        CheckpointReference named, Versioned<StoredCheckpoint?>? read, bool isNeeded, string what, out long found)
    {
        found = 0;
        if (read is null && isNeeded)
        {
            return new Expected(Verdict.Reread);
        }

        if (read is { Value: null })
        {
            return new Expected(typeof(CheckpointNotFoundException));
        }

        var sequence = read?.Value!.Sequence ?? _committed.Rows.Values.Single(r => r.Sequence == named.Sequence || r.Id == named.Id).Sequence;
        if (read is { Version: var version } && MayHaveGone(sequence, version))
        {
            return new Expected(Verdict.Reread);
        }

        if (_pending.Find(p => p.Removes(sequence)) is { } removal)
        {
            _world.Saw($"{what} that is going");
            return ToWaitFor(removal.Change);
        }

        Assert.True(!IsAlone || _projected.IsVisible(sequence), $"{sequence} becomes a {what}, and is not there");
        found = sequence;
        return null;
    }
}
