using Forge.Errors;

namespace Forge.Checkpoints;

/// <summary>Names of branches: 1 to 500 printable ASCII characters, compared ordinally.</summary>
public static class BranchNames
{
    /// <summary>The branch of every checkpoint that names none.</summary>
    public const string Main = "main";

    /// <summary>The most characters of a name.</summary>
    public const int MaxLength = 500;

    /// <summary>A name that was checked.</summary>
    /// <exception cref="InvalidRequestException">It is empty, too long, or has other characters.</exception>
    internal static string Require(string name) =>
        name is { Length: > 0 and <= MaxLength } && !name.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? name
            : throw new InvalidRequestException("branch", $"must be 1 to {MaxLength} characters of printable ASCII");
}
