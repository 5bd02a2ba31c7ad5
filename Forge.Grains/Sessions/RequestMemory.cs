using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>What is remembered of one change under its request id, so that a repeat is answered as the first was.</summary>
/// <param name="address">The session.</param>
/// <param name="id">The request id; empty where nothing is to be remembered.</param>
/// <param name="kind">The operation.</param>
/// <param name="arguments">What a repeat must have the same.</param>
internal sealed class RequestMemory(SessionAddress address, Guid id, string kind, string arguments)
{
    private string? _answer;

    public bool IsWanted => id != Guid.Empty;

    /// <summary>The request to commit with the change; null where nothing is to be remembered.</summary>
    public RememberedRequest? Remember<T>(DateTimeOffset now, T answer) => IsWanted
        ? new RememberedRequest(id, now.ToMicroseconds(), kind,
            JsonSerializer.Serialize(new Remembered(arguments, JsonSerializer.Serialize(answer))))
        : null;

    /// <summary>Reads what was remembered; false where nothing is.</summary>
    /// <exception cref="RequestConflictException">The id was used with another request.</exception>
    public async Task<bool> RecallAsync(ISessionReads reads)
    {
        // Of any age: what the sweep has not forgotten yet would stand in the way of the same id all the same.
        if ((await reads.ReadRequestAsync(address, id, DateTimeOffset.UnixEpoch, CancellationToken.None)).Value is not { } request)
        {
            var creates = await reads.ReadCreatesAsync(
                address, [new CheckpointId(id)], DateTimeOffset.UnixEpoch, CancellationToken.None);
            return creates.Value.Count == 0 ? false : throw new RequestConflictException(address, id, "operation");
        }

        if (request.Kind != kind)
        {
            throw new RequestConflictException(address, id, "operation");
        }

        var remembered = JsonSerializer.Deserialize<Remembered>(request.Outcome)!;
        _answer = remembered.Arguments == arguments
            ? remembered.Answer
            : throw new RequestConflictException(address, id, "argument");
        return true;
    }

    /// <summary>The answer that was given, once <see cref="RecallAsync"/> was true.</summary>
    public T Answer<T>() => JsonSerializer.Deserialize<T>(_answer!)!;

    private sealed record Remembered(string Arguments, string Answer);
}
