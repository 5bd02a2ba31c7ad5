namespace Forge.Errors;

/// <summary>An import document is broken, of an unknown version, or does not fit the session; nothing was changed.</summary>
[GenerateSerializer, Alias("forge.error.import_rejected")]
public sealed class ImportRejectedException : ForgeException
{
    /// <summary>Makes the error for a line of the document.</summary>
    /// <param name="line">The line, counted from 1; 0 if the document as a whole is at fault.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public ImportRejectedException(long line, string problem, Exception? innerException = null)
        : base(line > 0 ? $"Line {line} of the import: {problem}." : $"The import: {problem}.", innerException) =>
        (Line, Problem) = (line, problem);

    /// <summary>The line, counted from 1; 0 if the document as a whole is at fault.</summary>
    [Id(0)]
    public long Line { get; }

    /// <summary>What is wrong.</summary>
    [Id(1)]
    public string Problem { get; }

    /// <inheritdoc/>
    public override string Code => "import_rejected";

}
