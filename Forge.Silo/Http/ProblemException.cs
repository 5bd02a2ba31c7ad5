namespace Forge.Silo.Http;

/// <summary>A request is answered with a problem that no operation of ours has found.</summary>
/// <param name="problem">The problem.</param>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
