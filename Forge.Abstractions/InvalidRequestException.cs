namespace Forge;

/// <summary>A value of the request is not acceptable, whatever the session holds.</summary>
[GenerateSerializer, Alias("forge.error.invalid_request")]
public sealed class InvalidRequestException : ForgeException
{
    /// <summary>Makes the error for <paramref name="field"/>, which <paramref name="problem"/>.</summary>
    public InvalidRequestException(string field, string problem, Exception? innerException = null)
        : base($"{field} {problem}.", innerException) => Field = field;

    /// <summary>The field of the request, in the camel case of the HTTP surface.</summary>
    [Id(0)]
    public string Field { get; }

    /// <inheritdoc/>
    public override string Code => "invalid_request";

    /// <summary>The same error, of a part of the request.</summary>
    /// <param name="path">What goes before the names of the part's fields.</param>
    internal InvalidRequestException In(string path) => new(path + Field, Message[(Field.Length + 1)..^1], this);
}
