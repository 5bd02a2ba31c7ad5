using Forge.Operations;
using Orleans;

namespace Forge.Grains.Compaction;

/// <summary>
/// Applies the session's policy and time to live, its own or its tenant's or the silo's. It is what a silo's background asks,
/// so that one writer holds; not for callers. Answers when something comes due of itself; null if nothing does before
/// somebody writes.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.apply-retention")]
internal sealed record ApplyRetention : Operation<DateTimeOffset?>
{
    public override bool Changes => true;
}
