using Forge.Identity;

namespace Forge.Integrity;

/// <summary>The verification of one session among all of a tenant.</summary>
/// <param name="Session">The session.</param>
/// <param name="Result">What was found.</param>
[GenerateSerializer, Immutable, Alias("forge.session-verification")]
public sealed record SessionVerification([property: Id(0)] SessionId Session, [property: Id(1)] VerifyResult Result);
