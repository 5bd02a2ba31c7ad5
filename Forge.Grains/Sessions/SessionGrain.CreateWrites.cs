using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>What a repeat of a create is told of the pending writes that the first attempt brought.</summary>
internal sealed partial class SessionGrain
{
    /// <summary>The answers of the first attempt, which are those of its pending writes too.</summary>
    /// <exception cref="RequestConflictException">An id was used with other pending writes.</exception>
    private async Task<List<CreateResult>> RecallAsync(List<CreateCommand> commands, Versioned<EarlierAttempts> earlier)
    {
        var results = Recall(commands, earlier.Value);
        if (!commands.Exists(command => command.Writes is not null) && NeverHadWritesBy(earlier.Version))
        {
            return results;
        }

        var remembered = (await _session.Reads.ReadAttemptsAsync(
            _address, [.. commands.Select(c => CreateWrites.IdOf(c.Id))], CancellationToken.None)).Value.Remembered;
        for (var i = 0; i < results.Count; i++)
        {
            var (command, checkpoint, id) = (commands[i], results[i].Checkpoint!, CreateWrites.IdOf(commands[i].Id));

            // That of another time is of an earlier checkpoint with the id.
            var of = remembered.Where(request => request.Id == id && request.At == checkpoint.CreatedAt).ToArray();
            if (of is [var first])
            {
                var memory = CreateWrites.MemoryOf(_address, command.Input);
                try
                {
                    memory.Recall(first);
                }
                catch (RequestConflictException)
                {
                    throw new RequestConflictException(_address, command.Id.Value, "writes");
                }

                results[i] = results[i] with { Writes = WriteOutcomes.Read(memory.Answer<string>()) };
            }
            else if (command.Writes is not null && checkpoint.CreatedAt + _services.Retention.RequestWindow > _session.Now
                && !await _services.Writes.WasImportedAsync(_address, checkpoint.Position, CancellationToken.None))
            {
                // It would be remembered, had the first attempt had any; of what was imported it cannot be told.
                throw new RequestConflictException(_address, command.Id.Value, "writes");
            }
        }

        return results;
    }

    /// <summary>True if the session is known never to have had a pending write up to a version: no create of it can have brought one.</summary>
    private bool NeverHadWritesBy(long version) =>
        _session.Engine.CommittedVersion >= version && _session.Engine.Committed is { Head.WriteCount: null };
}
