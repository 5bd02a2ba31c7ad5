using Forge.Claims;
using Forge.Silo.Http;

namespace Forge.Silo.Claims;

/// <summary>The bodies of the routes of a claim.</summary>
internal static class ClaimShapes
{
    /// <summary>Without a lease it is for as long as it is not released.</summary>
    public static JsonShape<ClaimSession> Claim { get; } =
        new JsonShape<ClaimSession> { Limit = _ => BodyLimits.Claim }
            .Required("owner", JsonKind.Text, "Who claims it, for others to see.", (input, owner) => input with { Owner = owner })
            .Optional(
                "lease", JsonKind.Duration, "How long others leave it alone that claim it if it is free; an ISO 8601 duration.",
                (input, lease) => input with { Lease = lease })
            .Optional(
                "ifFree", JsonKind.Flag, "True to claim it only if nobody has it, or the lease of who has it ran out.",
                (input, ifFree) => input with { IfFree = ifFree });

    public static JsonShape<RenewClaim> Renewal { get; } =
        new JsonShape<RenewClaim> { Limit = _ => BodyLimits.Claim }
            .Required(
                "lease", JsonKind.TextOf((_, text) => text, "duration"), "How long from now; an ISO 8601 duration.",
                (input, lease) => input with { Lease = WireTime.ParseDuration("lease", lease) });
}
