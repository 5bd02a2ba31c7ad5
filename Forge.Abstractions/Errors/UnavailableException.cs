namespace Forge.Errors;

/// <summary>The database cannot be reached, or refused the work; nothing was changed.</summary>
[GenerateSerializer, Alias("forge.error.unavailable")]
public sealed class UnavailableException : ForgeException
{
    /// <summary>Makes the error with the cause it came from.</summary>
    public UnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override string Code => "unavailable";

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
