using System.Text.Json.Serialization;
using Forge.Identity;
using Microsoft.Agents.AI;

namespace Forge.AgentFramework.AgentSessions;

/// <summary>
/// What a session of an agent remembers of where it was read or saved last, in its own state, so that it is known even if the host carries the
/// session elsewhere by its serialized form.
/// </summary>
/// <param name="Session">The session of Forge, with its tenant.</param>
/// <param name="Head">The head of that session then.</param>
/// <param name="Checkpoint">The checkpoint that it was read from, or saved as.</param>
internal sealed record SavedPlace(string Session, long Head, Guid Checkpoint)
{
    private const string Key = "forge.saved";

    /// <summary>Where a session was read or saved last, if that was in a session of Forge; null if it was not.</summary>
    public static SavedPlace? Of(AgentSession session, SessionAddress address) =>
        session.StateBag.TryGetValue<SavedPlace>(Key, out var place, SavedPlaceContext.Default.Options) && place?.Session == address.ToString()
            ? place
            : null;

    /// <summary>Has a session remember this.</summary>
    public void KeepIn(AgentSession session) => session.StateBag.SetValue(Key, this, SavedPlaceContext.Default.Options);
}

/// <summary>How a place is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SavedPlace))]
internal sealed partial class SavedPlaceContext : JsonSerializerContext;
