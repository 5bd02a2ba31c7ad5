using Forge.AgentFramework.AgentSessions;
using Forge.AgentFramework.ChatHistory;
using Microsoft.Agents.AI;

namespace AgentFrameworkSample;

/// <summary>An agent whose session and messages are kept, each turn in a process of its own.</summary>
internal static class Chat
{
    /// <summary>Says something to the agent and writes what it answers.</summary>
    public static async Task<int> SayAsync(ForgeSessionStore sessions, ForgeChatHistoryProvider history, string user, string name, string message)
    {
        var agent = new ChatClientAgent(new EchoChatClient(), new ChatClientAgentOptions { Name = "echo", ChatHistoryProvider = history });

        // The same name of a session is another session for another user.
        var key = new AgentSessionStoreKey(name, new Dictionary<string, string> { ["user"] = user });
        var session = await sessions.GetOrCreateSessionAsync(agent, key);
        var answer = await agent.RunAsync(message, session);
        await sessions.SaveSessionAsync(agent, key, session);
        await Console.Out.WriteLineAsync($"answer {answer.Text}");
        return 0;
    }
}
