using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>Checkpoints that require others, and who requires one.</summary>
internal sealed partial class ModelActivation
{
    private readonly List<ModelRead> _heldNamed = [];
    private readonly Dictionary<(long Sequence, long Version), Requirers> _heldRequirers = [];
    private long _requiredHorizon;

    /// <summary>What creates may require, as it was read just now or a while ago.</summary>
    private ModelRead? Named()
    {
        if (_heldNamed.Count > 0 && _random.Next(4) == 0)
        {
            return _heldNamed[_random.Next(_heldNamed.Count)];
        }

        var references = new HashSet<CheckpointReference>();
        for (var count = _random.Next(1, 4); count > 0 && AnyRow() is { } row; count--)
        {
            references.Add(_random.Next(30) == 0 ? CheckpointReference.BySequence(_projected.LastSequence + 100)
                : _random.Next(2) == 0 ? CheckpointReference.BySequence(row.Sequence)
                : CheckpointReference.ById(row.Id));
        }

        var read = new ModelRead(
            _world.Store.Version, references, [.. references.Select(r => _world.Store.Read(r).Value).OfType<StoredCheckpoint>()]);
        if (_random.Next(6) == 0 && read.Version <= _engine.NewestVersion)
        {
            _heldNamed.Add(read);
        }

        return references.Count == 0 ? null : read;
    }

    /// <summary>A create that requires some of what was read, and lines before it in its batch.</summary>
    private CreateCommand Requiring(CreateCommand command, ModelRead named, List<CreateCommand> before)
    {
        List<RequiredReference> required = [.. named.Asked.Where(_ => _random.Next(3) > 0).Select(reference => new RequiredReference(reference))];
        if (before.Count > 0 && _random.Next(2) == 0)
        {
            var line = _random.Next(before.Count);
            required.Add(new RequiredReference(CheckpointReference.ById(before[line].Id), line));
        }

        return required.Count == 0 ? command : command with { Requires = required };
    }

    private Expected? ExpectOfRequired(CreateCommand command, ModelRead? read, out long[] requires)
    {
        (requires, var sequences) = ([], new SortedSet<long>());
        foreach (var required in command.Requires ?? [])
        {
            if (required.Line is { } line)
            {
                sequences.Add(_projected.LastSequence + line + 1);
                _world.Saw("create that requires one in its batch");
            }
            else if (ExpectOfNamed(
                required.Reference, read?.Of(required.Reference), _engine.NeedsRequired(required), "requirement", out var found) is { } notYet)
            {
                return notYet;
            }
            else
            {
                sequences.Add(found);
            }
        }

        requires = [.. sequences];
        return null;
    }

    /// <summary>Keeps who requires a checkpoint, as it is where the checkpoint is read.</summary>
    private void HoldRequirers(long sequence, long version) => _heldRequirers[(sequence, version)] = _world.Store.RequirersOf(sequence);

    /// <summary>What a delete is answered for what others require; null if nothing is in its way.</summary>
    private Expected? ExpectOfRequirers(Versioned<StoredCheckpoint> target, Requirers? read)
    {
        var sequence = target.Value.Sequence;
        if (_pending.Find(p => p.Requires(sequence)) is { } pending)
        {
            _world.Saw("delete of what is about to be required");
            return ToWaitFor(pending.Change);
        }

        if (_engine.FindInTail(sequence) is not null)
        {
            return _projected.RequirersOf(sequence).Any() ? new Expected(typeof(CheckpointRequiredException)) : null;
        }

        if (read is null || target.Version < _requiredHorizon || _requiredIn.GetValueOrDefault(sequence) > target.Version)
        {
            Saw(read is not null, "delete of what is required since");
            return new Expected(Verdict.Reread);
        }

        foreach (var requirer in read.First)
        {
            if (_pending.Find(p => p.Removes(requirer)) is { } removal)
            {
                _world.Saw("delete of what is required by one that is going");
                return ToWaitFor(removal.Change);
            }

            if (MayHaveGone(requirer, target.Version))
            {
                return new Expected(Verdict.Reread);
            }
        }

        return read.Count > 0 ? new Expected(typeof(CheckpointRequiredException)) : null;
    }
}

/// <summary>Checkpoints that were read together.</summary>
/// <param name="Version">The version of the read.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="Found">What was there of that.</param>
internal sealed record ModelRead(long Version, HashSet<CheckpointReference> Asked, IReadOnlyList<StoredCheckpoint> Found)
{
    /// <summary>One of them; null if it was not asked for.</summary>
    public Versioned<StoredCheckpoint?>? Of(CheckpointReference reference) => !Asked.Contains(reference) ? null
        : new(Version, Found.FirstOrDefault(row => reference.Sequence > 0 ? row.Sequence == reference.Sequence : row.Id == reference.Id));

    /// <summary>As the engine takes it.</summary>
    public NamedCheckpoints ToRead() => new(Version, Asked, Found);
}
