namespace Forge.Silo.Http;

/// <summary>The body is of a kind that is not known; nothing of it was read.</summary>
/// <param name="field">The header that says so, in camel case.</param>
/// <param name="problem">What is wrong with it.</param>
internal sealed class UnsupportedBodyException(string field, string problem)
    : BadHttpRequestException($"{field} {problem}.", StatusCodes.Status415UnsupportedMediaType)
{
    public string Field { get; } = field;
}
