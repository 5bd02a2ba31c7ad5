using System.Globalization;
using Forge.Client;
using Forge.Sessions;

namespace Forge.AgentFramework.Names;

/// <summary>Texts as labels of a session, each in as many as it takes.</summary>
internal sealed class SessionLabels
{
    /// <summary>The label of the framework's own session id.</summary>
    public const string Session = "agent-framework.session";

    /// <summary>The label of the agent's name.</summary>
    public const string Agent = "agent-framework.agent";

    /// <summary>The labels of a key's partitions, before a colon and the partition's name.</summary>
    public const string Partition = "agent-framework.partition";

    /// <summary>The longest value of a label.</summary>
    public const int ValueCharacters = 256;

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> All => _labels;

    /// <summary>Adds a text: what does not fit goes on in labels of the kind with <c>#2</c>, <c>#3</c> … behind it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="text">The text.</param>
    /// <param name="name">Which of the kind; null if there is one alone.</param>
    public SessionLabels Add(string kind, string text, string? name = null)
    {
        var which = name is null ? "" : $":{name}";
        for (var (start, part) = (0, 1); start < text.Length; part++)
        {
            var length = Math.Min(ValueCharacters, text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
            {
                length--;
            }

            _labels[part == 1 ? kind + which : string.Create(CultureInfo.InvariantCulture, $"{kind}#{part}{which}")] = text.Substring(start, length);
            start += length;
        }

        return this;
    }

    /// <summary>Has a session the labels, beside those and the settings that it has; makes the session if it does not exist.</summary>
    public static async Task EnsureAsync(SessionHandle session, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var settings = (await session.InfoAsync(cancellationToken))?.Settings ?? new SessionSettings();
        if (labels.All(label => settings.Labels.TryGetValue(label.Key, out var value) && value == label.Value))
        {
            return;
        }

        var all = new Dictionary<string, string>(settings.Labels);
        foreach (var (name, value) in labels)
        {
            all[name] = value;
        }

        await session.SetSettingsAsync(settings with { Labels = all }, cancellationToken: cancellationToken);
    }
}
