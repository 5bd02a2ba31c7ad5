using System.Text.Json;
using Forge.AgentFramework.Names;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework.ChatHistory;

/// <summary>The settings of a <see cref="ForgeChatHistoryProvider"/>; section <c>Forge:AgentFramework:ChatHistory</c>.</summary>
public sealed class ForgeChatHistoryOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = StoreRules.Section + ":ChatHistory";

    /// <summary>The tenant that the sessions belong to; <c>default</c> if nothing is said.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary>
    /// What the names of the sessions begin with, before a colon: 1 to 32 letters, digits, <c>-</c>, <c>.</c> and <c>_</c>; <c>chat</c> by
    /// default. Providers with different ones share no session.
    /// </summary>
    public string Prefix { get; set; } = "chat";

    /// <summary>The most messages that are read for a run of the agent, the newest ones: 1 to 10,000, 200 by default. What is kept has no such bound.</summary>
    public int MaxMessages { get; set; } = 200;

    /// <summary>
    /// The most bytes of messages, as they are stored, that are read for a run, the newest ones: 1 KiB to 64 MiB, 1 MiB by default. The newest message is read
    /// whatever its size.
    /// </summary>
    public int MaxBytes { get; set; } = 1024 * 1024;

    /// <summary>Under which key an agent's session remembers its conversation; not empty. Providers of one agent need different ones.</summary>
    public string StateKey { get; set; } = nameof(ForgeChatHistoryProvider);

    /// <summary>The name of the conversation of a session that has none yet; null for a new one that nobody else has.</summary>
    public Func<AgentSession?, string>? Conversation { get; set; }

    /// <summary>How messages are written and read; null for <see cref="AIJsonUtilities.DefaultOptions"/>.</summary>
    public JsonSerializerOptions? SerializerOptions { get; set; }
}

/// <summary>Refuses settings that no provider can work with, and names each of them.</summary>
internal sealed class ForgeChatHistoryOptionsValidator : IValidateOptions<ForgeChatHistoryOptions>
{
    private const int MostMessages = 10_000;
    private const int LeastBytes = 1024;
    private const int MostBytes = 64 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, ForgeChatHistoryOptions options) => StoreRules.Result(
    [
        .. StoreRules.Problems(ForgeChatHistoryOptions.Section, options.Tenant, options.Prefix),
        .. StoreRules.Between($"{ForgeChatHistoryOptions.Section}:MaxMessages", options.MaxMessages, 1, MostMessages),
        .. StoreRules.Between($"{ForgeChatHistoryOptions.Section}:MaxBytes", options.MaxBytes, LeastBytes, MostBytes),
        .. string.IsNullOrWhiteSpace(options.StateKey)
            ? [$"{ForgeChatHistoryOptions.Section}:StateKey is empty; leave it out for the default."]
            : Array.Empty<string>(),
    ]);
}
