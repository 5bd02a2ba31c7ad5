using Forge.Operations;
using Orleans;

namespace Forge.Grains.Sessions;

/// <summary>
/// Does what the session's schedule asks for: tells those who observe it that a state is due, or records that one was missed. It is what a
/// silo's background asks, so that one writer holds; not for callers. Answers when it is to be asked again; null for not before somebody
/// writes.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.remind")]
internal sealed record Remind : Operation<DateTimeOffset?>
{
    public override bool Changes => true;
}
