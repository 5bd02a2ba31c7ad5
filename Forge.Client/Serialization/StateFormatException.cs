using Forge.Errors;
using Forge.Identity;

namespace Forge.Client.Serialization;

/// <summary>
/// A state was read, byte for byte as it was saved, but the serializer of the handle could not make the wanted type of
/// it. Raised in the caller's process when the call itself is over: a restore has taken effect then. Read it without a
/// type to get the bytes.
/// </summary>
[GenerateSerializer, Alias("forge.error.state_format")]
public sealed class StateFormatException : ForgeException
{
    /// <summary>Makes the error for one checkpoint.</summary>
    public StateFormatException(
        SessionAddress session, long sequence, string contentType, Type wanted, Exception? innerException = null)
        : base(
            $"The state of checkpoint {sequence} of session {session}, {contentType}, could not be read as {wanted?.Name}.",
            innerException) =>
        (Session, Sequence, ContentType) = (session, sequence, contentType);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The sequence of the checkpoint.</summary>
    [Id(1)]
    public long Sequence { get; }

    /// <summary>The media type of its state.</summary>
    [Id(2)]
    public string ContentType { get; }

    /// <inheritdoc/>
    public override string Code => "state_format";
}
