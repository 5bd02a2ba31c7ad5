namespace Forge;

/// <summary>
/// The root of every error that Forge raises on purpose. Its leaves say in typed properties what was wrong; a call that
/// raises one has changed nothing, except for <see cref="Errors.OutcomeUnknownException"/>.
/// </summary>
[GenerateSerializer, Alias("forge.error")]
public abstract class ForgeException : Exception
{
    /// <summary>Makes an error with a message for a person and the cause it came from.</summary>
    protected ForgeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>A short stable name of the kind of error, the <c>code</c> of the HTTP answer. Never empty.</summary>
    public abstract string Code { get; }

    /// <summary>True if the same call may succeed if it is made again later, unchanged.</summary>
    public virtual bool IsTransient => false;
}
