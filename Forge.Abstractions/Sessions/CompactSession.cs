using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Removes what a policy does not keep, at one instant; creates beside it go on. The head, the current checkpoint and the
/// tips of branches always stay, and so does all that is required by what stays.
/// </summary>
/// <param name="Policy">What to keep; null for the session's own retention, then its tenant's, then the silo's.</param>
/// <param name="DryRun">True to be told what would go, with nothing changed; such a request is not remembered.</param>
/// <exception cref="InvalidRequestException">The policy has no part or a bad one, or there is none.</exception>
[GenerateSerializer, Immutable, Alias("forge.compact-session")]
public sealed record CompactSession(
    [property: Id(0)] RetentionPolicy? Policy,
    [property: Id(1)] bool DryRun = false) : Change<CompactResult>;
