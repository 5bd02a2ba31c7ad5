using System.Net;
using System.Text.Json;

namespace Forge.Cli.Http;

/// <summary>What the silo answered: as it was read, and as it came.</summary>
/// <param name="Value">What was read of it.</param>
/// <param name="Json">All of it.</param>
/// <param name="Status">The status of the answer.</param>
internal sealed record Answer<T>(T Value, JsonElement Json, HttpStatusCode Status)
{
    /// <summary>The document, as the silo wrote it.</summary>
    public string Text => Json.GetRawText();
}
