using System.Net;
using System.Text.Json;

namespace Forge.AgentFramework.Http;

/// <summary>An answer of a silo, or of what stands before it.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[] Body)
{
    /// <summary>The stable code of an error; null of a success, and of an error that is none of a silo's.</summary>
    public string? Code { get; } = (int)Status < 400 ? null : TextOf(Body, "code");

    /// <summary>True for an answer that is neither an error nor a way to somewhere else.</summary>
    public bool IsGood => (int)Status < 300 || Status == HttpStatusCode.NotModified;

    /// <summary>The answer itself, if it is a good one.</summary>
    /// <exception cref="ForgeHttpException">It is none.</exception>
    public HttpAnswer Require() => IsGood ? this : throw ToException();

    /// <summary>The id that the answer is about; null if it is about none.</summary>
    public string? IdOrNull() => TextOf(Body, "id");

    public ForgeHttpException ToException() => Code is { } code
        ? new(Status, code, $"{TextOf(Body, "detail") ?? code} ({code})")
        : new(Status, FormattableString.Invariant($"http_{(int)Status}"), $"The answer was {(int)Status}, with nothing that says why.");

    /// <summary>The body as JSON, to be disposed of.</summary>
    /// <exception cref="ForgeHttpException">It is none.</exception>
    public JsonDocument ToJson()
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException exception)
        {
            throw new ForgeHttpException(Status, "no_silo", "What answered is no silo of Forge: its answer is not JSON.", exception);
        }
    }

    private static string? TextOf(byte[] body, string name)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return problem.RootElement.ValueKind == JsonValueKind.Object
                && problem.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
                    ? text.GetString()
                    : null;
        }
        catch (JsonException)
        {
            // Something between has answered, and its status is all there is.
            return null;
        }
    }
}
