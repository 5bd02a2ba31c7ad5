using Forge.Silo.Http;

namespace Forge.Silo.Mcp;

/// <summary>An operation ended with a problem.</summary>
/// <param name="document">The problem, as HTTP would answer it.</param>
/// <param name="cause">What it is because of; null if the operation itself answered so.</param>
internal sealed class McpProblemException(RawJson document, Exception? cause) : Exception("The operation ended with a problem.", cause)
{
    public RawJson Document { get; } = document;
}
