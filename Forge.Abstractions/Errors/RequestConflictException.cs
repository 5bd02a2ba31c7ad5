using Forge.Identity;

namespace Forge.Errors;

/// <summary>A request id that was used before came with another request.</summary>
[GenerateSerializer, Alias("forge.error.request_conflict")]
public sealed class RequestConflictException : ForgeException
{
    /// <summary>Makes the error for <paramref name="requestId"/>.</summary>
    public RequestConflictException(SessionAddress session, Guid requestId, string difference)
        : base($"Request {requestId:D} of session {session} was used before with another {difference}.") =>
        (Session, RequestId, Difference) = (session, requestId, difference);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The request id; of a create, its checkpoint id.</summary>
    [Id(1)]
    public Guid RequestId { get; }

    /// <summary>The first field that differs from the first request.</summary>
    [Id(2)]
    public string Difference { get; }

    /// <inheritdoc/>
    public override string Code => "request_conflict";

}
