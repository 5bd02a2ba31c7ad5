namespace Forge.Cli.Hosting;

/// <summary>A command ends without being done.</summary>
/// <param name="code">What the program ends with.</param>
/// <param name="message">What is wrong, for the person who gave the command.</param>
/// <param name="hint">What that person can do; null for nothing that is known.</param>
/// <param name="innerException">What it comes from.</param>
internal class CliException(ExitCode code, string message, string? hint = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What the program ends with.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What the person can do.</summary>
    public string? Hint { get; } = hint;

    /// <summary>The error as a document for programs; null if there is none.</summary>
    public virtual string? Json => null;
}
