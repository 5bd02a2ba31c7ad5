using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Forge.Grains.Tests.Client;

/// <summary>Values that the client's tests share.</summary>
internal static class ClientSamples
{
    public static SessionAddress Address { get; } = new(TenantId.Default, SessionId.Parse("s"));

    public static CheckpointSummary Summary(NewCheckpoint made, long sequence = 1) => new()
    {
        Id = made.Id,
        Sequence = sequence,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Message = made.Message,
        Tags = made.Tags,
        ContentType = made.ContentType,
        Size = made.State.Length,
        Checksum = Convert.ToHexStringLower(SHA256.HashData(made.State.Span)),
    };

    public static CheckpointSummary Summary(long sequence, string contentType = "application/json") =>
        Summary(new NewCheckpoint { Message = $"m{sequence}", State = "{}"u8.ToArray(), ContentType = contentType }, sequence);

    public static Checkpoint Checkpoint(ReadOnlyMemory<byte> state, string contentType = "application/json") =>
        new() { Summary = Summary(1, contentType), State = state };

    /// <summary>Failures after which nothing was changed.</summary>
    public static Exception Unchanged(string name) => name switch
    {
        "busy" => new BusyException("writer queue", "is full"),
        "unavailable" => new UnavailableException("The database is down."),
        "moved" => new SessionMovedException(Address),
        "gateway busy" => new GatewayTooBusyException("busy"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Failures after which the call may have taken effect.</summary>
    public static Exception Unknown(string name) => name switch
    {
        "outcome unknown" => new OutcomeUnknownException(Address),
        "timeout" => new TimeoutException("30 s"),
        "silo unavailable" => new SiloUnavailableException("gone"),
        "rejected" => Rejection(),
        "connection failed" => new ConnectionFailedException("refused"),
        "cancelled by the silo" => new TaskCanceledException("stopping"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Failures that would come again.</summary>
    public static Exception Definite(string name) => name switch
    {
        "invalid" => new InvalidRequestException("message", "must not be empty"),
        "limit" => new Forge.Errors.OverLimitException("state", 1, 2, "bytes"),
        "head" => new HeadMismatchException(Address, 1, 2),
        "conflict" => new RequestConflictException(Address, Guid.Empty, "state"),
        "parent" => new CheckpointNotFoundException(Address, "7"),
        "deleted" => new SessionDeletedException(Address),
        "corrupted" => new StateCorruptedException(Address, 1, default, "checksum"),
        "bug" => new InvalidOperationException("a defect"),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Orleans alone can make one with a message.</summary>
    private static OrleansMessageRejectionException Rejection() =>
        (OrleansMessageRejectionException)RuntimeHelpers.GetUninitializedObject(typeof(OrleansMessageRejectionException));
}
