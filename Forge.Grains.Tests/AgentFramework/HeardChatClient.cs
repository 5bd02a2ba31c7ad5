using AgentFrameworkSample;
using Microsoft.Extensions.AI;

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>The sample's model, which keeps what it was given last.</summary>
internal sealed class HeardChatClient() : DelegatingChatClient(new EchoChatClient())
{
    /// <summary>What it was given last.</summary>
    public IReadOnlyList<ChatMessage> Given { get; private set; } = [];

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Given = [.. messages];
        return base.GetResponseAsync(Given, options, cancellationToken);
    }
}
